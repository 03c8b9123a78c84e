"""Numbers with their uncertainty and its error budget.

Every set of estimates keeps, for each source of error, the signed effect that one standard uncertainty of this source
has on each value. Two estimates that share a source (the mass of the reference, say) are correlated by exactly that
share; nothing else has to be stored, and the budget is the same table read line by line.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays, frozen, read_only
from cathodelab.core.draws import COUNT, SEED, deviations, drawn_half_widths
from cathodelab.core.sources import Source, half_width_factor

Combination = Literal["quadrature", "linear", "as published", "drawn"]


@dataclass(frozen=True)
class Estimate:
    """A value with its asymmetric half-widths.

    Args:
        value: the number.
        minus: half-width towards smaller values (positive; ``nan`` where unknown, never 0 for unknown).
        plus: half-width towards larger values.
        unit: e.g. ``mAh/g``; ``1`` for a fraction.
        per: what the value refers to, e.g. ``mass of active material weighed in``; empty for a plain quantity.
        level: probability that the interval claims, ``nan`` where it claims none.
        how: how it was obtained, in words.
    """

    value: float
    minus: float = float("nan")
    plus: float = float("nan")
    unit: str = "1"
    per: str = ""
    level: float = 0.683
    how: str = ""


@dataclass(frozen=True)
class BudgetLine:
    """One line of an error budget: root sum of squares of the sources in a group."""

    group: str
    minus: float
    plus: float
    share: float
    halving: str


@dataclass(frozen=True, eq=False)
class EstimateSet(ReadOnlyArrays):
    """Several estimates of one sample with the effects of all sources of error on them.

    Args:
        names: names of the estimates.
        values: shape (n,).
        units: unit of each.
        pers: what each refers to.
        hows: how each was obtained.
        sources: the m sources.
        effects: shape (n, m), signed effect of one standard uncertainty of source m on value n. For one-sided limits it
            is the whole effect divided by the square root of 3 (root mean square of a rectangle that starts at zero), for
            ranges the whole effect.
        combination: ``quadrature``; ``linear``: sum of the absolute limits; ``as published``: the effects are half-widths
            that were computed elsewhere; ``drawn``: quantiles of draws
            (``core.draws``). Only ``quadrature`` and ``drawn`` claim a level.
    """

    names: tuple[str, ...]
    values: FloatArray
    units: tuple[str, ...]
    pers: tuple[str, ...]
    hows: tuple[str, ...]
    sources: tuple[Source, ...]
    effects: FloatArray
    combination: Combination = "quadrature"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.effects.shape != (len(self.names), len(self.sources)):
            raise ValueError(f"effects {self.effects.shape} for {len(self.names)} names, {len(self.sources)} sources")

    @property
    def level(self) -> float:
        """Probability that the intervals claim; ``nan`` where they claim none."""
        return 0.683 if self.combination in ("quadrature", "drawn") else float("nan")

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def estimate(self, name: str) -> Estimate:
        """One estimate of the set; ``KeyError`` where there is none of that name."""
        row = self._row(name)
        minus, plus = self._all_half_widths[row]
        return Estimate(
            float(self.values[row]),
            minus,
            plus,
            self.units[row],
            self.pers[row],
            self.level,
            self.hows[row],
        )

    def half_widths_without(self, name: str, ending: str) -> tuple[float, float]:
        """Half-widths towards smaller and larger values without the sources whose id ends so (``/mass``: all weighing)."""
        kept = np.array([not source.id.endswith(ending) for source in self.sources], dtype=bool)
        minus, plus = self._half_widths(self.effects[self._row(name)][kept], np.flatnonzero(kept))
        return float(minus), float(plus)

    def as_mapping(self) -> dict[str, Estimate]:
        """All estimates by name."""
        return {name: self.estimate(name) for name in self.names}

    def effect(self, name: str) -> Mapping[str, float]:
        """Signed effect of each source (by id) on one estimate."""
        row = self._row(name)
        return {source.id: float(value) for source, value in zip(self.sources, self.effects[row], strict=True)}

    def own_half_width(self, name: str, sample: str) -> float:
        """Standard uncertainty of an estimate from the sample's own sources (their ids begin with its name).

        What is left when samples with one reference are compared: the reference moves all of them alike.
        """
        own = [effect for source, effect in self.effect(name).items() if source.startswith(f"{sample}/")]
        return float(np.sqrt(np.sum(np.square(own))))

    def effects_for_covariance(self, name: str) -> FloatArray:
        """Effects whose products give the covariance with the same estimate of another sample, shape (m,)."""
        effects: FloatArray = np.where(self._one_sided, np.sqrt(0.5), 1.0) * self.effects[self._row(name)]
        return effects

    def draws(self, name: str, count: int = COUNT, seed: int = SEED) -> FloatArray:
        """Draws of one estimate, shape (count,); ``KeyError`` where there is none of that name."""
        row = self._row(name)
        return float(self.values[row]) + deviations(self.sources, self.effects[row], count, seed)

    def budget(self, name: str) -> tuple[BudgetLine, ...]:
        """The groups of sources, largest first. ``share`` is the part of the variance (0 to 1)."""
        if name not in self._budgets:
            self._budgets[name] = self._budget_of(self._row(name))
        return self._budgets[name]

    def _budget_of(self, row: int) -> tuple[BudgetLine, ...]:
        first: dict[str, int] = {}  # column of the first source of each group
        for column, source in enumerate(self.sources):
            first.setdefault(source.group, column)
        groups = np.array([source.group for source in self.sources])
        effects = np.where(
            groups == np.array(list(first))[:, None], self.effects[row], 0.0
        )  # row by row those of one group
        minus, plus = self._half_widths(effects, np.arange(len(self.sources)))
        squares = (effects**2).sum(axis=1)
        shares = squares / squares.sum() if squares.any() else squares
        lines = [
            BudgetLine(group, low, high, share, self.sources[column].halving)
            for (group, column), low, high, share in zip(
                first.items(), minus.tolist(), plus.tolist(), shares.tolist(), strict=True
            )
        ]
        return tuple(sorted(lines, key=lambda line: line.share, reverse=True))

    def _row(self, name: str) -> int:
        try:
            return self.names.index(name)
        except ValueError:
            raise KeyError(f"no estimate {name!r}; there are {', '.join(self.names)}") from None

    @cached_property
    def _budgets(self) -> dict[str, tuple[BudgetLine, ...]]:
        """Budgets computed so far: page, tables and workbook ask for the same ones."""
        return {}

    @cached_property
    def _all_half_widths(self) -> tuple[tuple[float, float], ...]:
        """Half-widths of every estimate, computed once: pages, tables and figures all use them."""
        minus, plus = self._half_widths(self.effects, np.arange(len(self.sources)))
        return tuple(zip(minus.tolist(), plus.tolist(), strict=True))

    @cached_property
    def _one_sided(self) -> NDArray[np.bool_]:
        return read_only(np.array([source.kind == "one-sided limit" for source in self.sources], dtype=bool))

    @cached_property
    def _ranges(self) -> NDArray[np.bool_]:
        return read_only(np.array([source.kind == "range" for source in self.sources], dtype=bool))

    @cached_property
    def _limit_of_standard(self) -> FloatArray:
        """Factors from effects of standard uncertainties to those of full half-widths."""
        return frozen([half_width_factor(source.kind) for source in self.sources])

    def _half_widths(self, effects: FloatArray, columns: NDArray[np.intp]) -> tuple[FloatArray, FloatArray]:
        """Half-widths towards smaller and larger values, each shape (...); ranges are added linearly.

        ``effects`` has shape (..., k): the sources in the given k columns.
        """
        ranges = self._ranges[columns]
        minus, plus = self._of_distributions(effects[..., ~ranges], columns[~ranges])
        below, above = _sides(effects[..., ranges])
        return minus + below.sum(axis=-1), plus + above.sum(axis=-1)

    def _of_distributions(self, effects: FloatArray, columns: NDArray[np.intp]) -> tuple[FloatArray, FloatArray]:
        """Half-widths from all sources that have a distribution (all but ranges)."""
        one_sided = self._one_sided[columns]
        if self.combination == "linear":
            limits = effects * self._limit_of_standard[columns]
            both = np.abs(limits[..., ~one_sided]).sum(axis=-1)
            below, above = _sides(limits[..., one_sided])
            return both + below.sum(axis=-1), both + above.sum(axis=-1)
        if self.combination == "drawn":
            sources = [self.sources[column] for column in columns]
            rows = effects.reshape(math.prod(effects.shape[:-1]), len(sources))
            minus, plus = np.array([drawn_half_widths(sources, row) for row in rows]).T
            return minus.reshape(effects.shape[:-1]), plus.reshape(effects.shape[:-1])
        both = (effects[..., ~one_sided] ** 2).sum(axis=-1)
        below, above = _sides(effects[..., one_sided])
        return np.sqrt(both + (below**2).sum(axis=-1)), np.sqrt(both + (above**2).sum(axis=-1))


def _sides(effects: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Split effects into their sizes towards smaller and towards larger values."""
    return np.maximum(-effects, 0.0), np.maximum(effects, 0.0)


def covariance(sets: Sequence[EstimateSet], name: str) -> FloatArray:
    """Covariance matrix of the same estimate in several samples, shape (n, n).

    Errors of shared sources (same id) are common; all others are independent. A one-sided source counts with half its
    mean square, so that the diagonal is the mean of the squared half-widths. A range counts as if its whole length were one
    standard uncertainty: the matrix is not too small wherever in the range the truth lies.
    """
    columns: dict[str, int] = {}
    for one in sets:
        for source in one.sources:
            columns.setdefault(source.id, len(columns))
    effects = np.zeros((len(sets), len(columns)))
    for row, one in enumerate(sets):
        places = [columns[source.id] for source in one.sources]
        effects[row, places] = one.effects_for_covariance(name)
    return effects @ effects.T


def joint_draws(sets: Sequence[EstimateSet], name: str, count: int = COUNT, seed: int = SEED) -> FloatArray:
    """Draws of the same estimate of several samples, shape (count, n): each row is one joint draw of all samples."""
    return np.stack([one.draws(name, count, seed) for one in sets], axis=1)


NO_ESTIMATES = EstimateSet((), np.zeros(0), (), (), (), (), np.zeros((0, 0)))
"""Of a result that is all checks or figures."""
