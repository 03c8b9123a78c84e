"""Battery Data Format."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from cathodelab.core.errors import CathodelabError
from cathodelab.formats.bdf import read_bdf_text, write_bdf_text
from cathodelab.formats.readers import read_table

COLUMNS = {
    "test_time_second": np.array([0.0, 60.0]),
    "voltage_volt": np.array([3.5, 3.6]),
    "current_ampere": np.array([0.001, 0.001]),
    "step_count": np.array([1.0, 1.0]),
}


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    """Labels, order and numbers."""
    write_bdf_text(tmp_path / "a.bdf.csv", COLUMNS, dict.fromkeys(COLUMNS, 3))
    table = read_bdf_text((tmp_path / "a.bdf.csv").read_bytes())
    for name, values in COLUMNS.items():
        np.testing.assert_allclose(table.columns[name], values)


@pytest.mark.parametrize("labels", [True, False], ids=["labels", "machine names"])
def test_parquet_is_read_with_labels_and_machine_names(labels: bool) -> None:  # noqa: FBT001 - a pytest parameter
    """The two ways in which BDF names columns."""
    names = {"test_time_second": "Test Time / s", "voltage_volt": "Voltage / V", "current_ampere": "Current / A"}
    frame = pl.DataFrame({names[name] if labels else name: COLUMNS[name] for name in names})
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    table, reader = read_table("cell.bdf.parquet", buffer.getvalue())
    assert reader.id == "bdf-parquet"
    np.testing.assert_allclose(table.columns["voltage_volt"], COLUMNS["voltage_volt"])


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (pl.DataFrame({"test_time_second": [0.0], "voltage_volt": [3.5]}), "column-missing"),
        (
            pl.DataFrame({"test_time_second": [0.0], "voltage_volt": [None], "current_ampere": [1.0]}),
            "value-not-a-number",
        ),
        (
            pl.DataFrame(
                {"test_time_second": [], "voltage_volt": [], "current_ampere": []},
                schema=dict.fromkeys(("test_time_second", "voltage_volt", "current_ampere"), pl.Float64),
            ),
            "file-without-rows",
        ),
    ],
)
def test_bad_parquet_gives_one_clear_error(frame: pl.DataFrame, code: str) -> None:
    """Missing column, missing value, no rows."""
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    with pytest.raises(CathodelabError) as caught:
        read_table("cell.parquet", buffer.getvalue())
    assert caught.value.code == code


@pytest.mark.parametrize("content", [b"PAR1 broken", b"\x00" * 100, b"PAR1" + bytes(range(256)) * 4 + b"PAR1"])
def test_hostile_parquet_gives_one_clear_error(content: bytes) -> None:
    """No traceback of the parquet library."""
    with pytest.raises(CathodelabError) as caught:
        read_table("cell.parquet", content)
    assert caught.value.code == "file-not-parquet"


def test_a_label_with_another_unit_is_named() -> None:
    """A length where the format has volts: the error names the column that is wanted and the header that is there."""
    with pytest.raises(CathodelabError, match=r"lacks Voltage / V \[header: Test Time / s, Voltage / mm"):
        read_table("a.csv", b"Test Time / s,Voltage / mm,Current / A\n0,3000,0.1\n1,3001,0.1\n")
