"""What the checks find: cells that break the assumptions, against an oracle's likelihood-ratio test.

python benchmarks/checks.py --cells 100 --seed 20261122

For each kind and strength of flaw, fresh twins (own utilization, particles, contacts, counter electrode), measured by fresh
channels. A cell counts as biased when its estimate from an ideal instrument with true masses is off by more than 2 %. The
oracle knows the flaw's exact effect and every distribution and tests at 5 % false alarms whether it is there, from the
same relaxed potentials and end-of-rest slopes; it does not know utilization and counter electrode. Writes
``benchmarks/checks.md`` and ``docs/power-curves.svg``.
"""

from __future__ import annotations

import argparse
import subprocess
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

import numpy as np
from scipy.stats import norm
from twins import OFFSET_UNCERTAINTY_V, OFFSET_VOLT, drawn_cell, manifest, recorded  # beside this file

from cathodelab.core.errors import CathodelabError
from cathodelab.core.figure import Axis, FigureSpec, Panel, Series
from cathodelab.figures.matplotlib_figure import rendered
from cathodelab.simulation.twin.model import Population, TwinCell, TwinRecord
from cathodelab.simulation.twin.open_circuit import FULL_CHARGE_mAh_g, fraction, potential, slope
from cathodelab.simulation.twin.protocols import pulse_titration, stepped_titration
from cathodelab.simulation.twin.solver import simulate
from cathodelab.techniques.utilization.method import static_utilization
from cathodelab.techniques.utilization.model import Titration, UtilizationResult, UtilizationSettings
from cathodelab.techniques.utilization.read import reference_from_record
from cathodelab.techniques.utilization.rests import titration_from_record

REPOSITORY = Path(__file__).resolve().parents[1]
BIASED = 0.02
ALARM = norm.ppf(0.95)
BIAS_CHECKS = ("end_of_rest", "charge_of_the_drift", "windows_agree")
SETTINGS = UtilizationSettings()


@dataclass(frozen=True)
class Flaw:
    """A kind of flaw at one strength."""

    kind: str
    strength: float
    unit: str
    apply: Callable[[TwinCell], TwinCell]


@dataclass(frozen=True)
class Found:
    """Of one cell: noise-free bias, whether a check failed, which, and the oracle's chance to see the flaw."""

    bias: float
    alarm: bool
    offset_alarm: bool
    oracle: float


def _slow(cell: TwinCell, share: float, diffusivity: float, exchange: float) -> TwinCell:
    one = cell.populations[0]
    slow = Population(share, one.diffusion_second / diffusivity, one.exchange_mA_g * exchange)
    return replace(cell, populations=(replace(one, share=1 - share), slow))


def _with(cell: TwinCell, name: str, value: float) -> TwinCell:
    return replace(cell, **{name: getattr(cell, name) + value})  # type: ignore[arg-type]


def flaws() -> list[Flaw]:
    """All kinds and strengths; strength 0 is a sound cell."""
    listed = [Flaw("sound", 0.0, "", partial(_with, name="offset_volt", value=0.0))]
    for share in (0.1, 0.3):
        for factor in (1e-2, 10**-2.5, 1e-3, 10**-3.5, 1e-4, 1e-5, 1e-6):
            words = f"of {share:.0%} of the particles"
            listed.append(
                Flaw(f"diffusivity {words}", factor, "", partial(_slow, share=share, diffusivity=factor, exchange=1.0))
            )
            listed.append(
                Flaw(
                    f"exchange current {words}",
                    factor,
                    "",
                    partial(_slow, share=share, diffusivity=1.0, exchange=factor),
                )
            )
    for kind, unit, name, factor, values in FIELDS:
        listed += [Flaw(kind, value, unit, partial(_with, name=name, value=value * factor)) for value in values]
    return listed


