"""Fast reading of text exports of cyclers: only the needed columns, straight to numbers.

polars parses the bytes. Where it fails (a cell that is no number, a truncated line, a decimal comma), the text is read again
by :mod:`cathodelab.formats.shared.delimited`, which is slower but names the line and the column.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cathodelab.core.arrays import FloatArray, frozen
from cathodelab.core.errors import CathodelabError
from cathodelab.formats.shared.delimited import (
    cells_of,
    count_of,
    decoded,
    has_decimal_commas,
    numbers,
    refuse_no_text,
    text_table,
)
from cathodelab.formats.shared.labels import Place
from cathodelab.formats.table import no_rows

if TYPE_CHECKING:
    import polars as pl

HEADER_WITHIN_LINES = 30
_NO_UNITS = frozenset({"", "-", "#"})
CLOCK_COLUMNS = ("test_time_second", "step_time_second")


@dataclass(frozen=True)
class InstrumentText:
    """A text export with its header located.

    Args:
        content: the whole file.
        header: its labels.
        header_line: number of their line, from 0.
        delimiter: sign between the cells.
        body_start: the byte at which the rows begin.
        lines_before: number of lines before the first row.
        decimal: decimal sign where it is stated; empty: found from the rows.
    """

    content: bytes
    header: tuple[str, ...]
    header_line: int
    delimiter: str
    body_start: int
    lines_before: int
    decimal: str = ""


def found_header(
    content: bytes,
    line_of_header: int,
    offset: int,
    *,
    units_below: bool = False,
    delimiter: str = "",
    decimal: str = "",
    skip_below: int = 0,
) -> InstrumentText:
    """The text with its header at the given line (counted from 0), which starts at the given byte.

    Args:
        content: the whole file.
        line_of_header: number of the line of labels, from 0.
        offset: the byte at which it begins.
        units_below: whether the line below it holds the units, which then end the labels in brackets.
        delimiter: sign between the cells; found from the labels where empty.
        decimal: decimal sign; found from the rows where empty.
        skip_below: lines between the labels and the rows.
    """
    refuse_no_text(content)
    head, end = _line_at(content, offset)
    delimiter = delimiter or max(("\t", ";", ","), key=head.count)
    labels = [name.strip().strip('"').strip() for name in cells_of(head, delimiter)]
    lines = line_of_header + 1
    if units_below:
        below, end = _line_at(content, end)
        lines += 1
        units = [one.strip().strip('"[]() ') for one in cells_of(below, delimiter)]
        units += [""] * (len(labels) - len(units))
        labels = [
            f"{label} ({unit})" if unit not in _NO_UNITS else label for label, unit in zip(labels, units, strict=False)
        ]
    for _ in range(skip_below):
        _, end = _line_at(content, end)
        lines += 1
    while end < len(content) and content[end : end + 1] in b"\r\n":
        lines += content[end : end + 1] == b"\n"
        end += 1
    return InstrumentText(content, tuple(labels), line_of_header, delimiter, min(end, len(content)), lines, decimal)


def _line_at(content: bytes, offset: int) -> tuple[str, int]:
    """The line that begins at a byte, and where the next one begins."""
    end = content.find(b"\n", offset)
    end = len(content) if end < 0 else end
    line = content[offset:end]
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = line.decode("latin-1")
    return text.rstrip("\r"), end + 1


def read_columns(text: InstrumentText, places: Mapping[str, Place]) -> tuple[dict[str, FloatArray], pl.Series | None]:
    """The columns in canonical units, and the column of states (words or letters) where there is one."""
    frame = _fast_frame(text, places)
    if frame is None:
        return _careful(text, places)
    columns = {}
    for name in places:
        if name == "state":
            continue
        series = frame.drop_in_place(name)  # texts are large: each goes as soon as it is numbers
        values = _clock_seconds(series) if _is_clock(series) else series.to_numpy()
        if not np.isfinite(values).all():
            return _careful(text, places)
        columns[name] = frozen(values * places[name].factor)
    return columns, frame["state"] if "state" in places else None


def _fast_frame(text: InstrumentText, places: Mapping[str, Place]) -> pl.DataFrame | None:
    """The needed columns as read by polars; ``None`` where the slow, careful way is needed."""
    import polars as pl

    content, start, end = text.content, text.body_start, len(text.content)
    while end > start and content[end - 1] in b"\r\n":
        end -= 1
    first_end = content.find(b"\n", start, end)
    first = content[start : end if first_end < 0 else first_end].decode("latin-1").rstrip("\r").split(text.delimiter)
    width, size = len(first), len(text.header)
    # a delimiter behind the last cell of each row, or behind the last label alone
    usual = width == size or (width == size + 1 and not first[-1]) or (width == size - 1 and not text.header[-1])
    cells, lines = (count_of(sign, content, start, end) for sign in (text.delimiter, "\n"))
    names = {place.position: name for name, place in places.items()}
    if end <= start or not usual or cells != (lines + 1) * (width - 1) or max(names) >= width:
        return None
    schema = {
        f"column_{position + 1}": pl.String
        if names.get(position, "state") == "state" or ":" in first[position]
        else pl.Float64
        for position in range(width)
    }
    numbers_ = [first[place] for place in names if schema[f"column_{place + 1}"] == pl.Float64]
    found_comma = text.delimiter != "," and has_decimal_commas([text.delimiter.join(numbers_)], text.delimiter)
    comma = text.decimal == "," if text.decimal else found_comma
    empty_lines_follow = len(content) - end > len(b"\r\n")
    try:
        frame = pl.read_csv(
            content[:end] if empty_lines_follow else content,  # rarely a copy
            skip_rows=text.lines_before,
            has_header=False,
            separator=text.delimiter,
            columns=sorted(names),
            schema=schema,
            quote_char=None,
            encoding="utf8-lossy",
            decimal_comma=comma,
        )
    except pl.exceptions.PolarsError:
        return None  # the careful way finds and names the line
    if frame.height != lines + 1:
        return None
    return frame.rename({f"column_{position + 1}": name for position, name in names.items()})


def _careful(text: InstrumentText, places: Mapping[str, Place]) -> tuple[dict[str, FloatArray], pl.Series | None]:
    """As :func:`read_columns`, slowly; raises the error that names line and column."""
    import polars as pl

    rest = text.content[text.body_start :]
    if not rest.strip():
        raise no_rows(f"{text.lines_before} lines")
    body = "\n" * text.lines_before + decoded(rest)
    head = text.delimiter.join(f'"{label}"' if text.delimiter in label else label for label in text.header)
    table = text_table(head + body, delimiter=text.delimiter, decimal=text.decimal)
    rows = [line.split(table.delimiter) for line in table.body.split("\n")]
    columns: dict[str, FloatArray] = {}
    plain: dict[str, int] = {}
    for name, place in places.items():
        if name in CLOCK_COLUMNS and ":" in rows[0][place.position]:
            series = pl.Series([row[place.position] for row in rows], dtype=pl.String)
            columns[name] = frozen(_clock_seconds(series))
            _refuse_no_clock(columns[name], series, text.header[place.position], table.first_row)
        elif name != "state":
            plain[name] = place.position
    columns |= {name: frozen(values * places[name].factor) for name, values in numbers(table, plain).items()}
    state = pl.Series([row[places["state"].position] for row in rows], dtype=pl.String) if "state" in places else None
    return columns, state


def _is_clock(series: pl.Series) -> bool:
    import polars as pl

    return series.dtype == pl.String


def _clock_seconds(series: pl.Series) -> FloatArray:
    """Seconds of ``2d 02:52:51.57``, ``2-02:52:51`` or ``144:02:18``; ``nan`` where the text is none of them."""
    parts = _clock_parts(series)
    return _clock_by_text(series) if parts is None else parts


def _clock_parts(series: pl.Series) -> FloatArray | None:
    """Seconds from clocks that are all written alike, parsed as columns of a table; ``None`` if they are not alike."""
    import polars as pl

    if series.null_count():
        return None
    text = series.str.join("\n").item().encode()  # not of a list: its texts would be larger than all numbers
    text = text.replace(b" ", b"").replace(b",", b".")
    if text.count(b"-") == series.len():  # days before a dash, as BTSDA writes them
        text = text.replace(b"-", b"d")
    signs = text.count(b":")
    has_days = text.count(b"d") == series.len()
    if signs != 2 * series.len() or (b"d" in text and not has_days):
        return None
    units = {"days": 86400.0, "hours": 3600.0, "minutes": 60.0, "seconds": 1.0}
    names = list(units) if has_days else list(units)[1:]
    kinds: dict[str, type[pl.DataType]] = {
        "days": pl.UInt32,
        "hours": pl.UInt32,
        "minutes": pl.UInt8,
        "seconds": pl.Float64,
    }
    try:
        frame = pl.read_csv(
            text.replace(b"d", b":"),
            has_header=False,
            separator=":",
            schema={name: kinds[name] for name in names},
            quote_char=None,
        )
    except pl.exceptions.PolarsError:
        return None  # the slow way finds the row
    if frame.height != series.len() or any(frame.null_count().row(0)):
        return None
    seconds = np.zeros(frame.height)
    for name in names:
        seconds += frame[name].to_numpy() * units[name]
    return seconds


def _clock_by_text(series: pl.Series) -> FloatArray:
    """As :func:`_clock_seconds`, row by row; texts that are no clock become ``nan``."""
    import polars as pl

    # split at characters, as a regular expression takes ten times as long; texts that are no numbers become null
    text = pl.col("clock").str.strip_chars().str.replace(r"^(\d+)-", "${1}d")
    days = text.str.split_exact("d", 1)
    has_days = text.str.contains("d", literal=True)
    clock = pl.when(has_days).then(days.struct.field("field_1")).otherwise(text).str.split_exact(":", 2)
    hours, minutes = (clock.struct.field(f"field_{index}").str.strip_chars_start() for index in (0, 1))
    seconds = clock.struct.field("field_2").str.replace(",", ".", literal=True)
    whole_days = pl.when(has_days).then(days.struct.field("field_0").cast(pl.UInt32, strict=False)).otherwise(0)
    total = (
        whole_days * 86400.0
        + hours.cast(pl.UInt32, strict=False) * 3600.0
        + minutes.cast(pl.UInt8, strict=False) * 60.0
        + seconds.cast(pl.Float64, strict=False)
    )
    frame = pl.DataFrame({"clock": series}).select(total.fill_null(float("nan")))
    return np.asarray(frame.to_series().to_numpy(), dtype=np.float64)


def _refuse_no_clock(values: FloatArray, series: pl.Series, label: str, first_row: int) -> None:
    bad = ~np.isfinite(values)
    if bad.any():
        row = int(np.argmax(bad))
        raise CathodelabError(
            "value-not-a-number",
            f"{series[row]!r} is no time",
            where=f"line {first_row + row}, column {label!r}",
            why="The times of this file are written as days, hours, minutes and seconds (1d 02:03:04 or 26:03:04).",
            what_to_do="Correct or remove these rows in a copy, or export the file again.",
        )
