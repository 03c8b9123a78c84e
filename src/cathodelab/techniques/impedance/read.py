"""Table of spectra -> spectra: only what the file knows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.errors import NotInRecord
from cathodelab.core.records import Provenance
from cathodelab.formats.table import Table
from cathodelab.techniques.impedance.model import Spectrum


def spectra_from_tables(tables: Sequence[Table], provenance: Sequence[Provenance]) -> tuple[Spectrum, ...]:
    """All spectra of the files of a cell in their order: files of spectra, and spectra inside cycling files.

    Raises:
        NotInRecord: no file holds a spectrum.
    """
    found: list[Spectrum] = []
    for table, source in zip(tables, provenance, strict=True):
        spectra = table if table.kind == "impedance spectra" else table.spectra
        if spectra is None:
            continue
        notes = table.notes if spectra is table else ()
        number = spectra.columns.get("spectrum_count", np.ones(spectra.rows))
        for value in dict.fromkeys(number.tolist()):
            rows = np.flatnonzero(number == value)
            found.append(_spectrum(spectra, table, rows, len(found) + 1, (source,), notes))
    if not found:
        raise NotInRecord(
            "no-spectra",
            "The files hold no impedance spectra",
            where=", ".join(source.file for source in provenance),
            why="No row of them has a frequency.",
            what_to_do="Name the files of the spectra in the column `spectra_file` of cells.csv.",
        )
    return tuple(found)


def _spectrum(
    spectra: Table,
    table: Table,
    rows: np.ndarray,
    number: int,
    provenance: tuple[Provenance, ...],
    notes: tuple[str, ...],
) -> Spectrum:
    def column(name: str) -> FloatArray | None:
        return spectra.columns[name][rows] if name in spectra.columns else None

    clock = column("test_time_second")
    charge = float("nan")
    if "net_charge_ampere_hour" in spectra.columns:
        charge = float(spectra.columns["net_charge_ampere_hour"][rows[0]])
    return Spectrum(
        frequency_hertz=spectra.column("frequency_hertz")[rows],
        real_ohm=spectra.column("real_impedance_ohm")[rows],
        imaginary_ohm=spectra.column("imaginary_impedance_ohm")[rows],
        number=number,
        time_second=clock,
        voltage_volt=column("voltage_volt"),
        current_ampere=column("current_ampere"),
        rest_before_second=_rest_before(table, clock),
        charge_ampere_hour=charge,
        notes=notes,
        provenance=provenance,
    )


def _rest_before(table: Table, clock: FloatArray | None) -> float:
    """Seconds without current right before the first frequency; ``nan`` where no cycling rows stand before it."""
    if table.kind != "cycling" or clock is None or "current_ampere" not in table.columns:
        return float("nan")
    time, current = table.column("test_time_second"), table.column("current_ampere")
    before = np.flatnonzero(time <= clock[0])
    if before.size == 0:
        return float("nan")
    largest = float(np.max(np.abs(current)))
    flowing = before[np.abs(current[before]) > 0.01 * largest]
    since = time[flowing[-1]] if flowing.size else time[before[0]]
    return float(clock[0] - since)
