"""From the tables of a cell's files to its cycling record and its impedance spectra, on one clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.errors import FILES, CathodelabError, OtherData
from cathodelab.core.protocol import Protocol
from cathodelab.core.records import CyclingRecord, ImpedanceSpectrum, Provenance
from cathodelab.formats.biologic.protocol import protocol_of_text
from cathodelab.formats.parts import Part, parts_in_order, rests_like_the_others, without_repeated_rows
from cathodelab.formats.placed_spectra import Clock, place_among_rows, place_of_own_file
from cathodelab.formats.shared.counted_ends import charge_before
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
"""Columns that a record is made of; other columns may differ from part to part."""

_NO_ROWS = frozenset({"impedance spectra", "intended protocol"})
"""Kinds of tables that contribute to a record but have no rows in it."""

_PAIRS = {
    "cell as recorded": ("real_impedance_ohm", "imaginary_impedance_ohm"),
    "counter electrode": ("counter_electrode_real_impedance_ohm", "counter_electrode_imaginary_impedance_ohm"),
    "working against counter electrode": ("cell_real_impedance_ohm", "cell_imaginary_impedance_ohm"),
}
"""Electrodes between which the impedance was measured -> its two columns."""


def cycling_record(tables: Sequence[Table], provenance: Sequence[Provenance]) -> CyclingRecord:
    """Join the tables of one cell in their order to one record.

    Test times, step counts and net charge that restart in a file continue where the file before ended. All tables with
    rows must be of the same kind and have the same columns. Spectra, from separate files or from among the rows, become
    ``spectra`` on the same clock. Files are sorted where their clocks show another order, and rows that two exports share
    count once; the notes of the record state this.

    Raises:
        OtherData: there are spectra and no rows.
        CathodelabError: files that cannot be joined, or the same file twice.
    """
    tables = rests_like_the_others(tables)
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
    clocks = [
        Clock(shift, float(clock[0]) + shift, float(clock[-1]) + shift)
        for table, shift in zip(tables, later, strict=True)
        if table.kind not in _NO_ROWS and (clock := table.column("test_time_second")).size
    ]
    spectra = tuple(
        spectrum
        for table, source, shift in zip(tables, provenance, later, strict=True)
        for spectrum in spectra_of(table, source, later_second=shift, record=record, clocks=clocks)
    )
    return replace(record, spectra=spectra) if spectra else record


def _over_time(tables: Sequence[Table], later: Sequence[float], about: Mapping[str, Any]) -> CyclingRecord:
    """The rows of all tables, each clock shifted by the given seconds."""
    timed = [(table, shift) for table, shift in zip(tables, later, strict=True) if table.kind not in _NO_ROWS]
    rows = [table for table, _ in timed]
    known = rows[0].columns
    before = _counted_before(rows)
    return CyclingRecord(
        voltage_volt=np.concatenate([table.column("voltage_volt") for table in rows]),
        test_time_second=np.concatenate([table.column("test_time_second") + shift for table, shift in timed]),
        current_ampere=np.concatenate([table.column("current_ampere") for table in rows]),
        step_count=_continued(rows, "step_count") if "step_count" in known else None,
        net_charge_ampere_hour=_continued(rows, "net_charge_ampere_hour", before)
        if "net_charge_ampere_hour" in known
        else None,
        cycle_count=_joined(rows, "cycle_count"),
        part_rows=tuple(int(row) for row in np.cumsum([0, *(table.rows for table in rows[:-1])])),
        counted_before_ampere_hour=before if any(before) else (),
        **about,
    )


def _counted_before(tables: Sequence[Table]) -> tuple[float, ...]:
    """Charge before the first row of each file that only its counter knows, Ah; + = charge."""
    earlier = [None, *((table.columns, table.counted) for table in tables[:-1])]
    return tuple(
        charge_before(table.columns, table.counted, one) if "net_charge_ampere_hour" in table.columns else 0.0
        for table, one in zip(tables, earlier, strict=True)
    )


def _refuse_unjoinable(tables: Sequence[Table], provenance: Sequence[Provenance]) -> None:
    """Refuse tables that have no rows, and tables whose kinds or columns differ."""
    rows = [table for table in tables if table.kind not in _NO_ROWS]
    if not rows:
        if all(table.kind == "intended protocol" for table in tables):
            raise _protocol_alone(provenance)
        raise OtherData(
            "spectra-alone",
            "The file holds impedance spectra and no cycling rows",
            where=", ".join(source.file for source in provenance),
            why="Potential, current and charge over time are needed here; a spectrum is none of them.",
            what_to_do="Name the file of the cycling too, if there is one; the spectra are evaluated without it.",
            hints=(FILES,),
        )
    for table, source in zip(tables, provenance, strict=True):
        if table.kind not in _NO_ROWS:
            _refuse_different(table, rows[0], source)


def _ordered(
    tables: Sequence[Table], provenance: Sequence[Provenance]
) -> tuple[list[Table], list[Provenance], list[str]]:
    """Tables in the order of their clocks, without repeated rows; those without rows come last if the order changed."""
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
    """A column of all tables, joined unchanged; ``None`` where one lacks it."""
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
            what_to_do="Give files of the same kind, or a cell of its own for each.",
            hints=(FILES,),
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
        what_to_do="Name the file of the record (.mpr or .mpt) too.",
        hints=(FILES,),
    )


def _later_seconds(tables: Sequence[Table]) -> list[float]:
    """Shift of each table's clock, s: a clock that restarts continues at the latest end of the tables before.

    Files of spectra alone have the record's clock or one that tells nothing of it: they neither move nor are moved.
    """
    later: list[float] = []
    end = 0.0
    for table in tables:
        if table.kind in _NO_ROWS:
            later.append(0.0)
            continue
        clocks = [
            part.columns["test_time_second"]
            for part in (table, table.spectra)
            if part is not None and "test_time_second" in part.columns
        ]
        begins = min((float(clock[0]) for clock in clocks), default=end)
        later.append(end if begins < end else 0.0)
        end = max((float(clock[-1]) + later[-1] for clock in clocks), default=end)
    return later


def _continued(tables: Sequence[Table], name: str, between: Sequence[float] = ()) -> FloatArray:
    """A column of all tables, joined; a part that restarts is shifted behind the part before, and by what came between.

    A count restarts where it falls; a net charge, which falls in discharge too, where it begins nearer to zero than to the end of
    the part before.
    """
    parts: list[FloatArray] = []
    end = 0.0
    for place, table in enumerate(tables):
        column = table.column(name)
        falls = abs(column[0]) < abs(column[0] - end) or column[0] == 0 if between else column[0] < end
        starts_anew = bool(parts) and bool(falls)
        more = between[place] if between else 1.0 if name == "step_count" else 0.0
        parts.append(column + (end + more) if starts_anew else column)
        end = float(parts[-1][-1])
    return np.concatenate(parts)


def spectra_of(
    table: Table,
    source: Provenance,
    *,
    later_second: float = 0.0,
    record: CyclingRecord | None = None,
    clocks: Sequence[Clock] = (),
) -> tuple[ImpedanceSpectrum, ...]:
    """The spectra of a table of spectra, or those kept with a cycling table; empty where there are none.

    Args:
        table: what a reader returned.
        source: the file it came from.
        later_second: shift of its clock where files of a cell were joined.
        record: the cell's cycling rows, from which rest and charge before each spectrum are taken.
        clocks: of the files of these rows.
    """
    spectra = table if table.kind == "impedance spectra" else table.spectra
    if spectra is None:
        return ()
    count = spectra.column("spectrum_count")
    first_second = float(spectra.columns.get("test_time_second", np.full(1, np.nan))[0])
    borders = np.flatnonzero(np.diff(count)) + 1
    found = []
    for rows in np.split(np.arange(count.size), borders):
        part = {name: values[rows] for name, values in spectra.columns.items()}
        time = part["test_time_second"] + later_second if "test_time_second" in part else None
        place = (
            place_of_own_file(record, clocks, part, source, first_second)
            if spectra is table
            else place_among_rows(record, time)
        )
        charge = place.charge_ampere_hour
        time = time + place.shift_second if time is not None else None
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
                        rest_second=place.rest_second,
                        net_charge_ampere_hour=charge,
                        notes=(*table.notes, *([place.note] if place.note else [])),
                        provenance=(source,),
                        metadata=table.metadata,
                    )
                )
    return tuple(found)


def impedance_spectra(tables: Sequence[Table], provenance: Sequence[Provenance]) -> tuple[ImpedanceSpectrum, ...]:
    """All spectra of a cell's files in order; where there are cycling rows, on the clock of the joined record.

    Raises:
        OtherData: none of the files holds a spectrum.
    """
    if any(table.kind == "cycling" for table in tables):
        found = cycling_record(tables, provenance).spectra
    else:
        found = tuple(
            spectrum for table, source in zip(tables, provenance, strict=True) for spectrum in spectra_of(table, source)
        )
    if not found:
        raise OtherData(
            "no-spectra",
            "The files hold no impedance spectrum",
            where=", ".join(source.file for source in provenance),
            why="None of them has rows with frequency and impedance.",
            what_to_do="Name the files of the spectra as well.",
            hints=(FILES,),
        )
    return found
