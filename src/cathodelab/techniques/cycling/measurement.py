"""The record of a cycled cell, and the same thinned for a figure, from its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.core.downsample import kept_rows
from cathodelab.core.errors import OtherData
from cathodelab.core.records import CyclingRecord
from cathodelab.core.samples import Cell
from cathodelab.formats.cell_records import cycling_record
from cathodelab.formats.recording import Recorded
from cathodelab.formats.technique import Measurement
from cathodelab.techniques.cycling.method import refuse_without_cycles

LONGEST = 4000
_ROWS = ("cycling", "potential against charge")


def record_of(recorded: Sequence[Recorded], sample: Cell, settings: Mapping[str, Any]) -> CyclingRecord:
    """The joined record of a cell that was cycled.

    Raises:
        OtherData: a finished titration table, or a record without cycles.
        CathodelabError: files that cannot be joined.
    """
    del sample
    _refuse_finished(recorded)
    record = cycling_record([one.table for one in recorded], [one.source for one in recorded])
    refuse_without_cycles(record, settings["cycling"])
    return record


@dataclass(frozen=True, eq=False)
class Trace(ReadOnlyArrays):
    """Potential against the counter electrode, V, over time, h (or over charge, mAh, where the record has no clock).

    ``rows`` is the length of the whole record; the arrays hold the rows that :func:`kept_rows` keeps.
    """

    position: FloatArray
    potential_volt: FloatArray
    over_time: bool
    rows: int


def trace_of(recorded: Sequence[Recorded], sample: Cell, settings: Mapping[str, Any]) -> Trace:
    """The record as its files hold it, thinned: what one looks at when a number seems odd.

    Raises:
        OtherData: the files hold no record.
        CathodelabError: files that cannot be joined.
    """
    del sample, settings
    _refuse_finished(recorded)
    record = cycling_record([one.table for one in recorded], [one.source for one in recorded])
    charge = record.net_charge_ampere_hour
    if record.test_time_second is not None:
        position, over_time = record.test_time_second / 3600, True
    elif charge is not None:
        position, over_time = charge * 1000, False
    else:
        position, over_time = np.arange(record.voltage_volt.size, dtype=float), False
    rows = kept_rows(position, record.voltage_volt, LONGEST)
    return Trace(position[rows], record.voltage_volt[rows], over_time, int(record.voltage_volt.size))


def _refuse_finished(recorded: Sequence[Recorded]) -> None:
    kinds = {one.table.kind for one in recorded}
    if not kinds & set(_ROWS):
        raise OtherData(
            "no-cycles",
            "The files hold no rows of a cycling test",
            where=", ".join(sorted(kinds)),
            why="A finished titration table, or spectra alone, hold none.",
            what_to_do="Name the cycler's own file for capacities and efficiencies.",
        )


CYCLING_RECORD = Measurement("cycling_record", record_of, columns=("file",), settings=("cycling",), kept=False)
TRACE = Measurement("trace", trace_of, columns=("file",))
