"""Texts of others on their way to a terminal, which takes control characters for commands."""

from __future__ import annotations

import unicodedata


def harmless_to_terminals(text: str) -> str:
    """The text with control and format characters spelled out; line breaks and tabs stay."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        one.encode("unicode_escape").decode("ascii")
        if unicodedata.category(one) in ("Cc", "Cf") and one not in "\n\t"
        else one
        for one in text
    )
