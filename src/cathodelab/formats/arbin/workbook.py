"""Arbin .xlsx workbooks: the sheets of a channel.

calamine (through its binding python-calamine) parses them, about ten times as fast as openpyxl. It allocates the whole
rectangle of a sheet, so two cells far apart can make it allocate any amount of memory. It therefore reads in a separate
process with bounded memory and time; only plain numbers come back.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays, frozen
from cathodelab.core.errors import CathodelabError
from cathodelab.formats.arbin.text import HEADER_MARKS, KNOWN, NEEDED, arbin_table
from cathodelab.formats.shared.foreign import refuse_hostile_archive
from cathodelab.formats.shared.labels import Place, placed
from cathodelab.formats.table import Table, no_rows

LONGEST_SECONDS = 60
LARGEST_MEMORY_BYTES = 2 << 30
_CHILD = Path(__file__).with_name("_workbook_child.py")


@dataclass(frozen=True)
class _Sheet(ReadOnlyArrays):
    """A sheet that belongs to the test.

    Args:
        labels: its first row.
        rows: how many rows follow.
        odd: column -> (row number in the workbook, text) of its first cell that is no number.
        columns: the numbers; empty for columns that have such a cell.
    """

    labels: tuple[str, ...]
    rows: int
    odd: dict[int, tuple[int, str]]
    columns: Sequence[FloatArray]


def is_workbook(content: bytes) -> bool:
    """Whether the content is a zip archive with a workbook."""
    return content.startswith(b"PK\x03\x04") and b"xl/workbook.xml" in content


def read_arbin_workbook(content: bytes) -> Table:
    """Arbin .xlsx -> table; a test that continues on several sheets of its channel is joined."""
    refuse_hostile_archive(content, "Excel")
    names, sheets = _sheets(content)
    if not sheets:
        raise CathodelabError(
            "column-missing",
            "No sheet of the workbook is an Arbin table",
            where="sheets " + ", ".join(names)[:200],
            why="Its first row needs Test_Time(s), Step_Index, Cycle_Index, Current(A), Voltage(V), Charge_Capacity(Ah).",
            what_to_do="Export the channel from Arbin's software again, or save the sheet as csv and declare a column map.",
        )
    return _joined(sheets)


def _sheets(content: bytes) -> tuple[list[str], list[_Sheet]]:
    """Names of all sheets, and the sheets that belong to a test, from the fenced process."""
    library = find_spec("python_calamine")
    if library is None or library.origin is None:
        raise _damaged("python-calamine, which reads workbooks, is not installed")
    try:
        # isolated mode: neither the study folder nor the user's environment can inject code
        done = subprocess.run(  # noqa: S603 - our own file, by the running interpreter, no shell
            [sys.executable, "-I", "-S", str(_CHILD), str(LARGEST_MEMORY_BYTES), str(Path(library.origin).parents[1]),
             *HEADER_MARKS],
            input=content, capture_output=True, timeout=LONGEST_SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise _damaged(f"it could not be read within {LONGEST_SECONDS} s") from None
    if done.returncode != 0:
        last = done.stderr.decode("utf-8", errors="replace").strip().splitlines()[-1:]
        raise _damaged(last[0][:200] if last else f"its reader ended with code {done.returncode}")
    head, _, body = done.stdout.partition(b"\n")
    names, described = ast.literal_eval(head.decode("ascii"))
    values = np.frombuffer(body, dtype=np.float64)
    sheets, at = [], 0
    for labels, rows, odd in described:
        columns = []
        for place in range(len(labels)):
            size = 0 if place in odd else rows
            columns.append(values[at : at + size])
            at += size
        sheets.append(_Sheet(tuple(labels), rows, odd, columns))
    return names, sheets


def _joined(sheets: Sequence[_Sheet]) -> Table:
    parts: list[dict[str, FloatArray]] = []
    unknown: tuple[str, ...] = ()
    for sheet in sheets:
        places, unknown = placed(sheet.labels, KNOWN, NEEDED, 1)
        if sheet.rows:
            parts.append({name: _numbers(sheet, place) for name, place in places.items()})
    if not parts:
        raise no_rows()
    shared = set.intersection(*(set(part) for part in parts))
    return arbin_table({name: frozen(np.concatenate([part[name] for part in parts])) for name in shared}, unknown)


def _numbers(sheet: _Sheet, place: Place) -> FloatArray:
    """A column as finite numbers; the error names the row of the first other cell."""
    odd = sheet.odd.get(place.position)
    values = sheet.columns[place.position]
    if odd is None and not np.isfinite(values).all():
        row = int(np.argmin(np.isfinite(values)))
        odd = (row + 2, repr(float(values[row])))
    if odd is not None:
        raise CathodelabError(
            "value-not-a-number",
            f"{odd[1]} is no number",
            where=f"row {odd[0]}, column {sheet.labels[place.position]!r}",
            why="Every row needs a finite number in this column.",
            what_to_do="Correct or remove these rows in a copy, or export the file again.",
        )
    return values * place.factor


def _damaged(reason: str) -> CathodelabError:
    return CathodelabError(
        "file-damaged",
        "The Excel file cannot be read",
        where="whole file",
        why=f"It is cut off, damaged or no workbook: {reason}.",
        what_to_do="Export the test from Arbin's software again, or as csv.",
    )
