"""Maccor text exports in all known dialects: tab or comma separated, clock or seconds, signed or unsigned current.

A Maccor counts charge from zero at each step and has a letter for the state (R rest, C charge, D discharge, P pause, S
suspended, O end). Most exports give only the size of the current; its direction follows from the letter.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cathodelab.core.arrays import FloatArray, frozen
from cathodelab.core.errors import MEANING, CathodelabError
from cathodelab.formats.shared.counted_ends import ends_of_counter
from cathodelab.formats.shared.dates import clock_over_dates
from cathodelab.formats.shared.instrument_text import HEADER_WITHIN_LINES, found_header, read_columns
from cathodelab.formats.shared.labels import Known, parted, placed
from cathodelab.formats.shared.rebuild import (
    STEP_NOTE,
    agreement_note,
    anew_note,
    counted,
    net_of_counter,
    step_changes,
)
from cathodelab.formats.table import Table

if TYPE_CHECKING:
    import polars as pl

KNOWN = {
    "testtime": Known("test_time_second", "s"),
    "test": Known("test_time_second"),
    "test time": Known("test_time_second", "s"),
    "steptime": Known("step_time_second", "s"),
    "step time": Known("step_time_second", "s"),
    "volts": Known("voltage_volt", "V"),
    "voltage": Known("voltage_volt", "V"),
    "amps": Known("current_ampere", "A"),
    "mamps": Known("current_ampere", "mA"),
    "current": Known("current_ampere", "A"),
    "amp-hr": Known("counter_ampere_hour", "Ah"),
    "mamp-hr": Known("counter_ampere_hour", "mAh"),
    "capacity": Known("counter_ampere_hour", "Ah"),
    "step": Known("step_id", ""),
    "cyc#": Known("cycle_count", ""),
    "cycle c": Known("cycle_count", ""),
    "cycle": Known("cycle_count", ""),
    "state": Known("state", ""),
    "md": Known("state", ""),
}
"""Label without unit -> column, and the unit that Maccor means where none is written."""

NEEDED = ("test_time_second", "voltage_volt", "current_ampere", "step_id")
_RECORD = ("rec#", "rec")
_CYCLE = ("cyc#", "cycle c", "cycle")
DIRECTIONS = {"C": 1.0, "D": -1.0}


def is_maccor_text(head: str) -> bool:
    """Whether one of the first lines is a Maccor header: a record number, a cycle and a step."""
    return _header_at(head) is not None


def _header_at(head: str) -> int | None:
    for number, line in enumerate(head.split("\n")[:HEADER_WITHIN_LINES]):
        if line.lstrip("\xef\xbb\xbf").lower().startswith(_RECORD):
            names = {_name(label) for label in line.rstrip("\r").split("\t" if "\t" in line else ",")}
            if "step" in names and names & set(_CYCLE):
                return number
    return None


def read_maccor_text(content: bytes) -> Table:
    """Maccor text -> table with signed current, a step count that never falls, and the net charge."""
    lines = content[:65536].split(b"\n")
    number = _header_at(content[:65536].decode("latin-1"))
    if number is None:
        raise CathodelabError(
            "format-unknown",
            "This is no Maccor text",
            where=f"first {HEADER_WITHIN_LINES} lines",
            why="None of them starts with Rec# (or Rec) and names the cycle and the step.",
            what_to_do="Export the file from MIMS or MacTest as text with its header, or state what its columns mean.",
            hints=(MEANING,),
        )
    text = found_header(content, number, sum(len(line) + 1 for line in lines[:number]))
    places, unknown = placed([_spelled(label) for label in text.header], KNOWN, NEEDED, number + 1)
    raw, state = read_columns(text, places)
    table = _table(raw, state, tuple(label for label in unknown if _name(label) not in _RECORD))
    return replace(table, metadata=clock_over_dates(text, raw["test_time_second"]))


def _name(label: str) -> str:
    return parted(_spelled(label))[0]


def _spelled(label: str) -> str:
    """``Step (Sec)`` is the time of the step, ``Step`` its number."""
    name, unit = parted(label)
    return f"step time ({unit})" if name == "step" and unit else label


def _table(raw: dict[str, FloatArray], state: pl.Series | None, unknown: tuple[str, ...]) -> Table:
    changed = step_changes(raw["step_id"], raw.get("step_time_second"))
    columns = {name: raw[name] for name in ("test_time_second", "voltage_volt")}
    directions = None if state is None else _directions(state)
    columns["current_ampere"], note = _signed_current(raw["current_ampere"], directions, changed)
    columns["step_count"] = counted(changed)
    notes, ends = [note, STEP_NOTE], None
    if "counter_ampere_hour" in raw:
        direction = np.sign(columns["current_ampere"])
        if directions is not None:
            direction = np.where(directions != 0, directions, direction)
        columns["net_charge_ampere_hour"] = net_of_counter(np.abs(raw["counter_ampere_hour"]), direction, changed)
        ends = ends_of_counter(np.abs(raw["counter_ampere_hour"]), direction, changed)
        notes += [
            "The net charge was rebuilt from the Maccor's Amp-hr, which counts from zero at each step and has no sign.",
            anew_note(changed, raw["counter_ampere_hour"]),
            agreement_note(columns),
        ]
    columns |= {name: raw[name] for name in ("step_time_second", "step_id", "cycle_count") if name in raw}
    return Table("cycling", columns, unknown, tuple(note for note in notes if note), counted=ends)


def _directions(state: pl.Series) -> FloatArray:
    """+1 for charge, -1 for discharge, 0 for any other letter."""
    by_text = {text: DIRECTIONS.get((text or "").strip().upper(), 0.0) for text in state.unique().to_list()}
    return np.array([by_text[text] for text in state.to_list()], dtype=np.float64)


def _signed_current(
    current: FloatArray, directions: FloatArray | None, changed: NDArray[np.bool_]
) -> tuple[FloatArray, str]:
    """The current with + for charge, and a note on the origin of its sign."""
    negative = bool((current < 0).any())
    if directions is None:
        if negative:
            return (
                current,
                "The sign of the current is the file's (+ = charge); it has no column of states to check it by.",
            )
        return current, (
            "The export has neither signs nor a column of states: all of its current was taken as charging current. "
            "Export the column State if the cell was discharged as well."
        )
    if negative:
        against = int((np.sign(current) * directions < 0).sum())
        if against > 0.5 * int((directions != 0).sum()):
            return frozen(-current), "The signs of the current were turned: the file writes discharge as positive."
        if against:
            return (
                current,
                f"In {against} rows the sign of the current is against the state letter; the sign was believed.",
            )
        return current, "The sign of the current is the file's; it agrees with the state letters C and D in every row."
    known, borrowed = _with_direction(current, directions, changed)
    note = "The current has no sign in this file: D rows were made negative by their state letter."
    if borrowed:
        note += f" {borrowed} rows with current and another letter took the direction of the row before in their step."
    return frozen(current * known), note


def _with_direction(current: FloatArray, directions: FloatArray, changed: NDArray[np.bool_]) -> tuple[FloatArray, int]:
    """Direction of every row, and the number of rows under current that took it from the row before in their step."""
    rows = np.arange(current.size)
    last = np.maximum.accumulate(np.where((directions != 0) | changed, rows, 0))
    lacking = (directions == 0) & (current != 0)
    known = np.where(lacking, directions[last], directions)
    bad = lacking & (known == 0)
    if bad.any():
        raise CathodelabError(
            "direction-unknown",
            f"{int(bad.sum())} rows have a current and no direction",
            where=f"data row {int(np.argmax(bad)) + 1}",
            why="The file writes currents without sign, and the state letter of these rows is neither C nor D.",
            what_to_do="Export the test again with signed currents, or with the column State as the cycler wrote it.",
        )
    return known, int(lacking.sum())
