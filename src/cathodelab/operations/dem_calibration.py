"""Friction or yield ratio from a measured drum angle or compaction, by a calibration file."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cathodelab.core.settings import knob, settings_from
from cathodelab.operations.dem import written
from cathodelab.operations.model import WrittenFiles

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from cathodelab.core.figure import FigureSpec
    from cathodelab.simulation.dem.experiments.calibration import Calibration
    from cathodelab.simulation.dem.experiments.compaction import CompactionFit


@dataclass(frozen=True)
class CalibrationTable:
    """``[calibration]`` of a calibration file."""

    kind: str = knob("angle", "what was measured", choices=("angle", "compaction"))
    measured: float = knob(0.0, "angle in degrees, or strain of the bed under the force")
    standard_uncertainty: float = knob(0.0, "of the measured value", low=0)
    lowest: float = knob(0.1, "trial value of the parameter", low=0)
    highest: float = knob(0.8, "trial value of the parameter", low=0)
    trials: int = knob(4, "number of trial values", low=3, high=50)
    force_n: float = knob(1000.0, "of the compaction; the strain counts from a fiftieth of it", unit="N", low=0)
    curve: str = knob("", "instead of force_n and measured: csv file with the columns force_n and height_mm")
    measured_die_mm: float = knob(
        0.0, "inner diameter of the measured die, so that pressures are the same; 0: as simulated", unit="mm", low=0
    )
    particles: int = knob(1000, "of the compaction", low=10)
    seconds: float = knob(1.0, "of drum time", unit="s", low=0)
    fill: float = knob(0.45, "share of the drum's area that is filled", low=0.05, high=0.9)


def calibrate(file: Path, jobs: int = 1, dask: str = "") -> WrittenFiles:
    """Find friction (from the drum's angle) or yield ratio (from a compaction) by a calibration file."""
    from cathodelab.figures.matplotlib_figure import rendered
    from cathodelab.simulation.dem.experiments.compaction import CompactionFit
    from cathodelab.simulation.dem.runs.sweep import workers

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
    if isinstance(found, CompactionFit):
        record["curve"] = _curve(found)
    paths = (
        written(file.with_suffix(".json"), (json.dumps(record, indent=1) + "\n").encode()),
        written(file.with_suffix(".svg"), rendered(figure)),
    )
    uncertain = f"± {found.standard_uncertainty:.2g}" if np.isfinite(found.standard_uncertainty) else "(no uncertainty)"
    return WrittenFiles(paths, found.checks, (f"{found.parameter} = {found.value:.4g} {uncertain}",))


def _curve(found: CompactionFit) -> list[dict[str, float | bool | None]]:
    """Every force of the measured curve: whether it was used, its strain, and the strain that the value found predicts."""
    numbers = zip(found.forces, found.strains, found.predicted, strict=True)
    return [
        {
            "force_n": float(force),
            "pressure_mpa": float(1e-6 * force / found.area),
            "measured_strain": float(strain),
            "used": 0 < row <= found.used,
            "predicted_strain": float(predicted) if np.isfinite(predicted) else None,
            "within_law": bool(force <= found.holds_to),
        }
        for row, (force, strain, predicted) in enumerate(numbers)
    ]


def calibration_of(file: Path, executor: Executor | None = None) -> tuple[Calibration, FigureSpec]:
    """The calibration of a file: a run file with ``[calibration]`` and two ``[[contacts]]``."""
    from cathodelab.simulation.dem.equipment.machines import Die, Drum
    from cathodelab.simulation.dem.experiments import calibration, compaction
    from cathodelab.simulation.dem.experiments.drum_and_die import Powder
    from cathodelab.simulation.dem.runs import run_file, run_file_reader

    table = run_file_reader.toml_of(file)
    settings, problems = settings_from(CalibrationTable, table.pop("calibration", {}), file.name, "calibration")
    if problems:
        raise run_file_reader.RunFileInvalid(str(file), tuple(problems))
    table.setdefault("run", {"step_s": 0.0})
    if isinstance(particles := table.get("particles"), dict) and not {"mass_g", "count"} & particles.keys():
        particles["count"] = settings.particles
    plan = run_file.plan_from(table, file)
    name = plan.case.materials[0].name
    walls = [one for pair, one in plan.case.contacts.items() if pair != (name, name)]
    powder = Powder(plan.case.materials[0], plan.case.contacts[name, name], walls[0], plan.diameter / 2)
    trials = np.linspace(settings.lowest, settings.highest, settings.trials).tolist()
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
    spaced = np.geomspace(max(settings.lowest, 1e-6), settings.highest, settings.trials).tolist()
    found = compaction.yield_ratio_from_compaction(
        powder, die, settings.particles, spaced, forces, strains, settings.standard_uncertainty, executor,
        math.pi / 4 * (1e-3 * settings.measured_die_mm) ** 2,
    )  # fmt: skip
    return found, found.figure("strain of the bed", "")
