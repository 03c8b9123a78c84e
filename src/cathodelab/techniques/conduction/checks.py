"""What may be doubted of a conductivity besides its record: geometry, contacts, separators, scale."""

from __future__ import annotations

import math
from collections.abc import Iterator

from cathodelab.core.checks import Check
from cathodelab.core.estimate import EstimateSet
from cathodelab.techniques.conduction.model import ConductionSettings, Pellet
from cathodelab.techniques.conduction.results import Inputs, Resistance
from cathodelab.techniques.conduction.sources import assumed
from cathodelab.techniques.conduction.verdicts import bad, good, unsure

_WIDE_SHARE = 0.5
USUAL = {"electronic": (1e-11, 20.0), "ionic": (1e-8, 0.1)}
"""Conductivities of composites and electrolytes of solid-state batteries, S/cm; others are doubted."""


def checks_of_pellet(
    estimates: EstimateSet, pellet: Pellet, found: Resistance, inputs: Inputs, settings: ConductionSettings
) -> tuple[Check, ...]:
    """All checks that need the geometry."""
    return (
        *_contacts(pellet),
        *_contact_resistance(estimates),
        *_separators(pellet, found, inputs, settings),
        *_usual(estimates, pellet),
        *_stated(pellet, settings),
        *(unsure("reader", note) for note in found.staircase.notes),
    )


def _contacts(pellet: Pellet) -> Iterator[Check]:
    if math.isfinite(pellet.pellet_area_cm2):
        larger = pellet.pellet_area_cm2 / pellet.area.value
        yield bad(
            "area of the contacts",
            f"The contacts have {pellet.area.value:.4g} cm², the pellet {pellet.pellet_area_cm2:.4g} cm²: the current "
            f"spreads, and the conductivity may be smaller by anything up to a factor of {larger:.3g}, which is in the "
            "interval. Contact the whole face.",
            larger - 1,
            0.0,
        )


def _contact_resistance(estimates: EstimateSet) -> Iterator[Check]:
    name = "contact_resistance_upper_limit"
    if name in estimates:
        value = estimates.estimate(name).value
        yield unsure(
            "contact resistance",
            f"One thickness does not tell contacts from the pellet: they have anything from nothing to {value:.3g} ohm cm², "
            "and the conductivity is at least what is given. Pellets of two thicknesses of one composite separate them.",
            value,
        )


def _separators(pellet: Pellet, found: Resistance, inputs: Inputs, settings: ConductionSettings) -> Iterator[Check]:
    ohm = float(inputs.separator_ohm)
    if not ohm:
        return
    share = ohm * found.relaxation.conductance_siemens
    limit = settings.separator_share_limit
    said = f"Separators and electrodes make {100 * share:.0f} % of the resistance ({ohm:.4g} ohm)"
    said += f", {pellet.separator_ratio:g} times the separator cell" if pellet.separator_ratio != 1 else ""
    if share > _WIDE_SHARE:
        counts = share / (1 - share)
        yield unsure("share of the separators", f"{said}; their error counts {counts:.1f} times.", share, limit)
    else:
        yield good("share of the separators", f"{said}.", share, limit)


def _usual(estimates: EstimateSet, pellet: Pellet) -> Iterator[Check]:
    name = f"{pellet.carrier}_conductivity"
    if name not in estimates:
        return
    value = estimates.estimate(name).value
    low, high = USUAL[pellet.carrier]
    if low <= value <= high:
        return
    less = value < low
    reasons = "mV for V, a thickness in mm" if less else "mA for A, a thickness in mm, an area in mm²"
    yield bad(
        "scale",
        f"{value:.3g} S/cm is {'less' if less else 'more'} than {pellet.carrier} conductivities of composites and "
        f"electrolytes ({low:g} to {high:g} S/cm). Check the units: {reasons}; or the electrodes do not block.",
        value,
        low if less else high,
    )


def _stated(pellet: Pellet, settings: ConductionSettings) -> Iterator[Check]:
    if not pellet.carrier:
        return
    ratio = pellet.thickness.value * 1e-4 / math.sqrt(4 * pellet.area.value / math.pi)
    if ratio > 1:
        yield unsure(
            "shape",
            f"The pellet is {ratio:.2g} times as thick as wide: check thickness_um (um, not nm) and the area (cm², not "
            "mm²).",
            ratio,
            1.0,
        )
    guesses = assumed(pellet, settings)
    if guesses:
        yield unsure(
            "stated uncertainties",
            f"Not stated, and taken from the settings: {', '.join(guesses)}. State them in the table.",
            len(guesses),
            0,
        )
    if math.isnan(pellet.temperature_degC):
        yield unsure(
            "temperature",
            "The temperature is not stated. Ionic conductivities change by some 4 % for each degree: state "
            "temperature_degC.",
        )
