"""What a reader of the files of a run meets: sections and tables of the page, sheets of the workbook, csv files, JSON."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Table:
    """Heads (with their units) and rows of one table, wherever it stands."""

    place: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    @property
    def records(self) -> list[dict[str, Any]]:
        """The rows by head."""
        return [dict(zip(self.heads, row, strict=True)) for row in self.rows]

    def column(self, *words: str) -> int:
        """The only column whose head holds all the words."""
        found = [i for i, head in enumerate(self.heads) if all(word in head for word in words)]
        assert len(found) == 1, f"{self.place}: columns {words} among {self.heads}"
        return found[0]


@dataclass
class Section:
    """One part of the page: its id, its title, its texts in order and its tables, each under its subtitle."""

    id: str
    title: str = ""
    texts: list[str] = field(default_factory=list)
    tables: list[tuple[str, Table]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All running text."""
        return " ".join(self.texts)


class _PageReader(HTMLParser):
    """Sections by their h2, tables by their h3 and caption; drawings are passed over."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.sections: list[Section] = []
        self._stack: list[str] = []
        self._piece: list[str] = []
        self._subtitle = ""
        self._heads: list[str] = []
        self._rows: list[list[str]] = []
        self._caption = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("br", "meta", "link", "path", "use"):
            return
        self._stack.append(tag)
        if tag == "h2":
            self.sections.append(Section(dict(attrs).get("id") or ""))
            self._subtitle = ""
        if tag in ("h2", "h3", "p", "li", "th", "td", "caption") or (tag == "div" and "svg" not in self._stack):
            self._piece = []
        if tag == "table":
            self._heads, self._rows = [], []
        if tag == "tr":
            self._rows.append([])

    def handle_data(self, data: str) -> None:
        if "svg" not in self._stack and "style" not in self._stack:
            self._piece.append(data)

    def handle_endtag(self, tag: str) -> None:
        while self._stack and self._stack.pop() != tag:
            pass
        if not self.sections or "svg" in self._stack:
            return
        text = " ".join("".join(self._piece).replace("\u00a0", " ").split())
        here = self.sections[-1]
        if tag == "h2":
            here.title = text
        elif tag == "h3":
            self._subtitle = text
            here.texts.append(text)
        elif tag in ("p", "li") or (tag == "div" and text):
            here.texts.append(text)
        elif tag == "caption":
            self._caption = text
        elif tag in ("th", "td"):
            (self._heads if "thead" in self._stack else self._rows[-1]).append(text)
        elif tag == "table":
            rows = tuple(tuple(row) for row in self._rows if row)
            here.tables.append((self._subtitle, Table(f"{here.title}: {self._caption}", tuple(self._heads), rows)))
        if tag in ("h2", "h3", "p", "li", "th", "td", "caption", "div"):
            self._piece = []


def page_of(path: Path) -> list[Section]:
    """The sections of the report."""
    reader = _PageReader()
    reader.feed(path.read_text(encoding="utf-8"))
    return reader.sections


def workbook_of(path: Path) -> dict[str, Table]:
    """The sheets of the workbook by name; heads are the first row that is filled as widely as the sheet."""
    from openpyxl import load_workbook

    book = load_workbook(path, data_only=True)
    found = {}
    for page in book:
        rows = list(page.iter_rows(values_only=True))
        head = next(number for number, row in enumerate(rows) if all(entry is not None for entry in row))
        found[page.title] = Table(f"sheet {page.title}", tuple(map(str, rows[head])), tuple(rows[head + 1 :]))
    return found


def formats_of(path: Path, sheet: str) -> Iterator[Sequence[str]]:
    """The number formats of a sheet, row by row from the heads on."""
    from openpyxl import load_workbook

    for row in load_workbook(path)[sheet].iter_rows():
        if all(cell.value is not None for cell in row[:4]):
            yield [cell.number_format for cell in row]


def csv_tables_of(folder: Path) -> dict[str, Table]:
    """The csv files of a folder by name, every entry as its text; what is left out at the end of a row is empty."""
    found = {}
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            heads, *rows = csv.reader(lines)
        filled = (row + [""] * (len(heads) - len(row)) for row in rows)
        found[path.stem] = Table(path.name, tuple(heads), tuple(map(tuple, filled)))
    return found


def record_of(path: Path) -> Mapping[str, Any]:
    """``results.json``."""
    found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def number(shown: Any) -> float | None:
    """An entry of a table as a number; ``None`` where it is none."""
    try:
        return None if shown is None or isinstance(shown, bool) else float(shown)
    except ValueError:
        return None
