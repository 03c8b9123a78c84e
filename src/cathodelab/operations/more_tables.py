"""The further tables of a study, from what its table of cells says: `init --tables`."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from cathodelab.core.columns import Column, is_missing
from cathodelab.core.kinds import COMPOSITE, MAKING, MATERIAL, PELLET
from cathodelab.core.samples import Sample
from cathodelab.study.cache import write_atomically
from cathodelab.study.manifest import Study, kinds_of_samples, load_study
from cathodelab.study.sheet import FILES

_FILES = ("sample", "kind", "technique", "file", "part", "repeat", "state")
_POWDERS = (("cam_name", "active material"), ("electrolyte_name", "electrolyte"), ("additive", "additive"))
Rows = list[dict[str, str]]


def write_tables(folder: Path) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """Write the tables of materials, composites, pellets and files that a study does not have; overwrites nothing.

    Returns:
        the files, and what has to be looked at: entries of a batch that contradict each other are left empty.

    Raises:
        CathodelabError: there is no study, or it is invalid.
    """
    study = load_study(folder)
    wanted = {MATERIAL.id: _materials(study), COMPOSITE.id: _composites(study), PELLET.id: []}
    paths, said = [], []
    kinds = kinds_of_samples()
    for kind, rows in wanted.items():
        name = kinds[kind].table
        if _is_there(folder, name):
            said.append(f"{name}: there already, left as it is.")
            continue
        write_atomically(folder / f"{name}.csv", _text(kinds[kind].columns, rows).encode())
        paths.append(folder / f"{name}.csv")
    if not _is_there(folder, FILES):
        about = "# One row a file, for repeats, parts, states and conditions of measurements.\n"
        about += "# A column <technique>_file in the table of a sample is the short form.\n"
        write_atomically(folder / f"{FILES}.csv", f"{about}{','.join(_FILES)}\n".encode())
        paths.append(folder / f"{FILES}.csv")
    said += [
        f"Left empty, as its cells contradict each other: {one}" for one in study.doubts if one.row.startswith("batch ")
    ]
    if any(one.row.startswith("batch ") for one in study.doubts):
        said.append("With a table of composites such contradictions are refused: correct them before the next run.")
    return tuple(paths), tuple(said)


def _is_there(folder: Path, name: str) -> bool:
    return any((folder / f"{name}.{ending}").is_file() for ending in ("csv", "xlsx"))


def _composites(study: Study) -> Rows:
    """One row a batch that cells name, with what all its cells say of its making."""
    rows = []
    for batch in (one.id for one in study.samples if one.kind == COMPOSITE.id):
        members = [one for one in study.samples if one.group == batch and one.kind == "cell"]
        row = {COMPOSITE.id_column: batch}
        for column in MAKING:
            said = {one.entries.get(column.name, "").strip() for one in members} - {""}
            if len(said) == 1 and not is_missing(next(iter(said))):
                row[column.name] = said.pop()
        rows.append(row)
    return rows


def _materials(study: Study) -> Rows:
    """One row a powder that the cells name: active materials, electrolytes, additives."""
    rows: Rows = []
    for column, role in _POWDERS:
        for name in dict.fromkeys(_said(study.samples, column)):
            row = {MATERIAL.id_column: _plain(name), "role": role}
            if column in {one.name for one in MATERIAL.columns}:
                row[column] = name
            rows.append(row)
    return rows


def _said(samples: Iterable[Sample], column: str) -> list[str]:
    entries = (one.entries.get(column, "").strip() for one in samples)
    return [entry for entry in entries if not is_missing(entry) and entry.lower() != "none"]


def _plain(name: str) -> str:
    """A name without the signs that file names cannot have."""
    return "".join("-" if sign in '/\\:*?"<>|;' else sign for sign in name)


def _text(columns: Sequence[Column], rows: Rows) -> str:
    """Meanings as comments, the header, the rows."""
    meanings = "".join(
        f"# {one.name}: {one.meaning}{f' ({one.unit})' if one.unit not in {'', '1'} else ''}"
        f"{' [needed]' if one.needed else ''}\n"
        for one in columns
    )
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, [one.name for one in columns], restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return meanings + buffer.getvalue()
