"""What was read or drawn before, by its content; raw files are never touched.

Tables: one parquet file an entry, named by the hash of the file's bytes, the reader and its version. Entries are written beside
and then renamed, so a reader never sees half a file; a broken entry is read anew from its source.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path

from cathodelab.core.arrays import frozen
from cathodelab.formats.readers import Reader
from cathodelab.formats.table import Table

FOLDER = ".cathodelab"


def content_hash(content: bytes) -> str:
    """SHA-256 of a file's bytes."""
    return hashlib.sha256(content).hexdigest()


def write_atomically(path: Path, content: bytes) -> None:
    """Write beside, then rename: nothing is ever half-written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


class FileCache:
    """Bytes by key in a folder below ``STUDY/.cathodelab``; forgetful where it cannot write."""

    def __init__(self, study: Path, name: str) -> None:
        self._folder = study / FOLDER / name

    def get(self, key: str) -> bytes | None:
        """What was stored, or ``None``."""
        try:
            return (self._folder / key).read_bytes()
        except OSError:
            return None

    def store(self, key: str, content: bytes) -> None:
        """Keep it for the next run."""
        with suppress(OSError):
            write_atomically(self._folder / key, content)


class TableCache:
    """The cache of one study folder. A folder that cannot be written makes it forgetful, nothing worse."""

    def __init__(self, study: Path) -> None:
        self._folder = study / FOLDER / "tables"

    def table(self, digest: str, reader: Reader) -> Table | None:
        """The stored table of the file with this hash (:func:`content_hash`), or ``None``."""
        import polars as pl

        path = self._path(digest, reader)
        try:
            return _stored(path)
        except (OSError, KeyError, ValueError, pl.exceptions.PolarsError):
            return None

    def store(self, digest: str, reader: Reader, table: Table) -> None:
        """Keep a table for the next run."""
        path = self._path(digest, reader)
        try:
            if table.spectra is not None:  # first: an entry that names a companion finds it
                write_atomically(_companion(path), _parquet(table.spectra))
            write_atomically(path, _parquet(table))
        except OSError:
            return

    def _path(self, digest: str, reader: Reader) -> Path:
        key = hashlib.sha256(f"{digest}|{reader.id}|{reader.version}".encode()).hexdigest()
        return self._folder / f"{key[:40]}.parquet"


def _companion(path: Path) -> Path:
    """Where the spectra of a cycling table are kept: parquet columns are of one length."""
    return path.with_suffix(".spectra.parquet")


def _stored(path: Path) -> Table:
    import polars as pl

    frame = pl.read_parquet(path)
    about = json.loads(pl.read_parquet_metadata(path)["cathodelab"])
    return Table(
        about["kind"],
        {name: frozen(frame[name].to_numpy()) for name in frame.columns},
        tuple(about["unknown_columns"]),
        tuple(about["notes"]),
        about["metadata"],
        _stored(_companion(path)) if about["spectra"] else None,
        about["settings_text"],
    )


def _parquet(table: Table) -> bytes:
    import io

    import polars as pl

    about = {
        "kind": table.kind,
        "unknown_columns": table.unknown_columns,
        "notes": table.notes,
        "metadata": dict(table.metadata),
        "spectra": table.spectra is not None,
        "settings_text": table.settings_text,
    }
    buffer = io.BytesIO()
    pl.DataFrame(dict(table.columns)).write_parquet(
        buffer, compression="lz4", statistics=False, metadata={"cathodelab": json.dumps(about)}
    )  # read back as a whole and soon: speed counts, statistics would not be used
    return buffer.getvalue()
