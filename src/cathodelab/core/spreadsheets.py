"""Protection against csv texts that a spreadsheet program would run as formulas."""

from __future__ import annotations


def harmless(text: str) -> str:
    """The text in a form that no spreadsheet program takes for a formula when it opens a csv file.

    A text that starts with ``=``, ``+``, ``-``, ``@``, tab or return gets an apostrophe in front, unless it is a number.

    >>> harmless("=1+1"), harmless("-0.25"), harmless("hand-1")
    ("'=1+1", '-0.25', 'hand-1')
    """
    if not text.startswith(("=", "+", "-", "@", "\t", "\r")):
        return text
    try:
        float(text)
    except ValueError:
        return f"'{text}"
    return text
