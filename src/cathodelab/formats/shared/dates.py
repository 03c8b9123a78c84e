"""The dates beside the rows of a cycler's text, of the first and the last row alone: a second clock to compare with."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import product

from cathodelab.core.arrays import FloatArray
from cathodelab.formats.scale import CLOCK
from cathodelab.formats.shared.instrument_text import InstrumentText
from cathodelab.formats.shared.scale import refuse_other_clock

CLOCK_OVER_DATES = "test time over the dates' time"
"""Entry of a table's metadata."""
_LABELS = frozenset({"date", "datetime", "dpttime", "realtime", "absolutetime"})
_DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%m-%d-%Y")
_TIMES = ("%H:%M:%S.%f", "%H:%M:%S", "%I:%M:%S %p", "%H:%M", "%I:%M %p")
_MINUTE, _LEAST_RESOLVED = 60.0, 20.0
_TAIL_BYTES = 65536


def clock_over_dates(text: InstrumentText, time: FloatArray) -> dict[str, str]:
    """How much faster the test time runs than the dates, as an entry of metadata; empty where there are no dates.

    Args:
        text: with its header located.
        time: test time of its rows, s.

    Raises:
        CathodelabError: the two differ by a factor between units.
    """
    spans = _spans(text)
    passed = float(time[-1] - time[0])
    if not spans or not passed > 0:
        return {}
    # day and month may have changed places: the reading that the test time fits, else the shorter time
    fitting = [one for one in spans if CLOCK.high >= passed / one >= 1 / CLOCK.high]
    dated = min(fitting or spans)
    refuse_other_clock(passed, dated)
    return {CLOCK_OVER_DATES: f"{passed / dated:.6g}"}


def _spans(text: InstrumentText) -> list[float]:
    """Time between the dates of the first and the last row, s, by each way to read them; none where it is too short."""
    place = next((i for i, label in enumerate(text.header) if _plain(label) in _LABELS), None)
    if place is None:
        return []
    first = _cell(text, text.content[text.body_start : text.body_start + _TAIL_BYTES].splitlines(), place)
    tail = text.content[max(len(text.content) - _TAIL_BYTES, text.body_start) :].splitlines()
    last = _cell(text, tail[::-1], place)
    found = []
    for pattern in _patterns(first):
        try:
            span = (_read(last, pattern) - _read(first, pattern)).total_seconds()
        except ValueError:
            continue
        resolution = 1.0 if "%S" in pattern else _MINUTE
        if span > _LEAST_RESOLVED * resolution:
            found.append(span)
    return found


def _read(date: str, pattern: str) -> datetime:
    """A date as written; differences alone are used, so that the zone does not matter."""
    return datetime.strptime(date, pattern).replace(tzinfo=UTC)


def _plain(label: str) -> str:
    return re.sub(r"[^a-z]", "", label.partition("(")[0].lower())


def _cell(text: InstrumentText, lines: list[bytes], place: int) -> str:
    """The cell of the first whole line among these; empty where there is none."""
    for line in lines:
        cells = line.decode("latin-1").rstrip("\r").split(text.delimiter)
        if len(cells) >= len(text.header) and cells[place].strip():
            return cells[place].strip().strip('"')
    return ""


def _patterns(date: str) -> list[str]:
    """The ways to read a date with a time of day that fit it."""
    found = []
    for day, clock in product(_DAYS, _TIMES):
        try:
            _read(date, f"{day} {clock}")
        except ValueError:
            continue
        found.append(f"{day} {clock}")
    return found
