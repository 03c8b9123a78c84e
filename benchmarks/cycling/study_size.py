"""Studies of cycling cells with 100,000 rows each: time of a cold evaluation and how it grows with the cells.

python benchmarks/cycling/study_size.py 13 26 51 --jobs 2

Generated tests (217 cycles, potential noise 0.2 mV) as BDF parquet; every metric, dQ/dV, feature and the batches' statistics, no
drawing (figures are those of ``benchmarks/study_size.py``). Writes ``study_size.md``.
"""

from __future__ import annotations

import argparse
import csv
import resource
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

from cathodelab.formats.bdf import LABELS
from cathodelab.operations.workers import Processes
from cathodelab.study.run import run_study
from cathodelab.study.store import tables
from cathodelab_validation.cycler import CyclingTruth, Recording, cycles_of, cycling_columns

RATES = (0.5,) * 217
HEADER = ["cell", "role", "cam_mass_mg", "cam_mass_standard_uncertainty_mg", "counter_electrode", "file", "batch"]


def write_study(folder: Path, cells: int) -> int:
    """Write the cells; returns the rows of one."""
    rows, size = [HEADER], 0
    for number in range(cells):
        truth = CyclingTruth(utilization=0.85 + 0.002 * (number % 17))
        columns = cycling_columns(truth, cycles_of(RATES), Recording(200, 2e-4), np.random.default_rng(number))
        frame = pl.DataFrame({LABELS[name][0]: values for name, values in columns.items() if name in LABELS})
        frame.write_parquet(folder / f"c{number:02d}.bdf.parquet")
        size = frame.height
        rows.append(
            [f"c{number:02d}", "cell", "10", "0.1", "In/InLi", f"c{number:02d}.bdf.parquet", f"batch-{number // 3}"]
        )
    with (folder / "cells.csv").open("w", newline="", encoding="utf-8") as lines:
        csv.writer(lines).writerows(rows)
    return size


def spent() -> float:
    """CPU of this process and its children, s."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(use.ru_utime + use.ru_stime for use in map(resource.getrusage, kinds))


def main() -> None:
    """Run and write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("cells", nargs="+", type=int)
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    lines = []
    for cells in given.cells:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            rows = write_study(folder, cells)
            begin, before = time.perf_counter(), spent()
            with Processes(given.jobs) as workers:
                results = run_study(folder, None, workers)
                made = tables(results)
            wall, used = time.perf_counter() - begin, spent() - before
            assert len(results.of("cycling")) == cells
            lines.append(
                f"| {cells} | {rows} | {wall:.1f} | {used:.1f} | {used / cells:.2f} | {len(made['cycles']) - 1} |"
            )
            print(lines[-1], flush=True)
    command = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    listed = " ".join(map(str, given.cells))
    load = Path("/proc/loadavg").read_text(encoding="ascii").split()[0]
    text = f"""# Studies of cycling cells

`python benchmarks/cycling/study_size.py {listed} --jobs {given.jobs}` at {commit}; load of the machine {load} (2 cores:
the wall clock shows other work too, CPU does not). Cold: reading, every metric with uncertainty, dQ/dV, features, batches,
tables; no drawing.

| cells | rows a cell | wall / s | CPU / s | CPU a cell / s | cycles |
| --- | --- | --- | --- | --- | --- |
{chr(10).join(lines)}
"""
    Path(__file__).with_suffix(".md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
