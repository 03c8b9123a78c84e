"""Neware .nda, .ndax and csv."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cathodelab.core.errors import CathodelabError
from cathodelab.formats.readers import read_table
from cathodelab.formats.shared.rebuild import half_cycles


def test_our_own_csv_is_read_in_its_units(neware_bytes: bytes) -> None:
    table, reader = read_table("cell.csv", neware_bytes)
    assert reader.id == "neware-text"
    assert np.abs(table.column("current_ampere")).max() == pytest.approx(1.0)
    assert table.column("net_charge_ampere_hour").max() == pytest.approx(1.0)
    assert table.column("test_time_second")[-1] == pytest.approx(2 * 7210)
    assert table.column("step_count")[-1] == 6


def test_a_real_csv_agrees_with_its_own_charge(data: Path) -> None:
    table, _ = read_table("a.csv", (data / "cycling/cellpy/neware_uio.csv").read_bytes())
    halves = half_cycles(dict(table.columns))
    assert table.rows == 9065
    assert np.abs(halves.integral / halves.cycler - 1).max() < 1e-3
    assert table.column("test_time_second")[-1] == pytest.approx(144 * 3600 + 2 * 60 + 18)


CSV_DEFECTS = {
    "cut off": ("file-truncated", lambda c: c[:-30]),
    "a decimal comma": ("row-incomplete", lambda c: c.replace(b"3.70000", b"3,70000", 1)),
    "no potential": ("column-missing", lambda c: c.replace(b"Voltage(V)", b"Vlt")),
    "no unit": ("unit-unknown", lambda c: c.replace(b"Voltage(V)", b"Voltage")),
    "an unknown unit": ("unit-unknown", lambda c: c.replace(b"Current(mA)", b"Current(kA)")),
    "microamperes said to be amperes": ("impossible-scale", lambda c: c.replace(b"Current(mA)", b"Current(A)")),
    "a NaN": ("value-not-a-number", lambda c: c.replace(b"3.70000", b"nan", 1)),
    "no rows": ("file-without-rows", lambda c: c.split(b"\n")[0] + b"\n"),
    "time backwards": ("time-backwards", lambda c: c.replace(b"00:30:0,00:30:10", b"00:30:0,00:00:01", 1)),
    "zero bytes": ("file-not-text", lambda c: c[:300] + bytes(9) + c[300:]),
}


@pytest.mark.parametrize("defect", CSV_DEFECTS)
def test_one_defect_of_a_csv_gives_the_one_clear_error(neware_bytes: bytes, defect: str) -> None:
    code, spoil = CSV_DEFECTS[defect]
    assert spoil(neware_bytes) != neware_bytes
    with pytest.raises(CathodelabError) as caught:
        read_table("cell.csv", spoil(neware_bytes))
    assert caught.value.code == code


def test_the_binary_file_agrees_row_for_row_with_the_reference_export(
    data: Path, unzipped: Callable[[str], bytes]
) -> None:
    pytest.importorskip("fastnda")
    import polars as pl

    table, reader = read_table("a.nda", unzipped("cycling/fastnda/nda_v26.nda.zip"))
    reference = pl.read_parquet(data / "cycling/fastnda/nda_v26.parquet")
    assert (reader.id, table.rows) == ("neware-nda", reference.height)
    for label, name, factor in (
        ("Total Time", "test_time_second", 1.0),
        ("Time", "step_time_second", 1.0),
        ("Voltage(mV)", "voltage_volt", 1e-3),
        ("Current(uA)", "current_ampere", 1e-6),
        ("Step Count", "step_count", 1.0),
        ("Step Index", "step_id", 1.0),
    ):
        expected = reference[label].cast(pl.Float64).to_numpy() * factor
        assert np.allclose(table.column(name), expected, rtol=1e-6, atol=1e-9), label
    within = reference["Capacity(mAs)"].cast(pl.Float64).to_numpy() / 3.6e6
    net, step = table.column("net_charge_ampere_hour"), table.column("step_count")
    begins = np.flatnonzero(np.diff(step, prepend=0))
    start = np.repeat(np.concatenate([[0.0], net[begins[1:] - 1]]), np.diff([*begins, net.size]))
    # the reference export has the size of the capacity; single precision of up to 0.8 Ah
    assert np.allclose(np.abs(net - start), np.abs(within), atol=2e-6)


@pytest.mark.parametrize(
    ("path", "rows", "note"),
    [
        ("cycling/fastnda/SINTEF__G20M7_BTS91.nda.zip", 17587, "starts anew within a step at 2 rows"),
        ("cycling/fastnda/nda8.nda.zip", 46805, "agree within"),
        ("cycling/fastnda/nda_v26.nda.zip", 222330, "agree within"),
        ("cycling/fastnda/test_2.ndax", 108563, "ends of a step"),
        ("cycling/cellpy/20260302_IFE_BTS85_2_9_8_1.ndax", 252951, "agree within"),
    ],
)
def test_real_binary_files_are_read_and_their_charge_agrees_or_says_why(
    data: Path, unzipped: Callable[[str], bytes], path: str, rows: int, note: str
) -> None:
    pytest.importorskip("fastnda")
    content = unzipped(path) if path.endswith(".zip") else (data / path).read_bytes()
    table, _ = read_table(path.removesuffix(".zip"), content)
    assert table.rows == rows
    assert any(note in sentence for sentence in table.notes)
    assert (np.diff(table.column("step_count")) >= 0).all()


def test_fastnda_leaves_the_standard_library_as_it_was(data: Path) -> None:
    pytest.importorskip("fastnda")
    import zlib

    before = zlib.decompress, zlib.decompressobj
    read_table("a.ndax", (data / "cycling/fastnda/test_2.ndax").read_bytes())
    assert (zlib.decompress, zlib.decompressobj) == before


@pytest.mark.parametrize("part", [0.001, 0.3, 0.9, 0.9999])
@pytest.mark.parametrize(
    "path", ["fastnda/nda_v26.nda.zip", "fastnda/SINTEF__G20M7_BTS91.nda.zip", "fastnda/test_2.ndax"]
)
def test_a_binary_file_that_was_cut_off_gives_the_one_clear_error(
    data: Path, unzipped: Callable[[str], bytes], path: str, part: float
) -> None:
    pytest.importorskip("fastnda")
    zipped = path.endswith(".zip")
    content = unzipped("cycling/" + path) if zipped else (data / "cycling" / path).read_bytes()
    end = 915_548 if "SINTEF" in path else len(content)  # what follows the records is no measurement
    with pytest.raises(CathodelabError) as caught:
        read_table(path.removesuffix(".zip"), content[: int(end * part)])
    assert caught.value.code in {"file-truncated", "file-damaged", "format-unknown"}


def test_garbage_behind_the_mark_of_a_binary_file_gives_the_one_clear_error() -> None:
    pytest.importorskip("fastnda")
    for garbage in (b"NEWARE", b"NEWARE" + bytes(5000), b"NEWARE" + b"\xff" * 5000, b"NEWARE" * 100):
        with pytest.raises(CathodelabError, match="Neware"):
            read_table("a.nda", garbage)


def test_auxiliary_channels_are_named_and_cannot_multiply_the_rows(data: Path) -> None:
    pytest.importorskip("fastnda")
    content = (data / "cycling/fastnda/test_2.ndax").read_bytes()
    head = bytes([5, 0, 5]).ljust(4096, b"\0")  # an auxiliary channel, version 5
    page = (bytes(4) + b"\xff" * 128).ljust(4096, b"\0")  # every record is valid and has the number 0
    stream = io.BytesIO(content)
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("data_AUX_1_1_1.ndc", head + page)
    alone, hostile = read_table("a.ndax", content)[0], read_table("a.ndax", stream.getvalue())[0]
    assert hostile.unknown_columns == (*alone.unknown_columns, "auxiliary channel data_AUX_1_1_1.ndc")
    for name, values in alone.columns.items():
        assert np.array_equal(values, hostile.column(name)), name


@pytest.mark.parametrize("path", ["fastnda/nda8.nda.zip", "fastnda/SINTEF__G20M7_BTS91.nda.zip", "fastnda/test_2.ndax"])
def test_a_version_of_fastnda_that_is_not_known_within_is_given_a_file(
    data: Path, unzipped: Callable[[str], bytes], path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fastnda = pytest.importorskip("fastnda")
    content = unzipped("cycling/" + path) if path.endswith(".zip") else (data / "cycling" / path).read_bytes()
    name = path.removesuffix(".zip")
    of_bytes, _ = read_table(name, content)
    monkeypatch.setattr(fastnda, "__version__", "9.0")
    of_file, _ = read_table(name, content)
    assert of_file.notes == of_bytes.notes
    assert all(np.array_equal(of_file.column(label), values) for label, values in of_bytes.columns.items())


@pytest.mark.parametrize("path", ["fastnda/nda8.nda.zip", "fastnda/SINTEF__G20M7_BTS91.nda.zip", "fastnda/test_2.ndax"])
def test_our_columns_are_those_that_fastnda_derives(
    data: Path, unzipped: Callable[[str], bytes], path: str, tmp_path: Path
) -> None:
    fastnda = pytest.importorskip("fastnda")
    content = unzipped("cycling/" + path) if path.endswith(".zip") else (data / "cycling" / path).read_bytes()
    file = tmp_path / path.removesuffix(".zip").replace("/", "-")
    file.write_bytes(content)
    frame, (table, _) = fastnda.read(file, cycle_mode="raw"), read_table(file.name, content)
    for label, name, factor in (
        ("total_time_s", "test_time_second", 1.0),
        ("step_time_s", "step_time_second", 1.0),
        ("unix_time_s", "unix_time_second", 1.0),
        ("voltage_V", "voltage_volt", 1.0),
        ("current_mA", "current_ampere", 1e-3),
        ("step_count", "step_count", 1.0),
        ("cycle_count", "cycle_count", 1.0),
    ):
        expected = frame[label].to_numpy().astype(float) * factor
        assert np.allclose(table.column(name), expected, rtol=1e-7, atol=1e-6 if name.endswith("second") else 0.0), (
            label
        )


def test_the_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "fastnda", None)
    with pytest.raises(CathodelabError, match=r"cathodelab\[neware\]") as caught:
        read_table("a.nda", b"NEWARE" + bytes(200))
    assert caught.value.code == "extra-missing"
