"""Charge of every half cycle of real files beside what the cycler itself counted.

    python benchmarks/cycling/counters.py FILES...

The cycler's count is read here from the raw file, without the project's readers: of each step the change of its counters
between the step's first and last row (a counter that fell has started anew), and neighbouring steps of one direction put
together. Files without a counter are named; so are files that no reader of this program takes. Writes ``counters.md``.
"""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cathodelab.core.errors import CathodelabError
from cathodelab.core.estimate import Estimate
from cathodelab.core.records import Provenance
from cathodelab.core.samples import Cell
from cathodelab.formats.cell_records import cycling_record
from cathodelab.formats.readers import read_table
from cathodelab.techniques.cycling.chain import chain_of
from cathodelab.techniques.cycling.model import CyclingSettings

AGREEMENT = 1e-3
SEVERAL = 4
WHY = (
    " (`mb.issue_149`, one test as two files: EC-Lab's count starts anew at three impedance spectra inside the half cycle and\n"
    "loses what it had; the integral of the recorded current is what is given here)"
)
Counted = list[tuple[int, float]]
"""(direction, charge in mAh) of steps or half cycles."""


@dataclass(frozen=True)
class Columns:
    """Raw columns: a key that changes with the step, counters of charging and discharging in mAh, and a last digit."""

    step: Sequence[Any]
    up: np.ndarray
    down: np.ndarray
    digit: float


def steps_of(raw: Columns) -> Counted:
    """What was counted from row to row, put together where the direction stays; a counter that falls has started anew."""
    found: Counted = []
    moved = []
    for counter in (raw.up, raw.down):
        size = np.abs(counter)
        change = np.diff(size)
        moved.append(np.where(change < 0, size[1:], change))
    for up, down in zip(*moved, strict=True):
        for way, amount in ((1, up), (-1, down)):
            if amount > 0:
                found.append((way, float(amount)))
    return found


def put_together(steps: Iterable[tuple[int, float]]) -> Counted:
    """Neighbours of one direction as one."""
    found: Counted = []
    for way, amount in steps:
        if found and found[-1][0] == way:
            found[-1] = (way, found[-1][1] + amount)
        else:
            found.append((way, amount))
    return found


def _numbers(values: Iterable[str]) -> np.ndarray:
    return np.array([float(value.replace(",", ".") or "nan") for value in values])


def _digit(values: Sequence[str], factor: float) -> float:
    places = max((len(value.partition(".")[2]) for value in values if "E" not in value.upper()), default=9)
    return float(10.0**-places) * factor


def _of_table(rows: Sequence[dict[str, str]], up: str, down: str, step: Sequence[str], factor: float) -> Columns:
    charging, discharging = ([row[name].strip() for row in rows] for name in (up, down))
    return Columns(
        [tuple(row[name] for name in step) for row in rows],
        _numbers(charging) * factor,
        _numbers(discharging) * factor,
        _digit(charging, factor),
    )


def neware_csv(content: bytes) -> Columns:
    """Two capacities, Ah."""
    rows = list(csv.DictReader(io.StringIO(content.decode("latin-1"))))
    return _of_table(rows, "Chg. Cap.(Ah)", "DChg. Cap.(Ah)", ("Cycle Index", "Step Index"), 1e3)


def arbin_csv(content: bytes) -> Columns:
    """Two capacities, Ah, with or without units in the labels."""
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    names = list(rows[0])
    plain = [one.replace("_", " ").removesuffix(" (Ah)").removesuffix("(Ah)") for one in names]
    up, down = names[plain.index("Charge Capacity")], names[plain.index("Discharge Capacity")]
    step = tuple(one for one in names if one.replace("_", " ") in ("Cycle Index", "Step Index"))
    return _of_table(rows, up, down, step, 1e3)


