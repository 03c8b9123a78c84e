"""Neware .nda and .ndax through fastnda (optional extra ``neware``).

fastnda parses; this module guards it against hostile files and makes one table from its result. The readers of the
two formats are called instead of ``fastnda.read``, which also derives cycles, energies and a total time and converts every
column: up to half of its time, although only the total time is needed here.
"""

from __future__ import annotations

import io
import logging
import os
import re
import tempfile
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cathodelab.core.arrays import FloatArray
from cathodelab.core.errors import CathodelabError
from cathodelab.formats.shared.counted_ends import CountedEnds
from cathodelab.formats.shared.foreign import missing_extra, one_clear_error, refuse_hostile_archive
from cathodelab.formats.shared.rebuild import accumulated, agreement_note, anew_note, step_changes
from cathodelab.formats.table import Table

if TYPE_CHECKING:
    import polars as pl

KNOWN: dict[str, tuple[str, float]] = {
    "voltage_V": ("voltage_volt", 1.0),
    "current_mA": ("current_ampere", 1e-3),
    "step_count": ("step_count", 1.0),
    "step_time_s": ("step_time_second", 1.0),
    "step_index": ("step_id", 1.0),
    "cycle_count": ("cycle_count", 1.0),
    "unix_time_s": ("unix_time_second", 1.0),
}
"""fastnda's column -> canonical column, factor."""

CHARGING, DISCHARGING, BOTH = "charge_capacity_mAh", "discharge_capacity_mAh", "capacity_mAh"
"""The capacity restarts at zero in every step: two columns, one for each direction, or one with a sign."""
_COUNTERS = dict.fromkeys((CHARGING, DISCHARGING, BOTH), 1e-3)
USED = frozenset({*KNOWN, CHARGING, DISCHARGING, BOTH, "total_time_s", "index", "index_right", "timestamp"})
"""``index_right`` and ``timestamp`` are added by fastnda: the record number again, and the parts of ``unix_time_s``."""
NDA_MARK = b"NEWARE"
BTS9 = b"\x82"
"""File version (byte 14) of BTS9, whose header has a different layout."""
MOST_BLOCKS = 64
"""A BTS9 file may chain blocks; a hostile one could refer to the same bytes a thousand times."""

_TABLES = ("data.ndc", "data_runInfo.ndc", "data_step.ndc")
_AUXILIARY = re.compile(r"_\d+\.ndc")
_KNOWN_WITHIN = "1.3."
"""Versions of fastnda whose reader of a mapped .nda was seen to take bytes as well: a file of their own, which other versions
are given, costs a fifth of the time and its size in memory."""
_UNHEARD = logging.NullHandler()
_CAPACITY_NOTE = "The net charge was rebuilt from the Neware's capacity, which counts from zero at each step."


def is_neware_nda(content: bytes) -> bool:
    """Whether the content starts as a Neware .nda."""
    return content.startswith(NDA_MARK)


def is_neware_ndax(content: bytes) -> bool:
    """Whether the content is a zip archive with Neware's ``data.ndc``."""
    return content.startswith(b"PK\x03\x04") and b"data.ndc" in content[-65536:] + content[:4096]


def read_neware_nda(content: bytes) -> Table:
    """Neware .nda -> table."""
    chained = content[14:15] == BTS9 and content[1024 : 1024 + len(NDA_MARK)] == NDA_MARK
    if chained and content.count(NDA_MARK) > MOST_BLOCKS:
        raise CathodelabError(
            "file-damaged",
            "The Neware .nda file cannot be read",
            where="whole file",
            why=f"It claims more than {MOST_BLOCKS} blocks of data.",
            what_to_do="Copy it from the cycler again, or export it from the cycler's software as csv.",
        )
    _refuse_cut_off(content)
    return _read(content, ".nda")


def _refuse_cut_off(content: bytes) -> None:
    """Refuse a file shorter than its header states; fastnda would silently return the remaining rows.

    Where the header states no length (the test was still running when the file was copied), nothing can be checked.
    """
    at, size = (82, 8) if content[14:15] == BTS9 else (64, 4)
    begin, length = (int.from_bytes(content[at + size * part : at + size * (part + 1)], "little") for part in (0, 1))
    if length and begin + length > len(content):
        raise CathodelabError(
            "file-truncated",
            f"The Neware .nda file has {len(content)} of {begin + length} bytes: it was cut off",
            where="end of the file",
            why="Its head says where its records end.",
            what_to_do="Copy the file from the cycler again.",
        )


