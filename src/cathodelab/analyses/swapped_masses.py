"""Were the masses of two cells swapped? A doubt from the cells alone.

Two rows of a table exchanged, or two weighing papers: each capacity per mass is then wrong by the ratio of the masses, one too
high and one too low. Cells of one batch hold the same composite, so the pair shows as two cells that disagree, and agree with
each other's mass. Tested against the scatter of all other cells within their batches.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from cathodelab.core.arrays import FloatArray

LEVEL = 0.01
"""Probability, over all pairs of a study, of naming a pair where nothing was swapped."""
_FEWEST_FREEDOM = 3
_EXPLAINED = 0.9
"""Part of the pair's disagreement that the swap has to take away."""


@dataclass(frozen=True)
class Swap:
    """Two cells, by position, their values as they are and with each other's mass, and the probability by chance."""

    first: int
    second: int
    values: tuple[float, float]
    swapped: tuple[float, float]
    probability: float


def swapped_masses(values: FloatArray, mass_mg: FloatArray, batch: Sequence[str]) -> list[Swap] | None:
    """Pairs of one batch that fit far better with each other's mass; ``None`` where too few cells tell the scatter.

    Args:
        values: a quantity per mass of each cell, positive, (cells,).
        mass_mg: by which it was divided, (cells,).
        batch: name of the batch of each cell.
    """
    names = np.array(batch)
    pairs = [(i, j) for i, j in combinations(range(values.size), 2) if names[i] == names[j]]
    judged = [found for pair in pairs if (found := _judged(values, mass_mg, names, pair)) is not None]
    if not judged:
        return None
    return [one for one in judged if one.probability * len(pairs) < LEVEL]


def _judged(values: FloatArray, mass_mg: FloatArray, names: np.ndarray, pair: tuple[int, int]) -> Swap | None:
    """One pair against the scatter of the others."""
    from scipy.special import fdtrc

    i, j = pair
    logs = np.log(values)
    inside, freedom = _within(np.delete(logs, pair), np.delete(names, pair))
    if freedom < _FEWEST_FREEDOM or inside <= 0:
        return None
    ratio = float(np.log(mass_mg[i] / mass_mg[j]))
    other = logs.copy()
    other[[i, j]] += ratio, -ratio
    batch = names == names[i]
    before, after = (_within(one[batch], names[batch])[0] for one in (logs, other))
    gone = before - after
    explained = gone >= _EXPLAINED * (logs[i] - logs[j]) ** 2 / 2
    probability = float(fdtrc(1, freedom, gone / (inside / freedom))) if gone > 0 and explained else 1.0
    swapped = float(np.exp(other[i])), float(np.exp(other[j]))
    return Swap(i, j, (float(values[i]), float(values[j])), swapped, probability)


def _within(values: FloatArray, names: np.ndarray) -> tuple[float, int]:
    """Sum of squares about the means of the batches, and its degrees of freedom."""
    batches = [values[names == name] for name in dict.fromkeys(names.tolist())]
    return sum(float(np.sum((one - one.mean()) ** 2)) for one in batches), values.size - len(batches)
