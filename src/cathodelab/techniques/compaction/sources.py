"""The sources of error of a compaction, each as a perturbation of its inputs.

Pellets of one die, one press, one recipe or one material share the error of it: the ids say which.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.estimate import Estimate
from cathodelab.core.propagation import Perturbation, Shift
from cathodelab.core.sources import Kind, Source
from cathodelab.techniques.compaction.model import WORDS, Compaction, Mode, Pellet
from cathodelab.techniques.compaction.prepare import Points
from cathodelab.techniques.compaction.settings import Uncertainties

Perturbations = tuple[Perturbation[Compaction], ...]
READING = "reading of one thickness"
_PRESSURES: dict[Mode, str] = {"in_die": "in_die_MPa", "out_of_die": "out_of_die_MPa"}
_THICKNESSES: dict[Mode, str] = {"in_die": "in_die_um", "out_of_die": "out_of_die_um"}


def perturbations(
    inputs: Compaction, pellet: Pellet, points: Mapping[Mode, Points], settings: Uncertainties
) -> Perturbations:
    """All sources of error."""
    return (
        *_solid(inputs, pellet, settings),
        *_area(pellet, settings),
        *_press(inputs, pellet, settings),
        *_thicknesses(pellet, points, settings),
    )


def standard_of(one: Estimate, assumed: float) -> float:
    """The stated standard uncertainty, or the one that the settings assume."""
    return one.plus if math.isfinite(one.plus) else assumed


def assumed_uncertainties(pellet: Pellet, settings: Uncertainties) -> tuple[str, ...]:
    """What is not stated and was taken from the settings, in words."""
    found = []
    if not math.isfinite(pellet.mass.plus):
        found.append(f"mass ± {settings.mass_standard_uncertainty_mg:g} mg")
    if not math.isfinite(pellet.area.plus):
        found.append(f"area of the die ± {100 * settings.area_relative_uncertainty:g} %")
    if unstated := [part.name for part in pellet.parts if not math.isfinite(part.density.plus)]:
        found.append(f"density of {', '.join(unstated)} ± {100 * settings.density_relative_uncertainty:g} %")
    if not math.isfinite(pellet.thickness_standard_um):
        found.append(f"one reading of a thickness ± {settings.thickness_standard_uncertainty_um:g} µm")
    if pellet.compliance is not None and not math.isfinite(pellet.compliance.plus):
        found.append(f"compliance of the press ± {100 * settings.compliance_relative_uncertainty:g} %")
    return tuple(found)


def _solid(inputs: Compaction, pellet: Pellet, settings: Uncertainties) -> Iterator[Perturbation[Compaction]]:
    yield _one(
        f"{pellet.id}/mass",
        "weighing of the pellet",
        "weigh it more often, or press a heavier pellet",
        {"mass_mg": standard_of(pellet.mass, settings.mass_standard_uncertainty_mg)},
    )
    for place, part in enumerate(pellet.parts):
        one = np.eye(len(pellet.parts))[place]
        half = standard_of(part.density, settings.density_relative_uncertainty * part.density.value)
        yield _one(
            f"{part.name}/density",
            f"density of {part.name} without pores",
            "measure it with a gas pycnometer",
            {"densities": half * one},
        )
    largest = int(np.argmax(inputs.shares))
    for place, part in enumerate(pellet.parts):
        if place != largest:  # what one part has too much, the largest has too little
            move = np.eye(len(pellet.parts))[place] - np.eye(len(pellet.parts))[largest]
            yield _one(
                f"{pellet.recipe or pellet.id}/share of {part.name}",
                "shares of the recipe",
                "weigh a larger batch",
                {"shares": settings.share_standard_uncertainty * move},
            )


def _area(pellet: Pellet, settings: Uncertainties) -> Iterator[Perturbation[Compaction]]:
    half = standard_of(pellet.area, settings.area_relative_uncertainty * pellet.area.value)
    moved = {"die_area_cm2": half}
    if pellet.ejected_area is None:
        moved["ejected_area_cm2"] = half
    yield _one(f"{pellet.die or pellet.id}/area", "area of the die", "measure its bore", moved)
    if pellet.ejected_area is not None:
        own = standard_of(pellet.ejected_area, settings.area_relative_uncertainty * pellet.ejected_area.value)
        yield _one(
            f"{pellet.id}/ejected area",
            "area of the ejected pellet",
            "measure its diameter in more directions",
            {"ejected_area_cm2": own},
        )


def _press(inputs: Compaction, pellet: Pellet, settings: Uncertainties) -> Iterator[Perturbation[Compaction]]:
    press = pellet.press or pellet.id
    gain = {name: settings.pressure_gain_limit * getattr(inputs, name) for name in _PRESSURES.values()}
    yield _one(f"{press}/pressure gain", "pressure of the press", "calibrate its load cell", gain, "limit")
    compliance = pellet.compliance_per_MPa
    if compliance is not None and inputs.in_die_um.size:
        half = standard_of(compliance, settings.compliance_relative_uncertainty * compliance.value)
        yield _one(
            f"{press}/compliance",
            "compliance of the press",
            "press without powder, with closed punches, over the same forces",
            {"compliance_um_per_MPa": half},
        )


def _thicknesses(
    pellet: Pellet, points: Mapping[Mode, Points], settings: Uncertainties
) -> Iterator[Perturbation[Compaction]]:
    zero = settings.thickness_zero_standard_uncertainty_um
    for mode, found in points.items():
        size = found.count
        words = WORDS[mode]
        group, halving = f"zero of the thickness {words}", "set it with a gauge block"
        yield _one(f"{pellet.id}/zero {words}", group, halving, {_THICKNESSES[mode]: np.full(size, zero)})
        if mode == "in_die" and pellet.height is not None and math.isfinite(pellet.height.plus):
            moved = {_THICKNESSES[mode]: np.full(size, pellet.height.plus)}
            yield _one(f"{pellet.id}/height at zero", "height where the displacement is zero", "measure it anew", moved)
        for place in range(size):
            moved = {_THICKNESSES[mode]: np.where(np.arange(size) == place, found.standard_um, 0.0)}
            yield _one(f"{pellet.id}/{words} {place}", READING, "measure more often, or with a finer gauge", moved)


def _one(
    name: str, group: str, halving: str, moved: Mapping[str, float | FloatArray], kind: Kind = "standard"
) -> Perturbation[Compaction]:
    return Perturbation(Source(name, group, kind, halving), Shift(moved))
