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
import resource
import sys
from collections.abc import Sequence
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
from cathodelab.core.method import is_usable
from cathodelab.simulation.twin.instrument import Channel
from cathodelab.simulation.twin.model import TwinRecord
from cathodelab.simulation.twin.open_circuit import FULL_CHARGE_mAh_g, fraction, slope
from cathodelab.simulation.twin.protocols import pulse_titration, stepped_titration
from cathodelab.simulation.twin.solver import simulate
from cathodelab.techniques.utilization.branches import largest_self_discharge_mA
from cathodelab.techniques.utilization.method import static_utilization
from cathodelab.techniques.utilization.model import Titration, UtilizationResult, UtilizationSettings
from cathodelab.techniques.utilization.read import reference_from_record
from cathodelab.techniques.utilization.rests import titration_from_record

CELLS, BLOCK, TOGETHER = 3, 100, 4
ONE_SIGMA, TWO_SIGMA = (2 * float(norm.cdf(sigmas)) - 1 for sigmas in (1, 2))


@dataclass(frozen=True)
class Study:
    """Of each cell: deviation, half-widths on the side of the deviation, mean half-width, oracle's; joint chi-square.

    ``rejected``: cells of which a fatal check failed.

    ``half`` is for 68.27 %, ``double`` for 95.45 %: twice as much of all that has a distribution. ``self_discharge`` says whether
    the interval of the reference's current holds it at both levels; one branch states a range, without a level.
    """

    deviation: tuple[float, ...]
    half: tuple[float, ...]
    double: tuple[float, ...]
    width: tuple[float, ...]
    oracle: tuple[float, ...]
    joint: float
    self_discharge: tuple[bool, bool]
    rejected: int


def block(
    seed: int, studies: int = BLOCK, *, branches: int = 1, self_discharge: bool = False, weighing: float = 1.0
) -> list[Study]:
    """Some studies of one stream of numbers. ``weighing``: factor on both uncertainties."""
    return blocks([seed], studies, branches=branches, self_discharge=self_discharge, weighing=weighing)


