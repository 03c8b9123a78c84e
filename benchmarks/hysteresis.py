"""Hysteresis against self-discharge: is the utilization still right, and the leak's interval true?

python benchmarks/hysteresis.py --cells 225 --seed 11

References of the twin are titrated forth and back in pulses and rests; their open-circuit potentials of charge and discharge lie
apart by a hysteresis that turns over within 1 % of the charge (constant, or growing to twice its size), or within 10 % (minor
loops), and they lose charge by themselves. Every reference stands beside one solid-state cell of 60 to 100 % with the same
hysteresis, which is charged in steps to 3.6 V and discharged in steps; both branches are evaluated. Channels and masses are drawn
from the stated errors. Writes ``hysteresis.md``.
"""

from __future__ import annotations

import argparse
import platform
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from twins import (  # beside this file
    CELL_RANGE_MA,
    CELL_UNCERTAINTY_MG,
    OFFSET_VOLT,
    REFERENCE_RANGE_MA,
    REFERENCE_UNCERTAINTY_MG,
    drawn_cell,
    drawn_reference,
    manifest,
    recorded,
)

from cathodelab.core.errors import CathodelabError
from cathodelab.core.method import is_usable
from cathodelab.simulation.twin.protocols import pulse_titration, stepped_titration
from cathodelab.simulation.twin.solver import simulate
from cathodelab.techniques.utilization.method import static_utilization
from cathodelab.techniques.utilization.model import UtilizationSettings
from cathodelab.techniques.utilization.read import reference_from_record
from cathodelab.techniques.utilization.rests import titration_from_record

HYSTERESES_VOLT, LEAKS_MA_G = (0.005, 0.015, 0.030), (0.0, 0.03, 0.1)
KINDS = {
    "constant": {"hysteresis_fraction": 0.01},
    "growing": {"hysteresis_fraction": 0.01, "hysteresis_growth": 1.0},
    "minor loops": {"hysteresis_fraction": 0.1},
}
UP = (3.1, 3.2, 3.3, 3.4, 3.5, 3.6)
BRANCHES = ("charge", "discharge")
TOGETHER = 113
_FEWEST_SHARE = 0.1
_HEADS = (
    "hysteresis / mV",
    "kind",
    "leak / mA/g",
    "branch",
    "refused / %",
    "bias / half-width",
    "held / %",
    "told / %",
    "leak: off / nA",
    "± / nA",
    "68 % / %",
    "95 % / %",
)


def evaluated(
    random: np.random.Generator, about: dict[str, float], leak: float, count: int
) -> dict[str, list[tuple[float, ...]]]:
    """For each branch a row a cell: deviation of the utilization, its half-width, of the leak deviation / mA and half-widths."""
    references = [replace(drawn_reference(random), self_discharge_mA_g=leak, **about) for _ in range(count)]
    cells = [replace(drawn_cell(random), **about) for _ in range(count)]
    known = simulate(references, [pulse_titration(low_volt=3.45)] * count)
    records = simulate(cells, [stepped_titration(UP, back=True)] * count)
    rows: dict[str, list[tuple[float, ...]]] = {branch: [] for branch in BRANCHES}
    for one, record in zip(known, records, strict=True):
        files = recorded(one, random, REFERENCE_RANGE_MA), recorded(record, random, CELL_RANGE_MA)
        weighed = one.cell.cam_mass_mg + REFERENCE_UNCERTAINTY_MG * float(random.standard_normal())
        mass = record.cell.cam_mass_mg + CELL_UNCERTAINTY_MG * float(random.standard_normal())
        samples = (
            manifest("c", mass, CELL_UNCERTAINTY_MG, OFFSET_VOLT),
            manifest("r", weighed, REFERENCE_UNCERTAINTY_MG, None),
        )
        for branch in BRANCHES:
            settings = UtilizationSettings(direction=branch)
            try:
                reference = reference_from_record(files[0], settings)
                titration = titration_from_record(files[1], settings)
                result = static_utilization(samples[0], titration, samples[1], reference, settings, 200.0)
            except CathodelabError:
                rows[branch].append((np.nan,) * 5)
                continue
            theta, found = result.estimates.estimate("static_utilization"), reference.self_discharge
            said = (np.nan,) * 3
            if found is not None:
                off = found.current_mA - leak * one.cell.cam_mass_mg * 1e-3
                said = (off, found.half_width_mA(), found.half_width_mA(0.95))
            off = theta.value - record.cell.utilization
            usable = is_usable(result.checks)
            rows[branch].append((off if usable else np.nan, theta.minus if off > 0 else theta.plus, *said))
    return rows


