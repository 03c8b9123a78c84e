"""The three answers of a check, as short to write as they are to read."""

from __future__ import annotations

from cathodelab.core.checks import Check

NAN = float("nan")


def good(name: str, sentence: str, value: float = NAN, limit: float = NAN) -> Check:
    """The check is passed."""
    return Check(name, passed=True, value=value, limit=limit, sentence=sentence)


def bad(name: str, sentence: str, value: float = NAN, limit: float = NAN) -> Check:
    """The check is failed."""
    return Check(name, passed=False, value=value, limit=limit, sentence=sentence)


def unsure(name: str, sentence: str, value: float = NAN, limit: float = NAN) -> Check:
    """The record cannot answer, or the answer is neither good nor bad."""
    return Check(name, passed=None, value=value, limit=limit, sentence=sentence)
