"""Compaction tables as text: pressures or forces beside thicknesses or the way of a crosshead.

Every reading becomes a row: its pressure or force, its length, and a number that says what the length is. A table that has
thicknesses in the die and out of it gives two rows for each of its lines; an empty cell is a thickness that was not measured.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from cathodelab.core.arrays import frozen
from cathodelab.core.errors import CathodelabError
from cathodelab.formats.readers import HEAD_BYTES, Reader
from cathodelab.formats.shared.delimited import decoded
from cathodelab.formats.table import Table, no_rows
from cathodelab.techniques.compaction.labels import COLUMNS, Meaning, Quantity, Undecided, meaning_of
from cathodelab.techniques.compaction.table_kind import COMPACTION, INDEX, LENGTHS

LOADS: tuple[Quantity, ...] = ("pressure", "force", "mass")
_DELIMITERS = ("\t", ";", ",")
_SEARCHED_LINES = 60


@dataclass(frozen=True)
class _Header:
    """Where the labels stand, and what they mean."""

    line: int
    delimiter: str
    labels: tuple[str, ...]
    meanings: tuple[Meaning | Undecided | None, ...]
    body: int

    def places(self, quantity: str) -> list[tuple[int, float]]:
        """Columns of a quantity with their factors."""
        return [
            (place, one.factor)
            for place, one in enumerate(self.meanings)
            if isinstance(one, Meaning) and one.quantity == quantity
        ]


def is_compaction_text(head: str) -> bool:
    """Whether a text has a line of labels with a pressure or a force and a thickness or a displacement."""
    return _header(head.splitlines()[:_SEARCHED_LINES]) is not None


def read_compaction_text(content: bytes) -> Table:
    """A compaction table with one row for each reading.

    Raises:
        CathodelabError: no labels, a label without a known unit, a cell that is no number, a line that was cut off.
    """
    lines = decoded(content).splitlines()
    header = _header(lines[:_SEARCHED_LINES])
    if header is None:
        raise _no_labels(lines)
    _refuse_lacking(header)
    cells = _cells(lines, header)
    if not cells:
        raise no_rows(f"line {header.line + 1}")
    return _table(header, cells)


def _header(lines: Sequence[str]) -> _Header | None:
    """The first line that names a pressure or force and a length, with the row of units below it."""
    for number, line in enumerate(lines):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        delimiter = max(_DELIMITERS, key=line.count)
        labels = tuple(cell.strip() for cell in _split(line, delimiter))
        if len(labels) < 2:
            continue
        meanings = tuple(map(meaning_of, labels))
        below = next((place for place in range(number + 1, len(lines)) if lines[place].strip()), number)
        units = [cell.strip().strip("[]()") for cell in _split(lines[below], delimiter)]
        body = number + 1
        if below > number and len(units) == len(labels) and not any(map(_is_number, units)):
            meanings, body = tuple(map(meaning_of, labels, units)), below + 1
        if _names_both(meanings):
            return _Header(number, delimiter, labels, meanings, body)
    return None


def _names_both(meanings: Sequence[Meaning | Undecided | None]) -> bool:
    """Whether both sides of a compaction are named, be it without a unit."""
    known = [one.quantity for one in meanings if isinstance(one, Meaning)]
    pending = sum(isinstance(one, Undecided) for one in meanings)
    loads = any(one in ("pressure", "force") for one in known)
    lengths = any(one in LENGTHS for one in known)
    return (loads and lengths) or (pending > 0 and (loads or lengths or pending > 1))


def _refuse_lacking(header: _Header) -> None:
    for label, one in zip(header.labels, header.meanings, strict=True):
        if isinstance(one, Undecided):
            raise CathodelabError(
                "unit-unknown",
                f"The column {label!r} has the unit {one.unit!r}"
                if one.unit
                else f"The column {label!r} states no unit",
                where=f"header (line {header.line + 1})",
                why=f"Known units of this quantity are {', '.join(one.units)}; none is guessed.",
                what_to_do=f"Write the unit into the label, e.g. {label.split('(')[0].strip()} ({one.units[0]}).",
            )


def _cells(lines: Sequence[str], header: _Header) -> list[tuple[int, list[str]]]:
    """Line number (from 0) and cells of every row; blank lines and comments are none."""
    rows = []
    numbers = [
        number
        for number in range(header.body, len(lines))
        if lines[number].strip(header.delimiter + " \t\r") and not lines[number].lstrip().startswith("#")
    ]
    for number in numbers:
        cells = _split(lines[number], header.delimiter)
        if len(cells) != len(header.labels):
            last = number == numbers[-1]
            raise CathodelabError(
                "file-truncated" if last else "row-incomplete",
                f"Line {number + 1} has {len(cells)} of {len(header.labels)} columns"
                + (": the file was cut off" if last and len(cells) < len(header.labels) else ""),
                where=f"line {number + 1}: {lines[number][:60]!r}",
                why="Every row needs every column; decimal commas in a file with commas between its columns make more.",
                what_to_do="Copy or export the file again, with semicolons or tabs between the columns.",
            )
        rows.append((number, [cell.strip() for cell in cells]))
    return rows


def _table(header: _Header, rows: Sequence[tuple[int, list[str]]]) -> Table:
    used = [place for place, one in enumerate(header.meanings) if isinstance(one, Meaning)]
    comma = header.delimiter != "," and _writes_commas([row[place] for _, row in rows for place in used])
    loads = {quantity: places[0] for quantity in LOADS if (places := header.places(quantity))}
    lengths = [(index, *place) for index, quantity in enumerate(LENGTHS) for place in header.places(quantity)]
    columns: dict[str, list[float]] = {COLUMNS[quantity]: [] for quantity in loads}
    columns |= {COLUMNS["length"]: [], INDEX: []}
    for number, row in rows:
        cell = partial(_number, header, row, number, comma=comma)
        stated = {quantity: factor * cell(place) for quantity, (place, factor) in loads.items()}
        filled = [one for one in lengths if row[one[1]]] or lengths[:1]  # a row without any length is refused
        for index, place, factor in filled:
            for quantity, amount in stated.items():
                columns[COLUMNS[quantity]].append(amount)
            columns[COLUMNS["length"]].append(factor * cell(place))
            columns[INDEX].append(index)
    taken = {place for place, _ in loads.values()} | {place for _, place, _ in lengths}
    unknown = tuple(label for place, label in enumerate(header.labels) if label and place not in taken)
    return Table(COMPACTION.word, {name: frozen(values) for name, values in columns.items()}, unknown, _notes(header))


def _notes(header: _Header) -> tuple[str, ...]:
    place = next(iter(header.places("pressure")), None)
    if place is None or "bar" not in header.labels[place[0]].lower():
        return ()
    note = (
        f"The pressures of the column {header.labels[place[0]]!r} are in bar and were taken as pressures on the powder; "
        "the gauge of a hydraulic press shows the pressure of its oil, which is another one."
    )
    return (note,)


def _writes_commas(cells: Sequence[str]) -> bool:
    return any("," in cell for cell in cells) and not any("." in cell for cell in cells)


def _number(header: _Header, row: Sequence[str], line: int, place: int, *, comma: bool) -> float:
    """The number in a cell; ``comma``: whether the file writes decimal commas."""
    text = row[place].strip().strip('"')
    try:
        value = float(text.replace(",", ".") if comma else text)
    except ValueError:
        value = float("nan")
    if not -1e12 < value < 1e12 or "_" in text:
        raise CathodelabError(
            "value-not-a-number",
            f"{text[:40]!r} is no number",
            where=f"line {line + 1}, column {header.labels[place]!r}",
            why="Every row needs a pressure or force and at least one thickness; other thicknesses may be left empty.",
            what_to_do="Correct or remove the row in a copy.",
        )
    return value


def _no_labels(lines: Sequence[str]) -> CathodelabError:
    first = next((line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")), "")
    return CathodelabError(
        "column-missing",
        "The file has no line of labels with a pressure (or force) and a thickness (or displacement)",
        where=f"first line: {first[:120]!r}",
        why="Quantities and units are taken from the labels; the pressure of a pump's oil is none on the powder.",
        what_to_do="Name the columns, e.g. pressure (MPa); thickness in die (mm); thickness out of die (mm).",
    )


def _split(line: str, delimiter: str) -> list[str]:
    if '"' in line and len(line) < csv.field_size_limit():
        return next(csv.reader([line], delimiter=delimiter))
    return line.split(delimiter)


def _is_number(cell: str) -> bool:
    try:
        float(cell.strip('"').replace(",", "."))
    except ValueError:
        return False
    return True


def _takes(_name: str, content: bytes) -> bool:
    head = content[:HEAD_BYTES]
    whole_lines = head if len(head) == len(content) else head[: head.rfind(b"\n") + 1]
    try:
        return is_compaction_text(whole_lines.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return is_compaction_text(whole_lines.decode("latin-1"))


READER = Reader("compaction-text", "1", _takes, read_compaction_text)
READERS = (READER,)
