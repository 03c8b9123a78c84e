"""From the row of a pellet to what is known of it: thickness, area of the contacts, separators."""

from __future__ import annotations

import math
from typing import get_args

from cathodelab.core.errors import CathodelabError
from cathodelab.core.estimate import Estimate
from cathodelab.core.samples import Sample
from cathodelab.techniques.conduction.columns import Blocked
from cathodelab.techniques.conduction.model import Pellet

_NAN = float("nan")
_DISAGREE = 0.03


def pellet_of(sample: Sample) -> Pellet:
    """What the table says about a pellet.

    Raises:
        CathodelabError: no word on what the electrodes block, no thickness or area, or a contact larger than the pellet.
    """
    blocked = sample.word("blocked")
    if blocked not in get_args(Blocked):
        raise CathodelabError(
            "blocked-missing",
            f"The row does not say what the electrodes block{f' ({blocked!r})' if blocked else ''}",
            where=f"pellet {sample.id}, column blocked",
            why="The same staircase is an electronic conductivity between steel and an ionic one between separators.",
            what_to_do="State `ions` (steel or gold), `electrons` (separators on both sides), or `separator cell`.",
        )
    thickness = sample.estimate("thickness_um", "um")
    area, pellet_area = _areas(sample)
    if blocked != "separator cell" and not (thickness.value > 0 and area.value > 0):
        raise CathodelabError(
            "geometry-missing",
            f"The row has no {'thickness' if not thickness.value > 0 else 'area'}",
            where=f"pellet {sample.id}",
            why="A conductivity is thickness over area and resistance; without both there is a resistance alone.",
            what_to_do="State thickness_um, and diameter_mm or area_cm2 (contact_diameter_mm where contacts are smaller).",
        )
    stated = sample.estimate("separator_resistance_ohm", "ohm")
    ratio = sample.number("separator_ratio")
    words: dict[str, Blocked] = {word: word for word in get_args(Blocked)}
    return Pellet(
        id=sample.id,
        blocked=words[blocked],
        thickness=thickness,
        area=area,
        pellet_area_cm2=pellet_area,
        separator=stated if math.isfinite(stated.value) else None,
        separator_ratio=ratio if math.isfinite(ratio) else 1.0,
        temperature_degC=_temperature(sample),
        group=sample.group,
        die=sample.word("die"),
    )


def _areas(sample: Sample) -> tuple[Estimate, float]:
    """Area of the contacts, and that of the pellet where it is larger (else ``nan``), cm2."""
    stated = sample.estimate("area_cm2", "cm2")
    diameter = sample.estimate("diameter_mm", "mm")
    pellet, contact = _disc(diameter.value), _disc(sample.number("contact_diameter_mm"))
    whole = pellet if math.isfinite(pellet) else stated.value
    if math.isfinite(contact) and contact > whole * (1 + _DISAGREE):
        raise _contradiction(sample, f"The contacts have {contact:.4g} cm2, the pellet {whole:.4g} cm2")
    if math.isfinite(pellet) and math.isfinite(stated.value) and stated.value > pellet * (1 + _DISAGREE):
        raise _contradiction(sample, f"area_cm2 is {stated.value:.4g}, a disc of its diameter has {pellet:.4g} cm2")
    if math.isfinite(contact):
        area = Estimate(contact, _NAN, _NAN, "cm2", how="contact diameter")
    elif math.isfinite(stated.value):
        area = stated
    else:
        half = 2 * diameter.plus / diameter.value * pellet if math.isnan(stated.plus) else stated.plus
        area = Estimate(pellet, half, half, "cm2", how="diameter of the pellet")
    larger = whole > area.value * (1 + _DISAGREE)
    return area, whole if larger else _NAN


def _disc(diameter_mm: float) -> float:
    return math.pi / 4 * (diameter_mm / 10) ** 2


def _temperature(sample: Sample) -> float:
    """Of the file where files.csv states it, else of the row, degC."""
    stated = [file.conditions.get("temperature_degC", "") for file in sample.files if file.column == "conduction_file"]
    own = next((entry for entry in stated if entry.strip()), "")
    try:
        return float(own) if own else sample.number("temperature_degC")
    except ValueError:
        return _NAN


def _contradiction(sample: Sample, what: str) -> CathodelabError:
    return CathodelabError(
        "area-contradicts",
        what,
        where=f"pellet {sample.id}",
        why="No more current flows through a pellet than its own area lets through.",
        what_to_do="Correct diameter_mm (mm, not cm or um), contact_diameter_mm or area_cm2.",
    )
