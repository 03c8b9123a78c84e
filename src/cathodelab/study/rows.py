"""Rows of a table of samples, checked against the columns that are declared for their kind."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cathodelab.core.columns import FALSE, TRUE, Column, is_missing, number_of
from cathodelab.core.errors import Problem

_NO_NAME = '/\\:*?"<>|'


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
    if any(character in name for character in _NO_NAME):
        row.refuse(id_column, f"a name without {' '.join(_NO_NAME)} (it names files)")
    if is_true(row.text("excluded")) and not row.text("exclusion_reason"):
        row.refuse("exclusion_reason", f"a reason for every excluded {id_column}")


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
