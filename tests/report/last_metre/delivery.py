"""A run and its files, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reading import Section, Table
from wanted import Wanted


@dataclass(frozen=True)
class Delivered:
    """What was to be shown, and the files that show it."""

    wanted: Wanted
    folder: Path
    page: list[Section]
    workbook: Mapping[str, Table]
    tables: Mapping[str, Table]
    figures: Mapping[str, Table]
    record: Mapping[str, Any]
