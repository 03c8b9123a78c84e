"""From tables to a staircase: only what the files know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cathodelab.core.errors import CathodelabError, OtherData
from cathodelab.core.samples import Sample
from cathodelab.formats.recording import Recorded
from cathodelab.formats.table import Table
from cathodelab.formats.technique import Measurement
from cathodelab.techniques.conduction.model import Staircase

ID = "staircase"
_KIND = "cycling"


def staircase_from_table(table: Table) -> Staircase:
    """Time, voltage and current of a table of rows.

    Raises:
        OtherData: the table holds something else.
        CathodelabError: a column is missing.
    """
    if table.kind != _KIND:
        raise OtherData(
            "no-staircase",
            f"The file holds a table of {table.kind}",
            where="header",
            why="A staircase is rows of time, voltage and current.",
            what_to_do="Name the record of the staircase in conduction_file.",
        )
    return Staircase(
        time_second=table.column("test_time_second"),
        voltage_volt=table.column("voltage_volt"),
        current_ampere=table.column("current_ampere"),
        unknown_columns=table.unknown_columns,
        notes=table.notes,
    )


def staircase_of(recorded: Sequence[Recorded], sample: Sample, settings: Mapping[str, Any]) -> Staircase:
    """The staircase of a pellet, from the one file that holds it.

    Raises:
        CathodelabError: there are several files.
    """
    del settings
    if len(recorded) > 1:
        raise CathodelabError(
            "several-staircases",
            f"The pellet names {len(recorded)} records of staircases",
            where=f"pellet {sample.id}: " + ", ".join(one.source.file for one in recorded),
            why="Each is a measurement of its own; put behind each other they would be one staircase that never was.",
            what_to_do="Give each repeat a row of its own in the table of pellets, made from the same composite.",
        )
    found = staircase_from_table(recorded[0].table)
    return Staircase(
        found.time_second,
        found.voltage_volt,
        found.current_ampere,
        found.unknown_columns,
        found.notes,
        (recorded[0].source,),
    )


STAIRCASE = Measurement(ID, staircase_of, columns=("conduction_file",))
