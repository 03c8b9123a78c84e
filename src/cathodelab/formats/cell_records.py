"""The tables of one cell's files -> its cycling record and its impedance spectra, on one clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.errors import CathodelabError, NotInRecord
from cathodelab.core.protocol import Protocol
from cathodelab.core.records import CyclingRecord, ImpedanceSpectrum, Provenance
from cathodelab.core.steps import row_states
from cathodelab.formats.biologic.protocol import protocol_of_text
from cathodelab.formats.parts import Part, parts_in_order, without_repeated_rows
from cathodelab.formats.table import Table

_USED = frozenset(
    {
        "test_time_second",
        "voltage_volt",
        "current_ampere",
        "step_count",
        "net_charge_ampere_hour",
        "charge_milliampere_hour",
    }
)
"""Columns that a record is made of; what else a file holds may differ from part to part."""

_NO_ROWS = frozenset({"impedance spectra", "intended protocol"})
"""Kinds of tables that lend something to a record and have no rows of their own in it."""

_PAIRS = {
    "cell as recorded": ("real_impedance_ohm", "imaginary_impedance_ohm"),
    "counter electrode": ("counter_electrode_real_impedance_ohm", "counter_electrode_imaginary_impedance_ohm"),
    "working against counter electrode": ("cell_real_impedance_ohm", "cell_imaginary_impedance_ohm"),
}
"""What the impedance is of -> its two columns."""


def cycling_record(tables: Sequence[Table], provenance: Sequence[Provenance]) -> CyclingRecord:
    """Join the tables of one cell in their order to one record.

    Test times and step counts go on where the file before ended when a file starts them anew; net charge likewise. All
    tables of rows must be of the same kind and have the same columns. Spectra, of files of their own or from among the
    rows, come along as ``spectra`` on the same clock. Files whose clocks tell another order are put into it, and rows that
    two exports share count once; the notes of the record say so.

    Raises:
        NotInRecord: there are spectra and no rows.
        CathodelabError: files that cannot be joined, or the same file twice.
    """
    _refuse_unjoinable(tables, provenance)
    tables, provenance, found = _ordered(tables, provenance)
    rows = [table for table in tables if table.kind not in _NO_ROWS]
    about: dict[str, Any] = {
        "unknown_columns": tuple(dict.fromkeys(label for table in tables for label in table.unknown_columns)),
        "notes": tuple(dict.fromkeys([*found, *(note for table in tables for note in table.notes)])),
        "provenance": tuple(provenance),
        "protocol": _protocol(tables),
        "metadata": {name: text for table in reversed(tables) for name, text in table.metadata.items()},
    }
    if rows[0].kind == "potential against charge":
        return CyclingRecord(
            voltage_volt=np.concatenate([table.column("voltage_volt") for table in rows]),
            net_charge_ampere_hour=_continued(rows, "charge_milliampere_hour") / 1000,
            **about,
        )
    later = _later_seconds(tables)
    record = _over_time(tables, later, about)
    spectra = tuple(
        spectrum
        for table, source, shift in zip(tables, provenance, later, strict=True)
        for spectrum in spectra_of(table, source, later_second=shift, record=record)
    )
    return replace(record, spectra=spectra) if spectra else record


def _over_time(tables: Sequence[Table], later: Sequence[float], about: Mapping[str, Any]) -> CyclingRecord:
    """The rows of all tables, their clocks set later by so many seconds."""
    timed = [(table, shift) for table, shift in zip(tables, later, strict=True) if table.kind not in _NO_ROWS]
    rows = [table for table, _ in timed]
    known = rows[0].columns
    return CyclingRecord(
        voltage_volt=np.concatenate([table.column("voltage_volt") for table in rows]),
        test_time_second=np.concatenate([table.column("test_time_second") + shift for table, shift in timed]),
        current_ampere=np.concatenate([table.column("current_ampere") for table in rows]),
        step_count=_continued(rows, "step_count") if "step_count" in known else None,
        net_charge_ampere_hour=_continued(rows, "net_charge_ampere_hour")
        if "net_charge_ampere_hour" in known
        else None,
        cycle_count=_joined(rows, "cycle_count"),
        part_rows=tuple(int(row) for row in np.cumsum([0, *(table.rows for table in rows[:-1])])),
        **about,
    )


def _refuse_unjoinable(tables: Sequence[Table], provenance: Sequence[Provenance]) -> None:
    """Tables without rows, and tables of rows that differ."""
    rows = [table for table in tables if table.kind not in _NO_ROWS]
    if not rows:
        if all(table.kind == "intended protocol" for table in tables):
            raise _protocol_alone(provenance)
        raise NotInRecord(
            "spectra-alone",
            "The file holds impedance spectra and no cycling rows",
            where=", ".join(source.file for source in provenance),
            why="Potential, current and charge over time are needed here; a spectrum is none of them.",
            what_to_do="Name the file of the cycling in cells.csv too, if there is one; the spectra are evaluated without it.",
        )
    for table, source in zip(tables, provenance, strict=True):
        if table.kind not in _NO_ROWS:
            _refuse_different(table, rows[0], source)


def _ordered(
    tables: Sequence[Table], provenance: Sequence[Provenance]
) -> tuple[list[Table], list[Provenance], list[str]]:
    """The tables in the order of their clocks, without repeats; what has no rows comes last where something moved."""
    parts: list[Part] = list(zip(tables, provenance, strict=True))
    with_rows = [part for part in parts if part[0].kind not in _NO_ROWS]
    ordered, found = parts_in_order(with_rows)
    if [id(table) for table, _ in ordered] != [id(table) for table, _ in with_rows]:
        parts = [*ordered, *(part for part in parts if part[0].kind in _NO_ROWS)]
    cleaned, repeated = [], 0
    for table, source in parts:
        kept, count = without_repeated_rows(table) if table.kind not in _NO_ROWS else (table, 0)
        cleaned.append((kept, source))
        repeated += count
    if repeated:
        found.append(f"{repeated} rows repeat the row before in every column and were left out.")
    return [table for table, _ in cleaned], [source for _, source in cleaned], found


def _joined(tables: Sequence[Table], name: str) -> FloatArray | None:
    """A column as it stands in all tables; ``None`` where one lacks it."""
    if not all(name in table.columns for table in tables):
        return None
    return np.concatenate([table.column(name) for table in tables])


def _refuse_different(table: Table, first: Table, source: Provenance) -> None:
    if table.kind != first.kind or _USED & set(table.columns) != _USED & set(first.columns):
        raise CathodelabError(
            "files-differ",
            "The files of the cell cannot be joined",
            where=source.file,
            why=f"The first file is a table of {first.kind} ({', '.join(first.columns)}), this one of {table.kind} "
            f"({', '.join(table.columns)}).",
            what_to_do="Give files of the same kind, or one row for each in cells.csv.",
        )


def _protocol(tables: Sequence[Table]) -> Protocol | None:
    """The protocol of the settings file, else of the header of an export."""
    for table in sorted(tables, key=lambda table: table.kind != "intended protocol"):
        protocol = protocol_of_text(table.settings_text)
        if protocol:
            return protocol
    return None


def _protocol_alone(provenance: Sequence[Provenance]) -> CathodelabError:
    return CathodelabError(
        "protocol-alone",
        "The file says what the cycler should do, and holds no record",
        where=", ".join(source.file for source in provenance),
        why="A settings file (.mps) is compared with a record; it is none.",
        what_to_do="Name the file of the record (.mpr or .mpt) in cells.csv too.",
    )


def _later_seconds(tables: Sequence[Table]) -> list[float]:
    """By how much the clock of each table is set later: one that starts anew goes on where all before it ended."""
    later: list[float] = []
    end = 0.0
    for table in tables:
        clocks = [
            part.columns["test_time_second"]
            for part in (table, table.spectra)
            if part is not None and "test_time_second" in part.columns
        ]
        begins = min((float(clock[0]) for clock in clocks), default=end)
        later.append(end if later and begins < end else 0.0)
        end = max((float(clock[-1]) + later[-1] for clock in clocks), default=end)
    return later


def _continued(tables: Sequence[Table], name: str) -> FloatArray:
    """Columns joined; a part that does not go on after the one before is shifted behind it."""
    parts: list[FloatArray] = []
    end = 0.0
    for table in tables:
        column = table.column(name)
        starts_anew = bool(parts) and column[0] < end
        parts.append(column + end + (1.0 if name == "step_count" else 0.0) if starts_anew else column)
        end = float(parts[-1][-1])
    return np.concatenate(parts)


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
