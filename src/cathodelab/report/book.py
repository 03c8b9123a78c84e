"""What a workbook is, as data: texts and numbers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Field:
    """A column: head with its unit, number format of its cells (empty: by the row's own), widest in characters."""

    title: str
    form: str = ""
    widest: int = 60


@dataclass(frozen=True)
class Sheet:
    """One sheet; ``forms`` holds a number format for each row where rows differ."""

    name: str
    about: str
    fields: tuple[Field, ...]
    rows: list[list[str | float | None]]
    forms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Book:
    """All sheets, under a title."""

    title: str
    made: str
    sheets: tuple[Sheet, ...]
    synthetic: bool
