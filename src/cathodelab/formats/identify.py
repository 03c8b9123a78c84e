"""What is this file? From its first megabyte: what it holds, whose instrument wrote it, its reader, about how many rows."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cathodelab.core.errors import CathodelabError
from cathodelab.formats.described import DESCRIBED
from cathodelab.formats.readers import READERS, Reader, takers
from cathodelab.formats.shared.column_map import ColumnMap
from cathodelab.formats.shared.delimited import file_empty
from cathodelab.formats.shared.opened import as_utf8
from cathodelab.formats.unread import unread

HEAD_BYTES, TAIL_BYTES = 1 << 20, 1 << 16
_CONTAINERS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""Beginnings of files whose directory stands at their end."""
_GZIP = b"\x1f\x8b"
_FOR_THE_REST = frozenset({"spectra-csv"})
"""Readers of whatever no instrument's own reader takes."""


@dataclass(frozen=True)
class Identified:
    """What a file is.

    Args:
        kind: ``cycling test``, ``impedance spectra``; of what is not read, what it is.
        instrument: who wrote it; empty where that is not known.
        reader: id of the reader that takes it; empty where none does.
        rows: about how many, by its size; 0 where that cannot be told.
        also: other readers that would take it: the first one is used.
        error: why it is not read.
    """

    kind: str
    instrument: str = ""
    reader: str = ""
    rows: int = 0
    also: tuple[str, ...] = ()
    error: CathodelabError | None = None

    @property
    def sentence(self) -> str:
        """It in one line."""
        if self.error is not None:
            return str(self.error)
        rows = f", about {self.rows:,} rows" if self.rows else ""
        others = f"; {', '.join(self.also)} would take it too" if self.also else ""
        return f"{self.kind} of {self.instrument} ({self.reader}){rows}{others}"


def identified(
    path: Path, maps: Sequence[ColumnMap] = (), readers: Sequence[Reader] = READERS, wanted_map: str = ""
) -> Identified:
    """What a file is; opens it and reads its first megabyte (of archives also their directory), never more.

    Args:
        path: the file.
        maps: declared column maps.
        readers: those that it is offered to.
        wanted_map: name of the map that is asked for.

    Raises:
        OSError: it cannot be opened.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        if size > HEAD_BYTES and head.startswith(_CONTAINERS):
            file.seek(max(size - TAIL_BYTES, HEAD_BYTES))
            head += file.read(TAIL_BYTES)
    name = path.name
    try:
        if head.startswith(_CONTAINERS[0]) and not takers(name, head, maps, readers, first_only=True):
            name, head, size = _inside(path, head, size)
        elif head.startswith(_GZIP):
            name, head = name.removesuffix(".gz"), zlib.decompressobj(31).decompress(head, HEAD_BYTES)
            size = 0
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        return _refused(CathodelabError(
            "file-damaged", "The archive cannot be opened", where=path.name, why=f"It is cut off or damaged ({error}).",
            what_to_do="Copy the file again, or unpack it and name the file inside.",
        ))  # fmt: skip
    except CathodelabError as error:
        return _refused(error)
    return of_head(name, head, size, maps, readers, wanted_map)


def of_head(
    name: str,
    head: bytes,
    size: int,
    maps: Sequence[ColumnMap] = (),
    readers: Sequence[Reader] = READERS,
    wanted_map: str = "",
) -> Identified:
    """As :func:`identified`, of the first bytes of a file and its size (0: not known)."""
    if not head.strip():
        return _refused(file_empty(size))
    text = as_utf8(head)
    if wanted_map:
        declared = next(one for one in maps if one.name == wanted_map)
        if declared.fits(text):
            return Identified(declared.kind.word, "your column map", f"columns.{wanted_map}", _rows(text, size))
        return _refused(CathodelabError(
            "column-missing", "The column map does not fit the file", where=name, why=declared.lacks(text),
            what_to_do="Correct the labels, skip_rows or delimiter of the map.",
        ))  # fmt: skip
    found = takers(name, text, maps, readers)
    if not found:
        return _refused(unread(name, text, maps))
    first, *others = found
    about = DESCRIBED.get(first.id)
    of_map = next((one.kind.word for one in maps if f"columns.{one.name}" == first.id), "")
    kind, instrument = about.kind if about else of_map or "measurement", "a reader of its technique"
    if about or of_map:
        instrument = about.instrument if about else "your column map"
    also = tuple(one.id for one in others if one.id not in _FOR_THE_REST)
    return Identified(kind, instrument, first.id, _rows(text, size), also)


def _refused(error: CathodelabError) -> Identified:
    return Identified("not read", error=error)


def _inside(path: Path, head: bytes, size: int) -> tuple[str, bytes, int]:
    """Name, first megabyte and size of the one file in an archive; the archive itself where it is a format of its own."""
    from cathodelab.formats.shared.opened import single_entry

    with zipfile.ZipFile(path) as archive:
        entry = single_entry(path.name, archive.namelist())
        if entry is None:
            return path.name, head, size
        with archive.open(entry) as inner:
            return entry, inner.read(HEAD_BYTES), archive.getinfo(entry).file_size


def _rows(text: bytes, size: int) -> int:
    """About how many lines a text of this size has, by those of its first part; 0 of what is no text."""
    part = text[:HEAD_BYTES]
    lines = part.count(b"\n")
    if not lines or part.count(b"\0"):
        return 0
    return lines if size <= len(part) else 100 * round(lines * size / len(part) / 100)
