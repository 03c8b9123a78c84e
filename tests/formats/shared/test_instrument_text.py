"""Clocks of text exports: quick where all are written alike, row by row where they are not."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from cathodelab.formats.shared.instrument_text import _clock_by_text, _clock_parts, _clock_seconds

ALIKE = [
    (["00:00:00", "144:02:18", "1:2:3,5"], [0.0, 518538.0, 3723.5]),
    (["  0d 00:00:5.05", " 12d 23:59:59"], [5.05, 1123199.0]),
]


@pytest.mark.parametrize(("clocks", "seconds"), ALIKE)
def test_clocks_written_alike_are_read_at_once_and_row_by_row_to_the_same_seconds(
    clocks: list[str], seconds: list[float]
) -> None:
    """Both ways give days, hours, minutes and seconds."""
    series = pl.Series(clocks)
    quick = _clock_parts(series)
    assert quick is not None
    np.testing.assert_allclose(quick, seconds, rtol=1e-15)
    np.testing.assert_allclose(_clock_by_text(series), seconds, rtol=1e-15)


@pytest.mark.parametrize(
    "clocks",
    [
        ["00:00:00", "1d 00:00:01"],  # days in some rows only
        ["00:00:00", "00:00"],  # a part is missing
        ["00:00:00", "00:00:0x"],
        ["00:00:00", "-1:00:00"],
        ["00:00:00", "1.5:00:00"],
        ["00:00:00", "00:300:00"],
        ["00:00:00", ""],
        ["0:0:0:0", "00:00"],  # as many signs as two clocks, and none is one
        ["d1:00:00", "0d 00:00:00"],
    ],
)
def test_rows_that_differ_are_left_to_the_careful_way(clocks: list[str]) -> None:
    """What is no clock is ``nan`` there, and the quick way claims nothing."""
    series = pl.Series(clocks)
    assert _clock_parts(series) is None
    np.testing.assert_array_equal(_clock_seconds(series), _clock_by_text(series))


def test_a_clock_with_and_one_without_days_are_both_seconds() -> None:
    """Some exports leave the days away at first."""
    np.testing.assert_allclose(_clock_seconds(pl.Series(["23:59:59", "1d 00:00:01"])), [86399.0, 86401.0])
