"""Kinds of files that no reader takes (the messages stand in test_messages.py): an ending never outweighs what a file is."""

from __future__ import annotations

import pytest

from cathodelab.formats.unread import first_line, unread


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.ods", b"PK\x03\x04mimetype", "a spreadsheet of LibreOffice"),
        ("a.cex", b"%PDF-1.7", "a PDF document"),
        ("a.txt", b"%PDF-1.7", "a PDF document"),
        ("a.zip", b"PK\x03\x04", "a zip archive or workbook that is cut off"),
    ],
)
def test_the_beginning_tells_before_the_ending(name: str, content: bytes, words: str) -> None:
    error = unread(name, content)
    assert (error.code, words in error.what) == ("format-unknown", True)


def test_the_first_line_is_quoted_where_it_is_text() -> None:
    assert first_line("电压,电流\n".encode()) == "first line: '电压,电流'"
    assert first_line(b"\x01\x02\n") == "the file is not text"
