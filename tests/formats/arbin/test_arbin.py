"""Arbin tables from csv, xlsx, Access and HDF5."""

import io
import shutil
from pathlib import Path

import numpy as np
import pytest

from cathodelab.core.errors import CathodelabError
from cathodelab.formats.arbin import access as arbin_access
from cathodelab.formats.readers import read_table
from cathodelab.formats.shared.rebuild import half_cycles

WORKBOOK = "cycling/navani/bs542_004_gr_li_50ua_50mv_1v_191020_Channel_11.xlsx"
needs_mdbtools = pytest.mark.skipif(shutil.which("mdb-export") is None, reason="mdb-export is not installed")


def test_csv_and_workbook_give_the_same_table(arbin_bytes: bytes, workbook_bytes: bytes) -> None:
    text, text_reader = read_table("a.csv", arbin_bytes)
    book, book_reader = read_table("a.xlsx", workbook_bytes)
    assert (text_reader.id, book_reader.id) == ("arbin-text", "cycler-workbook")
    assert all(np.allclose(text.columns[name], book.columns[name], atol=1e-12) for name in text.columns)
    assert text.column("step_count")[-1] == 6
    assert text.column("net_charge_ampere_hour").max() == pytest.approx(1.0)
    assert text.column("net_charge_ampere_hour")[-1] == pytest.approx(0.0)
    assert text.unknown_columns == book.unknown_columns == ("Aux",)


CSV_DEFECTS = {
    "cut off": ("file-truncated", lambda c: c[:-20]),
    "a decimal comma": ("row-incomplete", lambda c: c.replace(b",3.6,", b",3,6,", 1)),
    "no potential": ("column-missing", lambda c: c.replace(b"Voltage(V)", b"Vlt")),
    "an unknown unit": ("unit-unknown", lambda c: c.replace(b"Current(A)", b"Current(kA)")),
    "seconds said to be days": ("impossible-scale", lambda c: c.replace(b"Test_Time(s)", b"Test_Time(d)")),
    "a NaN": ("value-not-a-number", lambda c: c.replace(b",3.6,", b",NaN,", 1)),
    "no rows": ("file-without-rows", lambda c: c.split(b"\n")[0] + b"\n"),
    "time backwards": ("time-backwards", lambda c: _swapped(c, 8)),
    "zero bytes": ("file-not-text", lambda c: c[:300] + bytes(9) + c[300:]),
}


def _swapped(content: bytes, line: int) -> bytes:
    lines = content.split(b"\n")
    return b"\n".join([*lines[:line], lines[line + 1], lines[line], *lines[line + 2 :]])


@pytest.mark.parametrize("defect", CSV_DEFECTS)
def test_one_defect_of_a_csv_gives_the_one_clear_error(arbin_bytes: bytes, defect: str) -> None:
    code, spoil = CSV_DEFECTS[defect]
    assert spoil(arbin_bytes) != arbin_bytes
    with pytest.raises(CathodelabError) as caught:
        read_table("a.csv", spoil(arbin_bytes))
    assert caught.value.code == code


def _workbook(header: list[str], rows: list[list[object]]) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    assert book.active is not None
    for row in (header, *rows):
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


HEADER = ["Test_Time(s)", "Step_Index", "Cycle_Index", "Current(A)", "Voltage(V)", "Charge_Capacity(Ah)"]


@pytest.mark.parametrize(
    ("header", "rows", "code"),
    [
        (HEADER, [], "file-without-rows"),
        (HEADER, [[0, 1, 1, 0.1, "3,5", 0]], "value-not-a-number"),
        (HEADER, [[0, 1, 1, 0.1, None, 0]], "value-not-a-number"),
        (HEADER, [[5, 1, 1, 0.1, 3.5, 0], [4, 1, 1, 0.1, 3.5, 0]], "time-backwards"),
        ([*HEADER[:4], "Voltage(kV)", HEADER[5]], [[0, 1, 1, 0.1, 3.5, 0]], "unit-unknown"),
        ([*HEADER[:4], "U", HEADER[5]], [[0, 1, 1, 0.1, 3.5, 0]], "column-missing"),
        (["a", "b"], [[1, 2]], "column-missing"),
    ],
)
def test_one_defect_of_a_workbook_gives_the_one_clear_error(
    header: list[str], rows: list[list[object]], code: str
) -> None:
    with pytest.raises(CathodelabError) as caught:
        read_table("a.xlsx", _workbook(header, rows))
    assert caught.value.code == code


