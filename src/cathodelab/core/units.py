"""Units by the name of a column: ``pressure_megapascal`` takes ``kPa``, ``bar`` and ``N/mm²``, and knows their factors.

A canonical column name ends in its unit in words. The dimensions and their units stand in one table (``dimensions.py``);
this file finds the unit that a text means, however it spells micro, ohm, degree, dots and exponents.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from cathodelab.core.arrays import FloatArray
from cathodelab.core.dimensions import DIMENSIONS, Dimension

_BY_ENDING = MappingProxyType({ending: one for one in DIMENSIONS for ending in one.endings})
_UNIT_WORDS = frozenset(ending.rpartition("_")[2] for ending in _BY_ENDING)
_MANGLED = {"Î¼": "µ", "Î©": "Ω", "Â": ""}  # UTF-8 that was read as Latin-1
_SIGNS = str.maketrans(
    {
        "μ": "u",
        "Ω": "Ohm",
        "°": "deg",
        "−": "-",
        "–": "-",
        "⁄": "/",
        "÷": "/",
        "^": "",
        "(": "",
        ")": "",
        "{": "",
        "}": "",
    }
    | dict.fromkeys("·⋅∙•*×", ".")
)
_LOST, _COULD_BE = "\ufffd", ("u", "deg", "Ohm")
_TERM = re.compile(r"(?P<unit>.*?[^\d+-])\+?(?P<exponent>-?\d)?")
_OHM = re.compile(r"ohms?", re.IGNORECASE)
_CASE_MATTERS = "mMpP"  # milli and mega, pico and peta


@dataclass(frozen=True)
class Conversion:
    """From a unit to that of a column: canonical = written * factor + offset."""

    factor: float
    offset: float = 0.0

    def __call__(self, written: FloatArray) -> FloatArray:
        """The values in the column's unit; the same array where nothing changes."""
        scaled = written if self.factor == 1.0 else written * self.factor
        return scaled if self.offset == 0.0 else scaled + self.offset


def dimension_of(column: str) -> Dimension | None:
    """The dimension that the last words of a canonical column name state, ``None`` if they state none.

    >>> dimension_of("pressure_megapascal").name
    'pressure'
    """
    ending = _ending(column)
    return _BY_ENDING[ending] if ending else None


def unit_of(column: str) -> str:
    """The unit of a canonical column as it is written, empty for a count and where the name states none.

    >>> unit_of("thickness_micrometre"), unit_of("specific_charge_milliampere_hour_per_gram"), unit_of("cycle_count")
    ('µm', 'mAh/g', '')
    """
    ending = _ending(column)
    unit = _BY_ENDING[ending].endings[ending] if ending else ""
    return "" if unit == "1" else written(unit)


def units_of(column: str) -> tuple[str, ...]:
    """The units that the values of a column may be given in, one spelling each, those of canonical names first."""
    dimension = dimension_of(column)
    if dimension is None:
        return ()
    different: dict[tuple[object, object], str] = {}
    for one in (*dimension.endings.values(), *dimension.units):
        different.setdefault((dimension.units[one], dimension.offsets.get(one)), written(one))
    return tuple(different.values())


@lru_cache(4096)  # files of one instrument have the same labels
def conversion(unit: str, column: str) -> Conversion | None:
    """How values in a unit, as a file or a person writes it, become values of a canonical column; ``None`` if they cannot.

    >>> conversion("N/mm²", "pressure_megapascal")
    Conversion(factor=1.0, offset=0.0)
    >>> conversion("K", "temperature_celsius")
    Conversion(factor=1.0, offset=-273.15)
    >>> conversion("V", "pressure_megapascal") is None
    True
    """
    ending = _ending(column)
    if not ending:
        return Conversion(1.0) if unit.strip() in ("", "1") else None
    dimension = _BY_ENDING[ending]
    here, there = _known(unit, dimension), dimension.endings[ending]
    if not here:
        return None
    offset = dimension.offsets.get(here, 0) - dimension.offsets.get(there, 0)
    return Conversion(float(dimension.units[here] / dimension.units[there]), float(offset / dimension.units[there]))


