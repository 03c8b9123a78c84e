"""The encoding of a text from its head, and what is left as it is."""

from __future__ import annotations

import pytest

from cathodelab.formats.shared.opened import as_utf8, encoding_of, unpacked

LABELS = "循环号,工步号,电压(V),电流(mA)\n1,1,3.5,0.1\n"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"a,b\n1,2\n", "utf-8"),
        ("I/µA,T/°C\n".encode(), "utf-8"),
        ("I/µA,T/°C\n".encode("latin-1"), "latin-1"),
        ("Re(Z)/Ohm (Größe)\n".encode("cp1252"), "latin-1"),
        (LABELS.encode("gbk"), "gb18030"),
        (LABELS.encode(), "utf-8"),
        ("Current(μA)\n".encode("gbk"), "gb18030"),
        ("Z'/Ω\n".encode("gbk"), "gb18030"),
        ("a,b\n".encode("utf-16"), "utf-16"),
        (("a,b\n" * 50).encode("utf-16-be"), "utf-16-be"),
        (bytes(range(256)), "latin-1"),
    ],
)
def test_an_encoding_is_known_by_the_head(content: bytes, encoding: str) -> None:
    assert encoding_of(content) == encoding


def test_what_readers_understand_is_not_copied() -> None:
    """Large files of the usual kind cost nothing."""
    for content in (b"a,b\n1,2\n", "µ\n".encode("latin-1"), b"PK\x03\x04 no archive at all"):
        assert as_utf8(content) is content
    assert as_utf8(LABELS.encode("gbk")).decode() == LABELS
    assert as_utf8(b"a,b\r1,2\r") == b"a,b\n1,2\n"


def test_a_damaged_archive_is_left_to_the_reader_of_its_format() -> None:
    assert unpacked("a.xlsx", b"PK\x03\x04 no archive at all") is None
    assert unpacked("a.csv", b"a,b\n1,2\n") is None
