"""The dates beside the rows of a text as a second clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from cathodelab.core.errors import CathodelabError
from cathodelab.formats.maccor import read_maccor_text
from cathodelab.formats.readers import read_table
from cathodelab.formats.shared.dates import CLOCK_OVER_DATES

_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def _maccor(written: str, *, minutes: bool = False, every_second: float = 600.0, paused_hours: float = 0.0) -> bytes:
    """Two days of a charge, without a column of charge; dates in one of several ways of writing them."""
    lines = ["Rec#\tCyc#\tStep\tTestTime\tStepTime\tAmps\tVolts\tState\tDPt Time"]
    for row in range(288):
        second = every_second * row
        shown = second / 60 if minutes else second
        date = _BEGIN + timedelta(seconds=second, hours=paused_hours * (row > 100))
        lines.append(
            f"{row + 1}\t1\t1\t{shown:.4f}\t{shown:.4f}\t0.0001\t{3 + row / 288:.4f}\tC\t{date.strftime(written)}"
        )
    return "\n".join([*lines, ""]).encode()


@pytest.mark.parametrize(
    "written", ["%m/%d/%Y %H:%M:%S", "%d/%m/%Y %H:%M:%S", "%Y-%m-%d %H:%M", "%m/%d/%Y %I:%M:%S %p"]
)
def test_minutes_that_no_label_states_are_read_as_minutes_by_the_dates(written: str) -> None:
    """A test time without a unit is seconds, or minutes where the dates beside it say so; then it is said."""
    table = read_maccor_text(_maccor(written))
    assert float(table.metadata[CLOCK_OVER_DATES]) == pytest.approx(1.0, abs=0.01)
    minutes = read_table("a.txt", _maccor(written, minutes=True))[0]
    np.testing.assert_allclose(minutes.column("test_time_second"), table.column("test_time_second"), atol=0.01)
    assert any("read as minutes" in note for note in minutes.notes)


def test_minutes_whose_label_says_seconds_are_refused_by_the_dates() -> None:
    """The label is believed, and the dates contradict it."""
    content = _maccor("%Y-%m-%d %H:%M:%S", minutes=True).replace(b"TestTime", b"TestTime (Sec)", 1)
    with pytest.raises(CathodelabError, match="about 60 times apart") as caught:
        read_table("a.txt", content)
    assert caught.value.code == "clocks-contradict"


def test_a_pause_between_rows_is_no_other_unit() -> None:
    """The clock of a test stands still while it is paused; the dates go on."""
    table = read_maccor_text(_maccor("%Y-%m-%d %H:%M:%S", paused_hours=100))
    assert 0.2 < float(table.metadata[CLOCK_OVER_DATES]) < 0.4


@pytest.mark.parametrize("written", ["x", "%Y-%m-%d", "01/01/2026 00:00:00"])
def test_dates_that_tell_nothing_are_not_compared(written: str) -> None:
    """No dates, days alone, one date in all rows."""
    assert CLOCK_OVER_DATES not in read_maccor_text(_maccor(written, minutes=True)).metadata
