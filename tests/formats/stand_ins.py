"""Exports of the makers of whom no file can be in the repository, written here from the same rows: names, labels, units, order.

Nothing is shared with the readers: what a maker writes stands here as text.
"""

from __future__ import annotations

from collections.abc import Callable

Rows = list[dict[str, float | str]]


def two_cycles() -> Rows:
    """Two cycles of 10 s rest, 1 h charge and 1 h discharge at 1 A; the cyclers' counters reset at each step."""
    written: Rows = []
    time, record = 0.0, 0
    for cycle in (1, 2):
        for step, (letter, direction, length) in enumerate((("R", 0, 10), ("C", 1, 3600), ("D", -1, 3600)), 1):
            for part in range(5):
                record += 1
                within = part * length / 4
                written.append(
                    {
                        "record": record, "cycle": cycle, "step": step, "state": letter, "time": time + within,
                        "within": within, "current": float(direction), "voltage": 3.5 + direction * 0.1 * part,
                        "charge": abs(direction) * within / 3600,
                    }
                )  # fmt: skip
            time += length
    return written


def clock(seconds: float) -> str:
    """Hours, minutes, seconds with their fraction."""
    return f"{int(seconds // 3600):02d}:{int(seconds % 3600 // 60):02d}:{seconds % 60:06.3f}"


def _numbers(row: dict[str, float | str]) -> tuple[float, float, float, float, float]:
    """Time, time of the step, potential, current, charge in the step."""
    time, within, voltage, current, charge = (
        float(row[one]) for one in ("time", "within", "voltage", "current", "charge")
    )
    return time, within, voltage, current, charge


def _balance(rows: Rows) -> list[float]:
    """Charge less discharge so far."""
    net, found, before = 0.0, [], ("", 0.0)
    for row in rows:
        step, charge = f"{row['cycle']} {row['step']}", float(row["charge"])
        net += float(row["current"]) * (charge - (before[1] if before[0] == step else 0.0))
        found.append(net)
        before = (step, charge)
    return found


def _lines(*lines: str, end: str = "\r\n") -> bytes:
    return (end.join(lines) + end).encode()


def _parts(rows: Rows) -> list[Rows]:
    """Two halves of the test, or one where there are no more rows."""
    return [part for part in (rows[:15], rows[15:]) if part]


def basytec(rows: Rows) -> bytes:
    """Tabs, comments with a tilde, also before the labels."""
    words = {"R": "Pause", "C": "Charge", "D": "Discharge"}
    labels = "~Time[h]\tDataSet\tt-Step[h]\tLine\tCommand\tU[V]\tI[A]\tAh[Ah]\tAh-Cyc-Charge\tAh-Cyc-Discharge\tT1[°C]\tCyc-Count"
    found = []
    for row in rows:
        time, within, voltage, current, charge = _numbers(row)
        up, down = (charge, 0.0) if row["state"] == "C" else (0.0, charge)
        cells = [
            time / 3600,
            row["record"],
            within / 3600,
            row["step"],
            words[str(row["state"])],
            voltage,
            current,
            0,
            up,
            down,
        ]
        found.append("\t".join(map(str, [*cells, 25.1, row["cycle"]])))
    return ("\r\n".join(["~Resultfile from Basytec Battery Test System", "~", labels, *found]) + "\r\n").encode(
        "latin-1"
    )


def novonix(rows: Rows) -> bytes:
    """Two headers: the test was restarted after half of it, and its clock starts anew."""
    labels = "Date and Time,Cycle Number,Step Type,Run Time (h),Step Time (h),Current (A),Potential (V),Capacity (Ah),Step Number"
    kinds = {"R": 0, "C": 1, "D": 2}
    head = [
        "[Summary]",
        "Novonix UHPC data file",
        "[End Summary]",
        "[Protocol]",
        "x" * 9000,
        "[End Protocol]",
        "[Data]",
        labels,
    ]
    found: list[str] = []
    for part in _parts(rows):
        begin = float(part[0]["time"])
        found += head
        for row in part:
            time, within, voltage, current, charge = _numbers(row)
            cells = [
                row["cycle"],
                kinds[str(row["state"])],
                (time - begin) / 3600,
                within / 3600,
                current,
                voltage,
                charge,
            ]
            found.append(",".join(map(str, ["2026-01-02 03:04:05", *cells, row["step"]])))
    return _lines(*found)


def pec(rows: Rows) -> bytes:
    """A preamble, clocks in hours, a comma behind the last cell, unsigned current."""
    words = {"R": "Idle", "C": "Charge", "D": "Discharge"}
    labels = (
        "Test,Cell,Step,Instruction Name,Cycle,Total Time (Hours in hh:mm:ss.xxx),Step Time (Seconds),Voltage (mV),Current (mA),"
        "Charge Capacity (mAh),Discharge Capacity (mAh),Temp (°C),"
    )
    found = []
    for row in rows:
        time, within, voltage, current, charge = _numbers(row)
        pair = (charge, 0.0) if row["state"] == "C" else (0.0, charge)
        cells = [1, 1, row["step"], words[str(row["state"])], row["cycle"], clock(time), within, voltage * 1e3]
        found.append(",".join(map(str, [*cells, abs(current) * 1e3, pair[0] * 1e3, pair[1] * 1e3, ""])) + ",")
    return _lines("Request Year:,2026", "Test:,1", "Manufacturer Name:,ours", labels, *found)


