"""The table of cells: csv or Excel to rows of text."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from cathodelab.core.errors import Problem

SHEETS = ("cells.csv", "cells.xlsx")


@dataclass(frozen=True)
class Sheet:
    """Header and rows as text; ``rows`` pairs the row number in the file with the entries by column."""

    file: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, str]], ...]


def read_sheet(folder: Path) -> tuple[Sheet | None, list[Problem]]:
    """``cells.csv`` or ``cells.xlsx`` of a study folder; problems where there is none, both, or an unreadable one."""
    found = [name for name in SHEETS if (folder / name).is_file()]
    if len(found) != 1:
        value = "both exist" if found else "missing"
        hint = "" if found else "A study needs a list of its cells; `cathodelab init FOLDER` writes one to fill in."
        return None, [
            Problem("cells.csv or cells.xlsx", "", "", value, "exactly one of the two in the study folder", hint)
        ]
    name = found[0]
    try:
        lines = _excel_lines(folder / name) if name.endswith(".xlsx") else _csv_lines(folder / name)
    except (OSError, ValueError, KeyError) as error:
        return None, [Problem(name, "", "", str(error).splitlines()[0], "a readable table")]
    lines = [(number, line) for number, line in lines if any(line) and not line[0].startswith("#")]
    if not lines:
        return None, [Problem(name, "", "", "empty", "a header and one row for each cell")]
    header = tuple(lines[0][1])
    problems = [
        Problem(name, "header", column, "twice", "every column once")
        for column in sorted({column for column in header if column and header.count(column) > 1})
    ]
    rows = []
    for number, line in lines[1:]:
        if [entry for entry in line[len(header) :] if entry]:
            problems.append(
                Problem(name, f"row {number}", "", f"{len(line)} entries", f"{len(header)} as in the header")
            )
        rows.append((number, dict(zip(header, [*line, *[""] * len(header)], strict=False))))
    return Sheet(name, header, tuple(rows)), problems


def _csv_lines(path: Path) -> list[tuple[int, list[str]]]:
    content = path.read_bytes()
    if b"\x00" in content:
        raise ValueError("not a text file (save it as CSV UTF-8)")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    head = next((line for line in text.splitlines() if line.strip() and not line.startswith("#")), "")
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    return [(reader.line_num, [entry.strip() for entry in line]) for line in reader]


def _excel_lines(path: Path) -> list[tuple[int, list[str]]]:
    import zipfile

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        workbook = load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile) as error:
        raise ValueError("not an Excel workbook") from error
    try:
        sheet = workbook[workbook.sheetnames[0]]
        return [
            (number, [_as_text(value) for value in row])
            for number, row in enumerate(sheet.iter_rows(values_only=True), 1)
        ]
    finally:
        workbook.close()


def _as_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
