r"""Correlation of two quantities that share an error, and the part of it that only comes from weighing.

Gross capacity and utilization are both divided by the same mass: nine identical cells with 0.1 mg on 12 mg show a
correlation of 0.9. The covariance that shared sources make is known cell by cell and is subtracted:
:math:`r = (S_{xy} - \bar c) / \sqrt{(S_{xx} - \bar v_x)(S_{yy} - \bar v_y)}`. The null band is what the observed correlation
would be with no true correlation at all: batches, cells and errors drawn anew with the scatter that was found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.core.estimate import EstimateSet

_DRAWS = 1000
_BEYOND_ONE = 1.25
_SEED = 20240


@dataclass(frozen=True)
class SharedErrors(ReadOnlyArrays):
    """Errors of two quantities for every cell: variances, and covariance from common sources; each of shape (cells,)."""

    variance_x: FloatArray
    variance_y: FloatArray
    covariance: FloatArray


@dataclass(frozen=True)
class Correlation:
    """Correlation coefficients: observed, from weighing alone (median for identical cells), and corrected.

    ``corrected`` is ``nan`` where the scatter hardly exceeds its errors, so that the quotient has no meaning.

    ``null_low`` and ``null_high`` hold the observed correlation in 95 % of studies without any true correlation.
    """

    cells: int
    observed: float
    weighing_only: float
    corrected: float
    null_low: float
    null_high: float

    @property
    def beyond_null(self) -> bool | None:
        """Whether the observed correlation lies outside of what chance and weighing make; ``None`` where there is none."""
        if np.isnan([self.observed, self.null_low, self.null_high]).any():
            return None
        return not self.null_low <= self.observed <= self.null_high

    @property
    def determination(self) -> float:
        """R², the square of the observed correlation."""
        return self.observed**2


def shared_errors(
    cells: Sequence[str], x: Sequence[EstimateSet], x_name: str, y: Sequence[EstimateSet], y_names: Sequence[str]
) -> SharedErrors:
    """Errors from the cells' own sources (id begins with the cell's), as those of a common reference move all cells alike."""
    rows = []
    for cell, one, other, y_name in zip(cells, x, y, y_names, strict=True):
        first, second = one.effect(x_name), other.effect(y_name)
        mine = {name: effect for name, effect in first.items() if name.startswith(f"{cell}/")}
        its = {name: effect for name, effect in second.items() if name.startswith(f"{cell}/")}
        common = sum(effect * its[name] for name, effect in mine.items() if name in its)
        rows.append((sum(e * e for e in mine.values()), sum(e * e for e in its.values()), common))
    table = np.array(rows).reshape(-1, 3)
    return SharedErrors(table[:, 0], table[:, 1], table[:, 2])


def correlation(x: FloatArray, y: FloatArray, batch: Sequence[str], errors: SharedErrors) -> Correlation:
    """Pearson's correlation over cells with its corrections; needs four cells that differ."""
    nan = float("nan")
    if x.size < 4 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return Correlation(int(x.size), nan, nan, nan, nan, nan)
    together = np.cov(x, y)
    observed = float(together[0, 1] / np.sqrt(together[0, 0] * together[1, 1]))
    random = np.random.default_rng(_SEED)
    draws_x, draws_y = _error_draws(errors, random)
    alone = _rowwise(draws_x, draws_y)
    null = _rowwise(
        draws_x + _scatter(x, batch, errors.variance_x, random), draws_y + _scatter(y, batch, errors.variance_y, random)
    )
    low, high = np.nanquantile(null, (0.025, 0.975))
    weighing = float(np.nanmedian(alone)) if np.any(errors.covariance) else 0.0
    return Correlation(int(x.size), observed, weighing, _corrected(together, errors), float(low), float(high))


def _corrected(together: FloatArray, errors: SharedErrors) -> float:
    left_x = float(together[0, 0] - np.mean(errors.variance_x))
    left_y = float(together[1, 1] - np.mean(errors.variance_y))
    if left_x <= 0 or left_y <= 0:
        return float("nan")
    value = (together[0, 1] - float(np.mean(errors.covariance))) / np.sqrt(left_x * left_y)
    return float(np.clip(value, -1.0, 1.0)) if abs(value) < _BEYOND_ONE else float("nan")


def _error_draws(errors: SharedErrors, random: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Errors of all cells, shape (draws, cells), correlated within a cell through common sources."""
    first = random.standard_normal((_DRAWS, errors.variance_x.size))
    second = random.standard_normal((_DRAWS, errors.variance_x.size))
    x = first * np.sqrt(errors.variance_x)
    slope = np.divide(
        errors.covariance, np.sqrt(errors.variance_x), out=np.zeros_like(errors.covariance), where=errors.variance_x > 0
    )
    rest = np.sqrt(np.maximum(errors.variance_y - slope**2, 0.0))
    return x, first * slope + second * rest


def _scatter(values: FloatArray, batch: Sequence[str], error: FloatArray, random: np.random.Generator) -> FloatArray:
    """Draws of the true scatter of batches and cells (without errors), shape (draws, cells).

    Both components are drawn from their own distributions: if they were taken as exact, the null band would be too narrow
    for few batches.
    """
    names = list(dict.fromkeys(batch))
    member = np.array([names.index(one) for one in batch])
    count = np.bincount(member)
    means = np.bincount(member, weights=values) / count
    free = values.size - count.size
    inside = float(np.sum((values - means[member]) ** 2)) if free else float(np.var(values, ddof=1))
    within = inside / random.chisquare(max(free, 1), _DRAWS)
    between = np.zeros(_DRAWS)
    if free and count.size > 1:
        harmonic = count.size / float(np.sum(1.0 / count))
        pivot = (count.size - 1) * float(np.var(means, ddof=1)) / random.chisquare(count.size - 1, _DRAWS)
        between = np.maximum(pivot - within / harmonic, 0.0)
    own = np.maximum(within - float(np.mean(error)), 0.0)
    cells = random.standard_normal((_DRAWS, values.size)) * np.sqrt(own)[:, None]
    batches = random.standard_normal((_DRAWS, len(names))) * np.sqrt(between)[:, None]
    return np.asarray(cells + batches[:, member])


def _rowwise(x: FloatArray, y: FloatArray) -> FloatArray:
    """Pearson's correlation of every row."""
    one, other = x - x.mean(axis=1, keepdims=True), y - y.mean(axis=1, keepdims=True)
    scale = np.sqrt(np.sum(one**2, axis=1) * np.sum(other**2, axis=1))
    product = np.sum(one * other, axis=1)
    return np.asarray(np.divide(product, scale, out=np.full(product.size, np.nan), where=scale > 0))
