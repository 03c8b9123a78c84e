"""Texts that a spreadsheet program must not run."""

from __future__ import annotations

import pytest

from cathodelab.core.spreadsheets import harmless


@pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", "\r=1", "=HYPERLINK(1)"])
def test_a_formula_becomes_a_text(text: str) -> None:
    """With an apostrophe in front, as spreadsheet programs mark texts."""
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["hand-1", "-0.25", "+1", "-1e-3", "", "θ = 1", "−5"])
def test_numbers_and_ordinary_texts_stay(text: str) -> None:
    """A negative number is no formula."""
    assert harmless(text) == text
