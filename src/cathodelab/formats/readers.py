"""The list of readers. Plug-ins add theirs through the entry point ``cathodelab.readers``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.metadata import entry_points

from cathodelab.formats.arbin.access import is_access, read_arbin_access
from cathodelab.formats.arbin.hdf5 import is_hdf5, read_arbin_hdf5
from cathodelab.formats.arbin.text import is_arbin_text, read_arbin_text
from cathodelab.formats.bdf import is_bdf_text, read_bdf_parquet, read_bdf_text
from cathodelab.formats.biologic.binary import is_biologic_binary, read_biologic_binary
from cathodelab.formats.biologic.protocol import is_biologic_settings, read_biologic_settings
from cathodelab.formats.biologic.text import is_biologic_text, read_biologic_text
from cathodelab.formats.declared.makers import DECLARED, VERSASTUDIO
from cathodelab.formats.declared.text_format import TextFormat
from cathodelab.formats.maccor import is_maccor_text, read_maccor_text
from cathodelab.formats.neware.binary import is_neware_nda, is_neware_ndax, read_neware_nda, read_neware_ndax
from cathodelab.formats.neware.text import is_neware_text, read_neware_text
from cathodelab.formats.recording import Content, single_table
from cathodelab.formats.shared.column_map import ColumnMap
from cathodelab.formats.shared.delimited import file_empty
from cathodelab.formats.shared.impossible_scales import refuse_impossible
from cathodelab.formats.shared.opened import as_utf8, unpacked
from cathodelab.formats.shared.workbook import is_workbook
from cathodelab.formats.spectra.text import (
    is_autolab,
    is_gamry,
    is_relaxis,
    is_spectra_csv,
    is_versastudio,
    is_zplot,
    read_autolab,
    read_gamry,
    read_relaxis,
    read_spectra_csv,
    read_versastudio,
    read_zplot,
)
from cathodelab.formats.table import Table
from cathodelab.formats.titration_text import is_titration_text, read_titration_text
from cathodelab.formats.unread import unread
from cathodelab.formats.workbook import read_workbook

HEAD_BYTES = 8192
_PACKED = (b"PK\x03\x04", b"\x1f\x8b")
_OF_ARCHIVES = frozenset({"neware-ndax", "cycler-workbook"})


@dataclass(frozen=True)
class Reader:
    """A file format.

    Args:
        id: short name, e.g. ``bdf-csv``.
        version: increased when the same file gives other numbers; part of the cache key.
        takes: whether it reads a file, judged by its name (lower case) and its first bytes.
        read: content -> a table, a grid or a recording of both; raises :class:`CathodelabError` and nothing else for a bad file.
    """

    id: str
    version: str
    takes: Callable[[str, bytes], bool]
    read: Callable[[bytes], Content]


def _head(content: bytes) -> str:
    return _decoded_head(content[:HEAD_BYTES])


@lru_cache(4)  # every reader asks for it
def _decoded_head(head: bytes) -> str:
    """The first bytes as text: UTF-8 where they are, else latin-1. A character that is cut at their end does not count."""
    for cut in range(4):
        try:
            return head[: len(head) - cut].decode("utf-8").removeprefix("\ufeff")
        except UnicodeDecodeError:
            continue
    return head.decode("latin-1").removeprefix("\xef\xbb\xbf")


def _declared(form: TextFormat) -> Reader:
    return Reader(form.id, form.version, lambda _, content: form.takes(content), form.read)


READERS: tuple[Reader, ...] = (
    Reader("bdf-parquet", "1", lambda name, _: name.endswith(".parquet"), read_bdf_parquet),
    Reader("biologic-mpr", "1", is_biologic_binary, read_biologic_binary),
    Reader("biologic-settings", "1", is_biologic_settings, read_biologic_settings),
    Reader("biologic-text", "2", is_biologic_text, read_biologic_text),
    Reader("titration-text", "1", lambda _, content: is_titration_text(_head(content)), read_titration_text),
    Reader("neware-nda", "2", lambda _, content: is_neware_nda(content), read_neware_nda),
    Reader("neware-ndax", "2", lambda _, content: is_neware_ndax(content), read_neware_ndax),
    Reader("arbin-access", "1", lambda _, content: is_access(content), read_arbin_access),
    Reader("arbin-hdf5", "1", lambda _, content: is_hdf5(content), read_arbin_hdf5),
    Reader("cycler-workbook", "1", lambda _, content: is_workbook(content), read_workbook),
    Reader("neware-text", "2", lambda _, content: is_neware_text(_head(content)), read_neware_text),
    Reader("maccor-text", "3", lambda _, content: is_maccor_text(_head(content)), read_maccor_text),
    Reader("relaxis-text", "1", lambda _, content: is_relaxis(_head(content)), read_relaxis),
    Reader("gamry-dta", "2", lambda _, content: is_gamry(_head(content)), read_gamry),
    Reader("zplot-text", "1", lambda _, content: is_zplot(_head(content)), read_zplot),
    Reader("autolab-text", "1", lambda _, content: is_autolab(_head(content)), read_autolab),
    Reader("versastudio-par", "1", lambda _, content: is_versastudio(_head(content)), read_versastudio),
    Reader("spectra-csv", "2", lambda _, content: is_spectra_csv(_head(content)), read_spectra_csv),
    # before BDF: files with both sets of columns are converted Arbin files, and Arbin's own columns are the better ones
    Reader("arbin-text", "1", lambda _, content: is_arbin_text(_head(content)), read_arbin_text),
    Reader("bdf-csv", "1", lambda _, content: is_bdf_text(_head(content)), read_bdf_text),
    *(_declared(form) for form in DECLARED if form is not VERSASTUDIO),  # asked by the reader of its spectra
)


def mapped_reader(declared: ColumnMap) -> Reader:
    """A reader for a declared column map."""
    return Reader(
        f"columns.{declared.name}", declared.version, lambda _, content: declared.fits(content), declared.read
    )


def reader_for(
    name: str,
    content: bytes,
    maps: Sequence[ColumnMap] = (),
    wanted_map: str = "",
    readers: Sequence[Reader] = READERS,
) -> Reader:
    """The reader for a file: the requested column map, or else a map or format that fits its header.

    Args:
        name: its name, with its folders.
        content: its bytes.
        maps: declared column maps.
        wanted_map: name of the map that is asked for, empty for none.
        readers: those that the file is offered to; plug-ins' readers come behind ours.

    Raises:
        CathodelabError: no reader takes it; the message shows the header that was found.
    """
    text = as_utf8(content)
    if wanted_map:
        chosen = next(mapped_reader(declared) for declared in maps if declared.name == wanted_map)
        inner = None if is_workbook(content) else unpacked(name, content)
        return _in_utf8(chosen) if inner is None else _unpacking(chosen, name)
    taken = next(iter(takers(name, text, maps, readers, first_only=True)), None)
    if taken is not None:
        return taken if text is content else _in_utf8(taken)
    inner = unpacked(name, content)
    if inner is not None:
        return _unpacking(reader_for(inner.name, inner.content, maps, "", readers), name)
    if not content.strip():
        raise file_empty(len(content))
    raise unread(name, text, maps)


def takers(
    name: str,
    text: bytes,
    maps: Sequence[ColumnMap] = (),
    readers: Sequence[Reader] = READERS,
    *,
    first_only: bool = False,
) -> list[Reader]:
    """Every reader that takes a file, by its name and its bytes (or its first ones); the first one is used.

    A packed text is no text: of ours only those of formats that are archives are asked.
    """
    found: list[Reader] = []
    packed = text.startswith(_PACKED)
    for reader in _candidates(maps, readers):
        if packed and reader in READERS and reader.id not in _OF_ARCHIVES:
            continue
        if reader.takes(name.lower(), text):
            found.append(reader)
            if first_only:
                break
    return found


def _in_utf8(reader: Reader) -> Reader:
    """The same reader of texts in UTF-16 or a Chinese code page."""
    return replace(reader, read=lambda content: reader.read(as_utf8(content)))


def _unpacking(reader: Reader, name: str) -> Reader:
    """The same reader of the one file in an archive; what was unpacked is said."""

    def read(packed: bytes) -> Content:
        inner = unpacked(name, packed)
        if inner is None:
            return reader.read(packed)
        found = reader.read(as_utf8(inner.content))
        return replace(found, notes=(*inner.notes, *found.notes))

    return replace(reader, read=read)


def _candidates(maps: Sequence[ColumnMap], readers: Sequence[Reader]) -> Iterator[Reader]:
    """Declared maps first, then those of the technique, then plug-ins (last: looking for them costs a millisecond)."""
    yield from (mapped_reader(declared) for declared in maps)
    yield from readers
    if READERS[0] in readers:
        yield from (entry.load() for entry in entry_points(group="cathodelab.readers"))


def read_table(name: str, content: bytes, maps: Sequence[ColumnMap] = (), wanted_map: str = "") -> tuple[Table, Reader]:
    """Read and check a file's table."""
    reader = reader_for(name, content, maps, wanted_map)
    table = single_table(reader.read(content), name)
    refuse_impossible(table)
    return table, reader
