"""Cells that do not belong: is the moved one named, and nobody else?

python benchmarks/cycling/outliers.py --studies 1500 --seed 8

Utilizations of generated cells (178 %, standard deviations between batches 5 and within them 3 percentage points) go through
the study method ``batches`` as estimates; in each study one cell of a batch of two or more is moved by 30 percentage points, up
or down, or none is. Counted is what its table ``scatter`` names for the utilization. Writes ``outliers.md``.
"""

from __future__ import annotations

import argparse
import platform
import time
from pathlib import Path

import numpy as np

from cathodelab.analyses.batches.method import METHOD, BatchSettings
from cathodelab.core.estimate import Estimate, EstimateSet
from cathodelab.core.method import Finding, Findings
from cathodelab.core.samples import Cell
from cathodelab.core.sources import Source

MEAN, BETWEEN, WITHIN, MOVED = 178.0, 5.0, 3.0, 30.0
DESIGNS: dict[str, tuple[int, ...]] = {
    "3 batches of 3": (3,) * 3,
    "5 batches of 3": (3,) * 5,
    "17 batches of 3": (3,) * 17,
    "2 batches of 9": (9, 9),
    "4 batches of 2": (2,) * 4,
    "1, 1, 1 and 6 cells": (1, 1, 1, 6),
    "1, 1, 1, 1 and 5 cells": (1, 1, 1, 1, 5),
    "6 batches of 1": (1,) * 6,
}


def study(values: np.ndarray, sizes: tuple[int, ...]) -> Findings:
    """Cells of batches with a utilization each, as a study method is given them."""
    cells = [f"c{batch}-{number}" for batch, size in enumerate(sizes) for number in range(size)]
    samples, found = [], []
    for name, value in zip(cells, values, strict=True):
        batch = name.split("-")[0]
        cell = Cell(name, "cell", Estimate(10.0, 0.1, 0.1), "Li", Estimate(0.0), (), batch=batch)
        source = Source(f"{name}/mass", "mass", "standard")
        estimates = EstimateSet(
            ("static_utilization",), np.array([value / 100]), ("1",), ("",), ("",), (source,), np.array([[0.01]])
        )
        samples.append(cell)
        found.append(Finding(cell, estimates, (), lambda: None))
    return Findings(tuple(samples), {"utilization": tuple(found)})


def named(values: np.ndarray, sizes: tuple[int, ...]) -> set[int]:
    """Positions of the cells that the study's table names."""
    findings = study(values, sizes)
    result = METHOD.run(findings, BatchSettings())
    table = next(one for one in METHOD.tables(result) if one.name == "scatter")
    texts = [row["far out"] for row in table.records if row["metric"] == "static utilization"]
    known = {cell.id: place for place, cell in enumerate(findings.samples)}
    return {known[name] for text in texts for name in str(text or "").split(", ") if name}


def counted(sizes: tuple[int, ...], moved: float, studies: int, random: np.random.Generator) -> tuple[float, float]:
    """Shares of the studies in which the moved cell, and some other cell, is named."""
    member = np.repeat(np.arange(len(sizes)), sizes)
    judged = np.flatnonzero(np.array(sizes)[member] > 1)
    found = others = 0
    for _ in range(studies):
        values = (
            MEAN + BETWEEN * random.standard_normal(len(sizes))[member] + WITHIN * random.standard_normal(member.size)
        )
        place = int(random.choice(judged)) if moved and judged.size else -1
        if place >= 0:
            values[place] += moved * random.choice((-1, 1))
        said = named(values, sizes)
        found += place in said
        others += bool(said - {place})
    return found / studies, others / studies


def main() -> None:
    """Run and write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--studies", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".md"))
    given = parser.parse_args()
    random, begin = np.random.default_rng(given.seed), time.process_time()
    rows = []
    for name, sizes in DESIGNS.items():
        found, innocent = counted(sizes, MOVED, given.studies, random)
        _, anybody = counted(sizes, 0.0, given.studies, random)
        single = max(sizes) == 1
        shares = ["–", "–"] if single else [f"{100 * found:.1f}", f"{100 * innocent:.1f}"]
        rows.append(f"| {name} | {' | '.join(shares)} | {100 * anybody:.1f} |")
    limit = 300 * np.sqrt(0.05 * 0.95 / given.studies)
    begins = f"""# Cells that do not belong

`python benchmarks/cycling/outliers.py --studies {given.studies} --seed {given.seed}`; {platform.machine()}, \
{time.process_time() - begin:.0f} s of CPU.

{given.studies} generated studies a row, through the study method `batches` and its table `scatter`: utilizations with standard
deviations of {BETWEEN:g} between batches and {WITHIN:g} within them (percentage points). One cell of a batch of two or more is
moved by {MOVED:g} percentage points up or down, or none is. Three binomial standard errors of 5 % are ± {limit:.1f}. The only
cell of a batch is never judged.

| batches | moved cell named / % | another named beside / % | somebody named, nobody moved / % |
| --- | --- | --- | --- |
"""
    given.out.write_text(begins + "\n".join(rows) + "\n", encoding="utf-8")
    print(given.out.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
