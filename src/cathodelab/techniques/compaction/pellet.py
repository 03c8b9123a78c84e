"""From a sample of a study to a pellet: what its table, and those of what it was made from, say."""

from __future__ import annotations

import math

from cathodelab.core.errors import CathodelabError, Hint
from cathodelab.core.estimate import Estimate
from cathodelab.core.samples import Sample
from cathodelab.techniques.compaction.density import parts_of, recipe_of
from cathodelab.techniques.compaction.model import Pellet

_DISC = math.pi / 400.0
"""Area of a disc, cm2, from its diameter in mm: ``pi d2 / 4``."""
_AREA_WITHIN = 0.01


def pellet_of(sample: Sample) -> Pellet:
    """What is known of a pellet.

    Raises:
        CathodelabError: no mass, neither diameter nor area of the die, no density, shares that sum to something else.
    """
    mass = sample.estimate("mass_mg", "mg")
    if not mass.value > 0:
        raise CathodelabError(
            "mass-missing",
            "The mass of the pellet is not known",
            where=f"pellet {sample.id}",
            why="A density is a mass per volume.",
            what_to_do="State mass_mg, with mass_standard_uncertainty_mg.",
            hints=(Hint("column", "mass_mg"),),
        )
    uncertainty = sample.number("thickness_standard_uncertainty_um")
    return Pellet(
        id=sample.id,
        mass=mass,
        area=_area(sample),
        parts=parts_of(sample),
        recipe=recipe_of(sample),
        ejected_area=_disc(sample, "diameter_out_of_die_mm"),
        compliance=_compliance(sample),
        thickness_standard_um=uncertainty,
        thickness_is=sample.word("thickness_is"),
        height=_stated(sample, "height_at_zero_displacement_um", "um"),
        die=sample.word("die"),
        press=sample.word("press"),
    )


def _area(sample: Sample) -> Estimate:
    area, disc = sample.number("area_cm2"), _disc(sample, "diameter_mm")
    if disc is not None and math.isfinite(area) and abs(disc.value / area - 1) > _AREA_WITHIN:
        raise CathodelabError(
            "area-ambiguous",
            f"diameter_mm makes an area of {disc.value:.4g} cm², area_cm2 says {area:.4g}",
            where=f"pellet {sample.id}",
            why="Both are the area of the die.",
            what_to_do="Correct one of them, or leave one empty.",
        )
    if disc is not None:
        return disc
    if math.isfinite(area):
        return Estimate(area, math.nan, math.nan, "cm2", how="stated")
    raise CathodelabError(
        "die-missing",
        "Neither the diameter of the die nor its area is stated",
        where=f"pellet {sample.id}",
        why="Densities need the volume of the pellet, and a force becomes a pressure by the area of the die.",
        what_to_do="State diameter_mm (bore of the die) or area_cm2.",
        hints=(Hint("column", "diameter_mm"),),
    )


def _disc(sample: Sample, column: str) -> Estimate | None:
    diameter = _stated(sample, column, "mm")
    if diameter is None:
        return None
    half = 2 * _DISC * diameter.value * diameter.plus
    return Estimate(_DISC * diameter.value**2, half, half, "cm2", how=f"from {column}")


def _compliance(sample: Sample) -> Estimate | None:
    """Compliance of the press by force or by pressure.

    Raises:
        CathodelabError: both are stated.
    """
    found = []
    for column, unit in (("press_compliance_um_kN", "um/kN"), ("press_compliance_um_MPa", "um/MPa")):
        name, _, unit_word = column.rpartition("_um_")
        half = sample.number(f"{name}_standard_uncertainty_um_{unit_word}")
        value = sample.number(column)
        if math.isfinite(value):
            found.append(Estimate(value, half, half, unit, how="stated"))
    if len(found) > 1:
        raise CathodelabError(
            "compliance-ambiguous",
            "press_compliance_um_kN and press_compliance_um_MPa are both stated",
            where=f"pellet {sample.id}",
            why="They are the same quantity, per force and per pressure.",
            what_to_do="Leave one of them empty.",
        )
    return found[0] if found else None


def _stated(sample: Sample, column: str, unit: str) -> Estimate | None:
    one = sample.estimate(column, unit)
    return one if math.isfinite(one.value) else None
