"""The tables of a study: csv, Excel, or the sheets of one workbook, to rows of text."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cathodelab.core.errors import CathodelabError, Problem
from cathodelab.formats.shared.foreign import refuse_hostile_archive

WORKBOOK = "study.xlsx"
FILES = "files"
"""Name of the table that lists repeats, parts, states and conditions of files."""


LARGEST = 1 << 26
"""Bytes of a table, packed or unpacked."""
MOST_ROWS = 100_000
MOST_ENTRIES = 2_000_000
"""Rows with an entry, and their cells: a study has thousands, and a page of problems is made of every one."""
_DAMAGE = (
    CathodelabError, OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, EOFError, SyntaxError,
    NotImplementedError, MemoryError, RecursionError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
"""What the reader of workbooks raises on damaged ones (the error of its XML is a SyntaxError), and we on hostile ones."""


@dataclass(frozen=True)
class Sheet:
    """Header and rows as text; ``rows`` pairs the row number in the file with the entries by column."""

    file: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, str]], ...]


def read_sheets(folder: Path, names: Sequence[str]) -> tuple[dict[str, Sheet], list[Problem]]:
    """The tables of a study folder by name, and what is wrong with them.

    Each comes from ``NAME.csv``, ``NAME.xlsx`` or the sheet ``NAME`` of ``study.xlsx``: one source a table.
    """
    book, problems = _workbook(folder, names)
    sheets: dict[str, Sheet] = {}
    for name in names:
        sources = [file for file in (f"{name}.csv", f"{name}.xlsx") if (folder / file).is_file()]
        sources += [f"{WORKBOOK}, sheet {name}"] if name in book else []
        if len(sources) > 1:
            problems.append(Problem(" and ".join(sources), "", "", "both exist", f"one source for the table {name}"))
        elif sources:
            lines = book.get(name)
            sheet, more = _sheet(folder, sources[0], lines)
            problems += more
            if sheet is not None:
                sheets[name] = sheet
    return sheets, problems


def _workbook(folder: Path, names: Sequence[str]) -> tuple[dict[str, list[tuple[int, list[str]]]], list[Problem]]:
    """Lines of the sheets of ``study.xlsx``, and sheets that no table has the name of."""
    if not (folder / WORKBOOK).is_file():
        return {}, []
    try:
        found = _excel_sheets(folder / WORKBOOK)
    except _DAMAGE as error:
        return {}, [Problem(WORKBOOK, "", "", _first_line(error), "a readable workbook")]
    known = {name: lines for name, lines in found.items() if name in names}
    if known:
        return known, []
    return {}, [Problem(WORKBOOK, "", "", f"sheets {', '.join(found)}", f"sheets named {', '.join(names)}")]


def _sheet(folder: Path, source: str, lines: list[tuple[int, list[str]]] | None) -> tuple[Sheet | None, list[Problem]]:
    try:
        if lines is None and source.endswith(".xlsx"):
            lines = next(iter(_excel_sheets(folder / source).values()), [])
        elif lines is None:
            lines = _csv_lines(folder / source)
    except _DAMAGE as error:
        return None, [Problem(source, "", "", _first_line(error), "a readable table")]
    lines = [(number, line) for number, line in lines if not line[0].startswith("#")]
    if not lines:
        return None, [Problem(source, "", "", "empty", "a header and one row for each sample")]
    header = tuple(lines[0][1])
    problems = [
        Problem(source, "header", column, "twice", "every column once")
        for column in sorted({column for column in header if column and header.count(column) > 1})
    ]
    rows = []
    for number, line in lines[1:]:
        if [entry for entry in line[len(header) :] if entry]:
            problems.append(
                Problem(source, f"row {number}", "", f"{len(line)} entries", f"{len(header)} as in the header")
            )
        rows.append((number, dict(zip(header, [*line, *[""] * len(header)], strict=False))))
    return Sheet(source, header, tuple(rows)), problems


def _content(path: Path) -> bytes:
    if path.stat().st_size > LARGEST:
        raise ValueError(f"it has {path.stat().st_size >> 20} MB (up to {LARGEST >> 20} MB are read)")
    return path.read_bytes()


def _csv_lines(path: Path) -> list[tuple[int, list[str]]]:
    content = _content(path)
    if b"\x00" in content:
        raise ValueError("not a text file (save it as CSV UTF-8)")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    head = next((line for line in text.splitlines() if line.strip() and not line.startswith("#")), "")
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        return _bounded((reader.line_num, [entry.strip() for entry in line]) for line in reader)
    except csv.Error as error:
        raise ValueError(f"line {reader.line_num}: {error}") from error


def _excel_sheets(path: Path) -> dict[str, list[tuple[int, list[str]]]]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    content = _content(path)
    refuse_hostile_archive(content, "Excel", LARGEST)
    try:
        workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile) as error:
        raise ValueError("not an Excel workbook") from error
    try:
        return {
            sheet.title: _bounded(
                (number, [_as_text(value) for value in row])
                for number, row in enumerate(sheet.iter_rows(values_only=True), 1)
                if any(value is not None for value in row)
            )
            for sheet in workbook.worksheets
        }
    finally:
        workbook.close()


def _bounded(lines: Iterable[tuple[int, list[str]]]) -> list[tuple[int, list[str]]]:
    """The lines with an entry, or why there are too many of them."""
    found, entries = [], 0
    for number, line in lines:
        if any(line):
            found.append((number, line))
            entries += len(line)
        if len(found) > MOST_ROWS or entries > MOST_ENTRIES:
            raise ValueError(f"it has more than {MOST_ROWS:,} rows or {MOST_ENTRIES:,} cells")
    return found


def _as_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _first_line(error: Exception) -> str:
    if isinstance(error, CathodelabError):
        return error.what
    if isinstance(error, SyntaxError):
        return f"damaged: {error.msg}"
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
