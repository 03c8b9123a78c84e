"""Rows of a table of samples, checked against the columns that are declared for their kind."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cathodelab.core.columns import FALSE, TRUE, Column, is_missing, number_of
from cathodelab.core.errors import Problem

_NO_NAME = '/\\:*?"<>|'
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
_LONGEST = 100  # bytes of a name: names of figures are longer, and systems allow 255
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10))}


@dataclass(frozen=True)
class Row:
    """One row of a table and where to report what is wrong with it."""

    file: str
    place: str
    entries: Mapping[str, str]
    problems: list[Problem]

    def text(self, column: str) -> str:
        """The entry; empty where there is none."""
        entry = self.entries.get(column, "")
        return "" if is_missing(entry) else entry.strip()

    def number(self, column: str, default: float = math.nan) -> float:
        """The number of a column that was checked; the default where there is none."""
        return number_of(self.text(column)) if self.text(column) else default

    def refuse(self, column: str, allowed: str, hint: str = "") -> None:
        """Report an entry that cannot be used."""
        self.problems.append(Problem(self.file, self.place, column, self.entries.get(column, ""), allowed, hint))

    def doubt(self, column: str, usual: str, hint: str = "") -> None:
        """Report an entry that is used, and looks like a mistake."""
        value = self.entries.get(column, "")
        self.problems.append(Problem(self.file, self.place, column, value, usual, hint, "doubtful"))


def check_row(row: Row, columns: Iterable[Column], id_column: str) -> None:
    """Every entry of a row against its column: needed, number, range, choice."""
    for column in columns:
        entry = row.text(column.name)
        if not entry:
            if column.needed and not column.files:
                row.refuse(column.name, column.allowed)
            continue
        if column.is_number:
            _check_number(row, column, entry)
        elif (column.choices and entry not in column.choices) or (column.truth and entry.lower() not in TRUE | FALSE):
            row.refuse(column.name, column.allowed)
    name = row.text(id_column)
    for words in not_as_name(name):
        row.refuse(id_column, words)
    if is_true(row.text("excluded")) and not row.text("exclusion_reason"):
        row.refuse("exclusion_reason", f"a reason for every excluded {id_column}")


def not_as_name(name: str) -> list[str]:
    """What is allowed instead of a name that cannot name files, or would do harm where it is printed."""
    found = []
    if any(character in name for character in _NO_NAME):
        found.append(f"a name without {' '.join(_NO_NAME)} (it names files)")
    if any(unicodedata.category(character) in _UNSEEN for character in name):
        found.append("a name without control characters and marks that cannot be seen")
    if len(name.encode("utf-8", "surrogatepass")) > _LONGEST:
        found.append(f"a name of up to {_LONGEST} bytes in UTF-8 (it names files)")
    if name in {".", ".."} or name.endswith(".") or name.partition(".")[0].strip().lower() in _RESERVED:
        found.append("a name that every system takes for a file (not con, nul, com1, ..., and no point at the end)")
    return found


def one_file(name: str) -> str:
    """The name as systems compare names of files that do not tell case or the coding of accents apart."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _check_number(row: Row, column: Column, entry: str) -> None:
    value = number_of(entry)
    if not column.accepts(value):
        row.refuse(column.name, column.allowed)
    elif not column.usual[0] <= value <= column.usual[1]:
        row.doubt(
            column.name,
            f"{column.usual[0]:g} to {column.usual[1]:g} {column.unit if column.unit != '1' else ''}".strip(),
            "Is the unit right?" if column.unit != "1" else "Is it a fraction, not percent?",
        )


def is_true(entry: str) -> bool:
    """Whether an entry answers yes."""
    return entry.strip().lower() in TRUE
