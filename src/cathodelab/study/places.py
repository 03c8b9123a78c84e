"""Where a user writes what an error asks for: the tables of a study, its settings, its declared column maps."""

from __future__ import annotations

from pathlib import Path

from cathodelab.core.errors import Door, Hint
from cathodelab.study.manifest import Study
from cathodelab.study.settings import CONFIGURATION, TOP_LEVEL


def in_study(study: Study, kind: str = "cell") -> Door:
    """The door of a study: says in which file a hint's column, setting or meaning stands.

    Args:
        study: the study.
        kind: kind of the sample that the error is about.
    """
    table = study.kinds[kind].table if kind in study.kinds else kind
    # one source a kind: the file that is there, else the one that it would be
    source = next((one for one in study.manifest_files if _holds(one, table)), f"{table}.csv")

    def said(hint: Hint) -> str:
        if hint.about == "column":
            return f"See the column {hint.name} of {source}."
        if hint.about == "files":
            return f"Files of a {kind} are named in {source}{f', column {hint.name}' if hint.name else ''}, or in files.csv."
        if hint.about == "setting":
            section, _, name = hint.name.rpartition(".")
            table_of = f"[{section}]" if section in TOP_LEVEL else f"[methods.{section}]"
            return f"See {name} in {table_of} of {CONFIGURATION}."
        if hint.about == "map":
            return f"Put this into {CONFIGURATION} and correct it:\n[columns.mine]\n{hint.name}"
        if hint.name:
            return f"The map is [columns.{hint.name}] in {CONFIGURATION}."
        return (
            f"A column map in {CONFIGURATION} does it: [columns.mine] with the names and units of the columns, "
            'e.g. time = { column = "the label", unit = "ms" }.'
        )

    return said


def _holds(source: str, table: str) -> bool:
    """Whether a file (``cells.csv``) or a sheet (``study.xlsx, sheet cells``) is that of a table."""
    return source.endswith(f", sheet {table}") or Path(source).stem == table
