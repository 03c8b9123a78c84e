"""Porosity of a pellet from its table alone: mass, diameter, thickness, and the density of its solid."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.checks import Check
from cathodelab.core.document import Drawing, Headline
from cathodelab.core.errors import CathodelabError, OtherData
from cathodelab.core.estimate import EstimateSet
from cathodelab.core.method import Described, Method, MethodCard, Shown
from cathodelab.core.number_text import percent, quantity
from cathodelab.core.pages import Page, budget_blocks
from cathodelab.core.propagation import effects_at_once
from cathodelab.core.samples import Sample
from cathodelab.techniques.compaction.chain import relative_density, side_by_side
from cathodelab.techniques.compaction.checks import checks_of_the_pellet
from cathodelab.techniques.compaction.density import mixture_density
from cathodelab.techniques.compaction.estimates import HOW_DENSE
from cathodelab.techniques.compaction.method import inputs_of
from cathodelab.techniques.compaction.model import Compaction, Mode
from cathodelab.techniques.compaction.pellet import pellet_of
from cathodelab.techniques.compaction.plausible import refuse_densities
from cathodelab.techniques.compaction.prepare import Points
from cathodelab.techniques.compaction.settings import Uncertainties
from cathodelab.techniques.compaction.sources import perturbations, standard_of

_LACKING = ("mass-missing", "die-missing", "density-missing", "shares-missing")
"""A pellet of which these are not stated was not made for a porosity: there is nothing to say."""


@dataclass(frozen=True, eq=False)
class PorosityResult:
    """Relative density and porosity of an ejected pellet."""

    estimates: EstimateSet
    checks: tuple[Check, ...]


def stated_porosity(sample: Sample, settings: Uncertainties) -> PorosityResult:
    """``1 - m / (A h rho)`` of a pellet whose table states thickness, mass and diameter.

    Raises:
        OtherData: one of them is not stated, or the density of its solid is not known.
        CathodelabError: a relative density above 1, or one that no pressed powder has.
    """
    thickness = sample.estimate("thickness_um", "um")
    if not math.isfinite(thickness.value):
        raise _nothing_stated(sample)
    try:
        pellet = pellet_of(sample)
    except CathodelabError as error:
        raise _nothing_stated(sample) if error.code in _LACKING else error from error
    pressure = sample.number("fabrication_pressure_MPa")
    standard = standard_of(thickness, settings.thickness_standard_uncertainty_um)
    points: dict[Mode, Points] = {
        "out_of_die": Points(np.array([pressure]), np.array([thickness.value]), np.array([standard]), 1)
    }
    inputs = inputs_of(pellet, points)
    refuse_densities(inputs, pellet, points)
    sources = perturbations(inputs, pellet, points, settings)
    values, effects = effects_at_once(_values, inputs, sources)
    how = f"ejected, after {pressure:.4g} MPa" if math.isfinite(pressure) else "ejected"
    estimates = EstimateSet(
        ("solid_density", "relative_density", "porosity"),
        values,
        ("g/cm3", "1", "1"),
        ("", "solid without pores", "volume of the pellet"),
        (HOW_DENSE, how, how),
        tuple(one.source for one in sources),
        effects,
    )
    return PorosityResult(estimates, tuple(checks_of_the_pellet(pellet, points, settings)))


def _values(inputs: Compaction) -> FloatArray:
    density = mixture_density(inputs.shares, inputs.densities)[..., None]
    relative = relative_density(inputs, "out_of_die")
    return side_by_side([density, relative, 1.0 - relative])


def _nothing_stated(sample: Sample) -> OtherData:
    return OtherData(
        "no-stated-porosity",
        "The tables state too little for a porosity",
        where=f"pellet {sample.id}",
        why="It needs mass, diameter and thickness of the pellet and the density of its solid.",
        what_to_do="Nothing, or state them.",
    )


def _page(_sample: Described, result: PorosityResult, _drawings: Sequence[Drawing]) -> Page:
    porosity, density = (result.estimates.estimate(name) for name in ("porosity", "solid_density"))
    after = f"{porosity.how}, from the thickness in the table; the solid has {quantity(density)} g/cm³."
    budget = budget_blocks(result.estimates, "porosity", "porosity", unit="%", scale=100.0)
    return Page(top=(Headline(f"porosity {percent(porosity)}", after),), rest=tuple(budget))


METHOD = Method(
    id="porosity",
    requires=("sample",),
    settings=Uncertainties,
    result=PorosityResult,
    run=stated_porosity,
    card=MethodCard(
        title="Porosity of a pellet from its table",
        sentence="Which part of the volume of an ejected pellet is no solid.",
        formula="porosity = 1 − m / (A h ρ), ρ = 1 / Σ(wᵢ/ρᵢ) from shares w of the mass",
        source="Publication III of the source dissertation, equations 9 (there with shares of the volume) and 10.",
        assumptions=(
            "The pellet is a cylinder of the stated diameter and thickness.",
            "Its solid has the stated densities.",
        ),
        valid_range="Relative densities up to 1; above, something that is stated is wrong, and nothing is cut off.",
        cannot_see="Closed pores inside the powders; a wrong density that leaves every relative density below 1.",
    ),
    samples=("pellet",),
    headline=(Shown("porosity", "porosity", "%", 100.0, budget=True, covariance=True),),
    page=_page,
)
