r"""Which utilization a cycle has, where it was measured again during ageing.

Cycles have the utilization of their own check-up, those between two check-ups the interpolated one. How contacts were lost
between is not known: at a fraction w of the way the truth may lie off by :math:`2 w (1 - w) |\theta_b - \theta_a|`, at the middle
anywhere between both. After the last check-up it stays, and may have gone on as fast as before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cathodelab.analyses.ageing import AgeingResult
from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.core.sources import SQRT3, Source
from cathodelab.techniques.cycling.model import CyclingResult, RateLevel
from cathodelab.techniques.utilization.model import UtilizationResult

_THETA = "static_utilization"


@dataclass(frozen=True, eq=False)
class UtilizationOfLevels(ReadOnlyArrays):
    """Utilization of the cycles of each rate, (levels,), with what one standard uncertainty of each source does to it.

    ``how``: where it is from, in words.
    """

    values: FloatArray
    effects: Mapping[Source, FloatArray]
    how: str


def utilization_of_levels(
    cell_id: str,
    cycling: CyclingResult,
    utilization: UtilizationResult,
    ageing: AgeingResult | None,
    levels: Sequence[RateLevel],
) -> UtilizationOfLevels:
    """The utilization of each rate's cycles.

    Args:
        cell_id: of the cell.
        cycling: its cycles.
        utilization: its first titration.
        ageing: utilizations at its check-ups, ``None`` where it was titrated once.
        levels: rates, each with rows of the table of cycles.
    """
    if ageing is None:
        its = utilization.estimates
        one = its.estimate(_THETA).value
        effects = {source: np.full(len(levels), its.effect(_THETA)[source.id]) for source in its.sources}
        return UtilizationOfLevels(np.full(len(levels), one), effects, "utilization of the cell's titration")
    numbers = np.array(ageing.cycles, dtype=np.float64)
    its = ageing.estimates
    names = [f"utilization_cycle_{number}" for number in ageing.cycles]
    theta = np.array([its.estimate(name).value for name in names])
    cycles = [cycling.cycles.number[level.cycles].astype(np.float64) for level in levels]
    weights = (
        np.stack([_weights(numbers, one).mean(axis=0) for one in cycles]) if levels else np.empty((0, numbers.size))
    )
    table = np.stack([its.effects[its.names.index(name)] for name in names])
    effects = {source: weights @ table[:, column] for column, source in enumerate(its.sources)}
    between, after = np.array([_limits(numbers, theta, one) for one in cycles]).reshape(len(levels), 2).T
    group = "change of the utilization between check-ups"
    course = Source(f"{cell_id}/course of the utilization", group, "limit", "titrate more often")
    later = Source(f"{cell_id}/utilization after the last check-up", group, "limit", "titrate the cell at the end")
    effects |= {source: limit / SQRT3 for source, limit in ((course, between), (later, after)) if np.any(limit)}
    listed = ", ".join(map(str, ageing.cycles))
    return UtilizationOfLevels(
        weights @ theta, effects, f"utilization of the check-ups in cycles {listed}, interpolated"
    )


def _weights(numbers: FloatArray, cycles: FloatArray) -> FloatArray:
    """Weight of each check-up for each cycle, (cycles, check-ups); constant outside."""
    return np.stack([np.interp(cycles, numbers, row) for row in np.eye(numbers.size)], axis=1)


def _limits(numbers: FloatArray, theta: FloatArray, cycles: FloatArray) -> tuple[float, float]:
    """Mean over cycles of how far the utilization may lie from the interpolated one: between check-ups, after the last."""
    place = np.clip(np.searchsorted(numbers, cycles, side="right") - 1, 0, numbers.size - 2)
    share = np.clip((cycles - numbers[place]) / (numbers[place + 1] - numbers[place]), 0.0, 1.0)
    between = 2 * share * (1 - share) * np.abs(theta[place + 1] - theta[place])
    fastest = np.max(np.abs(np.diff(theta) / np.diff(numbers)))
    after = np.minimum(fastest * np.clip(cycles - numbers[-1], 0.0, None), theta[-1])
    return float(between.mean()), float(after.mean())