def arbin_res(path: Path) -> Columns:
    """The table of the Access database, by its data points."""
    done = subprocess.run(
        [shutil.which("mdb-export") or "mdb-export", str(path), "Channel_Normal_Table"],
        capture_output=True,
        text=True,
        check=True,
    )
    rows = sorted(csv.DictReader(io.StringIO(done.stdout)), key=lambda row: int(float(row["Data_Point"])))
    raw = _of_table(rows, "Charge_Capacity", "Discharge_Capacity", ("Cycle_Index", "Step_Index"), 1e3)
    return Columns(raw.step, raw.up, raw.down, 1e-9)


def arbin_xlsx(path: Path) -> Columns:
    """The sheet that has the two capacities."""
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    for sheet in book.worksheets:
        lines = sheet.iter_rows(values_only=True)
        head = [str(one) for one in next(lines, ())]
        if "Charge_Capacity(Ah)" in head:
            rows = [dict(zip(head, line, strict=True)) for line in lines]
            up, down = (
                np.array([float(row[f"{way}_Capacity(Ah)"]) for row in rows]) for way in ("Charge", "Discharge")
            )
            return Columns([(row["Cycle_Index"], row["Step_Index"]) for row in rows], up * 1e3, down * 1e3, 1e-9)
    raise ValueError(path.name)


def maccor(content: bytes) -> Columns:
    """One capacity without sign, Ah, and a letter."""
    lines = content.decode("latin-1").splitlines()
    at = next(i for i, line in enumerate(lines) if line.lower().startswith("rec"))
    separator = "\t" if "\t" in lines[at] else ","
    head = [one.strip() for one in lines[at].split(separator)]
    lower = [one.lower() for one in head]
    amount = lower.index("amp-hr" if "amp-hr" in lower else "capacity")
    letter, step = lower.index("state"), lower.index("step")
    rows = [line.split(separator) for line in lines[at + 1 :] if line.strip()]
    size = _numbers(row[amount] for row in rows) * 1e3
    ways = [row[letter].strip() if letter < len(row) else "" for row in rows]
    up, down = (np.where([one == word for one in ways], size, 0.0) for word in ("C", "D"))
    return Columns([row[step] for row in rows], up, down, _digit([row[amount] for row in rows], 1e3))


def old_neware_xls(path: Path) -> Columns:
    """The sheets of records of the older BTS: one capacity of the step, mAh, and its status."""
    import python_calamine

    book = python_calamine.CalamineWorkbook.from_path(str(path))
    rows: list[dict[str, Any]] = []
    for name in book.sheet_names:
        head, *lines = book.get_sheet_by_name(name).to_python()
        if "CapaCity(mAh)" in head and "Record Index" in head:
            rows += [dict(zip(head, line, strict=True)) for line in lines]
    size = np.array([abs(float(row["CapaCity(mAh)"])) for row in rows])
    up, down = (np.where([word in row["Status"] for row in rows], size, 0.0) for word in ("_Chg", "_DChg"))
    return Columns([row["Step"] for row in rows], up, down, 1e-9)


def basytec(content: bytes) -> Columns:
    """Two capacities of the cycle, Ah."""
    lines = [line.split("\t") for line in content.decode("latin-1").splitlines() if not line.startswith("~\r")]
    at = next(i for i, line in enumerate(lines) if line[0].startswith("~Time"))
    head, rows = lines[at], lines[at + 1 :]
    up, down = ([row[head.index(f"Ah-Cyc-{way}")] for row in rows] for way in ("Charge", "Discharge"))
    return Columns([row[head.index("Line")] for row in rows], _numbers(up) * 1e3, np.abs(_numbers(down)) * 1e3, 1e-9)


def novonix(content: bytes) -> Columns:
    """One capacity, Ah, whose direction is that of the current."""
    lines = content.decode("latin-1").splitlines()
    at = lines.index("[Data]") + 1
    rows = list(csv.DictReader(lines[at:]))
    size = np.abs(_numbers(row["Capacity (Ah)"] for row in rows)) * 1e3
    current = _numbers(row["Current (A)"] for row in rows)
    return Columns(
        [row["Step Number"] for row in rows], np.where(current > 0, size, 0.0), np.where(current < 0, size, 0.0), 1e-5
    )