def ratio(old: str, new: str) -> float | None:
    """How many of the old unit one of the new is, in the first dimension that knows both; ``None`` if none does.

    >>> ratio("s", "h")
    3600.0
    """
    for dimension in DIMENSIONS:
        before, after = _known(old, dimension), _known(new, dimension)
        if before and after:
            return float(dimension.units[after] / dimension.units[before])
    return None


def plain(unit: str) -> str:
    """A unit in the one spelling of the table.

    >>> plain("Ω·cm²"), plain("ohm cm^2"), plain("mA h g⁻¹"), plain("µV / s"), plain("deg. C")
    ('Ohmcm2', 'Ohmcm2', 'mAh/g', 'uV/s', 'degC')
    """
    text = unit.strip()
    for mangled, meant in _MANGLED.items():
        text = text.replace(mangled, meant)
    text = unicodedata.normalize("NFKC", text.replace("º", "°").replace("**", "")).translate(_SIGNS)
    above, *below = _OHM.sub("Ohm", text).split("/")
    top, bottom = _terms(above)
    for part in below:
        first, second = _terms(part)
        top, bottom = top + second, bottom + first
    return "/".join(("".join(top) or "1", *bottom)) if text else ""


def written(unit: str) -> str:
    """A unit of the table as it is printed.

    >>> written("um2"), written("Ohmcm2"), written("1/cm2"), written("degC")
    ('µm²', 'ohm cm²', '1/cm²', '°C')
    """
    text = re.sub(r"(?<=[A-Za-zÅ])2", "²", re.sub(r"(?<=[A-Za-zÅ])3", "³", unit))
    text = re.sub(r"(^|/)u(?=[A-Zagmls])", r"\1µ", text).replace("deg", "°")
    return re.sub(r"ohm (?=$|/)", "ohm", text.replace("Ohm", "ohm "))


def _terms(product: str) -> tuple[list[str], list[str]]:
    """The factors of a product of units, and those with a negative exponent."""
    top: list[str] = []
    bottom: list[str] = []
    for term in re.split(r"[.\s]+|-(?=[^\d\s])", product):
        match = _TERM.fullmatch(term)
        if match is None:
            top += [term] if term not in ("", "1") else []
            continue
        exponent = match["exponent"] or ""
        side = bottom if exponent.startswith("-") else top
        side.append(match["unit"] + exponent.removeprefix("-").replace("1", ""))
    return top, bottom


def _known(unit: str, dimension: Dimension) -> str:
    """The unit of a dimension that a text means, empty if none or more than one."""
    guesses = [unit.replace(_LOST, sign) for sign in _COULD_BE] if _LOST in unit else [unit]
    found = {known for guess in guesses for known in _spelled(plain(guess), dimension)}
    return found.pop() if len(found) == 1 else ""


def _spelled(key: str, dimension: Dimension) -> tuple[str, ...]:
    """The unit itself, or else one that differs in capitals only, if that cannot be a matter of milli or mega."""
    if key in dimension.units:
        return (key,)
    if not key:
        return ("1",) if "count" in dimension.endings else ()
    alike = [known for known in dimension.units if known.lower() == key.lower()]
    prefixed = key[0] in _CASE_MATTERS and key[1:].lower() in {known.lower() for known in dimension.units}
    doubtful = len({dimension.units[known] for known in alike}) > 1 or (prefixed and alike and alike[0][0] != key[0])
    return () if doubtful else tuple(alike[:1])


def _ending(column: str) -> str:
    """The longest run of last words that states a unit; none where they are but the end of another: ``..._pascal_per_second``."""
    words = column.split("_")
    for first in range(len(words)):
        ending = "_".join(words[first:])
        if ending in _BY_ENDING:
            before = words[first - 1] if first else ""
            part = before == "per" or (words[first] == "per" and before in _UNIT_WORDS)
            return "" if part else ending
    return ""
