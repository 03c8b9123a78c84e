"""The workbook: opened again, it holds what the report says."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

HEAD = 4  # row of the column heads, counted from 1


@pytest.fixture(scope="module")
def book(written: Path) -> Workbook:
    """The workbook of the demonstration."""
    return load_workbook(written / "results" / "report.xlsx")


def test_the_contents_lead_to_every_sheet(book: Workbook) -> None:
    """Name, link, number of rows."""
    contents = book["contents"]
    assert contents["A3"].value == "SYNTHETIC DATA: generated, not measured"
    listed = {row[0].value: row for row in contents.iter_rows(min_row=HEAD + 1)}
    assert ["contents", *listed] == book.sheetnames
    for name, row in listed.items():
        assert row[0].hyperlink.location == f"'{name}'!A1"
        assert row[1].value == book[name].max_row - HEAD


def test_every_sheet_keeps_its_heads_in_view_and_says_that_it_is_synthetic(book: Workbook) -> None:
    """Frozen panes, a filter, columns as wide as what they hold, heads repeated in print."""
    for page in list(book)[1:]:
        assert page.freeze_panes == "B5"
        assert page.auto_filter.ref.startswith("A4:")
        assert page["A3"].value == "SYNTHETIC DATA: generated, not measured"
        assert page.print_title_rows == "$4:$4"
        assert page.column_dimensions["A"].width >= len(str(page["A4"].value))


def test_heads_carry_units_and_numbers_their_digits(book: Workbook) -> None:
    """As many decimals as two digits of the half-width need."""
    heads = [cell.value for cell in book["overview"][HEAD]]
    assert heads[2:6] == ["Utilization θ / %", "minus / %", "plus / %", "own part / %"]
    assert heads[-1] == "failed checks"
    assert book["windows"]["C4"].value == "E1 vs. Li+/Li / V"
    row = next(row for row in book["estimates"].iter_rows(min_row=HEAD + 1) if row[4].value == "static_utilization")
    assert row[5].number_format == "0.000"
    assert row[8].value == "1"
    assert row[9].value.startswith("mass of active material")


def test_the_overview_has_a_chart_with_both_half_widths(book: Workbook) -> None:
    """Drawn by the spreadsheet program itself from the sheet's numbers."""
    (chart,) = book["overview"]._charts
    bars = chart.series[0].errBars
    assert bars.plus.numRef.f == "'overview'!$E$5:$E$11"
    assert bars.minus.numRef.f == "'overview'!$D$5:$D$11"


def test_files_stand_with_their_hashes(book: Workbook, written: Path) -> None:
    """The same hash, the same file."""
    import hashlib

    rows = {row[2]: row[3] for row in book["files"].iter_rows(min_row=HEAD + 1, values_only=True)}
    name = "raw/ssb-01.bdf.csv"
    assert rows[name] == hashlib.sha256((written / name).read_bytes()).hexdigest()


def test_figure_data_are_those_of_the_csv(book: Workbook, written: Path) -> None:
    """One figure, number by number."""
    rows = [
        row for row in book["figure data"].iter_rows(min_row=HEAD + 1, values_only=True) if row[0] == "loss-overview"
    ]
    with (written / "results" / "figures" / "loss-overview.csv").open(encoding="utf-8", newline="") as lines:
        expected = [row for row in csv.reader(lines) if row[0] != "panel"]
    assert len(rows) == len(expected) == 21
    for row, other in zip(rows, expected, strict=True):
        assert row[9] == pytest.approx(float(other[4]))
