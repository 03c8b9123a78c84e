"""Workbooks of Arbin, Neware and LAND: the labels tell whose they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.formats.shared.test_workbook import book
from tests.formats.stand_ins import Rows
from tests.formats.test_dialects import NEWARE, charges, neware

from cathodelab.core.errors import CathodelabError
from cathodelab.formats.readers import read_table


def test_a_workbook_of_btsda_gives_the_two_cycles(rows: Rows) -> None:
    table, reader = read_table("a.xlsx", book([NEWARE.split(","), *neware(rows)]))
    assert reader.id == "cycler-workbook"
    assert charges(table) == pytest.approx([1.0, 1.0, 1.0, 1.0])
    unsigned, _ = read_table("a.xlsx", book([NEWARE.split(","), *neware(rows, unsigned=True)]))
    assert unsigned.column("current_ampere").tolist() == pytest.approx(table.column("current_ampere").tolist())


def test_a_workbook_of_land_gives_the_two_cycles(rows: Rows) -> None:
    labels = [
        "Record",
        "Cycle-Index",
        "Step-Index",
        "TestTime/Sec",
        "StepTime/Sec",
        "Current/mA",
        "Capacity/mAh",
        "Voltage/V",
    ]
    lines = [
        [row["record"], row["cycle"], row["step"], row["time"], row["within"], float(row["current"]) * 1e3,
         float(row["charge"]) * 1e3, row["voltage"]] for row in rows
    ]  # fmt: skip
    table, _ = read_table("a.xlsx", book([labels, *lines]))
    assert charges(table) == pytest.approx([1.0, 1.0, 1.0, 1.0])
    assert any("LAND's one count of charge" in note for note in table.notes)


def test_an_old_workbook_of_neware_agrees_with_its_own_table_of_steps(data: Path) -> None:
    """Its sheet of steps, which is not read, says 3.5241, 3.1197, 2.8333 and 2.7708 mAh; the clock comes from the dates."""
    table, _ = read_table("a.xls", (data / "cycling/cellpy/lanhe_record_tab.xls").read_bytes())
    assert table.rows == 2943
    assert [1e3 * one for one in charges(table)[:4]] == pytest.approx(
        [3.52414567, 3.11968417, 2.83325161, 2.77078789], rel=1e-6
    )
    assert any("dates of the steps" in note for note in table.notes)


def test_a_workbook_of_something_else_says_which_are_known_and_what_to_export() -> None:
    with pytest.raises(CathodelabError) as caught:
        read_table("a.xlsx", book([["Sample", "Mass"], ["a", 1]]))
    assert caught.value.code == "column-missing"
    assert "in BTSDA tick the layer `record`" in caught.value.what_to_do
