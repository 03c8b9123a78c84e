"""Do the intervals hold the truth as often as they claim? Studies of three cells, every error drawn anew.

python benchmarks/coverage.py --studies 2000 --seed 20261122

Each study has a fresh reference and three fresh cells of the twin (its own material, particles, contacts, counter
electrodes), fresh channels and weighings from the distributions that the error budget states, complete records from first
row to last, and is evaluated as a user would. The oracle knows the error model: the smallest standard uncertainty that any
unbiased estimate can have from these data (Cramer-Rao, with the curve's shape known). The committed table is
``benchmarks/coverage.md``.
"""

from __future__ import annotations

import argparse
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.stats import chi2, norm
from twins import (  # beside this file
    CELL_RANGE_MA,
    CELL_UNCERTAINTY_MG,
    OFFSET_UNCERTAINTY_V,
    OFFSET_VOLT,
    REFERENCE_RANGE_MA,
    REFERENCE_UNCERTAINTY_MG,
    drawn_cell,
    drawn_reference,
    manifest,
    recorded,
)

from cathodelab.core.estimate import covariance
from cathodelab.simulation.twin.instrument import Channel
from cathodelab.simulation.twin.model import TwinRecord
from cathodelab.simulation.twin.open_circuit import FULL_CHARGE_mAh_g, fraction, slope
from cathodelab.simulation.twin.protocols import pulse_titration, stepped_titration
from cathodelab.simulation.twin.solver import simulate
from cathodelab.techniques.utilization.method import static_utilization
from cathodelab.techniques.utilization.model import Titration, UtilizationResult, UtilizationSettings
from cathodelab.techniques.utilization.read import reference_from_record
from cathodelab.techniques.utilization.rests import titration_from_record

CELLS, BLOCK = 3, 100


@dataclass(frozen=True)
class Study:
    """Of each cell: deviation, half-width on the side of the deviation, mean half-width, oracle's; joint chi-square.

    ``self_discharge``: deviation of the reference's in standard uncertainties, ``nan`` where it is not identifiable.
    """

    deviation: tuple[float, ...]
    half: tuple[float, ...]
    width: tuple[float, ...]
    oracle: tuple[float, ...]
    joint: float
    self_discharge: float


def block(seed: int, studies: int = BLOCK, *, branches: int = 1, self_discharge: bool = False) -> list[Study]:
    """Some studies at once: the twin runs all cells of a protocol together."""
    random = np.random.default_rng(seed)
    references = [drawn_reference(random, self_discharge=self_discharge) for _ in range(studies)]
    cells = [drawn_cell(random) for _ in range(studies * CELLS)]
    protocol = pulse_titration(low_volt=3.45 if branches == 2 else None)
    known = simulate(references, [protocol] * studies)
    records = simulate(cells, [stepped_titration()] * len(cells))
    return [_study(random, known[number], records[number * CELLS : (number + 1) * CELLS]) for number in range(studies)]


def _study(random: np.random.Generator, known: TwinRecord, records: tuple[TwinRecord, ...]) -> Study:
    settings = UtilizationSettings()
    reference = reference_from_record(recorded(known, random, REFERENCE_RANGE_MA), settings)
    weighed = known.cell.cam_mass_mg + REFERENCE_UNCERTAINTY_MG * float(random.standard_normal())
    reference_cell = manifest("liquid", weighed, REFERENCE_UNCERTAINTY_MG, None)
    found: list[UtilizationResult] = []
    oracles = []
    for number, record in enumerate(records):
        mass = record.cell.cam_mass_mg + CELL_UNCERTAINTY_MG * float(random.standard_normal())
        cell = manifest(f"ssb-{number}", mass, CELL_UNCERTAINTY_MG, OFFSET_VOLT)
        titration = titration_from_record(recorded(record, random, CELL_RANGE_MA), settings)
        found.append(static_utilization(cell, titration, reference_cell, reference, settings, 200.0))
        used = found[-1].comparison.used > 0
        oracles.append(oracle_standard(record, known, titration, used))
    ones = [result.estimates.estimate("static_utilization") for result in found]
    truth = np.array([record.cell.utilization for record in records])
    deviation = np.array([one.value for one in ones]) - truth
    matrix = covariance([result.estimates for result in found], "static_utilization")
    return Study(
        deviation=tuple(deviation.tolist()),
        half=tuple(one.minus if off > 0 else one.plus for one, off in zip(ones, deviation, strict=True)),
        width=tuple((one.minus + one.plus) / 2 for one in ones),
        oracle=tuple(oracles),
        joint=float(deviation @ np.linalg.solve(matrix, deviation)),
        self_discharge=_scaled_self_discharge(known, reference),
    )


