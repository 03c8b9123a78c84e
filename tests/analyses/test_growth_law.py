"""The square-root law of a hold: exact lines, honest intervals, the range by the hold current."""

from __future__ import annotations

import numpy as np
import pytest

from cathodelab.analyses.growth_law import fitted_start, growth_law, growth_range, passed_charge
from cathodelab.analyses.state_of_charge import resistance_curve
from cathodelab.core.errors import NotInRecord

HOUR = np.geomspace(0.12, 10, 16)


def test_an_exact_line_comes_back() -> None:
    """105 + 14.6 sqrt(t): start, rate, and one half as the best power of time."""
    law = growth_law(HOUR, 105 + 14.6 * np.sqrt(HOUR), np.eye(16) * 0.25)
    assert law.start == pytest.approx(105)
    assert law.rate == pytest.approx(14.6)
    assert law.exponent == pytest.approx(0.5, abs=0.01)
    assert law.probability > 0.99


def test_intervals_of_the_rate_hold_the_truth_as_often_as_they_claim() -> None:
    """1,000 draws with correlated errors, whose covariance is stated."""
    chance = np.random.default_rng(1)
    covariance = 0.5 * np.eye(16) + 1.0
    factor = np.linalg.cholesky(covariance)
    inside = []
    for _ in range(1000):
        law = growth_law(HOUR, 105 + 14.6 * np.sqrt(HOUR) + factor @ chance.standard_normal(16), covariance)
        inside.append(abs(law.rate - 14.6) <= law.rate_standard)
    assert 0.634 < np.mean(inside) < 0.731


def test_another_law_is_told() -> None:
    """Growth that is linear in time is no square root, and the power says what it is."""
    law = growth_law(HOUR, 105 + 5 * HOUR, np.eye(16) * 0.25)
    assert law.probability < 1e-6
    assert law.exponent_low > 0.7


def test_a_late_start_is_found() -> None:
    """The hold began half an hour before the clock."""
    found = fitted_start(HOUR, 100 + 10 * np.sqrt(HOUR + 0.5), np.eye(16) * 0.01, -2.0)
    assert found == pytest.approx(-0.5, abs=0.05)


def test_the_range_goes_from_all_delithiation_to_none() -> None:
    """Whatever share of the current delithiates, the true growth lies between; with none, it is the upper end."""
    states = np.linspace(60, 215, 12)

    def by_state(charge: np.ndarray) -> np.ndarray:
        value: np.ndarray = 25 * np.exp(2e-4 * (charge - 120) ** 2)
        return value

    curve = resistance_curve(states, by_state(states), np.full(12, 0.01))
    charge = 190 + passed_charge(HOUR, 15e-3 * (HOUR / 0.12) ** -0.52, 8e-3)
    for share in (0.0, 0.3, 1.0):
        moved = by_state(190 + share * (charge - 190))
        found = growth_range(HOUR, moved + 8 * np.sqrt(HOUR), np.eye(16) * 0.04, charge, curve.at)
        assert found.low <= 8 <= found.high
        assert found.least.rate < found.most.rate
        if share == 0.0:
            assert found.most.rate == pytest.approx(8)


def test_three_spectra_or_one_before_the_start_are_no_law() -> None:
    """Skipped with the reason, not failed."""
    with pytest.raises(NotInRecord, match="3 spectra"):
        growth_law(HOUR[:3], HOUR[:3], np.eye(3))
    with pytest.raises(NotInRecord, match="none of them before the start"):
        growth_law(HOUR, HOUR, np.eye(16), start_hour=1.0)
