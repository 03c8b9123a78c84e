"""Do windows that agree pass, and windows that do not fail? Potentials that scatter by 0.1 to 4 mV.

python benchmarks/windows.py --cells 4000 --seed 7

Cells of 60 to 100 % with five to seven relaxed potentials go through the method ``static_utilization``; every potential has
an error of its own. "stated": normal, with the standard uncertainty that the record gives it. "from the rests": each rest still
moves at its end, and what is left of the relaxation lies anywhere between nothing and slope x rest x factor. Unbiased cells have
one utilization; of the others the windows above the middle hold ten percentage points less. Writes ``windows.md``.
"""

from __future__ import annotations

import argparse
import platform
import time
from pathlib import Path

import numpy as np

from cathodelab.core.estimate import Estimate
from cathodelab.core.samples import Cell
from cathodelab.techniques.utilization.method import static_utilization
from cathodelab.techniques.utilization.model import Titration, UtilizationSettings

REFERENCE_MG, CELL_MG, OFFSET_VOLT, REST_SECOND = 5.0, 10.0, 0.62, 86_400.0
SCATTERS_VOLT, LOST = (1e-4, 3e-4, 1e-3, 2e-3, 4e-3), 0.10


def charge(volt: np.ndarray) -> np.ndarray:
    """mAh/g at a potential vs. Li+/Li: smooth, rising, curved."""
    return np.asarray(220 * (volt - 3.45) + 25 * np.sin(6 * (volt - 3.45)) + 4 * np.sin(11 * volt))


def sample(role: str, mass: float) -> Cell:
    """Masses are exact: they move all windows together."""
    solid = role == "cell"
    offset = Estimate(OFFSET_VOLT, 0.004, 0.004, "V") if solid else Estimate(0.0, 0.0, 0.0, "V")
    return Cell(role, role, Estimate(mass, 0.001, 0.001, "mg"), "In/InLi" if solid else "Li", offset, ("x",))  # type: ignore[arg-type]


def titration(volt: np.ndarray, charge_mAh: np.ndarray, slope: np.ndarray, noise: float = 0.0) -> Titration:
    """Relaxed points with rests of a day."""
    size = volt.size
    return Titration(
        potential_volt=volt,
        charge_mAh=charge_mAh,
        potential_noise_volt=np.full(size, noise),
        slope_volt_per_second=slope,
        slope_noise_volt_per_second=np.full(size, 1e-9),
        rest_second=np.full(size, REST_SECOND),
        polarization_second=np.linspace(3600, 3600 * size, size),
        pulse_mA=np.full(size, 0.1),
        pulse_second=np.full(size, 3600.0),
        elapsed_hour=25.0 * np.arange(1, size + 1),
    )


def flagged(random: np.random.Generator, scatter: float, lost: float, *, stated: bool) -> bool:
    """Whether the check ``windows_agree`` fails for one cell."""
    settings = UtilizationSettings()
    grid = np.linspace(3.45, 4.25, 120)
    reference = titration(grid, charge(grid) * REFERENCE_MG * 1e-3, np.zeros(grid.size))
    count = int(random.integers(5, 8))
    volt = np.linspace(3.6, 4.12, count) + random.uniform(-0.02, 0.02, count)
    theta = random.uniform(0.6, 1.0)
    share = np.where(volt[1:] > np.median(volt), theta - lost, theta)
    held = np.concatenate([[0.0], np.cumsum(share * np.diff(charge(volt)))]) * CELL_MG * 1e-3
    slope = np.zeros(count)
    if stated:
        seen = volt + scatter * random.standard_normal(count)
    else:
        limit = np.sqrt(12) * scatter * random.uniform(0.5, 1.5, count)
        slope = -limit / (REST_SECOND * settings.relaxation_factor_cell)
        seen = volt + limit * random.uniform(0, 1, count)
    cell = titration(seen - OFFSET_VOLT + 0.004 * random.standard_normal(), held, slope, scatter if stated else 0.0)
    result = static_utilization(
        sample("cell", CELL_MG), cell, sample("reference", REFERENCE_MG), reference, settings, 200.0
    )
    return next(one for one in result.checks if one.name == "windows_agree").passed is False


def main() -> None:
    """Run and write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cells", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".md"))
    given = parser.parse_args()
    random, begin, rows = np.random.default_rng(given.seed), time.process_time(), []
    each = given.cells // len(SCATTERS_VOLT)
    for stated, name in ((True, "stated"), (False, "from the rests")):
        total = 0
        for scatter in SCATTERS_VOLT:
            false = sum(flagged(random, scatter, 0.0, stated=stated) for _ in range(each))
            true = sum(flagged(random, scatter, LOST, stated=stated) for _ in range(each // 4))
            total += false
            rows.append(f"| {name} | {1e3 * scatter:g} | {100 * false / each:.1f} | {400 * true / each:.0f} |")
        rows.append(f"| {name} | all | {100 * total / (each * len(SCATTERS_VOLT)):.1f} | |")
    text = f"""# Windows that agree and windows that do not

`python benchmarks/windows.py --cells {given.cells} --seed {given.seed}`; {platform.machine()}, \\
{time.process_time() - begin:.0f} s of CPU.

{each} unbiased cells a row, a quarter as many whose upper windows hold {100 * LOST:g} percentage points less; five to seven
relaxed potentials between 3.6 and 4.12 V. The check `windows_agree` is to fail in 5 % of the unbiased cells.

| error of each potential | / mV | unbiased, flagged / % | differ by {100 * LOST:g} points, flagged / % |
| --- | --- | --- | --- |
"""
    given.out.write_text(text + "\n".join(rows) + "\n", encoding="utf-8")
    print(given.out.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
