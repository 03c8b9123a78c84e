"""Labels of compaction tables: which quantity a column holds, in which unit.

A label is a name and a unit: ``pressure_MPa``, ``Standardkraft [N]``, ``thickness in die / mm``, ``Druck in N/mm2``. The unit says
which kind of quantity it is, words of the name say which of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Quantity = Literal["pressure", "force", "mass", "in die", "out of die", "somewhere", "displacement"]

LENGTHS = {"um": 1.0, "µm": 1.0, "μm": 1.0, "micron": 1.0, "mm": 1e3, "cm": 1e4, "m": 1e6}
PRESSURES = {
    "MPa": 1.0, "kPa": 1e-3, "Pa": 1e-6, "GPa": 1e3, "bar": 0.1, "N/mm2": 1.0, "N/mm²": 1.0, "N/mm^2": 1.0, "kN/cm2": 10.0,
    "kN/cm²": 10.0, "kN/cm^2": 10.0, "psi": 6.894757293e-3,
}  # fmt: skip
FORCES = {"kN": 1.0, "N": 1e-3, "MN": 1e3, "kgf": 9.80665e-3, "kp": 9.80665e-3, "tf": 9.80665, "t": 9.80665}
MASSES = {"mg": 1.0, "g": 1e3}
_DIMENSIONS = {"length": LENGTHS, "pressure": PRESSURES, "force": FORCES, "mass": MASSES}
"""Kind of quantity -> unit as written -> factor to um, MPa, kN, mg."""

_WORDS = {
    "pressure": r"\b(pressure|stress|p|sigma|druck|pressdruck|spannung|standardspannung|verdichtungsdruck)\b",
    "force": r"\b(force|load|f|kraft|standardkraft|presskraft|prüfkraft|last)\b",
    "mass": r"\b(mass|weight|m|masse|einwaage)\b",
    "displacement": r"displacement|crosshead|traverse|\bweg\b|standardweg|verformung|stroke|extension|deformation|\bposition\b",
    "thickness": r"thickness|height|\bd\b|\bh\b|dicke|höhe|hoehe",
}
_NOT = r"diameter|durchmesser|initial|fill|start|\boil\b|hydraul|manometer|\böl\b|pump|set ?point|target|soll|error|uncertainty|sd$|std"
_IN_DIE = r"in[ -]?die|in situ|under load|loaded|in der matrize|unter last|in der form"
_OUT_OF_DIE = r"out[ -]?of[ -]?die|ex situ|eject|unloaded|after unloading|relaxed|ausgesto|nach entlastung|entlastet|ohne last"


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
        kind, factor = _unit(own)
        words = _plain(name)
        if re.search(_NOT, words):
            return None
        if kind:
            return _of_kind(kind, words, factor)
    name, own = next(iter(_stated(text)), (text, unit))
    return _undecided(_plain(name), own)


def _parted(text: str) -> list[tuple[str, str]]:
    """All ways to part a label into name and unit, the surest first."""
    found = list(_stated(text))
    if match := re.fullmatch(r"(.*)[\s_]in[\s_](\S+)", text):
        found.insert(0, (match[1], match[2]))
    if match := re.fullmatch(r"(.*)[\s_,](\S+)", text):
        found.append((match[1], match[2]))
    return found


def _stated(text: str) -> list[tuple[str, str]]:
    """The parts of a label that marks its unit by brackets or by a slash."""
    if match := re.fullmatch(r"(.*?)\s*[(\[]\s*([^()\[\]]*?)\s*[)\]]", text):
        return [(match[1], match[2])]
    places = [match.start() for match in re.finditer("/", text)]
    return [(text[:at].strip(), text[at + 1 :].strip()) for at in places]


def _unit(text: str) -> tuple[str, float]:
    """Kind of quantity and factor of a unit; empty for what is none. ``mPa`` is none: nobody presses with millipascal."""
    plain = text.strip().replace(" ", "")
    for kind, units in _DIMENSIONS.items():
        if plain in units:
            return kind, units[plain]
    if plain == "mPa" or len(plain) < 2:
        return "", 1.0
    for kind, units in _DIMENSIONS.items():
        for unit, factor in units.items():
            if len(unit) > 1 and unit not in ("MN", "Pa") and plain.lower() == unit.lower():
                return kind, factor
    return "", 1.0


def _plain(name: str) -> str:
    return " ".join(name.replace("_", " ").lower().split())


def _of_kind(kind: str, words: str, factor: float) -> Meaning | None:
    """The quantity of a known kind that the words name."""
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
    for kind, units in (("pressure", PRESSURES), ("force", FORCES), ("displacement", LENGTHS), ("thickness", LENGTHS)):
        if re.search(_WORDS[kind], words):
            return Undecided(unit, tuple(units))
    return None
