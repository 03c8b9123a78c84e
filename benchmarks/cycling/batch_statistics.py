"""Hand against machine, a thousand times: do the batches' statistics say what was set?

python benchmarks/cycling/batch_statistics.py --repetitions 1000 --seed 20261122

A hierarchical generator draws utilization and active capacity of batches and cells, divides both by a mass that was weighed
with 0.1 mg on 12 mg, and evaluates them with the house's statistics. Writes the table ``batch_statistics.md``.
"""

from __future__ import annotations

import argparse
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cathodelab.analyses.correlation import SharedErrors, correlation
from cathodelab.analyses.variance import mean_of_batches, variance_components

WEIGHING = 0.1 / 12
THETA_NOISE = 0.004
RATES = ("0.1C", "0.3C", "1C")
ACTIVE = {"0.1C": (201.4, 0.5, 1.0), "0.3C": (184.2, 2.5, 3.0), "1C": (151.5, 8.0, 5.0)}
"""Active capacity at each rate: mean, scatter between batches, scatter within (mAh/g; means as printed)."""
PROCEDURES = {"hand": (0.884, 0.045, 0.012), "machine": (0.891, 0.010, 0.007)}
"""Utilization: mean, scatter between batches, scatter within."""

_FOUND = ("inside null band", "observed r (median)", "corrected r (median)", "true r", "corrected r exists")


@dataclass(frozen=True)
class Design:
    """Batches of each procedure and cells of each batch."""

    name: str
    batches: dict[str, int]
    cells: int


DESIGNS = (
    Design("3 + 3 batches x 3 cells (the source)", {"hand": 3, "machine": 3}, 3),
    Design("6 batches x 9 cells", {"hand": 6, "machine": 6}, 9),
    Design("17 batches x 3 cells", {"hand": 17, "machine": 17}, 3),
)


@dataclass(frozen=True, eq=False)
class Drawn:
    """One generated study of one procedure: measured utilization and gross capacities, names of batches, true values."""

    theta: np.ndarray
    gross: dict[str, np.ndarray]
    batch: list[str]


def drawn(procedure: str, batches: int, cells: int, random: np.random.Generator, *, related: bool) -> Drawn:
    """Generate; not ``related``: gross capacity does not know the utilization (its scatter is that of the related one)."""
    count = batches * cells
    mean, between, within = PROCEDURES[procedure]

    def scattered(centre: float, one: float, other: float) -> np.ndarray:
        return centre + np.repeat(one * random.standard_normal(batches), cells) + other * random.standard_normal(count)

    theta, mass = scattered(mean, between, within), WEIGHING * random.standard_normal(count)
    other_theta = theta if related else scattered(mean, between, within)
    gross = {rate: other_theta * scattered(*ACTIVE[rate]) * (1 - mass) for rate in RATES}
    measured = theta * (1 - mass) + THETA_NOISE * random.standard_normal(count)
    return Drawn(measured, gross, [f"{procedure}-{i // cells}" for i in range(count)])


def true_scatter(procedure: str, rate: str) -> tuple[float, float]:
    """Standard deviations of gross capacity between and within batches: a product of independent factors, and the mass."""
    (mean, between, within), (centre, one, other) = PROCEDURES[procedure], ACTIVE[rate]
    square_between = (mean * one) ** 2 + (centre * between) ** 2 + (one * between) ** 2
    total = (mean**2 + between**2 + within**2) * (centre**2 + one**2 + other**2) - (mean * centre) ** 2
    moment = total + (mean * centre) ** 2
    return float(np.sqrt(square_between)), float(np.sqrt(total - square_between + moment * WEIGHING**2))


def true_correlation(procedure: str, rate: str) -> float:
    """Of utilization and gross capacity without weighing: Cov(x, x a) / sd sd with independent x and a."""
    (mean, between, within), (centre, one, other) = PROCEDURES[procedure], ACTIVE[rate]
    x, a = between**2 + within**2, one**2 + other**2
    return float(centre * np.sqrt(x) / np.sqrt((mean**2 + x) * (centre**2 + a) - (mean * centre) ** 2))


def shared(one: Drawn, rate: str) -> SharedErrors:
    """What the budget knows of each cell's errors."""
    x, y = WEIGHING * one.theta, WEIGHING * one.gross[rate]
    return SharedErrors(x**2 + THETA_NOISE**2, y**2, x * y)


