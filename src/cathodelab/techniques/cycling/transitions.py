"""Where features of dQ/dV are looked for, and what they are called.

Names of phase transitions are those of layered nickel oxides and are given to them alone: by the name of the active material, or
where the study says so. Of every other material, or where it is not named, a feature is a peak at a potential.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.techniques.cycling.differential import Densities

BY_NAME, NICKEL, NONE = "by cam_name", "layered nickel oxide", "none"
_ABBREVIATED = re.compile(r"\b(ncm|nmc|nca|ncma|lno)\d*", re.IGNORECASE)
_FORMULA = re.compile(r"li[\d.]*\(?ni([\d.]*)", re.IGNORECASE)
_LEAST_NICKEL = 0.3
_SPINEL = re.compile(r"o4\b", re.IGNORECASE)
_MOST_PEAKS = 6
_LEAST_OF_HIGHEST, _ROUND_VOLT = 0.05, 0.15


@dataclass(frozen=True)
class Window:
    """Where a feature is looked for, V vs. Li+/Li, in one direction."""

    name: str
    direction: int
    low_volt: float
    high_volt: float


WINDOWS = (
    Window("H1-M", 1, 3.58, 3.90),
    Window("M-H2", 1, 3.90, 4.12),
    Window("H2-H3", 1, 4.12, 4.36),
    Window("H2-H3", -1, 4.08, 4.30),
    Window("M-H2", -1, 3.86, 4.08),
    Window("H1-M", -1, 3.58, 3.86),
    Window("KH", -1, 3.40, 3.58),
)
"""Nickel-rich layered oxides (NCM82 to NCM85): source dissertation, Figures 2 and S16; KH (kinetic hindrance of the
re-lithiation) near 2.9 V vs. In/InLi on discharge."""


def has_their_names(cam_name: str, setting: str) -> bool:
    """Whether features are called as those of layered nickel oxides are."""
    if setting != BY_NAME:
        return setting == NICKEL
    if _ABBREVIATED.search(cam_name):
        return True
    nickel = _FORMULA.search(cam_name.replace(" ", ""))
    share = 1.0 if nickel is None else float(nickel.group(1).strip(".") or 1)
    return nickel is not None and share >= _LEAST_NICKEL and not _SPINEL.search(cam_name)


def windows_of_peaks(
    densities: Densities, direction: Sequence[int], shift_volt: FloatArray, offset_volt: float, significance: float
) -> tuple[Window, ...]:
    """A window round each peak of the first half cycle in either direction that shows one.

    Args:
        densities: dQ/dV of the half cycles.
        direction: +1 charge, -1 discharge, of each.
        shift_volt: overpotential by which windows move along, of each.
        offset_volt: potential of the counter electrode vs. Li+/Li.
        significance: height over its noise that a peak needs.
    """
    found: list[Window] = []
    for way in (1, -1):
        for half in (place for place, one in enumerate(direction) if one == way):
            peaks = _peaks(densities, half, significance)
            if not peaks:
                continue
            at = np.sort(densities.potential_volt[peaks] + offset_volt - way * float(shift_volt[half]))
            edges = [at[0] - _ROUND_VOLT, *((at[:-1] + at[1:]) / 2), at[-1] + _ROUND_VOLT]
            found += [
                Window(f"peak at {volt:.2f} V", way, float(low), float(high))
                for volt, low, high in zip(at, edges[:-1], edges[1:], strict=True)
            ]
            break
    return tuple(found)


def _peaks(densities: Densities, half: int, significance: float) -> list[int]:
    """Bins of the maxima that stand out, the highest first, at most six."""
    if not np.isfinite(densities.noise_volt[half]):
        return []
    curve = densities.level(1, half)
    tops = np.flatnonzero((curve[1:-1] > curve[:-2]) & (curve[1:-1] >= curve[2:])) + 1
    chosen = []
    for peak in tops[np.argsort(-curve[tops], kind="stable")].tolist():
        least = max(
            _LEAST_OF_HIGHEST * float(curve.max()), significance * densities.noise_of(half, curve.item(peak), 1)
        )
        if _prominence(curve, peak) > least:
            chosen.append(peak)
    return chosen[:_MOST_PEAKS]


def _prominence(curve: FloatArray, peak: int) -> float:
    """Height over the higher of the two valleys that part a maximum from higher ones, or from the ends."""
    valleys = []
    for side in (curve[: peak + 1][::-1], curve[peak:]):
        higher = np.flatnonzero(side > side[0])
        valleys.append(float(side[: higher[0] if higher.size else side.size].min()))
    return float(curve[peak]) - max(valleys)
