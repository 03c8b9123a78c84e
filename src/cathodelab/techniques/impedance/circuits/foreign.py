"""Circuits in impedance.py's notation, translated: ``R0-p(R1-Wo1,CPE1)-L0`` is ``R-(Q[RWo])-L`` here.

There a minus sign parts elements in series, ``p( , )`` holds those in parallel, and numbers are names. Elements without a
counterpart here are refused by name.
"""

from __future__ import annotations

import re

from cathodelab.core.errors import CathodelabError

_ELEMENTS = {
    "R": "R",
    "C": "C",
    "L": "L",
    "CPE": "Q",
    "W": "W",
    "Wo": "Wo",
    "Ws": "Ws",
    "G": "G",
    "Zarc": "(RQ)",
}
"""Name there -> expression here; Wo is closed at its end (blocking) and Ws transmissive in both."""
_NAMED = re.compile(r"([A-Za-z]+?)_?(\d+)")


def is_foreign(expression: str) -> bool:
    """Whether an expression has the ``p( , )`` or the CPE of impedance.py."""
    return "p(" in expression or "CPE" in expression or "Zarc" in expression


def translated(expression: str) -> str:
    """The expression in Boukamp's notation.

    Raises:
        CathodelabError: brackets do not match, or an element has no counterpart.
    """
    text = re.sub(r"\s", "", expression)
    found, rest = _series(text, expression)
    if rest:
        raise _untranslated(expression, f"{rest[:20]!r} is left over.")
    return "-".join(found)


def _series(text: str, whole: str) -> tuple[list[str], str]:
    """Elements parted by minus signs, up to a comma, a closing bracket or the end; and what follows."""
    found: list[str] = []
    while text and text[0] not in ",)":
        if text[0] == "-":
            text = text[1:]
            continue
        if text.startswith("p("):
            part, text = _parallel(text[2:], whole)
        else:
            match = _NAMED.match(text)
            if match is None or match[1] not in _ELEMENTS:
                name = re.split(r"[-,)]", text, maxsplit=1)[0]
                raise _untranslated(whole, f"{name[:20]!r} has no counterpart; known are {', '.join(_ELEMENTS)}.")
            part, text = _ELEMENTS[match[1]], text[match.end() :]
        found.append(part)
    return found, text


def _parallel(text: str, whole: str) -> tuple[str, str]:
    """What stands in ``p( , )``, and what follows its bracket."""
    branches: list[str] = []
    while True:
        inside, text = _series(text, whole)
        if not inside or not text:
            raise _untranslated(whole, "A bracket is empty or not closed.")
        branches.append(inside[0] if len(inside) == 1 else f"[{''.join(inside)}]")
        end, text = text[0], text[1:]
        if end == ")":
            break
    # an arc is written with its resistance first
    if sorted(branches) == ["Q", "R"]:
        return "(RQ)", text
    return f"({''.join(branches)})", text


def _untranslated(expression: str, why: str) -> CathodelabError:
    return CathodelabError(
        "circuit-unreadable",
        f"{expression[:60]!r} cannot be translated",
        where="circuit expression",
        why=f"It was taken for impedance.py's notation. {why}",
        what_to_do="Write it in Boukamp's notation: series side by side, parallel in ( ), series inside in [ ]; R-(Q[RWo]).",
    )
