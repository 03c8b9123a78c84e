"""CPU time of our BioLogic readers beside their fastest peers, on the same files, in one run.

    python benchmarks/formats/biologic.py --peer PYTHON --data FOLDER [--out FILE]

PYTHON is the interpreter of an environment with ionworksdata 0.20.2 and datalab-org-galvani; FOLDER holds the real files
(default: CATHODELAB_TEST_DATA). Every reader runs in a process of its own; the processes of a file take turns, three
rounds, and the least CPU time (all threads) of a round's repeats counts.

Columns for .mpr: ``parsed`` is galvani's own object, whose columns are still packed in the file's bytes; ``columns`` is
galvani and each column as an array of numbers, what any use of it needs first; ``ours, read`` is our table with rebuilt
current, steps, checks; ``ours, all`` adds reading from disk, SHA-256 and writing parquet to the cache.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from pathlib import Path

TEXT = (
    "cycling/yadg/bcd.issue_241.mpt",
    "cycling/yadg/gcpl.issue_211.mpt",
    "cycling/yadg/geis.mpt",
    "cycling/yadg/mb.issue_149.mpt",
    "cycling/PyProBE/Sample_data_biologic_01_MB_CA1.txt",
    "impedance/biologic_example.mpt",
    "cycling/PyBOP/T-cell_pOCV_data.txt",
)
BINARY = (
    "cycling/datalab/jdb11-1_c3_gcpl_5cycles_2V-3p8V_C-24_data_C09.mpr",
    "cycling/cellpy/biol.mpr",
    "cycling/yadg/gcpl.issue_230.mpr",
)
ROUNDS, REPEATS = 3, 40

TIMED = """
import sys, time, warnings
warnings.simplefilter("ignore")
path = sys.argv[1]
{setup}
def once():
    {body}
times = []
for _ in range({repeats}):
    begun = time.process_time()
    result = once()
    times.append(time.process_time() - begun)
    rows = {rows}
print(min(times[1:]), rows)
"""
READERS = {
    "ionworksdata": (
        "import ionworksdata",
        "return ionworksdata.read.biologic(path)",
        "result.height",
    ),
    "galvani, parsed": (
        "from galvani.BioLogic import MPRfile",
        "return MPRfile(path)",
        "len(result.data)",
    ),
    "galvani, columns": (
        "import numpy as np\nfrom galvani.BioLogic import MPRfile",
        "file = MPRfile(path); return [np.array(file.data[name], dtype=float) for name in file.data.dtype.names]",
        "len(result[0])",
    ),
    "ours, read": (
        "from pathlib import Path\nfrom cathodelab.formats.readers import read_table",
        "return read_table(path, Path(path).read_bytes())[0]",
        "result.rows",
    ),
    "ours, all": (
        (
            "import tempfile\nfrom pathlib import Path\nfrom cathodelab.formats.readers import read_table\n"
            "from cathodelab.study.cache import TableCache, content_hash\ncache = TableCache(Path(tempfile.mkdtemp()))"
        ),
        (
            "content = Path(path).read_bytes(); table, reader = read_table(path, content); "
            "cache.store(content_hash(content), reader, table); return table"
        ),
        "result.rows",
    ),
}


def measured(python: str, reader: str, path: Path) -> float | None:
    """Least CPU time of one process's repeats, ms; ``None`` where the reader fails on the file."""
    setup, body, rows = READERS[reader]
    code = TIMED.format(setup=setup, body=body, rows=rows, repeats=REPEATS)
    done = subprocess.run([python, "-c", code, str(path)], capture_output=True, text=True, check=False)
    return 1000 * float(done.stdout.split()[0]) if done.returncode == 0 else None


def least(readers: dict[str, str], path: Path) -> dict[str, float | None]:
    """Reader -> least CPU time over the rounds; the readers take turns."""
    found: dict[str, list[float]] = {reader: [] for reader in readers}
    for _ in range(ROUNDS):
        for reader, python in readers.items():
            time = measured(python, reader, path)
            if time is not None:
                found[reader].append(time)
    return {reader: min(times) if times else None for reader, times in found.items()}


def cell(time: float | None) -> str:
    """A time, or that the reader failed."""
    return "fails" if time is None else f"{time:.2f}"


def ratio(one: float | None, other: float | None) -> str:
    """How many times one is of the other."""
    return "-" if one is None or other is None else f"{one / other:.1f}"


def main() -> None:
    """Measure, print the tables, and write them where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", required=True, help="python with ionworksdata and galvani")
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("CATHODELAB_TEST_DATA", "../shared/data")))
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True).stdout  # noqa: S607
    lines = [
        "# BioLogic readers beside their peers",
        "",
        (
            f"CPU time, ms, least of {ROUNDS} rounds of {REPEATS - 1} warm repeats, one run. Commit {commit.strip()}, "
            f"Python {platform.python_version()}, {os.cpu_count()} cores. Made by `benchmarks/formats/biologic.py`."
        ),
        "",
        "| text | ionworksdata 0.20.2 | ours, read | times faster |",
        "|---|---|---|---|",
    ]
    for name in TEXT:
        times = least({"ionworksdata": arguments.peer, "ours, read": sys.executable}, arguments.data / name)
        peer, ours = times["ionworksdata"], times["ours, read"]
        lines.append(f"| {Path(name).name} | {cell(peer)} | {cell(ours)} | {ratio(peer, ours)} |")
        print(lines[-1])
    lines += [
        "",
        (
            "`parsed`: galvani's object, columns still packed in the file's bytes. `columns`: each column as an array of "
            "numbers. `all`: reading, rebuilt current and steps, checks, SHA-256, parquet written to the cache."
        ),
        "",
        "| .mpr | galvani, parsed | galvani, columns | ours, read | ours, all | all / parsed | all / columns |",
        "|---|---|---|---|---|---|---|",
    ]
    for name in BINARY:
        binary = ("galvani, parsed", "galvani, columns", "ours, read", "ours, all")
        times = least(
            {key: arguments.peer if "galvani" in key else sys.executable for key in binary}, arguments.data / name
        )
        whole = times["ours, all"]
        row = [cell(times[key]) for key in binary]
        row += [ratio(whole, times["galvani, parsed"]), ratio(whole, times["galvani, columns"])]
        lines.append(f"| {Path(name).name} | {' | '.join(row)} |")
        print(lines[-1])
    if arguments.out:
        arguments.out.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
