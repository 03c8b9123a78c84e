"""The one table of units: every dimension with the units that files write, and the words that end a column's name.

Factors are exact: every number of this table is rational, so a conversion between two units is rounded once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

_PREFIXES = {"G": 9, "M": 6, "k": 3, "": 0, "c": -2, "m": -3, "u": -6, "n": -9, "p": -12}


@dataclass(frozen=True)
class Dimension:
    """One physical quantity.

    Args:
        name: in words.
        units: unit as written (as :func:`cathodelab.core.units.plain` spells it) -> factor to a unit that all share.
        endings: last words of a canonical column name -> the unit that they mean; the first one is the usual.
        offsets: unit -> value of its zero in the shared unit (temperature only).
    """

    name: str
    units: Mapping[str, Fraction]
    endings: Mapping[str, str]
    offsets: Mapping[str, Fraction] = field(default_factory=dict)


def _prefixed(base: str, prefixes: str, factor: float = 1) -> dict[str, Fraction]:
    """A unit alone and with each of some prefixes."""
    return {f"{prefix}{base}": Fraction(repr(factor)) * Fraction(10) ** _PREFIXES[prefix] for prefix in ("", *prefixes)}


def _each(**factors: float) -> dict[str, Fraction]:
    return {name: Fraction(repr(factor)) for name, factor in factors.items()}


def _words(words: str, factor: float = 1) -> dict[str, Fraction]:
    return dict.fromkeys(words.split(), Fraction(repr(factor)))


_SECONDS = (
    _prefixed("s", "mu")
    | _words("min minute minutes", 60)
    | _words("h hr hrs hour hours", 3600)
    | _words("d day days", 86400)
    | _words("sec secs second seconds hh:mm:ss")  # clock texts are read as seconds
)
_OHM = _prefixed("Ohm", "kMmu")
_VOLT = _prefixed("V", "mun") | _words("volt volts")
_AMPERE = _prefixed("A", "munp") | _words("amp amps ampere amperes")
_CHARGE = (
    _prefixed("Ah", "mun", 3600)
    | _prefixed("Ahr", "mu", 3600)
    | _words("Amphr", 3600)
    | _prefixed("As", "m")
    | _prefixed("C", "mun")
)
_LENGTH = _prefixed("m", "cmunp") | _words("micron microns", 1e-6) | _words("Å A Angstrom", 1e-10)
_ENERGY = _prefixed("J", "mukM") | _prefixed("Wh", "muk", 3600) | _prefixed("Nm", "mk") | _words("Nmm", 1e-3)
_PRESSURE = (
    _prefixed("Pa", "mkMG")
    | _prefixed("bar", "mk", 1e5)
    | _each(atm=101325, psi=6894.757293168362, Torr=133.32236842105263, mmHg=133.322387415)
    | {"N/mm2": Fraction(10**6), "kN/cm2": Fraction(10**7), "N/m2": Fraction(1), "kgf/cm2": Fraction("98066.5")}
)
_AREA = _each(m2=1, cm2=1e-4, mm2=1e-6, um2=1e-12, nm2=1e-18)
_VOLUME = _each(m3=1, L=1e-3, l=1e-3, mL=1e-6, ml=1e-6, uL=1e-9, ul=1e-9, cm3=1e-6, cc=1e-6, mm3=1e-9, um3=1e-18)
_MASS = _prefixed("g", "kmun")
_COUNTS = _words("1 counts count cts #")
_SHARE = _each(ppm=1e-6) | {"1": Fraction(1), "%": Fraction(1, 100)}


def _over(above: Mapping[str, Fraction], below: Mapping[str, Fraction], chosen: str) -> dict[str, Fraction]:
    """Quotients of units that are usual: ``_over(charge, mass, "mAh/g Ah/kg")``."""
    parts = (one.split("/") for one in chosen.split())
    return {f"{top}/{bottom}": above[top] / below[bottom] for top, bottom in parts}


_AMOUNT = _prefixed("mol", "mun")
_ONE = {"1": Fraction(1)}

DIMENSIONS: tuple[Dimension, ...] = (
    Dimension("time", _SECONDS, {"second": "s", "minute": "min", "hour": "h", "day": "d"}),
    Dimension("potential", _VOLT, {"volt": "V", "millivolt": "mV"}),
    Dimension("current", _AMPERE, {"ampere": "A", "milliampere": "mA", "microampere": "uA", "nanoampere": "nA"}),
    Dimension("charge", _CHARGE, {"ampere_hour": "Ah", "milliampere_hour": "mAh", "coulomb": "C"}),
    Dimension(
        "specific capacity",
        _over(_CHARGE, _MASS, "mAh/g Ah/kg Ah/g uAh/mg mAh/mg C/g"),
        {"milliampere_hour_per_gram": "mAh/g"},
    ),
    Dimension(
        "areal capacity",
        _over(_CHARGE, _AREA, "mAh/cm2 uAh/cm2 Ah/m2 C/cm2"),
        {"milliampere_hour_per_square_centimetre": "mAh/cm2"},
    ),
    Dimension(
        "current density",
        _over(_AMPERE, _AREA, "mA/cm2 A/cm2 uA/cm2 A/m2"),
        {"milliampere_per_square_centimetre": "mA/cm2"},
    ),
    Dimension("specific current", _over(_AMPERE, _MASS, "mA/g A/g A/kg uA/mg"), {"milliampere_per_gram": "mA/g"}),
    Dimension(
        "change of potential",
        _over(_VOLT, _SECONDS, "V/s mV/s uV/s mV/min mV/h V/h"),
        {"volt_per_second": "V/s", "microvolt_per_second": "uV/s"},
    ),
    Dimension(
        "length",
        _LENGTH,
        {"metre": "m", "centimetre": "cm", "millimetre": "mm", "micrometre": "um", "nanometre": "nm", "angstrom": "Å"},
    ),
    Dimension(
        "area",
        _AREA,
        {
            "square_metre": "m2",
            "square_centimetre": "cm2",
            "square_millimetre": "mm2",
            "square_micrometre": "um2",
            "square_nanometre": "nm2",
        },
    ),
    Dimension("volume", _VOLUME, {"cubic_centimetre": "cm3", "cubic_millimetre": "mm3", "millilitre": "mL"}),
    Dimension("mass", _MASS, {"milligram": "mg", "gram": "g", "kilogram": "kg", "microgram": "ug"}),
    Dimension("amount", _AMOUNT, {"mole": "mol", "millimole": "mmol", "micromole": "umol"}),
    Dimension(
        "amount per mass",
        _over(_AMOUNT, _MASS, "mol/g mmol/g umol/g nmol/g mol/kg mmol/kg umol/mg"),
        {"mole_per_gram": "mol/g", "millimole_per_gram": "mmol/g", "micromole_per_gram": "umol/g"},
    ),
    Dimension(
        "force",
        _prefixed("N", "mkMu") | _each(kgf=9.80665, tf=9806.65, lbf=4.4482216152605),
        {"newton": "N", "kilonewton": "kN", "millinewton": "mN", "micronewton": "uN"},
    ),
    Dimension("pressure", _PRESSURE, {"megapascal": "MPa", "kilopascal": "kPa", "gigapascal": "GPa", "pascal": "Pa"}),
    Dimension(
        "stiffness",
        _over(_prefixed("N", "k"), _LENGTH, "N/m N/mm kN/mm N/um"),
        {"newton_per_metre": "N/m", "newton_per_millimetre": "N/mm"},
    ),
    Dimension(
        "compliance",
        _over(_LENGTH, _prefixed("N", "k"), "mm/kN um/N um/kN m/N mm/N"),
        {"millimetre_per_kilonewton": "mm/kN", "micrometre_per_newton": "um/N"},
    ),
    Dimension(
        "length per pressure",
        _over(_LENGTH, _PRESSURE, "um/MPa mm/MPa nm/MPa m/Pa um/bar"),
        {"micrometre_per_megapascal": "um/MPa"},
    ),
    Dimension(
        "temperature",
        _words("degC C celsius K kelvin"),
        {"celsius": "degC", "kelvin": "K"},
        dict.fromkeys(("degC", "C", "celsius"), Fraction("273.15")),
    ),
    Dimension(
        "heating rate", _over(_words("K degC"), _SECONDS, "K/min K/s K/h degC/min"), {"kelvin_per_minute": "K/min"}
    ),
    Dimension(
        "density",
        _over(_MASS, _VOLUME, "g/cm3 kg/m3 g/mL g/ml g/cc kg/L g/L mg/mm3"),
        {"gram_per_cubic_centimetre": "g/cm3", "kilogram_per_cubic_metre": "kg/m3"},
    ),
    Dimension("frequency", _prefixed("Hz", "mukMG") | _words("1/s"), {"hertz": "Hz", "kilohertz": "kHz"}),
    Dimension("rate", _over(_ONE, _SECONDS, "1/s 1/min 1/h 1/d"), {"per_hour": "1/h", "per_minute": "1/min"}),
    Dimension("resistance", _OHM, {"ohm": "Ohm", "kiloohm": "kOhm", "milliohm": "mOhm"}),
    Dimension(
        "areal resistance",
        {f"{ohm}cm2": _OHM[ohm] * _AREA["cm2"] for ohm in ("Ohm", "mOhm", "kOhm")}
        | {f"Ohm{area}": _AREA[area] for area in ("m2", "mm2")}
        | {"cm2Ohm": _AREA["cm2"]},
        {"ohm_square_centimetre": "Ohmcm2"},
    ),
    Dimension(
        "resistivity",
        {f"{ohm}{length}": _OHM[ohm] * _LENGTH[length] for ohm in ("Ohm", "mOhm", "kOhm") for length in ("m", "cm")},
        {"ohm_centimetre": "Ohmcm", "ohm_metre": "Ohmm"},
    ),
    Dimension("conductance", _prefixed("S", "mun") | _words("1/Ohm"), {"siemens": "S", "millisiemens": "mS"}),
    Dimension(
        "conductivity",
        _over(_prefixed("S", "mun"), _LENGTH, "S/cm mS/cm uS/cm nS/cm S/m mS/m uS/m mS/mm")
        | {"1/Ohm/cm": Fraction(100), "1/Ohm/m": Fraction(1)},
        {
            "siemens_per_centimetre": "S/cm",
            "millisiemens_per_centimetre": "mS/cm",
            "microsiemens_per_centimetre": "uS/cm",
            "siemens_per_metre": "S/m",
        },
    ),
    Dimension("capacitance", _prefixed("F", "munp"), {"farad": "F", "microfarad": "uF"}),
    Dimension("power", _prefixed("W", "mukM"), {"watt": "W", "milliwatt": "mW", "kilowatt": "kW"}),
    Dimension(
        "energy",
        _ENERGY,
        {"watt_hour": "Wh", "milliwatt_hour": "mWh", "joule": "J", "millijoule": "mJ", "kilojoule": "kJ"},
    ),
    Dimension(
        "energy per mass",
        _over(_ENERGY, _MASS, "J/g kJ/kg kJ/g J/kg Wh/kg mWh/g"),
        {"joule_per_gram": "J/g", "kilojoule_per_kilogram": "kJ/kg", "watt_hour_per_kilogram": "Wh/kg"},
    ),
    Dimension("torque", _prefixed("Nm", "mku") | _words("Ncm", 1e-2), {"newton_metre": "Nm"}),
    Dimension(
        "rotational speed",
        _words("1/min rpm RPM U/min rev/min r/min")
        | _words("1/s Hz rps", 60)
        | {"rad/s": Fraction(repr(30 / math.pi)), "deg/s": Fraction(1, 6)},
        {"revolution_per_minute": "1/min", "revolution_per_second": "1/s"},
    ),
    Dimension(
        "velocity",
        _over(_LENGTH, _SECONDS, "m/s cm/s mm/s um/s nm/s mm/min um/min nm/min"),
        {"metre_per_second": "m/s", "millimetre_per_minute": "mm/min", "micrometre_per_second": "um/s"},
    ),
    Dimension(
        "angle",
        _words("deg degree degrees") | _each(rad=180 / math.pi, mrad=0.18 / math.pi),
        {"degree": "deg", "radian": "rad"},
    ),
    Dimension("count", _COUNTS, dict.fromkeys(("count", "counts", "index", "id", "number", "mode", "flag"), "1")),
    Dimension(
        "count rate",
        _prefixed("cps", "kM") | _words("counts/s count/s cts/s c/s 1/s"),
        {"count_per_second": "cps", "counts_per_second": "cps"},
    ),
    Dimension("energy of a particle", _prefixed("eV", "mkM"), {"electronvolt": "eV", "kiloelectronvolt": "keV"}),
    Dimension("mass of a particle", _words("u Da amu"), {"dalton": "u"}),
    Dimension("mass to charge", _words("u Da amu m/z Th u/e 1"), {"mass_to_charge": "m/z"}),
    Dimension("fraction", _SHARE, {"fraction": "1", "percent": "%"}),
    Dimension(
        "mass fraction",
        _SHARE | _words("wt% mass% m% w%", 0.01) | _words("g/g"),
        {"mass_fraction": "1", "mass_percent": "wt%"},
    ),
    Dimension("volume fraction", _SHARE | _words("vol% v%", 0.01), {"volume_fraction": "1", "volume_percent": "vol%"}),
    Dimension("atomic fraction", _SHARE | _words("at% mol%", 0.01), {"atomic_fraction": "1", "atomic_percent": "at%"}),
    Dimension("specific surface", _over(_AREA, _MASS, "m2/g cm2/g m2/kg"), {"square_metre_per_gram": "m2/g"}),
    Dimension(
        "dose",
        _over(_ONE, _AREA, "1/cm2 1/m2 1/nm2 1/um2")
        | {f"{ion}/cm2": Fraction(10**4) for ion in ("ions", "ion", "at", "atoms")},
        {"ion_per_square_centimetre": "1/cm2", "per_square_centimetre": "1/cm2", "per_square_nanometre": "1/nm2"},
    ),
    Dimension(
        "inverse length",
        _over(_ONE, _LENGTH, "1/nm 1/Å 1/A 1/m 1/cm 1/um"),
        {"per_nanometre": "1/nm", "per_angstrom": "1/Å"},
    ),
    Dimension(
        "flow",
        _over(_VOLUME, _SECONDS, "mL/min ml/min L/min L/h mL/s") | {"sccm": _VOLUME["mL"] / 60},
        {"millilitre_per_minute": "mL/min"},
    ),
)
"""No unit stands for two quantities within one dimension; the same word may stand in two dimensions (``1/s``, ``A``)."""
