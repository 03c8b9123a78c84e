"""Every reader of ours keeps the promises of a reader, and the kit finds readers that do not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from cathodelab.core.arrays import frozen
from cathodelab.core.errors import CathodelabError
from cathodelab.formats.conformance import conformance, same
from cathodelab.formats.declared.makers import DECLARED
from cathodelab.formats.kinds import OURS
from cathodelab.formats.readers import READERS, Reader, mapped_reader, reader_for
from cathodelab.formats.shared.column_map import column_map
from cathodelab.formats.table import Table, TableKind

REAL = {
    "cycling/yadg/gcpl.issue_211.mpt": 20_000,
    "cycling/yadg/mb.issue_149.mpt": 50_000,
    "cycling/yadg/peis.mpt": 0,
    "cycling/PyProBE/Sample_data_biologic_01_MB_CA1.txt": 30_000,
    "cycling/yadg/bcd.issue_241.mpr": 0,
    "cycling/yadg/peis.mpr": 0,
    "cycling/cellpy/maccor_001.txt": 40_000,
    "cycling/beep/xTESLADIAG_000019_CH70.070": 20_000,
    "cycling/PyProBE/sample_data_maccor.csv": 0,
    "cycling/PyProBE/sample_data_arbin.csv": 0,
    "cycling/cellpy/neware_uio.csv": 30_000,
    "cycling/fastnda/SINTEF__G20M7_BTS91.nda.zip": 0,
    "cycling/navani/arbin_example.res": 0,
    "cycling/cellpy/20200624_test001_cc_01.h5": 0,
    "known_truth/ssb-01.csv": 20_000,
    "ctc/LIB_titration-data.txt": 0,
    "ctc/badSSB_titration-data.txt": 0,
    "ctc/badSSB_measurement.txt": 20_000,
    "impedance/lpscl_ion_blocking_m25C_RelaxIS.txt": 0,
    "impedance/lpscl_ion_blocking_m25C.txt": 0,
    "impedance/biologic_example.mpt": 0,
    "impedance/gamry_example.DTA": 0,
    "impedance/gamry_drift_corrected.dta": 0,
    "impedance/zplot_example.z": 0,
    "impedance/autolab_example.txt": 0,
    "impedance/versastudio_example.par": 0,
    "impedance/impedancepy_exampleData.csv": 0,
    "impedance/ssb_sample2_PEIS_at_rest.csv": 0,
}
"""File -> bytes kept (0: all)."""

BDF = b"Test Time / s,Voltage / V,Current / A\n" + b"".join(
    b"%d,%.3f,%.3f\n" % (10 * row, 3 + 0.01 * row, 0.5) for row in range(40)
)

BODE = b"freq/Hz,|Z|/Ohm,phase/deg\n" + b"".join(
    b"%.3f,%.3f,%.3f\n" % (10 ** (5 - 0.2 * row), 100 + 5 * row, -10 - row) for row in range(30)
)


def _broken_promises(reader: Reader, name: str, content: bytes, mutated: int = 10) -> list[str]:
    checks = conformance(reader, name, content, mutated=mutated)
    return [f"{check.name}: {check.sentence}" for check in checks if check.passed is False]


@pytest.mark.parametrize("path", REAL)
def test_our_readers_keep_every_promise_on_real_files(data: Path, unzipped: Callable[[str], bytes], path: str) -> None:
    content = unzipped(path) if path.endswith(".zip") else (data / path).read_bytes()
    content = content[: content.rindex(b"\n", 0, REAL[path]) + 1] if REAL[path] else content
    name = path.removesuffix(".zip")
    slow = path.endswith((".h5", ".res"))
    assert not _broken_promises(reader_for(name, content), name, content, mutated=2 if slow else 10)


@pytest.mark.parametrize("path", REAL)
def test_a_file_of_a_foreign_extension_is_read_alike_or_refused(
    data: Path, unzipped: Callable[[str], bytes], path: str
) -> None:
    content = unzipped(path) if path.endswith(".zip") else (data / path).read_bytes()
    name = path.removesuffix(".zip")
    own = reader_for(name, content)
    for strange in ("measurement", "measurement.zzz", "measurement.csv", "measurement.mpr"):
        try:
            reader = reader_for(strange, content)
            table = reader.read(content) if reader is not own else None
        except CathodelabError as error:
            assert all((error.where, error.why, error.what_to_do))
        else:
            assert table is None or same(table, own.read(content)), strange


def test_our_readers_keep_every_promise_on_small_files(workbook_bytes: bytes, tmp_path: Path) -> None:
    """Formats of which every real file is large, or that we write ourselves."""
    import polars as pl

    path = tmp_path / "a.parquet"
    pl.DataFrame({"Test Time / s": [0.0, 1.0], "Voltage / V": [3.0, 3.1], "Current / A": [1.0, 1.0]}).write_parquet(
        path
    )
    small = (("a.xlsx", workbook_bytes), ("a.csv", BDF), ("a.parquet", path.read_bytes()), ("b.csv", BODE))
    for name, content in small:
        assert not _broken_promises(reader_for(name, content), name, content), name
    units = {"time": ("t", "s"), "voltage": ("U", "V"), "current": ("I", "mA")}
    table = {word: {"column": label, "unit": unit} for word, (label, unit) in units.items()}
    declared, _ = column_map("ours", table, "study.toml")
    assert declared is not None
    content = BDF.replace(b"Test Time / s,Voltage / V,Current / A", b"t,U,I")
    assert not _broken_promises(mapped_reader(declared), "a.csv", content)


PRESSED = TableKind("pressed pellets", ("pressure_megapascal", "thickness_micrometre"), ("mass_milligram",))
PELLETS = b"p / MPa,h / mm,m / mg\n" + b"".join(
    b"%d,%.4f,%.1f\n" % (10 * row, 1.2 - 0.01 * row, 150.5) for row in range(1, 30)
)


def test_a_kind_of_ones_own_with_units_of_its_own_keeps_every_promise() -> None:
    """Also that its units count; a kind that nobody registered is found."""
    units = {
        "pressure_megapascal": ("p / MPa", "MPa"),
        "thickness_micrometre": ("h / mm", "mm"),
        "mass_milligram": ("m / mg", "mg"),
    }
    table = {name: {"column": label, "unit": unit} for name, (label, unit) in units.items()}
    declared, problems = column_map("press", {"kind": PRESSED.word, **table}, "study.toml", (*OURS, PRESSED))
    assert not problems
    assert declared is not None
    reader = mapped_reader(declared)
    checks = conformance(reader, "a.csv", PELLETS, kinds=(*OURS, PRESSED))
    assert not [check.sentence for check in checks if check.passed is False]
    assert next(check.passed for check in checks if check.name == "units count") is True
    assert reader.read(PELLETS).column("thickness_micrometre")[0] == pytest.approx(1190)
    broken = [check.name for check in conformance(reader, "a.csv", PELLETS, mutated=1) if check.passed is False]
    assert broken == ["kind"]


def test_no_reader_of_ours_is_left_out() -> None:
    """Whoever adds a reader adds a file to this module, or says here why not."""
    elsewhere = {
        "biologic-settings",  # has no rows: test_biologic_protocol.py
        *(form.id for form in DECLARED),  # declared/test_makers.py
        "neware-ndax",  # a second a reading: test_neware.py, test_foreign.py, test_mutations.py
    }
    tested = {
        "bdf-parquet", "biologic-mpr", "biologic-text", "titration-text", "neware-nda", "arbin-access", "arbin-hdf5",
        "cycler-workbook", "neware-text", "maccor-text", "arbin-text", "bdf-csv", "relaxis-text", "gamry-dta", "zplot-text",
        "autolab-text", "versastudio-par", "spectra-csv",
    }  # fmt: skip
    assert {reader.id for reader in READERS} == tested | elsewhere


def _own(content: bytes) -> Table:
    """The sound reader that the readers below each spoil in one way."""
    return reader_for("a.csv", BDF).read(content)


def _ignores_units(content: bytes) -> Table:
    return _own(content.replace(b"/ mA", b"/ A").replace(b"/ mV", b"/ V").replace(b"/ h", b"/ s"))


def _raises(content: bytes) -> Table:
    try:
        return _own(content)
    except CathodelabError as error:
        raise KeyError(error.code) from error


def _fills_gaps(content: bytes) -> Table:
    return _own(content.replace(b"n/a", b"0"))


def _forgets_the_unknown(content: bytes) -> Table:
    return replace(_own(content), unknown_columns=())


def _counts_backwards(content: bytes) -> Table:
    table = _own(content)
    return replace(table, columns={**table.columns, "test_time_second": frozen(-table.column("test_time_second"))})


def _has_a_nameless_unit(content: bytes) -> Table:
    table = _own(content)
    return replace(table, columns={**table.columns, "temperature": table.column("voltage_volt")})


SPOILT = {
    "units count": _ignores_units,
    "no number invented": _fills_gaps,
    "unknown columns kept": _forgets_the_unknown,
    "units in the names": _has_a_nameless_unit,
}


@pytest.mark.parametrize("promise", SPOILT)
def test_the_kit_finds_a_reader_that_breaks_one_promise(promise: str) -> None:
    reader = Reader("spoilt", "1", lambda *_: True, SPOILT[promise])
    assert promise in [text.partition(":")[0] for text in _broken_promises(reader, "a.csv", BDF)]


def test_the_kit_says_when_a_good_file_is_refused() -> None:
    """A clock that runs backwards is no good file."""
    found = _broken_promises(Reader("spoilt", "1", lambda *_: True, _counts_backwards), "a.csv", BDF)
    assert [text.partition(":")[0] for text in found] == ["reads a good file"]


def test_the_kit_lets_no_other_exception_pass() -> None:
    """A traceback of a reader is a traceback of the test: the author sees where."""
    with pytest.raises(KeyError):
        conformance(Reader("spoilt", "1", lambda *_: True, _raises), "a.csv", BDF)
