"""CPU time of our BioLogic readers beside their fastest peers, on the same files, in one run.

    python benchmarks/formats/biologic.py --peer PYTHON [--bare PYTHON] --data FOLDER [--out FILE]

PYTHON is the interpreter of an environment with ionworksdata 0.20.2 (bare: with datalab-org-galvani and polars); FOLDER
holds the real files (default: CATHODELAB_TEST_DATA). Every reader runs in a process of its own; the processes take turns, three
rounds, and the least CPU time (all threads) of a round's repeats counts.

Columns for .mpr: ``parsed`` is galvani's own object, whose columns are still packed in the file's bytes. ``frame`` is the
bare library as anybody uses it: galvani, and its named columns and flags as a polars DataFrame. ``frame, kept`` is the bare
library on our duty: that DataFrame, the SHA-256 of the file, the DataFrame written as parquet with polars' defaults. ``ours,
read`` is our table with rebuilt current, steps, charge and checks; ``ours, all`` adds SHA-256 and parquet in the cache. The
claim (at most 2.0 times the bare library above 10,000 rows, hash and parquet included) is ``all / frame, kept``; the stricter
ratios stand beside it.
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
ROWS = dict(zip(BINARY, (46_102, 23_561, 19_025), strict=True))
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
BARE = """
import hashlib, tempfile
from pathlib import Path
import numpy as np
import polars as pl
from galvani.BioLogic import MPRfile
folder = Path(tempfile.mkdtemp())
def frame():
    file = MPRfile(path)
    columns = {name: np.ascontiguousarray(file.data[name]) for name in file.data.dtype.names if name != "flags"}
    return pl.DataFrame(columns | {name: file.get_flag(name) for name in file.flags_dict})
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
    "galvani, frame": (BARE, "return frame()", "result.height"),
    "galvani, frame, kept": (
        BARE,
        (
            "result = frame(); hashlib.sha256(Path(path).read_bytes()).hexdigest(); "
            "result.write_parquet(folder / 'kept.parquet'); return result"
        ),
        "result.height",
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
    parser.add_argument("--peer", required=True, help="python with ionworksdata")
    parser.add_argument("--bare", default=sys.executable, help="python with galvani and polars; ours if not stated")
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
            "`parsed`: galvani's object, columns still packed in the file's bytes. `frame`: its named columns as a DataFrame. "
            "`kept`: the same with SHA-256 and parquet (polars' defaults). `all`: reading, rebuilt current and steps, checks, "
            "SHA-256, parquet written to the cache. Claimed is `all / kept` at most 2.0."
        ),
        "",
        "| .mpr | rows | parsed | frame | kept | ours, read | ours, all | all / parsed | all / frame | all / kept |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name in BINARY:
        binary = ("galvani, parsed", "galvani, frame", "galvani, frame, kept", "ours, read", "ours, all")
        times = least(
            {key: arguments.bare if "galvani" in key else sys.executable for key in binary}, arguments.data / name
        )
        whole = times["ours, all"]
        row = [cell(times[key]) for key in binary]
        row += [ratio(whole, times[key]) for key in binary[:3]]
        lines.append(f"| {Path(name).name} | {ROWS[name]:,} | {' | '.join(row)} |")
        print(lines[-1])
    if arguments.out:
        arguments.out.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
