"""Labels anywhere, in any encoding, above numbers, clocks or dates: a declared map finds them and says what it lacks."""

from __future__ import annotations

import pytest
from tests.formats.shared.test_workbook import book

from cathodelab.core.errors import CathodelabError
from cathodelab.formats.readers import read_table
from cathodelab.formats.shared.column_map import ColumnMap, column_map
from cathodelab.formats.shared.mapped_text import likeliest, located, suggestion

UNITS = {"time": ("总时间", "s"), "voltage": ("U/mV", "mV"), "current": ("I/µA", "µA")}
BODY = "总时间;U/mV;I/µA;\n00:00:00;3500,5;-5,0;\n26:03:04;3600,5;-5,0;\n"


def declared(units: dict[str, tuple[str, str]], **more: object) -> ColumnMap:
    """A map of these labels and units."""
    table = {word: {"column": label, "unit": unit} for word, (label, unit) in units.items()}
    found, problems = column_map("mine", {**table, **more}, "study.toml")
    assert not problems
    assert found is not None
    return found


@pytest.mark.parametrize(
    "content",
    [
        BODY.encode(),
        BODY.replace("µ", "μ").encode("gbk"),
        BODY.encode("utf-16"),
        ("a remark\n\n" + "x;y\n" * 5000 + BODY).encode(),
        BODY.replace("\n", "\r").encode(),
    ],
    ids=["UTF-8", "GBK", "UTF-16", "behind 20 kB", "old Macintosh"],
)
def test_labels_of_any_encoding_are_found_anywhere(content: bytes) -> None:
    """With clocks, decimal commas and a delimiter behind the last cell."""
    units = {**UNITS, "current": ("I/μA", "µA")} if "μ".encode("gbk") in content else UNITS
    table, reader = read_table("a.csv", content, (declared(units),))
    assert reader.id == "columns.mine"
    assert table.column("test_time_second").tolist() == [0.0, 93784.0]
    assert table.column("voltage_volt").tolist() == pytest.approx([3.5005, 3.6005])
    assert table.column("current_ampere").tolist() == pytest.approx([-5e-6, -5e-6])
    assert any("holds clocks" in note for note in table.notes)


@pytest.mark.parametrize(
    "dates", [("31.12.2025 23:00:00", "01.01.2026 01:00:00"), ("2025-12-31T23:00:00", "2026-01-01T01:00:00.0")]
)
def test_dates_are_a_clock(dates: tuple[str, str]) -> None:
    content = f"when,U,I\n{dates[0]},3.5,1\n{dates[1]},3.6,1\n".encode()
    table, _ = read_table(
        "a.csv", content, (declared({"time": ("when", "s"), "voltage": ("U", "V"), "current": ("I", "A")}),)
    )
    assert table.column("test_time_second").tolist() == [0.0, 7200.0]
    spoilt = content.replace(dates[1].encode(), b"later")
    with pytest.raises(CathodelabError, match="'later' is no date"):
        read_table("a.csv", spoilt, (declared({"time": ("when", "s"), "voltage": ("U", "V"), "current": ("I", "A")}),))


def test_a_line_of_units_is_skipped_and_a_sign_turned() -> None:
    units = {"time": ("t", "s"), "voltage": ("U", "V"), "current": ("I", "A")}
    turned = {"column": "I", "unit": "A", "factor": -1}
    table, _ = read_table(
        "a.csv", b"t,U,I\n[s],[V],[A]\n0,3.5,1\n1,3.6,1\n", (declared(units, skip_below=1, current=turned),)
    )
    assert table.column("current_ampere").tolist() == [-1.0, -1.0]


def test_a_sheet_of_a_workbook_is_read_by_a_map() -> None:
    units = {"time": ("t/h", "h"), "voltage": ("U", "V"), "current": ("I", "mA")}
    content = book([["remark"], ["t/h", "U", "I", "x"], [0, 3.5, 1, 1], [1, 3.6, 1, 1]])
    table, reader = read_table("a.xlsx", content, (declared(units),))
    assert reader.id == "columns.mine"
    assert table.column("test_time_second").tolist() == [0.0, 3600.0]
    assert table.unknown_columns == ("x",)


def test_a_key_that_is_none_is_refused_with_the_one_that_is_meant() -> None:
    _, problems = column_map("mine", {"current": {"column": "I", "unit": "A", "sign": -1}}, "study.toml")
    assert any("factor = -1 turns the sign" in one.allowed for one in problems)


def test_the_likeliest_line_of_labels_stands_above_numbers() -> None:
    content = b"made by,a lab\nnothing\nt,U,I\n0,3.5,1\n"
    near = likeliest(content)
    assert near is not None
    assert (near.line, near.cells) == (2, ("t", "U", "I"))
    assert located(content, ("t", "Z")) is None
    assert likeliest(b"no table\nat all\n") is None


def test_a_suggested_map_leaves_open_what_it_does_not_understand() -> None:
    text = suggestion(["Prog Time (h)", "Spannung [mV]", "Q"])
    assert 'time = { column = "Prog Time (h)", unit = "h" }' in text
    assert 'voltage = { column = "Spannung [mV]", unit = "mV" }' in text
    assert 'current = { column = "...", unit = "A" }' in text