def land(rows: Rows) -> bytes:
    """Units behind slashes, the charge of the step without a sign."""
    labels = "Record,Cycle-Index,Step-Index,TestTime/Sec,StepTime/Sec,Current/mA,Capacity/mAh,Voltage/V,SysTime"
    found = []
    for row in rows:
        time, within, voltage, current, charge = _numbers(row)
        cells = [row["record"], row["cycle"], row["step"], time, within, current * 1e3, charge * 1e3, voltage]
        found.append(",".join(map(str, [*cells, "2026/01/02"])))
    return _lines(labels, *found)


def digatron(rows: Rows) -> bytes:
    """Units below the labels, a balance of the charge."""
    words = {"R": "PAU", "C": "CHA", "D": "DCH"}
    found = []
    for row, balance in zip(rows, _balance(rows), strict=True):
        time, within, voltage, current, _ = _numbers(row)
        cells = [
            row["step"],
            words[str(row["state"])],
            clock(time),
            clock(within),
            row["cycle"],
            voltage,
            current,
            balance,
            "",
        ]
        found.append(",".join(map(str, cells)))
    return _lines("Step,Status,Prog Time,Step Time,Cycle,Voltage,Current,AhAccu,", ",,,,,[V],[A],[Ah],", *found)


def squidstat(rows: Rows) -> bytes:
    """A balance of the charge in mAh."""
    labels = "Step number,Step name,Elapsed Time (s),Working Electrode (V),Current (mA),Cumulative Charge (mAh)"
    found = []
    for row, balance in zip(rows, _balance(rows), strict=True):
        time, _, voltage, current, _ = _numbers(row)
        step = 3 * (int(float(row["cycle"])) - 1) + int(float(row["step"]))
        found.append(",".join(map(str, [step, "step", time, voltage, current * 1e3, balance * 1e3])))
    return _lines(labels, *found)


def nova(rows: Rows) -> bytes:
    """Semicolons, and no count of charge."""
    found = ["Time (s);WE(1).Potential (V);WE(1).Current (A);Index"]
    for row in rows:
        time, _, voltage, current, _ = _numbers(row)
        found.append(";".join(map(str, [time, voltage, current, row["record"]])))
    return _lines(*found)


def ivium(rows: Rows) -> bytes:
    """Units behind slashes."""
    found = ["time /s,I /mA,E /V"]
    for row in rows:
        time, _, voltage, current, _ = _numbers(row)
        found.append(f"{time},{current * 1e3},{voltage}")
    return _lines(*found)


def gamry(rows: Rows) -> bytes:
    """One table for each half of the test, the clock starting anew; a table of the open circuit before them has no current."""
    head = ["EXPLAIN", "TAG\tPWR800_CYCLICCHARGEDISCHARGE", "TITLE\tLABEL\tours\tTest Identifier"]
    found = [
        *head,
        "OCVCURVE\tTABLE\t2",
        "\tPt\tT\tVf\tVm",
        "\t#\ts\tV vs. Ref.\tV",
        "\t0\t0\t3.5\t3.5",
        "\t1\t1\t3.5\t3.5",
    ]
    for number, part in enumerate(_parts(rows), 1):
        begin = float(part[0]["time"])
        found += [f"CURVE{number}\tTABLE\t15", "\tPt\tT\tVf\tIm\tVu\tOver", "\t#\ts\tV vs. Ref.\tA\tV\tbits"]
        for place, row in enumerate(part):
            time, _, voltage, current, _ = _numbers(row)
            found.append(f"\t{place}\t{time - begin}\t{voltage}\t{current}\t0\t..........a")
    return _lines(*found)


def versastudio(rows: Rows) -> bytes:
    """One segment for each half of the test; the column of the frequency is zero throughout."""
    found = ["<Application>", "Name=VersaStudio", "</Application>"]
    for number, part in enumerate(_parts(rows)):
        labels = "Definition=Segment #, Point #, E(V), I(A), Elapsed Time(s), Frequency(Hz), Z Real, Z Imag, 0"
        found += [f"<Segment{number + 1}>", "Type=2", "Version=3", labels]
        for place, row in enumerate(part):
            time, _, voltage, current, _ = _numbers(row)
            found.append(f"{number},{place},{voltage},{current},{time},0,0,0,0")
        found.append(f"</Segment{number + 1}>")
    return _lines(*found)


STAND_INS: dict[str, tuple[str, Callable[[Rows], bytes]]] = {
    "basytec-text": ("a.txt", basytec),
    "novonix-csv": ("a.csv", novonix),
    "pec-csv": ("a.csv", pec),
    "land-csv": ("a.csv", land),
    "digatron-csv": ("a.csv", digatron),
    "squidstat-csv": ("a.csv", squidstat),
    "nova-text": ("a.txt", nova),
    "ivium-text": ("a.csv", ivium),
    "gamry-cycling": ("a.dta", gamry),
    "versastudio-par": ("a.par", versastudio),
}
"""Reader -> name of a file and what writes it."""
