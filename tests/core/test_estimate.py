"""Estimates, budgets and covariances."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cathodelab.core.estimate import EstimateSet, covariance
from cathodelab.core.sources import Source


def _set(effects: list[list[float]], sources: list[Source], **more: object) -> EstimateSet:
    n = len(effects)
    names = tuple(f"x{i}" for i in range(n))
    return EstimateSet(names, np.arange(n), ("1",) * n, ("",) * n, ("",) * n, tuple(sources), np.array(effects), **more)  # type: ignore[arg-type]


SHARED = Source("reference/mass", "weighing of the reference", "standard")


def test_half_widths_are_the_root_sum_of_squares_of_the_effects() -> None:
    """3 and 4 make 5."""
    one = _set([[3.0, 4.0]], [SHARED, Source("a/mass", "weighing", "standard")]).estimate("x0")
    assert (one.minus, one.plus, one.level) == (5.0, 5.0, 0.683)


def test_one_sided_sources_widen_only_their_side() -> None:
    """An effect that can only raise the value leaves the lower half-width alone."""
    one = _set([[3.0, 4.0]], [SHARED, Source("a/relaxation", "relaxation", "one-sided limit")]).estimate("x0")
    assert (one.minus, one.plus) == (3.0, 5.0)


def test_half_widths_without_weighing_keep_their_sides() -> None:
    """Masses are left out, one-sided sources stay on their side."""
    sources = [SHARED, Source("a/noise", "noise", "standard"), Source("a/relaxation", "relaxation", "one-sided limit")]
    found = _set([[5.0, 3.0, -4.0]], sources)
    assert found.half_widths_without("x0", "/mass") == (5.0, 3.0)
    linear = _set([[5.0, 3.0, -4.0]], sources, combination="linear")
    assert linear.half_widths_without("x0", "/mass") == (pytest.approx(3 + 4 * math.sqrt(3)), 3.0)


@pytest.mark.parametrize("combination", ["quadrature", "linear", "drawn"])
def test_a_range_comes_on_top_of_what_has_a_distribution(combination: str) -> None:
    """0 to 4 upwards, with 3 of scatter at either end; the covariance holds the far end."""
    sources = [SHARED, Source("a/lost", "self-discharge", "range")]
    found = _set([[3.0, 4.0]], sources, combination=combination)
    one = found.estimate("x0")
    assert (one.minus, one.plus) == (pytest.approx(3.0, rel=0.03), pytest.approx(7.0, rel=0.03))
    np.testing.assert_allclose(covariance([found], "x0"), [[25.0]])


def test_worst_case_adds_the_whole_limits() -> None:
    """Linear sums use the limit itself, not its standard uncertainty."""
    sources = [SHARED, Source("a/gain", "instrument", "limit")]
    one = _set([[1.0, 1.0]], sources, combination="linear").estimate("x0")
    assert one.plus == pytest.approx(1 + math.sqrt(3))
    assert math.isnan(one.level)


def test_shared_sources_correlate_samples_and_own_sources_do_not() -> None:
    """The covariance of two samples is the product of their effects of what they share."""
    a = _set([[2.0, 1.0]], [SHARED, Source("a/mass", "weighing", "standard")])
    b = _set([[3.0, 1.0]], [SHARED, Source("b/mass", "weighing", "standard")])
    np.testing.assert_allclose(covariance([a, b], "x0"), [[5.0, 6.0], [6.0, 10.0]])


def test_a_shared_one_sided_source_counts_with_half_its_mean_square() -> None:
    """The diagonal is the mean of the squared half-widths, and the same part of the product is common to both."""
    shared = Source("reference/relaxation", "relaxation", "one-sided limit")
    a = _set([[3.0, 4.0]], [Source("a/mass", "weighing", "standard"), shared])
    b = _set([[1.0, -2.0]], [Source("b/mass", "weighing", "standard"), shared])
    matrix = covariance([a, b], "x0")
    np.testing.assert_allclose(matrix, [[9 + 16 / 2, -8 / 2], [-8 / 2, 1 + 4 / 2]])
    for one, variance in zip((a, b), np.diag(matrix), strict=True):
        found = one.estimate("x0")
        assert (found.minus**2 + found.plus**2) / 2 == pytest.approx(variance)
    np.testing.assert_allclose(a.effects_for_covariance("x0"), [3.0, math.sqrt(8.0)])


def test_a_one_sided_source_of_one_sample_alone_is_not_shared() -> None:
    """It stands on the diagonal only."""
    a = _set([[2.0, 4.0]], [SHARED, Source("a/relaxation", "relaxation", "one-sided limit")])
    b = _set([[3.0]], [SHARED])
    np.testing.assert_allclose(covariance([a, b], "x0"), [[12.0, 6.0], [6.0, 9.0]])


def test_budget_names_the_dominating_group_first_and_shares_add_up() -> None:
    """Sources of one group are one line."""
    sources = [SHARED, Source("a/p1", "noise", "standard"), Source("a/p2", "noise", "standard")]
    lines = _set([[1.0, 3.0, 4.0]], sources).budget("x0")
    assert [line.group for line in lines] == ["noise", "weighing of the reference"]
    assert lines[0].plus == 5.0
    assert sum(line.share for line in lines) == pytest.approx(1)


def test_an_unknown_name_lists_what_there_is() -> None:
    """The error helps."""
    with pytest.raises(KeyError, match="there are x0"):
        _set([[1.0]], [SHARED]).estimate("theta")


def test_arrays_are_read_only_copies() -> None:
    """A result cannot be changed from outside."""
    effects = np.ones((1, 1))
    one = EstimateSet(("x",), np.zeros(1), ("1",), ("",), ("",), (SHARED,), effects)
    effects[0, 0] = 5.0
    assert one.effects[0, 0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        one.values[0] = 1.0
