"""What was read, extracted or drawn before, by its content; raw files are never touched.

``STUDY/.cathodelab/<program>/`` holds ``tables`` (raw files as parquet), ``measurements`` (what was extracted from them) and
``figures``; ``<program>`` is a digest of this package's code and of the libraries that read and draw, so nothing of another
version is ever used. Entries are named by the hash of everything else they depend on. They are written beside and then
renamed: a reader never sees half a file. Every entry has a checksum and this user's seal (``seal.py``); a broken or foreign one
is made anew from its source. The folder may be deleted at any time.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import cathodelab
from cathodelab.core.arrays import frozen
from cathodelab.formats.readers import Reader
from cathodelab.formats.shared.counted_ends import ends_of_list
from cathodelab.formats.table import Table
from cathodelab.study.seal import adopted, sealed, unsealed

FOLDER = ".cathodelab"
RESULTS = "results"
"""Where a run writes what it found; beside the cache, in the study's folder."""
KINDS = ("tables", "measurements", "evaluations", "figures")
"""Folders of the cache."""
_LIBRARIES = ("numpy", "scipy", "polars", "matplotlib", "datalab-org-galvani", "fastnda", "h5py", "python-calamine")


def content_hash(content: bytes) -> str:
    """SHA-256 of a file's bytes."""
    return hashlib.sha256(content).hexdigest()


def key_of(parts: Sequence[Any]) -> str:
    """Name of an entry: forty hexadecimal digits of everything that it depends on."""
    return content_hash(json.dumps(parts, default=_plain).encode())[:40]


def _plain(value: object) -> object:
    """Sets in one order, everything else as it describes itself."""
    return sorted(value) if isinstance(value, frozenset) else str(value)


@cache
def program_digest() -> str:
    """Sixteen hexadecimal digits of the code of this package and the versions of the libraries that read and draw."""
    return content_hash(f"{code_hash(Path(cathodelab.__file__).parent)}{library_versions(_LIBRARIES)!r}".encode())[:16]


def library_versions(names: Sequence[str]) -> list[tuple[str, str]]:
    """Versions of installed libraries; empty for those that are not there."""
    return [(name, _version(name)) for name in names]


def code_hash(root: Path) -> str:
    """SHA-256 of the names and contents of all Python files below a folder, or of one file."""
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")) if root.is_dir() else [root]:
        digest.update(f"{path.relative_to(root).as_posix()} {content_hash(path.read_bytes())}\n".encode())
    return digest.hexdigest()


@cache
def _version(library: str) -> str:
    """Reading it parses a file of the installation."""
    try:
        return version(library)
    except PackageNotFoundError:
        return ""


def cache_folder(study: Path, name: str) -> Path:
    """Where entries of one kind are kept."""
    return study / FOLDER / program_digest() / name


def forget_other_versions(study: Path) -> None:
    """Remove what other versions of the program kept; only while no other run is at work."""
    with suppress(OSError):
        for path in (study / FOLDER).iterdir():
            if re.fullmatch(r"[0-9a-f]{16}", path.name) and path.name != program_digest() and _is_ours(path):
                shutil.rmtree(path, ignore_errors=True)


def _is_ours(path: Path) -> bool:
    """Whether a folder is one of a version of the program, and no link."""
    return path.is_dir() and not path.is_symlink() and {one.name for one in path.iterdir()} <= set(KINDS)


def write_atomically(path: Path, content: bytes) -> None:
    """Write beside, then rename: nothing is ever half-written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def remove_half_written(study: Path) -> None:
    """Remove what killed runs left in the cache beside its entries; only while no other run is at work."""
    for kind in KINDS:
        with suppress(OSError):
            for path in cache_folder(study, kind).iterdir():
                if re.fullmatch(r"[0-9a-f]{40}(\.\w+)*\.\d+\.part", path.name) and path.is_file():
                    path.unlink(missing_ok=True)


def forget_all(study: Path) -> None:
    """Remove every entry of this version of the program; only while no other run is at work."""
    with suppress(OSError):
        for kind in KINDS:
            shutil.rmtree(cache_folder(study, kind), ignore_errors=True)


def adopt_all(study: Path) -> None:
    """Seal every whole entry as one of this user's: what another user's program made is believed from now on."""
    for kind in KINDS:
        with suppress(OSError):
            for path in cache_folder(study, kind).iterdir():
                content = adopted(path.read_bytes())
                if content is not None:
                    write_atomically(path, content)


class FileCache:
    """Bytes by key in a folder of the cache; keeps nothing where it cannot write."""

    def __init__(self, study: Path, name: str) -> None:
        self._folder = cache_folder(study, name)

    def has(self, key: str) -> bool:
        """Whether something was stored."""
        return (self._folder / key).is_file()

    def get(self, key: str) -> bytes | None:
        """What was stored, or ``None``; that too where a bit of it changed or another user stored it."""
        try:
            return unsealed((self._folder / key).read_bytes())
        except OSError:
            return None

    def store(self, key: str, content: bytes) -> None:
        """Keep it for the next run."""
        with suppress(OSError):
            write_atomically(self._folder / key, sealed(content))


class TableCache:
    """The cache of one study folder. Where the folder cannot be written it keeps nothing, and the run goes on."""

    def __init__(self, study: Path) -> None:
        self._folder = cache_folder(study, "tables")

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
                write_atomically(_companion(path), sealed(_parquet(table.spectra)))
            write_atomically(path, sealed(_parquet(table)))
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

    content = unsealed(path.read_bytes())
    if content is None:
        raise ValueError("damaged")
    frame = pl.read_parquet(io.BytesIO(content))
    about = json.loads(pl.read_parquet_metadata(io.BytesIO(content))["cathodelab"])
    return Table(
        about["kind"],
        {name: frozen(frame[name].to_numpy()) for name in frame.columns},
        tuple(about["unknown_columns"]),
        tuple(about["notes"]),
        about["metadata"],
        _stored(_companion(path)) if about["spectra"] else None,
        about["settings_text"],
        ends_of_list(about["counted"]),
    )


def _parquet(table: Table) -> bytes:
    import polars as pl

    about = {
        "kind": table.kind,
        "unknown_columns": table.unknown_columns,
        "notes": table.notes,
        "metadata": dict(table.metadata),
        "spectra": table.spectra is not None,
        "settings_text": table.settings_text,
        "counted": table.counted.as_list() if table.counted else [],
    }
    buffer = io.BytesIO()
    pl.DataFrame(dict(table.columns)).write_parquet(
        buffer, compression="lz4", statistics=False, metadata={"cathodelab": json.dumps(about)}
    )  # read back as a whole and soon: speed counts, statistics would not be used
    return buffer.getvalue()
