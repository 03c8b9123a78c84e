"""Files that we write are read back as they were."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cathodelab.core.arrays import FloatArray
from cathodelab.formats.bdf import write_bdf_parquet, write_bdf_text
from cathodelab.formats.readers import read_table
from cathodelab_validation.biologic_text import write_biologic_text

DECIMALS = {
    "test_time_second": 3,
    "voltage_volt": 9,
    "current_ampere": 12,
    "step_count": 0,
    "net_charge_ampere_hour": 14,
}


@pytest.fixture
def rows() -> dict[str, FloatArray]:
    """Charge, rest, discharge."""
    current = np.repeat([5e-4, 0.0, -5e-4], 10)
    time = np.arange(30) * 60.0
    return {
        "test_time_second": time,
        "voltage_volt": 3.1 + 1e-3 * np.sin(time),
        "current_ampere": current,
        "step_count": np.repeat([1.0, 2.0, 3.0], 10),
        "net_charge_ampere_hour": np.concatenate([[0.0], np.cumsum(current[1:] * 60 / 3600)]),
    }


@pytest.mark.parametrize("form", ["cell.mpt", "cell.bdf.csv", "cell.bdf.parquet"])
def test_every_writer_is_understood_by_its_reader(rows: dict[str, FloatArray], tmp_path: Path, form: str) -> None:
    """Potential, current, time, steps and charge to the last digit that is written."""
    path = tmp_path / form
    if form == "cell.mpt":
        write_biologic_text(path, rows, header=("Run on channel : 3 (synthetic)",))
    elif form == "cell.bdf.csv":
        write_bdf_text(path, rows, DECIMALS)
    else:
        write_bdf_parquet(path, rows)
    table, reader = read_table(form, path.read_bytes())
    assert reader.id.startswith("biologic" if form.endswith("mpt") else "bdf")
    for name in ("test_time_second", "voltage_volt", "current_ampere", "net_charge_ampere_hour"):
        np.testing.assert_allclose(table.column(name), rows[name], rtol=1e-7, atol=1e-12)
    np.testing.assert_array_equal(np.diff(table.column("step_count")), np.diff(rows["step_count"]))
    assert table.notes == ()


def test_an_ec_lab_text_tells_its_channel_and_half_cycles(rows: dict[str, FloatArray], tmp_path: Path) -> None:
    """A rest belongs to the half cycle before it."""
    write_biologic_text(tmp_path / "a.mpt", rows, header=("Run on channel : 3 (synthetic)",))
    table, _ = read_table("a.mpt", (tmp_path / "a.mpt").read_bytes())
    assert table.metadata["channel"] == "3 (synthetic)"
    np.testing.assert_array_equal(table.column("half_cycle_count"), np.repeat([0.0, 0.0, 1.0], 10))
