"""CPU of a cycle summary beside its peers on the same files in one run, and how it grows with the rows.

python benchmarks/cycling/speed.py --navani PYTHON --aurora PYTHON --pyprobe PYTHON FILES...

Every peer runs in its own environment; all start from their loaded table, in turn, three times for one second of CPU, and
the least run counts.
navani (``cycle_summary``) and aurora-cycler-manager (``merge_dfs``, ``analyse_cycles``) make summaries like ours: charges,
efficiency, mean potentials, the latter energies and currents too. PyProBE's ``summary`` makes two charges a cycle and no mean
potential: it is shown and no peer of the ratio. aurora and PyProBE do not find cycles and get the numbers of ours. Ours: the 29
quantities of a cycle. What uncertainties, dQ/dV and features cost besides is shown too. Writes ``speed.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from cathodelab.core.estimate import Estimate
from cathodelab.core.records import CyclingRecord, Provenance
from cathodelab.core.samples import Cell
from cathodelab.formats.cell_records import cycling_record
from cathodelab.formats.readers import read_table
from cathodelab.techniques.cycling.method import cycle_summary, cycling_metrics
from cathodelab.techniques.cycling.model import CycleTable, CyclingSettings
from cathodelab_validation.cycler import CyclingTruth, Recording, cycles_of, cycling_columns

_ROUNDS = 3

NAVANI = """
import contextlib, io, json, sys, time, warnings
warnings.filterwarnings("ignore")
from navani import echem
with contextlib.redirect_stdout(io.StringIO()):
    frame = echem.echem_file_loader(sys.argv[1])
    best, until = 1e9, time.process_time() + 1.0
    while time.process_time() < until:
        begin = time.process_time()
        table = echem.cycle_summary(frame)
        best = min(best, time.process_time() - begin)
print(json.dumps([best, len(table)]))
"""
AURORA = """
import json, sys, time, warnings
warnings.filterwarnings("ignore")
import polars as pl
from aurora_cycler_manager.analysis import analyse_cycles, merge_dfs
names = {"time": "uts", "volt": "V (V)", "ampere": "I (A)", "cycle": "cycle_number"}
frame = pl.read_parquet(sys.argv[1]).select(list(names)).rename(names)
best, until = 1e9, time.process_time() + 1.0
while time.process_time() < until:
    begin = time.process_time()
    merged, _ = merge_dfs([frame])
    table, _ = analyse_cycles(merged, 5.0, None)
    best = min(best, time.process_time() - begin)
print(json.dumps([best, len(table)]))
"""
PYPROBE = """
import json, sys, time, warnings
warnings.filterwarnings("ignore")
import polars as pl
from pyprobe.analysis import cycling
from pyprobe.filters import Procedure
names = {"time": "Time [s]", "volt": "Voltage [V]", "ampere": "Current [A]", "net": "Capacity [Ah]", "cycle": "Cycle"}
frame = pl.read_parquet(sys.argv[1])
steps = [pl.col("step").cast(pl.Int64).alias(name) for name in ("Event", "Step")]
frame = frame.rename(names).with_columns(*steps, pl.col("Cycle").cast(pl.Int64))
best, until = 1e9, time.process_time() + 1.0
while time.process_time() < until:
    procedure = Procedure(lf=frame.lazy(), info={}, readme_dict={})
    begin = time.process_time()
    table = cycling.summary(procedure, dchg_before_chg=False).data
    best = min(best, time.process_time() - begin)
print(json.dumps([best, len(table)]))
"""


def fastest(work: Callable[[], object]) -> float:
    """Least CPU time of the runs of one second."""
    best, until = np.inf, time.process_time() + 1.0
    while time.process_time() < until:
        begin = time.process_time()
        work()
        best = min(best, time.process_time() - begin)
    return float(best)


def cell(largest_mAh: float) -> Cell:
    """A cell whose mass fits the charge, so that nothing is refused."""
    mass = max(largest_mAh / 0.2, 1e-6)
    return Cell("a", "cell", Estimate(mass, mass / 100, mass / 100, "mg"), "Li", Estimate(0, 0, 0, "V"), ("a",))


def largest_charge(record: CyclingRecord) -> float:
    """Range of the net charge, mAh."""
    net = record.net_charge_ampere_hour
    return 1.0 if net is None else float(np.ptp(net)) * 1e3


def peer(python: str, program: str, path: Path) -> tuple[float, int]:
    """Least CPU time of a peer's summary, s, and its number of cycles; one thread, as ours. ``nan``: it fails on the file."""
    alone = {**os.environ, "POLARS_MAX_THREADS": "1"}
    done = subprocess.run([python, "-c", program, str(path)], capture_output=True, text=True, check=False, env=alone)
    if done.returncode:
        return float("nan"), 0
    seconds, cycles = json.loads(done.stdout.splitlines()[-1])
    return float(seconds), int(cycles)


