"""Tables of results: one declaration for csv, JSON, workbook and page."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

CellEntry = str | float | bool | None


@dataclass(frozen=True)
class Field:
    """One column of a result table.

    Args:
        key: name in csv and JSON; it ends in its unit where there is one (``charge_mAh``).
        title: head in the workbook; the key where it is empty.
        form: number format in the workbook; empty for texts, or where rows have formats of their own.
        widest: widest column in the workbook, characters.
    """

    key: str
    title: str = ""
    form: str = ""
    widest: int = 60

    @property
    def head(self) -> str:
        """What stands over the column in the workbook."""
        return self.title or self.key


@dataclass(frozen=True)
class ResultTable:
    """Rows under declared columns.

    Args:
        name: name of the csv file and of the sheet; unique in a study.
        about: one sentence on what a row is.
        fields: the columns.
        rows: entries; a number that does not exist is ``None``, never ``nan``.
        forms: number format of each row where rows differ; empty otherwise.
        record: place in the JSON record besides ``tables``: ``windows``, or ``batches/scatter`` for an entry of a group.
    """

    name: str
    about: str
    fields: tuple[Field, ...]
    rows: tuple[tuple[CellEntry, ...], ...]
    forms: tuple[str, ...] = ()
    record: str = ""

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.fields):
                raise ValueError(f"table {self.name}: a row of {len(row)} entries under {len(self.fields)} columns")

    @property
    def records(self) -> list[dict[str, CellEntry]]:
        """One object a row."""
        keys = [field.key for field in self.fields]
        return [dict(zip(keys, row, strict=True)) for row in self.rows]

    @property
    def lines(self) -> list[list[CellEntry]]:
        """The keys, then the rows, as csv has them."""
        return [[field.key for field in self.fields], *map(list, self.rows)]


def table_of_records(
    name: str,
    about: str,
    records: Sequence[Mapping[str, CellEntry]],
    *,
    titles: Mapping[str, Field] | None = None,
    record: str = "",
) -> ResultTable:
    """A table whose columns are the keys of its records.

    Args:
        name: as in :class:`ResultTable`.
        about: likewise.
        record: likewise.
        records: one mapping a row, all with the same keys.
        titles: declared columns by key; all others have their key as head.
    """
    keys = list(records[0]) if records else []
    fields = tuple((titles or {}).get(key, Field(key)) for key in keys)
    return ResultTable(name, about, fields, tuple(tuple(one[key] for key in keys) for one in records), record=record)


def finite_or_none(value: float) -> float | None:
    """A number for tables and JSON: ``None`` for nan and infinities."""
    return float(value) if math.isfinite(value) else None
