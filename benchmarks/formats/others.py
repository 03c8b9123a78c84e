"""CPU time and memory of the Neware, Maccor and Arbin readers beside the best peers, same file, one process each.

python benchmarks/formats/others.py DATA OUTPUT.md fastnda=PYTHON ionworksdata=PYTHON navani=PYTHON

DATA is the folder of real files; PYTHON is the interpreter of an environment that has the peer (outside the repository).
CPU time is that of the process and its children, the least of nine readings after one to warm up; ours and the peer's
processes take turns, six times each; times are medians over the turns, the ratio is the median of the turns' ratios. Memory is
the peak of the process above what it needed before the first reading, beside the size of our table.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

FILES = {
    "fastnda/nda_v26.nda.zip": "fastnda",
    "fastnda/nda8.nda.zip": "fastnda",
    "fastnda/SINTEF__G20M7_BTS91.nda.zip": "fastnda",
    "fastnda/test_2.ndax": "fastnda",
    "cellpy/20260302_IFE_BTS85_2_9_8_1.ndax": "fastnda",
    "cellpy/neware_uio.csv": "ionworksdata",
    "cellpy/maccor_001.txt": "ionworksdata",
    "beep/xTESLADIAG_000019_CH70.070": "ionworksdata",
    "cellpy/20160805_test001_45_cc_01.res": "navani",
    "navani/arbin_example.res": "navani",
    "navani/bs542_004_gr_li_50ua_50mv_1v_191020_Channel_11.xlsx": "navani",
}
"""File -> the fastest peer of shared/anchors/cycling.md for it."""

ROUNDS = 6

HEAD = """
import json, resource, sys, time, warnings
warnings.simplefilter("ignore")
from pathlib import Path
path = sys.argv[1]
"""
READ = {
    "cathodelab": """
from cathodelab.formats.readers import read_table
import polars, fastnda, openpyxl
def read():
    table, _ = read_table(path, Path(path).read_bytes())
    return table.rows, sum(column.nbytes for column in table.columns.values())
""",
    "fastnda": """
import fastnda
def read():
    return len(fastnda.read(path)), 0
""",
    "ionworksdata": """
import ionworksdata
def read():
    kind = "neware" if "neware" in path else "maccor"
    return len(ionworksdata.read.time_series(path, kind)), 0
""",
    "navani": """
import navani.echem
def read():
    return len(navani.echem.echem_file_loader(path)), 0
""",
}
TAIL = """
def used():
    return sum(
        getattr(resource.getrusage(who), field)
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN) for field in ("ru_utime", "ru_stime")
    )
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
rows, size = read()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
times = []
for _ in range(9):
    begin = used()
    read()
    times.append(used() - begin)
print("RESULT" + json.dumps([rows, min(times) * 1e3, (peak - before) / 1024, size / 2**20]))
"""


def measured(python: str, reader: str, path: Path) -> list[float] | None:
    """Rows, CPU ms, memory MB and size of the table MB; ``None`` where the reader fails."""
    done = subprocess.run(
        [python, "-c", HEAD + READ[reader] + TAIL, str(path)], capture_output=True, text=True, timeout=300, check=False
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT")]
    return json.loads(lines[-1].removeprefix("RESULT")) if lines else None


def in_turns(python: str, reader: str, path: Path) -> tuple[list[list[float]], list[list[float]]]:
    """Ours and the peer's figures of every turn; nothing where a reader fails."""
    rounds = [(measured(sys.executable, "cathodelab", path), measured(python, reader, path)) for _ in range(ROUNDS)]
    ours, theirs = ([run for run in runs if run] for runs in zip(*rounds, strict=True))
    return ours, theirs


def middle(runs: list[list[float]], figure: int) -> float:
    """Of one figure over the turns."""
    return statistics.median(run[figure] for run in runs)


def main() -> None:
    """Measure every file once and write the table."""
    data, output = Path(sys.argv[1]), Path(sys.argv[2])
    pythons = dict(argument.split("=", 1) for argument in sys.argv[3:])
    lines = [
        "| file | rows | cathodelab, CPU ms | peer | peer, CPU ms | peer / ours | our memory MB | table MB | peer's memory MB |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    with tempfile.TemporaryDirectory() as folder:
        for name, peer in FILES.items():
            path = data / "cycling" / name
            if path.suffix == ".zip":
                with zipfile.ZipFile(path) as archive:
                    path = Path(archive.extract(archive.namelist()[0], folder))
            ours, theirs = in_turns(pythons[peer], peer, path)
            assert ours, name
            rows, size = (middle(ours, figure) for figure in (0, 3))
            beside = "fails | | | "
            if theirs:
                ratios = sorted(other[1] / own[1] for own, other in zip(ours, theirs, strict=True))
                spread = f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
                beside = f"{middle(theirs, 1):.1f} | {spread} | "
            lines.append(
                f"| {name} | {rows:.0f} | {middle(ours, 1):.1f} | {peer} | {beside}{middle(ours, 2):.0f} | {size:.1f} | "
                f"{f'{middle(theirs, 2):.0f}' if theirs else ''} |"
            )
            print(lines[-1], flush=True)
    output.write_text(
        "# Neware, Maccor and Arbin readers beside the best peers\n\n"
        f"Written by `benchmarks/formats/others.py`; medians of {ROUNDS} turns, in brackets the lowest and highest ratio.\n\n"
        "Memory is the growth of the process at its first reading, what the libraries allocate once included: about 20 to 30 MB "
        "however small the file, which is the floor below which a multiple of the table says nothing. .nda and .ndax are parsed "
        "by fastnda itself, of which the two readers of the formats are called: what `fastnda.read` derives from them (cycles, a "
        "total time by a join, energies, types of columns) costs as much as our checks, net charge and comparison of charges.\n\n"
        + "\n".join(lines)
        + "\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
