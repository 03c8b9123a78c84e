"""Thinning a long series for the eye."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cathodelab.core.downsample import kept_rows


def test_a_short_series_stays_whole() -> None:
    """Nothing is dropped without need."""
    x = np.arange(2000.0)
    assert kept_rows(x, x, 2000).tolist() == list(range(2000))


@given(seed=st.integers(0, 10_000), count=st.integers(501, 5000), longest=st.integers(30, 500))
@settings(max_examples=60, deadline=None)
def test_no_more_points_than_asked_for_and_every_extreme_among_them(seed: int, count: int, longest: int) -> None:
    """First, last, smallest and largest of x and y stay; rows keep their order."""
    random = np.random.default_rng(seed)
    x, y = random.standard_normal((2, count))
    rows = kept_rows(x, y, longest)
    assert rows.size <= longest
    assert np.all(np.diff(rows) > 0)
    assert rows[0] == 0
    assert rows[-1] == count - 1
    for values in (x, y):
        assert values[rows].min() == values.min()
        assert values[rows].max() == values.max()


def test_a_single_spike_is_never_lost_wherever_it_stands() -> None:
    """One row of a hundred thousand."""
    x = np.arange(100_000.0)
    for place in (1, 777, 49_999, 99_998):
        y = np.sin(x / 5000)
        y[place] = -7.0
        assert place in kept_rows(x, y, 1000)


def test_a_monotonic_series_fills_the_room_there_is() -> None:
    """First and last row of a run are its extremes: twice as many runs fit."""
    x = np.linspace(0, 1, 50_000)
    assert kept_rows(x, x**2, 2000).size == 2000


def test_missing_numbers_do_not_hide_extremes() -> None:
    """Not a number is neither smallest nor largest."""
    x = np.arange(10_000.0)
    y = np.sin(x / 900)
    y[::7] = np.nan
    rows = kept_rows(x, y, 300)
    assert np.nanmax(y[rows]) == pytest.approx(np.nanmax(y), abs=0)
    assert np.nanmin(y[rows]) == pytest.approx(np.nanmin(y), abs=0)
