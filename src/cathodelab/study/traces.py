"""The record of a cell as it lies in its files, thinned for a figure: what one looks at when a number seems odd."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np

from cathodelab.core.arrays import FloatArray, freeze_fields
from cathodelab.core.downsample import kept_rows
from cathodelab.core.errors import CathodelabError
from cathodelab.core.records import CyclingRecord, Provenance
from cathodelab.core.samples import Cell
from cathodelab.formats.cycling import cycling_record
from cathodelab.formats.readers import reader_for
from cathodelab.study.cache import FileCache, TableCache, content_hash
from cathodelab.study.manifest import Study

LONGEST = 4000
VERSION = "2"
"""Raised when the same files give another trace."""
_KINDS = ("cycling", "potential against charge")


@dataclass(frozen=True, eq=False)
class Trace:
    """Potential against the counter electrode, V, over time, h (or over charge, mAh, where the record has no clock).

    ``rows`` is the length of the whole record; the arrays hold the rows that :func:`kept_rows` keeps.
    """

    position: FloatArray
    potential_volt: FloatArray
    over_time: bool
    rows: int

    def __post_init__(self) -> None:
        freeze_fields(self, "position", "potential_volt")


def cell_trace(study: Study, cell: Cell) -> Trace | None:
    """The trace of a cell; ``None`` where its files cannot be read or hold no record (a finished table).

    Files were read for the evaluation before; here they come from its cache, and traces have a cache of their own.
    """
    try:
        contents = [(name, (study.folder / name).read_bytes()) for name in cell.files]
    except OSError:
        return None
    cache = FileCache(study.folder, "traces")
    parts = [VERSION, cell.column_map, *(content_hash(content) for _, content in contents)]
    key = f"{content_hash('|'.join(parts).encode())[:40]}.json"
    stored = _stored(cache.get(key))
    if stored is not None:
        return stored
    try:
        record = _record(study, cell, contents)
    except CathodelabError:
        return None  # the outcome of the cell says why
    if record is None:
        return None
    trace = _thinned(record)
    entry = [trace.position.tolist(), trace.potential_volt.tolist(), trace.over_time, trace.rows]
    cache.store(key, json.dumps(entry).encode())
    return trace


def _record(study: Study, cell: Cell, contents: list[tuple[str, bytes]]) -> CyclingRecord | None:
    tables, sources = [], []
    cache = TableCache(study.folder)
    for name, content in contents:
        reader = reader_for(name, content, study.column_maps, cell.column_map)
        table = cache.table(content_hash(content), reader) or reader.read(content)
        if table.kind not in _KINDS:
            return None
        tables.append(table)
        sources.append(Provenance(name, "", reader.id, reader.version))
    return cycling_record(tables, sources)


def _thinned(record: CyclingRecord) -> Trace:
    charge = record.net_charge_ampere_hour
    if record.test_time_second is not None:
        position, over_time = record.test_time_second / 3600, True
    elif charge is not None:
        position, over_time = charge * 1000, False
    else:
        position, over_time = np.arange(record.voltage_volt.size, dtype=float), False
    rows = kept_rows(position, record.voltage_volt, LONGEST)
    return Trace(position[rows], record.voltage_volt[rows], over_time, int(record.voltage_volt.size))


def _stored(content: bytes | None) -> Trace | None:
    if content is None:
        return None
    try:
        position, potential, over_time, rows = json.loads(content)
        return Trace(np.array(position, dtype=float), np.array(potential, dtype=float), bool(over_time), int(rows))
    except (ValueError, TypeError):
        return None  # broken: it is made anew
