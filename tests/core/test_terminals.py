"""No text of others gives a terminal commands."""

from __future__ import annotations

import pytest

from cathodelab.core.terminals import harmless_to_terminals


@pytest.mark.parametrize("sign", ["\x1b", "\x07", "\x81", "\r", "\u202e"])
def test_control_characters_are_spelled_out(sign: str) -> None:
    """Colours, bells, text from right to left."""
    found = harmless_to_terminals(f"a{sign}[31mb")
    assert sign not in found
    assert found.startswith("a\\")


def test_what_can_be_read_stays() -> None:
    """Lines, tabs, signs of any language."""
    text = "Θ / %\t79.5\nZelle Ä, 电池"
    assert harmless_to_terminals(text) == text
