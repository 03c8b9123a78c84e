"""Hysteresis against self-discharge: is the utilization still right, and the leak's interval true?

python benchmarks/hysteresis.py --cells 225 --seed 11

References of the twin are titrated forth and back in pulses and rests; their open-circuit potentials of charge and discharge lie
apart by a constant hysteresis that turns over within 1 % of the charge, or within 10 % (minor loops), and they lose charge by
themselves. Every reference stands beside one solid-state cell of 60 to 100 % with the same hysteresis, on the charge branch.
Channels and masses are drawn from the stated errors. Writes ``hysteresis.md``. Not simulated: a hysteresis that grows with the
charge, and cells that are titrated on discharge.
"""

from __future__ import annotations

import argparse
import platform
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from twins import (  # beside this file
    CELL_RANGE_MA,
    CELL_UNCERTAINTY_MG,
    OFFSET_VOLT,
    REFERENCE_RANGE_MA,
    REFERENCE_UNCERTAINTY_MG,
    drawn_cell,
    drawn_reference,
    manifest,
    recorded,
)

from cathodelab.simulation.twin.protocols import pulse_titration, stepped_titration
from cathodelab.simulation.twin.solver import simulate
from cathodelab.techniques.utilization.method import static_utilization
from cathodelab.techniques.utilization.model import UtilizationSettings
from cathodelab.techniques.utilization.read import reference_from_record
from cathodelab.techniques.utilization.rests import titration_from_record

HYSTERESES_VOLT, LEAKS_MA_G, TURNS = (0.0, 0.005, 0.015, 0.030), (0.0, 0.03, 0.1), (0.01, 0.1)
TOGETHER = 25
_HEADS = (
    "hysteresis / mV",
    "turns within / %",
    "leak / mA/g",
    "bias / half-width",
    "held / %",
    "told / %",
    "leak: off / nA",
    "± / nA",
    "68 % / %",
    "95 % / %",
)


def evaluated(random: np.random.Generator, hysteresis: float, turn: float, leak: float, count: int) -> np.ndarray:
    """One row a cell: deviation of the utilization, its half-width, of the leak deviation / mA and half-widths of 68 and 95 %."""
    settings = UtilizationSettings()
    about = {"hysteresis_volt": hysteresis, "hysteresis_fraction": turn}
    references = [replace(drawn_reference(random), self_discharge_mA_g=leak, **about) for _ in range(count)]
    cells = [replace(drawn_cell(random), **about) for _ in range(count)]
    known = simulate(references, [pulse_titration(low_volt=3.45)] * count)
    records = simulate(cells, [stepped_titration()] * count)
    rows = []
    for one, record in zip(known, records, strict=True):
        reference = reference_from_record(recorded(one, random, REFERENCE_RANGE_MA), settings)
        weighed = one.cell.cam_mass_mg + REFERENCE_UNCERTAINTY_MG * float(random.standard_normal())
        mass = record.cell.cam_mass_mg + CELL_UNCERTAINTY_MG * float(random.standard_normal())
        result = static_utilization(
            manifest("c", mass, CELL_UNCERTAINTY_MG, OFFSET_VOLT),
            titration_from_record(recorded(record, random, CELL_RANGE_MA), settings),
            manifest("r", weighed, REFERENCE_UNCERTAINTY_MG, None),
            reference,
            settings,
            200.0,
        )
        theta, found = result.estimates.estimate("static_utilization"), reference.self_discharge
        said = (np.nan,) * 3
        if found is not None:
            said = (
                found.current_mA - leak * one.cell.cam_mass_mg * 1e-3,
                found.half_width_mA(),
                found.half_width_mA(0.95),
            )
        off = theta.value - record.cell.utilization
        rows.append((off, theta.minus if off > 0 else theta.plus, *said))
    return np.array(rows)


def line(random: np.random.Generator, hysteresis: float, turn: float, leak: float, count: int) -> str:
    """One row of the table."""
    parts = [
        evaluated(random, hysteresis, turn, leak, min(TOGETHER, count - first)) for first in range(0, count, TOGETHER)
    ]
    off, half, current, one, two = np.vstack(parts).T
    known = np.isfinite(current)
    numbers = [
        f"{np.mean(off) / np.mean(half):+.2f}",
        f"{100 * np.mean(np.abs(off) < half):.0f}",
        f"{100 * np.mean(known):.0f}",
    ]
    if known.any():
        numbers += [
            f"{1e6 * np.mean(current[known]):+.1f}",
            f"{1e6 * np.mean(one[known]):.1f}",
            f"{100 * np.mean(np.abs(current[known]) <= one[known]):.0f}",
            f"{100 * np.mean(np.abs(current[known]) <= two[known]):.0f}",
        ]
    else:
        numbers += ["–"] * 4
    return f"| {1e3 * hysteresis:g} | {100 * turn:g} | {leak:g} | {' | '.join(numbers)} |"


def main() -> None:
    """Run and write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cells", type=int, default=225)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".md"))
    given = parser.parse_args()
    random, begin = np.random.default_rng(given.seed), time.process_time()
    text = ""
    for hysteresis in HYSTERESES_VOLT:
        for turn in TURNS if hysteresis else TURNS[:1]:
            for leak in LEAKS_MA_G:
                text += line(random, hysteresis, turn, leak, given.cells) + "\n"
                given.out.write_text(_head(given, time.process_time() - begin) + text, encoding="utf-8")
    print(given.out.read_text(encoding="utf-8"))


def _head(given: argparse.Namespace, seconds: float) -> str:
    return f"""# Hysteresis against self-discharge

`python benchmarks/hysteresis.py --cells {given.cells} --seed {given.seed}`; {platform.machine()}, {seconds:.0f} s of CPU.

{given.cells} cells a row. Hysteresis is half the distance of the branches; it turns over within the stated share of the charge
(10 %: minor loops). The bias of the utilization is in its half-widths (68 %); "told": references of which both branches tell a
leak (of the others it is a range). Leak: mean deviation and mean half-width in nA (of 5.6 mg), and how often the intervals of 68
and 95 % hold it. Not simulated: a hysteresis that grows with the charge, and cells that are titrated on discharge.

| {" | ".join(_HEADS)} |
|{" --- |" * len(_HEADS)}
"""


if __name__ == "__main__":
    main()
