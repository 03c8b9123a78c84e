"""Threshold and law of a series of compositions: found, bounded, or not there."""

from __future__ import annotations

import numpy as np
import pytest

from cathodelab.core.errors import NotInRecord
from cathodelab.techniques.conduction.percolation import PowerLaw, Series, Threshold, power_law, threshold_of

COMPOSITIONS = np.array([0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 15], dtype=float)
BASE = 3e-9


def series(
    threshold: float = 3.4,
    exponent: float = 2.0,
    scatter: float = 0.0,
    seed: int = 1,
    compositions: np.ndarray = COMPOSITIONS,
    pellets: int = 2,
) -> Series:
    """Pellets that follow the law, scattered."""
    share = np.repeat(compositions, pellets)
    law = 0.6 * (np.maximum(share - threshold, 0) / 100) ** exponent + BASE
    measured = law * np.exp(scatter * np.random.default_rng(seed).standard_normal(share.size))
    return Series(share, measured, np.zeros(share.size, dtype=bool))


def found(one: Series) -> tuple[Threshold, PowerLaw]:
    """Both."""
    threshold = threshold_of(one, 3.0, 100.0)
    return threshold, power_law(one, threshold)


def test_the_threshold_lies_between_the_last_that_does_not_conduct_and_the_first_that_does() -> None:
    """With the rise there."""
    threshold = threshold_of(series(), 3.0, 100.0)
    assert (threshold.low, threshold.high, threshold.below, threshold.above) == (3, 4, 4, 7)
    assert threshold.base == pytest.approx(BASE)
    assert threshold.factor == pytest.approx(0.6 * 0.006**2 / BASE, rel=0.01)
    assert threshold.conducting.sum() == 14


@pytest.mark.parametrize("exponent", [1.3, 2.0, 2.6])
def test_without_scatter_threshold_exponent_and_factor_are_exact(exponent: float) -> None:
    """Of the law that the pellets follow."""
    _, law = found(series(3.4, exponent, scatter=0.001))
    assert law.threshold == pytest.approx(3.4, abs=0.01)
    assert law.exponent == pytest.approx(exponent, abs=0.02)
    assert np.exp(law.log_factor) == pytest.approx(0.6 / 100**exponent, rel=0.05)


def test_threshold_and_exponent_are_correlated() -> None:
    """A lower threshold goes with a larger exponent."""
    _, law = found(series(scatter=0.15, seed=3))
    assert law.covariance[0, 1] / np.sqrt(law.covariance[0, 0] * law.covariance[1, 1]) < -0.7
    assert law.scatter == pytest.approx(0.15, rel=0.4)


def test_exponents_are_covered_over_many_series() -> None:
    """And the thresholds; 200 series, against 99.9 % limits of the binomial distribution."""
    random = np.random.default_rng(16)
    inside = np.zeros(4)
    for number in range(200):
        threshold, exponent = random.uniform(2.1, 5.9), random.uniform(1.3, 2.5)
        _, law = found(series(threshold, exponent, random.uniform(0.05, 0.3), seed=number))
        inside += [
            low < truth < high
            for truth, intervals in ((threshold, law.threshold_interval), (exponent, law.exponent_interval))
            for low, high in intervals
        ]
    for share, level in zip(inside / 200, (0.6827, 0.9545, 0.6827, 0.9545), strict=True):
        assert abs(share - level) < 3.3 * np.sqrt(level * (1 - level) / 200) + 0.005


@pytest.mark.parametrize(
    ("compositions", "said"),
    [
        (np.array([0, 2, 4, 5, 6, 8, 10], dtype=float), "2 compositions below"),
        (np.array([0, 1, 2, 3, 8, 10], dtype=float), "and 2 above it"),
    ],
)
def test_fewer_than_three_compositions_on_a_side_give_no_exponent(compositions: np.ndarray, said: str) -> None:
    """But a threshold between two."""
    one = series(compositions=compositions)
    threshold = threshold_of(one, 3.0, 100.0)
    with pytest.raises(NotInRecord, match="An exponent needs 3 on each side") as caught:
        power_law(one, threshold)
    assert said in caught.value.what


def test_a_slope_is_no_threshold() -> None:
    """A composite that conducts without the additive rises by a factor of sixty."""
    share = np.array([0, 1, 2, 3, 5, 8, 10, 15], dtype=float)
    values = 3e-5 * 60 ** (share / 15)
    with pytest.raises(NotInRecord, match="rises by a factor of 60"):
        threshold_of(Series(share, values, np.zeros(8, dtype=bool)), 3.0, 100.0)


def test_a_series_that_ends_before_the_threshold_or_has_one_composition_has_none() -> None:
    """What to measure is said."""
    with pytest.raises(NotInRecord, match="rises by a factor of 1"):
        threshold_of(series(compositions=np.array([0.0, 1, 2, 3])), 3.0, 100.0)
    with pytest.raises(NotInRecord, match="1 composition"):
        threshold_of(series(compositions=np.array([0.0])), 3.0, 100.0)


def test_upper_limits_do_not_conduct() -> None:
    """Pellets without a measurable current stand for less than their limit."""
    one = series()
    low = one.share < 3.5
    limited = Series(one.share, np.where(low, 1e-8, one.conductivity), low)
    threshold, law = found(limited)
    assert (threshold.low, threshold.high) == (3, 4)
    assert threshold.base == pytest.approx(1e-8)
    assert law.threshold == pytest.approx(3.4, abs=0.1)


def test_pellets_of_one_composition_that_disagree_lie_between() -> None:
    """The threshold is somewhere around that composition."""
    one = series()
    values = one.conductivity.copy()
    values[np.flatnonzero(one.share == 4)[0]] = BASE
    threshold = threshold_of(Series(one.share, values, one.limit), 3.0, 100.0)
    assert (threshold.low, threshold.high, threshold.between) == (3, 5, (4.0,))


def test_compositions_in_disorder_have_no_threshold() -> None:
    """The richest does not conduct: pellets are mixed up."""
    one = series()
    values = one.conductivity.copy()
    values[-2:] = BASE
    with pytest.raises(NotInRecord, match="do not follow each other"):
        threshold_of(Series(one.share, values, one.limit), 3.0, 100.0)


def test_a_threshold_just_below_a_composition_may_hide_there() -> None:
    """So close to it the network conducts no better than the base; the interval reaches down."""
    one = series(threshold=3.97, exponent=2.4, scatter=0.05)
    threshold, law = found(one)
    assert threshold.low == 4
    assert threshold.low - threshold.hidden < 3.97
    assert law.threshold_interval[1][0] < 3.97
