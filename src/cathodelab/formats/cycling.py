"""Tables of cyclers to one cycling record."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.errors import CathodelabError
from cathodelab.core.records import CyclingRecord, Provenance
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


def cycling_record(tables: Sequence[Table], provenance: Sequence[Provenance]) -> CyclingRecord:
    """Join the tables of one cell in their order to one record.

    Test times and step counts go on where the file before ended when a file starts them anew; net charge likewise. All
    tables must be of the same kind and have the same columns.
    """
    first = tables[0]
    for table, source in zip(tables, provenance, strict=True):
        if table.kind == "impedance spectra":
            raise CathodelabError(
                "spectra-alone",
                "The file holds impedance spectra and no cycling rows",
                where=source.file,
                why="Potential, current and charge over time are needed here; a spectrum is none of them.",
                what_to_do="Name the file of the cycling in cells.csv, without the files of the spectra.",
            )
        if table.kind != first.kind or _USED & set(table.columns) != _USED & set(first.columns):
            raise CathodelabError(
                "files-differ",
                "The files of the cell cannot be joined",
                where=source.file,
                why=f"The first file is a table of {first.kind} ({', '.join(first.columns)}), this one of {table.kind} "
                f"({', '.join(table.columns)}).",
                what_to_do="Give files of the same kind, or one row for each in cells.csv.",
            )
    notes = tuple(dict.fromkeys(note for table in tables for note in table.notes))
    unknown = tuple(dict.fromkeys(label for table in tables for label in table.unknown_columns))
    if first.kind == "potential against charge":
        return CyclingRecord(
            voltage_volt=np.concatenate([table.column("voltage_volt") for table in tables]),
            net_charge_ampere_hour=_continued(tables, "charge_milliampere_hour") / 1000,
            unknown_columns=unknown,
            notes=notes,
            provenance=tuple(provenance),
        )
    return CyclingRecord(
        voltage_volt=np.concatenate([table.column("voltage_volt") for table in tables]),
        test_time_second=_continued(tables, "test_time_second"),
        current_ampere=np.concatenate([table.column("current_ampere") for table in tables]),
        step_count=_continued(tables, "step_count") if "step_count" in first.columns else None,
        net_charge_ampere_hour=(
            _continued(tables, "net_charge_ampere_hour") if "net_charge_ampere_hour" in first.columns else None
        ),
        unknown_columns=unknown,
        notes=notes,
        provenance=tuple(provenance),
    )


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
