"""The cyclers whose text exports are read by declaration alone."""

from __future__ import annotations

import re

from cathodelab.formats.declared.text_format import TextFormat
from cathodelab.formats.shared.cycler_table import Cycler
from cathodelab.formats.shared.labels import Known

REAL, STAND_IN = "a real file", "a stand-in"
_TIME, _STEP_TIME = Known("test_time_second", "s"), Known("step_time_second", "s")
_VOLT, _AMPERE = Known("voltage_volt", "V"), Known("current_ampere", "A")
_STATED_VOLT, _STATED_AMPERE = Known("voltage_volt"), Known("current_ampere")
_STEP, _CYCLE, _STATE = Known("step_id", ""), Known("cycle_count", ""), Known("state", "")
_CHARGING, _DISCHARGING = Known("charging_capacity_ampere_hour", "Ah"), Known("discharging_capacity_ampere_hour", "Ah")
_COUNTED = Known("counted_ampere_hour", "Ah")
_LABELS_WITHIN = 2000
_SLASHED = re.compile(r"(?P<name>[^/(]+?)\s*/\s*(?P<unit>.+)")


def _without_tilde(label: str) -> str:
    return label.lstrip("~")


def _slashed(label: str) -> str:
    """``Current/mA`` -> ``Current (mA)``."""
    match = _SLASHED.fullmatch(label.strip())
    return f"{match['name']} ({match['unit']})" if match else label


def _of_autolab(label: str) -> str:
    """``WE(1).Potential (V)`` -> ``Potential (V)``."""
    return re.sub(r"^WE\(1\)\.", "", label)


def _data_blocks(content: bytes) -> list[bytes]:
    """What follows each line ``[Data]``: a test that was restarted has another header in the middle of the file."""
    found = []
    for block in re.split(rb"^\[Data\][^\n]*\n", content, flags=re.MULTILINE)[1:]:
        end = re.search(rb"^\[", block, flags=re.MULTILINE)
        found.append(block[: end.start()] if end else block)
    return found or [content]


def _gamry_tables(content: bytes) -> list[bytes]:
    """The tables of a Gamry file that have a current: labels, units and rows of each, from one title to the next."""
    found = []
    for block in re.split(rb"^\w+\tTABLE[^\n]*\n", content, flags=re.MULTILINE)[1:]:
        if b"\tVf\t" in block[:_LABELS_WITHIN] and b"\tIm\t" in block[:_LABELS_WITHIN]:
            end = re.search(rb"^[A-Z]\w*\t[A-Z]+\t", block, flags=re.MULTILINE)  # an entry behind the table
            found.append(block[: end.start()] if end else block)
    return found


def _of_gamry(label: str) -> str:
    """``Vf (V vs. Ref.)`` -> ``Vf (V)``."""
    return re.sub(r" vs\.[^)]*", "", label)


def _segments(content: bytes) -> list[bytes]:
    """The segments of a VersaStudio file: the labels behind ``Definition=``, and the rows below."""
    found = []
    for block in content.split(b"\nDefinition=")[1:]:
        end = block.find(b"</Segment")
        found.append(block[:end] if end >= 0 else block)
    return found


