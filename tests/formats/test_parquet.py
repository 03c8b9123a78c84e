"""Parquet files of strangers: whatever they do to the library, it is one clear error, and the next file is read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from cathodelab.core.errors import CathodelabError
from cathodelab.formats import parquet
from cathodelab.formats.bdf import read_bdf_parquet, write_bdf_parquet

COLUMNS = {name: np.arange(1.0, 5.0) for name in ("test_time_second", "voltage_volt", "current_ampere")}


@pytest.fixture
def good(tmp_path: Path) -> bytes:
    """Four rows."""
    write_bdf_parquet(tmp_path / "good.parquet", COLUMNS)
    return (tmp_path / "good.parquet").read_bytes()


@pytest.mark.parametrize("name", ["nested", "bomb", "parquet_PanicException", "parquet_abort"])
def test_hostile_files_are_one_error_and_the_next_is_read(data: Path, good: bytes, name: str) -> None:
    """Columns of lists, 200 million rows in 1.6 MB, a panic, an abort of the process."""
    case = data.parent / "cases" / "attack" / f"{name}.parquet"
    if not case.is_file():
        pytest.skip(f"no {case}")
    with pytest.raises(CathodelabError):
        read_bdf_parquet(case.read_bytes())
    table = read_bdf_parquet(good)
    assert all(np.array_equal(table.columns[label], values) for label, values in COLUMNS.items())


def test_a_reading_process_that_is_killed_is_one_error_and_the_next_file_is_read(good: bytes) -> None:
    """As for lack of memory."""
    read_bdf_parquet(good)
    parquet._RUNNING[0]._child.kill()
    parquet._RUNNING[0]._child.wait()
    with pytest.raises(CathodelabError, match="the process that read it ended"):
        read_bdf_parquet(good)
    assert read_bdf_parquet(good).columns["voltage_volt"].size == 4


def test_empty_entries_and_unknown_columns_are_said(tmp_path: Path) -> None:
    """A text that is no number, a column that nobody knows."""
    path = tmp_path / "own.parquet"
    pl.DataFrame({**COLUMNS, "mine": [[1], [2], [3], [4]]}).write_parquet(path)
    assert read_bdf_parquet(path.read_bytes()).unknown_columns == ("mine",)
    pl.DataFrame({**COLUMNS, "voltage_volt": ["1", "x", None, "2"]}).write_parquet(path)
    with pytest.raises(CathodelabError, match=r"2 values are no finite numbers .*row 2"):
        read_bdf_parquet(path.read_bytes())
