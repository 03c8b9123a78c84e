"""Stress records of runs, power logs beside runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cathodelab.core.errors import CathodelabError
from cathodelab.simulation.dem.evaluation.stress_tally import (
    COLLISION_READINGS,
    WORK_READINGS,
    grain_stress,
    grain_sums,
)
from cathodelab.simulation.dem.runs.plan import Plan
from cathodelab.simulation.dem.runs.run import Run
from cathodelab.simulation.dem.runs.runner import run
from cathodelab.simulation.dem.runs.stress_record import (
    against_power_log,
    power,
    scatter,
    settled,
    steady,
    stress_record,
    stress_records,
)


def test_a_stress_record_holds_the_specific_energy_of_its_intervals(done: Run) -> None:
    """Intensity times number is the work lost over the mass, in every reading; means are taken from half of the time on."""
    chosen, mass = settled(done), float(done.state.particles.mass.sum())
    assert [one.begin for one in chosen] == pytest.approx([done.plan.settles], rel=1e-3)
    for record in stress_records(done):
        w = WORK_READINGS.index(record.work)
        lost = sum(float(one.work[w]) for one in chosen)
        assert record.specific_energy_j_kg == pytest.approx(lost / mass)
        c = COLLISION_READINGS.index(record.collision)
        assert record.frequency_per_s.sum() * record.time_s == pytest.approx(sum(one.collisions[c] for one in chosen))
        assert record.specific_power_w_kg == pytest.approx(power(done, done.plan.settles) / mass)
        assert record.speed_rpm == pytest.approx(5000.0)
    with pytest.raises(CathodelabError, match="No output interval begins"):
        steady(done, 1.0)


def test_single_grains_add_up_to_the_means(done: Run) -> None:
    """Scatter over grains: their collisions and work are those of the intervals; the shares add up as well."""
    assert done.settled is not None
    chosen = settled(done)
    grains = grain_stress(done.settled, grain_sums(done.state))
    assert grains.collisions.sum(axis=1) == pytest.approx(np.sum([one.collisions for one in chosen], axis=0))
    assert grains.work.sum(axis=2) == pytest.approx(np.sum([one.kinds for one in chosen], axis=0))
    record = stress_record(done)
    assert record.grains is not None
    assert record.grains.count == len(done.state.particles) == len(grains.mass)
    assert record.grains.unstressed_share == pytest.approx(float((grains.collisions[0] == 0).mean()))
    assert 0 < record.grains.unstressed_share < 1
    low, middle, high = record.grains.number_quantiles
    assert low <= middle <= high
    assert 0 < record.normal_share < 1
    assert 0 < record.wall_share < 1
    full = stress_record(done, work="full")
    assert full.wall_share < record.wall_share
    assert full.specific_energy_j_kg > record.specific_energy_j_kg
    assert record.share_above(record.hardest_j_kg, single=True) == 0
    assert record.share_above(record.hardest_j_kg / 2, single=True) > 0


def test_a_run_that_has_not_settled_has_no_record(plan: Plan, tmp_path: Path) -> None:
    """The first half is left out; where a run went on, the record is that of one in a single go."""
    started = run(plan, tmp_path / "out", outputs=1)
    with pytest.raises(CathodelabError, match="No output interval begins"):
        stress_record(started)
    went_on, whole = run(plan, tmp_path / "out"), run(plan, tmp_path / "whole")
    one, other = (stress_record(each).as_data() for each in (went_on, whole))
    assert one == other


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
