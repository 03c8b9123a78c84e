"""Do the intervals hold the truth as often as they claim? Studies of three cells, every error drawn anew.

python benchmarks/coverage.py --studies 2000 --seed 20261122

Each replicate draws a fresh reference, fresh channels, weighings and counter electrodes from the distributions that the
error budget states, and evaluates the records as a user would. Writes a line of figures; the committed table is
``benchmarks/coverage.md``.
"""

from __future__ import annotations

import argparse
import resource
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2, norm

from cathodelab.core.estimate import Estimate, covariance
from cathodelab.core.records import CyclingRecord
from cathodelab.core.samples import Cell
from cathodelab.simulation.closed_form import Truth, cell_titration, drawn_instrument, reference_titration
from cathodelab.techniques.utilization.method import static_utilization
from cathodelab.techniques.utilization.model import UtilizationSettings
from cathodelab.techniques.utilization.read import reference_from_record
from cathodelab.techniques.utilization.rests import titration_from_record

REFERENCE_UNCERTAINTY_MG, CELL_UNCERTAINTY_MG, OFFSET_UNCERTAINTY_V = 0.05, 0.1, 0.004
CELLS = 3


@dataclass(frozen=True)
class Replicate:
    """Deviations in half-widths of each cell (side by side of the deviation), joint chi-square, relative errors, widths."""

    scaled: tuple[float, ...]
    joint: float
    relative: tuple[float, ...]
    width_ratio: tuple[float, ...]


def _record(columns: dict[str, np.ndarray]) -> CyclingRecord:
    return CyclingRecord(
        voltage_volt=columns["voltage_volt"],
        test_time_second=columns["test_time_second"],
        current_ampere=columns["current_ampere"],
        step_count=columns["step_count"],
    )


def _cell(name: str, role: str, mass: float, uncertainty: float, offset: float) -> Cell:
    half = OFFSET_UNCERTAINTY_V if role == "cell" else 0.0
    return Cell(
        id=name,
        role="cell" if role == "cell" else "reference",
        cam_mass=Estimate(mass, uncertainty, uncertainty, "mg"),
        counter_electrode="In/InLi" if role == "cell" else "Li",
        offset=Estimate(offset, half, half, "V"),
        files=("x",),
    )


def replicate(seed: int) -> Replicate:
    """One study of three cells with one reference."""
    random = np.random.default_rng(seed)
    settings = UtilizationSettings()
    true_reference = Truth(1.0, 5.6 + 0.2 * random.standard_normal())
    columns = reference_titration(true_reference, drawn_instrument(random), random)
    reference = reference_from_record(_record(columns), settings)
    weighed = true_reference.cam_mass_mg + REFERENCE_UNCERTAINTY_MG * random.standard_normal()
    reference_cell = _cell("liquid", "reference", weighed, REFERENCE_UNCERTAINTY_MG, 0.0)
    truths, sets, scaled, relative, ratios = [], [], [], [], []
    for number in range(CELLS):
        truth = Truth(
            utilization=float(random.uniform(0.6, 1.0)),
            cam_mass_mg=float(10.4 + 0.15 * random.standard_normal()),
            offset_volt=float(0.62 + OFFSET_UNCERTAINTY_V * random.standard_normal()),
            polarization_volt=0.010,
        )
        columns = cell_titration(truth, drawn_instrument(random), random)
        mass = truth.cam_mass_mg + CELL_UNCERTAINTY_MG * random.standard_normal()
        cell = _cell(f"ssb-{number}", "cell", mass, CELL_UNCERTAINTY_MG, 0.62)
        titration = titration_from_record(_record(columns), settings)
        result = static_utilization(cell, titration, reference_cell, reference, settings, 200.0)
        one = result.estimates.estimate("static_utilization")
        off = one.value - truth.utilization
        truths.append(truth.utilization)
        sets.append(result.estimates)
        scaled.append(off / (one.minus if off > 0 else one.plus))
        relative.append(off / truth.utilization)
        weighing = np.hypot(CELL_UNCERTAINTY_MG / mass, REFERENCE_UNCERTAINTY_MG / weighed) * one.value
        ratios.append((one.minus + one.plus) / 2 / weighing)
    deviation = np.array([one.estimate("static_utilization").value for one in sets]) - truths
    joint = float(deviation @ np.linalg.solve(covariance(sets, "static_utilization"), deviation))
    return Replicate(tuple(scaled), joint, tuple(relative), tuple(ratios))


def summary(replicates: list[Replicate]) -> dict[str, float]:
    """The figures of the table."""
    scaled = np.abs([one.scaled for one in replicates])
    joint = np.array([one.joint for one in replicates])
    return {
        "studies": float(len(replicates)),
        "per cell, nominal 68.27 %": 100 * float(np.mean(scaled <= 1)),
        "per cell, nominal 95.45 %": 100 * float(np.mean(scaled <= 2)),
        "joint, nominal 68.27 %": 100 * float(np.mean(joint <= chi2.ppf(2 * norm.cdf(1) - 1, CELLS))),
        "joint, nominal 95.45 %": 100 * float(np.mean(joint <= chi2.ppf(2 * norm.cdf(2) - 1, CELLS))),
        "mean relative error / %": 100 * float(np.mean([one.relative for one in replicates])),
        "half-width over weighing alone": float(np.mean([one.width_ratio for one in replicates])),
    }


def main() -> None:
    """Run and print one row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20261122)
    given = parser.parse_args()
    seeds = np.random.SeedSequence(given.seed).generate_state(given.studies).tolist()
    with ProcessPoolExecutor() as pool:
        found = list(pool.map(replicate, seeds, chunksize=20))
    figures = summary(found)
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    seconds = sum(one.ru_utime + one.ru_stime for one in used)
    print(f"seed {given.seed}, {1000 * seconds / given.studies:.0f} ms CPU a study")
    for name, value in figures.items():
        print(f"| {name} | {value:.2f} |")


if __name__ == "__main__":
    main()
