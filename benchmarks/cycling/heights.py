"""Do the intervals of the heights of dQ/dV features hold the truth, however a cell was logged?

python benchmarks/cycling/heights.py --tests 60 --seed 5

Generated tests (four cycles at 0.1C) with noise of the potentials and different numbers of rows; the true height is the largest
derivative of the generator's own curve. Writes ``heights.md``.
"""

from __future__ import annotations

import argparse
import platform
import time
from pathlib import Path

import numpy as np

from cathodelab.core.estimate import Estimate
from cathodelab.core.records import CyclingRecord
from cathodelab.core.samples import Cell
from cathodelab.techniques.cycling.features import RESOLVED
from cathodelab.techniques.cycling.method import cycling_metrics
from cathodelab.techniques.cycling.model import CyclingSettings
from cathodelab_validation.cycler import CyclingTruth, Recording, cycles_of, cycling_columns, equilibrium_charge

NEAR = {"H1-M": 3.74, "M-H2": 4.01, "H2-H3": 4.19}
CASES = ((1e-5, 400), (1e-4, 100), (1e-4, 400), (3e-4, 400), (3e-4, 1500), (1e-3, 200), (1e-3, 800))


def true_heights(truth: CyclingTruth) -> dict[str, float]:
    """Largest dQ/dV near each feature, mAh/V."""
    grid = np.linspace(2.6, 4.6, 200_001)
    charge = equilibrium_charge(grid, truth.peaks) * truth.cam_mass_mg * 1e-3 * truth.utilization
    density = np.gradient(charge, grid)
    return {name: float(density[np.abs(grid - volt) < 0.04].max()) for name, volt in NEAR.items()}


def lines(tests: int, seed: int) -> str:
    """Rows of the table."""
    cell = Cell(
        "a", "cell", Estimate(10, 0.1, 0.1, "mg"), "In/InLi", Estimate(0.62, 0.0, 0.0, "V"), ("a",),
        details={"cam_name": "NCM85"},
    )  # fmt: skip
    truth, text = CyclingTruth(), ""
    heights = true_heights(truth)
    for noise, rows in CASES:
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in NEAR}
        for number in range(tests):
            random = np.random.default_rng((seed, number))
            columns = cycling_columns(truth, cycles_of((0.1,) * 4), Recording(rows, noise), random)
            table = cycling_metrics(cell, CyclingRecord(**columns), CyclingSettings(), 200.0).features
            for row, name in enumerate(table.feature):
                if name in NEAR and table.status[row] == RESOLVED:
                    found[name].append((float(table.height_mAh_V[row]), float(table.height_standard_mAh_V[row])))
        for name, values in found.items():
            height, standard = np.array(values).T
            off = height - heights[name]
            share = 100 / heights[name]
            within = [100 * np.mean(np.abs(off) < k * standard) for k in (1, 2)]
            text += (
                f"| {1e3 * noise:g} | {rows} | {name} | {off.size} | {within[0]:.0f} | {within[1]:.0f} | "
                f"{share * off.mean():+.2f} | {share * off.std():.2f} | {share * standard.mean():.2f} |\n"
            )
    return text


def main() -> None:
    """Run and write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tests", type=int, default=60)
    parser.add_argument("--seed", type=int, default=5)
    given, begin = parser.parse_args(), time.process_time()
    rows = lines(given.tests, given.seed)
    head = f"""# Heights of dQ/dV features

`python benchmarks/cycling/heights.py --tests {given.tests} --seed {given.seed}`; {platform.machine()}, \\
{time.process_time() - begin:.0f} s of CPU. {given.tests} tests of four cycles a row, charge and discharge together. What is
left of smoothing is stated as large as the last correction or larger: intervals are wide where noise asks for much smoothing.

| noise / mV | rows a half cycle | feature | n | in 68 % / % | in 95 % / % | mean off / % | scatter / % | claimed / % |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
"""
    Path(__file__).with_suffix(".md").write_text(head + rows, encoding="utf-8")


if __name__ == "__main__":
    main()
