"""A cell that does not belong is named, no other, and nobody where all belong: a small form of benchmarks/cycling/outliers.py."""

from __future__ import annotations

import numpy as np
import pytest

from cathodelab.analyses.outlying import NEVER_ENOUGH, critical_value, outlying_cells

STUDIES = 300


def _study(sizes: tuple[int, ...], random: np.random.Generator) -> tuple[np.ndarray, list[str]]:
    member = np.repeat(np.arange(len(sizes)), sizes)
    values = 178 + 5 * random.standard_normal(len(sizes))[member] + 3 * random.standard_normal(member.size)
    return values, [f"b{one}" for one in member]


@pytest.mark.parametrize(("sizes", "least"), [((3,) * 3, 0.93), ((3,) * 5, 0.93), ((9, 9), 0.93), ((2,) * 4, 0.85)])
def test_the_moved_cell_is_named_and_hardly_ever_another(sizes: tuple[int, ...], least: float) -> None:
    """Moved by ten times the scatter within batches, up or down; three binomial errors below and above."""
    random = np.random.default_rng(5)
    found = innocent = 0
    for _ in range(STUDIES):
        values, batch = _study(sizes, random)
        place = int(random.integers(values.size))
        values[place] += 30 * random.choice((-1, 1))
        named = outlying_cells(values, batch)
        found += place in named
        innocent += any(one != place for one in named)
    assert found / STUDIES > least - 3 * np.sqrt(least * (1 - least) / STUDIES)
    assert innocent / STUDIES < 0.04


@pytest.mark.parametrize("sizes", [(3,) * 3, (3,) * 17, (2,) * 4, (1, 1, 1, 6)])
def test_somebody_is_named_by_chance_in_a_twentieth_of_the_studies(sizes: tuple[int, ...]) -> None:
    """Within three binomial errors."""
    random = np.random.default_rng(6)
    named = sum(bool(outlying_cells(*_study(sizes, random))) for _ in range(STUDIES))
    assert abs(named / STUDIES - 0.05) < 3 * np.sqrt(0.05 * 0.95 / STUDIES)


def test_the_only_cell_of_a_batch_is_never_judged() -> None:
    """It may be its mixing run."""
    assert outlying_cells(np.array([10.0, 10.1, 9.9, 10.0, 60.0]), list("aaaab")) == ()
    assert outlying_cells(np.array([10.0, 11.0, 9.0, 60.0, 12.0]), list("abcde")) == ()
    assert outlying_cells(np.array([10.0, 10.1, 60.0, 9.9, 10.05, 9.95]), list("aaaabb")) == (2,)


def test_of_a_pair_the_cell_far_from_all_others_is_named() -> None:
    """The order of the cells does not matter, and a second one is named too."""
    values = np.array([88.0, 87.5, 58.0, 88.4, 90.1, 89.6, 87.0, 86.8])
    assert outlying_cells(values, list("aabbccdd")) == (2,)
    order = np.random.default_rng(1).permutation(8)
    assert outlying_cells(values[order], [list("aabbccdd")[i] for i in order]) == (int(np.flatnonzero(order == 2)[0]),)
    two = np.concatenate([values, [88.1, 87.2, 40.0, 87.6]])
    assert set(outlying_cells(two, list("aabbccddeeff"))) == {2, 10}


def test_cells_that_are_equal_or_too_few_name_nobody() -> None:
    """No scatter is no reason; nor are three cells."""
    assert outlying_cells(np.full(6, 80.0), list("aabbcc")) == ()
    assert outlying_cells(np.array([80.0, 80.0, 20.0]), list("aaa")) == ()


def test_no_design_has_a_critical_value_below_what_is_never_enough() -> None:
    """Small and large designs, both levels."""
    for sizes in ((2, 2), (4,), (1, 3), (9, 9), (3,) * 17, (2,) * 10, (30,)):
        assert NEVER_ENOUGH < critical_value(sizes, 0.05) < critical_value(sizes, 0.01)