def lines(random: np.random.Generator, millivolt: float, kind: str, leak: float, count: int) -> str:
    """Two rows of the table, one a branch."""
    about = {**KINDS[kind], "hysteresis_volt": millivolt * 1e-3}
    parts = [evaluated(random, about, leak, min(TOGETHER, count - first)) for first in range(0, count, TOGETHER)]
    text = ""
    for branch in BRANCHES:
        numbers = numbers_of(np.vstack([part[branch] for part in parts]))
        name = kind if millivolt else "none"
        text += f"| {millivolt:g} | {name} | {leak:g} | {branch} | {' | '.join(numbers)} |\n"
    return text


def numbers_of(rows: np.ndarray) -> list[str]:
    """What stands in the last columns."""
    off, half, current, one, two = rows.T
    known, given = np.isfinite(current), np.isfinite(off)
    numbers = [f"{100 * np.mean(~given):.0f}"]
    if given.mean() < _FEWEST_SHARE:
        numbers += ["–", "–"]
    else:
        numbers += [
            f"{np.mean(off[given]) / np.mean(half[given]):+.2f}",
            f"{100 * np.mean(np.abs(off[given]) < half[given]):.0f}",
        ]
    numbers.append(f"{100 * np.mean(known):.0f}")
    if not known.any():
        return [*numbers, *(["–"] * 4)]
    return [
        *numbers,
        f"{1e6 * np.mean(current[known]):+.1f}",
        f"{1e6 * np.mean(one[known]):.1f}",
        f"{100 * np.mean(np.abs(current[known]) <= one[known]):.0f}",
        f"{100 * np.mean(np.abs(current[known]) <= two[known]):.0f}",
    ]


def main() -> None:
    """Run and write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cells", type=int, default=225)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".md"))
    given = parser.parse_args()
    begin, text, row = time.process_time(), "", 0
    cases = [(0.0, "constant"), *((1e3 * one, kind) for one in HYSTERESES_VOLT for kind in KINDS)]
    for millivolt, kind in cases:
        for leak in LEAKS_MA_G:
            row += 1
            random = np.random.default_rng([given.seed, row])
            text += lines(random, millivolt, kind, leak, given.cells)
            given.out.write_text(_head(given, time.process_time() - begin) + text, encoding="utf-8")
    print(given.out.read_text(encoding="utf-8"))


def _head(given: argparse.Namespace, seconds: float) -> str:
    return f"""# Hysteresis against self-discharge

`python benchmarks/hysteresis.py --cells {given.cells} --seed {given.seed}`; {platform.machine()}, {seconds:.0f} s of CPU.

{given.cells} cells a row. Hysteresis is half the distance of the branches; it turns over within 1 % of the charge (minor loops:
10 %), growing doubles over the whole charge. "Refused": by an error or the fatal check `windows_left` (on discharge a cell turned
elsewhere than its reference; while it goes over from branch to branch, its potentials have no counterpart). The bias of the
others' utilization is in its half-widths (68 %); "told": references of which both branches tell a leak (of the others it is
a range).
Leak: mean deviation and mean half-width in nA (of 5.6 mg), and how often the intervals of 68 and 95 % hold it.

| {" | ".join(_HEADS)} |
|{" --- |" * len(_HEADS)}
"""


if __name__ == "__main__":
    main()
