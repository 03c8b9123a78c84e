"""Which readings are points of a compaction: pressures, the first loading, thicknesses, and mistakes of tables."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.core.errors import CathodelabError, Hint
from cathodelab.techniques.compaction.model import (
    KILONEWTON_OF_MEGAPASCAL_CM2,
    WORDS,
    BoolArray,
    CompactionCurve,
    Mode,
    Pellet,
    Readings,
)
from cathodelab.techniques.compaction.settings import CompactionSettings

HIGHEST_MPA, LOWEST_MPA = 3000.0, 0.05
THICKEST_UM, THINNEST_UM = 1e5, 1.0
FORCE_AGREES_WITHIN = 0.05
_MOST_POINTS = 120
_SAME_LEVEL = 1e-3
_BELOW_ZERO = 0.01
_LOAD_NOISE = 0.005
"""Noise of a load cell, of the highest pressure: no unloading."""


@dataclass(frozen=True, eq=False)
class Points(ReadOnlyArrays):
    """Points of one mode by rising pressure, and what was left out on the way.

    Args:
        pressure_MPa: on the powder.
        thickness_um: as read (in die: without the press's compliance).
        standard_um: what each thickness has for itself.
        readings: readings of the file.
        left_out: readings that are not of the first loading.
        reversals: how often the pressure fell.
        averaged: readings that were averaged with others at their pressure.
        contradiction: largest relative difference of stated pressures and forces; ``nan`` where only one is stated.
        notes: sentences on what was assumed.
    """

    pressure_MPa: FloatArray
    thickness_um: FloatArray
    standard_um: FloatArray
    readings: int
    left_out: int = 0
    reversals: int = 0
    averaged: int = 0
    contradiction: float = float("nan")
    notes: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """Number of points."""
        return int(self.pressure_MPa.size)


def readings_by_mode(curve: CompactionCurve, pellet: Pellet) -> tuple[dict[Mode, Readings], tuple[str, ...]]:
    """Readings of the thickness in the die and out of it, and sentences on readings that are not used.

    A displacement is turned into a thickness in the die.

    Raises:
        CathodelabError: ``measured-where`` for a thickness of which nobody says where it was measured,
            ``zero-missing`` for a displacement without the thickness at its zero.
    """
    found: dict[Mode, Readings] = {"in_die": curve.in_die, "out_of_die": curve.out_of_die}
    notes = []
    if curve.somewhere.count:
        mode: Mode = "in_die" if pellet.thickness_is == "in die" else "out_of_die"
        if not pellet.thickness_is and not (curve.in_die.count or curve.out_of_die.count):
            raise _measured_where(pellet)
        if not pellet.thickness_is or found[mode].count:
            notes.append(
                f"{curve.somewhere.count} thicknesses were not used: other columns say where they were measured, theirs does not."
            )
        else:
            found[mode] = curve.somewhere
    if curve.displacement.count:
        if found["in_die"].count:
            notes.append("The displacement in the file was not used: it has thicknesses in the die too.")
        elif pellet.height is not None:
            length = pellet.height.value - _downwards(curve.displacement)
            found["in_die"] = replace(curve.displacement, length_um=length)
        elif found["out_of_die"].count:
            notes.append("The displacement in the file was not used: height_at_zero_displacement_um is not stated.")
        else:
            raise _zero_missing(pellet)
    return {mode: one for mode, one in found.items() if one.count}, tuple(notes)


def _measured_where(pellet: Pellet) -> CathodelabError:
    return CathodelabError(
        "measured-where",
        "The file has a thickness and does not say where it was measured",
        where=f"pellet {pellet.id}",
        why="Under load in the die a pellet is thinner than after ejection, and the press gives way too.",
        what_to_do="Name the column thickness in die or thickness out of die, or fill in thickness_is of the pellet "
        "(in die, out of die).",
        hints=(Hint("column", "thickness_is"),),
    )


def _zero_missing(pellet: Pellet) -> CathodelabError:
    return CathodelabError(
        "zero-missing",
        "The file has the way of a crosshead and no thickness",
        where=f"pellet {pellet.id}",
        why="A way becomes a thickness by the distance of the punches at its zero alone.",
        what_to_do="State height_at_zero_displacement_um of the pellet: the distance of the punches where the file's "
        "displacement is 0.",
        hints=(Hint("column", "height_at_zero_displacement_um"),),
    )


def _downwards(readings: Readings) -> FloatArray:
    """The way of the crosshead, positive towards the powder."""
    load = np.abs(np.where(np.isfinite(readings.pressure_MPa), readings.pressure_MPa, readings.force_kN))
    falls = readings.length_um[np.argmax(load)] < readings.length_um[np.argmin(load)]
    return -readings.length_um if falls else readings.length_um


def points_of(readings: Readings, mode: Mode, pellet: Pellet, settings: CompactionSettings) -> Points:
    """The points of one mode.

    Raises:
        CathodelabError: a force without the die's area, an impossible pressure or thickness, pressures that only fall.
    """
    pressure, contradiction, notes = _pressures(readings, pellet)
    length, extra = _of_one_mass(readings, pellet, settings)
    _refuse_impossible(pressure, length, mode, pellet)
    apart = bool(np.isfinite(readings.mass_mg).all())  # a new pellet for each pressure: their order says nothing
    kept, reversals = (np.ones(length.size, dtype=bool), 0) if apart else _first_loading(pressure, settings)
    kept &= pressure >= 0
    if kept.sum() < 2 and length.size > 2:
        raise _only_falls(pressure, mode, pellet)
    order = np.flatnonzero(kept)[np.argsort(pressure[kept], kind="stable")]
    pressure, length, extra = pressure[order], length[order], extra[order]
    _refuse_growing(pressure, length, mode, pellet)
    standard = pellet.thickness_standard_um
    standard = standard if np.isfinite(standard) else settings.thickness_standard_uncertainty_um
    level = _levels(pressure, mode)
    averaged = int(length.size - np.unique(level).size)
    if averaged:
        pressure, length, extra = (_means(one, level) for one in (pressure, length, extra))
    return Points(
        pressure,
        length,
        np.hypot(standard, extra),
        readings.count,
        left_out=int((~kept).sum()),
        reversals=reversals,
        averaged=averaged,
        contradiction=contradiction,
        notes=notes,
    )


def _pressures(readings: Readings, pellet: Pellet) -> tuple[FloatArray, float, tuple[str, ...]]:
    """Pressure of each reading, how far stated forces contradict it, and what was assumed."""
    area = pellet.area.value
    pressure = readings.pressure_MPa.copy()
    from_force = readings.force_kN / (KILONEWTON_OF_MEGAPASCAL_CM2 * area)
    lacking = ~np.isfinite(pressure)
    if (lacking & np.isfinite(readings.force_kN)).any() and not np.isfinite(area):
        raise CathodelabError(
            "die-missing",
            "The file has forces, and the diameter of the die is not stated",
            where=f"pellet {pellet.id}",
            why="A pressure is a force on an area; a force alone says nothing about the powder.",
            what_to_do="State diameter_mm (bore of the die) or area_cm2 of the pellet.",
            hints=(Hint("column", "diameter_mm"),),
        )
    both = np.isfinite(pressure) & np.isfinite(from_force) & (np.abs(pressure) > LOWEST_MPA)
    contradiction = float(np.max(np.abs(from_force[both] / pressure[both] - 1))) if both.any() else float("nan")
    pressure = np.where(lacking, from_force, pressure)
    if np.median(pressure) < 0:
        return (
            -pressure,
            contradiction,
            ("Pressures or forces are negative in the file: compression was taken as negative.",),
        )
    return pressure, contradiction, ()


def _of_one_mass(readings: Readings, pellet: Pellet, settings: CompactionSettings) -> tuple[FloatArray, FloatArray]:
    """Thicknesses that pellets of other masses would have at the mass stated, and what their weighing adds to the noise, um."""
    mass = readings.mass_mg
    if not np.isfinite(mass).all():
        return readings.length_um, np.zeros(readings.count)
    if not (mass > 0).all():
        raise _impossible(f"a mass of {np.min(mass):g} mg", "every pellet weighs something", pellet)
    length = readings.length_um * pellet.mass.value / mass
    half = pellet.mass.plus if np.isfinite(pellet.mass.plus) else settings.mass_standard_uncertainty_mg
    return length, length * half / mass


def _first_loading(pressure: FloatArray, settings: CompactionSettings) -> tuple[BoolArray, int]:
    """Readings of the first loading: those below a pressure that was reached before are of an unloading or a second loading."""
    kept = np.zeros(pressure.size, dtype=bool)
    highest, back, reversals, noise = -np.inf, False, 0, _LOAD_NOISE * float(np.max(pressure))
    for place, value in enumerate(pressure):
        if value >= highest:
            kept[place], back, highest = True, False, value
        elif back:
            continue
        elif value < highest - settings.reversal_tolerance * abs(highest) - noise:
            back, reversals = True, reversals + 1
        else:
            kept[place] = True
    return kept, reversals


def _levels(pressure: FloatArray, mode: Mode) -> FloatArray:
    """A number for each pressure level: readings under one held load are one point, long records are thinned."""
    share = pressure / pressure[-1]
    if pressure.size > _MOST_POINTS:
        level: FloatArray = np.floor(_MOST_POINTS * np.sqrt(np.clip(share, 0, 1)) * (1 - 1e-12))
        return level
    return np.round(share / _SAME_LEVEL) if mode == "in_die" else np.arange(pressure.size, dtype=float)


def _means(values: FloatArray, level: FloatArray) -> FloatArray:
    _, place = np.unique(level, return_inverse=True)
    means: FloatArray = np.bincount(place, weights=values) / np.bincount(place)
    return means


def _refuse_impossible(pressure: FloatArray, length: FloatArray, mode: Mode, pellet: Pellet) -> None:
    highest = float(np.max(pressure, initial=-np.inf))
    where = WORDS[mode]
    if not (np.isfinite(pressure).all() and np.isfinite(length).all()):
        raise _impossible(f"a pressure or thickness {where} that is no number", "every reading needs both", pellet)
    if highest > HIGHEST_MPA:
        raise _impossible(
            f"a pressure of {highest:,.4g} MPa",
            f"no die stands more than {HIGHEST_MPA:,.0f} MPa; most likely a force (N) was named a pressure, or kPa MPa",
            pellet,
        )
    if highest < LOWEST_MPA:
        raise _impossible(
            f"no pressure above {highest:.4g} MPa",
            "most likely GPa or kN/mm² were named MPa, or N was named kN",
            pellet,
        )
    if np.min(pressure) < -_BELOW_ZERO * highest:
        raise _impossible(
            f"pressures from {np.min(pressure):.4g} to {highest:.4g} MPa",
            "a powder is not pulled: zero the load cell",
            pellet,
        )
    if float(np.max(length)) > THICKEST_UM:
        raise _impossible(
            f"a thickness {where} of {np.max(length):,.4g} µm",
            "no pellet is that thick: most likely µm were named mm",
            pellet,
        )
    if float(np.min(length)) < THINNEST_UM:
        raise _impossible(
            f"a thickness {where} of {np.min(length):,.4g} µm",
            "no pellet is that thin: the crosshead is not zeroed where the punches touch, or mm were named µm",
            pellet,
        )


def _refuse_growing(pressure: FloatArray, length: FloatArray, mode: Mode, pellet: Pellet) -> None:
    """Refuse a thickness that grows with pressure."""
    if length.size < 2 or length[-1] <= length[0]:
        return
    if pressure[-1] < 1.5 * pressure[0] or length[-1] < 1.02 * length[0]:
        return
    raise CathodelabError(
        "thickness-grows",
        f"The thickness {WORDS[mode]} grows with pressure, from {length[0]:.4g} to {length[-1]:.4g} µm",
        where=f"pellet {pellet.id}",
        why="Powders get thinner; most likely the column is the way of the crosshead.",
        what_to_do="Name it displacement and state height_at_zero_displacement_um of the pellet.",
    )


def _only_falls(pressure: FloatArray, mode: Mode, pellet: Pellet) -> CathodelabError:
    return CathodelabError(
        "pressure-falls",
        f"The pressure {WORDS[mode]} falls from {pressure[0]:.4g} MPa at the first row",
        where=f"pellet {pellet.id}, {pressure.size} readings",
        why="Rows stand in the order in which they were measured; after the highest pressure a pellet only springs back.",
        what_to_do="Give the loading of the powder; a table that was sorted by falling pressure has to be turned round.",
    )


def _impossible(found: str, why: str, pellet: Pellet) -> CathodelabError:
    return CathodelabError(
        "impossible-scale",
        f"The file has {found}",
        where=f"pellet {pellet.id}",
        why=f"{why[0].upper()}{why[1:]}.",
        what_to_do="Correct the unit in the label, or the rows, in a copy of the file.",
    )
