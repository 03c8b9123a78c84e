"""What a workbook is, as data: tables of results under a title, and charts below some of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cathodelab.core.result_table import ResultTable


@dataclass(frozen=True)
class Chart:
    """Values with both half-widths over the names in the first column; the columns count from 0."""

    title: str
    axis: str
    value: int
    minus: int
    plus: int


@dataclass(frozen=True)
class Book:
    """All sheets, under a title; ``charts`` by the name of their sheet."""

    title: str
    made: str
    sheets: tuple[ResultTable, ...]
    synthetic: bool
    charts: Mapping[str, Chart] = field(default_factory=dict)
