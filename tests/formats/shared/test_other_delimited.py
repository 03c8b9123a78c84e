"""BDF files and other delimited files of the data."""

from pathlib import Path

import numpy as np
import pytest

from cathodelab.core.errors import CathodelabError
from cathodelab.formats.readers import read_table
from cathodelab.formats.shared.column_map import column_map


def test_milliseconds_written_as_seconds_are_refused(data: Path) -> None:
    (path,) = (data / "cycling/battery-data-format").glob("*.bdf.csv")
    with pytest.raises(CathodelabError, match="milliseconds were taken for seconds") as caught:
        read_table(path.name, path.read_bytes())
    assert caught.value.code == "impossible-scale"


def test_a_converted_arbin_file_is_read_from_its_own_columns(data: Path) -> None:
    """Its BDF current and capacities are a thousandth of Arbin's, and its capacities reset."""
    table, reader = read_table("a.bdf.csv", (data / "cycling/datalab/arbin_example.bdf.csv").read_bytes())
    assert (reader.id, table.rows) == ("arbin-text", 2150)
    assert np.abs(table.column("current_ampere")).max() == pytest.approx(8.658e-5, rel=1e-3)
    assert any("is 0.001 times" in note for note in table.notes)


def test_decimal_commas_are_read_by_a_declared_column_map(data: Path) -> None:
    declared, problems = column_map(
        "tcell",
        {
            "time": {"column": "time/s", "unit": "s"},
            "voltage": {"column": "Ewe/V", "unit": "V"},
            "current": {"column": "I/mA", "unit": "mA"},
            "decimal": ",",
        },
        "study.toml",
    )
    assert not problems
    assert declared is not None
    content = (data / "cycling/PyBOP/T-cell_pOCV_data.txt").read_bytes()
    table, reader = read_table("a.txt", content, maps=[declared])
    assert (reader.id, table.rows) == ("columns.tcell", 9740)
    assert table.column("voltage_volt")[0] == pytest.approx(3.3091569)
    assert table.column("current_ampere")[0] == pytest.approx(9.1570303e-5)