def eclab_text(content: bytes) -> Columns:
    """EC-Lab's own charge of each half cycle, mAh."""
    lines = content.decode("latin-1").splitlines()
    count = int(re.findall(r"\d+", lines[1])[0])
    head, rows = lines[count - 1].split("\t"), [line.split("\t") for line in lines[count:] if line.strip()]
    own = _numbers(row[head.index("Q charge/discharge/mA.h")] for row in rows)
    return Columns(
        [row[head.index("half cycle")] for row in rows], np.where(own > 0, own, 0.0), np.where(own < 0, -own, 0.0), 1e-9
    )


def eclab_binary(path: Path) -> Columns:
    """The same of the binary file, read by galvani."""
    from galvani import BioLogic

    data = BioLogic.MPRfile(str(path)).data
    own = data["Q charge/discharge/mA.h"].astype(float)
    return Columns(list(data["half cycle"]), np.where(own > 0, own, 0.0), np.where(own < 0, -own, 0.0), 1e-9)


def neware_binary(path: Path) -> Columns:
    """The capacities of the file, mAh, read by fastnda."""
    import fastnda

    frame = fastnda.read(path)
    names = ("charge_capacity_mAh", "discharge_capacity_mAh")
    if all(name in frame.columns for name in names):
        up, down = (frame[name].to_numpy().astype(float) for name in names)
    else:
        both = frame["capacity_mAh"].to_numpy().astype(float)
        up, down = np.maximum(both, 0.0), np.maximum(-both, 0.0)
    return Columns(frame["step_count"].to_list(), up, down, 1e-9)


BY_CONTENT: tuple[tuple[Callable[[str, bytes], bool], Callable[[Any], Columns], str], ...] = (
    (lambda name, _: name.endswith((".nda", ".ndax")), neware_binary, "path"),
    (lambda name, _: name.endswith(".mpr"), eclab_binary, "path"),
    (lambda name, _: name.endswith(".res"), arbin_res, "path"),
    (lambda name, _: name.endswith(".xlsx"), arbin_xlsx, "path"),
    (lambda name, _: name.endswith(".xls"), old_neware_xls, "path"),
    (lambda _, content: content.startswith(b"~"), basytec, "content"),
    (lambda _, content: b"Novonix" in content[:200], novonix, "content"),
    (lambda _, content: b"Q charge/discharge" in content[:100_000], eclab_text, "content"),
    (lambda _, content: b"DataPoint" in content[:200], neware_csv, "content"),
    (
        lambda _, content: b"Charge_Capacity" in content[:600] or b"Charge Capacity" in content[:600],
        arbin_csv,
        "content",
    ),
    (lambda _, content: b"Rec" in content[:3000], maccor, "content"),
)


def counted_by_cycler(path: Path, content: bytes) -> Columns | None:
    """The counters of a file, or ``None`` where it has none that is known here."""
    for takes, read, what in BY_CONTENT:
        if takes(path.name.lower(), content):
            try:
                return read(path if what == "path" else content)
            except (KeyError, LookupError, StopIteration, ValueError):
                return None
    return None


def ours(name: str, content: bytes) -> tuple[Counted, np.ndarray, np.ndarray]:
    """Direction and charge of our half cycles, mAh, their charge by the integral, and how many pulses each holds."""
    table, reader = read_table(name, content)
    record = cycling_record([table], [Provenance(name, "", reader.id, reader.version)])
    cell = Cell("a", "cell", Estimate(float("nan")), "Li", Estimate(0.0), (name,))
    chain = chain_of(cell, record, CyclingSettings(), 200.0)
    inside = chain.halves.holds(chain.steps)
    half = chain.halves.of_step[inside]
    moved, other = (
        np.bincount(half, values[inside], chain.halves.count)
        for values in (chain.steps.charge_mAh, chain.steps.other_mAh)
    )
    return list(zip(chain.halves.direction.tolist(), np.abs(moved), strict=True)), np.abs(other), chain.halves.pulses


