"""Labels of compaction tables: which quantity a column holds, in which unit.

A label is a name and a unit: ``pressure_MPa``, ``Standardkraft [N]``, ``thickness in die / mm``, ``Druck in N/mm2``. The unit
says which kind of quantity it is, words of the name say which of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from cathodelab.core.units import conversion, units_of

Quantity = Literal["pressure", "force", "mass", "in die", "out of die", "somewhere", "displacement"]

COLUMNS = {
    "pressure": "pressure_megapascal",
    "force": "force_kilonewton",
    "mass": "mass_milligram",
    "length": "length_micrometre",
}
"""Kind of quantity -> canonical column."""

_WORDS = {
    "pressure": r"\b(pressure|stress|p|sigma|druck|pressdruck|spannung|standardspannung|verdichtungsdruck)\b",
    "force": r"\b(force|load|f|kraft|standardkraft|presskraft|prüfkraft|last)\b",
    "mass": r"\b(mass|weight|m|masse|einwaage)\b",
    "displacement": r"displacement|crosshead|traverse|\bweg\b|standardweg|verformung|stroke|extension|deformation|\bposition\b",
    "thickness": r"thickness|height|\bd\b|\bh\b|dicke|höhe|hoehe",
}
_NOT = (
    r"diameter|durchmesser|initial|fill|start|\boil\b|hydraul|manometer|\böl\b|pump|set ?point|target|soll|error|uncertainty|"
    r"\bsd\b|std|deviation"
)
_IN_DIE = r"in[ -]?die|in situ|under load|loaded|in der matrize|unter last|in der form"
_OUT_OF_DIE = (
    r"out[ -]?of[ -]?die|ex situ|eject|unloaded|after unloading|relaxed|ausgesto|nach entlastung|entlastet|ohne last"
)
_ONE_LETTER = ("N", "g")
"""Units of one letter that count behind a blank or an underscore: ``h_m`` and ``thickness A`` are names."""


@dataclass(frozen=True)
class Meaning:
    """What a column holds, and the factor to um, MPa, kN or mg."""

    quantity: Quantity
    factor: float


@dataclass(frozen=True)
class Undecided:
    """A name that is known under a unit that is not, or under none; ``units`` are those it may have."""

    unit: str
    units: tuple[str, ...]


def meaning_of(label: str, unit: str = "") -> Meaning | Undecided | None:
    """What a label means; ``None`` for what is no part of a compaction.

    Args:
        label: as it stands in the file.
        unit: from a row of units below, where there is one.
    """
    text = label.strip().strip('"').strip()
    for name, own in [(text, unit)] if unit else _parted(text):
        for kind, column in COLUMNS.items():
            found = conversion(own, column) if own else None
            if found is not None and kind == "mass" and re.search(_WORDS["force"], _plain(name)):
                return _undecided(_plain(name), own)  # a press that shows kg: is it kgf?
            if found is not None:
                return _of_kind(kind, _plain(name), found.factor)
    name, own = next(_stated(text), (text, unit))
    return _undecided(_plain(name), own)


def _parted(text: str) -> Iterator[tuple[str, str]]:
    """All ways to part a label into name and unit, the surest first."""
    if match := re.fullmatch(r"(.*)[\s_]in[\s_](\S+)", text):
        yield match[1], match[2]
    yield from _stated(text)
    if (match := re.fullmatch(r"(.*)[\s_,](\S+)", text)) and (len(match[2]) > 1 or match[2] in _ONE_LETTER):
        yield match[1], match[2]


def _stated(text: str) -> Iterator[tuple[str, str]]:
    """The parts of a label that marks its unit by brackets or by a slash."""
    if match := re.fullmatch(r"(.*?)\s*[(\[]\s*([^()\[\]]*?)\s*[)\]]", text):
        yield match[1], match[2]
        return
    for match in re.finditer("/", text):
        yield text[: match.start()].strip(), text[match.end() :].strip()


def _plain(name: str) -> str:
    return " ".join(name.replace("_", " ").lower().split())


def _of_kind(kind: str, words: str, factor: float) -> Meaning | None:
    """The quantity of a known kind that the words name."""
    if re.search(_NOT, words):
        return None
    if kind in ("pressure", "force", "mass"):
        quantity: Quantity = "pressure" if kind == "pressure" else "force" if kind == "force" else "mass"
        return Meaning(quantity, factor) if re.search(_WORDS[kind], words) else None
    if re.search(_WORDS["displacement"], words):
        return Meaning("displacement", factor)
    if not re.search(_WORDS["thickness"], words):
        return None
    return Meaning(_place(words), factor)


def _place(words: str) -> Quantity:
    if re.search(_OUT_OF_DIE, words):
        return "out of die"
    return "in die" if re.search(_IN_DIE, words) else "somewhere"


def _undecided(words: str, unit: str) -> Undecided | None:
    """A name that belongs to a compaction and has no unit that is known."""
    if re.search(_NOT, words):
        return None
    for kind, column in (
        ("pressure", "pressure"),
        ("force", "force"),
        ("displacement", "length"),
        ("thickness", "length"),
    ):
        if re.search(_WORDS[kind], words):
            return Undecided(unit, units_of(COLUMNS[column]))
    return None
