"""Discrete elements: run a run file, report on a run, animate it."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cathodelab.core.errors import CathodelabError
from cathodelab.core.operation import Progress
from cathodelab.operations.model import WrittenFiles

if TYPE_CHECKING:
    from cathodelab.core.stress import StressRecord
    from cathodelab.figures.particle_picture import ParticleView
    from cathodelab.simulation.dem.runs.plan import Plan
    from cathodelab.simulation.dem.runs.run import Run
    from cathodelab.simulation.dem.state import State

RECORD_SCHEMA = 1
"""Version of the files with stress records."""


def run_file(file: Path, outputs: int, progress: Progress) -> WrittenFiles:
    """Run a run file in a folder of the same name beside it, or go on there; tables and figures are written at the end."""
    from cathodelab.simulation.dem.runs.run_file import read_run_file
    from cathodelab.simulation.dem.runs.run_store import RESTART
    from cathodelab.simulation.dem.runs.runner import run

    plan, folder = read_run_file(file), file.with_suffix("")
    done = run(plan, folder, progress, outputs or None)
    return WrittenFiles((folder / RESTART, *write_report(done, folder)), done.checks, _stress_lines(done))


def report_on(file: Path) -> WrittenFiles:
    """Tables, figures, a snapshot and a picture of a run as far as it has come."""
    from cathodelab.simulation.dem.runs.run_file import read_run_file
    from cathodelab.simulation.dem.runs.run_store import RESTART
    from cathodelab.simulation.dem.runs.runner import resumed

    folder = file.with_suffix("")
    if not (folder / RESTART).exists():
        raise CathodelabError(
            "dem-not-run",
            "This run file has not been run",
            where=str(file),
            why=f"There is no {RESTART} in {folder.name}/.",
            what_to_do=f"Run it first: cathodelab dem run {file.name}.",
        )
    done = resumed(read_run_file(file), folder)
    return WrittenFiles(write_report(done, folder), done.checks, _stress_lines(done))


def _stress_lines(run: Run) -> tuple[str, ...]:
    """The stress record in a sentence, or from when on there will be one."""
    from cathodelab.simulation.dem.runs.stress_record import stress_record

    if not has_record(run):
        return (f"No stress record yet: means are taken from {run.plan.settles:.4g} s on.",)
    return (stress_sentence(stress_record(run)),)


def has_record(run: Run) -> bool:
    """Whether the run has come so far that means can be taken."""
    return run.settled is not None and any(one.begin >= run.settled.time - 1e-12 for one in run.intervals)


def stress_sentence(record: StressRecord) -> str:
    """Stress intensity, number and power with their errors, and the reading."""
    grains = record.grains
    unstressed = f", {100 * grains.unstressed_share:.2g} % of the grains without one" if grains else ""
    return (
        f"Stress intensity {_with_error(record.stress_intensity_j_kg, record.stress_intensity_error_j_kg)} J/kg, "
        f"{_with_error(record.stress_number / record.time_s, record.stress_number_error / record.time_s)} stress events a second "
        f"and grain{unstressed} ({record.reading}; {record.time_s:.3g} s)."
    )


def _with_error(value: float, error: float) -> str:
    return f"{value:.3g} ± {error:.2g}" if math.isfinite(error) else f"{value:.3g} (no error: fewer than three outputs)"


def write_report(run: Run, folder: Path) -> tuple[Path, ...]:
    """Write the report of a run."""
    from cathodelab.figures.matplotlib_figure import rendered
    from cathodelab.figures.particle_picture import picture
    from cathodelab.simulation.dem.evaluation.snapshot import write_vtk
    from cathodelab.simulation.dem.runs.run_figures import run_figures

    since = settled_since(run)
    paths = [_intervals_csv(run, folder), _stress_csv(run, folder, since), _summary(run, folder, since)]
    paths += [written(folder / f"{figure.id}.svg", rendered(figure)) for figure in run_figures(run, since)]
    paths += [write_vtk(folder / "particles.vtk", run.state), _parquet(run.state, folder)]
    paths.append(written(folder / "particles.png", picture(view_of(run.plan, run.state))))
    if has_record(run):
        paths.append(_stress_records_json(run, folder))
    return tuple(paths)


def _stress_records_json(run: Run, folder: Path) -> Path:
    """The stress record in every reading, as the process model reads it."""
    from cathodelab.simulation.dem.runs.stress_record import stress_records

    data = {"schema": RECORD_SCHEMA, "records": [one.as_data() for one in stress_records(run)]}
    return written(folder / "stress_record.json", (json.dumps(data, indent=1) + "\n").encode())


def settled_since(run: Run) -> float:
    """Begin (s) of the settled time: that of the plan, or before it the later half of the rotor's time so far."""
    if run.settled and has_record(run):
        return run.settled.time
    rotor = next(body for body in run.plan.case.bodies if body.name == run.plan.rotor)
    begin = min(rotor.motion.begin, run.state.time)
    wanted = begin + 0.5 * (run.state.time - begin)
    starts = [one.begin for one in run.intervals]
    return max((one for one in starts if one <= wanted + 1e-12), default=0.0)


