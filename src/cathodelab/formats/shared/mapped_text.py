"""Where the labels of a declared map stand in a text, and the columns below them: numbers, clocks, dates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.errors import CathodelabError
from cathodelab.formats.shared.delimited import cells_of, decoded, text_table
from cathodelab.formats.shared.instrument_text import CLOCK_COLUMNS, InstrumentText, found_header, read_columns
from cathodelab.formats.shared.labels import Place

if TYPE_CHECKING:
    import polars as pl

SEARCHED_BYTES = 1 << 20
_DELIMITERS = ("\t", ";", ",")
_LONGEST_LINE, _MOST_LINES = 50_000, 50_000
_CLOCK = re.compile(r"\s*\"?(?:\d+ ?[d-] ?)?\d+:\d{2}:\d{2}(?:[.,]\d*)?\"?\s*")
_DATE = re.compile(r"\s*\"?\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}[ T]+\d{1,2}:\d{2}")
_DATES = tuple(
    f"{day}{between}{clock}"
    for day in ("%Y-%m-%d", "%Y/%m/%d", "%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y")
    for between in (" ", "T")
    for clock in ("%H:%M:%S%.f", "%H:%M", "%I:%M:%S %p")
)
"""How dates are written; where day and month may have changed places, the shorter test is the right one."""


@dataclass(frozen=True)
class Labels:
    """A line of labels: its number from 0, the byte at which it begins, the delimiter, its cells."""

    line: int
    offset: int
    delimiter: str
    cells: tuple[str, ...]


def lines_of_labels(content: bytes, delimiter: str = "") -> Iterator[Labels]:
    """Every line of the first megabyte as one of labels."""
    head = content[:SEARCHED_BYTES]
    at = number = 0
    while at < len(head) and number < _MOST_LINES:
        end = head.find(b"\n", at)
        end = len(head) if end < 0 else end
        if 0 < end - at < _LONGEST_LINE:
            line = _text(head[at:end])
            between = delimiter or max(_DELIMITERS, key=line.count)
            cells = tuple(cell.strip().strip('"').strip() for cell in cells_of(line, between))
            yield Labels(number, at, between, cells)
        at, number = end + 1, number + 1


def located(content: bytes, wanted: Iterable[str], delimiter: str = "", skip_rows: int = 0) -> Labels | None:
    """The first line that has all of the labels; with ``skip_rows`` the line behind so many."""
    labels = set(wanted)
    needles = [label.encode() for label in labels if label.isascii()]
    if not all(needle in content[:SEARCHED_BYTES] for needle in needles):
        return None
    for line in lines_of_labels(content, delimiter):
        if (not skip_rows or line.line == skip_rows) and labels <= set(line.cells):
            return line
    return None


def likeliest(content: bytes, wanted: Iterable[str] = (), delimiter: str = "", skip_rows: int = 0) -> Labels | None:
    """The line that most likely holds the labels: with most of the wanted ones, else the first above a table of numbers."""
    labels = set(wanted)
    lines = []
    for line in lines_of_labels(content, delimiter):
        lines.append(line)
        if len(lines) > _LIKELY_WITHIN or (skip_rows and line.line == skip_rows):
            break
    if skip_rows:
        return lines[-1] if lines else None
    best = max(lines, key=lambda one: len(labels & set(one.cells)), default=None)
    if best is not None and labels & set(best.cells):
        return best
    for line, below in pairwise(lines):
        named = sum(bool(cell) and not _is_number(cell) for cell in line.cells)
        counted = sum(map(_is_number, below.cells))
        if len(line.cells) > 1 and named >= max(2, len(line.cells) - 1) and counted >= 2 and below.cells != line.cells:
            return line
    return None


_LIKELY_WITHIN = 400


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return _CLOCK.fullmatch(cell) is not None
    return True


def _text(line: bytes) -> str:
    try:
        return line.decode("utf-8-sig").rstrip("\r")
    except UnicodeDecodeError:
        return line.decode("latin-1").rstrip("\r")


def columns_below(
    content: bytes, labels: Labels, wanted: Mapping[str, str], *, decimal: str = "", skip_below: int = 0
) -> tuple[dict[str, FloatArray], dict[str, str]]:
    """The columns of these labels as they stand there, and for those of clocks or dates (then in seconds) which they are.

    Args:
        content: the file.
        labels: its line of labels.
        wanted: canonical column -> label.
        decimal: decimal sign; found from the rows where empty.
        skip_below: lines between the labels and the rows.
    """
    text = found_header(
        content, labels.line, labels.offset, delimiter=labels.delimiter, decimal=decimal, skip_below=skip_below
    )
    places = {name: Place(text.header.index(label), 1.0) for name, label in wanted.items()}
    first = cells_of(
        _text(content[text.body_start : text.body_start + _LONGEST_LINE].partition(b"\n")[0]), text.delimiter
    )
    kinds = {}
    for name in CLOCK_COLUMNS:
        cell = first[places[name].position] if name in places and places[name].position < len(first) else ""
        if _DATE.match(cell):
            kinds[name] = "dates"
        elif _CLOCK.fullmatch(cell):
            kinds[name] = "clocks"
    dated = [name for name, kind in kinds.items() if kind == "dates"]
    plain = {name: place for name, place in places.items() if name not in dated}
    columns, _ = read_columns(text, plain) if plain else ({}, None)
    for name in dated:
        columns[name] = _dated(text, places[name].position)
    return {name: columns[name] for name in wanted}, kinds


def _dated(text: InstrumentText, position: int) -> FloatArray:
    """Seconds since the first date of a column."""
    import polars as pl

    head = text.delimiter.join(f'"{label}"' if text.delimiter in label else label for label in text.header)
    body = "\n" * text.lines_before + decoded(text.content[text.body_start :])
    table = text_table(head + body, delimiter=text.delimiter)
    cells = [line.split(table.delimiter)[position].strip().strip('"') for line in table.body.split("\n")]
    seconds = seconds_of_dates(pl.Series(cells, dtype=pl.String))
    bad = ~np.isfinite(seconds)
    if bad.any():
        row = int(np.argmax(bad))
        raise CathodelabError(
            "value-not-a-number",
            f"{cells[row][:40]!r} is no date",
            where=f"line {table.first_row + row}, column {text.header[position]!r}",
            why="The column of time holds dates, as 2026-01-31 10:00:00 or 31.01.2026 10:00:00.",
            what_to_do="Correct or remove these rows in a copy, or export the time of the test.",
        )
    return seconds


def seconds_of_dates(cells: pl.Series) -> FloatArray:
    """Seconds since the first of these dates; ``nan`` where one is none."""
    import polars as pl

    text = cells.str.strip_chars().str.replace(",", ".", literal=True)
    found = np.full(cells.len(), np.nan)
    for written in _DATES:
        moments = text.str.to_datetime(written, strict=False, time_unit="us")
        if moments.null_count() == moments.len():
            continue
        seconds = np.asarray(moments.cast(pl.Int64).cast(pl.Float64).to_numpy(), dtype=np.float64) / 1e6
        seconds = seconds - seconds[0]
        grows = np.isfinite(seconds).all() and bool((np.diff(seconds) >= 0).all())
        if np.isfinite(seconds).sum() > np.isfinite(found).sum() or (grows and not seconds[-1] >= found[-1]):
            found = seconds
    return found


def tells_a_test(content: bytes) -> bool:
    """Whether a text is a table with a time, a potential and a current, whatever they are called."""
    near = likeliest(content)
    return near is not None and "..." not in suggestion(near.cells)


def suggestion(cells: Sequence[str]) -> str:
    """Entries of a column map from labels as they were seen; what is not understood stands there to be filled in."""
    spectra = any(re.match(r"freq|f\b", cell, re.IGNORECASE) for cell in cells)
    lines = ['kind = "impedance spectra"'] if spectra else []
    for word, patterns, unit in _GUESSES_OF_SPECTRA if spectra else _GUESSES:
        label = next((cell for pattern in patterns for cell in cells if re.search(pattern, cell, re.IGNORECASE)), "")
        stated = re.search(r"[(\[/] ?([^()\[\]/]+?)[)\]]?$", label)
        quoted = (label or "...").replace("\\", "\\\\").replace('"', '\\"')
        lines.append(f'{word} = {{ column = "{quoted}", unit = "{stated[1].strip() if stated else unit}" }}')
    return "\n".join(lines)


_GUESSES = (
    ("time", (r"test.?time|total.?time|run.?time|elapsed|prog.?time", r"^t\b|time|zeit|temps|时间"), "s"),
    ("voltage", (r"ewe|ecell|volt|potential|spannung|tension|电压", r"^[ue]\b|\bv\b"), "V"),
    ("current", (r"current|strom|courant|amp|电流", r"^i\b|<i>"), "A"),
)
_GUESSES_OF_SPECTRA = (
    ("frequency", (r"^freq|^f\b",), "Hz"),
    ("real", (r"re\b|real|z'(?!')|zre",), "Ohm"),
    ("imaginary", (r"im\b|imag|z''|zim",), "Ohm"),
)
"""Word of the map, patterns of labels in the order of trust, unit where the label states none."""
