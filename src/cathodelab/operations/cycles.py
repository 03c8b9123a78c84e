"""A quick look at files of cycling tests, without a study: the quantities of every cycle as a table, no uncertainties."""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cathodelab.core.arrays import FloatArray
from cathodelab.core.errors import CathodelabError
from cathodelab.core.estimate import Estimate
from cathodelab.core.operation import Output, Progress
from cathodelab.core.records import Provenance
from cathodelab.core.samples import Cell
from cathodelab.formats.cell_records import cycling_record
from cathodelab.formats.readers import read_table
from cathodelab.operations.given_files import (
    content_of,
    declared_maps,
    file_names,
    made,
    refuse_overwriting,
    without_study,
)
from cathodelab.operations.model import CyclesInput
from cathodelab.techniques.cycling.method import cycle_summary
from cathodelab.techniques.cycling.model import CyclingSettings
from cathodelab.techniques.cycling.quantities import NAMES, QUANTITIES

_DIGITS = 7
_DOOR = without_study(
    {"cam_mass_mg": "--mass", "c_rate.basis_mAh_g": "--basis"},
    "Name the columns of a csv in its first line: Test Time / s, Voltage / V, Current / A.",
)
_NOTES_OF = "Notes on the cycles of "
_WORTH_SAYING = frozenset({"cycles_complete", "pulses", "counted_before"})
"""Checks that neither pass nor fail, and say how the table is to be read."""
_AGAINST_LITHIUM = "shoulder_charge"


@dataclass(frozen=True, eq=False)
class CycleFileSummary:
    """What one file gave: its table and a few words of it, or an error; what is doubtful, and what its reader noted."""

    path: Path
    table: Path | None = None
    words: str = ""
    error: CathodelabError | None = None
    doubts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """One line, and below it one for each doubt and note."""
        said = [*(f"  doubt: {one}" for one in self.doubts), *(f"  note: {one}" for one in self.notes)]
        return [f"{self.path}: {self.error or f'{self.words}. Table: {self.table}'}", *said]


@dataclass(frozen=True, eq=False)
class CycleSummary(Output):
    """The cycles of each file."""

    files: tuple[CycleFileSummary, ...]

    @property
    def complete(self) -> bool:
        """Whether every file has its table."""
        return all(one.error is None for one in self.files)

    def lines(self) -> list[str]:
        """A line for each file, and what is doubtful and noted of it."""
        return [line for one in self.files for line in one.lines()]

    def record(self) -> dict[str, Any]:
        """File, table, words, doubts, notes, error."""
        files = [
            {
                "file": str(one.path),
                "table": None if one.table is None else str(one.table),
                "said": one.words,
                "doubts": list(one.doubts),
                "notes": list(one.notes),
                "error": None if one.error is None else one.error.as_record(),
            }
            for one in self.files
        ]
        return {"schema_version": 1, "files": files}


def summarized(inputs: CyclesInput, progress: Progress) -> CycleSummary:
    """One table a file; the fault of one file does not stop the others.

    Raises:
        CathodelabError: the folder cannot be made.
    """
    made(inputs.folder)
    tasks = list(zip(inputs.files, file_names(inputs.files, "cycles"), strict=True))
    return CycleSummary(tuple(_summarized(path, name, inputs) for path, name in progress(tasks, len(tasks), "files")))


def _summarized(path: Path, name: str, inputs: CyclesInput) -> CycleFileSummary:
    try:
        content = content_of(path)
    except CathodelabError as error:
        return CycleFileSummary(path, error=error)
    try:
        table, reader = read_table(path.name, content, declared_maps(inputs.columns))
        source = Provenance(path.name, hashlib.sha256(content).hexdigest(), reader.id, reader.version)
        record = cycling_record([table], [source])
        mass = Estimate(inputs.mass or float("nan"))
        cell = Cell(name, "cell", mass, "counter electrode", Estimate(0.0), (path.name,))
        summary = cycle_summary(cell, record, CyclingSettings(cycle_begins_with=inputs.begins), inputs.basis)
        checks = summary.checks(record)
        written, noted = inputs.folder / f"{name}.csv", inputs.folder / f"{name}-notes.txt"
        refuse_overwriting(written, inputs.files, b"cycle,")
        refuse_overwriting(noted, inputs.files, _NOTES_OF.encode())
    except CathodelabError as error:
        return CycleFileSummary(path, error=error.shown_at(_DOOR).at(str(path)))
    written.write_text(_as_csv(summary.number, summary.values), encoding="utf-8")
    doubts = tuple(
        one.sentence for one in checks if one.passed is False or (one.name in _WORTH_SAYING and not one.passed)
    )
    noted.write_text("\n".join([f"{_NOTES_OF}{path.name}", *doubts, *record.notes, ""]), encoding="utf-8")
    return CycleFileSummary(path, written, _words(summary.values), doubts=doubts, notes=record.notes)


def _as_csv(number: NDArray[np.int64], values: FloatArray) -> str:
    """One row a cycle. Left out: what no cycle has, and the shoulder, whose limit is against Li⁺/Li (not known here)."""
    known = [
        (f"{one.name} / {one.unit}", row)
        for one, row in zip(QUANTITIES, values, strict=True)
        if np.isfinite(row).any() and one.name != _AGAINST_LITHIUM
    ]
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["cycle", *(name for name, _ in known)])
    for place, cycle in enumerate(number.tolist()):
        entries = (float(row[place]) for _, row in known)
        rows.writerow([int(cycle), *(f"{one + 0.0:.{_DIGITS}g}" if np.isfinite(one) else "" for one in entries)])
    return text.getvalue()


def _words(values: FloatArray) -> str:
    """Number of cycles, and of the first whole one charge, discharge and efficiency."""
    count = values.shape[1]
    words = f"{count} cycle{'s' if count != 1 else ''}"
    charge, discharge, efficiency = (
        values[NAMES.index(one)] for one in ("charge", "discharge", "coulombic_efficiency")
    )
    whole = np.flatnonzero(np.isfinite(efficiency))
    if not whole.size:
        return f"{words}, none whole"
    one = int(whole[0])
    return (
        f"{words}; first whole one {charge[one]:.4g} mAh charged, {discharge[one]:.4g} mAh discharged, "
        f"{100 * efficiency[one]:.2f} %"
    )
