"""2,000 random mutations of real files: a table or the one clear error, within bounded time; never anything else.

`benchmarks/formats/mutations.py` runs 100,000 and counts what comes of them.
"""

import gzip
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.formats.stand_ins import STAND_INS, Rows

from cathodelab.core.errors import CathodelabError
from cathodelab.formats.conformance import unit_verdicts
from cathodelab.formats.damage import grid_of, mutations
from cathodelab.formats.readers import read_table, reader_for

TEXTS = {
    "cycling/cellpy/maccor_001.txt": 20_000,
    "cycling/beep/xTESLADIAG_000019_CH70.070": 20_000,
    "cycling/PyProBE/sample_data_maccor.csv": 0,
    "cycling/PyProBE/sample_data_arbin.csv": 0,
    "cycling/cellpy/neware_uio.csv": 20_000,
    "cycling/datalab/arbin_example.bdf.csv": 20_000,
    "cycling/yadg/gcpl.issue_211.mpt": 20_000,
    "cycling/yadg/geis.mpt": 20_000,
    "cycling/PyProBE/Sample_data_biologic_01_MB_CA1.txt": 30_000,
    "known_truth/ssb-01.csv": 20_000,
    "ctc/LIB_titration-data.txt": 0,
    "cycling/PyProBE/basytec.txt": 0,
    "cycling/PyProBE/novonix_uhpc_2_13.csv": 0,
    "cycling/battery-data-toolkit/camp_maccor_minutes_formation.062": 20_000,
    "cycling/fastnda/neware_btsda_microampere_latin1.csv": 20_000,
}
"""File -> how many bytes of it are kept (0: all; a text gains nothing by its length)."""

BINARIES = {
    "cycling/yadg/peis.mpr": 300,
    "cycling/yadg/mb.issue_149.mpr": 300,
    "cycling/fastnda/SINTEF__G20M7_BTS91.nda.zip": 100,
    "cycling/fastnda/test_2.ndax": 20,
    "cycling/navani/arbin_example.res": 60,
    "cycling/cellpy/20200624_test001_cc_01.h5": 10,
}
"""File -> number of mutations: small where a reading takes long."""

EACH_TEXT, EACH_STAND_IN = 60, 25
LONGEST_SECONDS = 20.0


def _all_end_well(name: str, content: bytes, number: int) -> None:
    for index, bad in enumerate(mutations(content, name, number)):
        begin = time.perf_counter()
        try:
            read_table(name, bad)
        except CathodelabError as error:
            assert error.what_to_do
        assert time.perf_counter() - begin < LONGEST_SECONDS, index


def _kept(data: Path, path: str) -> bytes:
    content = (data / path).read_bytes()
    return content[: content.rindex(b"\n", 0, TEXTS[path]) + 1] if TEXTS[path] else content


@pytest.mark.parametrize("path", TEXTS)
def test_mutations_of_texts_give_a_table_or_the_one_clear_error(data: Path, path: str) -> None:
    _all_end_well(path, _kept(data, path), EACH_TEXT)


@pytest.mark.parametrize("path", BINARIES)
def test_mutations_of_binaries_give_a_table_or_the_one_clear_error(
    data: Path, unzipped: Callable[[str], bytes], path: str
) -> None:
    if ".nda" in path:
        pytest.importorskip("fastnda")
    content = unzipped(path) if path.endswith(".zip") else (data / path).read_bytes()
    _all_end_well(path.removesuffix(".zip"), content, BINARIES[path])


@pytest.mark.parametrize("reader_id", STAND_INS)
def test_mutations_of_the_makers_exports_give_a_table_or_the_one_clear_error(rows: Rows, reader_id: str) -> None:
    name, write = STAND_INS[reader_id]
    _all_end_well(name, write(rows), EACH_STAND_IN)


@pytest.mark.parametrize(
    "reader_id", [one for one in STAND_INS if one != "versastudio-par"]
)  # it does not end with rows
def test_no_unit_in_a_makers_label_is_ignored(rows: Rows, reader_id: str) -> None:
    name, write = STAND_INS[reader_id]
    content = write(rows[:15])
    grid, reader = grid_of(content), reader_for(name, content)
    assert grid is not None
    verdicts = list(unit_verdicts(reader, grid, reader.read(content)))
    assert not [label for label, verdict in verdicts if verdict == "ignored"]


def test_mutations_of_packed_and_coded_texts_give_a_table_or_the_one_clear_error(maccor_bytes: bytes) -> None:
    _all_end_well("a.txt.gz", gzip.compress(maccor_bytes, mtime=0), 40)
    _all_end_well("a.txt", maccor_bytes.decode().encode("utf-16"), 40)


def test_mutations_of_a_workbook_give_a_table_or_the_one_clear_error(workbook_bytes: bytes) -> None:
    _all_end_well("a.xlsx", workbook_bytes, 40)


@pytest.mark.parametrize("path", TEXTS)
def test_no_unit_in_a_label_is_ignored(data: Path, path: str) -> None:
    """With mA made A, V made mV, s made h: the numbers follow, or the file is refused, or the column is unused and listed."""
    content = _kept(data, path)
    grid, reader = grid_of(content), reader_for(path, content)
    assert grid is not None
    verdicts = list(unit_verdicts(reader, grid, reader.read(content)))
    assert not [label for label, verdict in verdicts if verdict == "ignored"]
