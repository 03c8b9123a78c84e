"""The record of a cell as it lies in its files, thinned for a figure: what one looks at when a number seems odd."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from cathodelab.core.arrays import FloatArray, freeze_fields
from cathodelab.core.downsample import kept_rows
from cathodelab.core.errors import CathodelabError
from cathodelab.core.records import CyclingRecord, Provenance
from cathodelab.core.samples import Cell
from cathodelab.formats.cell_records import cycling_record
from cathodelab.formats.readers import reader_for
from cathodelab.study.cache import FileCache, TableCache, content_hash
from cathodelab.study.manifest import Study
from cathodelab.study.packed import packed, unpacked

LONGEST = 4000
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


def cell_trace(study: Study, cell: Cell, known: Iterable[Provenance] = ()) -> Trace | None:
    """The trace of a cell; ``None`` where its files cannot be read or hold no record (a finished table).

    Files were read for the evaluation before; here they come from its cache, and traces have a cache of their own. Files
    that are ``known`` are not even hashed again.
    """
    hashes = {source.file: source.sha256 for source in known}
    cache = FileCache(study.folder, "traces")
    try:
        digests = [hashes.get(name) or content_hash((study.folder / name).read_bytes()) for name in cell.files]
        key = content_hash("|".join([cell.column_map, *digests]).encode())[:40]
        stored = _stored(cache.get(key))
        if stored is not None:
            return stored
        record = _record(study, cell)
    except (OSError, CathodelabError):
        return None  # the outcome of the cell says why
    if record is None:
        return None
    trace = _thinned(record)
    cache.store(key, packed(trace))
    return trace


def _record(study: Study, cell: Cell) -> CyclingRecord | None:
    tables, sources = [], []
    cache = TableCache(study.folder)
    for name in cell.files:
        content = (study.folder / name).read_bytes()
        digest = content_hash(content)
        reader = reader_for(name, content, study.column_maps, cell.column_map)
        table = cache.table(digest, reader) or reader.read(content)
        if table.kind not in _KINDS:
            return None
        tables.append(table)
        sources.append(Provenance(name, digest, reader.id, reader.version))
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
        found = unpacked(content)
    except ValueError:
        return None  # broken: it is made anew
    return found if isinstance(found, Trace) else None
