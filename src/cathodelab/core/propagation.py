"""From uncertain inputs to uncertain results, by evaluating the whole chain again for each source of error.

Central differences over one half-width of the source keep the method exact for linear chains, need no derivatives by
hand and give every result of a chain (utilization, windows, losses) its effects from the same sources.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.estimate import SQRT3, Source

Inputs = TypeVar("Inputs")


@dataclass(frozen=True)
class Perturbation(Generic[Inputs]):
    """A source of error and how it moves the inputs: ``apply(inputs, k)`` shifts them by ``k`` half-widths."""

    source: Source
    apply: Callable[[Inputs, float], Inputs]


@dataclass(frozen=True, eq=False)
class Shift:
    """A perturbation that adds k times the given amounts to fields of a frozen dataclass.

    A type of its own, not a closure, so that results can go from process to process.
    """

    amounts: Mapping[str, float | FloatArray]

    def __call__(self, inputs: Any, k: float) -> Any:  # noqa: ANN401, D102 - any dataclass, in and out the same
        moved = {name: getattr(inputs, name) + k * amount for name, amount in self.amounts.items() if np.any(amount)}
        return replace(inputs, **moved) if moved else inputs


def effects_of(
    evaluate: Callable[[Inputs], FloatArray], inputs: Inputs, perturbations: Sequence[Perturbation[Inputs]]
) -> tuple[FloatArray, FloatArray]:
    """Values at the inputs and the effect of one standard uncertainty of each source.

    Args:
        evaluate: the chain; returns shape (n,).
        inputs: what it starts from.
        perturbations: m sources of error.

    Returns:
        values, shape (n,), and effects, shape (n, m), scaled as :class:`~cathodelab.core.estimate.EstimateSet` wants.
    """
    values = evaluate(inputs)
    effects = np.zeros((values.size, len(perturbations)))
    for column, perturbation in enumerate(perturbations):
        above = evaluate(perturbation.apply(inputs, 1.0))
        if perturbation.source.kind == "one-sided limit":
            effects[:, column] = (above - values) / SQRT3
        else:
            below = evaluate(perturbation.apply(inputs, -1.0))
            scale = SQRT3 if perturbation.source.kind == "limit" else 1.0
            effects[:, column] = (above - below) / 2.0 / scale
    return values, effects
