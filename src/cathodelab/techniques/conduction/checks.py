"""What may be doubted of a conductivity besides its record: geometry, contacts, separators, scale."""

from __future__ import annotations

import math
from collections.abc import Iterator

from cathodelab.core.checks import Check
from cathodelab.core.estimate import EstimateSet
from cathodelab.techniques.conduction.model import ConductionSettings, Pellet
from cathodelab.techniques.conduction.results import Inputs, Resistance
from cathodelab.techniques.conduction.sources import assumed

_NAN = float("nan")
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
        *(Check("reader", passed=None, value=_NAN, limit=_NAN, sentence=note) for note in found.staircase.notes),
    )


def _contacts(pellet: Pellet) -> Iterator[Check]:
    if not math.isfinite(pellet.pellet_area_cm2):
        return
    larger = pellet.pellet_area_cm2 / pellet.area.value
    yield Check(
        "area of the contacts",
        passed=False,
        value=larger - 1,
        limit=0.0,
        sentence=f"The contacts have {pellet.area.value:.4g} cm², the pellet {pellet.pellet_area_cm2:.4g} cm²: the current spreads, and the "
        f"conductivity may be smaller by anything up to a factor of {larger:.3g}, which is in the interval. Contact the whole "
        "face.",
    )


def _contact_resistance(estimates: EstimateSet) -> Iterator[Check]:
    name = "contact_resistance_upper_limit"
    if name not in estimates:
        return
    value = estimates.estimate(name).value
    yield Check(
        "contact resistance",
        passed=None,
        value=value,
        limit=_NAN,
        sentence=f"One thickness does not tell contacts from the pellet: they have anything from nothing to {value:.3g} ohm cm², and the "
        "conductivity is at least what is given. Pellets of two thicknesses of one composite separate them.",
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
        yield Check(
            "share of the separators",
            passed=None,
            value=share,
            limit=limit,
            sentence=f"{said}; their error counts {share / (1 - share):.1f} times.",
        )
    else:
        yield Check("share of the separators", passed=True, value=share, limit=limit, sentence=f"{said}.")


def _usual(estimates: EstimateSet, pellet: Pellet) -> Iterator[Check]:
    name = f"{pellet.carrier}_conductivity"
    if name not in estimates:
        return
    value = estimates.estimate(name).value
    low, high = USUAL[pellet.carrier]
    if low <= value <= high:
        return
    reasons = "mV for V, a thickness in mm" if value < low else "mA for A, a thickness in mm, an area in mm²"
    yield Check(
        "scale",
        passed=False,
        value=value,
        limit=low if value < low else high,
        sentence=f"{value:.3g} S/cm is {'less' if value < low else 'more'} than {pellet.carrier} conductivities of composites and "
        f"electrolytes ({low:g} to {high:g} S/cm). Check the units: {reasons}; or electrodes that do not block.",
    )


def _stated(pellet: Pellet, settings: ConductionSettings) -> Iterator[Check]:
    if not pellet.carrier:
        return
    ratio = pellet.thickness.value * 1e-4 / math.sqrt(4 * pellet.area.value / math.pi)
    if ratio > 1:
        yield Check(
            "shape",
            passed=None,
            value=ratio,
            limit=1.0,
            sentence=f"The pellet is {ratio:.2g} times as thick as wide: check thickness_um (um, not nm) and the area (cm², not mm²).",
        )
    guesses = assumed(pellet, settings)
    if guesses:
        yield Check(
            "stated uncertainties",
            passed=None,
            value=len(guesses),
            limit=0,
            sentence=f"Not stated, and taken from the settings: {', '.join(guesses)}. State them in the table.",
        )
    if math.isnan(pellet.temperature_degC):
        yield Check(
            "temperature",
            passed=None,
            value=_NAN,
            limit=_NAN,
            sentence="The temperature is not stated. Ionic conductivities change by some 4 % for each degree: state temperature_degC.",
        )
