"""Any delimited table through a declared map."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cathodelab.core.errors import CathodelabError
from cathodelab.formats.readers import read_table
from cathodelab.formats.shared.column_map import column_map

DECLARED: dict[str, Any] = {
    "time": {"column": "t/h", "unit": "h"},
    "voltage": {"column": "Ewe", "unit": "mV"},
    "current": {"column": "I", "unit": "mA"},
    "skip_rows": 1,
}
TEXT = "made by a lab\nt/h;Ewe;I;remark\n0,0;3500,5;1,5;a\n0,5;3600,5;1,5;b\n"


def test_units_are_converted_and_unknown_columns_kept() -> None:
    """Hours, millivolts and milliamperes with decimal commas."""
    declared, problems = column_map("mylab", DECLARED, "study.toml")
    assert declared is not None
    assert not problems
    table, reader = read_table("cell.txt", TEXT.encode("latin-1"), (declared,))
    assert reader.id == "columns.mylab"
    assert table.columns["test_time_second"].tolist() == [0.0, 1800.0]
    assert table.columns["voltage_volt"].tolist() == pytest.approx([3.5005, 3.6005])
    assert table.columns["current_ampere"].tolist() == pytest.approx([0.0015, 0.0015])
    assert table.unknown_columns == ("remark",)


def test_every_problem_of_a_map_is_reported() -> None:
    """Unknown key, unknown unit, missing column, wrong option."""
    declared, problems = column_map(
        "bad",
        {"tme": {"column": "t"}, "voltage": {"column": "U", "unit": "kV"}, "current": "I", "skip_rows": "two"},
        "study.toml",
    )
    assert declared is None
    assert {problem.column for problem in problems} == {"tme", "voltage", "current", "skip_rows", "time"}


def test_a_map_asked_for_by_name_names_the_missing_label() -> None:
    """The map was chosen in cells.csv, the file has another header."""
    declared, _ = column_map("mylab", DECLARED, "study.toml")
    assert declared is not None
    with pytest.raises(CathodelabError, match=r"lacks Ewe .*header \(line 2\)"):
        read_table("cell.txt", TEXT.replace("Ewe", "U").encode(), (declared,), "mylab")


def test_an_unknown_format_shows_the_header_that_was_found() -> None:
    """And says how to go on."""
    with pytest.raises(CathodelabError, match="Declare a column map") as caught:
        read_table("cell.txt", b"a,b,c\n1,2,3\n")
    assert caught.value.code == "format-unknown"
    assert "a,b,c" in caught.value.where


def test_a_label_whose_unit_is_not_the_declared_one_is_said(data: Path) -> None:
    """A real BDF file whose time claims seconds and holds milliseconds: refused as it is, read by a declared map."""
    path = next((data / "cycling/battery-data-format").glob("*.csv"))
    with pytest.raises(CathodelabError, match='unit = "ms"'):
        read_table(path.name, path.read_bytes())
    names = {"time": "test_time_second", "voltage": "voltage_volt", "current": "current_ampere"}
    units = {"time": "ms", "voltage": "V", "current": "A"}
    declared, _ = column_map(
        "basytec", {key: {"column": name, "unit": units[key]} for key, name in names.items()}, "study.toml"
    )
    assert declared is not None
    table, _ = read_table(path.name, path.read_bytes(), (declared,), "basytec")
    assert table.rows == 17860
    assert 147 < table.column("test_time_second")[-1] / 3600 < 148
    assert [note for note in table.notes if "claims a unit 1000 times" in note] == list(table.notes)
