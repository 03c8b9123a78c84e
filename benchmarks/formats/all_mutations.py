"""Damaged files of every format, parquet, workbooks and the study's own files included: a table, or one clear error.

    python benchmarks/formats/all_mutations.py --data FOLDER --state FILE --out benchmarks/formats/all_mutations.md

400 slices, each over all formats; what a slice found is added to the state, so a stop leaves whole slices and the next call
goes on with the next one. One process reads (libraries that files can abort read in children of it, as in a run); it is started
again where it ends or takes longer than 60 s over one file. Mutations are seeded by the file's name and their number
(`cathodelab.formats.damage`); in zip containers every second one is inside an entry.
"""

from __future__ import annotations

import argparse
import io
import json
import multiprocessing
import os
import resource
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from mutations import FILES, content_of

from cathodelab.core.errors import CathodelabError
from cathodelab.formats.damage import mutation
from cathodelab.formats.readers import Reader, read_table, reader_for

LONGEST_SECONDS, SLICES = 60.0, 400
SPECTRA = ("autolab_example.txt", "biologic_example.mpt", "gamry_example.DTA", "lpscl_ion_blocking_m25C.mpr",
           "lpscl_ion_blocking_m25C_RelaxIS.txt", "ssb_sample2_PEIS_at_rest.csv", "versastudio_example.par",
           "zplot_example.z")  # fmt: skip
OF_TECHNIQUES = {
    "made/compaction/composite_70_30.csv": "cathodelab.techniques.compaction.reader:READERS",
    "made/dc/electronic_steady.csv": "cathodelab.techniques.conduction.staircase_text:CONDUCTION_READERS",
}
PACKINGS = ("zstd", "snappy", "lz4", "uncompressed")
TABLES = ("cells.csv", "cells.xlsx", "study.xlsx", "files.csv", "study.toml", "truth.csv", "results.json")
CELLS = """cell,role,cam_mass_mg,cam_mass_standard_uncertainty_mg,counter_electrode,file
liquid-01,reference,5.777,0.05,Li,liquid-01.csv
ssb-01,cell,13.550,0.1,In/InLi,ssb-01.csv
ssb-02,cell,13.614,0.1,In/InLi,ssb-02.csv
"""
PART_OF_CYCLERS = 0.58
"""Of the mutations of `mutations.py`, which reads files of cyclers only."""


@dataclass(frozen=True)
class Base:
    """A sound file, how often it is damaged, and what reads it."""

    name: str
    group: str
    content: bytes
    number: int
    read: Callable[[bytes], object]


def bases(data: Path, scratch: Path) -> list[Base]:
    """Every sound file."""
    found = []
    for path, (keep, number) in FILES.items():
        name = path.removesuffix(".zip")
        found.append(
            Base(path, "cycler", content_of(data, path, keep), int(number * PART_OF_CYCLERS), partial(read_table, name))
        )
    for name in SPECTRA:
        content = (data / "impedance" / name).read_bytes()
        found.append(Base(f"impedance/{name}", "spectra", content, 1500, partial(read_table, name)))
    for path, place in OF_TECHNIQUES.items():
        module, _, listed = place.partition(":")
        readers = getattr(import_module(module), listed)
        found.append(Base(path, "technique", (data / path).read_bytes(), 2000, partial(read_of, readers, path)))
    for packing in PACKINGS:
        content = parquet(data, packing)
        found.append(Base(f"made here, {packing}.parquet", "parquet", content, 2500, partial(read_table, "a.parquet")))
    for name, content in tables_of_a_study().items():
        found.append(Base(name, "study", content, 2200, partial(load, scratch, name)))
    return found


def read_of(readers: Sequence[Reader], name: str, content: bytes) -> object:
    """By a technique's own readers."""
    return reader_for(name, content, readers=readers).read(content)


def parquet(data: Path, packing: Any) -> bytes:  # noqa: ANN401 - a literal of polars
    """A record of known truth as BDF parquet."""
    import polars as pl

    table, _ = read_table("ssb-01.csv", (data / "known_truth" / "ssb-01.csv").read_bytes())
    stream = io.BytesIO()
    pl.DataFrame(dict(table.columns))[:400].write_parquet(stream, compression=packing)
    return stream.getvalue()


