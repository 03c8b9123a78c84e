"""Scales that contradict each other: the one list of what no sound measurement shows, asked by readers and methods alike.

A number outside its limits is a doubt: a failed check, on the page and in ``results.json``. Where nothing sensible can be
computed it is an error. The limits are wide: they find other units, not unusual cells.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from cathodelab.core.checks import Check

UNIT_FACTORS = (60.0, 1e3, 3600.0, 1e6)
"""Between minutes and seconds, mA and A, hours and seconds, µA and A."""
NEAR_FACTOR, NEAR_FACTOR_OF_CLOCKS = 0.1, 0.02
"""Two numbers differ by a factor between units where their ratio is this close to it; pauses may take clocks there."""


@dataclass(frozen=True)
class Contradiction:
    """What is looked at, and the limits outside of which something is not in the unit that it claims.

    Args:
        check: name of the check that says it.
        quantity: what is looked at.
        unit: its unit, as text.
        low, high: limits; a number on a limit is inside.
        refused: from where on nothing sensible can be computed, and it is an error; in words.
        likely: what most likely was mistaken.
        fatal: whether what lies above is impossible, so that the numbers cannot be used; what lies below may be true (a cell
            that is dead belongs into the mean).
    """

    check: str
    quantity: str
    unit: str
    low: float
    high: float
    refused: str
    likely: str
    fatal: bool = False


CAPACITY = Contradiction(
    "capacity_plausible",
    "capacity per mass of active material of the largest half cycle, over the material's theoretical capacity (the capacity "
    "that defines 1C where the material is not known); too little only where a whole cycle, or a titration, was recorded",
    "1",
    0.01,
    1.3,
    "above 5",
    "the mass of active material is not in mg, or the current, the charge or the time is in another unit",
    fatal=True,
)
COUNTER = Contradiction(
    "counter_plausible",
    "charge that the cycler counted over the integral of the current, charge and discharge each for itself",
    "1",
    0.5,
    2.0,
    "within 10 % of 60, 1e3, 3600, 1e6 or one over these",
    "the column of charge, the current or the time is in another unit",
)
CLOCK = Contradiction(
    "clock_plausible",
    "test time that passed over the time between the dates of the first and the last row",
    "1",
    0.0,
    1.5,
    "within 2 % of 60, 1e3, 3600, 1e6 or one over these",
    "the test time is in another unit",
)
POTENTIAL = Contradiction(
    "potential_plausible",
    "potential while current flows, against Li⁺/Li: the highest is not below and the median not above the window of the active "
    "material; of a material that is not known",
    "V",
    0.3,
    5.7,
    "a potential above 10 V",
    "the potential is in another unit, or against another electrode than stated",
)
LEAST_POTENTIAL_VOLT = 0.05
"""Of the recorded potential itself: a cell that never leaves this is in another unit, whatever its counter electrode."""
RATE = Contradiction(
    "rates_plausible",
    "C-rate of every half cycle: mean current per mass of active material, over the capacity that defines 1C",
    "1/h",
    1e-4,
    100.0,
    "a current above 60 A",
    "the mass of active material is not in mg, or the current is in another unit",
)
CAPACITANCE = Contradiction(
    "capacitance_plausible",
    "capacitance of every arc inside the measured frequencies, per electrode area",
    "F/cm2",
    1e-12,
    1.0,
    "never",
    "the impedance, the frequency or the area is in another unit",
)
FREQUENCY = Contradiction(
    "frequencies_plausible",
    "frequencies of a spectrum",
    "Hz",
    1e-6,
    50e6,
    "always",
    "the frequency is in kHz or MHz, or is an angular frequency",
)
CONTRADICTIONS = (CAPACITY, COUNTER, CLOCK, POTENTIAL, RATE, CAPACITANCE, FREQUENCY)

HIGHEST_POTENTIAL_VOLT = 10.0
LARGEST_CURRENT_AMPERE = 60.0  # large cylindrical and pouch cells are cycled at 30 A and more
LONGEST_TEST_HOURS = 43_800.0  # five years
IMPOSSIBLE_CAPACITY = 5.0
"""From this many times its limit's basis on a capacity is an error."""