def beside(theirs: Counted, halves: Counted) -> list[float] | None:
    """The cycler's charge of each of our half cycles: its parts taken in their order; ``None`` where they do not fit."""
    found, place = [], 0
    for way, amount in halves:
        while place < len(theirs) and theirs[place][0] != way and theirs[place][1] < AGREEMENT * amount:
            place += 1  # a digit that flickered
        if place == len(theirs) or theirs[place][0] != way:
            return None
        total = theirs[place][1]
        place += 1
        while (
            place + 1 < len(theirs)
            and theirs[place][0] != way
            and abs(total - theirs[place][1] + theirs[place + 1][1] - amount) < abs(total - amount)
        ):
            total += theirs[place + 1][1] - theirs[place][1]  # a pulse inside
            place += 2
        found.append(total)
    return found if place >= len(theirs) - 1 else None


def line(path: Path, name: str, content: bytes) -> str | None:
    """A line of the table; ``None`` for what is no record with half cycles."""
    try:
        halves, integral, pulses = ours(name, content)
    except CathodelabError:
        return None
    raw = counted_by_cycler(path, content)
    largest = max(amount for _, amount in halves)
    start = f"| {name} | {len(halves)} | {min(a for _, a in halves):.4g} to {largest:.4g} | {int(pulses.sum())} "
    if raw is None or not (raw.up.any() or raw.down.any()):
        return f"{start}| - | - | - | no counter of its own beside the charge that is read |"
    theirs = beside(put_together(steps_of(raw)), halves)
    if theirs is None:
        return f"{start}| - | - | - | its counts do not fall into these half cycles |"
    off = np.abs(np.array([amount for _, amount in halves]) - theirs)
    limit = np.array([AGREEMENT * amount + 2 * raw.digit for _, amount in halves])
    relative = off / np.array(theirs)
    with np.errstate(invalid="ignore", divide="ignore"):
        apart = np.abs(integral / np.array(theirs) - 1)
    word = "agrees"
    if (wrong := off > limit).any():
        amount = np.array([amount for _, amount in halves])[wrong]
        near = float(np.max(np.abs(integral[wrong] / amount - 1)))
        word = f"**differs** in {int(wrong.sum())}; there the integral of the current is ours within {100 * near:.2g} %"
    return (
        f"{start}| {100 * relative.max():.2g} % | {100 * np.nanmax(apart) if np.isfinite(apart).any() else np.nan:.2g} % | "
        f"{raw.digit:.1g} | {word} |"
    )


def main() -> None:
    """Read, compare, write."""
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        for given in map(Path, sys.argv[1:]):
            path, name = given, given.name
            if name.endswith(".zip"):
                with zipfile.ZipFile(given) as archive:
                    path = Path(archive.extract(archive.namelist()[0], folder))
                name = path.name
            if found := line(path, name, path.read_bytes()):
                lines.append(found)
    text = report(lines)
    Path(__file__).with_suffix(".md").write_text(text, encoding="utf-8")
    print(text)


def report(lines: Sequence[str]) -> str:
    """The text that is written."""
    command = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    agree = sum(one.endswith("agrees |") for one in lines)
    differ = [one for one in lines if "differs" in one or "do not fall" in one]
    several = [one for one in lines if int(one.split("|")[2]) >= SEVERAL]
    agree_too = sum(one.endswith("agrees |") for one in several)
    return f"""# Charge of half cycles beside the cycler's own count

`python benchmarks/cycling/counters.py FILES` at {commit}, over the real files of `shared/data/cycling`. The cycler's count is
read from the raw file without the project's readers: of each row the change of its counters, neighbours of one direction put
together. Agreement: within {100 * AGREEMENT:g} % and two of its last digits, in every half cycle. {len(lines)} files with half
cycles, {agree} agree in all of them, {len(differ)} do not{WHY if differ else ""}. Of the {len(several)} with at least
{SEVERAL} half cycles {agree_too} agree.

| file | half cycles | mAh | pulses | largest difference | of the integral | last digit / mAh |  |
| --- | --- | --- | --- | --- | --- | --- | --- |
{chr(10).join(lines)}
"""


if __name__ == "__main__":
    main()
