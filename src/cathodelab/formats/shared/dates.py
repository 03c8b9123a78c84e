"""The dates beside the rows of a cycler's text, of the first and the last row alone: a second clock to compare with."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from cathodelab.core.arrays import FloatArray
from cathodelab.formats.scale import CLOCK
from cathodelab.formats.shared.impossible_scales import refuse_other_clock
from cathodelab.formats.shared.instrument_text import InstrumentText

CLOCK_OVER_DATES = "test time over the dates' time"
"""Entry of a table's metadata."""
_LABELS = frozenset({"date", "datetime", "dpttime", "realtime", "absolutetime", "dateandtime"})
_DATE = re.compile(
    r"(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:[.,]\d*)? ?([AP]M)?", re.IGNORECASE
)
_MINUTE, _LEAST_RESOLVED, _CENTURY, _NOON = 60.0, 20.0, 100, 12
_LONGEST_LINE = 8192


def clock_over_dates(text: InstrumentText, time: FloatArray) -> dict[str, str]:
    """How much faster the test time runs than the dates, as an entry of metadata; empty where there are no dates.

    Args:
        text: with its header located.
        time: test time of its rows, s.

    Raises:
        CathodelabError: the two differ by a factor between units.
    """
    return clock_over_spans(dated_spans(text), time)


def clock_over_spans(spans: list[float], time: FloatArray) -> dict[str, str]:
    """As :func:`clock_over_dates`, of the spans of a text that need not be kept any longer."""
    passed = float(time[-1] - time[0])
    if not spans or not passed > 0:
        return {}
    # day and month may have changed places: the reading that the test time fits, else the shorter time
    fitting = [one for one in spans if CLOCK.high >= passed / one >= 1 / CLOCK.high]
    dated = min(fitting or spans)
    refuse_other_clock(passed, dated)
    return {CLOCK_OVER_DATES: f"{passed / dated:.6g}"}


def dated_spans(text: InstrumentText) -> list[float]:
    """Time between the dates of the first and the last row, s, by each way to read them; none where it is too short."""
    place = next((i for i, label in enumerate(text.header) if _plain(label) in _LABELS), None)
    if place is None:
        return []
    content, end = text.content, len(text.content)
    while end > text.body_start and content[end - 1] in b"\r\n\t ":
        end -= 1
    first_end = content.find(b"\n", text.body_start, text.body_start + _LONGEST_LINE)
    last_start = content.rfind(b"\n", max(end - _LONGEST_LINE, text.body_start), end) + 1
    first, last = (_cell(text, line, place) for line in (content[text.body_start : first_end], content[last_start:end]))
    found = []
    for begin, finish in zip(_readings(first), _readings(last), strict=False):
        if begin and finish:
            span = (finish - begin).total_seconds()
            resolution = 1.0 if first.count(":") > 1 else _MINUTE
            if span > _LEAST_RESOLVED * resolution:
                found.append(span)
    return found


def _plain(label: str) -> str:
    return re.sub(r"[^a-z]", "", label.partition("(")[0].lower())


def _cell(text: InstrumentText, line: bytes, place: int) -> str:
    """A cell of a whole line; empty where the line is not whole."""
    cells = line.decode("latin-1").rstrip("\r").split(text.delimiter)
    return cells[place].strip().strip('"') if place < len(cells) else ""


def _readings(date: str) -> list[datetime | None]:
    """A date as year, month, day, or else as month, day, year and as day, month, year; ``None`` where it is no such date.

    Differences alone are used, so that the zone does not matter.
    """
    found = _DATE.match(date)
    if not found:
        return []
    a, b, c, hour, minute, second = (int(one or 0) for one in found.groups()[:6])
    half = (found.group(7) or "").upper()
    hour = hour % _NOON + _NOON * (half == "PM") if half else hour
    ways = [(a, b, c)] if a >= _CENTURY else [(c, a, b), (c, b, a)]
    return [_moment(*way, hour, minute, second) for way in ways]


def _moment(year: int, month: int, day: int, hour: int, minute: int, second: int) -> datetime | None:
    try:
        return datetime(year + 2000 * (year < _CENTURY), month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
