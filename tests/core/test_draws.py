"""Draws of estimates: shared where a source is shared."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cathodelab.core.draws import source_draws
from cathodelab.core.estimate import EstimateSet, covariance, joint_draws
from cathodelab.core.sources import Kind, Source


def estimates(cell: str, own: float, shared: float, one_sided: float = 0.0) -> EstimateSet:
    """One value with an own, a shared and a one-sided source."""
    sources = (
        Source(f"{cell}/mass", "weighing", "standard"),
        Source("liquid/mass", "weighing", "standard"),
        Source(f"{cell}/gain", "instrument", "limit"),
        Source(f"{cell}/relaxation", "relaxation", "one-sided limit"),
    )
    effects = np.array([[own, shared, 0.001, one_sided]])
    return EstimateSet(("theta",), np.array([0.8]), ("1",), ("",), ("",), sources, effects)


@pytest.mark.parametrize(
    ("kind", "low", "high"), [("limit", -np.sqrt(3), np.sqrt(3)), ("one-sided limit", 0.0, np.sqrt(3))]
)
def test_limits_are_drawn_from_rectangles_with_a_mean_square_of_one(kind: Kind, low: float, high: float) -> None:
    """Uniform between the ends."""
    drawn = source_draws("a", kind)
    assert low <= drawn.min() < low + 0.01
    assert high - 0.01 < drawn.max() <= high
    assert np.mean(drawn**2) == pytest.approx(1, abs=0.03)


def test_a_range_is_drawn_from_end_to_end() -> None:
    """From nothing to its whole length."""
    drawn = source_draws("a", "range")
    assert 0 <= drawn.min() < 0.01
    assert 0.99 < drawn.max() <= 1


def test_the_stream_of_a_source_depends_on_its_name_and_the_seed_alone() -> None:
    """Whoever asks, whenever."""
    np.testing.assert_array_equal(source_draws("a", "standard", 100, 3), source_draws("a", "standard", 100, 3))
    assert np.abs(np.corrcoef(source_draws("a", "standard"), source_draws("b", "standard"))[0, 1]) < 0.04
    assert np.any(source_draws("a", "standard", 100, 3) != source_draws("a", "standard", 100, 4))


def test_cells_that_share_a_source_move_together() -> None:
    """The covariance of the draws is that of the effects; a difference loses the common part."""
    sets = [estimates("one", 0.005, 0.01), estimates("two", 0.006, 0.012)]
    drawn = joint_draws(sets, "theta", 40_000)
    np.testing.assert_allclose(np.cov(drawn.T), covariance(sets, "theta"), rtol=0.04)
    assert np.std(drawn[:, 0] - drawn[:, 1]) < 0.0095


def test_half_widths_of_the_mode_are_quantiles_of_the_draws() -> None:
    """Those of quadrature where all is normal; asymmetric where a source has one side."""
    plain = estimates("one", 0.005, 0.01)
    drawn = replace(plain, combination="drawn").estimate("theta")
    assert drawn.level == 0.683
    assert drawn.minus == pytest.approx(plain.estimate("theta").minus, rel=0.03)
    sided = replace(estimates("one", 0.005, 0.01, one_sided=0.02), combination="drawn").estimate("theta")
    assert sided.plus > 2 * sided.minus
    with pytest.raises(KeyError):
        plain.draws("q")