def read_neware_ndax(content: bytes) -> Table:
    """Neware .ndax -> table, after checking that the archive is harmless."""
    names = refuse_hostile_archive(content, "Neware .ndax")
    auxiliary = tuple(name for name in names if _AUXILIARY.search(name))
    table = _read(content, ".ndax", without_auxiliary=bool(auxiliary))
    return replace(
        table, unknown_columns=(*table.unknown_columns, *(f"auxiliary channel {name}" for name in auxiliary))
    )


def _read(content: bytes, suffix: str, *, without_auxiliary: bool = False) -> Table:
    import polars as pl

    fastnda = _Fastnda()
    # What fastnda 1.3 was seen or can be read to raise on damaged bytes: its own ValueError, KeyError, EOFError and
    # NotImplementedError, struct- and index errors of cut records, zip and zlib errors, polars errors where a column is
    # missing, and polars' PanicException (a BaseException) where a damaged value breaks an assumption of its engine.
    damage = (
        ValueError, KeyError, IndexError, TypeError, AttributeError, EOFError, OSError, NotImplementedError,
        ArithmeticError, zipfile.BadZipFile, fastnda.zlib_error, pl.exceptions.PolarsError, pl.exceptions.PanicException,
    )  # fmt: skip
    with one_clear_error(f"Neware {suffix}", *damage):
        kept = _tables_alone(content) if without_auxiliary else content
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            frame = fastnda.read(kept, suffix)
    notes = tuple(dict.fromkeys(f"fastnda: {str(warning.message).split(' - ')[0].rstrip('.')}." for warning in caught))
    return _table(frame, notes)


def _tables_alone(content: bytes) -> bytes:
    """The archive without its auxiliary channels (temperatures, further potentials), which are not used here.

    fastnda joins them by record number, and repeated numbers in a hostile file would multiply the rows. Joining also takes a
    seventh of the time.
    """
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(stream, "w") as kept:
        for name in _TABLES:
            if name in archive.namelist():
                kept.writestr(name, archive.read(name))
    return stream.getvalue()


@contextmanager
def _on_disk(content: bytes, suffix: str) -> Iterator[Path]:
    """A temporary file with the content, for libraries that read only files."""
    handle, name = tempfile.mkstemp(suffix, "cathodelab-")
    path = Path(name)
    try:
        os.close(handle)
        path.write_bytes(content)
        yield path
    finally:
        path.unlink()


class _Fastnda:
    """The two readers of fastnda, imported once, with the standard library's zlib restored afterwards."""

    def __init__(self) -> None:
        import zlib

        kept = zlib.decompress, zlib.decompressobj
        try:
            import fastnda
            import fastnda.nda
            import fastnda.ndax
        except ImportError:
            raise missing_extra("fastnda", "neware", "Neware .nda or .ndax") from None
        finally:
            # fastnda replaces zlib for the whole process (isal); a reader must not change what others use
            zlib.decompress, zlib.decompressobj = kept
        self._readers = {".nda": fastnda.nda.read_nda, ".ndax": fastnda.ndax.read_ndax}
        self._of_bytes = (
            getattr(fastnda.nda, "_read_nda", None) if fastnda.__version__.startswith(_KNOWN_WITHIN) else None
        )
        self.zlib_error = zlib.error
        logging.getLogger("fastnda").addHandler(_UNHEARD)  # silence fastnda's messages

    def read(self, content: bytes, suffix: str) -> pl.DataFrame:
        """The content parsed by fastnda."""
        if suffix == ".nda" and self._of_bytes is not None:
            frame: pl.DataFrame = self._of_bytes(content)
            return frame if (frame["index"].diff() > 0).all() else frame.unique(subset="index").sort(by="index")
        with _on_disk(content, suffix) as path:
            mapped: pl.DataFrame = self._readers[suffix](path)
        return mapped


