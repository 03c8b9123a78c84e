"""CPU of a cycle summary beside a peer's on the same files in one run, and how it grows with the rows.

python benchmarks/cycling/speed.py --peer PATH_TO_PYTHON_WITH_NAVANI FILES...

The peer (navani ``cycle_summary``) runs in its own environment; both start from their loaded table, five times in turn, and the
fastest counts. The peer's table holds current, limits, charges, efficiency and mean potentials of every cycle; ours the 29
quantities of a cycle. What uncertainties, dQ/dV and features cost besides is shown too. Reading is shown apart. Writes
``speed.md``.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from cathodelab.core.estimate import Estimate
from cathodelab.core.records import CyclingRecord, Provenance
from cathodelab.core.samples import Cell
from cathodelab.formats.cycling import cycling_record
from cathodelab.formats.readers import read_table
from cathodelab.simulation.cycler import CyclingTruth, Recording, cycles_of, cycling_columns
from cathodelab.techniques.cycling.method import cycle_values, cycling_metrics
from cathodelab.techniques.cycling.model import CyclingSettings

REPEATS = 5
PEER = """
import contextlib, io, json, sys, time, warnings
warnings.filterwarnings("ignore")
from navani import echem
with contextlib.redirect_stdout(io.StringIO()):
    begin = time.process_time()
    frame = echem.echem_file_loader(sys.argv[1])
    read = time.process_time() - begin
    best = 1e9
    for _ in range(5):
        begin = time.process_time()
        table = echem.cycle_summary(frame)
        best = min(best, time.process_time() - begin)
print(json.dumps([read, best, len(table)]))
"""


def fastest(work: Callable[[], object]) -> float:
    """Least CPU time of some runs."""
    best = np.inf
    for _ in range(REPEATS):
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


def beside_peer(path: Path, python: str) -> tuple[str, float, float]:
    """A line of the table, the peer's time and ours."""
    peer = subprocess.run([python, "-c", PEER, str(path)], capture_output=True, text=True, check=True)
    peer_read, peer_summary, peer_cycles = json.loads(peer.stdout)
    begin = time.process_time()
    table, reader = read_table(path.name, path.read_bytes())
    record = cycling_record([table], [Provenance(path.name, "", reader.id, reader.version)])
    read = time.process_time() - begin
    one, settings = cell(largest_charge(record)), CyclingSettings()
    summary = fastest(lambda: cycle_values(one, record, settings, 200.0))
    everything = fastest(lambda: cycling_metrics(one, record, settings, 200.0))
    cycles = cycle_values(one, record, settings, 200.0).shape[1]
    line = (
        f"| {path.name[:30]} | {record.voltage_volt.size} | {peer_cycles} / {cycles} | {1e3 * peer_summary:.1f} | "
        f"{1e3 * summary:.1f} | "
        f"**{peer_summary / summary:.1f}** | {1e3 * everything:.0f} | {1e3 * peer_read:.0f} | {1e3 * read:.0f} |"
    )
    return line, peer_summary, summary


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
    parser.add_argument("--peer", required=True)
    parser.add_argument("files", nargs="+", type=Path)
    given = parser.parse_args()
    compared = [beside_peer(path, given.peer) for path in given.files]
    peer, ours = (1e3 * sum(one[i] for one in compared) for i in (1, 2))
    lines = [one[0] for one in compared]
    lines.append(f"| together |  |  | {peer:.1f} | {ours:.1f} | **{peer / ours:.1f}** |  |  |  |")
    grown = [growth(rows) for rows in (12_500, 25_000, 50_000, 100_000, 200_000)]
    command = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    text = f"""# CPU of cycle summaries

`python benchmarks/cycling/speed.py --peer PYTHON FILES` at {commit}; navani 0.1.22; least of {REPEATS} runs, CPU in ms.

| file | rows | cycles, peer / ours | peer's summary | ours | ratio | ours, everything | peer reads | we read |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
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
