"""One run at several speeds side by side: the stress axis of a mixing study."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cathodelab.core.checks import Check
from cathodelab.core.errors import CathodelabError
from cathodelab.core.operation import Progress
from cathodelab.core.stress import StressRecord, common_reading
from cathodelab.operations.dem import RECORD_SCHEMA, stress_sentence, write_report, write_table, written
from cathodelab.operations.model import WrittenFiles

if TYPE_CHECKING:
    from cathodelab.core.figure import FigureSpec
    from cathodelab.simulation.dem.runs.plan import Plan
    from cathodelab.simulation.dem.runs.run import Run

_HEADS = (
    "speed_rpm", "tip_speed_m_s", "collision", "work", "time_s", "grains", "grain_diameter_um", "stress_intensity_j_kg",
    "stress_intensity_error_j_kg", "stress_number_1_s", "stress_number_error_1_s", "specific_power_w_kg",
    "specific_power_error_w_kg", "lost_w_kg", "normal_share", "wall_share", "unstressed_share", "hardest_j_kg",
)  # fmt: skip


def compare_speeds(
    file: Path, speeds: Sequence[float], progress: Progress, jobs: int = 1, dask: str = ""
) -> WrittenFiles:
    """The run of a run file at several speeds (1/min): table, records, figure, and a report of each run in its folder.

    Every run goes on where it stopped; a speed that is there already is not run again.

    Raises:
        CathodelabError: ``dem-speeds``; what the run file is refused for at one of the speeds, before anything is run.
    """
    from cathodelab.figures.matplotlib_figure import rendered
    from cathodelab.simulation.dem.runs.stress_record import stress_records
    from cathodelab.simulation.dem.runs.sweep import run_all, workers

    plans = _plans(file, speeds)
    folder = file.with_name(file.stem + "_speeds").absolute()
    with workers(jobs, dask) as executor:
        runs = run_all(plans, folder, executor, progress)
    for name, done in zip(plans, runs, strict=True):
        write_report(done, folder / name)
    records = [stress_records(done) for done in runs]
    rows = [_row(one, done) for several, done in zip(records, runs, strict=True) for one in several]
    data = {"schema": RECORD_SCHEMA, "records": [one.as_data() for several in records for one in several]}
    first = [several[0] for several in records]
    paths = (
        write_table(folder / "speeds.csv", _HEADS, rows),
        written(folder / "stress_records.json", (json.dumps(data, indent=1) + "\n").encode()),
        written(folder / "speeds.svg", rendered(figure(first, runs[0].plan.title.rsplit(",", 1)[0]))),
    )
    said = tuple(f"{one.speed_rpm:g} 1/min: {stress_sentence(one)}" for one in first)
    return WrittenFiles(paths, tuple(_checks(plans, runs)), said)


def _plans(file: Path, speeds: Sequence[float]) -> dict[str, Plan]:
    """The run at every speed, by the name of its folder."""
    from cathodelab.simulation.dem.runs.run_file import read_at_speed

    if not speeds or min(speeds) <= 0 or len(set(speeds)) < len(speeds):
        raise CathodelabError(
            "dem-speeds",
            f"The speeds are {', '.join(f'{one:g}' for one in speeds)} 1/min",
            where="--speeds",
            why="They have to be positive and different.",
            what_to_do="Write for example --speeds 1000,2500,5000.",
        )
    return {f"{one:g}rpm": read_at_speed(file, one) for one in sorted(speeds)}


def _row(record: StressRecord, run: Run) -> list[object]:
    grains = record.grains
    return [
        record.speed_rpm, run.plan.fastest, record.collision, record.work, record.time_s,
        grains.count if grains else len(run.state.particles), 1e6 * run.plan.diameter, record.stress_intensity_j_kg,
        record.stress_intensity_error_j_kg, record.stress_number / record.time_s,
        record.stress_number_error / record.time_s, record.specific_power_w_kg, record.specific_power_error_w_kg,
        record.specific_energy_j_kg / record.time_s, record.normal_share, record.wall_share,
        grains.unstressed_share if grains else float("nan"), record.hardest_j_kg,
    ]  # fmt: skip


def _checks(plans: dict[str, Plan], runs: Sequence[Run]) -> list[Check]:
    from dataclasses import replace

    return [
        replace(check, sentence=f"{name.removesuffix('rpm')} 1/min: {check.sentence}")
        for name, done in zip(plans, runs, strict=True)
        for check in done.checks
    ]


def figure(records: Sequence[StressRecord], title: str) -> FigureSpec:
    """Stress intensity, stress number and power over the speed, all of one reading."""
    from cathodelab.core.figure import Axis, FigureSpec, Panel, Series

    reading = common_reading(records)
    speed = np.array([one.speed_rpm for one in records])
    shown = (
        (Axis("stress intensity", "J/kg", logarithmic=True), "stress_intensity_j_kg", "stress_intensity_error_j_kg"),
        (Axis("stress number a second", "1/s"), "stress_number", "stress_number_error"),
        (Axis("specific power", "W/kg", logarithmic=True), "specific_power_w_kg", "specific_power_error_w_kg"),
    )
    panels = []
    for axis, name, error in shown:
        per = np.array([one.time_s for one in records]) if name == "stress_number" else np.ones(len(records))
        value = np.array([getattr(one, name) for one in records]) / per
        bars = np.nan_to_num(np.array([getattr(one, error) for one in records]) / per)
        marks = Series("points", speed, value, "", 1, y_minus=bars, y_plus=bars)
        panels.append(Panel(Axis("speed", "1/min", logarithmic=True), axis, (marks,)))
    caption = f"{title}: settled time, {reading}; bars: standard error over the output intervals."
    return FigureSpec("speeds", caption, tuple(panels))