FIELDS = (
    ("parasitic current", "mA/g", "self_discharge_mA_g", 1.0, (0.02, 0.05, 0.1, 0.2, 0.5)),
    ("oxidation, of 4 V", "mA/g", "oxidation_mA_g", 1.0, (0.02, 0.05, 0.1, 0.2, 0.5)),
    ("drifting electrode", "mV/h", "offset_drift_volt_per_hour", 1e-3, (0.05, 0.1, 0.2, 0.4)),
    ("electrode off", "mV", "offset_volt", 1e-3, (4.0, 6.0, 8.0, 10.0)),
    ("hysteresis", "mV", "hysteresis_volt", 1e-3, (2.0, 5.0, 10.0)),
)


@cache
def _known() -> TwinRecord:
    return simulate([TwinCell(cam_mass_mg=5.6)], [pulse_titration()])[0]


def found(flaw: Flaw, seed: int, count: int) -> list[Found]:
    """Fresh cells with the flaw, and what was found in them."""
    random = np.random.default_rng(seed)
    known = _known()
    reference = reference_from_record(recorded(known, random, 0.1, ideal=False), SETTINGS)
    exact = reference_from_record(recorded(known, random, 0.1, ideal=True), SETTINGS)
    sound = [drawn_cell(random) for _ in range(count)]
    if flaw.kind == "electrode off":  # the stated potential is wrong by exactly this
        sound = [replace(cell, offset_volt=OFFSET_VOLT) for cell in sound]
    cells = [flaw.apply(cell) for cell in sound]
    records = simulate(cells, [stepped_titration()] * count)
    return [_found(record, cell, reference, exact, random) for record, cell in zip(records, sound, strict=True)]


def _found(
    record: TwinRecord, sound: TwinCell, reference: Titration, exact: Titration, random: np.random.Generator
) -> Found:
    result = _result(record, reference, random, ideal=False)
    ideal = _result(record, exact, random, ideal=True)
    bias = np.nan
    if ideal is not None:
        bias = ideal.estimates.estimate("static_utilization").value / record.cell.utilization - 1
    failed = {check.name for check in result.checks if check.passed is False} if result else set(BIAS_CHECKS)
    return Found(
        bias=float(bias) if np.isfinite(bias) else float("inf"),
        alarm=bool(failed & set(BIAS_CHECKS)),
        offset_alarm="reference_offset" in failed,
        oracle=_oracle(record, sound),
    )


def _result(
    record: TwinRecord, reference: Titration, random: np.random.Generator, *, ideal: bool
) -> UtilizationResult | None:
    titration = titration_from_record(recorded(record, random, 1.0, ideal=ideal), SETTINGS)
    offset = record.cell.offset_volt if ideal else OFFSET_VOLT
    cell = replace(manifest("cell", record.cell.cam_mass_mg, 0.1, offset), id="cell")
    try:
        return static_utilization(cell, titration, manifest("liquid", 5.6, 0.05, None), reference, SETTINGS, 200.0)
    except CathodelabError:
        return None


def _oracle(record: TwinRecord, sound: TwinCell) -> float:
    """Chance of a likelihood-ratio test at 5 % false alarms: the flaw's exact mark on potentials and slopes of the rests."""
    titration = titration_from_record(recorded(record, np.random.default_rng(0), 1.0, ideal=True), SETTINGS)
    volt, charge = titration.potential_volt, titration.charge_mAh
    start = float(fraction(np.array(sound.start_potential_volt)))
    x = np.clip(start + charge / (sound.utilization * sound.cam_mass_mg * 1e-3) / FULL_CHARGE_mAh_g, 0.01, 0.99)
    mark = np.concatenate([volt + sound.offset_volt - potential(x), titration.slope_volt_per_second])
    steep = slope(x)
    zero = np.zeros(volt.size)
    free = 1e3
    nuisance = [
        (steep * x, free),
        (steep, free),
        (zero + 1, OFFSET_UNCERTAINTY_V),
        (volt, 1e-4),
        (steep * charge, 1e-3),
    ]
    rows = 48  # of 300 s in the last half of a rest of 8 h
    slope_noise = 1e-4 / np.sqrt(rows) / (4 * 3600 / np.sqrt(12))
    noise = np.concatenate([zero + np.hypot(1e-4, 2e-4 / np.sqrt(rows)), zero + slope_noise])
    design = np.stack([np.concatenate([column, zero]) / noise for column, _ in nuisance], axis=1)
    design = np.vstack([design, np.diag([1 / width for _, width in nuisance])])
    seen = np.concatenate([mark / noise, np.zeros(len(nuisance))])
    left = seen - design @ np.linalg.lstsq(design, seen)[0]
    return float(norm.cdf(float(np.sqrt(left @ left)) - ALARM))


