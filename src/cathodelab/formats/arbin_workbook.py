"""Arbin .xlsx workbooks: the sheets of a channel, read row by row without loading the workbook."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterable
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError

import numpy as np

from cathodelab.core.arrays import FloatArray, frozen
from cathodelab.core.errors import CathodelabError
from cathodelab.formats.arbin import KNOWN, NEEDED, arbin_table, is_arbin_header
from cathodelab.formats.foreign import one_clear_error, refuse_hostile_archive
from cathodelab.formats.labels import placed
from cathodelab.formats.table import Table, no_rows

if TYPE_CHECKING:
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

MOST_ROWS = 1 << 20
MOST_COLUMNS = 256

# What openpyxl raises on damaged workbooks: the zip's and the XML parser's errors, and errors of plain Python where a
# relation, a style, a shared text or a cell reference is missing or no number.
_DAMAGE = (
    zipfile.BadZipFile, ParseError, KeyError, ValueError, TypeError, IndexError, AttributeError, EOFError, OSError,
    NotImplementedError, ArithmeticError, AssertionError, StopIteration, RuntimeError,
)  # fmt: skip


def is_workbook(content: bytes) -> bool:
    """Whether the content is a zip container with a workbook."""
    return content.startswith(b"PK\x03\x04") and b"xl/workbook.xml" in content


def read_arbin_workbook(content: bytes) -> Table:
    """Arbin .xlsx -> table; a test that goes on over several sheets of its channel is joined."""
    refuse_hostile_archive(content, "Excel")
    _refuse_declarations(content)
    import zlib

    import openpyxl

    with one_clear_error("Excel", *_DAMAGE, zlib.error), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on styles and extensions, which no number depends on
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        try:
            sheets = [found for sheet in book.worksheets if (found := _sheet(sheet))]
            names = tuple(book.sheetnames)
        finally:
            book.close()
    if not sheets:
        raise CathodelabError(
            "column-missing",
            "No sheet of the workbook is an Arbin table",
            where="sheets " + ", ".join(names)[:200],
            why="Its first row needs Test_Time(s), Step_Index, Cycle_Index, Current(A), Voltage(V), Charge_Capacity(Ah).",
            what_to_do="Export the channel from Arbin's software again, or save the sheet as csv and declare a column map.",
        )
    return _joined(sheets)


def _refuse_declarations(content: bytes) -> None:
    """Refuse XML with a document type: no workbook has one, and entities can grow without bound."""
    import zlib

    damage = (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError, RuntimeError)
    with one_clear_error("Excel", *damage), zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            if name.endswith((".xml", ".rels")):
                part = archive.read(name)
                if b"<!DOCTYPE" in part or b"<!ENTITY" in part or part.startswith((b"\xff\xfe", b"\xfe\xff")):
                    raise ValueError(f"{name} declares a document type")


def _sheet(sheet: ReadOnlyWorksheet) -> tuple[tuple[str, ...], list[tuple[object, ...]]] | None:
    """Header and rows of a sheet if it is an Arbin table."""
    rows = sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS, max_row=MOST_ROWS)
    header = tuple("" if cell is None else str(cell) for cell in next(rows, ()))
    while header and not header[-1]:
        header = header[:-1]
    if not is_arbin_header(list(header)):
        return None
    width = len(header)
    return header, [row[:width] for row in rows if any(cell is not None for cell in row[:width])]


def _joined(sheets: Iterable[tuple[tuple[str, ...], list[tuple[object, ...]]]]) -> Table:
    parts: list[dict[str, FloatArray]] = []
    unknown: tuple[str, ...] = ()
    for header, rows in sheets:
        places, unknown = placed(header, KNOWN, NEEDED, 1)
        if rows:
            parts.append(
                {
                    name: _numbers([row[place.position] for row in rows], header[place.position]) * place.factor
                    for name, place in places.items()
                }
            )
    if not parts:
        raise no_rows()
    shared = set.intersection(*(set(part) for part in parts))
    return arbin_table({name: frozen(np.concatenate([part[name] for part in parts])) for name in shared}, unknown)


def _numbers(cells: list[object], label: str) -> FloatArray:
    """A column as finite numbers; names the row of the first that is none."""
    if all(type(cell) is float or type(cell) is int for cell in cells):
        values = np.array(cells, dtype=np.float64)
        if np.isfinite(values).all():
            return values
    for row, cell in enumerate(cells):
        if isinstance(cell, bool) or not isinstance(cell, int | float) or not np.isfinite(cell):
            raise CathodelabError(
                "value-not-a-number",
                f"{cell!r} is no number",
                where=f"row {row + 2}, column {label!r}",
                why="Every row needs a finite number in this column.",
                what_to_do="Correct or remove these rows in a copy, or export the file again.",
            )
    return np.array(cells, dtype=np.float64)
