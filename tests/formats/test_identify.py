"""What a file is, from its first megabyte: kind, instrument, reader, rows, or what to do."""

from __future__ import annotations

import gzip
import time
import zipfile
from pathlib import Path

import pytest
from tests.formats.stand_ins import STAND_INS, Rows

from cathodelab.core.errors import CathodelabError
from cathodelab.formats.described import DESCRIBED
from cathodelab.formats.identify import HEAD_BYTES, identified
from cathodelab.formats.readers import READERS, Reader, read_table


def test_every_reader_is_described_and_nothing_else() -> None:
    assert {one.id for one in READERS} == set(DESCRIBED)
    assert all(one.made_after for one in DESCRIBED.values())


@pytest.mark.parametrize("reader_id", STAND_INS)
def test_every_makers_file_is_known_by_its_beginning(rows: Rows, tmp_path: Path, reader_id: str) -> None:
    name, write = STAND_INS[reader_id]
    path = tmp_path / name
    path.write_bytes(write(rows))
    found = identified(path)
    assert (found.reader, found.error) == (reader_id, None)
    assert "cycling test" in found.kind
    assert 30 <= found.rows <= 60
    assert f"of {DESCRIBED[reader_id].instrument}" in found.sentence


def test_a_packed_file_is_what_it_holds(maccor_bytes: bytes, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("b/a.txt", maccor_bytes)
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(maccor_bytes))
    for name in ("a.zip", "a.txt.gz"):
        assert identified(tmp_path / name).reader == "maccor-text"
    (tmp_path / "cut.zip").write_bytes((tmp_path / "a.zip").read_bytes()[:200])
    error = identified(tmp_path / "cut.zip").error
    assert error is not None
    assert "unpack it" in error.what_to_do
    with pytest.raises(CathodelabError, match="unpack it"):
        read_table("cut.zip", (tmp_path / "cut.zip").read_bytes())


def test_a_large_file_costs_its_first_megabyte_and_its_rows_are_told_by_its_size(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    line = b"60.000,3.70000,0.0001000\n"
    path.write_bytes(b"Test Time / s,Voltage / V,Current / A\n" + line * (20 * HEAD_BYTES // len(line)))
    begin = time.process_time()
    found = identified(path)
    assert time.process_time() - begin < 1.0
    assert found.rows == pytest.approx(20 * HEAD_BYTES / len(line), rel=1e-3)


def test_two_readers_that_would_take_a_file_are_said(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"Test Time / s,Voltage / V,Current / A\n0,3,0\n")
    other = Reader("other", "1", lambda _, content: content.startswith(b"Test"), READERS[0].read)
    found = identified(path, readers=(*READERS, other))
    assert (found.reader, found.also) == ("bdf-csv", ("other",))
    assert "other would take it too" in found.sentence


def test_every_real_file_is_known_within_a_second(data: Path) -> None:
    """Of each the reader that reads it; what is refused as a whole is refused here too."""
    for path in sorted((*(data / "cycling").rglob("*.*"), *(data / "impedance").rglob("*.*"))):
        begin = time.process_time()
        found = identified(path)
        assert time.process_time() - begin < 1.0, path.name
        assert bool(found.reader) == (path.suffix != ".json"), path.name