def tables_of_a_study() -> dict[str, bytes]:
    """The files of a study that no instrument writes."""
    from openpyxl import Workbook

    lines = CELLS.splitlines()
    found = {"cells.csv": CELLS.encode()}
    for name, sheet in (("cells.xlsx", "Sheet"), ("study.xlsx", "cells")):
        book, stream = Workbook(), io.BytesIO()
        page = book.active
        page.title = sheet
        for line in lines:
            page.append([float(one) if one.replace(".", "").isdigit() else one for one in line.split(",")])
        book.save(stream)
        found[name] = stream.getvalue()
    found["files.csv"] = (
        b"sample,technique,file,repeat\nssb-01,utilization,ssb-01.csv,1\nssb-02,utilization,ssb-02.csv,1\n"
    )
    found["study.toml"] = (
        b'schema_version = 1\ntitle = "Known truth"\nsynthetic = true\n[reference_electrode]\noffset_volt = 0.62\n'
        b'[columns.lab]\ntime = { column = "t/h", unit = "h" }\nvoltage = { column = "U/V", unit = "V" }\n'
        b'current = { column = "I/A", unit = "A" }\n'
    )
    found["truth.csv"] = b"cell,utilization\nssb-01,0.81\nssb-02,0.79\n"
    estimate = {"value": 0.8, "minus": 0.01, "plus": 0.02, "unit": "1", "per": "", "level": 0.683, "how": "propagated"}
    found["results.json"] = json.dumps(
        {
            "schema_version": 2, "study": "s", "outcomes": [], "checks": [], "written": ["figures/a.svg", "report.pdf"],
            "cells": {}, "samples": {"cell": {"ssb-01": {"utilization": {"estimates": {"utilization": estimate}}}}},
        },
        indent=1,
    ).encode()  # fmt: skip
    return found


def load(scratch: Path, name: str, content: bytes) -> object:
    """What the program does with a file of a study: check it, take its truths, compare or replace its results."""
    from cathodelab.operations.compare import compared
    from cathodelab.operations.model import CompareInput
    from cathodelab.report.results_folder import write_all
    from cathodelab.study.manifest import load_study
    from cathodelab.study.run import known_truth

    folder = scratch / name.replace(".", "-")
    folder.mkdir(exist_ok=True)
    if name not in ("cells.csv", "cells.xlsx", "study.xlsx"):
        (folder / "cells.csv").write_text(CELLS)
    if name == "results.json":
        (folder / "results").mkdir(exist_ok=True)
        record = folder / "results" / name
        record.write_bytes(content)
        (folder / "sound.json").write_bytes(tables_of_results())
        try:
            return compared(CompareInput(folder / "sound.json", record))
        finally:
            write_all(folder / "results", {name: b"{}"})
    (folder / name).write_bytes(content)
    study = load_study(folder)
    return known_truth(study) if name == "truth.csv" else study


def tables_of_results() -> bytes:
    """A sound record to compare with."""
    return b'{"schema_version": 2, "study": "s", "cells": {}, "samples": {}, "outcomes": [], "checks": []}'


