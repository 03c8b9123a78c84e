"""Scatter within and between batches: exact cases, and intervals that hold the truth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2, t

from cathodelab.analyses.variance import (
    Interval,
    batches_needed,
    difference_of_groups,
    scatter_of_batch_means,
    variance_components,
    with_common_error,
)


def _names(batches: int, cells: int) -> list[str]:
    return [f"b{i}" for i in range(batches) for _ in range(cells)]


def test_one_batch_of_three_gives_its_mean_and_an_interval_of_chi_square() -> None:
    """No statement on how batches differ, and a wide one on cells."""
    found = variance_components(np.array([179.0, 180.0, 181.0]), _names(1, 3))
    assert found.sd_within.value == pytest.approx(1.0)
    assert found.sd_within.low == pytest.approx(np.sqrt(2 / chi2.ppf(0.975, 2)), rel=0.02)
    assert found.sd_within.high == pytest.approx(np.sqrt(2 / chi2.ppf(0.025, 2)), rel=0.05)
    assert np.isnan(found.sd_between.value)
    assert np.isnan(found.mean.low)


def test_the_interval_of_a_mean_counts_batches_not_cells() -> None:
    """Nine cells of three batches are three: Student's t with two degrees of freedom."""
    values = np.array([187, 187, 187, 167, 167, 167, 180, 180, 180], dtype=float)
    found = variance_components(values, _names(3, 3))
    means = np.array([187.0, 167.0, 180.0])
    half = t.ppf(0.975, 2) * np.std(means, ddof=1) / np.sqrt(3)
    assert found.mean.value - found.mean.low == pytest.approx(half)
    assert found.sd_within.value == 0.0
    assert found.sd_between.value == pytest.approx(np.std(means, ddof=1))
    assert found.sd_pooled < found.sd_between.value


def test_batches_that_differ_no_more_than_their_cells_have_no_scatter_between() -> None:
    """Zero, with an interval that begins at zero."""
    found = variance_components(np.array([1.0, 2, 3, 1.1, 2.1, 3.1, 0.9, 1.9, 2.9]), _names(3, 3))
    assert found.sd_between.value == 0.0
    assert found.sd_between.low == 0.0
    assert found.sd_between.high > 0.0


def test_a_cell_far_out_is_named_and_kept() -> None:
    """Its value stays in every number."""
    values = 180 + np.array([0.1, -0.1, 0.0, 0.2, -0.2, 0.1, 0.0, 0.1, -12.0])
    found = variance_components(values, _names(3, 3))
    assert 8 in found.outliers
    assert found.sd_within.value > 2.0


@pytest.mark.parametrize(("batches", "cells", "between"), [(3, 3, 8.5), (3, 3, 1.8), (17, 3, 3.0)])
def test_intervals_hold_both_components(batches: int, cells: int, between: float) -> None:
    """A small form of benchmarks/batch_statistics.py: 99.9 % binomial limits around 95 %."""
    random, repetitions = np.random.default_rng(7), 250
    held = np.zeros(3)
    for _ in range(repetitions):
        values = 180 + np.repeat(between * random.standard_normal(batches), cells)
        values += 2.0 * random.standard_normal(batches * cells)
        found = variance_components(values, _names(batches, cells))
        held += [found.sd_within.holds(2.0), found.sd_between.holds(between), found.mean.holds(180.0)]
    limit = 3.29 * np.sqrt(0.95 * 0.05 / repetitions)
    np.testing.assert_allclose(held / repetitions, 0.95, atol=limit)


def test_a_difference_of_procedures_is_judged_over_batches() -> None:
    """Many cells in few batches prove little; the scatter of the worse procedure is told."""
    random = np.random.default_rng(5)
    hand = 178 + np.repeat([9.0, -11.0, 2.0], 3) + random.standard_normal(9)
    machine = 180 + np.repeat([1.0, -1.5, 0.5], 3) + random.standard_normal(9)
    found = difference_of_groups((hand, _names(3, 3)), (machine, _names(3, 3)))
    assert found.difference.low < 0 < found.difference.high
    assert found.probability > 0.5
    assert found.ratio_of_scatter.value > 3
    assert found.ratio_of_scatter.low < found.ratio_of_scatter.value < found.ratio_of_scatter.high
    alone = difference_of_groups((hand[:3], _names(1, 3)), (machine, _names(3, 3)))
    assert np.isnan(alone.difference.low)


