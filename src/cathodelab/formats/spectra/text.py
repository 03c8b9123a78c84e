"""Text exports of impedance instruments: a line of labels, then rows. RelaxIS, ZPlot, Autolab, Gamry, VersaStudio, csv.

The formats differ only in the lines before the labels, the delimiter and the decimal sign. Potential, current and time of
every frequency are kept where the file has them.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from cathodelab.core.arrays import frozen
from cathodelab.core.errors import CathodelabError
from cathodelab.formats.declared.makers import VERSASTUDIO
from cathodelab.formats.shared.delimited import decoded
from cathodelab.formats.spectra.labels import SpectrumColumn, complete, spectrum_columns
from cathodelab.formats.spectra.sweeps import completed
from cathodelab.formats.table import Table, no_rows

_SEARCHED_LINES = 3000
_LONGEST_LABELS = 4000
_PLAIN_LINES = 12
_LABELS_WITHIN = 60
_MAY_LABEL = re.compile(r"freq|\bf\b", re.IGNORECASE)
_NO_SPECTRUM = frozenset({"column-missing", "file-without-rows"})
_SPECTRUM_TABLE = "ZCURVE"
"""Name of the tables of a Gamry file that hold spectra."""


@dataclass(frozen=True)
class _Layout:
    """Layout of a file's rows."""

    header: int
    delimiter: str
    labels: tuple[str, ...]
    decimal_comma: bool


def is_relaxis(head: str) -> bool:
    """Whether a text is a RelaxIS export."""
    return head.startswith("RelaxIS")


def is_gamry(head: str) -> bool:
    """Whether a text is a Gamry data file with impedance."""
    return head.startswith("EXPLAIN") and "\nTAG" in head and ("EIS" in head or "ZCURVE" in head)


def is_zplot(head: str) -> bool:
    """Whether a text is a ZPlot or ZView file."""
    return head.lstrip('"').upper().startswith(("ZPLOT", "ZVIEW"))


def is_autolab(head: str) -> bool:
    """Whether a text is an Autolab export in Z60W form."""
    return head.lstrip('"').startswith("Z60W")


def is_versastudio(head: str) -> bool:
    """Whether a text is a VersaStudio file."""
    return head.startswith("<Application>") and "VersaStudio" in head


def is_spectra_csv(head: str) -> bool:
    """Whether a line of a text labels an impedance spectrum, or its first rows are three plain columns of one."""
    lines = [line for line in head.splitlines() if line.strip()]
    if not lines:
        return False
    labelled = lines[: _LABELS_WITHIN if "freq" in head.lower() else 1]
    return any(map(_labels_of, labelled)) or _is_plain(lines[:_PLAIN_LINES])


def _labels_of(line: str) -> tuple[str, tuple[str, ...]] | None:
    """Delimiter and labels of a line that labels a spectrum: with tabs, semicolons, commas, wide or single blanks."""
    if len(line) > _LONGEST_LABELS or not _MAY_LABEL.search(line):
        return None
    for delimiter in dict.fromkeys((_delimiter(line), "  ", " ")):
        names = tuple(line.split() if delimiter == " " else _split(line, delimiter))
        if complete(spectrum_columns(names)[0]):
            return "  " if delimiter == " " else delimiter, names
    return None


def read_relaxis(content: bytes) -> Table:
    """Spectra of a RelaxIS export; its second header line goes to the metadata."""
    return _labelled(content, "RelaxIS")


def read_gamry(content: bytes) -> Table:
    """Spectrum of a Gamry .DTA file; drift-corrected columns are taken where the instrument wrote them."""
    return _labelled(content, "Gamry")


def read_zplot(content: bytes) -> Table:
    """Spectrum of a ZPlot or ZView file."""
    return _labelled(content, "ZPlot")


def read_autolab(content: bytes) -> Table:
    """Spectrum of an Autolab export."""
    return _labelled(content, "Autolab")


def read_versastudio(content: bytes) -> Table:
    """Spectrum of a VersaStudio .par file, or its cycling where no row has a frequency; else such rows do not belong to it."""
    try:
        return _labelled(content, "VersaStudio", start="Definition=")
    except CathodelabError as error:
        if error.code not in _NO_SPECTRUM or not VERSASTUDIO.takes(content):
            raise
    return VERSASTUDIO.read(content)


def read_spectra_csv(content: bytes) -> Table:
    """Spectra of a csv with labels, or of three plain columns: frequency, real and imaginary part."""
    text = decoded(content)
    lines = [line for line in text.splitlines() if line.strip()]
    if lines and _is_plain(lines[:_PLAIN_LINES]):
        delimiter = _delimiter(lines[0])
        labels = ("frequency/Hz", "Re(Z)/Ohm", "Im(Z)/Ohm")
        layout = _Layout(-1, delimiter, labels, decimal_comma=False)
        note = "The file has no labels; its columns were taken as frequency in Hz, real and imaginary part in ohm."
        return _table(lines, layout, "csv", [note])
    return _labelled(content, "csv")