def work(pipe: Connection, data: Path, scratch: Path) -> None:
    """The process that reads: for each (number of the file, mutation) a word, the seconds, and the largest memory so far, MB."""
    known = bases(data, scratch)
    for place, index in iter(pipe.recv, None):
        base = known[place]
        bad = mutation(base.content, base.name, index)
        begin = time.perf_counter()
        try:
            base.read(bad)
            said = "read"
        except CathodelabError as error:
            said = f"error {error.code}" if error.what else "RAISED without a sentence"
        except BaseException as error:  # noqa: BLE001 - what gets through is what is counted
            said = f"RAISED {type(error).__name__}: {str(error)[:80]}"
        seconds = time.perf_counter() - begin
        usage = [resource.getrusage(one).ru_maxrss >> 10 for one in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        pipe.send((said, seconds, *usage))


class Reading:
    """The process that reads, started when needed."""

    def __init__(self, data: Path, scratch: Path) -> None:
        self._given = data, scratch
        self._process: Any = None

    def of(self, place: int, index: int) -> tuple[str, float, int, int]:
        """What became of one mutation."""
        first = self._process is None
        if first:
            ours, theirs = multiprocessing.get_context("spawn").Pipe()
            self._process = multiprocessing.get_context("spawn").Process(target=work, args=(theirs, *self._given))
            self._process.start()
            theirs.close()
            self._pipe = ours
        self._pipe.send((place, index))
        try:
            if self._pipe.poll(LONGEST_SECONDS + 60 * first):
                said: tuple[str, float, int, int] = self._pipe.recv()
                return said
            ended = "HANG"
        except EOFError:
            ended = "ABORT"
        self._process.kill()
        self._process.join()
        self._process = None
        return ended, LONGEST_SECONDS, 0, 0

    def end(self) -> None:
        """Let it end."""
        if self._process is not None:
            self._pipe.send(None)
            self._process.join()


def slice_of(number: int, known: list[Base], reading: Reading) -> list[dict[str, Any]]:
    """One slice of all formats: counts of each file."""
    found = []
    for place, base in enumerate(known):
        begin, end = (base.number * at // SLICES for at in (number, number + 1))
        counts, slowest, memory = Counter[str](), 0.0, [0, 0]
        for index in range(begin, end):
            said, seconds, *used = reading.of(place, index)
            counts[said] += 1
            slowest, memory = max(slowest, seconds), [max(pair) for pair in zip(memory, used, strict=True)]
        found.append({"file": base.name, "group": base.group, "counts": counts, "slowest": slowest, "memory": memory})
    return found


def table(slices: list[dict[str, Any]], commit: str) -> str:
    """The committed table of the slices that are done."""
    rows = [one for part in slices for one in part["files"]]
    names = list(dict.fromkeys((one["group"], one["file"]) for one in rows))
    everything = Counter[str]()
    for one in rows:
        everything.update(one["counts"])
    loud = {said: count for said, count in everything.items() if said.isupper() or said.startswith("RAISED")}
    memory = [max((one["memory"][place] for one in rows), default=0) for place in (0, 1)]
    total, seconds = sum(everything.values()), sum(part["seconds"] for part in slices)
    slowest_of_all = max((one["slowest"] for one in rows), default=0)
    lines = [
        "# Damaged files of every format",
        "",
        (
            f"{total:,} mutations of {len(names)} files in {len(slices)} of {SLICES} slices; seeds: name of the file and number. "
            f"Commit {commit}; one process, {seconds:,.0f} s on a machine busy with other work. Made by "
            "`benchmarks/formats/all_mutations.py`."
        ),
        "",
        f"Neither a table nor one clear error (tracebacks, aborts, more than 60 s): **{sum(loud.values())}** {loud or ''}",
        "",
        (
            f"Largest memory: {memory[0]:,} MB of the process that reads everything, {memory[1]:,} MB of the largest child that "
            f"had ended. Slowest: {slowest_of_all:.1f} s."
        ),
        "",
        "| kind | file | mutations | table | one clear error | neither | slowest, s |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for group, name in names:
        own = [one for one in rows if one["file"] == name]
        counts: Counter[str] = sum((Counter(one["counts"]) for one in own), Counter())
        number, read = sum(counts.values()), counts["read"]
        clear = sum(count for said, count in counts.items() if said.startswith("error "))
        slowest = max(one["slowest"] for one in own)
        lines.append(
            f"| {group} | {Path(name).name} | {number} | {read} | {clear} | {number - read - clear} | {slowest:.2f} |"
        )
    lines += [
        "",
        "| outcome | number |",
        "| --- | --- |",
        *(f"| {said} | {count} |" for said, count in everything.most_common()),
    ]
    return "\n".join(lines) + "\n"


def done_before(state: Path) -> list[dict[str, Any]]:
    """Slices of earlier calls."""
    return [json.loads(line) for line in state.read_text().splitlines()] if state.is_file() else []


def main() -> None:
    """Slice after slice; the table is written after each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("CATHODELAB_TEST_DATA", "../shared/data")))
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--slices", type=int, default=SLICES)
    given: Mapping[str, Any] = vars(parser.parse_args())
    command = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    with tempfile.TemporaryDirectory() as scratch:
        known, reading = bases(given["data"], Path(scratch)), Reading(given["data"], Path(scratch))
        slices = done_before(given["state"])
        for number in range(len(slices), min(SLICES, len(slices) + given["slices"])):
            begin = time.monotonic()
            slices.append({"files": slice_of(number, known, reading), "seconds": time.monotonic() - begin})
            with given["state"].open("a") as state:
                state.write(json.dumps(slices[-1]) + "\n")
            given["out"].write_text(table(slices, commit), encoding="utf-8")
        reading.end()


if __name__ == "__main__":
    main()