def _table(frame: pl.DataFrame, notes: tuple[str, ...]) -> Table:
    _refuse_incomplete(frame)
    found = _numbers(frame)
    columns = {KNOWN[name][0]: found[name] for name in KNOWN if name in found}
    changed = step_changes(columns["step_count"], None)
    columns = {"test_time_second": _test_time(found, changed), **columns}
    ends = None
    if BOTH in found or {CHARGING, DISCHARGING} <= found.keys():
        columns["net_charge_ampere_hour"], odd = _net_charge(found, changed)
        ends = _ends(found)
        notes = (*notes, _CAPACITY_NOTE, *odd)
    for values in columns.values():
        values.setflags(write=False)  # no copy is needed: nothing else refers to them
    if "net_charge_ampere_hour" in columns:
        notes = (*notes, *filter(None, [agreement_note(columns)]))
    return Table("cycling", columns, tuple(name for name in frame.columns if name not in USED), notes, counted=ends)


def _refuse_incomplete(frame: pl.DataFrame) -> None:
    """Refuse frames without rows or without the required columns."""
    missing = [name for name in ("voltage_V", "current_mA", "step_count") if name not in frame.columns]
    if not {"total_time_s", "step_time_s"} & set(frame.columns):
        missing.append("step_time_s")
    if missing or frame.height == 0:
        raise CathodelabError(
            "column-missing" if missing else "file-without-rows",
            f"The Neware file lacks {', '.join(missing)}" if missing else "The Neware file has no rows",
            where=f"{frame.height} rows of " + ", ".join(frame.columns),
            why="Time, potential, current and steps are needed to evaluate anything.",
            what_to_do="Copy the file from the cycler again, or export it from the cycler's software as csv.",
        )


def _test_time(found: Mapping[str, FloatArray], changed: NDArray[np.bool_]) -> FloatArray:
    """Time since the beginning of the test, s, to the microsecond: the file's own, or else the durations of the steps joined."""
    time = found.get("total_time_s")
    if time is None:
        within = found["step_time_s"]
        begins = np.concatenate([[0], np.flatnonzero(changed)])
        before = np.concatenate([[0.0], np.cumsum(np.maximum.reduceat(within, begins))[:-1]])
        time = np.repeat(before, np.diff(begins, append=within.size))
        time += within
    return np.round(time, 6)


def _net_charge(found: Mapping[str, FloatArray], changed: NDArray[np.bool_]) -> tuple[FloatArray, list[str]]:
    """Net charge, Ah (positive when charging), and notes on how it was obtained."""
    counter = found[BOTH] if BOTH in found else found[CHARGING] - found[DISCHARGING]
    net = accumulated(counter, changed, every_step=True)
    net[0] = 0.0
    np.cumsum(net, out=net)
    return net, list(filter(None, [anew_note(changed, counter)]))


def _ends(found: Mapping[str, FloatArray]) -> CountedEnds:
    """What the capacity, which starts from zero at each step, reads in the first and in the last row."""
    first, last = (
        float(found[BOTH][row] if BOTH in found else found[CHARGING][row] - found[DISCHARGING][row]) for row in (0, -1)
    )
    return CountedEnds((max(first, 0.0), max(-first, 0.0)), (max(last, 0.0), max(-last, 0.0)), "step")


def _numbers(frame: pl.DataFrame) -> dict[str, FloatArray]:
    """The used columns of the frame in canonical units; every value is finite.

    Polars does the conversion, as its allocator reuses the memory of parsing: new memory would be needed besides, and
    allocating it costs more time than the arithmetic.
    """
    import polars as pl

    factors = {name: factor for name, (_, factor) in KNOWN.items()} | _COUNTERS | {"total_time_s": 1.0}
    wanted = {name: factor for name, factor in factors.items() if name in frame.columns}
    floats = {name: pl.col(name).cast(pl.Float64) for name in wanted}
    scaled = frame.select(floats[name] if factor == 1.0 else floats[name] * factor for name, factor in wanted.items())
    found: dict[str, FloatArray] = {}
    for name in wanted:
        values = found[name] = scaled[name].to_numpy()
        with np.errstate(all="ignore"):
            finite = bool(np.isfinite(values.sum()))  # all values at once; one by one only where that fails
        if not finite and not (sound := np.isfinite(values)).all():
            raise CathodelabError(
                "value-not-a-number",
                f"{int((~sound).sum())} values are no finite numbers",
                where=f"column {name}, first in record {int(np.argmin(sound)) + 1}",
                why="Every record of a Neware file has a time, a potential, a current and a capacity.",
                what_to_do="Copy the file from the cycler again, or export it from the cycler's software as csv.",
            )
    return found
