"""Means of rows, the noise behind them, and rows at the end of the instrument's range."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from staircases import SETTINGS, changed, record

from cathodelab.core.errors import CathodelabError
from cathodelab.techniques.conduction.means import means_of, row_noise
from cathodelab.techniques.conduction.saturation import saturated_rows, without_saturation
from cathodelab.techniques.conduction.steps import steps_of


def test_noise_is_found_below_a_relaxation() -> None:
    """From second differences: a fast relaxation is no noise."""
    staircase = record(noise=5e-7, ratio=30, interval=10)
    found = row_noise(staircase, steps_of(staircase, SETTINGS), np.zeros(staircase.rows, dtype=bool))
    assert found == pytest.approx(np.full(11, 5e-7), rel=0.1)


def test_the_resolution_of_the_instrument_is_the_least_noise() -> None:
    """Without noise a rounded current is known to a twelfth of its last digit's square."""
    staircase = record(noise=0.0)
    rounded = np.round(staircase.current_ampere / 1e-6) * 1e-6
    found = row_noise(
        changed(staircase, current=rounded), steps_of(staircase, SETTINGS), np.zeros(staircase.rows, dtype=bool)
    )
    assert np.all(found >= 0.99e-6 / np.sqrt(12))


def test_steps_of_different_ranges_keep_their_own_noise() -> None:
    """An instrument that changes its range is a hundred times noisier in some steps."""
    staircase = record(noise=0.0)
    loud = np.arange(staircase.rows) >= 600
    noise = np.where(loud, 1e-6, 1e-8) * np.random.default_rng(4).standard_normal(staircase.rows)
    noisy = changed(staircase, current=staircase.current_ampere + noise)
    found = row_noise(noisy, steps_of(noisy, SETTINGS), np.zeros(staircase.rows, dtype=bool))
    assert np.all(found[:5] < 3e-8)
    assert np.all(found[5:] > 5e-7)


def test_points_of_a_mean_stand_for_its_rows() -> None:
    """The mean of an exponential over rows is that over the points, to five digits."""
    staircase = record()
    means = means_of(staircase, steps_of(staircase, SETTINGS), np.zeros(staircase.rows, dtype=bool))
    assert means.rows.sum() == staircase.rows
    for tau in (100.0, 500.0, 3000.0):
        of_points = means.of_parts(np.exp(-means.part_second / tau))
        rows = np.arange(staircase.rows) % 120
        first = np.concatenate([[0], np.cumsum(means.rows)]).astype(int)
        exact = [np.mean(np.exp(-25.0 * (rows[a:b] + 1) / tau)) for a, b in pairwise(first)]
        assert of_points == pytest.approx(exact, rel=2e-4, abs=1e-6)


def test_rows_at_the_end_of_the_range_are_found() -> None:
    """The spikes after each change alone, or whole steps; a coarse current at its largest step is none."""
    staircase = record(ratio=6)
    steps = steps_of(staircase, SETTINGS)
    assert not saturated_rows(staircase, steps).any()
    cut = changed(staircase, current=np.minimum(staircase.current_ampere, 1.4e-4))
    rows = saturated_rows(cut, steps)
    assert rows.any()
    assert np.all(staircase.current_ampere[rows] >= 1.4e-4)
    coarse = changed(staircase, current=np.round(staircase.current_ampere / 5e-6) * 5e-6)
    assert not saturated_rows(coarse, steps).any()


def test_a_step_whose_end_is_saturated_is_dropped_and_nothing_left_is_refused() -> None:
    """Its steady current was not seen."""
    staircase = record()
    steps = steps_of(staircase, SETTINGS)
    cut = changed(staircase, current=np.minimum(staircase.current_ampere, 0.9e-4))
    kept = without_saturation(steps, saturated_rows(cut, steps), cut.current_ampere)
    assert [round(step.voltage_volt, 3) for step in kept if step.dropped] == [0.04, 0.05, 0.04]
    cut = changed(staircase, current=np.minimum(staircase.current_ampere, 2e-5))
    with pytest.raises(CathodelabError, match="larger current range") as caught:
        without_saturation(steps, saturated_rows(cut, steps), cut.current_ampere)
    assert caught.value.code == "current-saturated"
