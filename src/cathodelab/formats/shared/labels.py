"""From labels of instrument files to canonical columns: the declarations that readers of cyclers are made of.

A label is a name and perhaps a unit in brackets: ``Current(mA)``, ``Test Time (s)``, ``Charge_Capacity``. A format declares
the names it knows and the unit that is meant where the label states none; a stated unit always takes precedence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from cathodelab.core.errors import MEANING, CathodelabError
from cathodelab.core.units import conversion, units_of

_LABEL = re.compile(r"\s*(?P<name>[^()\[\]]*?)\s*(?:[(\[](?P<unit>[^()\[\]]*)[)\]])?\s*")

_FULL_WIDTH = str.maketrans("（）［］／", "()[]/")
_CLOCK = re.compile(r"\bh+:m+(in)?:s+", re.IGNORECASE)
"""A unit that says how a clock is written (``h:min:s.ms``): its cells are read as clocks, in seconds."""


@dataclass(frozen=True)
class Known:
    """Meaning of a label: the column, and the unit where the label states none (``None``: it must state one)."""

    column: str
    unit: str | None = None


@dataclass(frozen=True)
class Place:
    """Position of a column in the file, and the factor to its canonical unit."""

    position: int
    factor: float


@lru_cache(4096)  # files of one cycler have the same labels
def parted(label: str) -> tuple[str, str]:
    """A label's name (lower case, blanks for underscores) and its unit (empty where there is none)."""
    match = _LABEL.fullmatch(label.strip().strip('"').translate(_FULL_WIDTH))
    name, unit = (match["name"], match["unit"] or "") if match else (label, "")
    unit = unit.strip()
    return " ".join(name.replace("_", " ").lower().split()), "s" if _CLOCK.search(unit) else unit


def placed(
    header: Sequence[str], known: Mapping[str, Known], needed: Sequence[str], line: int
) -> tuple[dict[str, Place], tuple[str, ...]]:
    """Places of the known columns, and the labels of the others.

    Raises:
        CathodelabError: a needed column is missing (``column-missing``) or its unit is not known (``unit-unknown``).
    """
    places: dict[str, Place] = {}
    unknown: list[str] = []
    for position, label in enumerate(header):
        name, unit = parted(label)
        meaning = known.get(name)
        if meaning is None or meaning.column in places:
            unknown.append(label)
            continue
        found = None if meaning.unit is None and not unit else conversion(unit or meaning.unit or "", meaning.column)
        if found is not None:
            places[meaning.column] = Place(position, found.factor)
        elif meaning.column in needed:
            raise _unit_unknown(label, unit, meaning.column, line)
        else:
            unknown.append(label)
    missing = [column for column in needed if column not in places]
    if missing:
        raise _column_missing(missing, header, known, line)
    return places, tuple(label for label in unknown if label.strip())


def _unit_unknown(label: str, unit: str, column: str, line: int) -> CathodelabError:
    known = ", ".join(units_of(column))
    return CathodelabError(
        "unit-unknown",
        f"The column {label!r} has the unit {unit!r}" if unit else f"The column {label!r} states no unit",
        where=f"header (line {line})",
        why=f"Known units of this quantity are {known}.",
        what_to_do="Export it in one of these, or state the unit of the column.",
        hints=(MEANING,),
    )


def _column_missing(
    missing: Sequence[str], header: Sequence[str], known: Mapping[str, Known], line: int
) -> CathodelabError:
    wanted = "; ".join(
        f"{column.replace('_', ' ')} (as {', '.join(repr(name) for name, meaning in known.items() if meaning.column == column)})"
        for column in missing
    )
    return CathodelabError(
        "column-missing",
        f"The table lacks {wanted}",
        where=f"header (line {line}): " + ", ".join(header)[:200],
        why="Time, potential and current are needed to evaluate anything.",
        what_to_do="Export these columns, or state which columns hold them.",
        hints=(MEANING,),
    )
