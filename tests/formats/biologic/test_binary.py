"""Binary files of EC-Lab and BT-Lab: real files beside their text exports, our own small ones, and one defect each."""

from __future__ import annotations

import random
import struct
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from cathodelab.core.errors import CathodelabError
from cathodelab.formats.biologic.binary import read_biologic_binary
from cathodelab.formats.readers import READERS, read_table, reader_for
from cathodelab.formats.table import Table
from cathodelab.study.cache import TableCache, content_hash

REAL = (
    "cycling/aurora-cycler-manager/PEIS.mpr",
    "cycling/cellpy/biol.mpr",
    "cycling/datalab/jdb11-1_c3_gcpl_5cycles_2V-3p8V_C-24_data_C09.mpr",
    "cycling/yadg/bcd.issue_241.mpr",
    "cycling/yadg/gcpl.issue_211.mpr",
    "cycling/yadg/gcpl.issue_230.mpr",
    "cycling/yadg/geis.mpr",
    "cycling/yadg/mb.issue_149.mpr",
    "cycling/yadg/peis.mpr",
    "impedance/lpscl_ion_blocking_m25C.mpr",
    "impedance/ssb_ncm_lpscl_inli_PEIS.mpr",
    "impedance/yadg_peis.mpr",
)
PAIRS = {
    "cycling/yadg/bcd.issue_241.mpr": "cycling/yadg/bcd.issue_241.mpt",
    "cycling/yadg/gcpl.issue_211.mpr": "cycling/yadg/gcpl.issue_211.mpt",
    "cycling/yadg/geis.mpr": "cycling/yadg/geis.mpt",
    "cycling/yadg/mb.issue_149.mpr": "cycling/yadg/mb.issue_149.mpt",
    "cycling/yadg/peis.mpr": "cycling/yadg/peis.mpt",
    "impedance/lpscl_ion_blocking_m25C.mpr": "impedance/lpscl_ion_blocking_m25C.txt",
}

pytestmark = pytest.mark.filterwarnings("error")
galvani = pytest.importorskip("galvani", reason="the optional extra 'biologic' is not installed")


def module(name: str, body: bytes, version: int) -> bytes:
    """One part of the file: its names, length, version and date, then its content."""
    names = name.ljust(10).encode() + name.ljust(25).encode()
    return b"MODULE" + names + struct.pack("<II", len(body), version) + b"11/19/24" + body


def written(rows: int = 30, *, columns: tuple[int, ...] = (1, 2, 3, 4, 6, 8, 13, 468)) -> bytes:
    """A small file of version 3: flags, time, potential, current, charge and half cycle; charge, then rest."""
    head = struct.pack("<IB", rows, len(columns)) + struct.pack(f"<{len(columns)}H", *columns)
    table = b"".join(
        struct.pack("<Bdffdi", mode, 10.0 * row, 3.5 + 0.01 * row, current, charge, 0)
        for row, (mode, current, charge) in enumerate(_rows(rows))
    )
    content = b"BIO-LOGIC MODULAR FILE\x1a".ljust(48) + b"\x00" * 4
    content += module("VMP Set", b"\x00" * 64, 0)
    return content + module("VMP data", head.ljust(405, b"\x00") + b"\x01" + table, 3)


def _rows(rows: int) -> list[tuple[int, float, float]]:
    charging = rows // 2
    return [
        (1, 1.0, row * 10 / 3600) if row < charging else (3, 0.0, (charging - 1) * 10 / 3600) for row in range(rows)
    ]


def test_our_own_small_file_is_read() -> None:
    """The written numbers come back in canonical units; steps come from the control mode."""
    table = read_biologic_binary(written())
    np.testing.assert_allclose(table.column("test_time_second"), 10.0 * np.arange(30))
    np.testing.assert_allclose(table.column("voltage_volt"), 3.5 + 0.01 * np.arange(30), rtol=1e-6)
    np.testing.assert_allclose(table.column("current_ampere"), [0.001] * 15 + [0.0] * 15)
    np.testing.assert_array_equal(table.column("control_mode"), [1.0] * 15 + [3.0] * 15)
    np.testing.assert_array_equal(table.column("step_count"), [0.0] * 15 + [1.0] * 15)
    assert table.notes == ("The file has no step number (Ns); steps were rebuilt from control mode and half cycle.",)
    assert table.metadata["acquisition_started"] == "2024-11-19"


