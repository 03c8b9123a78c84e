"""Neware .nda and .ndax through fastnda (optional extra ``neware``).

fastnda parses; what stands here keeps it from hostile files, and makes one table of what it returns: its capacity is
signed and starts from zero at every step.
"""

from __future__ import annotations

import logging
import re
import tempfile
import warnings
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cathodelab.core.arrays import FloatArray, frozen
from cathodelab.core.errors import CathodelabError
from cathodelab.formats.foreign import missing_extra, one_clear_error, refuse_hostile_archive
from cathodelab.formats.rebuild import accumulated, agreement_note, anew_note, step_changes
from cathodelab.formats.table import Table

if TYPE_CHECKING:
    import polars as pl

KNOWN: dict[str, tuple[str, float]] = {
    "total_time_s": ("test_time_second", 1.0),
    "voltage_V": ("voltage_volt", 1.0),
    "current_mA": ("current_ampere", 1e-3),
    "step_count": ("step_count", 1.0),
    "capacity_mAh": ("counter_ampere_hour", 1e-3),
    "step_time_s": ("step_time_second", 1.0),
    "step_index": ("step_id", 1.0),
    "cycle_count": ("cycle_count", 1.0),
    "unix_time_s": ("unix_time_second", 1.0),
}
"""fastnda's column -> canonical column, factor."""

NEEDED = ("total_time_s", "voltage_V", "current_mA", "step_count")
NDA_MARK = b"NEWARE"
BTS9 = b"\x82"
"""File version (byte 14) of BTS9, whose head is laid out in its own way."""
MOST_BLOCKS = 64
"""A BTS9 file may chain blocks; a hostile one could name the same bytes a thousand times over."""

_AUXILIARY = re.compile(r".*_\d+\.ndc")
_CAPACITY_NOTE = "The net charge was rebuilt from the Neware's capacity, which counts from zero at each step."


def is_neware_nda(content: bytes) -> bool:
    """Whether the content starts as a Neware .nda."""
    return content.startswith(NDA_MARK)


def is_neware_ndax(content: bytes) -> bool:
    """Whether the content is a zip container with Neware's ``data.ndc``."""
    return content.startswith(b"PK\x03\x04") and b"data.ndc" in content[-65536:] + content[:4096]


def read_neware_nda(content: bytes) -> Table:
    """Neware .nda -> table."""
    if content[14:15] == BTS9 and content.count(NDA_MARK) > MOST_BLOCKS:
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
    """Refuse a file shorter than its head says; fastnda would return the rows that are left without a word.

    Where the head gives no length (a test that was still running when it was copied) nothing can be said.
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
    """Neware .ndax -> table, after its container was found harmless."""
    refuse_hostile_archive(content, "Neware .ndax")
    return _read(content, ".ndax")


def _read(content: bytes, suffix: str) -> Table:
    import polars as pl

    fastnda = _fastnda()
    # What fastnda 1.3 was seen or can be read to raise on damaged bytes: its own ValueError, KeyError, EOFError and
    # NotImplementedError, struct- and index errors of cut records, zip and zlib errors, polars errors where a column is
    # missing, and polars' PanicException (a BaseException) where a damaged value breaks an assumption of its engine.
    damage = (
        ValueError, KeyError, IndexError, TypeError, AttributeError, EOFError, OSError, NotImplementedError,
        ArithmeticError, zipfile.BadZipFile, fastnda.zlib_error, pl.exceptions.PolarsError, pl.exceptions.PanicException,
    )  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="cathodelab-") as folder, one_clear_error(f"Neware {suffix}", *damage):
        path = Path(folder) / f"measurement{suffix}"
        path.write_bytes(content)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            if suffix == ".ndax":
                _refuse_repeated_keys(path)
            frame = fastnda.read(path)
    notes = tuple(dict.fromkeys(f"fastnda: {str(warning.message).split(' - ')[0].rstrip('.')}." for warning in caught))
    return _table(frame, notes)


class _Fastnda:
    """The two things used of fastnda, imported once, with the standard library's zlib left as it was."""

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
            # fastnda replaces them for the whole process (isal); no reader may change what others use
            zlib.decompress, zlib.decompressobj = kept
        self._read = fastnda.read
        self.zlib_error = zlib.error
        logging.getLogger("fastnda").addHandler(logging.NullHandler())  # its remarks are not printed on our behalf

    def read(self, path: Path) -> pl.DataFrame:
        # raw cycles and step codes: ours are not derived from them, and deriving them costs time
        frame: pl.DataFrame = self._read(path, cycle_mode="raw", raw_categories=True)
        return frame


def _fastnda() -> _Fastnda:
    return _Fastnda()


def _refuse_repeated_keys(path: Path) -> None:
    """Refuse auxiliary channels whose record numbers repeat: fastnda joins by them, and the rows would multiply.

    Of the other tables it drops repeated keys itself (1.3.1).
    """
    from fastnda._ndc import read_ndc  # no public way; the extra pins the minor version's floor and a test holds it

    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if _AUXILIARY.fullmatch(name):
                frame = read_ndc(archive.read(name))
                if "index" in frame.columns and frame["index"].n_unique() != frame.height:
                    raise ValueError(f"the record number repeats in {name}")


def _table(frame: pl.DataFrame, notes: tuple[str, ...]) -> Table:
    missing = [name for name in NEEDED if name not in frame.columns]
    if missing or frame.height == 0:
        raise CathodelabError(
            "column-missing" if missing else "file-without-rows",
            f"The Neware file lacks {', '.join(missing)}" if missing else "The Neware file has no rows",
            where=f"{frame.height} rows of " + ", ".join(frame.columns),
            why="Time, potential, current and steps are needed to evaluate anything.",
            what_to_do="Copy the file from the cycler again, or export it from the cycler's software as csv.",
        )
    raw = {KNOWN[name][0]: _finite(frame, name, KNOWN[name][1]) for name in frame.columns if name in KNOWN}
    columns = {name: raw[name] for name in ("test_time_second", "voltage_volt", "current_ampere", "step_count")}
    if "counter_ampere_hour" in raw:
        changed = step_changes(columns["step_count"], None)
        moved = accumulated(raw["counter_ampere_hour"], changed, every_step=True)
        moved[0] = 0.0
        columns["net_charge_ampere_hour"] = frozen(np.cumsum(moved))
        anew = anew_note(changed, raw["counter_ampere_hour"])
        notes = (*notes, _CAPACITY_NOTE, *filter(None, [anew, agreement_note(columns)]))
    for name in ("step_time_second", "step_id", "cycle_count", "unix_time_second"):
        if name in raw:
            columns[name] = raw[name]
    return Table("cycling", columns, tuple(name for name in frame.columns if name not in {*KNOWN, "index"}), notes)


def _finite(frame: pl.DataFrame, name: str, factor: float) -> FloatArray:
    """A column times its factor, read-only, and every value finite."""
    import polars as pl

    values = np.asarray(frame[name].cast(pl.Float64, strict=False).to_numpy(), dtype=np.float64)
    bad = ~np.isfinite(values)
    if bad.any():
        raise CathodelabError(
            "value-not-a-number",
            f"{int(bad.sum())} values are no finite numbers",
            where=f"column {name}, first in record {int(np.argmax(bad)) + 1}",
            why="Every record of a Neware file has a time, a potential, a current and a capacity.",
            what_to_do="Copy the file from the cycler again, or export it from the cycler's software as csv.",
        )
    if factor != 1.0:
        values = values * factor
    values.setflags(write=False)  # the array is ours alone: no copy is needed to keep it as it is
    return values
