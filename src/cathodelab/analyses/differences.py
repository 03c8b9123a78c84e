"""Differences of pairs and groups of samples whose errors are correlated, at the level that the study allows.

A difference of two cells, two composites, or two samples that were made several times are three statements. What is compared are
means over composites (mixing runs), each the mean of its cells:

- *samples*: both sides have two composites or more. Composites are the units (Welch's t over their means).
- *composites*: some composite has two cells or more. The scatter of cells within composites is pooled; nothing is known of other
  composites of the same sample.
- *cells*: one cell a composite. The uncertainty is that of the cells' own measurements alone.

Sources of error that cells share (a reference, a mass) are common: what they give both sides cancels, what they give one side
stays. Where scatter is seen it holds the errors that every cell has for itself; errors that several cells share are added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.estimate import EstimateSet

Level = Literal["samples", "composites", "cells"]
LEVEL = 0.95
_NORMAL_95 = 1.959964


@dataclass(frozen=True, eq=False)
class Compared:
    """One cell: its composite, and the estimates of which one is compared."""

    composite: str
    estimates: EstimateSet


@dataclass(frozen=True)
class Difference:
    """First minus second, with its 95 % interval; ``nan`` ends where nothing tells it.

    Args:
        value: of the means over composites.
        low, high: ends of the interval.
        level: what differs: samples, these composites, or these cells.
        cells, composites: numbers of both sides.
        shared: standard uncertainty from errors that cells share and that do not cancel.
    """

    value: float
    low: float
    high: float
    level: Level
    cells: tuple[int, int]
    composites: tuple[int, int]
    shared: float

    @property
    def is_shown(self) -> bool:
        """Whether the interval excludes zero."""
        return self.low > 0 or self.high < 0


def difference(first: Sequence[Compared], second: Sequence[Compared], name: str, scale: float = 1.0) -> Difference:
    """Difference of two sides in one estimate.

    Args:
        first: cells of one side, one or more.
        second: of the other.
        name: of the estimate.
        scale: factor to the unit that is wanted.
    """
    sides = (first, second)
    weights = [_weights([one.composite for one in side]) for side in sides]
    values = [scale * np.array([one.estimates.estimate(name).value for one in side]) for side in sides]
    value = float(weights[0] @ values[0] - weights[1] @ values[1])
    signed = np.concatenate([weights[0], -weights[1]])
    composites = tuple(len({one.composite for one in side}) for side in sides)
    every = [one for side in sides for one in side]
    units = [one.composite if min(composites) > 1 else str(place) for place, one in enumerate(every)]
    own, shared = _errors([one.estimates for one in every], name, signed, units)
    means = [_means(one, [cell.composite for cell in side]) for one, side in zip(values, sides, strict=True)]
    level: Level = "cells"
    if min(composites) > 1:
        level, half = "samples", _welch(means)
    elif sum(map(len, sides)) > sum(composites):
        level, half = "composites", _pooled(values, sides, signed)
    else:
        half = _NORMAL_95 * scale * own
    reach = float(np.hypot(half, _NORMAL_95 * scale * shared))
    return Difference(
        value=value,
        low=value - reach,
        high=value + reach,
        level=level,
        cells=(len(first), len(second)),
        composites=(composites[0], composites[1]),
        shared=scale * shared,
    )


def _weights(composite: Sequence[str]) -> FloatArray:
    """Of each cell in the mean over composites."""
    count = {name: composite.count(name) for name in composite}
    return np.array([1 / (len(count) * count[name]) for name in composite])


def _means(values: FloatArray, composite: Sequence[str]) -> FloatArray:
    names = list(dict.fromkeys(composite))
    member = np.array([names.index(one) for one in composite])
    return np.asarray(np.bincount(member, weights=values) / np.bincount(member))


def _errors(sets: Sequence[EstimateSet], name: str, signed: FloatArray, units: Sequence[str]) -> tuple[float, float]:
    """Standard uncertainties of the difference from errors of single units, and from errors that several of them share.

    Units are cells, or composites where their scatter is seen: it holds what the cells of one composite share.
    """
    totals: dict[str, float] = {}
    met: dict[str, set[str]] = {}
    for one, weight, unit in zip(sets, signed.tolist(), units, strict=True):
        effects = one.effects_for_covariance(name)
        for source, effect in zip(one.sources, effects.tolist(), strict=True):
            totals[source.id] = totals.get(source.id, 0.0) + weight * effect
            met.setdefault(source.id, set()).add(unit)
    own = [total for source, total in totals.items() if len(met[source]) == 1]
    shared = [total for source, total in totals.items() if len(met[source]) > 1]
    return float(np.linalg.norm(own)), float(np.linalg.norm(shared))


def _welch(means: Sequence[FloatArray]) -> float:
    """Half-width at 95 % over the means of composites."""
    from scipy.special import stdtrit

    errors = [float(np.var(one, ddof=1)) / one.size for one in means]
    total = sum(errors)
    if total == 0:
        return 0.0
    free = total**2 / sum(error**2 / (one.size - 1) for error, one in zip(errors, means, strict=True))
    return float(stdtrit(free, (1 + LEVEL) / 2) * np.sqrt(total))


def _pooled(values: Sequence[FloatArray], sides: Sequence[Sequence[Compared]], signed: FloatArray) -> float:
    """Half-width at 95 % from the scatter of cells within their composites, pooled."""
    from scipy.special import stdtrit

    squares, free = 0.0, 0
    for one, side in zip(values, sides, strict=True):
        names = np.array([cell.composite for cell in side])
        for name in dict.fromkeys(names.tolist()):
            own = one[names == name]
            squares += float(np.sum((own - own.mean()) ** 2))
            free += own.size - 1
    return float(stdtrit(free, (1 + LEVEL) / 2) * np.sqrt(squares / free) * np.linalg.norm(signed))
