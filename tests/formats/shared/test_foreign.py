"""Archives that no cycler writes are refused before anything is unpacked."""

import io
import struct
import time
import tracemalloc
import zipfile

import pytest

from cathodelab.core.errors import CathodelabError
from cathodelab.formats.readers import read_table
from cathodelab.formats.shared.foreign import refuse_hostile_archive


def _zip(entries: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, entry in entries.items():
            archive.writestr(name, entry)
    return stream.getvalue()


def _refused(content: bytes) -> str:
    with pytest.raises(CathodelabError) as caught:
        read_table("a.ndax", content)
    assert caught.value.code == "archive-refused"
    return caught.value.what


def test_a_zip_bomb_is_refused_quickly() -> None:
    bomb = _zip({"data.ndc": bytes(300_000_000)})
    begin = time.process_time()
    assert "would unpack" in _refused(bomb)
    assert time.process_time() - begin < 0.5


def test_an_archive_that_lies_about_its_size_is_refused() -> None:
    """By the first entry that unpacks to more than declared, in small pieces: the rest of it is never unpacked."""
    bomb = bytearray(_zip({"data.ndc": bytes(30_000_000)}))
    for mark, place in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = bomb.rindex(mark) + place
        bomb[at : at + 4] = struct.pack("<I", 4096)
    tracemalloc.start()
    assert "more than the 4,096 bytes declared" in _refused(bytes(bomb))
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


def test_an_honest_archive_is_taken() -> None:
    """Empty entries and those of exactly the declared size, packed or not."""
    content = _zip({"a": b"", "b": bytes(range(256)) * 9000})
    assert refuse_hostile_archive(content, "test") == ("a", "b")
    assert refuse_hostile_archive(_zip({"a": b"x"}, zipfile.ZIP_STORED), "test") == ("a",)


@pytest.mark.parametrize(
    "name", ["../../data.ndc", "/etc/data.ndc", "C:\\data.ndc", "..\\data.ndc", "\\\\host\\share\\data.ndc"]
)
def test_entries_that_point_outside_are_refused(name: str) -> None:
    assert "points outside" in _refused(_zip({name: b"x", "data.ndc": b"x"}))


def test_encrypted_entries_are_refused() -> None:
    content = bytearray(_zip({"data.ndc": b"x" * 100}))
    for mark, place in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        content[content.rindex(mark) + place] |= 1
    assert "encrypted" in _refused(bytes(content))


def test_other_ways_of_packing_are_refused() -> None:
    assert "by method" in _refused(_zip({"data.ndc": b"x" * 100}, zipfile.ZIP_LZMA))


def test_too_many_entries_are_refused() -> None:
    assert "entries" in _refused(_zip({**{f"e{number}": b"" for number in range(2100)}, "data.ndc": b"x"}))


def _with_sheet(workbook: bytes, old: bytes, new: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    name = "xl/worksheets/sheet2.xml"
    assert old in entries[name]
    entries[name] = entries[name].replace(old, new, 1)
    return _zip(entries)


def test_entities_of_a_workbook_are_never_expanded(workbook_bytes: bytes) -> None:
    """Ten to the tenth letters in a kilobyte, asked for in a cell."""
    levels = "".join(f'<!ENTITY e{level} "{f"&e{level - 1};" * 10}">' for level in range(1, 10))
    bomb = _with_sheet(workbook_bytes, b"<worksheet", f'<!DOCTYPE a [<!ENTITY e0 "1">{levels}]><worksheet'.encode())
    bomb = _with_sheet(bomb, b"</sheetData>", b'<row r="99"><c r="A99"><v>&e9;</v></c></row></sheetData>')
    begin = time.perf_counter()
    assert read_table("a.xlsx", bomb)[0].rows == read_table("a.xlsx", workbook_bytes)[0].rows
    assert time.perf_counter() - begin < 10


def test_cells_far_apart_do_not_exhaust_the_memory(workbook_bytes: bytes) -> None:
    """A sheet is built from corner to corner: 550 GB for two cells, refused by the fenced process."""
    far = b'<row r="1048576"><c r="XFD1048576"><v>2</v></c></row></sheetData>'
    begin = time.perf_counter()
    with pytest.raises(CathodelabError) as caught:
        read_table("a.xlsx", _with_sheet(workbook_bytes, b"</sheetData>", far))
    assert caught.value.code == "file-damaged"
    assert time.perf_counter() - begin < 10