def _scaled_self_discharge(known: TwinRecord, reference: Titration) -> float:
    found = reference.self_discharge
    if found is None:
        return float("nan")
    return (found.current_mA - known.cell.self_discharge_mA_g * known.cell.cam_mass_mg * 1e-3) / found.standard_mA


def oracle_standard(record: TwinRecord, known: TwinRecord, titration: Titration, used: np.ndarray) -> float:
    """Smallest standard uncertainty of the utilization: Fisher information of the used relaxed potentials.

    Unknown: utilization, start of the charge, counter electrode, both masses, gains and offsets of both channels; all but the
    first two with the standard deviation of the distribution they were drawn from.
    """
    cell, channel = record.cell, Channel(1e-4, 3e-4, 5e-4, 1.5e-4)
    volt = titration.potential_volt[used]
    x = fraction(volt + cell.offset_volt)
    steep = slope(x) / FULL_CHARGE_mAh_g  # V per mAh/g
    q = FULL_CHARGE_mAh_g * x
    hours = titration.polarization_second[used] / 3600
    hours_known = q / 10.0
    scale = steep * q
    one = np.ones(volt.size)
    limit = 1 / np.sqrt(3)
    columns = [  # effect of one standard deviation on the residual in potential; the first two are free
        (scale, np.inf),
        (steep, np.inf),
        (scale, CELL_UNCERTAINTY_MG / cell.cam_mass_mg),
        (scale, REFERENCE_UNCERTAINTY_MG / known.cell.cam_mass_mg),
        (one, OFFSET_UNCERTAINTY_V),
        (one, channel.potential_offset_volt * limit),
        (one, channel.potential_offset_volt * limit),
        (volt, channel.potential_gain * limit),
        (volt + cell.offset_volt, channel.potential_gain * limit),
        (scale, channel.current_gain * limit),
        (scale, channel.current_gain * limit),
        (steep * hours / cell.cam_mass_mg / cell.utilization * 1e3, channel.current_offset_mA * CELL_RANGE_MA * limit),
        (steep * hours_known / known.cell.cam_mass_mg * 1e3, channel.current_offset_mA * REFERENCE_RANGE_MA * limit),
    ]
    noise = np.hypot(1e-4, titration.potential_noise_volt[used])
    design = np.stack([column for column, _ in columns], axis=1) / noise[:, None]
    information = design.T @ design + np.diag([1 / prior**2 for _, prior in columns])
    return float(np.sqrt(np.linalg.inv(information)[0, 0])) * cell.utilization


def summary(studies: list[Study]) -> dict[str, float]:
    """The figures of the table."""
    deviation, half = np.array([one.deviation for one in studies]), np.array([one.half for one in studies])
    joint = np.array([one.joint for one in studies])
    width, oracle = np.array([one.width for one in studies]), np.array([one.oracle for one in studies])
    scaled = np.abs(deviation) / half
    lost = np.abs([one.self_discharge for one in studies])
    return {
        "studies": float(len(studies)),
        "per cell, nominal 68.27 %": 100 * float(np.mean(scaled <= 1)),
        "per cell, nominal 95.45 %": 100 * float(np.mean(scaled <= 2)),
        "joint, nominal 68.27 %": 100 * float(np.mean(joint <= chi2.ppf(2 * norm.cdf(1) - 1, CELLS))),
        "joint, nominal 95.45 %": 100 * float(np.mean(joint <= chi2.ppf(2 * norm.cdf(2) - 1, CELLS))),
        "mean error / % absolute": 100 * float(np.mean(deviation)),
        "mean width over the oracle's": float(np.mean(width) / np.mean(oracle)),
        "self-discharge of the reference, nominal 68.27 %": 100 * float(np.mean(lost <= 1)),
        "self-discharge of the reference, nominal 95.45 %": 100 * float(np.mean(lost <= 2)),
    }


def main() -> None:
    """Run and print one column of the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--branches", type=int, choices=(1, 2), default=1, help="2: the reference is discharged too")
    parser.add_argument("--self-discharge", action="store_true", help="the references discharge themselves")
    given = parser.parse_args()
    start = time.process_time()
    seeds = np.random.SeedSequence(given.seed).generate_state(-(-given.studies // BLOCK)).tolist()
    task = partial(block, branches=given.branches, self_discharge=given.self_discharge)
    with ProcessPoolExecutor() as pool:
        found = [study for some in pool.map(task, seeds) for study in some][: given.studies]
    print(f"seed {given.seed}, CPU of the parent {time.process_time() - start:.1f} s")
    for name, value in summary(found).items():
        print(f"| {name} | {value:.2f} |")


if __name__ == "__main__":
    main()
