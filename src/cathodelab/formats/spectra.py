"""Tables of impedance spectra to single spectra, on the clock of the cell and with what went before them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.errors import NotInRecord
from cathodelab.core.records import CyclingRecord, ImpedanceSpectrum, Provenance
from cathodelab.core.steps import row_states
from cathodelab.formats.table import Table

_PAIRS = {
    "cell as recorded": ("real_impedance_ohm", "imaginary_impedance_ohm"),
    "counter electrode": ("counter_electrode_real_impedance_ohm", "counter_electrode_imaginary_impedance_ohm"),
    "working against counter electrode": ("cell_real_impedance_ohm", "cell_imaginary_impedance_ohm"),
}
"""What the impedance is of -> its two columns."""


def spectra_of(
    table: Table, source: Provenance, *, later_second: float = 0.0, record: CyclingRecord | None = None
) -> tuple[ImpedanceSpectrum, ...]:
    """The spectra of a table of spectra, or of the companion of a cycling table; empty where it has none.

    Args:
        table: what a reader returned.
        source: the file it came from.
        later_second: added to its clock, where files of a cell were joined.
        record: the cell's cycling rows, from which rest and charge before each spectrum are taken.
    """
    spectra = table if table.kind == "impedance spectra" else table.spectra
    if spectra is None:
        return ()
    count = spectra.column("spectrum_count")
    borders = np.flatnonzero(np.diff(count)) + 1
    found = []
    for rows in np.split(np.arange(count.size), borders):
        part = {name: values[rows] for name, values in spectra.columns.items()}
        time = part["test_time_second"] + later_second if "test_time_second" in part else None
        rest, charge = _before(record, time)
        if "net_charge_ampere_hour" in part and record is None:
            charge = float(part["net_charge_ampere_hour"][0])
        for electrodes, (real, imaginary) in _PAIRS.items():
            if real in part and imaginary in part and (electrodes == "cell as recorded" or part[real].any()):
                found.append(
                    ImpedanceSpectrum(
                        frequency_hertz=part["frequency_hertz"],
                        real_impedance_ohm=part[real],
                        imaginary_impedance_ohm=part[imaginary],
                        test_time_second=time,
                        voltage_volt=part.get("voltage_volt"),
                        current_ampere=part.get("current_ampere"),
                        electrodes=electrodes,
                        rest_second=rest,
                        net_charge_ampere_hour=charge,
                        notes=table.notes,
                        provenance=(source,),
                        metadata=table.metadata,
                    )
                )
    return tuple(found)


def impedance_spectra(tables: Sequence[Table], provenance: Sequence[Provenance]) -> tuple[ImpedanceSpectrum, ...]:
    """All spectra of a cell's files in their order, on one clock; of the whole record where there are cycling rows.

    Raises:
        NotInRecord: none of the files holds a spectrum.
    """
    from cathodelab.formats.cycling import cycling_record

    if any(table.kind == "cycling" for table in tables):
        found = cycling_record(tables, provenance).spectra
    else:
        found = tuple(
            spectrum for table, source in zip(tables, provenance, strict=True) for spectrum in spectra_of(table, source)
        )
    if not found:
        raise NotInRecord(
            "no-spectra",
            "The files hold no impedance spectrum",
            where=", ".join(source.file for source in provenance),
            why="None of them has rows with frequency and impedance.",
            what_to_do="Name the files of the spectra in cells.csv as well.",
        )
    return found


def _before(record: CyclingRecord | None, time: FloatArray | None) -> tuple[float, float]:
    """How long no current had flowed when a spectrum began, s, and the net charge then, Ah; ``nan`` where unknown."""
    unknown = float("nan")
    if record is None or time is None or record.test_time_second is None or record.current_ampere is None:
        return unknown, unknown
    before = int(np.searchsorted(record.test_time_second, time[0], side="left"))
    if not before:
        return unknown, unknown
    charge = record.net_charge_ampere_hour
    passed = unknown if charge is None else float(charge[before - 1])
    flowing = np.flatnonzero(row_states(record)[:before])
    if not flowing.size:  # nothing but rest so far: at least since the first row
        return float(time[0] - record.test_time_second[0]), passed
    return float(time[0] - record.test_time_second[flowing[-1]]), passed
