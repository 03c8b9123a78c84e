"""The slope with which a rest ends."""

from __future__ import annotations

import numpy as np
import pytest

from cathodelab.core.arrays import FloatArray
from cathodelab.techniques.utilization.rest_lines import RestLine, line_through, slope_at_the_end

TIME = np.linspace(-8 * 3600.0, 0.0, 481)
HALF, QUARTER = -4 * 3600.0, -6 * 3600.0


def at_the_end(volt: FloatArray) -> tuple[float, float]:
    """Of a rest of 8 h in µV/s."""
    last, before = line_through(TIME, volt, HALF, 0.0), line_through(TIME, volt, QUARTER, HALF)
    assert last is not None
    slope, noise = slope_at_the_end(last, before)
    return slope * 1e6, noise * 1e6


def test_an_exponential_ends_with_less_than_its_mean_slope() -> None:
    """Time constant 2 h: the mean of the last half is 3.2 times the slope at the end; the continuation comes close to it."""
    volt = 3.1 + 0.2 * np.exp(-(TIME - TIME[0]) / 7200)
    true = -0.2 / 7200 * np.exp(-4.0) * 1e6
    last = line_through(TIME, volt, HALF, 0.0)
    assert last is not None
    assert last.slope * 1e6 < 2 * true
    assert at_the_end(volt)[0] == pytest.approx(true, rel=0.25)


def test_a_lasting_drift_keeps_its_slope() -> None:
    """Alone, and under a relaxation that is over."""
    assert at_the_end(3.1 - 0.3e-6 * TIME)[0] == pytest.approx(-0.3)
    volt = 3.1 - 0.3e-6 * TIME + 0.02 * np.exp(-(TIME - TIME[0]) / 1200)
    assert at_the_end(volt)[0] == pytest.approx(-0.3, rel=0.02)


def test_two_relaxations_end_between_the_continuation_and_the_mean() -> None:
    """Sums of exponentials fall ever more slowly."""
    volt = 3.1 + 0.02 * np.exp(-(TIME - TIME[0]) / 3600) + 0.05 * np.exp(-(TIME - TIME[0]) / 30_000)
    true = -(0.02 / 3600 * np.exp(-8.0) + 0.05 / 30_000 * np.exp(-28_800 / 30_000)) * 1e6
    last = line_through(TIME, volt, HALF, 0.0)
    assert last is not None
    assert last.slope * 1e6 < true < at_the_end(volt)[0] < 0.8 * true


def test_noise_alone_is_not_taken_for_a_fall() -> None:
    """The mean slope and its own uncertainty; with a clear fall the uncertainty also holds that the parts are not straight."""
    random = np.random.default_rng(2)
    spread = []
    for _ in range(300):
        slope, noise = at_the_end(3.1 - 0.1e-6 * TIME + 1e-4 * random.standard_normal(TIME.size))
        spread.append((slope + 0.1) / noise)
    assert np.std(spread) == pytest.approx(1, abs=0.2)
    fall = []
    for _ in range(300):
        volt = 3.1 + 0.05 * np.exp(-(TIME - TIME[0]) / 9000) + 1e-4 * random.standard_normal(TIME.size)
        fall.append(at_the_end(volt))
    values, stated = np.array(fall).T
    assert np.std(values) < float(np.mean(stated)) < 0.1 * abs(float(np.mean(values)))


def test_too_few_rows_are_no_line() -> None:
    """Three; or none before the last half."""
    assert line_through(TIME[:3], TIME[:3], -8 * 3600.0, 0.0) is None
    assert slope_at_the_end(RestLine(3.1, 1e-5, -1e-6, 1e-8), None) == (-1e-6, 1e-8)
