"""files.csv: repeats, parts, states and conditions of files; folders and patterns."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from cathodelab.core.columns import Column
from cathodelab.core.errors import Problem
from cathodelab.core.samples import NamedFile, Sample
from cathodelab.formats.technique import Technique
from cathodelab.study.regular_files import is_outside
from cathodelab.study.rows import Row, check_row
from cathodelab.study.sheet import Sheet

_COLUMNS = (
    Column("sample", "name of the sample", needed=True),
    Column("kind", "its kind, where two kinds have a sample of this name"),
    Column("technique", "technique of the file", needed=True),
    Column("file", "file, folder or pattern, relative to the study", needed=True),
    Column("part", "block, sheet or label in a file of many"),
    Column("repeat", "number of a repeated measurement"),
    Column("state", "state of the sample: pristine, charged, cycled, ..."),
)
FILE_COLUMNS = tuple(one.name for one in _COLUMNS)


def files_of_row(row: Row, columns: Iterable[str], folder: Path) -> tuple[NamedFile, ...]:
    """The files that a sample's own row names, in the order of the columns."""
    return tuple(
        NamedFile(file, column)
        for column in columns
        for part in row.text(column).split(";")
        if part.strip()
        for file in _expanded(folder, part.strip())
    )


def listed_files(
    sheet: Sheet, samples: Iterable[Sample], techniques: Iterable[Technique], folder: Path, problems: list[Problem]
) -> dict[tuple[str, str], list[NamedFile]]:
    """Files of ``files.csv`` by kind and id of their sample."""
    homes = {one.id: one for one in techniques}
    by_name: dict[str, list[Sample]] = {}
    for one in samples:
        by_name.setdefault(one.id, []).append(one)
    conditions = {column.name: column for one in homes.values() for column in one.conditions}
    found: dict[tuple[str, str], list[NamedFile]] = {}
    for number, entries in sheet.rows:
        row = Row(sheet.file, f"row {number}", entries, problems)
        check_row(row, (*_COLUMNS, *conditions.values()), "sample")
        home = homes.get(row.text("technique"))
        if home is None:
            row.refuse("technique", "one of " + ", ".join(name for name, one in homes.items() if one.readers))
            continue
        sample = _sample(row, by_name)
        if sample is None:
            continue
        extra = {name: row.text(name) for name in conditions if row.text(name)}
        found.setdefault((sample.kind, sample.id), []).extend(
            NamedFile(file, home.file_columns[0], row.text("part"), row.text("repeat"), row.text("state"), extra)
            for file in _expanded(folder, row.text("file"))
        )
    return found


def unknown_file_columns(sheet: Sheet | None, techniques: Iterable[Technique]) -> tuple[str, ...]:
    """Columns of ``files.csv`` that no technique declares."""
    known = {*FILE_COLUMNS, *(column.name for one in techniques for column in one.conditions)}
    return tuple(column for column in (sheet.header if sheet else ()) if column and column not in known)


def outside_files(samples: Iterable[Sample], tables: Mapping[str, str], folder: Path) -> list[Problem]:
    """Files outside the study's folder: they are read, and that is said. ``tables``: file of the table by kind."""
    return [
        Problem(
            tables.get(sample.kind, "files.csv"),
            f"{sample.kind} {sample.id}",
            one.column,
            one.file,
            "a file in the study's folder",
            "It lies outside the study's folder.",
            "doubtful",
        )
        for sample in samples
        for one in sample.files
        if is_outside(folder, one.file)
    ]


def _sample(row: Row, by_name: Mapping[str, list[Sample]]) -> Sample | None:
    options = by_name.get(row.text("sample"), [])
    if row.text("kind"):
        options = [one for one in options if one.kind == row.text("kind")]
    if len(options) == 1:
        return options[0]
    if options:
        row.refuse("kind", "which of them is meant: " + ", ".join(one.kind for one in options))
    elif row.text("sample"):
        row.refuse("sample", "the name of a sample of this study")
    return None


def _expanded(folder: Path, name: str) -> list[str]:
    """A file, all files of a folder, or those that fit a pattern, sorted; the name itself where nothing fits."""
    path = Path(name)
    if path.is_absolute() or ".." in path.parts:
        return [name]
    if os.path.isdir(folder / path):  # noqa: PTH112 - false, not an error, for a name that no system takes
        found = [one for one in (folder / path).iterdir() if one.is_file() and not one.name.startswith(".")]
    elif any(sign in name for sign in "*?["):
        try:
            found = [one for one in folder.glob(name) if one.is_file()]
        except (ValueError, OSError):  # no pattern, or one that no system takes
            return [name]
    else:
        return [name]
    return sorted(one.relative_to(folder).as_posix() for one in found) or [name]
