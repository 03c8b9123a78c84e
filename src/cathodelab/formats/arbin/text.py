"""Arbin tables: csv, and what all of Arbin's file types have in common.

All have the same columns under slightly different labels. Charging and discharging capacity count up until the schedule
resets them, usually once per cycle; step numbers recur in every cycle.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cathodelab.core.arrays import FloatArray, frozen
from cathodelab.formats.shared.counted_ends import counted_ends
from cathodelab.formats.shared.dates import clock_over_dates
from cathodelab.formats.shared.instrument_text import InstrumentText, found_header, read_columns
from cathodelab.formats.shared.labels import Known, parted, placed
from cathodelab.formats.shared.rebuild import STEP_NOTE, agreement_note, anew_note, counted, net_of_pair, step_changes
from cathodelab.formats.table import Table

KNOWN = {
    "test time": Known("test_time_second", "s"),
    "step time": Known("step_time_second", "s"),
    "voltage": Known("voltage_volt", "V"),
    "current": Known("current_ampere", "A"),
    "charge capacity": Known("charging_capacity_ampere_hour", "Ah"),
    "discharge capacity": Known("discharging_capacity_ampere_hour", "Ah"),
    "step index": Known("step_id", ""),
    "cycle index": Known("cycle_count", ""),
    "test id": Known("test_id", ""),
    "data point": Known("record_index", ""),
    "current / a": Known("converted_current_ampere", "A"),
}
"""Label without unit (blanks for underscores) -> column, and the unit that Arbin means where none is written."""

NEEDED = ("test_time_second", "voltage_volt", "current_ampere", "step_id")
HEADER_MARKS = frozenset({"test time", "step index", "cycle index", "charge capacity"})
"""Names that identify an Arbin header."""


def is_arbin_header(labels: list[str]) -> bool:
    """Whether these are Arbin's labels."""
    return {parted(label)[0] for label in labels} >= HEADER_MARKS


def is_arbin_text(head: str) -> bool:
    """Whether the first line is an Arbin header."""
    line = head.split("\n", 1)[0].rstrip("\r").removeprefix("\xef\xbb\xbf")
    return is_arbin_header(line.split(max(("\t", ";", ","), key=line.count)))


def read_arbin_text(content: bytes) -> Table:
    """Arbin csv -> table."""
    raw, unknown, text = _text_columns(content)
    table = arbin_table(raw, unknown, _converted_note(raw))
    return replace(table, metadata=clock_over_dates(text, table.columns["test_time_second"]))


def arbin_text_columns(content: bytes) -> tuple[dict[str, FloatArray], tuple[str, ...]]:
    """Columns in canonical units, and the unknown labels."""
    raw, unknown, _ = _text_columns(content)
    return raw, unknown


def _text_columns(content: bytes) -> tuple[dict[str, FloatArray], tuple[str, ...], InstrumentText]:
    text = found_header(content, 0, 0)
    places, unknown = placed(text.header, KNOWN, NEEDED, 1)
    raw, _ = read_columns(text, places)
    return raw, unknown, text


def arbin_table(raw: Mapping[str, FloatArray], unknown: tuple[str, ...], notes: tuple[str, ...] = ()) -> Table:
    """The table of an Arbin test from columns in canonical units, with rows in the order of the test."""
    restarts = _restarts(raw)
    changed = step_changes(raw["step_id"], raw.get("step_time_second")) | restarts
    columns = {
        "test_time_second": _joined(raw["test_time_second"], restarts),
        "voltage_volt": raw["voltage_volt"],
        "current_ampere": raw["current_ampere"],
        "step_count": counted(changed),
    }
    said = [*notes, STEP_NOTE]
    if restarts.any():
        said.append(
            f"The test was started anew {int(restarts.sum())} times in this file: its parts were joined one behind the other; "
            "how long the cell rested between them is not known."
        )
    ends = None
    pair = ("charging_capacity_ampere_hour", "discharging_capacity_ampere_hour")
    if all(name in raw for name in pair):
        columns["net_charge_ampere_hour"] = net_of_pair(raw[pair[0]], raw[pair[1]], changed)
        ends = counted_ends(raw[pair[0]], raw[pair[1]], changed)
        said += [
            "The net charge was rebuilt from the Arbin's charging and discharging capacity, which its schedule resets.",
            anew_note(changed, raw[pair[0]], raw[pair[1]]),
            agreement_note(columns),
        ]
    columns |= {name: frozen(raw[name]) for name in ("step_time_second", "step_id", "cycle_count") if name in raw}
    return Table("cycling", columns, unknown, tuple(note for note in said if note), counted=ends)


def _converted_note(raw: Mapping[str, FloatArray]) -> tuple[str, ...]:
    """Note on a converted file, which has a second set of columns under BDF names besides Arbin's."""
    if "converted_current_ampere" not in raw:
        return ()
    own, other = raw["current_ampere"], raw["converted_current_ampere"]
    flowing = np.abs(own) > 0.01 * np.abs(own).max()
    factor = float(np.median(other[flowing] / own[flowing])) if flowing.any() else 1.0
    wrong = (
        ""
        if abs(factor - 1) < 1e-3
        else f" Its column Current / A is {factor:.4g} times Arbin's current: do not use it."
    )
    return (f"The file has Arbin's columns and a second set in BDF's names; Arbin's were read.{wrong}",)


def in_order(raw: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """Rows sorted by test and record number, as a database keeps no order."""
    if "record_index" not in raw:
        return dict(raw)
    order = np.lexsort((raw["record_index"], raw.get("test_id", np.zeros(raw["record_index"].size))))
    return {name: frozen(values[order]) for name, values in raw.items()}


def _restarts(raw: Mapping[str, FloatArray]) -> NDArray[np.bool_]:
    """Rows at which the test was restarted: its number changed, or both clock and step number went back."""
    time, step = raw["test_time_second"], raw["step_id"]
    restarts = np.zeros(time.size, dtype=bool)
    restarts[1:] = (np.diff(time) < 0) & (np.diff(step) < 0)
    if "test_id" in raw:
        restarts[1:] |= np.diff(raw["test_id"]) != 0
    return restarts


def _joined(time: FloatArray, restarts: NDArray[np.bool_]) -> FloatArray:
    """Test time with each part, which begins at zero, shifted behind the part before."""
    ends = np.where(restarts, np.concatenate([[0.0], time[:-1]]), 0.0)
    return frozen(time + np.cumsum(ends))
