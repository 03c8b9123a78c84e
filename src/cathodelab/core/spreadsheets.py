"""Protection against csv texts that a spreadsheet program would run as formulas."""

from __future__ import annotations

import re

_SIGNS = ("=", "+", "-", "@")
_NEXT_ENTRY = re.compile(r"([;\t\n\r]\s*)")
"""Where a spreadsheet program, or one of another language, may begin another entry."""


def harmless(text: str) -> str:
    """The text in a form that no spreadsheet program takes for a formula when it opens a csv file.

    A text that starts with ``=``, ``+``, ``-``, ``@``, tab or return gets an apostrophe in front, unless it is a number; so does
    what stands behind a semicolon, tab or line break: programs of some languages begin a new entry there.

    >>> harmless("=1+1"), harmless("-0.25"), harmless("hand-1"), harmless("a;=1+1")
    ("'=1+1", '-0.25', 'hand-1', "a;'=1+1")
    """
    if not any(sign in text for sign in (*_SIGNS, "\t", "\r")):
        return text
    pieces = _NEXT_ENTRY.split(text)
    first = "".join(pieces[:3]) if text.startswith(("\t", "\r")) else ""
    guarded = (f"'{one}" if _is_formula(one) else one for one in (pieces[3:] if first else pieces))
    return (f"'{first}" if first else "") + "".join(guarded)


def _is_formula(entry: str) -> bool:
    if not entry.startswith(_SIGNS):
        return False
    try:
        float(entry)
    except ValueError:
        return True
    return False
