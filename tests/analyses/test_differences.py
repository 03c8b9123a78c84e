"""Differences of cells with shared errors: what is common cancels, and 95 % of the intervals hold the truth at every level."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from cathodelab.analyses.differences import Compared, Difference, difference
from cathodelab.core.estimate import EstimateSet
from cathodelab.core.sources import Source

OWN, REFERENCE, STUDIES = 0.010, 0.030, 600


def _cell(name: str, composite: str, value: float, reference: str = "ref") -> Compared:
    sources = Source(f"{name}/mass", "mass", "standard"), Source(f"{reference}/mass", "reference", "standard")
    effects = np.array([[OWN, REFERENCE * value]])
    return Compared(composite, EstimateSet(("theta",), np.array([value]), ("1",), ("",), ("",), sources, effects))


def _study(
    random: np.random.Generator, sides: tuple[tuple[int, ...], tuple[int, ...]], between: float, within: float
) -> Difference:
    """Equal samples of 80 %: composites and cells scatter, every cell has its own error, all share that of the reference."""
    common = 1 + REFERENCE * random.standard_normal()
    made = []
    for side, sizes in enumerate(sides):
        cells = []
        for number, size in enumerate(sizes):
            composite = 0.8 + between * random.standard_normal()
            for place in range(size):
                true = composite + within * random.standard_normal()
                value = (true + OWN * random.standard_normal()) * common
                cells.append(_cell(f"{side}-{number}-{place}", f"{side}-{number}", value))
        made.append(cells)
    return difference(made[0], made[1], "theta")


@pytest.mark.parametrize(
    ("sides", "between", "within", "level"),
    [
        (((3, 3, 3), (3, 3, 3)), 0.05, 0.01, "samples"),
        (((2, 3), (1, 3, 2, 2)), 0.02, 0.02, "samples"),
        (((3,), (4,)), 0.0, 0.02, "composites"),
        (((1, 3), (2,)), 0.0, 0.01, "composites"),
        (((1,), (1,)), 0.0, 0.0, "cells"),
    ],
)
def test_the_interval_holds_the_truth_in_95_per_cent(
    sides: tuple[tuple[int, ...], tuple[int, ...]], between: float, within: float, level: str
) -> None:
    """Within 99.9 % binomial limits (upwards wider: Welch's degrees of freedom are cautious with few composites)."""
    random = np.random.default_rng(6)
    found = [_study(random, sides, between, within) for _ in range(STUDIES)]
    assert {one.level for one in found} == {level}
    held = sum(one.low <= 0 <= one.high for one in found)
    assert binom.ppf(5e-4, STUDIES, 0.95) <= held
    assert held <= binom.ppf(1 - 5e-4, STUDIES, 0.95) or level == "samples"


def test_what_a_reference_gives_both_sides_cancels_and_what_it_gives_one_stays() -> None:
    """0.2 of difference keep 3 % of themselves; with two references both of 3 % are there."""
    first, second = _cell("a", "x", 0.9), _cell("b", "y", 0.7)
    same = difference([first], [second], "theta")
    assert same.shared == pytest.approx(REFERENCE * 0.2)
    assert same.high - same.value == pytest.approx(1.96 * np.sqrt(2 * OWN**2 + (REFERENCE * 0.2) ** 2), rel=1e-3)
    other = difference([first], [_cell("b", "y", 0.7, "other")], "theta", 100.0)
    whole = 100 * np.sqrt(2 * OWN**2 + REFERENCE**2 * (0.9**2 + 0.7**2))
    assert other.high - other.value == pytest.approx(1.96 * whole, rel=1e-3)
    assert other.value == pytest.approx(20.0)


def test_composites_are_the_units_and_not_cells() -> None:
    """A composite of many cells counts once; its cells do not make the interval smaller than composites allow."""
    first = [_cell(f"a{i}", "x", 0.8) for i in range(9)] + [_cell("a9", "y", 0.6)]
    second = [_cell("b0", "z", 0.7), _cell("b1", "w", 0.7)]
    found = difference(first, second, "theta")
    assert found.value == pytest.approx(0.0)
    assert (found.level, found.composites, found.cells) == ("samples", (2, 2), (10, 2))
    assert found.high > 0.5
    assert not found.is_shown
