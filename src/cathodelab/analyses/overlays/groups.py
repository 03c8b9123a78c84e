"""Samples by group, with the mean of a group and its standard deviation between samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.core.figure import Series, SeriesKind

MOST_NAMED = 8
"""Samples whose names still fit at their marks."""
_FEWEST_FOR_A_MEAN = 2


@dataclass(frozen=True, eq=False)
class Curve(ReadOnlyArrays):
    """What one sample has over something that all have: x and y of shape (points,), and how it is told apart."""

    sample: str
    group: str
    colour: int
    x: FloatArray
    y: FloatArray


def overlaid(curves: Sequence[Curve], *, joined: bool = True) -> tuple[Series, ...]:
    """A thin line a sample; for groups of two or more the mean over the places that all of its samples have, and its sd.

    Samples without a group are named at their last mark, as far as names fit.

    Args:
        curves: of all samples.
        joined: lines; else marks.
    """
    means = _means(curves)
    named: set[str] = set()
    series: list[Series] = []
    alone = sum(not one.group for one in curves) <= MOST_NAMED
    for place, one in enumerate(curves):
        colour = one.colour if one.group else place
        names = ("",) * max(one.x.size - 1, 0) + (one.sample,) if not one.group and alone and one.x.size else ()
        label = "" if not one.group or one.group in named or one.group in means else one.group
        named.add(one.group)
        kind: SeriesKind = "line" if joined and one.x.size > 1 else "points"
        thin = one.group in means
        series.append(Series(kind, one.x, one.y, label, colour, thin=thin, names=names, sample=one.sample))
    for group, (x, mean, sd, count) in means.items():
        colour = next(one.colour for one in curves if one.group == group)
        label = f"{group}: mean ± sd of {count}"
        series.append(Series("band", x, mean, label, colour, y_minus=sd, y_plus=sd))
    return tuple(series)


def _means(curves: Sequence[Curve]) -> Mapping[str, tuple[FloatArray, FloatArray, FloatArray, int]]:
    """Group -> x that all its samples have, mean and sd there, number of samples."""
    found = {}
    for group in dict.fromkeys(one.group for one in curves if one.group):
        own = [one for one in curves if one.group == group and one.x.size]
        if len(own) < _FEWEST_FOR_A_MEAN:
            continue
        common = own[0].x
        for one in own[1:]:
            common = np.intersect1d(common, one.x)
        if common.size < _FEWEST_FOR_A_MEAN:
            continue
        values = np.stack([one.y[np.searchsorted(one.x, common)] for one in own])
        found[group] = (common, values.mean(axis=0), values.std(axis=0, ddof=1), len(own))
    return found