@pytest.mark.parametrize("name", REAL)
def test_every_real_file_is_read(data: Path, name: str) -> None:
    """Every .mpr beside the project is taken by this reader and read."""
    table, reader = read_table(Path(name).name, (data / name).read_bytes())
    assert reader.id == "biologic-mpr"
    assert table.rows > 20
    assert all(np.isfinite(column).all() for column in table.columns.values())


@pytest.mark.parametrize(("binary", "text"), PAIRS.items())
def test_binary_and_text_of_a_measurement_agree(data: Path, binary: str, text: str) -> None:
    """Every column that both have agrees to 1e-4, also those that one of the two lacks and we rebuilt."""
    ours, _ = read_table("a.mpr", (data / binary).read_bytes())
    exported, _ = read_table("a.mpt", (data / text).read_bytes())
    assert_agree(ours, exported)
    assert (ours.spectra is None) == (exported.spectra is None)
    if ours.spectra is not None and exported.spectra is not None:
        assert_agree(ours.spectra, exported.spectra)


def assert_agree(one: Table, other: Table) -> None:
    """Equal rows, and every shared column to 1e-4; values a million times below the largest count as zero."""
    assert one.rows == other.rows
    shared = one.columns.keys() & other.columns.keys()
    assert len(shared) >= 7
    for name in shared:
        largest = float(np.max(np.abs(other.column(name))))
        np.testing.assert_allclose(
            one.column(name), other.column(name), rtol=1e-4, atol=1e-10 * (largest or 1.0), err_msg=name
        )


@pytest.mark.parametrize("name", REAL)
def test_charge_of_half_cycles_agrees_with_the_instrument_or_the_table_says_why(data: Path, name: str) -> None:
    """Charge from current (often rebuilt) and time per half cycle is the instrument's to 0.1 %, else a note gives both."""
    table, _ = read_table("a.mpr", (data / name).read_bytes())
    if table.kind != "cycling":
        return
    current, step = table.column("current_ampere"), table.column("step_count")
    mean = np.where(np.diff(step) == 0, (current[1:] + current[:-1]) / 2, current[1:])
    ours = mean * np.diff(table.column("test_time_second")) / 3600
    instrument = np.diff(table.column("net_charge_ampere_hour"))
    half = table.column("half_cycle_count")[1:]
    charges = [(abs(ours[half == one].sum()), abs(instrument[half == one].sum())) for one in np.unique(half)]
    largest = max(max(pair) for pair in charges)
    worst = max(abs(a - b) / max(a, b) for a, b in charges if max(a, b) > 0.01 * largest)
    assert worst < 1e-3 or any("differs from the instrument's own" in note for note in table.notes)


def test_what_the_library_warns_of_becomes_a_note(data: Path) -> None:
    """Columns of a newer EC-Lab that the library does not know are said, and kept as unknown."""
    table, _ = read_table("a.mpr", (data / "cycling/yadg/gcpl.issue_230.mpr").read_bytes())
    assert any("Unknown column ID 883" in note for note in table.notes)
    assert "unknown_colID_883" in table.unknown_columns


def test_current_that_the_file_lacks_is_rebuilt_and_said(data: Path) -> None:
    """GCPL files hold no current; ours is the set current in the middle of a half cycle."""
    table, _ = read_table("a.mpr", (data / REAL[2]).read_bytes())
    assert any("The file has no current" in note for note in table.notes)
    charging = (table.column("half_cycle_count") == 2) & (table.column("control_mode") == 1)
    assert np.median(table.column("current_ampere")[charging]) == pytest.approx(0.0887960e-3, rel=1e-3)


def test_spectra_survive_the_cache(data: Path, tmp_path: Path) -> None:
    """The companion table comes back from the cache with the cycling rows."""
    content = (data / "cycling/yadg/mb.issue_149.mpr").read_bytes()
    reader = reader_for("a.mpr", content)
    table = reader.read(content)
    TableCache(tmp_path).store(content_hash(content), reader, table)
    again = TableCache(tmp_path).table(content_hash(content), reader)
    assert again is not None
    assert again.notes == table.notes
    assert again.spectra is not None
    assert table.spectra is not None
    np.testing.assert_array_equal(
        again.spectra.column("real_impedance_ohm"), table.spectra.column("real_impedance_ohm")
    )


GOOD = written()
SET, DATA = GOOD.index(b"MODULEVMP Set"), GOOD.index(b"MODULEVMP data")
TABLE = DATA + 57 + 406
"""Where the table begins: after the head of its part (57 bytes) and the list of columns (406)."""


def with_number(row: int, place: int, kind: str, value: float) -> bytes:
    """The example with one number of a row changed; a row has 29 bytes."""
    content = bytearray(GOOD)
    struct.pack_into(kind, content, TABLE + 29 * row + place, value)
    return bytes(content)