def summary(flaw: Flaw, cells: list[Found]) -> dict[str, float | str]:
    """One row of the table."""
    bias = np.array([one.bias for one in cells])
    biased = np.abs(bias) > BIASED
    alarm, oracle = np.array([one.alarm for one in cells]), np.array([one.oracle for one in cells])
    finite = bias[np.isfinite(bias)]
    return {
        "flaw": flaw.kind,
        "strength": flaw.strength,
        "unit": flaw.unit,
        "bias": float(np.median(finite)) if finite.size else float("nan"),
        "biased": float(np.mean(biased)),
        "checks": float(np.mean(alarm[biased])) if biased.any() else float("nan"),
        "oracle": float(np.mean(oracle[biased])) if biased.any() else float("nan"),
        "all": float(np.mean(alarm)),
        "all_oracle": float(np.mean(oracle)),
        "offset": float(np.mean([one.offset_alarm for one in cells])),
    }


def main() -> None:
    """Run, write table and figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=int, default=100)
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    given = parser.parse_args()
    listed = flaws()
    seeds = np.random.SeedSequence(given.seed).generate_state(len(listed)).tolist()
    with ProcessPoolExecutor(given.jobs) as pool:
        rows = list(pool.map(_row, listed, seeds, [given.cells] * len(listed)))
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True)  # noqa: S607
    head = HEAD.format(cells=given.cells, seed=given.seed, commit=commit.stdout.strip())
    labels = ["| " + " | ".join(COLUMNS) + " |", "| " + " | ".join(["---"] * len(COLUMNS)) + " |"]
    (REPOSITORY / "benchmarks" / "checks.md").write_text(
        head + by_kind(rows, given.cells) + "\n".join([*labels, *map(_line, rows)]) + "\n", encoding="utf-8"
    )
    (REPOSITORY / "docs" / "power-curves.svg").write_bytes(rendered(figure(rows, given.cells), "svg", 300))


def _row(flaw: Flaw, seed: int, count: int) -> dict[str, float | str]:
    cells = found(flaw, seed, count * (10 if flaw.kind == "sound" else 1))
    return summary(flaw, cells)


HEAD = """# What the checks find

`python benchmarks/checks.py --cells {cells} --seed {seed}` on commit {commit}: {cells} fresh twins a row (ten times as many sound
ones), 0.05C to 3.1/3.2/3.3/3.4/3.5 V vs. In/InLi with rests of 8 h. "Biased": the estimate from an ideal instrument with true
masses is off by more than 2 %. "Found": one of `end_of_rest`, `charge_of_the_drift`, `windows_agree` fails. Oracle: the
power of a likelihood-ratio test at 5 % false alarms that knows the flaw's exact mark on the relaxed potentials and
end-of-rest slopes, and all distributions. `reference_offset` is counted apart: it asks for the counter electrode.

![cells found against the strength of the flaw](../docs/power-curves.svg)

