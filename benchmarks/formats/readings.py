"""Every real file of the data folder, as our readers read it.

    python benchmarks/formats/readings.py --data FOLDER --out benchmarks/formats/readings.md

Charge: largest difference between the integral of the recorded current and the instrument's own charge in a half cycle (those
with at least 1 % of the largest charge); where it is above 0.1 %, the reader says why, and the note is printed. Pairs: largest
difference of any shared column of a binary file and EC-Lab's own text of it, relative to the largest value of the column.
"""

from __future__ import annotations

import argparse
import io
import os
import subprocess
import zipfile
from pathlib import Path

import numpy as np

from cathodelab.core.errors import CathodelabError
from cathodelab.core.units import Conversion
from cathodelab.formats.readers import read_table
from cathodelab.formats.shared.column_map import ColumnMap, MappedColumn
from cathodelab.formats.shared.rebuild import half_cycles
from cathodelab.formats.table import Table

NOT_INSTRUMENT_FILES = {"unicycler.json", "nda_v26.parquet"}
"""A protocol of another program, and the reference for another file."""
PAIRS = ("bcd.issue_241", "gcpl.issue_211", "geis", "mb.issue_149", "peis")
DECLARED = ColumnMap(
    "basytec",
    {
        "test_time_second": MappedColumn("test_time_second", Conversion(1e-3)),
        "voltage_volt": MappedColumn("voltage_volt", Conversion(1.0)),
        "current_ampere": MappedColumn("current_ampere", Conversion(1.0)),
    },
)
"""For the file whose time column claims seconds and holds milliseconds."""


def contents(path: Path) -> tuple[str, bytes]:
    """Name and bytes of a file, unzipped where it stands in a zip."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
            return path.stem, archive.read(archive.namelist()[0])
    return path.name, path.read_bytes()


def charge_difference(table: Table) -> str:
    """The largest relative difference, %, and in how many half cycles it exceeds 0.1 %."""
    if (
        table.kind != "cycling"
        or "net_charge_ampere_hour" not in table.columns
        or "current_ampere" not in table.columns
    ):
        return "-"
    halves = half_cycles(dict(table.columns))
    if not halves.cycler.size or not np.abs(halves.cycler).max() > 0:
        return "-"
    halves = halves.only(np.abs(halves.cycler) >= 0.01 * np.abs(halves.cycler).max())
    relative = np.abs(halves.integral / halves.cycler - 1)
    return f"{100 * relative.max():.2g} ({int((relative > 1e-3).sum())} of {relative.size})"


def row(name: str, table: Table, reader: str) -> str:
    """One line of the table."""
    spectra = table if table.kind == "impedance spectra" else table.spectra
    number = int(spectra.column("spectrum_count")[-1]) if spectra else 0
    notes = " ".join(note.replace("|", "/") for note in table.notes)
    notes = notes if len(notes) < 700 else notes[:697] + "..."
    rows = table.rows if table.kind != "impedance spectra" else 0
    return f"| {name} | {reader} | {rows} | {number} | {charge_difference(table)} | {len(table.unknown_columns)} | {notes} |"


def pair_difference(folder: Path, stem: str) -> str:
    """Largest difference of shared columns of a binary file and its text, relative to the column's largest value."""
    binary, text = (read_table(stem + end, (folder / f"{stem}{end}").read_bytes())[0] for end in (".mpr", ".mpt"))
    worst = (0.0, "")
    for one, other in ((binary, text), *(((binary.spectra, text.spectra),) if binary.spectra and text.spectra else ())):
        for name in set(one.columns) & set(other.columns):
            if one.columns[name].size == other.columns[name].size:
                scale = float(np.abs(other.columns[name]).max()) or 1.0
                worst = max(worst, (float(np.abs(one.columns[name] - other.columns[name]).max()) / scale, name))
            else:
                worst = (float("inf"), f"{name}: {one.columns[name].size} and {other.columns[name].size} rows")
    return f"| {stem} | {binary.rows} | {text.rows} | {worst[0]:.1e} | {worst[1]} |"


def main() -> None:
    """Read everything, write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("CATHODELAB_TEST_DATA", "../shared/data")))
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True).stdout  # noqa: S607
    lines = [
        "# Every real file, as it is read",
        "",
        f"Commit {commit.strip()}. Made by `benchmarks/formats/readings.py`; their origin: PROVENANCE.csv beside them.",
        "",
        "| file | reader | rows | spectra | charge, % apart (half cycles above 0.1 %) | labels not known | notes |",
        "|---|---|---|---|---|---|---|",
    ]
    folder = arguments.data / "cycling"
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.name not in NOT_INSTRUMENT_FILES):
        name, content = contents(path)
        shown = str(path.relative_to(folder))
        try:
            table, reader = read_table(name, content)
            lines.append(row(shown, table, reader.id))
        except CathodelabError as error:
            lines.append(f"| {shown} | refused | | | | | {error.code}: {error.what}. {error.why} |")
            if error.code == "impossible-scale":
                table, reader = read_table(name, content, [DECLARED], "basytec")
                lines.append(row(f"{shown}, time declared in ms", table, reader.id))
        print(lines[-1][:160])
    lines += ["", "## Binary files beside EC-Lab's own text of them", ""]
    lines += ["| pair | rows .mpr | rows .mpt | largest relative difference | in |", "|---|---|---|---|---|"]
    lines += [pair_difference(folder / "yadg", stem) for stem in PAIRS]
    if arguments.out:
        arguments.out.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
