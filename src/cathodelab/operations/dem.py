"""Discrete elements for a user: run a run file, report on a run, calibrate from two experiments, compare grain sizes."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cathodelab.core.errors import CathodelabError
from cathodelab.core.settings import knob, settings_from

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from cathodelab.core.figure import FigureSpec
    from cathodelab.figures.particle_picture import ParticleView
    from cathodelab.simulation.dem.calibration import Calibrated
    from cathodelab.simulation.dem.plan import Plan
    from cathodelab.simulation.dem.runner import Run
    from cathodelab.simulation.dem.state import State

Progress = Callable[[Iterable[Any], int, str], Iterable[Any]]


def run_file(file: Path, outputs: int, progress: Progress) -> tuple[Path, ...]:
    """Run a run file in a folder beside it (same name), or go on there; tables and figures are written at the end."""
    from cathodelab.simulation.dem.runfile import read_run_file
    from cathodelab.simulation.dem.runner import RESTART, run

    plan, folder = read_run_file(file), file.with_suffix("")
    done = run(plan, folder, progress, outputs or None)
    return (folder / RESTART, *write_report(done, folder))


def report_on(file: Path) -> tuple[Path, ...]:
    """Tables, figures, a snapshot and a picture of what a run has given so far."""
    from cathodelab.simulation.dem.runfile import read_run_file
    from cathodelab.simulation.dem.runner import RESTART, resumed

    folder = file.with_suffix("")
    if not (folder / RESTART).exists():
        raise CathodelabError(
            "dem-not-run",
            "This run file has not been run",
            where=str(file),
            why=f"There is no {RESTART} in {folder.name}/.",
            what_to_do=f"Run it first: cathodelab dem run {file.name}.",
        )
    return write_report(resumed(read_run_file(file), folder), folder)


def write_report(run: Run, folder: Path) -> tuple[Path, ...]:
    """Write what is known of a run."""
    from cathodelab.figures.matplotlib_figure import rendered
    from cathodelab.figures.particle_picture import picture
    from cathodelab.simulation.dem.plots import run_figures
    from cathodelab.simulation.dem.snapshot import write_vtk

    since = settled_since(run)
    paths = [_intervals_csv(run, folder), _stress_csv(run, folder, since), _summary(run, folder, since)]
    paths += [_written(folder / f"{figure.id}.svg", rendered(figure)) for figure in run_figures(run, since)]
    paths += [write_vtk(folder / "particles.vtk", run.state), _parquet(run.state, folder)]
    paths.append(_written(folder / "particles.png", picture(view_of(run.plan, run.state))))
    return tuple(paths)


def settled_since(run: Run) -> float:
    """Half of the rotor's time is left out, as far as there is any."""
    rotor = next(body for body in run.plan.case.bodies if body.name == run.plan.rotor)
    begin = min(rotor.motion.begin, run.state.time)
    wanted = begin + 0.5 * (run.state.time - begin)
    starts = [one.begin for one in run.intervals]
    return max((one for one in starts if one <= wanted + 1e-12), default=0.0)


def _intervals_csv(run: Run, folder: Path) -> Path:
    from cathodelab.simulation.dem.tally import stress

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
            *one.kinds,
            account.missing,
            used,
            *one.body_work,
        ]
        for one, account, used in zip(run.intervals, run.ledgers, run.cpu_seconds, strict=True)
    ]
    return _table(folder / "intervals.csv", heads, rows)


def _stress_csv(run: Run, folder: Path, since: float) -> Path:
    from cathodelab.simulation.dem.link import steady
    from cathodelab.simulation.dem.tally import COLLISION_READINGS, WORK_READINGS, stress

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
    return _table(folder / "stress.csv", heads, rows)


def _summary(run: Run, folder: Path, since: float) -> Path:
    from cathodelab.simulation.dem.link import power

    steps = run.plan.interval / run.plan.case.step
    record = {
        "title": run.plan.title,
        "time_s": run.state.time,
        "particles": len(run.state.particles),
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
    return _written(folder / "summary.json", (json.dumps(record, indent=1) + "\n").encode())


def _parquet(state: State, folder: Path) -> Path:
    import polars as pl

    from cathodelab.simulation.dem.snapshot import columns

    path = folder / "particles.parquet"
    pl.DataFrame(dict(columns(state))).write_parquet(path)
    return path


def view_of(plan: Plan, state: State) -> ParticleView:
    """The particles along the axis z (mixer, drum) or y (upright machines), coloured by speed."""
    from cathodelab.figures.particle_picture import ParticleView
    from cathodelab.simulation.dem.bodies import Mesh, Revolved

    upright = bool(plan.case.gravity[2])
    axes = [0, 2] if upright else [0, 1]
    outlines = []
    for number, body in enumerate(plan.case.bodies):
        turn = _matrix(state.poses.turn[number])
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


def _matrix(turn: Any) -> Any:  # noqa: ANN401 - arrays
    x, y, z, w = turn
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )


def animate(file: Path, pictures: int, progress: Progress) -> tuple[Path, ...]:
    """Go on with a run for so many outputs and make an animation of them."""
    from cathodelab.figures.particle_picture import animation
    from cathodelab.simulation.dem.runfile import read_run_file
    from cathodelab.simulation.dem.runner import resumed, run

    plan, folder = read_run_file(file), file.with_suffix("")
    views = [view_of(plan, resumed(plan, folder).state)]
    views += [
        view_of(plan, run(plan, folder, outputs=1).state) for _ in progress(range(pictures), pictures, "pictures")
    ]
    return (animation(views, folder / "particles.gif"),)


