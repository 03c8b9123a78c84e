"""CPU time of drawing the utilizations of many cells together, and how far linear draws are from evaluating every draw anew.

python benchmarks/draws.py
"""

from __future__ import annotations

import time

import numpy as np
from twins import CELL_RANGE_MA, OFFSET_VOLT, REFERENCE_RANGE_MA, drawn_cell, drawn_reference, manifest, recorded

from cathodelab.core.draws import source_draws
from cathodelab.core.estimate import joint_draws
from cathodelab.core.sources import SQRT3
from cathodelab.simulation.twin.protocols import pulse_titration, stepped_titration
from cathodelab.simulation.twin.solver import simulate
from cathodelab.techniques.utilization.fit import joint_fit
from cathodelab.techniques.utilization.method import static_utilization
from cathodelab.techniques.utilization.model import UtilizationResult, UtilizationSettings
from cathodelab.techniques.utilization.read import reference_from_record
from cathodelab.techniques.utilization.rests import titration_from_record

CELLS, DRAWS, EVALUATED = 51, 10_000, 200


def results(seed: int) -> list[UtilizationResult]:
    """Fifty-one cells on one reference."""
    random, settings = np.random.default_rng(seed), UtilizationSettings()
    known = simulate([drawn_reference(random)], [pulse_titration()])[0]
    reference = reference_from_record(recorded(known, random, REFERENCE_RANGE_MA), settings)
    liquid = manifest("liquid", known.cell.cam_mass_mg, 0.05, None)
    cells = [drawn_cell(random) for _ in range(CELLS)]
    found = []
    for number, record in enumerate(simulate(cells, [stepped_titration()] * CELLS)):
        cell = manifest(f"ssb-{number}", record.cell.cam_mass_mg, 0.1, OFFSET_VOLT)
        titration = titration_from_record(recorded(record, random, CELL_RANGE_MA), settings)
        found.append(static_utilization(cell, titration, liquid, reference, settings, 200.0))
    return found


def evaluated(result: UtilizationResult, count: int) -> np.ndarray:
    """The same draws, but the whole fit for each of them."""
    values = []
    for number in range(count):
        moved = result.comparison
        for one in result.sources:
            k = float(source_draws(one.source.id, one.source.kind, DRAWS)[number])
            moved = one.apply(moved, k if one.source.kind == "standard" else k / SQRT3)
        values.append(joint_fit(moved).utilization)
    return np.array(values)


def main() -> None:
    """Print the figures."""
    found = results(20261122)
    sets = [result.estimates for result in found]
    source_draws.cache_clear()
    start = time.process_time()
    drawn = joint_draws(sets, "static_utilization", DRAWS)
    spent = time.process_time() - start
    exact = evaluated(found[0], EVALUATED)
    off = np.abs(drawn[:EVALUATED, 0] - exact)
    print(f"| {CELLS} cells x {DRAWS} draws, CPU / s | {spent:.2f} |")
    print(f"| largest difference of {EVALUATED} draws to the whole fit / % absolute | {100 * off.max():.4f} |")
    print(f"| standard deviation of the draws / % absolute | {100 * drawn[:, 0].std():.3f} |")


if __name__ == "__main__":
    main()
