"""Which resistances of spectra belong into overviews."""

from __future__ import annotations

from collections.abc import Sequence

from cathodelab.core.method import Shown
from cathodelab.techniques.impedance.model import ImpedanceResult

_UNIT = "ohm cm2"
_FIRST = "Resistances are per electrode area, of the first spectrum of each cell that shows them."
_LAST = "“Last”: of the last spectrum that shows it; a cathode resistance changes with the state of charge alone."
_PARTS = (("cathode",), ("separator", "series"), ("anode",))


def headline(results: Sequence[ImpedanceResult]) -> tuple[Shown, ...]:
    """Cathode, separator and anode of the first spectrum, and the cathode of the last where cells have several.

    Where no spectrum reaches the separator, its series resistance stands instead.
    """
    shown = [one for parts in _PARTS if (one := _first(results, parts)) is not None]
    several = max((len(one.spectra) for one in results), default=0)
    last = _shown(results, "R(cathode), last", _names("cathode", range(several, 1, -1)), note=_LAST)
    return (*shown, last) if last is not None else tuple(shown)


def _first(results: Sequence[ImpedanceResult], parts: Sequence[str]) -> Shown | None:
    """The first of these parts of the cell that any spectrum shows."""
    several = max((len(one.spectra) for one in results), default=0)
    found = (
        _shown(results, f"R({part})", [f"{part}_resistance", *_names(part, range(1, several + 1))], note=_FIRST)
        for part in parts
    )
    return next((one for one in found if one is not None), None)


def _names(part: str, numbers: range) -> list[str]:
    return [f"{part}_resistance_{number}" for number in numbers]


def _shown(results: Sequence[ImpedanceResult], title: str, names: Sequence[str], *, note: str) -> Shown | None:
    """A number by those of its names that occur; ``None`` where none does."""
    there = [name for name in names if any(name in one.estimates for one in results)]
    return Shown(there[0], title, _UNIT, note=note, otherwise=tuple(there[1:])) if there else None