def _labelled(content: bytes, format_name: str, start: str = "") -> Table:
    lines = decoded(content).splitlines()
    layout = _layout(lines, format_name, start)
    return _table(lines, layout, format_name, [])


def _layout(lines: Sequence[str], format_name: str, start: str) -> _Layout:
    for number, line in enumerate(lines[:_SEARCHED_LINES]):
        if (start and not line.startswith(start)) or len(line) > _LONGEST_LABELS:
            continue
        found = _labels_of(line.removeprefix(start))
        if found is not None:
            delimiter, names = found
            after = next((one for one in lines[number + 1 :] if _leading_number(one)), "")
            if delimiter == "  ":
                delimiter = _delimiter(after)  # Autolab separates labels by blanks and rows by commas
            cells = _split(after, delimiter)
            comma = any("," in cell for cell in cells) and not any("." in cell for cell in cells)
            return _Layout(number, delimiter, names, comma)
    raise CathodelabError(
        "column-missing",
        "The file has no line of labels with frequency and impedance",
        where=f"first {min(len(lines), _SEARCHED_LINES)} lines",
        why=f"A {format_name} file names them, e.g. Frequency, Z', Z'' or |Z| and phase.",
        what_to_do="Export the spectrum with these columns, or as csv with  freq/Hz,Re(Z)/Ohm,-Im(Z)/Ohm .",
    )


def _table(lines: Sequence[str], layout: _Layout, format_name: str, notes: list[str]) -> Table:
    side_by_side = _sets_side_by_side(layout.labels)
    if side_by_side > 1:
        lines, layout = _below_each_other(lines, layout, side_by_side)
        notes.append(
            f"The file holds {side_by_side} sets of the same columns side by side: spectra one after the other."
        )
    columns, unknown, corrected = spectrum_columns(layout.labels)
    rows, blocks, metadata = _rows(lines, layout, columns)
    if not rows:
        raise no_rows(f"line {layout.header + 1}")
    values = np.array(rows, dtype=np.float64)
    raw = {name: values[:, place] * columns[name].factor for place, name in enumerate(columns)}
    measured = raw["frequency_hertz"] > 0
    if not measured.all():
        notes.append(f"{int((~measured).sum())} rows have no frequency and are no part of a spectrum.")
    if not measured.any():
        raise no_rows(f"line {layout.header + 1}")
    raw = {name: column[measured] for name, column in raw.items()}
    if corrected:
        notes.append("The drift-corrected columns of the instrument were taken; the uncorrected ones are left out.")
    raw = completed(raw, notes, np.array(blocks)[measured])
    return Table(
        "impedance spectra",
        {name: frozen(column) for name, column in raw.items()},
        unknown,
        tuple(notes),
        {"format": format_name, **metadata},
    )


