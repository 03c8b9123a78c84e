"""Sheets of Excel workbooks (``.xlsx``, ``.xls``) that hold given labels, as columns of numbers.

calamine (through its binding python-calamine) parses them, about ten times as fast as openpyxl. It allocates the whole
rectangle of a sheet, so two cells far apart can make it allocate any amount of memory. It therefore reads in a separate
process with bounded memory and time; only plain numbers come back.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.core.errors import CathodelabError
from cathodelab.formats.shared.foreign import refuse_hostile_archive
from cathodelab.formats.shared.labels import Place

LONGEST_SECONDS = 60
LARGEST_MEMORY_BYTES = 2 << 30
_CHILD = Path(__file__).with_name("_workbook_child.py")
_ZIP, _OLD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_STREAMS = tuple(name.encode("utf-16-le") for name in ("Workbook", "Book"))


@dataclass(frozen=True)
class Sheet(ReadOnlyArrays):
    """A sheet with the labels that were asked for.

    Args:
        labels: its labels.
        label_row: the row in which they stand, from 1.
        rows: how many rows follow.
        odd: column -> (row number in the workbook, text) of its first cell that is no number.
        words: column -> its different texts; the column holds their numbers from 0.
        columns: the numbers, clocks and dates in seconds; empty for columns that have an odd cell.
    """

    labels: tuple[str, ...]
    label_row: int
    rows: int
    odd: Mapping[int, tuple[int, str]]
    words: Mapping[int, Sequence[str]]
    columns: Sequence[FloatArray]

    def numbers(self, place: Place) -> FloatArray:
        """A column as finite numbers in its canonical unit; the error names the row of the first other cell."""
        odd = self.odd.get(place.position)
        values = self.columns[place.position]
        if place.position in self.words:
            odd = (self.label_row + 1, repr(self.words[place.position][0]))
        if odd is None and not np.isfinite(values).all():
            row = int(np.argmin(np.isfinite(values)))
            odd = (row + self.label_row + 1, repr(float(values[row])))
        if odd is not None:
            raise CathodelabError(
                "value-not-a-number",
                f"{odd[1]} is no number",
                where=f"row {odd[0]}, column {self.labels[place.position]!r}",
                why="Every row needs a finite number in this column.",
                what_to_do="Correct or remove these rows in a copy, or export the file again.",
            )
        return values * place.factor

    def texts(self, position: int) -> list[str]:
        """The texts of a column of words; empty where it has none."""
        words = self.words.get(position)
        return [] if words is None else [words[int(number)] for number in self.columns[position]]


def is_workbook(content: bytes) -> bool:
    """Whether the content is a zip archive with a workbook, or one of the old kind."""
    if content.startswith(_OLD):
        return any(name in content for name in _STREAMS)
    return content.startswith(_ZIP) and b"xl/workbook.xml" in content


def sheets_of(content: bytes, wanted: Iterable[Iterable[str]]) -> tuple[list[str], list[Sheet]]:
    """Names of all sheets, and the sheets that have one of the sets of labels.

    Args:
        content: the workbook.
        wanted: sets of labels, each whole, or without their units and in lower case.

    Raises:
        CathodelabError: the workbook is damaged or hostile.
    """
    if content.startswith(_ZIP):
        refuse_hostile_archive(content, "Excel")
    library = find_spec("python_calamine")
    if library is None or library.origin is None:
        raise damaged("python-calamine, which reads workbooks, is not installed")
    asked = ascii([tuple(sorted(one)) for one in wanted])
    try:
        # isolated mode: neither the study folder nor the user's environment can inject code
        done = subprocess.run(  # noqa: S603 - our own file, by the running interpreter, no shell
            [sys.executable, "-I", "-S", str(_CHILD), str(LARGEST_MEMORY_BYTES), str(Path(library.origin).parents[1]), asked],
            input=content, capture_output=True, timeout=LONGEST_SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise damaged(f"it could not be read within {LONGEST_SECONDS} s") from None
    if done.returncode != 0:
        last = done.stderr.decode("utf-8", errors="replace").strip().splitlines()[-1:]
        raise damaged(last[0][:200] if last else f"its reader ended with code {done.returncode}")
    head, _, body = done.stdout.partition(b"\n")
    names, described = ast.literal_eval(head.decode("ascii"))
    values = np.frombuffer(body, dtype=np.float64)
    sheets, at = [], 0
    for labels, label_row, rows, odd, words in described:
        columns = []
        for place in range(len(labels)):
            size = 0 if place in odd else rows
            columns.append(values[at : at + size])
            at += size
        sheets.append(Sheet(tuple(labels), label_row, rows, odd, words, columns))
    return names, sheets


def damaged(reason: str) -> CathodelabError:
    """The error for a workbook that cannot be read."""
    return CathodelabError(
        "file-damaged",
        "The Excel file cannot be read",
        where="whole file",
        why=f"It is cut off, damaged or no workbook: {reason}.",
        what_to_do="Export the test from the cycler's software again, or as csv.",
    )