@pytest.mark.parametrize("part", [0.2, 0.8, 0.999])
def test_a_workbook_that_was_cut_off_gives_the_one_clear_error(workbook_bytes: bytes, part: float) -> None:
    with pytest.raises(CathodelabError) as caught:
        read_table("a.xlsx", workbook_bytes[: int(len(workbook_bytes) * part)])
    assert caught.value.code in {"file-damaged", "format-unknown"}


def test_the_real_workbook_agrees_with_its_own_charge(data: Path) -> None:
    table, _ = read_table("a.xlsx", (data / WORKBOOK).read_bytes())
    halves = half_cycles(dict(table.columns))
    assert table.rows == 4526
    large = np.abs(halves.cycler) > 0.01 * np.abs(halves.cycler).max()
    assert np.abs(halves.integral / halves.cycler - 1)[large].max() < 1e-3


def test_the_real_csv_is_read_and_says_why_its_charge_differs(data: Path) -> None:
    table, _ = read_table("a.csv", (data / "cycling/PyProBE/sample_data_arbin.csv").read_bytes())
    assert table.rows == 13
    assert any("at the ends of a step" in note for note in table.notes)


@needs_mdbtools
@pytest.mark.parametrize(
    ("path", "rows", "halves"),
    [("cycling/cellpy/20160805_test001_45_cc_01.res", 10261, 35), ("cycling/navani/arbin_example.res", 2150, 8)],
)
def test_real_access_files_are_put_in_order_and_agree_with_their_own_charge(
    data: Path, path: str, rows: int, halves: int
) -> None:
    """The second file keeps its rows out of order: by its pages it would run 51,777 s backwards."""
    table, reader = read_table("a.bin", (data / path).read_bytes())
    found = half_cycles(dict(table.columns))
    large = np.abs(found.cycler) > 0.01 * np.abs(found.cycler).max()
    assert (reader.id, table.rows, int(large.sum())) == ("arbin-access", rows, halves)
    assert np.abs(found.integral / found.cycler - 1)[large].max() < 1e-3


@needs_mdbtools
@pytest.mark.parametrize("part", [0.02, 0.3, 0.7])
def test_an_access_file_that_was_cut_off_gives_the_one_clear_error(data: Path, part: float) -> None:
    content = (data / "cycling/navani/arbin_example.res").read_bytes()
    with pytest.raises(CathodelabError):
        read_table("a.res", content[: int(len(content) * part)])


def test_a_missing_mdb_export_is_explained_for_every_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arbin_access.shutil, "which", lambda _: None)
    with pytest.raises(CathodelabError) as caught:
        read_table("a.res", b"\x00\x01\x00\x00Standard Jet DB\x00")
    assert caught.value.code == "tool-missing"
    assert all(word in caught.value.what_to_do for word in ("apt", "brew", "Windows", "csv"))


def test_the_real_hdf5_file_is_joined_over_its_restarts(data: Path) -> None:
    pytest.importorskip("h5py")
    table, reader = read_table("a.h5", (data / "cycling/cellpy/20200624_test001_cc_01.h5").read_bytes())
    assert (reader.id, table.rows) == ("arbin-hdf5", 47)
    assert (np.diff(table.column("test_time_second")) >= 0).all()
    assert any("started anew 3 times" in note for note in table.notes)


def test_an_hdf5_file_that_is_damaged_gives_the_one_clear_error(data: Path) -> None:
    h5py = pytest.importorskip("h5py")
    content = (data / "cycling/cellpy/20200624_test001_cc_01.h5").read_bytes()
    empty = io.BytesIO()
    with h5py.File(empty, "w") as file:
        file["other"] = [1.0]
    for spoilt in (content[:600], content[:100_000], content[:8] + bytes(5000), empty.getvalue()):
        with pytest.raises(CathodelabError) as caught:
            read_table("a.h5", spoilt)
        assert caught.value.code == "file-damaged"


def test_the_missing_hdf5_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cathodelab.formats.arbin.hdf5.find_spec", lambda _: None)
    with pytest.raises(CathodelabError, match=r"cathodelab\[arbin\]"):
        read_table("a.h5", b"\x89HDF\r\n\x1a\n")
