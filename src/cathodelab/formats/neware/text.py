"""Neware csv exports of BTSDA: record layer, English labels, units as stated in the labels."""

from __future__ import annotations

from cathodelab.formats.shared.counted_ends import counted_ends
from cathodelab.formats.shared.dates import clock_over_dates
from cathodelab.formats.shared.instrument_text import found_header, read_columns
from cathodelab.formats.shared.labels import Known, parted, placed
from cathodelab.formats.shared.rebuild import STEP_NOTE, agreement_note, anew_note, counted, net_of_pair, step_changes
from cathodelab.formats.table import Table

KNOWN = {
    "cumulative time": Known("test_time_second", "s"),
    "total time": Known("test_time_second", "s"),
    "time": Known("step_time_second", "s"),
    "voltage": Known("voltage_volt"),
    "current": Known("current_ampere"),
    "step index": Known("step_id", ""),
    "cycle index": Known("cycle_count", ""),
    "chg. cap.": Known("charging_capacity_ampere_hour"),
    "dchg. cap.": Known("discharging_capacity_ampere_hour"),
}
"""Label without unit -> column. Clocks have no unit (h:min:s); potentials, currents and charges must state one."""

_NET_NOTE = (
    "The net charge was rebuilt from the Neware's charging and discharging capacity, which start from zero at each step or "
    "cycle."
)
NEEDED = ("test_time_second", "voltage_volt", "current_ampere", "step_id")


def is_neware_text(head: str) -> bool:
    """Whether the first line is a BTSDA header: a data point, a step type and a step index."""
    names = {parted(label)[0] for label in head.split("\n", 1)[0].rstrip("\r").replace("\t", ",").split(",")}
    return {"step type", "step index"} <= names and bool(names & {"datapoint", "data point"})


def read_neware_text(content: bytes) -> Table:
    """Neware csv -> table with a step count that never falls and the net charge from both counters."""
    text = found_header(content, 0, 0)
    places, unknown = placed(text.header, KNOWN, NEEDED, 1)
    raw, _ = read_columns(text, places)
    changed = step_changes(raw["step_id"], raw.get("step_time_second"))
    columns = {name: raw[name] for name in ("test_time_second", "voltage_volt", "current_ampere")}
    columns["step_count"] = counted(changed)
    notes, ends = [STEP_NOTE], None
    if "charging_capacity_ampere_hour" in raw and "discharging_capacity_ampere_hour" in raw:
        columns["net_charge_ampere_hour"] = net_of_pair(
            raw["charging_capacity_ampere_hour"], raw["discharging_capacity_ampere_hour"], changed
        )
        ends = counted_ends(raw["charging_capacity_ampere_hour"], raw["discharging_capacity_ampere_hour"], changed)
        notes += [
            _NET_NOTE,
            anew_note(changed, raw["charging_capacity_ampere_hour"], raw["discharging_capacity_ampere_hour"]),
            agreement_note(columns),
        ]
    columns |= {name: raw[name] for name in ("step_time_second", "step_id", "cycle_count") if name in raw}
    unknown = tuple(label for label in unknown if parted(label)[0] not in {"datapoint", "data point"})
    dates = clock_over_dates(text, columns["test_time_second"])
    return Table("cycling", columns, unknown, tuple(note for note in notes if note), dates, counted=ends)
