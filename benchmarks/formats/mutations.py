"""Random and targeted mutations of real files and of stand-ins: what every reader makes of damaged bytes.

    python benchmarks/formats/mutations.py --data FOLDER --out benchmarks/formats/mutations.md [--share 1.0] [--jobs 2]

Every file is cut to its first rows where it is a text (more rows make no other damage). Mutations are seeded by file and
number (`cathodelab.formats.damage`): one to eight changes of bytes each, in zip containers every second time inside an entry.
A reader works in a process of its own; a mutation that takes longer than 30 s is counted as a hang, a process that ends as a
crash, any exception other than CathodelabError as raised. Where a table still comes out, its potentials, currents and times
are held against those of the sound file: a factor of 60, 3600 or a power of 1000 between them is a changed scale.
"""

from __future__ import annotations

import argparse
import io
import multiprocessing
import os
import resource
import subprocess
import time
import zipfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
from tests.formats.stand_ins import STAND_INS, two_cycles

from cathodelab.core.errors import CathodelabError
from cathodelab.formats.conformance import unit_verdicts
from cathodelab.formats.damage import grid_of, mutations
from cathodelab.formats.readers import read_table, reader_for
from cathodelab.formats.table import Table

LONGEST_SECONDS = 30.0
STAND_IN = "stand-in of "
FILES: dict[str, tuple[int, int]] = {
    "cycling/yadg/gcpl.issue_211.mpt": (30_000, 3000),
    "cycling/yadg/mb.issue_149.mpt": (60_000, 2400),
    "cycling/yadg/geis.mpt": (30_000, 3000),
    "cycling/yadg/bcd.issue_241.mpt": (30_000, 3000),
    "cycling/PyProBE/Sample_data_biologic_01_MB_CA1.txt": (30_000, 3000),
    "cycling/PyBOP/T-cell_pOCV_data.txt": (30_000, 1800),
    "cycling/yadg/peis.mpr": (0, 3600),
    "cycling/yadg/mb.issue_149.mpr": (0, 3600),
    "cycling/yadg/bcd.issue_241.mpr": (0, 3600),
    "cycling/yadg/gcpl.issue_211.mpr": (0, 2400),
    "cycling/aurora-cycler-manager/PEIS.mpr": (0, 2400),
    "cycling/cellpy/maccor_001.txt": (60_000, 3000),
    "cycling/beep/xTESLADIAG_000019_CH70.070": (30_000, 3000),
    "cycling/PyProBE/sample_data_maccor.csv": (0, 1200),
    "cycling/PyProBE/sample_data_arbin.csv": (0, 2400),
    "cycling/datalab/arbin_example.bdf.csv": (30_000, 2400),
    "cycling/cellpy/neware_uio.csv": (60_000, 3000),
    "cycling/fastnda/nda8.nda.zip": (0, 1200),
    "cycling/fastnda/SINTEF__G20M7_BTS91.nda.zip": (0, 1800),
    "cycling/fastnda/nda_v26.nda.zip": (0, 300),
    "cycling/fastnda/test_2.ndax": (0, 1500),
    "cycling/navani/arbin_example.res": (0, 1800),
    "cycling/navani/bs542_004_gr_li_50ua_50mv_1v_191020_Channel_11.xlsx": (0, 1200),
    "cycling/cellpy/20200624_test001_cc_01.h5": (0, 600),
    "known_truth/ssb-01.csv": (30_000, 2400),
    "ctc/LIB_titration-data.txt": (0, 1500),
    "ctc/badSSB_titration-data.txt": (0, 1500),
    "ctc/badSSB_measurement.txt": (30_000, 1800),
    "cycling/PyProBE/basytec.txt": (0, 3000),
    "cycling/PyProBE/novonix_uhpc_2_13.csv": (0, 3000),
    "cycling/battery-data-toolkit/camp_maccor_minutes_formation.062": (30_000, 3000),
    "cycling/fastnda/neware_btsda_microampere_latin1.csv": (30_000, 3000),
    "cycling/cellpy/lanhe_record_tab.xls": (0, 500),
    **{f"{STAND_IN}{name}": (0, 2600) for name in STAND_INS},
}
"""File -> (bytes kept, 0: all; number of mutations). 100,000 in all. Stand-ins are written by the tests."""

