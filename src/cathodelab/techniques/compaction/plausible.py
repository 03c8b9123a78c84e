"""Densities that cannot be, and what most likely went wrong."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.checks import Check
from cathodelab.core.errors import CathodelabError
from cathodelab.techniques.compaction.chain import relative_density, thickness_um
from cathodelab.techniques.compaction.density import density_of_volume_shares, mixture_density
from cathodelab.techniques.compaction.model import WORDS, Compaction, Mode, Pellet
from cathodelab.techniques.compaction.prepare import Points
from cathodelab.techniques.compaction.settings import CompactionSettings

LOWEST_DENSITY = 0.02
_GRAM = 1000.0
_RADIUS = 4.0
_USUAL = (0.3, 1.0)
_SIGMAS = 2.0


def refuse_densities(inputs: Compaction, pellet: Pellet, points: Mapping[Mode, Points]) -> None:
    """Refuse relative densities above 1 and such as no powder has.

    Raises:
        CathodelabError: ``density-above-one``, ``impossible-scale``.
    """
    for mode in points:
        density = relative_density(inputs, mode)
        highest = int(np.argmax(density))
        if density[highest] > 1.0:
            raise _above_one(inputs, pellet, mode, density, points[mode])
        if density[highest] < LOWEST_DENSITY:
            raise CathodelabError(
                "impossible-scale",
                f"The relative density {WORDS[mode]} is {density[highest]:.3g} at most",
                where=f"pellet {pellet.id}",
                why=f"No pressed powder stays below {LOWEST_DENSITY:g}.{_likely(inputs, density[highest])}",
                what_to_do="Check the units of mass (mg), diameter (mm), thickness (µm) and density (g/cm³).",
            )


def _above_one(inputs: Compaction, pellet: Pellet, mode: Mode, density: FloatArray, points: Points) -> CathodelabError:
    highest = int(np.argmax(density))
    value, count = float(density[highest]), int((density > 1.0).sum())
    pressure, thickness = points.pressure_MPa[highest], thickness_um(inputs, mode)[highest]
    return CathodelabError(
        "density-above-one",
        f"The relative density {WORDS[mode]} is {value:.4g}"
        + (f" at {pressure:.4g} MPa" if np.isfinite(pressure) else ""),
        where=f"pellet {pellet.id}, {count} of {density.size} points above 1, {thickness:.5g} µm there",
        why="A pellet is not denser than its solid: mass, area, thickness or density is wrong by at least "
        f"{100 * (value - 1):.2g} %.{_likely(inputs, value)}",
        what_to_do=f"Check the mass ({pellet.mass.value:g} mg), the diameter (area {pellet.area.value:.4g} cm²), the zero of the "
        "gauge, and the density of the solid "
        f"({float(mixture_density(inputs.shares, inputs.densities)):.4g} g/cm³); nothing is cut off at 1.",
    )


def _likely(inputs: Compaction, value: float) -> str:
    """What would make the density a usual one."""
    found = []
    if _usual(value / _GRAM) or _usual(value * _GRAM):
        found.append("it is 1000 times off: mm for µm, or g for mg")
    if _RADIUS / 2 < value <= _RADIUS:
        found.append("a radius for a diameter makes it 4 times too large")
    by_volume = density_of_volume_shares(inputs.shares, inputs.densities)
    by_mass = float(mixture_density(inputs.shares, inputs.densities))
    if inputs.shares.size > 1 and _usual(value * by_mass / by_volume):
        found.append(
            f"if the shares are % of the volume, the solid has {by_volume:.4g} g/cm³ and the relative density is "
            f"{value * by_mass / by_volume:.3g}: give shares of the mass"
        )
    return f" Perhaps {'; or '.join(found)}." if found else ""


def _usual(value: float) -> bool:
    return _USUAL[0] <= value <= _USUAL[1]


def in_die_withheld(inputs: Compaction, points: Mapping[Mode, Points], settings: CompactionSettings) -> Check | None:
    """A failed check where thicknesses in and out of the die contradict each other: the crosshead is not zeroed."""
    if len(points) < 2:
        return None
    inside, outside = (thickness_um(inputs, mode) for mode in ("in_die", "out_of_die"))
    pressure = inputs.in_die_MPa
    covered = (inputs.out_of_die_MPa >= pressure[0]) & (inputs.out_of_die_MPa <= pressure[-1])
    if not covered.any():
        return None
    under = np.interp(inputs.out_of_die_MPa[covered], pressure, inside)
    recovery = outside[covered] / under - 1.0
    noise = np.hypot(points["in_die"].standard_um.max(), points["out_of_die"].standard_um.max())
    noise = float(np.hypot(noise, np.sqrt(2.0) * settings.thickness_zero_standard_uncertainty_um))
    typical = float(np.median(recovery))
    typical_um = float(np.median(outside[covered] - under))
    sentence = (
        f"The ejected pellet is {abs(typical_um):.3g} µm {'thicker' if typical_um > 0 else 'thinner'} than the pellet in the die "
        f"under load ({100 * typical:.2g} % of the thickness)"
    )
    if typical_um < -_SIGMAS * noise:
        why = "A pellet springs back, never forth"
    elif typical > settings.largest_recovery:
        why = f"No pellet springs back by more than {100 * settings.largest_recovery:.3g} %"
    else:
        return None
    return Check(
        "crosshead_zero",
        passed=False,
        value=typical,
        limit=settings.largest_recovery,
        sentence=f"{sentence}. {why}: the crosshead is not zeroed where the punches touch, or the stated compliance is "
        "wrong. Numbers in the die are left out.",
    )