"""
COLUMNS = (
    "flaw",
    "strength",
    "median bias / %",
    "biased / %",
    "found of the biased / %",
    "oracle, of the biased / %",
    "found of all / %",
    "oracle, of all / %",
    "`reference_offset` / %",
)


STATED = (  # kinds and strengths of the stated goal
    ("slow diffusion of 10 or 30 % of the particles, 1e-2 to 1e-4", "diffusivity", 1e-4, 1e-2),
    ("slow charge transfer of 10 or 30 % of the particles, 1e-2 to 1e-4", "exchange current", 1e-4, 1e-2),
    ("parasitic current, 0.05 to 0.5 mA/g", "parasitic", 0.05, 0.5),
    ("drifting electrode, 0.05 to 0.4 mV/h", "drifting", 0.05, 0.4),
    ("electrode off by 4 to 10 mV", "electrode off", 4.0, 10.0),
)


def by_kind(rows: list[dict[str, float | str]], cells: int) -> str:
    """The rows of each kind together, and the false alarms."""
    sound = next(row for row in rows if row["flaw"] == "sound")
    lines = [
        "| kind | cells | biased | found of these / % | oracle, of these / % | found over oracle |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for words, kind, low, high in STATED:
        own = [
            row
            for row in rows
            if str(row["flaw"]).startswith(kind) and 0.99 * low < float(row["strength"]) < 1.01 * high
        ]
        biased = np.array([float(row["biased"]) for row in own])
        line = f"| {words} | {cells * len(own)} | {round(float(cells * biased.sum()))} |"
        if biased.any():
            share = biased[biased > 0] / biased.sum()
            checks, oracle = (
                float(share @ np.array([float(row[name]) for row in own if float(row["biased"]) > 0]))
                for name in ("checks", "oracle")
            )
            line += f" {100 * checks:.1f} | {100 * oracle:.1f} | {checks / oracle:.3f} |"
        else:
            line += " | | |"
        lines.append(line)
    alarms = (
        f"False alarms: of {10 * cells} sound cells {100 * float(sound['all']):.1f} % fail one of the three checks, "
        f"{100 * float(sound['offset']):.1f} % fail `reference_offset`.\n\n"
    )
    return alarms + "\n".join(lines) + "\n\nEvery kind at every strength:\n\n"


def _line(row: dict[str, float | str]) -> str:
    def percent(name: str, digits: int = 0) -> str:
        value = float(row[name])
        return "" if np.isnan(value) else f"{100 * value:.{digits}f}"

    strength = f"{float(row['strength']):.3g} {row['unit']}".strip()
    cells = (row["flaw"], strength, percent("bias", 1), percent("biased"), percent("checks", 1), percent("oracle", 1))
    return (
        "| " + " | ".join(map(str, (*cells, percent("all", 1), percent("all_oracle", 1), percent("offset", 1)))) + " |"
    )


PANELS = {
    "lg (factor on the diffusivity)": ("diffusivity of 10% of the particles", "diffusivity of 30% of the particles"),
    "lg (factor on the exchange current)": (
        "exchange current of 10% of the particles",
        "exchange current of 30% of the particles",
    ),
    "parasitic current": ("parasitic current",),
}


def figure(rows: list[dict[str, float | str]], cells: int) -> FigureSpec:
    """Cells found against the strength of the flaw, with the oracle's power and the false alarms."""
    sound = next(100 * float(row["all"]) for row in rows if row["flaw"] == "sound")
    panels = []
    for words, kinds in PANELS.items():
        series: list[Series] = []
        x = np.zeros(0)
        for colour, kind in enumerate(kinds):
            own = sorted((row for row in rows if row["flaw"] == kind), key=lambda row: float(row["strength"]))
            x = np.array([float(row["strength"]) for row in own])
            x = np.log10(x) if len(kinds) > 1 else x
            oracle = np.array([100 * float(row["all_oracle"]) for row in own])
            label = f"{kind.split()[-4]} are slow".replace("%", " %") if len(kinds) > 1 else "found"
            series.append(Series("points", x, np.array([100 * float(row["all"]) for row in own]), label, colour=colour))
            series.append(Series("line", x, oracle, "oracle" if colour == 0 else "", colour=-1))
        series.append(Series("line", x, np.full(x.size, sound), "false alarms", colour=2))
        unit = "mA g⁻¹" if len(kinds) == 1 else ""
        panels.append(Panel(Axis(words, unit), Axis("cells found", "%"), tuple(series)))
    caption = (
        f"Synthetic cells that the checks find (marks) and an oracle's likelihood-ratio test at 5 % false alarms; n = {cells} "
        "cells a mark."
    )
    return FigureSpec("power-curves", caption, tuple(panels))


if __name__ == "__main__":
    main()
