"""Stress records of runs, power logs beside runs."""

from __future__ import annotations

import numpy as np
import pytest

from cathodelab.core.errors import CathodelabError
from cathodelab.simulation.dem.runs.run import Run
from cathodelab.simulation.dem.runs.stress_record import against_power_log, power, scatter, steady, stress_record


def test_a_stress_record_holds_the_specific_energy_of_its_intervals(done: Run) -> None:
    """Intensity times number is the work lost over the mass; an interval that is not there is said."""
    record = stress_record(done, 5000.0, 0.0)
    lost = sum(float(one.work[0]) for one in done.intervals)
    mass = float(done.state.particles.mass.sum())
    assert record.stress_intensity_j_kg * record.stress_number == pytest.approx(lost / mass)
    assert record.frequency_per_s.sum() * record.time_s == pytest.approx(
        sum(one.collisions[0] for one in done.intervals)
    )
    assert record.specific_power_w_kg == pytest.approx(power(done, 0.0) / mass)
    with pytest.raises(CathodelabError, match="No output interval begins"):
        steady(done, 1.0)


def test_a_power_log_is_compared_per_mass_over_the_same_time(done: Run) -> None:
    """A log that holds the simulated power for the charge's mass gives a ratio of one, twice the charge two."""
    mass = float(done.state.particles.mass.sum())
    watts = power(done, 0.0)
    assert watts > 0
    log = ([0.0, 30.0, 60.0], [watts, watts, watts])
    assert against_power_log(done, 0.0, *log, mass).ratio == pytest.approx(1.0)
    assert against_power_log(done, 0.0, *log, 2 * mass).ratio == pytest.approx(2.0)
    ramp = ([0.0, 60.0], [0.0, 2 * watts])
    assert against_power_log(done, 0.0, *ramp, mass).ratio == pytest.approx(1.0)


def test_the_error_of_a_mean_is_widened_by_what_neighbours_share() -> None:
    """Coverage: independent and correlated series (r = 0.6), 400 each; the error is the scatter of their means."""
    rng = np.random.default_rng(5)
    for r in (0.0, 0.6):
        series = rng.normal(size=(400, 200))
        for k in range(1, 200):
            series[:, k] = r * series[:, k - 1] + np.sqrt(1 - r * r) * series[:, k]
        errors = np.array([scatter(one) for one in series])
        assert np.median(errors) == pytest.approx(series.mean(axis=1).std(), rel=0.15)
    assert np.isnan(scatter([1.0, 2.0]))