def coverage(design: Design, repetitions: int, random: np.random.Generator) -> list[list[str]]:
    """How often the intervals of both components and of the mean hold what was set."""
    rows = []
    for procedure, batches in design.batches.items():
        for rate in ("0.1C", "1C"):
            between, within = true_scatter(procedure, rate)
            mean = PROCEDURES[procedure][0] * ACTIVE[rate][0]
            held = np.zeros(3)
            for _ in range(repetitions):
                one = drawn(procedure, batches, design.cells, random, related=True)
                found = variance_components(one.gross[rate], one.batch)
                held += [found.sd_within.holds(within), found.sd_between.holds(between), found.mean.holds(mean)]
            rows.append(
                [
                    design.name,
                    procedure,
                    rate,
                    f"{within:.2f}",
                    f"{between:.2f}",
                    *(f"{x:.3f}" for x in held / repetitions),
                ]
            )
    return rows


def means(design: Design, repetitions: int, random: np.random.Generator) -> list[list[str]]:
    """How often the interval of the mean holds what was set, with many more repetitions (Student's t over batch means)."""
    rows = []
    for procedure, batches in design.batches.items():
        for rate in ("0.1C", "1C"):
            mean = PROCEDURES[procedure][0] * ACTIVE[rate][0]
            held = 0
            for _ in range(repetitions):
                one = drawn(procedure, batches, design.cells, random, related=True)
                held += mean_of_batches(one.gross[rate].reshape(batches, -1).mean(axis=1)).holds(mean)
            rows.append([design.name, procedure, rate, str(batches - 1), f"{held / repetitions:.4f}"])
    return rows


def correlations(design: Design, procedure: str, repetitions: int, random: np.random.Generator) -> list[list[str]]:
    """Observed inside the null band without true correlation; corrected against the true one with it."""
    rows = []
    count = design.batches[procedure]
    for rate in RATES:
        inside, observed, corrected = 0, [], []
        for _ in range(repetitions):
            null = drawn(procedure, count, design.cells, random, related=False)
            inside += not correlation(null.theta, null.gross[rate], null.batch, shared(null, rate)).beyond_null
            one = drawn(procedure, count, design.cells, random, related=True)
            found = correlation(one.theta, one.gross[rate], one.batch, shared(one, rate))
            observed.append(found.observed)
            corrected.append(found.corrected)
        rows.append(
            [
                design.name, procedure, rate, f"{inside / repetitions:.3f}", f"{np.median(observed):.3f}",
                f"{np.nanmedian(corrected):.3f}", f"{true_correlation(procedure, rate):.3f}",
                f"{np.mean(np.isfinite(corrected)):.3f}",
            ]
        )  # fmt: skip
    return rows


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    """Run and write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--repetitions", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".md"))
    given = parser.parse_args()
    random = np.random.default_rng(given.seed)
    limit = 3 * np.sqrt(0.95 * 0.05 / given.repetitions)
    cover = [row for design in DESIGNS for row in coverage(design, given.repetitions, random)]
    related = [
        row
        for design in DESIGNS
        for procedure in design.batches
        for row in correlations(design, procedure, given.repetitions, random)
    ]
    often = 10 * given.repetitions
    centred = [row for design in DESIGNS for row in means(design, often, random)]
    command = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    text = f"""# Statistics of batches against what was set

`python benchmarks/cycling/batch_statistics.py --repetitions {given.repetitions} --seed {given.seed}` at {commit}.

Coverage of 95 % intervals; three binomial standard errors are ± {limit:.4f}. Standard deviations in mAh/g; the one within
holds the weighing.

{table(("design", "procedure", "rate", "set within", "set between", "within held", "between held", "mean held"), cover)}

The mean's interval again, {often} repetitions each (three binomial standard errors are ± {limit / np.sqrt(10):.4f}); degrees of
freedom are those of the batch means:

{table(("design", "procedure", "rate", "degrees of freedom", "mean held"), centred)}

Correlation of gross capacity and utilization; where utilization scatters hardly more than its error, few of the corrected
values exist and their median says little. Inside the null band: studies without true correlation (95 % wanted).

{table(("design", "procedure", "rate", *_FOUND), related)}
"""
    given.out.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