def as_table(record: CyclingRecord, cycles: CycleTable, path: Path) -> None:
    """What aurora and PyProBE start from, with our numbers of cycles."""
    number = np.repeat(cycles.number, cycles.end_row - cycles.first_row)
    columns = {
        "time": record.test_time_second,
        "volt": record.voltage_volt,
        "ampere": record.current_ampere,
        "net": record.net_charge_ampere_hour,
        "step": record.step_count,
        "cycle": number.astype(np.float64),
    }
    pl.DataFrame({name: values for name, values in columns.items() if values is not None}).write_parquet(path)


def beside_peers(path: Path, given: argparse.Namespace) -> tuple[str, float, float]:
    """A line of the table, the fastest comparable peer's time and ours."""
    table, reader = read_table(path.name, path.read_bytes())
    record = cycling_record([table], [Provenance(path.name, "", reader.id, reader.version)])
    one, settings = cell(largest_charge(record)), CyclingSettings()
    result = cycling_metrics(one, record, settings, 200.0)
    with tempfile.TemporaryDirectory() as folder:
        common = Path(folder) / "table.parquet"
        as_table(record, result.cycles, common)
        rounds = []
        for _ in range(_ROUNDS):
            (navani, counted), (aurora, _) = peer(given.navani, NAVANI, path), peer(given.aurora, AURORA, common)
            pyprobe, _ = peer(given.pyprobe, PYPROBE, common)
            summary = fastest(lambda: cycle_summary(one, record, settings, 200.0))
            rounds.append((navani, aurora, pyprobe, summary))
    navani, aurora, pyprobe, summary = np.min(rounds, axis=0)
    everything = fastest(lambda: cycling_metrics(one, record, settings, 200.0))
    quickest = np.fmin(navani, aurora)
    line = (
        f"| {path.name[:30]} | {record.voltage_volt.size} | {counted} / {result.cycles.count} | {1e3 * navani:.1f} | "
        f"{1e3 * aurora:.1f} | {1e3 * pyprobe:.1f} | {1e3 * summary:.2f} | **{quickest / summary:.1f}** | "
        f"{navani / summary:.1f} | {1e3 * everything:.0f} |"
    )
    return line, float(quickest), float(summary)


def growth(rows: int) -> str:
    """A line of the second table: a generated test of so many rows, half cycles of 200 rows."""
    rates = (0.5,) * (rows // 460)
    columns = cycling_columns(CyclingTruth(), cycles_of(rates), Recording(200, 2e-4), np.random.default_rng(1))
    record = CyclingRecord(**columns)
    one = Cell("a", "cell", Estimate(10, 0.1, 0.1, "mg"), "In/InLi", Estimate(0.62, 0.004, 0.004, "V"), ("a",))
    spent = fastest(lambda: cycling_metrics(one, record, CyclingSettings(), 200.0))
    count = record.voltage_volt.size
    return f"| {count} | {len(rates)} | {1e3 * spent:.0f} | {1e6 * spent / count:.2f} | {1e3 * spent * 51 / 1e3:.1f} |"


def main() -> None:
    """Run and write."""
    parser = argparse.ArgumentParser()
    for name in ("navani", "aurora", "pyprobe"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("files", nargs="+", type=Path)
    given = parser.parse_args()
    compared = [beside_peers(path, given) for path in given.files]
    quickest, ours = (1e3 * sum(one[i] for one in compared) for i in (1, 2))
    lines = [one[0] for one in compared]
    lines.append(f"| together |  |  |  |  |  | {ours:.2f} | **{quickest / ours:.1f}** |  |  |")
    grown = [growth(rows) for rows in (12_500, 25_000, 50_000, 100_000, 200_000)]
    command = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    text = f"""# CPU of cycle summaries

`python benchmarks/cycling/speed.py --navani PYTHON --aurora PYTHON --pyprobe PYTHON FILES` at {commit}; navani 0.1.22,
aurora-cycler-manager 0.11.6, PyProBE 2.6.1; least of all runs within three times one second of CPU, in turn, in ms, one thread.
Every program starts from its loaded table; aurora and PyProBE do not find cycles and get ours. PyProBE's summary (two charges a
cycle, no mean potential, energy or current) is not comparable and not in the ratio. Ours is what `cathodelab cycles`
writes. nan: the program fails on the file.

| file | rows | cycles, navani / ours | navani | aurora | PyProBE | ours | **to the faster** | to navani | ours, everything |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
{chr(10).join(lines)}

Growth of everything (cycles, uncertainties, dQ/dV, features) with the rows; generated tests, two half cycles of 200 rows a cycle:

| rows | cycles | ms | µs a row | 51 cells / s |
| --- | --- | --- | --- | --- |
{chr(10).join(grown)}
"""
    Path(__file__).with_suffix(".md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