def _intervals_csv(run: Run, folder: Path) -> Path:
    from cathodelab.simulation.dem.evaluation.stress_tally import stress

    names = [body.name for body in run.plan.case.bodies]
    heads = ["begin_s", "end_s", "particles", "stress_intensity_j_kg", "collisions_ended", "lost_plastic_j", "lost_friction_j",
             "lost_damping_j", "missing_j", "cpu_s", *(f"work_{name}_j" for name in names)]  # fmt: skip
    rows = [
        [
            one.begin,
            one.end,
            one.particles,
            stress([one]).intensity,
            one.collisions[0],
            *one.kinds.sum(axis=0),
            account.missing,
            used,
            *one.body_work,
        ]
        for one, account, used in zip(run.intervals, run.ledgers, run.cpu_seconds, strict=True)
    ]
    return write_table(folder / "intervals.csv", heads, rows)


def _stress_csv(run: Run, folder: Path, since: float) -> Path:
    from cathodelab.simulation.dem.evaluation.stress_tally import COLLISION_READINGS, WORK_READINGS, stress
    from cathodelab.simulation.dem.runs.stress_record import steady

    chosen = steady(run, since)
    rows = []
    for collision in COLLISION_READINGS:
        for work in WORK_READINGS:
            one = stress(chosen, collision, work)
            rows.append(
                [collision, work, since, one.duration, one.intensity, one.frequency, one.number, one.specific_energy]
            )
    heads = [
        "collision",
        "work",
        "since_s",
        "duration_s",
        "stress_intensity_j_kg",
        "frequency_1_s",
        "stress_number",
        "specific_energy_j_kg",
    ]
    return write_table(folder / "stress.csv", heads, rows)


def _summary(run: Run, folder: Path, since: float) -> Path:
    from cathodelab.simulation.dem.runs.stress_record import power

    steps = run.plan.interval / run.plan.case.step
    record = {
        "title": run.plan.title,
        "time_s": run.state.time,
        "particles": len(run.state.particles),
        "grains_asked": len(run.plan.radii()),
        "charge_g": 1e3 * float(run.state.particles.mass[run.state.particles.material == 0].sum()),
        "since_s": since,
        "rotor_power_w": power(run, since),
        "specific_power_w_kg": power(run, since) / float(run.state.particles.mass.sum()),
        "million_particle_steps_a_cpu_second": [
            round(one.particles * steps / used / 1e6, 3)
            for one, used in zip(run.intervals, run.cpu_seconds, strict=True)
            if used
        ],
        "checks": [{"name": one.name, "passed": one.passed, "sentence": one.sentence} for one in run.checks],
    }
    return written(folder / "summary.json", (json.dumps(record, indent=1) + "\n").encode())


def _parquet(state: State, folder: Path) -> Path:
    import polars as pl

    from cathodelab.simulation.dem.evaluation.snapshot import columns

    path = folder / "particles.parquet"
    pl.DataFrame(dict(columns(state))).write_parquet(path)
    return path


def view_of(plan: Plan, state: State) -> ParticleView:
    """The particles along the axis z (mixer, drum) or y (upright machines), coloured by speed."""
    from cathodelab.figures.particle_picture import ParticleView
    from cathodelab.simulation.dem.equipment.bodies import Mesh, Revolved
    from cathodelab.simulation.dem.equipment.kinematics import rotation_of

    upright = bool(plan.case.gravity[2])
    axes = [0, 2] if upright else [0, 1]
    outlines = []
    for number, body in enumerate(plan.case.bodies):
        turn = rotation_of(state.poses.turn[number])
        for surface in body.surfaces:
            if isinstance(surface, Revolved) and not upright:
                angle = np.linspace(0, 2 * math.pi, 121)
                radius = surface.ends[0][0]
                is_chamber = surface.ends[0][1] > surface.ends[1][1]
                if not is_chamber or number == 0:
                    ring = 1e3 * radius * np.column_stack([np.cos(angle), np.sin(angle)])
                    # a chamber is drawn as its rim
                    outlines.append(np.concatenate([ring, 1.01 * ring[::-1]]) if is_chamber else ring)
            elif isinstance(surface, Mesh) and not upright:
                outlines += [1e3 * (tri @ turn.T + state.poses.origin[number])[:, axes] for tri in surface.corners]
    particles = state.particles
    speed = np.linalg.norm(particles.velocity, axis=1)
    title = f"{plan.title}\nt = {1e3 * state.time:.2f} ms"
    return ParticleView(
        1e3 * particles.position[:, axes],
        1e3 * particles.radius,
        speed,
        tuple(outlines),
        "speed / (m/s)",
        max(float(speed.max(initial=0.0)), 1e-6),
        title,
    )


def animate(file: Path, pictures: int, progress: Progress) -> tuple[Path, ...]:
    """Go on with a run for so many outputs and animate them."""
    from cathodelab.figures.particle_picture import animation
    from cathodelab.simulation.dem.runs.run_file import read_run_file
    from cathodelab.simulation.dem.runs.runner import resumed, run

    plan, folder = read_run_file(file), file.with_suffix("")
    views = [view_of(plan, resumed(plan, folder).state)]
    views += [
        view_of(plan, run(plan, folder, outputs=1).state) for _ in progress(range(pictures), pictures, "pictures")
    ]
    return (animation(views, folder / "particles.gif"),)


def write_table(path: Path, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    """Write a csv file, eight digits a number; returns its path."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(heads)
        writer.writerows([f"{one:.8g}" if isinstance(one, float) else one for one in row] for row in rows)
    return path


def written(path: Path, content: bytes) -> Path:
    """Write a file; returns its path."""
    path.write_bytes(content)
    return path
