"""The titration of a cell or reference: relaxed potentials against charge, from its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cathodelab.core.errors import FILES, CathodelabError
from cathodelab.core.samples import Cell
from cathodelab.formats.cell_records import cycling_record
from cathodelab.formats.recording import Recorded
from cathodelab.formats.technique import Measurement
from cathodelab.techniques.utilization.model import Titration
from cathodelab.techniques.utilization.read import reference_from_record, titration_from_table
from cathodelab.techniques.utilization.rests import titration_from_record

FINISHED = ("titration curve", "relaxed potentials")
"""Kinds of tables that hold a whole titration."""


def titration(recorded: Sequence[Recorded], sample: Cell, settings: Mapping[str, Any]) -> Titration:
    """Relaxed points against charge.

    Raises:
        CathodelabError: a finished titration beside other files, or files that cannot be joined.
    """
    tables = [one.table for one in recorded]
    if tables[0].kind in FINISHED:
        if len(tables) > 1:
            raise CathodelabError(
                "files-differ",
                "A finished titration table cannot be joined with other files",
                where=tables[0].kind,
                why="It already holds the whole titration.",
                what_to_do="Name this one file alone.",
                hints=(FILES,),
            )
        return titration_from_table(tables[0])
    record = cycling_record(tables, [one.source for one in recorded])
    if sample.role == "reference":
        return reference_from_record(record, settings["utilization"])
    return titration_from_record(record, settings["utilization"])


TITRATION = Measurement("titration", titration, columns=("file",), settings=("utilization",))
