"""What is extracted from the raw files of a cell: one entry a measurement.

A method names what it requires; the run extracts it once and keeps it (``study/files.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cathodelab.analyses.protocol_compliance import as_intended
from cathodelab.core.errors import CathodelabError, NotInRecord
from cathodelab.core.records import CyclingRecord, Provenance
from cathodelab.core.samples import Cell
from cathodelab.formats.cell_records import cycling_record, impedance_spectra
from cathodelab.formats.table import Table
from cathodelab.techniques.cycling.method import refuse_without_cycles
from cathodelab.techniques.impedance.model import Spectrum
from cathodelab.techniques.impedance.read import spectra_from_records
from cathodelab.techniques.utilization.model import Titration
from cathodelab.techniques.utilization.read import reference_from_record, titration_from_table
from cathodelab.techniques.utilization.rests import titration_from_record

_FINISHED = ("titration curve", "relaxed potentials")


@dataclass(frozen=True)
class Extraction:
    """One kind of measurement.

    Args:
        of: ``of(tables, sources, cell, settings by method) -> measurement``, a frozen dataclass or a tuple of them.
        settings: ids of the methods whose settings it depends on.
        files: which files of a cell hold it.
        kept: whether the next run takes it from the cache; a whole record is not, its tables are there already.
    """

    of: Callable[[Sequence[Table], Sequence[Provenance], Cell, Mapping[str, Any]], Any]
    settings: tuple[str, ...] = ()
    files: Callable[[Cell], tuple[str, ...]] = lambda cell: cell.files
    kept: bool = True


def _titration(
    tables: Sequence[Table], sources: Sequence[Provenance], cell: Cell, settings: Mapping[str, Any]
) -> Titration:
    """Relaxed points against charge."""
    if tables[0].kind in _FINISHED and len(tables) > 1:
        raise CathodelabError(
            "files-differ",
            "A finished titration table cannot be joined with other files",
            where=tables[0].kind,
            why="It already holds the whole titration.",
            what_to_do="Name this one file alone in cells.csv.",
        )
    if tables[0].kind in _FINISHED:
        return titration_from_table(tables[0])
    record = cycling_record(tables, sources)
    if cell.role == "reference":
        return reference_from_record(record, settings["utilization"])
    titration = titration_from_record(record, settings["utilization"])
    checks = as_intended(record.protocol, record, cell) if record.protocol else ()
    return replace(titration, checks=checks)


def _cycling_record(
    tables: Sequence[Table], sources: Sequence[Provenance], cell: Cell, settings: Mapping[str, Any]
) -> CyclingRecord:
    """The joined record of a cell that was cycled."""
    del cell
    if tables[0].kind in _FINISHED:
        raise NotInRecord(
            "no-cycles",
            "The file is a finished titration table",
            where=tables[0].kind,
            why="It holds no rows of a cycling test.",
            what_to_do="Name the cycler's own file for capacities and efficiencies.",
        )
    record = cycling_record(tables, sources)
    refuse_without_cycles(record, settings["cycling"])
    return record


def _spectra(
    tables: Sequence[Table], sources: Sequence[Provenance], cell: Cell, settings: Mapping[str, Any]
) -> tuple[Spectrum, ...]:
    """The impedance spectra of all files."""
    del cell, settings
    return spectra_from_records(impedance_spectra(tables, sources))


def _with_spectra_files(cell: Cell) -> tuple[str, ...]:
    """The cell's files, then those that hold spectra alone."""
    extra = (part.strip() for part in cell.details.get("spectra_file", "").split(";"))
    return tuple(dict.fromkeys((*cell.files, *filter(None, extra))))


EXTRACTIONS: Mapping[str, Extraction] = {
    "titration": Extraction(_titration, ("utilization",)),
    "cycling_record": Extraction(_cycling_record, ("cycling",), kept=False),
    "spectra": Extraction(_spectra, files=_with_spectra_files),
}