SCALES = [float(base) ** power for base, power in ((60, 1), (3600, 1), (1000, 1), (1000, 2))]


@dataclass
class Tally:
    """What became of the mutations of one file."""

    file: str
    reader: str = ""
    outcomes: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    memory_mb: float = 0.0
    scales: list[str] = field(default_factory=list)
    units: Counter[str] = field(default_factory=Counter)


def content_of(data: Path, path: str, keep: int) -> bytes:
    """The file, unzipped where it stands in a zip, cut after a whole line."""
    if path.startswith(STAND_IN):
        return STAND_INS[path.removeprefix(STAND_IN)][1](two_cycles())
    content = (data / path).read_bytes()
    if path.endswith(".nda.zip"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = archive.read(archive.namelist()[0])
    return content[: content.rindex(b"\n", 0, keep) + 1] if keep else content


def scale_between(before: Table, after: Table) -> str:
    """The column whose typical size changed by a factor of units, and the factor; empty where none did."""
    for name in ("voltage_volt", "current_ampere", "test_time_second", "net_charge_ampere_hour"):
        if name not in before.columns or name not in after.columns:
            continue
        sizes = []
        for table in (before, after):
            values = table.columns[name]
            values = np.diff(values) if "time" in name or "charge" in name else values
            values = np.abs(values[values != 0])
            sizes.append(float(np.median(values)) if values.size else float("nan"))
        for scale in SCALES:
            for factor in (scale, 1 / scale):
                if np.isfinite(sizes).all() and abs(sizes[1] / sizes[0] / factor - 1) < 1e-3:
                    return f"{name} x {factor:g}"
    return ""


def work(pipe: Connection, name: str, content: bytes, seed: str, start: int, number: int) -> None:
    """The process of one reader: says what became of each mutation."""
    sound = read_table(name, content)[0]
    grid = grid_of(content)
    base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for index, bad in enumerate(mutations(content, seed, number)):
        if index < start:
            continue
        begin, scale = time.perf_counter(), ""
        try:
            table, _ = read_table(name, bad)
            said = "read, same numbers"
            if not all(np.array_equal(table.columns.get(key), value) for key, value in sound.columns.items()):
                said, scale = "read, other numbers", scale_between(sound, table)
        except CathodelabError as error:
            said = error.code
        except Exception as error:  # noqa: BLE001 - what gets through is what is counted
            said = f"RAISED {type(error).__name__}: {str(error)[:80]}"
        if scale:
            kept = grid is not None and grid.delimiter.join(grid.labels) in bad
            scale = f"mutation {index}: {scale}" + (
                " (labels as before)" if kept else " (labels changed)" if grid else ""
            )
        pipe.send((index, said, time.perf_counter() - begin, scale))
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    pipe.send(("memory", (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - base) / 1024, children / 1024))


def tallied(data: Path, path: str, share: float) -> Tally:
    """All mutations of one file."""
    keep, number = FILES[path]
    number = max(int(number * share), 1)
    content, name = content_of(data, path, keep), path.removesuffix(".zip")
    if path.startswith(STAND_IN):
        name = STAND_INS[path.removeprefix(STAND_IN)][0]
    reader = reader_for(name, content)
    tally = Tally(path, reader.id)
    context = multiprocessing.get_context("spawn")
    start = 0
    while start < number:
        ours, theirs = context.Pipe()
        worker = context.Process(target=work, args=(theirs, name, content, path, start, number))
        worker.start()
        theirs.close()
        start = followed(ours, worker, tally, start, number)
    grid = grid_of(content)
    if grid is not None:
        tally.units.update(verdict for _, verdict in unit_verdicts(reader, grid, reader.read(content)))
    print(path, dict(tally.outcomes), f"{tally.slowest:.2f} s", tally.scales[:5], dict(tally.units), flush=True)
    return tally


def followed(pipe: Connection, worker: Any, tally: Tally, start: int, number: int) -> int:  # noqa: ANN401 - spawn context's
    """Listen to a process to its end; the number of the mutation to go on with."""
    at = start
    while True:
        try:
            if not pipe.poll(LONGEST_SECONDS + (30 if at == start else 0)):
                worker.kill()
                tally.outcomes["HANG"] += 1
                break
            message = pipe.recv()
        except EOFError:
            tally.outcomes["CRASH"] += 1
            break
        if message[0] == "memory":
            tally.memory_mb = max(tally.memory_mb, *message[1:])
            worker.join()
            return number
        index, said, seconds, scale = message
        tally.outcomes[said] += 1
        tally.slowest = max(tally.slowest, seconds)
        tally.scales += [scale] if scale else []
        at = index + 1
    worker.join()
    return at + 1


def report(tallies: list[Tally], seconds: float) -> str:
    """The committed table."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True).stdout  # noqa: S607
    total = sum(sum(tally.outcomes.values()) for tally in tallies)
    everything = Counter[str]()
    for tally in tallies:
        everything.update(tally.outcomes)
    loud = {key: value for key, value in everything.items() if key.isupper() or key.startswith("RAISED")}
    lines = [
        "# Random mutations of real files",
        "",
        (
            f"{total:,} mutations of {len(tallies)} files, seeds: path and number. Commit {commit.strip()}; {seconds:,.0f} s. "
            "Made by `benchmarks/formats/mutations.py`; what a mutation is stands in `cathodelab/formats/damage.py`."
        ),
        "",
        (
            f"Neither table nor the one clear error (exceptions, hangs over {LONGEST_SECONDS:.0f} s, ended processes): "
            f"**{sum(loud.values())}** {loud or ''}"
        ),
        "",
        "| file | reader | mutations | same numbers | other numbers | refused | slowest, s | memory, MB | changed scale |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for tally in tallies:
        number = sum(tally.outcomes.values())
        read = [tally.outcomes[f"read, {kind} numbers"] for kind in ("same", "other")]
        lines.append(
            f"| {Path(tally.file).name} | {tally.reader} | {number} | {read[0]} | {read[1]} | {number - sum(read)} | "
            f"{tally.slowest:.2f} | {tally.memory_mb:.0f} | {len(tally.scales)} |"
        )
    lines += ["", "## Outcomes", "", "| outcome | number |", "|---|---|"]
    lines += [f"| {key} | {value} |" for key, value in everything.most_common()]
    lines += ["", "## Changed scales in random mutations", ""]
    lines += [f"- {Path(tally.file).name}: {scale}" for tally in tallies for scale in tally.scales] or ["None."]
    lines += [
        "",
        "## Units changed on purpose",
        "",
        (
            "Every unit in a label over numbers was replaced by another of the same quantity (mA by A, V by mV, s by h, Ah by "
            "mAh and back). *Converted*: the numbers follow the label. *Refused*: the unit is not known, or the scale "
            "impossible. *Unused*: the column is then not known and listed so. *Ignored* would be a wrong number in silence."
        ),
        "",
        "| file | converted | refused | unused | ignored |",
        "|---|---|---|---|---|",
    ]
    for tally in tallies:
        if tally.units:
            counts = " | ".join(str(tally.units[word]) for word in ("converted", "refused", "unused", "ignored"))
            lines.append(f"| {Path(tally.file).name} | {counts} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Mutate, read, write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("CATHODELAB_TEST_DATA", "../shared/data")))
    parser.add_argument("--out", type=Path)
    parser.add_argument("--share", type=float, default=1.0, help="part of the mutations, for a quick look")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default="", help="files whose name holds this")
    arguments = parser.parse_args()
    begin = time.perf_counter()
    chosen = [path for path in FILES if arguments.only in path]
    with ThreadPoolExecutor(arguments.jobs) as pool:
        tallies = list(pool.map(lambda path: tallied(arguments.data, path, arguments.share), chosen))
    if arguments.out:
        arguments.out.write_text(report(tallies, time.perf_counter() - begin), encoding="utf-8")


if __name__ == "__main__":
    main()