def _sets_side_by_side(labels: Sequence[str]) -> int:
    """How often the same labels stand in a line, one complete set beside the other; 1 where they do not."""
    plain = [label.strip().lower() for label in labels]
    for sets in range(len(plain) // 3, 1, -1):
        size, rest = divmod(len(plain), sets)
        if not rest and plain == plain[:size] * sets and complete(spectrum_columns(labels[:size])[0]):
            return sets
    return 1


def _below_each_other(lines: Sequence[str], layout: _Layout, sets: int) -> tuple[list[str], _Layout]:
    """Lines of a wide file with its sets of columns one below the other, parted by their labels."""
    size = len(layout.labels) // sets
    head = lines[: layout.header + 1]
    body = [_split(line, layout.delimiter) for line in lines[layout.header + 1 :] if line.strip()]
    found = list(head)
    between = layout.delimiter if layout.delimiter != "  " else "\t"
    for number in range(sets):
        part = slice(number * size, (number + 1) * size)
        if number:
            found.append(between.join(layout.labels[part]))
        # a shorter spectrum leaves its cells empty at the end
        found += [between.join(cells[part]) for cells in body if any(cell.strip() for cell in cells[part])]
    return found, replace(layout, labels=layout.labels[:size], delimiter=between)


def _rows(
    lines: Sequence[str], layout: _Layout, columns: dict[str, SpectrumColumn]
) -> tuple[list[list[float]], list[int], dict[str, str]]:
    """Numbers of the wanted columns row by row, the block of each row, and the lines between the blocks."""
    rows: list[list[float]] = []
    blocks: list[int] = []
    metadata: dict[str, str] = {}
    block = 0
    furthest = max(column.position for column in columns.values())
    last = max((number for number, line in enumerate(lines) if line.strip()), default=0)
    usual = 0
    for number in range(layout.header + 1, len(lines)):
        line = lines[number]
        if not line.strip():
            continue
        if rows and line[:1].isalpha() and "\tTABLE" in line:
            if line.startswith(_SPECTRUM_TABLE):
                block += 1
                continue
            break
        cells = _split(line, layout.delimiter)
        if not _is_row(line, cells, layout, columns):
            if line.startswith("</Segment"):
                break
            block += 1
            metadata[f"before spectrum rows {block}"] = line.strip()[:300]
            continue
        if len(cells) <= furthest or (number == last and len(cells) < usual):
            raise _cut_off(number, line, len(cells), len(layout.labels), last=number == last)
        if sum(bool(cell.strip()) for cell in cells) > len(layout.labels):
            raise _too_many(number, line, len(cells), len(layout.labels))
        usual = usual or len(cells)
        rows.append([_number(cells[one.position], layout, number) for one in columns.values()])
        blocks.append(block)
    return rows, blocks, metadata


def _is_row(line: str, cells: Sequence[str], layout: _Layout, columns: dict[str, SpectrumColumn]) -> bool:
    """Whether a line is a row of a spectrum: it begins with a number, or has one in a wanted column."""
    if _leading_number(line):
        return True
    wanted = [cells[one.position] for one in columns.values() if one.position < len(cells)]
    return any(_leading_number(cell.replace(",", ".") if layout.decimal_comma else cell) for cell in wanted)


def _number(cell: str, layout: _Layout, number: int) -> float:
    text = cell.strip().strip('"')
    if layout.decimal_comma:
        text = text.replace(",", ".")
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not np.isfinite(value):
        raise CathodelabError(
            "value-not-a-number",
            f"{text[:40]!r} is no number",
            where=f"line {number + 1}",
            why="Every frequency needs a finite impedance.",
            what_to_do="Correct or remove the row in a copy, or export the spectrum again.",
        )
    return value


def _cut_off(number: int, line: str, found: int, wanted: int, *, last: bool) -> CathodelabError:
    return CathodelabError(
        "file-truncated" if last else "row-incomplete",
        f"Line {number + 1} has {found} of {wanted} columns" + (": the file was cut off" if last else ""),
        where=f"line {number + 1}: {line[:60]!r}",
        why="A spectrum needs every column in every row.",
        what_to_do="Copy or export the file again.",
    )


def _too_many(number: int, line: str, found: int, wanted: int) -> CathodelabError:
    return CathodelabError(
        "row-too-long",
        f"Line {number + 1} has {found} cells under {wanted} labels",
        where=f"line {number + 1}: {line[:60]!r}",
        why="Which number belongs to which label cannot be told; most likely commas are decimal signs and part the columns too.",
        what_to_do="Export with tabs or semicolons between the columns, or with decimal points.",
    )


def _delimiter(line: str) -> str:
    found = max(("\t", ";", ","), key=line.count)
    return found if line.count(found) else "  "


def _split(line: str, delimiter: str) -> list[str]:
    if delimiter == "  ":
        plain = line.strip().strip('"').strip()
        single = plain.split()
        # labels hold single blanks, rows of numbers do not
        return single if len(single) > 2 and all(map(_leading_number, single)) else re.split(r"\s{2,}", plain)
    if '"' in line and len(line) < csv.field_size_limit():
        return next(csv.reader([line], delimiter=delimiter))
    return line.split(delimiter)


def _leading_number(line: str) -> bool:
    first = re.split(r"[\t;,\s]", line.strip().strip('"'), maxsplit=1)[0]
    try:
        float(first)
    except ValueError:
        return False
    return True


def _is_plain(lines: Sequence[str]) -> bool:
    """Whether these are three columns of numbers: a frequency that changes along the rows and a positive real part."""
    if len(lines) < _PLAIN_LINES or any(len(line) > 200 for line in lines):
        return False
    delimiter = _delimiter(lines[0])
    rows = [_split(line, delimiter) for line in lines]
    if any(len(row) != 3 for row in rows):
        return False
    try:
        values = np.array([[float(cell) for cell in row] for row in rows])
    except ValueError:
        return False
    if not np.isfinite(values).all() or np.any(values[:, 0] <= 0):
        return False
    ratios = values[1:, 0] / values[:-1, 0]
    geometric = bool(np.all(ratios > 1.02) or np.all(ratios < 0.98))
    return geometric and bool(np.ptp(np.log(ratios)) < 0.2) and float(np.mean(values[:, 1] > 0)) > 0.5
