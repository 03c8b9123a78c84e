"""Correlations with a shared mass: what weighing makes, what is left."""

from __future__ import annotations

import numpy as np
import pytest

from cathodelab.analyses.correlation import SharedErrors, correlation, shared_errors
from cathodelab.core.estimate import EstimateSet
from cathodelab.core.sources import Source


def _errors(cells: int, x: float, y: float, together: float) -> SharedErrors:
    return SharedErrors(np.full(cells, x**2), np.full(cells, y**2), np.full(cells, together * x * y))


def test_nine_identical_cells_correlate_by_their_weighing_alone() -> None:
    """0.1 mg on 12 mg, and a little else in the utilization: a median near 0.9 that means nothing."""
    random = np.random.default_rng(1)
    mass = 0.1 / 12 * random.standard_normal(9)
    gross, theta = 180 * (1 - mass), 0.9 * (1 - mass) + 0.003 * random.standard_normal(9)
    own = 0.9 * 0.1 / 12
    errors = SharedErrors(
        np.full(9, own**2 + 0.003**2), np.full(9, (180 * 0.1 / 12) ** 2), np.full(9, own * 180 * 0.1 / 12)
    )
    found = correlation(theta, gross, [f"b{i // 3}" for i in range(9)], errors)
    assert found.observed > 0.7
    assert found.weighing_only == pytest.approx(0.92, abs=0.05)
    assert not found.beyond_null
    assert np.isnan(found.corrected) or abs(found.corrected) <= 1


def test_without_true_correlation_the_observed_stays_in_its_null_band() -> None:
    """Batches and cells scatter in both, unrelated; the mass is shared: 99.9 % binomial limits around 95 %."""
    random, repetitions, inside, corrected = np.random.default_rng(3), 60, 0, []
    errors = _errors(18, 0.0075, 1.5, 0.95)
    batch = [f"b{i // 3}" for i in range(18)]
    for _ in range(repetitions):
        error = random.standard_normal(18)
        other = 0.95 * error + np.sqrt(1 - 0.95**2) * random.standard_normal(18)
        x = 0.9 + 0.0075 * error + np.repeat(0.02 * random.standard_normal(6), 3) + 0.01 * random.standard_normal(18)
        y = 180 + 1.5 * other + np.repeat(3 * random.standard_normal(6), 3) + 2 * random.standard_normal(18)
        found = correlation(x, y, batch, errors)
        inside += not found.beyond_null
        corrected.append(found.corrected)
    assert inside / repetitions > 0.95 - 3.29 * np.sqrt(0.95 * 0.05 / repetitions)
    assert abs(float(np.nanmean(corrected))) < 0.2


def test_a_true_correlation_is_found_beyond_the_band() -> None:
    """Capacity follows utilization: r near one."""
    random = np.random.default_rng(4)
    theta = np.repeat(0.85 + 0.05 * random.standard_normal(6), 3) + 0.01 * random.standard_normal(18)
    found = correlation(
        theta, 200 * theta + random.standard_normal(18), [f"b{i // 3}" for i in range(18)], _errors(18, 0.005, 1.0, 0.9)
    )
    assert found.beyond_null
    assert found.corrected > 0.95
    assert found.determination == pytest.approx(found.observed**2)


def test_shared_errors_are_those_of_the_cells_own_sources() -> None:
    """The mass of a common reference moves all cells alike and makes no correlation between them."""
    mass, reference = Source("a/mass", "weighing", "standard"), Source("ref/mass", "weighing", "standard")
    one = EstimateSet(("x",), np.array([0.9]), ("1",), ("",), ("",), (mass, reference), np.array([[-0.01, 0.02]]))
    two = EstimateSet(("y",), np.array([180.0]), ("mAh/g",), ("",), ("",), (mass,), np.array([[-2.0]]))
    found = shared_errors(["a"], [one], "x", [two], ["y"])
    assert found.variance_x[0] == pytest.approx(1e-4)
    assert found.covariance[0] == pytest.approx(0.02)


def test_three_cells_have_no_correlation_worth_a_number() -> None:
    """Nothing is claimed."""
    found = correlation(np.array([1.0, 2, 3]), np.array([1.0, 2, 3]), ["a", "a", "b"], _errors(3, 0.1, 0.1, 0.5))
    assert np.isnan(found.observed)
    assert found.beyond_null is None
