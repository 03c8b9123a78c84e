"""Small exports of a rest, a charge and a discharge in every cycler's dialect, written by the tests themselves."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.formats.stand_ins import Rows, two_cycles

ARBIN_LABELS = (
    "Data_Point,Test_Time(s),Step_Time(s),Step_Index,Cycle_Index,Voltage(V),Current(A),Charge_Capacity(Ah),"
    "Discharge_Capacity(Ah),Aux"
)


@pytest.fixture
def rows() -> Rows:
    """Two cycles of 10 s rest, 1 h charge and 1 h discharge at 1 A; the cyclers' counters reset at each step."""
    return two_cycles()


@pytest.fixture
def maccor_bytes(rows: Rows) -> bytes:
    """A tab separated Maccor export with clocks and unsigned current."""
    head = "Today's Date:\t22 November 2026\r\nProcedure:\tours\r\n"
    labels = "Rec#\tCyc#\tStep\tTestTime\tStepTime\tAmp-hr\tAmps\tVolts\tState\tES"
    lines = [
        f"{row['record']}\t{row['cycle']}\t{row['step']}\t{_clock(row['time'])}\t{_clock(row['within'])}\t{row['charge']:.6f}\t"
        f"{abs(float(row['current'])):.6f}\t{row['voltage']:.6f}\t{row['state']}\t1"
        for row in rows
    ]
    return (head + "\r\n".join([labels, *lines]) + "\r\n").encode()


@pytest.fixture
def arbin_bytes(rows: Rows) -> bytes:
    """An Arbin csv whose capacities reset at each cycle."""
    lines = [",".join(map(str, row)) for row in _arbin_rows(rows)]
    return "\n".join([ARBIN_LABELS, *lines, ""]).encode()


@pytest.fixture
def neware_bytes(rows: Rows) -> bytes:
    """A Neware csv in mA and mAh."""
    labels = (
        "DataPoint,Cycle Index,Step Index,Step Type,Time,Cumulative Time,Current(mA),Voltage(V),Chg. Cap.(mAh),"
        "DChg. Cap.(mAh)"
    )
    lines = []
    for row in rows:
        charge = float(row["charge"]) * 1000
        pair = (charge, 0.0) if row["state"] == "C" else (0.0, charge)
        lines.append(
            f"{row['record']},{row['cycle']},{row['step']},{row['state']},{_clock(row['within'], days=False)},"
            f"{_clock(row['time'], days=False)},{float(row['current']) * 1000},{row['voltage']:.5f},{pair[0]:.5f},{pair[1]:.5f}"
        )
    return "\n".join([labels, *lines, ""]).encode()


@pytest.fixture
def workbook_bytes(rows: Rows) -> bytes:
    """An Arbin workbook: a sheet of remarks and a sheet of the channel."""
    import openpyxl

    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["TEST REPORT"])
    sheet = book.create_sheet("Channel_1_1")
    sheet.append(ARBIN_LABELS.split(","))
    for row in _arbin_rows(rows):
        sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.fixture
def unzipped(data: Path) -> Callable[[str], bytes]:
    """The only file in a zip of the real data."""

    def content(path: str) -> bytes:
        with zipfile.ZipFile(data / path) as archive:
            return archive.read(archive.namelist()[0])

    return content


def _arbin_rows(rows: Rows) -> list[list[float | str]]:
    found: list[list[float | str]] = []
    charged = discharged = 0.0
    for row in rows:
        if row["state"] == "R":
            charged = discharged = 0.0
        charged = float(row["charge"]) if row["state"] == "C" else charged
        discharged = float(row["charge"]) if row["state"] == "D" else discharged
        found.append(
            [
                *(row[name] for name in ("record", "time", "within", "step", "cycle", "voltage", "current")),
                charged,
                discharged,
                "",
            ]
        )
    return found


def _clock(seconds: float | str, *, days: bool = True) -> str:
    whole = float(seconds)
    day = int(whole // 86400) if days else 0
    hour, rest = divmod(whole - day * 86400, 3600)
    text = f"{int(hour):02d}:{int(rest // 60):02d}:{rest % 60:g}"
    return f"  {day}d {text}" if days else text