def test_batches_needed_fall_with_the_difference_and_more_cells_do_not_replace_them() -> None:
    """With scatter between batches, a hundred cells a batch leave the number nearly as it is."""
    scatter = Interval(np.hypot(5.0, 2.0 / np.sqrt(3)), 5.0, 20.0)
    needed = [batches_needed(size, scatter) for size in (2.0, 5.0, 10.0, 20.0)]
    values = [one.value for one in needed]
    assert values == sorted(values, reverse=True)
    assert batches_needed(5.0, Interval(np.hypot(5.0, 0.2), 5.0, 6.0)).value >= values[1] - 2
    assert all(one.low <= one.value <= one.high for one in needed)
    assert batches_needed(1.0, Interval(0.0, 0.0, 0.0)).value == 2
    assert batches_needed(0.01, scatter).value == np.inf
    assert np.isnan(batches_needed(5.0, Interval(5.0, np.nan, np.nan)).high)


def test_sixteen_batches_of_a_normal_difference_are_what_the_power_formula_says() -> None:
    """Difference of one standard deviation, 80 %: 17 a side (printed in every table of sample sizes)."""
    assert batches_needed(1.0, Interval(1.0, 1.0, 1.0)).value == 17


def test_the_interval_of_the_scatter_of_batch_means_holds_the_truth() -> None:
    """Two procedures of four batches of three cells, scatter 5 between and 2 within: about 95 of 100."""
    random, held = np.random.default_rng(8), 0
    for _ in range(100):
        sides = [
            (
                np.repeat(random.normal(0, 5.0, 4), 3) + random.normal(0, 2.0, 12),
                [f"{side}{batch}" for batch in range(4) for _ in range(3)],
            )
            for side in "ab"
        ]
        held += scatter_of_batch_means(sides, 3).holds(float(np.hypot(5.0, 2.0 / np.sqrt(3))))
    assert 88 <= held <= 100
    two = scatter_of_batch_means([(side[0][:6], side[1][:6]) for side in sides], 3)
    assert np.isnan(two.low)
    assert two.value > 0


@pytest.mark.parametrize("mean", [0.0, -1.0])
def test_a_mean_that_is_not_positive_has_no_coefficient_of_variation(mean: float) -> None:
    """Two cells without any shoulder charge, or with an overpotential below nothing; everything else is there."""
    found = variance_components(np.array([mean - 0.1, mean + 0.1, mean - 0.1, mean + 0.1]), ["a", "a", "b", "b"])
    assert found.mean.value == pytest.approx(mean)
    assert np.isfinite(found.sd_within.value)
    assert np.isnan(found.variation("within").value)
    assert np.isnan(variance_components(np.zeros(2), ["a", "a"]).variation("total").value)


def test_two_batches_give_no_interval_of_the_scatter_between_batches() -> None:
    """Its value stands, and the scatter within has its interval; three batches have both."""
    values = np.array([80.0, 81.0, 82.0, 90.0, 91.0, 92.0, 70.0, 71.0, 72.0])
    two = variance_components(values[:6], list("aaabbb"))
    assert two.sd_between.value == pytest.approx(np.sqrt(50 - 1 / 3))
    assert np.isnan([two.sd_between.low, two.sd_between.high]).all()
    assert two.sd_within.low < 1 < two.sd_within.high
    three = variance_components(values, list("aaabbbccc"))
    assert three.sd_between.low < three.sd_between.value < three.sd_between.high


def test_an_error_common_to_all_cells_widens_the_interval_of_their_mean() -> None:
    """In quadrature at 95 %; a mean of one batch stays without interval."""
    found = with_common_error(Interval(80.0, 77.0, 83.0), 2.0)
    assert found.high - 80 == pytest.approx(np.hypot(3, 1.96 * 2), abs=1e-3)
    assert 80 - found.low == pytest.approx(found.high - 80)
    assert np.isnan(with_common_error(Interval(80.0, float("nan"), float("nan")), 2.0).low)
