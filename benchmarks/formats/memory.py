"""Peak memory of reading a file beside the size of its table, in a process that has read another file of the format.

python benchmarks/formats/memory.py DATA OUTPUT.md

DATA is the folder of real files. What libraries allocate once is spent on the first file; then the peak of the resident set
is set back (Linux only) and the second file is read. The file's own bytes, which the reader is given, are not counted.
The large texts are generated.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np

from cathodelab.formats.bdf import write_bdf_text
from cathodelab_validation.biologic_text import write_biologic_text

FIRST_AND_MEASURED = (
    ("fastnda/SINTEF__G20M7_BTS91.nda.zip", "fastnda/nda_v26.nda.zip"),
    ("fastnda/test_2.ndax", "cellpy/20260302_IFE_BTS85_2_9_8_1.ndax"),
    ("yadg/gcpl.issue_211.mpr", "datalab/jdb11-1_c3_gcpl_5cycles_2V-3p8V_C-24_data_C09.mpr"),
    ("yadg/gcpl.issue_211.mpr", "cellpy/biol.mpr"),
    ("yadg/mb.issue_149.mpt", "yadg/gcpl.issue_211.mpt"),
    ("beep/xTESLADIAG_000019_CH70.070", "cellpy/maccor_001.txt"),
    ("datalab/arbin_example.bdf.csv", "cellpy/neware_uio.csv"),
    ("navani/arbin_example.res", "cellpy/20160805_test001_45_cc_01.res"),
)
ROWS = 500_000

READ = """
import gc, json, sys
from pathlib import Path
from cathodelab.formats.readers import read_table

def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return {line.split(":")[0]: int(line.split()[1]) for line in lines if line.startswith(("VmHWM", "VmRSS"))}

first, measured = map(Path, sys.argv[1:])
read_table(first.name, first.read_bytes())
gc.collect()
content = measured.read_bytes()
Path("/proc/self/clear_refs").write_text("5")
before = peak()["VmRSS"]
table, _ = read_table(measured.name, content)
grown = (peak()["VmHWM"] - before) / 1024
columns = [*table.columns.values(), *(table.spectra.columns.values() if table.spectra else ())]
kept = sum(column.nbytes for column in columns)
whole = kept + 8 * table.rows * len(table.unknown_columns)
print(json.dumps([table.rows, len(content) / 2**20, kept / 2**20, whole / 2**20, grown]))
"""


def plain(path: Path, folder: Path) -> Path:
    """The file itself, taken out of its zip container where it is in one."""
    if path.suffix != ".zip":
        return path
    with zipfile.ZipFile(path) as archive:
        name = next(name for name in archive.namelist() if ".nda" in name)
        taken = folder / Path(name).name
        taken.write_bytes(archive.read(name))
    return taken


def generated(folder: Path, rows: int) -> list[Path]:
    """A long record as EC-Lab's and as the Battery Data Format's text, as LAND's, and as a Chinese export of BTSDA."""
    time = np.arange(rows) * 10.0
    columns = {
        "test_time_second": time,
        "voltage_volt": 3.4 + 0.4 * np.sin(time / 40_000),
        "current_ampere": np.where(np.arange(rows) // 4000 % 2, 1e-4, -1e-4),
        "step_count": 1.0 + np.arange(rows) // 4000,
    }
    text, tidy = folder / f"generated-{rows}.mpt", folder / f"generated-{rows}.bdf.csv"
    write_biologic_text(text, columns)
    write_bdf_text(tidy, columns, {"test_time_second": 1, "voltage_volt": 6, "current_ampere": 9, "step_count": 0})
    return [text, tidy, *_of_cyclers(folder, rows, columns)]


def _of_cyclers(folder: Path, rows: int, columns: dict[str, np.ndarray]) -> list[Path]:
    """The same record with unsigned current and a count of the step."""
    land, chinese = folder / f"generated-{rows}.land.csv", folder / f"generated-{rows}.gbk.csv"
    heads = (
        "Record,Cycle-Index,Step-Index,TestTime/Sec,StepTime/Sec,Current/mA,Capacity/mAh,Voltage/V",
        "数据序号,循环号,工步号,工步类型,时间,总时间,电流(mA),电压(V),容量(mAh)",
    )
    lines: tuple[list[str], list[str]] = ([heads[0]], [heads[1]])
    for row, (time, volt, ampere, step) in enumerate(zip(*columns.values(), strict=True)):
        within = 10.0 * (row % 4000)
        charge, kind = 0.1 * within / 3600, "恒流充电" if ampere > 0 else "恒流放电"
        clocks = [f"{int(one // 3600):02d}:{int(one % 3600 // 60):02d}:{int(one % 60):02d}" for one in (within, time)]
        lines[0].append(f"{row},1,{step:.0f},{time:.1f},{within:.1f},{ampere * 1e3:.4f},{charge:.6f},{volt:.5f}")
        lines[1].append(f"{row},1,{step:.0f},{kind},{','.join(clocks)},0.1,{volt:.5f},{charge:.6f}")
    land.write_text("\n".join(lines[0]) + "\n", encoding="utf-8")
    chinese.write_bytes(("\n".join(lines[1]) + "\n").encode("gbk"))
    return [land, chinese]


def main() -> None:
    """Measure every file once and write the table."""
    data, output = Path(sys.argv[1]), Path(sys.argv[2])
    lines = [
        "# Peak memory of reading\n",
        "Written by `benchmarks/formats/memory.py`. Growth of the resident set above what the process holds after it has read",
        "another file of the format and has the bytes of this one, in MB. The generated texts are synthetic.\n",
        "| file | rows | file | kept | table | growth | growth / kept | growth / table |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "small").mkdir()
        small, large = generated(folder / "small", 5000), generated(folder, ROWS)
        pairs = [(plain(data / first, folder), plain(data / second, folder)) for first, second in FIRST_AND_MEASURED]
        for first, measured in [*pairs, *zip(small, large, strict=True)]:
            done = subprocess.run(
                [sys.executable, "-c", READ, str(first), str(measured)], capture_output=True, text=True, check=True
            )
            rows, *sizes = json.loads(done.stdout)
            *_, kept, table, grown = sizes
            shown = " | ".join(f"{size:.1f}" for size in (*sizes, grown / kept, grown / table))
            lines.append(f"| {measured.name} | {rows} | {shown} |")
    lines += [
        "",
        "`table` is the table in the file, 8 bytes for each of its values; `kept` the columns of it that have a meaning here.",
        "Wanted is at most 4 times the table.",
    ]
    output.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
