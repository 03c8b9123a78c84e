"""A quick look at files of cycling tests, without a study: the quantities of every cycle as a table, no uncertainties."""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cathodelab.core.arrays import FloatArray
from cathodelab.core.errors import CathodelabError
from cathodelab.core.estimate import Estimate
from cathodelab.core.records import Provenance
from cathodelab.core.samples import Cell
from cathodelab.formats.cell_records import cycling_record
from cathodelab.formats.readers import read_table
from cathodelab.operations.model import CyclesInput, Progress, Summarized, SummarizedFile
from cathodelab.operations.names import file_names, refuse_overwriting
from cathodelab.techniques.cycling.method import cycle_summary
from cathodelab.techniques.cycling.model import CyclingSettings
from cathodelab.techniques.cycling.quantities import NAMES, QUANTITIES

_DIGITS = 7
_AGAINST_LITHIUM = "shoulder_charge"


def summarized(inputs: CyclesInput, progress: Progress) -> Summarized:
    """One table a file; the fault of one file does not stop the others.

    Raises:
        CathodelabError: the mass makes no sense, or the folder cannot be written.
    """
    if not (inputs.mass >= 0 and np.isfinite(inputs.mass)):
        raise _wrong("--mass", f"A mass of {inputs.mass:g} mg", "A mass is above zero.", "State it in mg.")
    try:
        inputs.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        what = f"{inputs.folder} cannot be made"
        raise _wrong("--folder", what, f"{error.strerror}.", "Name another folder.") from error
    tasks = list(zip(inputs.files, file_names(inputs.files, "cycles"), strict=True))
    return Summarized(tuple(_summarized(path, name, inputs) for path, name in progress(tasks, len(tasks), "files")))


def _summarized(path: Path, name: str, inputs: CyclesInput) -> SummarizedFile:
    try:
        content = path.read_bytes()
    except OSError as error:
        fault = _wrong(str(path), "The file cannot be read", f"{error.strerror}.", "Check its name and place.")
        return SummarizedFile(path, error=fault)
    try:
        table, reader = read_table(path.name, content)
        source = Provenance(path.name, hashlib.sha256(content).hexdigest(), reader.id, reader.version)
        record = cycling_record([table], [source])
        mass = Estimate(inputs.mass or float("nan"))
        cell = Cell(name, "cell", mass, "counter electrode", Estimate(0.0), (path.name,))
        number, values = cycle_summary(cell, record, CyclingSettings(), inputs.basis)
        written = inputs.folder / f"{name}.csv"
        refuse_overwriting(written, inputs.files, b"cycle,")
    except CathodelabError as error:
        return SummarizedFile(path, error=error.at(str(path)))
    written.write_text(_as_csv(number, values), encoding="utf-8")
    return SummarizedFile(path, written, _words(values))


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
        rows.writerow([int(cycle), *(f"{one:.{_DIGITS}g}" if np.isfinite(one) else "" for one in entries)])
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


def _wrong(where: str, what: str, why: str, what_to_do: str) -> CathodelabError:
    return CathodelabError("cycles-input", what, where=where, why=why, what_to_do=what_to_do)
