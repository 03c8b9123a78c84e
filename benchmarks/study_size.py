"""How the time of a study grows with its number of cells: 100,000 rows a cell, cold, warm, and after one changed file.

python benchmarks/study_size.py 6 12 25 51 [--jobs 2]

Makes generated studies in a scratch folder, runs the command line on them and prints seconds of wall clock and CPU
(children included), and the exponent with which they grow. The committed table is ``benchmarks/study_size.md``.
"""

from __future__ import annotations

import argparse
import compileall
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import cathodelab
from cathodelab.formats.bdf import read_bdf_text, write_bdf_text
from cathodelab.operations.demo import write_demo_study

ROWS = 100_000
DECIMALS = {"test_time_second": 2, "voltage_volt": 6, "current_ampere": 9, "step_count": 0, "net_charge_ampere_hour": 9}


def dense_cell(source: Path, target: Path, rows: int) -> None:
    """The same record with rows in between, so that a file has about the wanted number."""
    columns = read_bdf_text(source.read_bytes()).columns
    time_second = columns["test_time_second"]
    dense = np.union1d(np.linspace(time_second[0], time_second[-1], rows - time_second.size), time_second)
    later = np.clip(np.searchsorted(time_second, dense), 0, time_second.size - 1)
    out = {name: column[later] for name, column in columns.items()}
    out["test_time_second"] = dense
    for name in ("voltage_volt", "net_charge_ampere_hour"):
        out[name] = np.interp(dense, time_second, columns[name])
    write_bdf_text(target, out, DECIMALS)


def make_study(folder: Path, cells: int) -> None:
    """A study of one reference and the given number of cells."""
    write_demo_study(folder, seed=1)
    header, reference, *rows = (folder / "cells.csv").read_text().splitlines()
    lines = [header, reference]
    dense = [folder / "raw" / f"dense-{number}.csv" for number in range(6)]
    for number, path in enumerate(dense, 1):
        dense_cell(folder / "raw" / f"ssb-{number:02d}.bdf.csv", path, ROWS)
    for number in range(cells):
        name = f"cell-{number:03d}"
        source = rows[number % 6].split(",")
        shutil.copy(dense[number % 6], folder / "raw" / f"{name}.csv")
        make_unlike(folder / "raw" / f"{name}.csv", number)
        lines.append(",".join([name, *source[1:5], f"raw/{name}.csv", *source[6:]]))
    for path in dense:
        path.unlink()
    (folder / "cells.csv").write_text("\n".join(lines) + "\n")


def make_unlike(path: Path, number: int) -> None:
    """Give the first row a potential of its own: no two files have the same content."""
    header, first, rest = path.read_text().split("\n", 2)
    time_second, _, *others = first.split(",")
    path.write_text("\n".join([header, ",".join([time_second, f"2.925{number:03d}", *others]), rest]))


def change_one_file(folder: Path) -> None:
    """The record of another cell in place of the first: other numbers, and content that no run has seen."""
    changed = folder / "raw" / "cell-000.csv"
    shutil.copy(folder / "raw" / "cell-003.csv", changed)
    make_unlike(changed, 999)


def timed(folder: Path, jobs: int) -> tuple[float, float]:
    """Wall clock and CPU seconds of one run of the command line."""
    if hasattr(os, "sync"):
        os.sync()  # what an earlier run left to the system to write is not part of this one
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "cathodelab", "run", str(folder), "--jobs", str(jobs)]
    as_installed = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run(command, check=True, capture_output=True, env=as_installed)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.perf_counter() - start, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def exponents(sizes: list[int], measured: list[list[float]]) -> list[float]:
    """Exponent p of ``time = c cells**p`` for every column, by least squares of the logarithms."""
    return [float(np.polyfit(np.log(sizes), np.log(column), 1)[0]) for column in zip(*measured, strict=True)]


def main() -> None:
    """Print one row a size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cells", type=int, nargs="+")
    parser.add_argument("--jobs", type=int, default=0)
    given = parser.parse_args()
    compileall.compile_dir(Path(cathodelab.__file__).parent, quiet=1)  # pip does this when it installs
    sizes, measured = [], []
    print("| cells | cold / s | CPU | warm / s | CPU | one file changed / s | CPU |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for cells in given.cells:
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / "study"
            make_study(folder, cells)
            figures = [*timed(folder, given.jobs), *timed(folder, given.jobs)]
            change_one_file(folder)
            figures += timed(folder, given.jobs)
            sizes.append(cells)
            measured.append(figures)
            print(f"| {cells} | " + " | ".join(f"{value:.1f}" for value in figures) + " |", flush=True)
    if len(set(sizes)) > 2:
        print("| exponent | " + " | ".join(f"{value:.2f}" for value in exponents(sizes, measured)) + " |")


if __name__ == "__main__":
    main()
