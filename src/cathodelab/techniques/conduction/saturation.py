"""Rows in which the instrument was at the end of its range: they show the range, not the current."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cathodelab.core.arrays import FloatArray
from cathodelab.core.errors import CathodelabError
from cathodelab.techniques.conduction.model import Staircase, Step

BoolArray = NDArray[np.bool_]
_FEWEST_ALIKE = 4
_SAME = 1e-9
_DISTINCT = 0.3
_STEADY_PART = 0.2


def saturated_rows(staircase: Staircase, steps: Sequence[Step]) -> BoolArray:
    """Rows whose current is exactly the largest or smallest of the record, several in a row.

    A coarse resolution repeats its steady values too. So either most currents of the record differ from each other, or two
    different voltages share the value.
    """
    current = staircase.current_ampere
    found = np.zeros(current.size, dtype=bool)
    distinct = np.unique(current).size > _DISTINCT * current.size
    for extreme in (float(current.max()), float(current.min())):
        alike = np.abs(current - extreme) <= _SAME * abs(extreme)
        runs = _long_runs(alike)
        levels = {
            round(step.voltage_volt, 5)
            for step in steps
            if np.count_nonzero(runs[step.first : step.last]) >= _FEWEST_ALIKE
        }
        if extreme and runs.any() and (distinct or len(levels - {0.0}) > 1):
            found |= runs
    return found


def _long_runs(alike: BoolArray) -> BoolArray:
    """Where true stands at least so often in a row."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], alike, [False]])))
    kept = np.zeros(alike.size, dtype=bool)
    for first, last in edges.reshape(-1, 2):
        kept[first:last] = last - first >= _FEWEST_ALIKE
    return kept


def without_saturation(steps: Sequence[Step], saturated: BoolArray, current: FloatArray) -> tuple[Step, ...]:
    """The steps, those dropped whose end is saturated: their steady current was not seen.

    Raises:
        CathodelabError: fewer than two voltages are left (``current-saturated``).
    """
    kept = []
    for step in steps:
        end = step.last - max(int(_STEADY_PART * (step.last - step.first)), 1)
        lost = not step.dropped and bool(saturated[end : step.last].any())
        kept.append(replace(step, dropped="the current stood at the end of the range") if lost else step)
    left = {round(step.voltage_volt, 5) for step in kept if not step.dropped}
    if saturated.any() and len(left) < 2:
        raise CathodelabError(
            "current-saturated",
            f"The current stands at {float(np.max(np.abs(current[saturated]))):.4g} A in {int(saturated.sum())} rows",
            where=f"{sum(not one.dropped for one in steps) - sum(not one.dropped for one in kept)} steps",
            why="That is the end of the instrument's range: fewer than two voltages are left whose current was measured.",
            what_to_do="Measure again in a larger current range, or at smaller voltages.",
        )
    return tuple(kept)
