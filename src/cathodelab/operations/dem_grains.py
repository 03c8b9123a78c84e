"""One run at several grain sizes side by side: whether the stress of the particles depends on the grain size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cathodelab.core.checks import Check
from cathodelab.core.errors import CathodelabError
from cathodelab.core.operation import Progress
from cathodelab.operations.dem import settled_since, write_report, write_table, written
from cathodelab.operations.model import WrittenFiles

if TYPE_CHECKING:
    from cathodelab.core.figure import FigureSpec
    from cathodelab.simulation.dem.runs.plan import Plan
    from cathodelab.simulation.dem.runs.run import Run

ALIKE = 0.35
"""Stress intensities within this share of that of the finest grains count as the same, as in the validation."""


@dataclass(frozen=True)
class Grains:
    """Means of one grain size over its settled time, each with its standard error over the output intervals."""

    diameter_um: float
    particles: int
    grains_in_gap: float
    intensity: tuple[float, float]
    number_a_second: tuple[float, float]
    power_w_kg: tuple[float, float]


def compare_grains(
    file: Path, diameters: Sequence[float], progress: Progress, jobs: int = 1, dask: str = ""
) -> WrittenFiles:
    """The run of a run file at several grain diameters (µm): table, figure, and a report of each run in its folder.

    Raises:
        CathodelabError: ``dem-diameters``; what the run file or one of the sizes is refused for, before anything is run.
    """
    from cathodelab.figures.matplotlib_figure import rendered
    from cathodelab.simulation.dem.runs.plan import gap_check
    from cathodelab.simulation.dem.runs.run_file import read_run_file
    from cathodelab.simulation.dem.runs.sweep import run_all, workers

    plan = read_run_file(file)
    plans = _plans(plan, diameters)
    folder = file.with_name(file.stem + "_grains").absolute()
    with workers(jobs, dask) as executor:
        runs = run_all(plans, folder, executor, progress)
    for name, done in zip(plans, runs, strict=True):
        write_report(done, folder / name)
    grains = tuple(_grains(done, gap_check(done.plan).value) for done in runs)
    heads = ["diameter_um", "particles", "grains_in_gap", "stress_intensity_j_kg", "stress_intensity_error_j_kg",
             "stress_number_1_s", "stress_number_error_1_s", "rotor_power_w_kg", "rotor_power_error_w_kg"]  # fmt: skip
    rows = [
        [one.diameter_um, one.particles, one.grains_in_gap, *one.intensity, *one.number_a_second, *one.power_w_kg]
        for one in grains
    ]
    table = write_table(folder / "grains.csv", heads, rows)
    picture = written(folder / "grains.svg", rendered(figure(grains, plan.title)))
    said = tuple(
        f"{one.diameter_um:g} µm: {one.particles} grains, stress intensity {one.intensity[0]:.3g} J/kg, stress number "
        f"{one.number_a_second[0]:.3g} a second, power {one.power_w_kg[0]:.3g} W/kg"
        for one in grains
    )
    return WrittenFiles((table, picture), (*alike(grains), *_checks(plans, runs)), said)


def _plans(plan: Plan, diameters: Sequence[float]) -> dict[str, Plan]:
    """The run at every diameter, by the name of its folder; each is filled once, so that none fails after the others ran."""
    from cathodelab.simulation.dem.runs.plan import checked
    from cathodelab.simulation.dem.runs.runner import start
    from cathodelab.simulation.dem.runs.sweep import coarser

    if not diameters or min(diameters) <= 0 or len(set(diameters)) < len(diameters):
        raise CathodelabError(
            "dem-diameters",
            f"The diameters are {', '.join(f'{one:g}' for one in diameters)} µm",
            where="--diameters",
            why="They have to be positive and different.",
            what_to_do="Write for example --diameters 300,424,600.",
        )
    plans = {f"{one:g}um": coarser(plan, 1e-6 * one) for one in sorted(diameters)}
    for name, one in plans.items():
        try:
            if not (one.count or one.inlets or plan.balls):
                raise _no_grain(plan.diameter)
            start(checked(one))
        except CathodelabError as error:
            raise error.at(f"grains of {name.removesuffix('um')} µm") from error
    return plans


def _no_grain(diameter: float) -> CathodelabError:
    return CathodelabError(
        "dem-diameters",
        "Not one grain of this size has the mass of the charge",
        where="--diameters",
        why=f"The run file's own grains have {1e6 * diameter:g} µm.",
        what_to_do="Give smaller diameters, or a larger charge.",
    )


def _grains(run: Run, grains_in_gap: float) -> Grains:
    from cathodelab.simulation.dem.evaluation.stress_tally import stress
    from cathodelab.simulation.dem.runs.stress_record import power, scatter, steady

    since = settled_since(run)
    chosen = steady(run, since)
    mass = chosen[0].mass
    rotor = [body.name for body in run.plan.case.bodies].index(run.plan.rotor)
    whole, parts = stress(chosen), [stress([one]) for one in chosen]
    times = np.array([one.duration for one in parts])
    powers = np.array([one.body_work[rotor] for one in chosen]) / times / mass
    return Grains(
        1e6 * run.plan.diameter,
        len(run.state.particles),
        grains_in_gap,
        (whole.intensity, scatter([one.intensity for one in parts])),
        (whole.number / whole.duration, scatter(np.array([one.number for one in parts]) / times)),
        (power(run, since) / mass, scatter(powers)),
    )


def alike(grains: Sequence[Grains]) -> tuple[Check, ...]:
    """Whether every coarser size gives the stress intensity of the finest."""
    finest = grains[0]
    checks = []
    for one in grains[1:]:
        ratio = one.intensity[0] / finest.intensity[0]
        number = one.number_a_second[0] / finest.number_a_second[0]
        powers = one.power_w_kg[0] / finest.power_w_kg[0]
        sentence = (
            f"At {one.diameter_um:g} µm the stress intensity is {ratio:.2f} times that at {finest.diameter_um:g} µm "
            f"(stress number {number:.2f} times, power {powers:.2f} times); within {100 * ALIKE:g} % it counts as the same. "
            "Where it does not, compare intensities and numbers of one grain size only; the power depends least on the size."
        )
        checks.append(Check("same_stress_intensity", abs(ratio - 1) <= ALIKE, ratio, 1 + ALIKE, sentence))
    return tuple(checks)


def _checks(plans: dict[str, Plan], runs: Sequence[Run]) -> list[Check]:
    from dataclasses import replace

    return [
        replace(check, sentence=f"{name.removesuffix('um')} µm: {check.sentence}")
        for name, done in zip(plans, runs, strict=True)
        for check in done.checks
    ]


def figure(grains: Sequence[Grains], title: str) -> FigureSpec:
    """Stress intensity, stress number and power over the diameter."""
    from cathodelab.core.figure import Axis, FigureSpec, Panel, Series

    sizes = np.array([one.diameter_um for one in grains])
    axis = Axis("grain diameter", "µm")
    shown = (
        (Axis("stress intensity", "J/kg"), [one.intensity for one in grains]),
        (Axis("stress number a second", "1/s"), [one.number_a_second for one in grains]),
        (Axis("rotor power", "W/kg"), [one.power_w_kg for one in grains]),
    )
    panels = []
    for quantity, pairs in shown:
        value, error = np.array(pairs).T
        marks = Series("points", sizes, value, "", 1, y_minus=error, y_plus=error)
        band = Series("band", sizes[[0, -1]], np.full(2, value[0]), f"finest ± {100 * ALIKE:g} %", -2,
                      y_minus=np.full(2, ALIKE * value[0]), y_plus=np.full(2, ALIKE * value[0]))  # fmt: skip
        panels.append(Panel(axis, quantity, (band, marks)))
    wide = [f"{one.grains_in_gap:.2g}" for one in grains if np.isfinite(one.grains_in_gap)]
    gap = f" The gap is {', '.join(wide)} grains wide." if wide else ""
    bars = "bars: standard error over the output intervals"
    caption = f"{title}: second half of the rotor's time, one filling a size; {bars}.{gap}"
    return FigureSpec("grains", caption, tuple(panels))
