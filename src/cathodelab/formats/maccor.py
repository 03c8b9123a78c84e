"""Maccor text exports in all known dialects: tab or comma separated, clock or seconds, signed or unsigned current.

A Maccor counts charge from zero at each step and has a letter for the state (R rest, C charge, D discharge, P pause, S
suspended, O end). Most exports give only the size of the current; its direction follows from the letter.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cathodelab.core.arrays import FloatArray, frozen
from cathodelab.core.errors import MEANING, CathodelabError
from cathodelab.formats.scale import unit_factor
from cathodelab.formats.shared.cycler_table import Cycler, cycler_table
from cathodelab.formats.shared.dates import clock_over_dates, dated_spans
from cathodelab.formats.shared.instrument_text import (
    HEADER_WITHIN_LINES,
    InstrumentText,
    found_header,
    read_columns,
)
from cathodelab.formats.shared.labels import Known, parted, placed
from cathodelab.formats.table import Table

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
    "cap.": Known("counter_ampere_hour", "Ah"),
    "step": Known("step_id", ""),
    "cyc#": Known("cycle_count", ""),
    "cycle c": Known("cycle_count", ""),
    "cycle": Known("cycle_count", ""),
    "state": Known("state", ""),
    "md": Known("state", ""),
}
"""Label without unit -> column, and the unit that Maccor means where none is written."""

NEEDED = ("test_time_second", "voltage_volt", "current_ampere", "step_id")
MACCOR = Cycler("Maccor", states="state letter")
_RECORD = ("rec#", "rec")
_CYCLE = ("cyc#", "cycle c", "cycle")
_CLOCK, _STATE = ("testtime", "test", "test time"), ("state", "md")
_VOLTAGE, _CURRENT = ("volts", "voltage"), ("amps", "mamps", "current")
_MINUTE, _NEAR = 60.0, 0.02


def is_maccor_text(head: str) -> bool:
    """Whether one of the first lines is a Maccor header: a cycle, a step, and a number of the record or a state."""
    return _header_at(head) is not None


def _header_at(head: str) -> int | None:
    for number, line in enumerate(head.split("\n", HEADER_WITHIN_LINES)[:HEADER_WITHIN_LINES]):
        lower = line.lower()
        if "step" not in lower or "cyc" not in lower:
            continue
        names = {_name(label) for label in line.rstrip("\r").split("\t" if "\t" in line else ",")}
        if "step" not in names or not names & set(_CYCLE):
            continue
        if lower.lstrip("\xef\xbb\xbf\ufeff").startswith(_RECORD):
            return number
        if all(names & set(one) for one in (_CLOCK, _STATE, _VOLTAGE, _CURRENT)):
            return number
    return None


def read_maccor_text(content: bytes) -> Table:
    """Maccor text -> table with signed current, a step count that never falls, and the net charge."""
    head = content[:65536]
    number = _header_at(head.decode("latin-1"))
    if number is None:
        raise CathodelabError(
            "format-unknown",
            "This is no Maccor text",
            where=f"first {HEADER_WITHIN_LINES} lines",
            why="None of them starts with Rec# (or Rec) and names the cycle and the step.",
            what_to_do="Export the file from MIMS or MacTest as text with its header, or state what its columns mean.",
            hints=(MEANING,),
        )
    text = found_header(content, number, sum(len(line) + 1 for line in head.split(b"\n", number)[:number]))
    places, unknown = placed([_spelled(label) for label in text.header], KNOWN, NEEDED, number + 1)
    raw, state = read_columns(text, places)
    notes: list[str] = []
    raw = _in_seconds(text, raw, notes)
    table = cycler_table(MACCOR, raw, state, [label for label in unknown if _name(label) not in _RECORD], notes)
    return replace(table, metadata=clock_over_dates(text, table.columns["test_time_second"]))


def _in_seconds(text: InstrumentText, raw: dict[str, FloatArray], notes: list[str]) -> dict[str, FloatArray]:
    """Times that state no unit and are minutes: the dates beside them say so, or the cycler's count of charge."""
    units = {KNOWN[name].column: unit for name, unit in map(parted, map(_spelled, text.header)) if name in KNOWN}
    time = raw["test_time_second"]
    passed = float(time[-1] - time[0])
    if units.get("test_time_second") or not passed > 0:
        return raw
    spans = dated_spans(text)
    dated = any(abs(span / passed / _MINUTE - 1) < _NEAR for span in spans)
    if not dated and not _by_charge(raw):
        clocks = text.content[text.body_start : text.body_start + 200].partition(b"\n")[0].count(b":")
        if not (spans or clocks or "counter_ampere_hour" in raw):
            notes.append(
                "The times state no unit and were read as seconds; neither dates nor a count of charge confirm it."
            )
        return raw
    notes.append(
        "The times state no unit; they were read as minutes, as "
        + ("the dates of the rows say." if dated else "the cycler's count of charge says.")
    )
    scaled = [name for name in ("test_time_second", "step_time_second") if name in raw and not units.get(name)]
    return {**raw, **{name: frozen(raw[name] * _MINUTE) for name in scaled}}


def _by_charge(raw: dict[str, FloatArray]) -> bool:
    """Whether what was counted within steps is sixty times what current and time give."""
    if "counter_ampere_hour" not in raw:
        return False
    counter = np.abs(raw["counter_ampere_hour"])
    moved = np.maximum(np.diff(counter), 0.0)
    flowed = np.abs(raw["current_ampere"][1:]) * np.diff(raw["test_time_second"]) / 3600
    within = (raw["step_id"][1:] == raw["step_id"][:-1]) & (moved > 0)
    total = float(flowed[within].sum())
    return total > 0 and unit_factor(float(moved[within].sum()) / total, _NEAR) == _MINUTE


def _name(label: str) -> str:
    return parted(_spelled(label))[0]


def _spelled(label: str) -> str:
    """``Step (Sec)`` is the time of the step, ``Step`` its number."""
    name, unit = parted(label)
    return f"step time ({unit})" if name == "step" and unit else label