DEFECTS: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "file-empty"),
    "cut in the first line": (GOOD[:20], "file-not-mpr"),
    "cut before the settings": (GOOD[: SET + 3], "file-broken"),
    "cut in the head of the settings": (GOOD[: SET + 30], "file-truncated"),
    "cut in the settings": (GOOD[: SET + 80], "file-truncated"),
    "cut after the settings": (GOOD[:DATA], "file-broken"),
    "cut in the head of the data": (GOOD[: DATA + 30], "file-truncated"),
    "cut in the list of columns": (GOOD[: DATA + 80], "file-truncated"),
    "cut in the rows": (GOOD[:-100], "file-truncated"),
    "no rows": (written(0), "file-without-rows"),
    "unknown version": (GOOD[: DATA + 45] + b"\x09" + GOOD[DATA + 46 :], "file-broken"),
    "no potential": (written(columns=(1, 2, 3, 4, 5, 8, 13, 468)), "column-missing"),
    "no time": (written(columns=(1, 2, 3, 7, 6, 8, 13, 468)), "column-missing"),
    "too few columns for the rows": (written(columns=(1, 2, 3, 4, 6, 8, 13)), "file-broken"),
    "NaN": (with_number(4, 9, "<f", float("nan")), "value-not-a-number"),
    "infinite": (with_number(4, 1, "<d", float("inf")), "value-not-a-number"),
    "time backwards": (with_number(5, 1, "<d", 1.0), "time-backwards"),
    "mV called V": (with_number(4, 9, "<f", 3500.0), "impossible-scale"),
    "binary garbage": (random.Random(1).randbytes(4000), "file-not-mpr"),
    "garbage after the first line": (GOOD[:52] + random.Random(1).randbytes(4000), "file-broken"),
    "foreign file": (b"PK\x03\x04" + b"\x00" * 100, "format-unknown"),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_one_defect_gives_the_one_clear_error(defect: str) -> None:
    """Each broken file ends in its own error, with all four fields said."""
    content, code = DEFECTS[defect]
    with pytest.raises(CathodelabError) as caught:
        read_table("test.mpr", content)
    assert caught.value.code == code
    assert all(caught.value.as_record().values())


def test_without_the_extra_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who lacks the library is told the command that brings it."""
    monkeypatch.setitem(sys.modules, "galvani", None)
    monkeypatch.setitem(sys.modules, "galvani.BioLogic", None)
    with pytest.raises(CathodelabError, match=r'pip install "cathodelab\[biologic\]"'):
        read_biologic_binary(GOOD)


def test_the_library_loads_only_when_such_a_file_is_read() -> None:
    """Importing the readers imports neither galvani nor polars."""
    code = "import sys, cathodelab.formats.readers; sys.exit(bool({'galvani', 'polars'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_content_decides_before_the_extension() -> None:
    """A binary file keeps its reader under any name."""
    assert reader_for("test.mpt", GOOD).id == "biologic-mpr"
    assert reader_for("test.dat", GOOD).id == "biologic-mpr"
    assert reader_for("test.mpr", b"garbage").id == "biologic-mpr"
    assert READERS[0].id == "bdf-parquet"


def mutated(content: bytes, chance: random.Random) -> bytes:
    """Content with one to eight small damages: bytes changed, lost, doubled, put in, or the end cut off."""
    damaged = content
    for _ in range(chance.choice([1, 1, 2, 8])):
        place = chance.randrange(min(len(damaged), chance.choice([300, 12000, len(damaged)])) or 1)
        length = chance.choice([1, 2, 7, 100, 5000])
        head, tail = damaged[:place], damaged[place:]
        damaged = head + chance.choice(
            [
                chance.randbytes(1) + tail[1:],
                tail[length:],
                chance.randbytes(length) + tail,
                tail[:length] + tail,
                b"",
                chance.choice([b"\xff" * 4, b"\x00" * 4, b"\xff\xff\x7f\x7f", b"MODULE"]) + tail[4:],
            ]
        )
    return damaged


def test_random_damage_ends_in_a_table_or_the_one_error(data: Path) -> None:
    """150 seeded mutations of real files: never another exception, and each within two seconds."""
    contents = [(data / name).read_bytes() for name in REAL]
    for seed in range(150):
        chance = random.Random(seed)
        content = mutated(chance.choice(contents), chance)
        begun = time.process_time()
        try:
            read_table("test.mpr", content)
        except CathodelabError as error:
            assert all(error.as_record().values())
        assert time.process_time() - begun < 2
