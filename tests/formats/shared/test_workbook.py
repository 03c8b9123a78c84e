"""Sheets of workbooks: labels below other lines, clocks, dates and words; cells that are none of these are named."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence

import openpyxl
import pytest

from cathodelab.core.errors import CathodelabError
from cathodelab.formats.shared.labels import Place
from cathodelab.formats.shared.workbook import is_workbook, sheets_of

WANTED = [{"record", "voltage"}]


def book(rows: Sequence[Sequence[object]], title: str = "record") -> bytes:
    """A workbook of a sheet of remarks and one of these rows."""
    made = openpyxl.Workbook()
    assert made.active is not None
    made.active.append(["made", "here"])
    sheet = made.create_sheet(title)
    for row in rows:
        sheet.append(list(row))
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


ROWS = [
    ["a remark"],
    ["Record", "Voltage(V)", "Time", "Date", "Type", "Odd"],
    [1, 3.5, "00:00:00", dt.datetime(2026, 1, 1), "Rest", 1],  # noqa: DTZ001 - cells have no zone
    [2, 3.6, "1-00:00:01.5", dt.datetime(2026, 1, 2), "CC Chg", "x"],  # noqa: DTZ001
]


def test_numbers_clocks_dates_and_words_come_out_of_the_sheet_with_the_labels() -> None:
    names, (sheet,) = sheets_of(book(ROWS), WANTED)
    assert names == ["Sheet", "record"]
    assert (sheet.label_row, sheet.rows) == (2, 2)
    assert sheet.numbers(Place(1, 1e3)).tolist() == pytest.approx([3500, 3600])
    assert sheet.numbers(Place(2, 1.0)).tolist() == pytest.approx([0, 86401.5])
    days = sheet.numbers(Place(3, 1.0))
    assert days[1] - days[0] == pytest.approx(86400)
    assert sheet.texts(4) == ["Rest", "CC Chg"]
    assert sheets_of(book(ROWS), [{"current"}])[1] == []


@pytest.mark.parametrize(
    ("place", "words"), [(5, "'x' is no number [row 4, column 'Odd']"), (4, "'Rest' is no number")]
)
def test_a_cell_that_is_no_number_is_named(place: int, words: str) -> None:
    _, (sheet,) = sheets_of(book(ROWS), WANTED)
    with pytest.raises(CathodelabError) as caught:
        sheet.numbers(Place(place, 1.0))
    assert words in str(caught.value)


def test_what_is_no_workbook_is_told_apart_and_a_damaged_one_is_refused() -> None:
    content = book(ROWS)
    assert is_workbook(content)
    assert not is_workbook(b"Record,Voltage(V)\n")
    assert not is_workbook(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    with pytest.raises(CathodelabError, match="The Excel file cannot be read"):
        sheets_of(content[: len(content) // 2], WANTED)