@dataclass(frozen=True)
class CalibrationTable:
    """``[calibration]`` of a calibration file."""

    kind: str = knob("angle", "what was measured", choices=("angle", "compaction"))
    measured: float = knob(0.0, "angle in degrees, or strain of the bed under the force")
    standard_uncertainty: float = knob(0.0, "of the measured value", low=0)
    lowest: float = knob(0.1, "trial value of the parameter", low=0)
    highest: float = knob(0.8, "trial value of the parameter", low=0)
    trials: float = knob(4.0, "number of trial values", low=3, high=50)
    force_n: float = knob(1000.0, "of the compaction; the strain counts from a fiftieth of it", unit="N", low=0)
    curve: str = knob("", "instead of force_n and measured: csv file with the columns force_n and height_mm")
    particles: float = knob(1000.0, "of the compaction", low=10)
    seconds: float = knob(1.0, "of drum time", unit="s", low=0)
    fill: float = knob(0.45, "share of the drum's area that is filled", low=0.05, high=0.9)


def calibrate(file: Path, jobs: int = 1, dask: str = "") -> tuple[Path, ...]:
    """Find friction (from the drum's angle) or yield ratio (from a compaction) as a calibration file says."""
    from cathodelab.figures.matplotlib_figure import rendered
    from cathodelab.simulation.dem.sweep import workers

    with workers(jobs, dask) as executor:
        found, figure = calibration_of(file, executor)
    record = {
        "parameter": found.parameter,
        "value": found.value,
        "standard_uncertainty": found.standard_uncertainty if np.isfinite(found.standard_uncertainty) else None,
        "trials": found.trials.tolist(),
        "responses": found.responses.tolist(),
        "errors": found.errors.tolist(),
        "checks": [{"name": one.name, "passed": one.passed, "sentence": one.sentence} for one in found.checks],
    }
    return (
        _written(file.with_suffix(".json"), (json.dumps(record, indent=1) + "\n").encode()),
        _written(file.with_suffix(".svg"), rendered(figure)),
    )


def calibration_of(file: Path, executor: Executor | None = None) -> tuple[Calibrated, FigureSpec]:
    """The calibration a file asks for: a run file with ``[calibration]`` and two ``[[contacts]]``."""
    from cathodelab.simulation.dem import calibration, compaction, runfile
    from cathodelab.simulation.dem.experiments import Powder
    from cathodelab.simulation.dem.machines import Die, Drum

    table = runfile.toml_of(file)
    settings, problems = settings_from(CalibrationTable, table.pop("calibration", {}), file.name, "calibration")
    if problems:
        raise runfile.RunFileInvalid(str(file), tuple(problems))
    table.setdefault("run", {"step_s": 0.0})
    plan = runfile.plan_from(table, file)
    name = plan.case.materials[0].name
    walls = [one for pair, one in plan.case.contacts.items() if pair != (name, name)]
    powder = Powder(plan.case.materials[0], plan.case.contacts[name, name], walls[0], plan.diameter / 2)
    trials = np.linspace(settings.lowest, settings.highest, int(settings.trials)).tolist()
    machine = table["machine"]
    if settings.kind == "angle":
        drum = Drum(1e-3 * machine["radius_mm"], 1e-3 * machine["length_mm"], machine["speed_rpm"])
        found = calibration.friction_from_angle(
            powder,
            drum,
            trials,
            settings.measured,
            settings.standard_uncertainty,
            fill=settings.fill,
            duration=settings.seconds,
            executor=executor,
        )
        return found, found.figure("dynamic angle of repose", "°")
    die = Die(1e-3 * machine["radius_mm"], 1e-3 * machine["height_mm"], machine.get("speed_m_s", 0.05))
    forces, strains = np.array([0.02, 1.0]) * settings.force_n, np.array([0.0, settings.measured])
    if settings.curve:
        forces, strains = compaction.read_curve(file.with_name(settings.curve))
    spaced = np.geomspace(max(settings.lowest, 1e-6), settings.highest, int(settings.trials)).tolist()
    found = compaction.yield_ratio_from_compaction(
        powder, die, int(settings.particles), spaced, forces, strains, settings.standard_uncertainty, executor
    )
    return found, found.figure("strain of the bed", "")


def compare_grains(file: Path, diameters: Sequence[float], jobs: int, dask: str = "") -> tuple[Path, ...]:
    """The run of a run file at several grain diameters (µm): stress intensity, number and power side by side."""
    from cathodelab.simulation.dem.link import power, steady
    from cathodelab.simulation.dem.runfile import read_run_file
    from cathodelab.simulation.dem.sweep import coarser, run_all, workers
    from cathodelab.simulation.dem.tally import stress

    plan = read_run_file(file)
    plans = [coarser(plan, 1e-6 * one) for one in diameters]
    folder = file.with_name(file.stem + "_grains").absolute()
    with workers(jobs, dask) as executor:
        runs = run_all(plans, folder, executor)
    rows = []
    for diameter, done in zip(diameters, runs, strict=True):
        since = settled_since(done)
        one = stress(steady(done, since))
        rows.append([diameter, len(done.state.particles), one.intensity, one.number, power(done, since)])
    heads = ["diameter_um", "particles", "stress_intensity_j_kg", "stress_number", "rotor_power_w"]
    return (_table(folder / "grains.csv", heads, rows),)


def _table(path: Path, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(heads)
        writer.writerows([f"{one:.8g}" if isinstance(one, float) else one for one in row] for row in rows)
    return path


def _written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path