def blocks(
    seeds: Sequence[int],
    studies: int = BLOCK,
    *,
    branches: int = 1,
    self_discharge: bool = False,
    weighing: float = 1.0,
) -> list[Study]:
    """The blocks of several streams: the twin runs all cells of a protocol together, which is cheaper."""
    streams = [np.random.default_rng(seed) for seed in seeds]
    references, cells = [], []
    for random in streams:
        references += [drawn_reference(random, self_discharge=self_discharge) for _ in range(studies)]
        cells += [drawn_cell(random) for _ in range(studies * CELLS)]
    protocol = pulse_titration(low_volt=3.45 if branches == 2 else None)
    known = simulate(references, [protocol] * len(references))
    records = simulate(cells, [stepped_titration()] * len(cells))
    return [
        _study(streams[number // studies], known[number], records[number * CELLS : (number + 1) * CELLS], weighing)
        for number in range(len(known))
    ]


def _study(
    random: np.random.Generator, known: TwinRecord, records: tuple[TwinRecord, ...], weighing: float = 1.0
) -> Study:
    settings = UtilizationSettings()
    of_reference, of_cell = weighing * REFERENCE_UNCERTAINTY_MG, weighing * CELL_UNCERTAINTY_MG
    reference = reference_from_record(recorded(known, random, REFERENCE_RANGE_MA), settings)
    weighed = known.cell.cam_mass_mg + of_reference * float(random.standard_normal())
    reference_cell = manifest("liquid", weighed, of_reference, None)
    found: list[UtilizationResult] = []
    oracles = []
    for number, record in enumerate(records):
        mass = record.cell.cam_mass_mg + of_cell * float(random.standard_normal())
        cell = manifest(f"ssb-{number}", mass, of_cell, OFFSET_VOLT)
        titration = titration_from_record(recorded(record, random, CELL_RANGE_MA), settings)
        found.append(static_utilization(cell, titration, reference_cell, reference, settings, 200.0))
        used = found[-1].comparison.used > 0
        oracles.append(oracle_standard(record, known, titration, used, weighing))
    ones = [result.estimates.estimate("static_utilization") for result in found]
    truth = np.array([record.cell.utilization for record in records])
    deviation = np.array([one.value for one in ones]) - truth
    matrix = covariance([result.estimates for result in found], "static_utilization")
    half = np.array([one.minus if off > 0 else one.plus for one, off in zip(ones, deviation, strict=True)])
    ranges = np.array([_range(result, off) for result, off in zip(found, deviation, strict=True)])
    return Study(
        deviation=tuple(deviation.tolist()),
        half=tuple(half.tolist()),
        double=tuple((2 * half - ranges).tolist()),
        width=tuple((one.minus + one.plus) / 2 for one in ones),
        oracle=tuple(oracles),
        joint=float(deviation @ np.linalg.solve(matrix, deviation)),
        self_discharge=_holds_self_discharge(known, reference, settings),
        rejected=sum(not is_usable(result.checks) for result in found),
    )


def _range(result: UtilizationResult, off: float) -> float:
    """What the half-width on the side of the deviation owes to sources without a distribution."""
    effects = np.array(list(result.estimates.effect("static_utilization").values()))
    ranges = np.array([source.kind == "range" for source in result.estimates.sources])
    return float(np.abs(np.sum(effects[ranges & (effects * off < 0)])))


def _holds_self_discharge(known: TwinRecord, reference: Titration, settings: UtilizationSettings) -> tuple[bool, bool]:
    truth = known.cell.self_discharge_mA_g * known.cell.cam_mass_mg * 1e-3
    found = reference.self_discharge
    if found is None:
        inside = truth <= largest_self_discharge_mA(reference, settings)
        return inside, inside
    off = abs(found.current_mA - truth)
    return off <= found.half_width_mA(), off <= found.half_width_mA(TWO_SIGMA)


def oracle_standard(
    record: TwinRecord, known: TwinRecord, titration: Titration, used: np.ndarray, weighing: float = 1.0
) -> float:
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
        (scale, weighing * CELL_UNCERTAINTY_MG / cell.cam_mass_mg),
        (scale, weighing * REFERENCE_UNCERTAINTY_MG / known.cell.cam_mass_mg),
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
    double = np.array([one.double for one in studies])
    lost = np.array([one.self_discharge for one in studies])
    return {
        "studies": float(len(studies)),
        "per cell, nominal 68.27 %": 100 * float(np.mean(np.abs(deviation) <= half)),
        "per cell, nominal 95.45 %": 100 * float(np.mean(np.abs(deviation) <= double)),
        "joint, nominal 68.27 %": 100 * float(np.mean(joint <= chi2.ppf(ONE_SIGMA, CELLS))),
        "joint, nominal 95.45 %": 100 * float(np.mean(joint <= chi2.ppf(TWO_SIGMA, CELLS))),
        "rejected by a fatal check / %": 100 * float(np.mean([one.rejected for one in studies])) / CELLS,
        "mean error / % absolute": 100 * float(np.mean(deviation)),
        "mean width over the oracle's": float(np.mean(width) / np.mean(oracle)),
        "self-discharge of the reference, nominal 68.27 %": 100 * float(np.mean(lost[:, 0])),
        "self-discharge of the reference, nominal 95.45 %": 100 * float(np.mean(lost[:, 1])),
    }


def main() -> None:
    """Run and print one column of the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--branches", type=int, choices=(1, 2), default=1, help="2: the reference is discharged too")
    parser.add_argument("--self-discharge", action="store_true", help="the references discharge themselves")
    parser.add_argument("--weighing", type=float, default=1.0, help="factor on the uncertainties of the masses")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    given = parser.parse_args()
    seeds = np.random.SeedSequence(given.seed).generate_state(-(-given.studies // BLOCK)).tolist()
    together = [seeds[i : i + TOGETHER] for i in range(0, len(seeds), TOGETHER)]
    task = partial(blocks, branches=given.branches, self_discharge=given.self_discharge, weighing=given.weighing)
    found: list[Study] = []
    with ProcessPoolExecutor(given.jobs) as pool:
        for some in pool.map(task, together):
            found = [*found, *some][: given.studies]
            print(" ".join(f"{value:.2f}" for value in summary(found).values()), file=sys.stderr, flush=True)
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"seed {given.seed}, CPU {spent.ru_utime + spent.ru_stime:.0f} s")
    for name, value in summary(found).items():
        print(f"| {name} | {value:.2f} |")


if __name__ == "__main__":
    main()
