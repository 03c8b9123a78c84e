"""Error propagation: the whole chain is evaluated again for each source of error.

Central differences over one half-width of the source are exact for linear chains and need no derivatives by hand. All
results of a chain (utilization, windows, losses) get their effects from the same sources.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar, cast

import numpy as np

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.core.sources import SQRT3, Source

Inputs = TypeVar("Inputs")
_ONE_SIDED = ("one-sided limit", "range")


@dataclass(frozen=True)
class Perturbation(Generic[Inputs]):
    """A source of error and how it moves the inputs: ``apply(inputs, k)`` shifts them by ``k`` half-widths."""

    source: Source
    apply: Callable[[Inputs, float], Inputs]


@dataclass(frozen=True, eq=False)
class Shift(ReadOnlyArrays):
    """A perturbation that adds k times the given amounts to fields of a frozen dataclass.

    A class instead of a closure, so that results can be passed between processes.
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
    moved = [evaluate(one.apply(inputs, k)) for one, k in _moves(perturbations)]
    return _effects(np.array([evaluate(inputs), *moved]), perturbations)


def effects_at_once(
    evaluate: Callable[[Inputs], FloatArray], inputs: Inputs, perturbations: Sequence[Perturbation[Inputs]]
) -> tuple[FloatArray, FloatArray]:
    """As :func:`effects_of`, for a chain that evaluates all versions of its inputs at once; much faster for short arrays.

    Args:
        evaluate: gets the inputs with every moved field stacked along a new first axis (all others as they are) and
            returns shape (versions, n).
        inputs: a frozen dataclass.
        perturbations: m sources of error, each a :class:`Shift`.

    Raises:
        TypeError: a perturbation is not a :class:`Shift`.
    """
    moves: list[tuple[Shift, float]] = [(Shift({}), 0.0)]  # the first version is unchanged
    for perturbation, k in _moves(perturbations):
        if not isinstance(perturbation.apply, Shift):
            raise TypeError(f"{perturbation.source.id} is no Shift: use effects_of")
        moves.append((perturbation.apply, k))
    stacks: dict[str, FloatArray] = {}
    for name in dict.fromkeys(name for shift, _ in moves for name in shift.amounts):
        base = np.asarray(getattr(inputs, name), dtype=float)
        stacks[name] = np.broadcast_to(base, (len(moves), *base.shape)).copy()
        for row, (shift, k) in enumerate(moves):
            if name in shift.amounts:
                stacks[name][row] += k * shift.amounts[name]
    versions: Any = replace(cast("Any", inputs), **stacks)
    values = evaluate(versions)
    return _effects(np.broadcast_to(values, (len(moves), values.shape[-1])), perturbations)


def _moves(perturbations: Sequence[Perturbation[Inputs]]) -> Iterator[tuple[Perturbation[Inputs], float]]:
    """All moved evaluations: up by one half-width, and down as well unless the source is one-sided."""
    for perturbation in perturbations:
        yield perturbation, 1.0
        if perturbation.source.kind not in _ONE_SIDED:
            yield perturbation, -1.0


def _effects(values: FloatArray, perturbations: Sequence[Perturbation[Inputs]]) -> tuple[FloatArray, FloatArray]:
    """Values and effects from all evaluations: first row at the inputs, then those of all moves."""
    effects = np.zeros((values.shape[-1], len(perturbations)))
    rows = iter(values[1:])
    for column, perturbation in enumerate(perturbations):
        above = next(rows)
        if perturbation.source.kind in _ONE_SIDED:
            effects[:, column] = (above - values[0]) / (1.0 if perturbation.source.kind == "range" else SQRT3)
        else:
            scale = SQRT3 if perturbation.source.kind == "limit" else 1.0
            effects[:, column] = (above - next(rows)) / 2.0 / scale
    return values[0], effects