BASYTEC = TextFormat(
    "basytec-text",
    Cycler("Basytec", states="Command", signed=True),
    {
        "time": _TIME, "t-step": _STEP_TIME, "u": _VOLT, "i": _AMPERE, "line": _STEP, "cyc-count": _CYCLE, "command": _STATE,
        "ah-cyc-charge": _CHARGING, "ah-cyc-discharge": _DISCHARGING,
    },
    frozenset({"time", "t-step", "u", "i"}),
    REAL,
    "In Basytec's BaSyTest convert the result file to text with Time, t-Step, Line, Command, U, I and Ah-Cyc-Charge/-Discharge.",
    begins=(b"~",),
    spelled=_without_tilde,
)  # fmt: skip
NOVONIX = TextFormat(
    "novonix-csv",
    Cycler("Novonix", states="Step Type", signed=True),
    {
        "run time": Known("test_time_second", "h"), "step time": Known("step_time_second", "h"), "potential": _VOLT,
        "current": _AMPERE, "capacity": _COUNTED, "cycle number": _CYCLE, "step number": _STEP,
    },
    frozenset({"cycle number", "run time", "potential", "current"}),
    REAL,
    "Export the test from Novonix's UHPC software as csv again; do not save it with a spreadsheet.",
    holds=b"Run Time (h)",
    parts=_data_blocks,
)  # fmt: skip
PEC = TextFormat(
    "pec-csv",
    Cycler("PEC", states="Instruction Name"),
    {
        "total time": _TIME, "step time": _STEP_TIME, "voltage": _STATED_VOLT, "current": _STATED_AMPERE, "cycle": _CYCLE,
        "step": _STEP, "charge capacity": _CHARGING, "discharge capacity": _DISCHARGING, "instruction name": _STATE,
    },
    frozenset({"test", "total time", "step time", "voltage", "current"}),
    f"{STAND_IN} with the labels of a real file",
    "Export the test from PEC's LifeTest as csv with Total Time, Step, Voltage, Current, Charge and Discharge Capacity.",
    holds=b"Total Time (",
)  # fmt: skip
LAND = TextFormat(
    "land-csv",
    Cycler("LAND", states="Step-State"),
    {
        "testtime": _TIME, "test time": _TIME, "steptime": _STEP_TIME, "step time": _STEP_TIME, "voltage": _STATED_VOLT,
        "current": _STATED_AMPERE, "capacity": Known("counted_ampere_hour"), "cycle-index": _CYCLE, "cycleno": _CYCLE,
        "step-index": _STEP, "stepno": _STEP, "step-state": _STATE, "work mode": _STATE, "workmode": _STATE,
    },
    frozenset({"record", "testtime", "voltage", "current"}),
    STAND_IN,
    "In LANDdt choose Export, the tab Record and TestTime, StepTime, Step-Index, Voltage, Current, Capacity.",
    holds=b"TestTime",
    spelled=_slashed,
)  # fmt: skip
DIGATRON = TextFormat(
    "digatron-csv",
    Cycler("Digatron", states="Status", signed=True),
    {
        "prog time": _TIME, "step time": _STEP_TIME, "voltage": _VOLT, "current": _AMPERE, "step": _STEP, "cycle": _CYCLE,
        "ahaccu": _COUNTED, "capacity": _COUNTED, "status": _STATE,
    },
    frozenset({"step", "prog time", "voltage", "current"}),
    STAND_IN,
    "In Digatron's BTS-600 or Battery Manager export the registrations as csv with Prog Time, Step, Voltage, Current, AhAccu.",
    holds=b"Prog Time",
    units_below=True,
)  # fmt: skip
SQUIDSTAT = TextFormat(
    "squidstat-csv",
    Cycler("Squidstat", states="Step name", signed=True),
    {
        "elapsed time": _TIME, "working electrode": _VOLT, "current": _STATED_AMPERE, "step number": _STEP,
        "cumulative charge": _COUNTED, "counter electrode": Known("counter_electrode_potential_volt", "V"),
    },
    frozenset({"elapsed time", "working electrode", "current"}),
    STAND_IN,
    "In the Squidstat User Interface choose Save data as csv with Elapsed Time, Working Electrode and Current.",
    holds=b"Working Electrode",
)  # fmt: skip
NOVA = TextFormat(
    "nova-text",
    Cycler("Autolab NOVA", states="Index", signed=True),
    {"time": _TIME, "potential": _VOLT, "current": _AMPERE},
    frozenset({"time", "potential", "current"}),
    STAND_IN,
    "In NOVA add Export data (ASCII) with Time, WE(1).Potential and WE(1).Current to the procedure.",
    holds=b"WE(1).Potential",
    spelled=_of_autolab,
)
IVIUM = TextFormat(
    "ivium-text",
    Cycler("Ivium", states="cycle", signed=True),
    {"time": _TIME, "e": _STATED_VOLT, "i": _STATED_AMPERE, "charge": Known("counted_ampere_hour"), "cycle": _CYCLE},
    frozenset({"time", "e", "i"}),
    STAND_IN,
    "In IviumSoft choose File, Export data, To csv-file with time, E and I.",
    spelled=_slashed,
)

GAMRY = TextFormat(
    "gamry-cycling",
    Cycler("Gamry", states="Pt", signed=True),
    {"t": _TIME, "vf": _VOLT, "im": _AMPERE},
    frozenset({"t", "vf", "im"}),
    STAND_IN,
    "In Gamry Framework keep the .DTA file of the galvanostatic technique as it is; its table needs T, Vf and Im.",
    begins=(b"EXPLAIN",),
    spelled=_of_gamry,
    units_below=True,
    parts=_gamry_tables,
)
VERSASTUDIO = TextFormat(
    "versastudio-par",
    Cycler("VersaStudio", states="Status", signed=True),
    {"elapsed time": _TIME, "e": _VOLT, "i": _AMPERE, "segment #": _STEP},
    frozenset({"elapsed time", "e", "i"}),
    STAND_IN,
    "In VersaStudio save the experiment as .par with E(V), I(A) and Elapsed Time(s) among its columns.",
    begins=(b"<Application>",),
    parts=_segments,
)

DECLARED: tuple[TextFormat, ...] = (BASYTEC, DIGATRON, GAMRY, IVIUM, LAND, NOVA, NOVONIX, PEC, SQUIDSTAT, VERSASTUDIO)
