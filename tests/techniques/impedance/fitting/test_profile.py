"""Profiles of single resistances: ends lie where they claim to, every minimum is looked at, bounds can be left."""

from __future__ import annotations

import numpy as np
import pytest
from spectra import FREQUENCIES, exact, noisy, with_truth

from cathodelab.techniques.impedance.circuits.constraints import Constraints
from cathodelab.techniques.impedance.circuits.expression import parsed
from cathodelab.techniques.impedance.fitting.fit import CircuitFit, fitted
from cathodelab.techniques.impedance.fitting.intervals import profile_intervals, quantile
from cathodelab.techniques.impedance.fitting.profile import Profile

CIRCUIT = parsed("R-(RQ)-(RQ)-Q")
LEVEL = 0.9545


@pytest.fixture(scope="module")
def overlapping() -> tuple[CircuitFit, ...]:
    """Sixty spectra with a weak anode near the cathode: curved profiles, several minima, parameters at bounds."""
    truth = with_truth(R_2=25.0, tau_2=1.5e-3, n_2=0.75, R_3=7.0, tau_3=0.02, n_3=0.8)
    return fitted(CIRCUIT, FREQUENCIES, np.array([noisy(exact(truth), seed) for seed in range(60)]))


def increase(fit: CircuitFit, value: float) -> float:
    """Of the lowest sum of squares with R_2 fixed, found by a search of its own, in units of s^2.

    ``nan`` where that search made the slower arc of it: the interval is that of the faster one.
    """
    held = fitted(CIRCUIT, FREQUENCIES, fit.measured_ohm[None], constraints=Constraints(fixed={"R_2": value}))[0]
    other = held.values["tau_2"] > held.values["tau_3"]
    return np.nan if other else (held.chi_square - fit.chi_square) / fit.chi_square * fit.degrees_of_freedom


def test_ends_lie_where_the_sum_of_squares_reaches_the_limit(overlapping: tuple[CircuitFit, ...]) -> None:
    """An independent search with the end fixed finds the limit there and nothing lower."""
    limit = quantile(LEVEL, overlapping[0].degrees_of_freedom)
    found = profile_intervals(overlapping[:16], ("R_2",), (LEVEL,))
    rises = [
        increase(fit, end)
        for fit, one in zip(overlapping[:16], found, strict=True)
        for end in (one["R_2", LEVEL].low, one["R_2", LEVEL].high)
        if np.isfinite(end)
    ]
    rises = [rise for rise in rises if np.isfinite(rise)]
    assert len(rises) >= 16
    assert np.median(rises) == pytest.approx(limit, rel=0.05)
    assert np.mean(np.array(rises) > 0.9 * limit) > 0.9


def test_both_sides_of_an_interval_have_a_width(overlapping: tuple[CircuitFit, ...]) -> None:
    """A step that failed must not pull the end onto the fit itself."""
    for fit, one in zip(overlapping, profile_intervals(overlapping, ("R_2",), (LEVEL,)), strict=True):
        interval, wide = one["R_2", LEVEL], fit.standard_uncertainty("R_2")
        for end in (interval.low, interval.high):
            if np.isfinite(end) and wide < 1:
                assert abs(np.log(end / interval.value)) > 0.2 * wide


def test_minima_that_the_search_rejected_are_inside(overlapping: tuple[CircuitFit, ...]) -> None:
    """Those below the limit; some of these spectra have one."""
    limit = quantile(LEVEL, overlapping[0].degrees_of_freedom)
    profile = Profile(overlapping)
    several = 0
    for row, one in enumerate(profile_intervals(overlapping, ("R_2",), (LEVEL,))):
        fit, interval = overlapping[row], one["R_2", LEVEL]
        low, high = np.nan_to_num(interval.low, nan=0.0), np.nan_to_num(interval.high, nan=np.inf)
        chi, theta = profile.minima(row)
        near = chi < np.min(chi) + 0.95 * limit * np.min(chi) / fit.degrees_of_freedom
        several += int(np.sum(near)) > 1
        values = np.exp(theta[near, 1])
        assert np.all((values >= low * (1 - 1e-6)) & (values <= high * (1 + 1e-6)))
    assert several >= 3


def test_a_held_resistance_lets_the_others_leave_their_bounds() -> None:
    """Where an exponent leans against its bound, the interval is at least as wide as with the exponent fixed there."""
    truth = with_truth(R_2=25.0, tau_2=1.5e-3, R_3=7.0, n_3=0.98)
    spectra = np.array([noisy(exact(truth), seed) for seed in range(30)])
    leaning = tuple(fit for fit in fitted(CIRCUIT, FREQUENCIES, spectra) if "n_3" in fit.at_bound)
    assert len(leaning) >= 3
    free = profile_intervals(leaning, ("R_3",), (LEVEL,))
    wider = 0
    for fit, one in zip(leaning, free, strict=True):
        fixed = Constraints(fixed={"n_3": fit.values["n_3"]})
        held = fitted(CIRCUIT, FREQUENCIES, fit.measured_ohm[None], constraints=fixed)
        narrow = profile_intervals(held, ("R_3",), (LEVEL,))[0]["R_3", LEVEL]
        wide = one["R_3", LEVEL]
        assert np.nan_to_num(wide.low, nan=0.0) <= narrow.low * 1.02
        assert np.nan_to_num(wide.high, nan=np.inf) >= narrow.high * 0.98
        wider += wide.high - wide.low > 1.1 * (narrow.high - narrow.low)
    assert wider >= 1


def test_what_nothing_limits_has_no_end() -> None:
    """A second arc that is not there may be as small as it likes."""
    spectrum = noisy(exact(with_truth(R_3=1e-6)), 4)
    fit = fitted(CIRCUIT, FREQUENCIES, spectrum[None])
    interval = profile_intervals(fit, ("R_3",), (LEVEL,))[0]["R_3", LEVEL]
    assert np.isnan(interval.low) or interval.low < 0.5
