"""From tables to a compaction curve: only what the files know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from cathodelab.core.errors import CathodelabError
from cathodelab.core.samples import Sample
from cathodelab.formats.recording import Recorded
from cathodelab.formats.table import Table
from cathodelab.formats.technique import Measurement
from cathodelab.techniques.compaction.model import CompactionCurve, Readings
from cathodelab.techniques.compaction.table_kind import COMPACTION, INDEX, LENGTH, LENGTHS, LOADS


def curve_from_tables(tables: Sequence[Table]) -> CompactionCurve:
    """The readings of all tables, sorted by what was read; several files of a pellet are one curve.

    Raises:
        CathodelabError: a table is no compaction table.
    """
    parts = [_readings(table) for table in tables]
    in_die, out_of_die, somewhere, displacement = (
        _joined([part[place] for part in parts]) for place in range(len(LENGTHS))
    )
    notes = tuple(dict.fromkeys(note for table in tables for note in table.notes))
    unknown = tuple(dict.fromkeys(label for table in tables for label in table.unknown_columns))
    return CompactionCurve(in_die, out_of_die, somewhere, displacement, notes, unknown)


def _readings(table: Table) -> tuple[Readings, ...]:
    if table.kind != COMPACTION.word:
        raise CathodelabError(
            "no-compaction-table",
            f"The file holds a table of {table.kind}",
            where="header",
            why="A compaction needs pressures or forces, and thicknesses.",
            what_to_do="Name the file in the column of its own technique.",
        )
    nothing = np.full(table.rows, np.nan)
    kinds = table.column(INDEX).astype(np.int64)
    loads = [table.columns.get(name, nothing) for name in LOADS]
    return tuple(
        Readings(table.column(LENGTH)[kinds == index], *(one[kinds == index] for one in loads))
        for index in range(len(LENGTHS))
    )


def _joined(parts: Sequence[Readings]) -> Readings:
    return Readings(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("length_um", "pressure_MPa", "force_kN", "mass_mg")
        )
    )


def compaction_curve(recorded: Sequence[Recorded], sample: Sample, settings: Mapping[str, Any]) -> CompactionCurve:
    """The curve of a pellet's files: thicknesses in the die in one, out of it in another, or both in one.

    Raises:
        CathodelabError: two files hold the same, so that they are two curves.
    """
    del sample, settings
    tables = [one.table for one in recorded]
    _refuse_two_curves(tables, [one.source.file for one in recorded])
    return replace(curve_from_tables(tables), provenance=tuple(one.source for one in recorded))


def _refuse_two_curves(tables: Sequence[Table], files: Sequence[str]) -> None:
    for place, words in enumerate(LENGTHS):
        holding = [
            file
            for table, file in zip(tables, files, strict=True)
            if LOADS[2] not in table.columns and (table.column(INDEX) == place).any()
        ]
        if len(holding) > 1:
            raise CathodelabError(
                "several-curves",
                f"{len(holding)} files hold a curve of their own",
                where=", ".join(holding),
                why=f"All of them have readings of one kind ({words}); a pellet is pressed for the first time once.",
                what_to_do="Make each filling of the die a pellet of its own, or join the parts of one loading in one file.",
            )


MEASUREMENT = Measurement("compaction_curve", compaction_curve, ("compaction_file",))