@dataclass(frozen=True)
class Scales:
    """What is known of the active material.

    Args:
        theory_mAh_g: capacity when all lithium (or sodium) is out.
        low_volt, high_volt: window of a cell of it, V against Li⁺/Li: its highest potential is not below, its median not above.
        name: the material, empty where it is not known.
    """

    theory_mAh_g: float
    low_volt: float
    high_volt: float
    name: str = ""


OLIVINE = Scales(171.0, 3.0, 4.9, "olivine")
SPINEL = Scales(148.0, 3.5, 5.5, "spinel")
LAYERED = Scales(279.0, 3.2, 5.2, "layered oxide")
KNOWN_MATERIALS = (LAYERED, SPINEL, OLIVINE)
_BY_FORMULA = (("fepo4", OLIVINE), ("mnpo4", OLIVINE), ("mn1.5o4", SPINEL), ("mn2o4", SPINEL), ("licoo2", LAYERED))
_BY_NAME = (
    ("lfp", OLIVINE),
    ("lmfp", OLIVINE),
    ("lnmo", SPINEL),
    ("lmo", SPINEL),
    ("spinel", SPINEL),
    ("layered", LAYERED),
)
_LAYERED_NAMES = ("ncm", "nmc", "nca", "lco", "lno")


def scales_of(cam_name: str, basis_mAh_g: float) -> Scales:
    """What is known of a material by its name, as it is usually written; else the limits of any.

    Args:
        cam_name: ``LiNi0.8Co0.1Mn0.1O2``, ``NCM811``, ``LFP``.
        basis_mAh_g: capacity that defines 1C, which stands for the theoretical one of a material that is not known.
    """
    words = re.findall(r"[a-z0-9.]+", re.sub(r"[()\[\]]", "", cam_name.lower()))
    for word in words:
        for formula, scales in _BY_FORMULA:
            if formula in word:
                return scales
        for name, scales in (*_BY_NAME, *((one, LAYERED) for one in _LAYERED_NAMES)):
            if word.startswith(name):
                return scales
        if word.startswith("lini") and word.endswith("o2"):
            return LAYERED
    return Scales(basis_mAh_g, POTENTIAL.low, POTENTIAL.high)


def judged(
    one: Contradiction, values: tuple[float, ...], said: str, *, low: float = math.nan, high: float = math.nan
) -> Check:
    """The check of an entry of the list.

    Args:
        one: the entry.
        values: what was found, ``nan`` where it is not known; the one farthest outside is judged.
        said: what was found, as a sentence without its full stop.
        low: limit that replaces that of the list, as of a known material.
        high: as ``low``.
    """
    lowest, highest = one.low if math.isnan(low) else low, one.high if math.isnan(high) else high
    known = [value for value in values if not math.isnan(value)]
    if not known:
        return Check(
            one.check, None, math.nan, highest, f"Not known and not checked: {one.quantity.partition(',')[0]}."
        )
    worst = max(known, key=lambda value: _outside(value, lowest, highest))
    beyond = _outside(worst, lowest, highest)
    limit = lowest if worst < lowest else highest
    fatal = one.fatal and worst >= lowest
    if beyond <= 0:
        return Check(one.check, passed=True, value=worst, limit=limit, sentence=f"{said}.", fatal=fatal)
    way, unit = "below" if worst < lowest else "above", "" if one.unit == "1" else f" {one.unit}"
    text = f"{said}: {worst:.3g}{unit} is {way} {limit:g}{unit}. Most likely {one.likely}."
    return Check(one.check, passed=False, value=worst, limit=limit, sentence=text, fatal=fatal)


def _outside(value: float, low: float, high: float) -> float:
    """By how many decades a number lies outside of its limits; 0 inside them."""
    if low <= value <= high:
        return 0.0
    if value > high:
        return math.log10(value / high) if high > 0 and math.isfinite(value) else math.inf
    return math.log10(low / value) if value > 0 else math.inf


def unit_factor(ratio: float, near: float = NEAR_FACTOR) -> float:
    """The factor between units that two numbers differ by, 0 where none is near."""
    for factor in UNIT_FACTORS:
        if abs(ratio / factor - 1) < near or abs(ratio * factor - 1) < near:
            return factor
    return 0.0
