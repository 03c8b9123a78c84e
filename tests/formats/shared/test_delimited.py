"""Bad tables end in one clear error that names the place."""

from __future__ import annotations

import pytest

from cathodelab.core.errors import CathodelabError
from cathodelab.formats.bdf import read_bdf_text

HEADER = "Test Time / s,Voltage / V,Current / A,Step Count / 1,Ambient Temperature / degC\n"
ROWS = "0.0,3.5,0.001,1,25\n60.0,3.6,0.001,1,25\n120.0,3.6,0.0,2,25\n"


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"", "file-empty", "empty"),
        (b"  \n \n", "file-empty", "empty"),
        (HEADER.encode(), "file-without-rows", "header and no rows"),
        ((HEADER + ROWS)[:-9].encode(), "file-truncated", "cut off"),
        ((HEADER + ROWS.replace("60.0,3.6", "60.0,3.6,1")).encode(), "row-incomplete", "Line 3 has 6 of 5"),
        ((HEADER + ROWS.replace("3.6", "nan", 1)).encode(), "value-not-a-number", "'nan' is no number"),
        ((HEADER + ROWS.replace("3.6", "oops", 1)).encode(), "value-not-a-number", "line 3, column 'Voltage / V'"),
        ((HEADER + ROWS.replace("3.6", "", 1)).encode(), "value-not-a-number", "'' is no number"),
        ((HEADER + ROWS).replace("Voltage / V", "U").encode(), "column-missing", "lacks Voltage / V"),
        ((HEADER + ROWS).encode("utf-16"), "file-not-text", "zero bytes"),
    ],
)
def test_one_defect_gives_one_clear_error(content: bytes, code: str, words: str) -> None:
    """What, where, why and what to do."""
    with pytest.raises(CathodelabError) as caught:
        read_bdf_text(content)
    assert caught.value.code == code
    assert words in str(caught.value)
    assert caught.value.what_to_do.endswith(".")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters_are_found(delimiter: str) -> None:
    """Comma, semicolon, tab."""
    table = read_bdf_text((HEADER + ROWS).replace(",", delimiter).encode())
    assert table.columns["voltage_volt"].tolist() == [3.5, 3.6, 3.6]


def test_decimal_commas_are_understood_where_the_comma_is_not_the_delimiter() -> None:
    """A German export."""
    table = read_bdf_text((HEADER + ROWS).replace(",", ";").replace(".", ",").encode())
    assert table.columns["test_time_second"].tolist() == [0.0, 60.0, 120.0]


def test_marks_line_ends_and_quotes_do_not_matter() -> None:
    """UTF-8 mark, CRLF, trailing blank lines, quoted labels."""
    text = (HEADER.replace("Voltage / V", '"Voltage / V"') + ROWS + "\n\n").replace("\n", "\r\n")
    table = read_bdf_text(b"\xef\xbb\xbf" + text.encode())
    assert table.rows == 3
    assert table.unknown_columns == ("Ambient Temperature / degC",)
