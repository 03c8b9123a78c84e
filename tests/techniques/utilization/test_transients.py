"""Relaxations extrapolated from their transients."""

from __future__ import annotations

import numpy as np
import pytest

from cathodelab.techniques.utilization.model import Titration
from cathodelab.techniques.utilization.transients import end_of_relaxation, relaxed

REST = 7200.0
TIME = np.arange(60.0, REST + 1, 60.0)


@pytest.mark.parametrize("hours", [0.3, 0.6, 1.0])
def test_an_exponential_is_followed_to_its_end(hours: float) -> None:
    """Within its stated uncertainty, far smaller than what is left; without noise as near as the grid allows."""
    random = np.random.default_rng(3)
    decay = 0.02 * np.exp(-TIME / (hours * 3600))
    clean, _ = end_of_relaxation(TIME, 3.8 + decay, REST)
    assert clean == pytest.approx(3.8, abs=0.15 * decay[-1] + 1e-6)
    for _ in range(20):
        end, standard = end_of_relaxation(TIME, 3.8 + decay + 3e-5 * random.standard_normal(TIME.size), REST)
        assert abs(end - 3.8) < 4 * standard
        assert standard < 0.5 * decay[-1] + 1e-4


def test_noise_alone_is_not_taken_for_a_relaxation() -> None:
    """Over many rests the end is right on average, and the stated uncertainty holds its scatter."""
    random = np.random.default_rng(1)
    ends = np.array([end_of_relaxation(TIME, 3.8 + 1e-4 * random.standard_normal(TIME.size), REST) for _ in range(200)])
    off = ends[:, 0] - 3.8
    assert abs(off.mean()) < 4 * off.std() / np.sqrt(200)
    assert np.mean(np.abs(off) < 2 * ends[:, 1]) > 0.9


def test_a_short_record_gives_no_extrapolation() -> None:
    """Not a number, instead of a guess."""
    assert np.isnan(end_of_relaxation(TIME[:5], np.full(5, 3.8), 300.0)).all()


def titration(remaining: list[float], standard: list[float]) -> Titration:
    """Three points at 3.1 to 3.3 V."""
    three = np.full(3, 1e-5)
    return Titration(
        potential_volt=np.array([3.1, 3.2, 3.3]),
        charge_mAh=np.array([0.1, 0.2, 0.3]),
        potential_noise_volt=three,
        slope_volt_per_second=-three * 1e-3,
        slope_noise_volt_per_second=three * 1e-6,
        rest_second=three * 1e9,
        polarization_second=three,
        remaining_volt=np.array(remaining),
        remaining_standard_volt=np.array(standard),
    )


def test_clear_relaxations_move_the_potentials_and_noise_does_not() -> None:
    """Shrunk where they do not stand out of their noise; what was taken away stays in the noise of the point."""
    clear = relaxed(titration([-1e-3, -1.2e-3, -0.9e-3], [2e-5] * 3))
    np.testing.assert_allclose(clear.potential_volt, [3.099, 3.1988, 3.2991], atol=5e-6)
    faint = relaxed(titration([1e-4, -1e-4, 1e-4], [1.5e-4] * 3))
    assert np.max(np.abs(faint.potential_volt - [3.1, 3.2, 3.3])) < 5e-5
    assert np.all(faint.potential_noise_volt > 7e-5)
    assert faint.relaxation_limit_volt is not None
    assert not faint.relaxation_limit_volt.any()


def test_a_point_without_transient_keeps_the_limit_from_its_slope() -> None:
    """And its potential."""
    found = relaxed(titration([-1e-3, float("nan"), -1e-3], [1e-5, float("nan"), 1e-5]))
    assert found.potential_volt[1] == 3.2
    assert found.relaxation_limit_volt is not None
    assert found.relaxation_limit_volt[1] == pytest.approx(-1e-4)
