r"""Scatter within and between batches, with intervals that are honest for three batches of three cells.

:math:`y_{ij} = \mu + b_i + e_{ij}`: a batch (one mixing run) is a random effect, its cells scatter within it. Within:
:math:`SS_w/\chi^2`. Between: generalized interval from :math:`(a-1) S^2_{\bar y}/\chi^2_{a-1} - SS_w/\chi^2_{N-a}/n_h`, with
:math:`n_h` the harmonic mean of the cells per batch (Weerahandi 1993; Thomas and Hultquist 1978 for unequal batches).
The mean's interval is Student's t over batch means: nine cells of three batches are three, not nine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from cathodelab.analyses.outlying import outlying_cells
from cathodelab.core.arrays import FloatArray

LEVEL = 0.95
_NORMAL_95 = 1.959964
FEWEST_BATCHES = 3
"""Of fewer, the scatter between batches has no interval."""
MOST_BATCHES = 200
"""Needs above it are given as "more than"."""
_GRID_BETWEEN, _GRID_WITHIN = 240, 80


@dataclass(frozen=True)
class Interval:
    """A value with its interval; an end is ``nan`` where the data do not determine it."""

    value: float
    low: float
    high: float

    def holds(self, truth: float) -> bool:
        """Whether the interval contains the true value."""
        return self.low <= truth <= self.high


UNKNOWN = Interval(*[float("nan")] * 3)


@dataclass(frozen=True)
class VarianceComponents:
    """Mean and scatter of batches of cells, in the unit of the values (95 % intervals).

    Args:
        cells, batches: numbers of them.
        mean: of the batch means.
        sd_within, sd_between, sd_total: standard deviations; between is 0 where the batch means scatter no more than
            their cells explain.
        sd_pooled: standard deviation of all cells regardless of batches, as usually printed.
        outliers: cells (positions) that do not belong to the rest (``outlying.py``); they stay in all numbers.
    """

    cells: int
    batches: int
    mean: Interval
    sd_within: Interval
    sd_between: Interval
    sd_total: Interval
    sd_pooled: float
    outliers: tuple[int, ...]

    def variation(self, part: str) -> Interval:
        """Coefficient of variation of ``within``, ``between`` or ``total``; the mean is taken as exact.

        ``nan`` where the mean is not positive: a spread relative to nothing, or to less, means nothing.
        """
        sd: Interval = getattr(self, f"sd_{part}")
        if not self.mean.value > 0:
            return Interval(float("nan"), float("nan"), float("nan"))
        return Interval(*(one / self.mean.value for one in (sd.value, sd.low, sd.high)))


def variance_components(values: FloatArray, batch: Sequence[str], level: float = LEVEL) -> VarianceComponents:
    """Mean and variance components of cells in batches.

    Args:
        values: one for each cell.
        batch: name of the batch of each cell.
        level: probability of the intervals.
    """
    names = list(dict.fromkeys(batch))
    member = np.array([names.index(one) for one in batch])
    count = np.bincount(member)
    means = np.bincount(member, weights=values) / count
    residual = values - means[member]
    inside, free = float(np.sum(residual**2)), int(values.size - count.size)
    harmonic = count.size / float(np.sum(1.0 / count))
    spread = float(np.var(means, ddof=1)) if count.size > 1 else float("nan")
    within = inside / free if free else float("nan")
    tails = ((1 - level) / 2, (1 + level) / 2)
    draws_between, draws_within = _draws(max(count.size - 1, 1), max(free, 1))
    nan = float("nan")
    sd_within, sd_between, sd_total = (
        Interval(float(np.sqrt(within)), nan, nan),
        Interval(nan, nan, nan),
        Interval(nan, nan, nan),
    )
    if free:
        sd_within = _exact(within, inside, free, tails)
    if count.size > 1 and free:
        between = max(spread - within / harmonic, 0.0)
        pivot = np.maximum((count.size - 1) * spread / draws_between - inside / draws_within / harmonic, 0.0)
        sd_between = Interval(float(np.sqrt(between)), nan, nan)
        if (
            count.size >= FEWEST_BATCHES
        ):  # two differ by chance alone as well: an interval would reach from nothing to anything
            sd_between = _interval(between, pivot, tails)
        sd_total = Interval(float(np.sqrt(between + within)), nan, nan)
        if count.size >= FEWEST_BATCHES:
            sd_total = _interval(between + within, pivot + inside / draws_within, tails)
    return VarianceComponents(
        cells=int(values.size),
        batches=int(count.size),
        mean=mean_of_batches(means, level),
        sd_within=sd_within,
        sd_between=sd_between,
        sd_total=sd_total,
        sd_pooled=float(np.std(values, ddof=1)) if values.size > 1 else nan,
        outliers=outlying_cells(values, batch),
    )


@cache
def _draws(between: int, within: int) -> tuple[FloatArray, FloatArray]:
    """Values of two chi-squared variables on a product grid of equal probabilities (deterministic, so without seed)."""
    from scipy.special import gammaincinv

    grids = ((between, _GRID_BETWEEN), (within, _GRID_WITHIN))
    halves = [
        np.asarray(gammaincinv(free / 2, (np.arange(size) + 0.5) / size), dtype=np.float64) for free, size in grids
    ]
    one, other = np.meshgrid(2 * halves[0], 2 * halves[1], indexing="ij")
    return one.ravel(), other.ravel()


def _exact(variance: float, inside: float, free: int, tails: tuple[float, float]) -> Interval:
    from scipy.special import gammaincinv

    low, high = (float(np.sqrt(inside / (2 * gammaincinv(free / 2, tail)))) for tail in reversed(tails))
    return Interval(float(np.sqrt(variance)), low, high)


def _interval(variance: float, pivot: FloatArray, tails: tuple[float, float]) -> Interval:
    low, high = np.quantile(pivot, tails)
    return Interval(float(np.sqrt(variance)), float(np.sqrt(low)), float(np.sqrt(high)))


def mean_of_batches(means: FloatArray, level: float = LEVEL) -> Interval:
    """Mean of batch means with Student's t; the degrees of freedom are the number of batches less one."""
    value = float(np.mean(means))
    if means.size < 2:
        return Interval(value, float("nan"), float("nan"))
    half = _student(means.size - 1, level) * float(np.std(means, ddof=1)) / float(np.sqrt(means.size))
    return Interval(value, value - half, value + half)


def mean_of_cells(values: FloatArray, batch: Sequence[str], level: float = LEVEL) -> Interval:
    """The same from the values of the cells."""
    return mean_of_batches(_batch_means(values, batch), level)


def with_common_error(mean: Interval, standard: float) -> Interval:
    """The interval of a mean with an error that moves all cells together (of a common reference): no number of cells helps.

    Args:
        mean: from the scatter of the cells, with an interval at 95 %.
        standard: standard uncertainty of the common error.
    """
    low, high = (float(np.hypot(end, _NORMAL_95 * standard)) for end in (mean.value - mean.low, mean.high - mean.value))
    return Interval(mean.value, mean.value - low, mean.value + high)


@cache
def _student(free: int, level: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(free, (1 + level) / 2))


@dataclass(frozen=True)
class GroupDifference:
    """Difference of the means of two procedures and ratio of their scatter (first to second), with 95 % intervals."""

    difference: Interval
    probability: float
    ratio_of_scatter: Interval


def difference_of_groups(
    first: tuple[FloatArray, Sequence[str]], second: tuple[FloatArray, Sequence[str]]
) -> GroupDifference:
    """Compare two sets of batches: Welch's test over batch means, generalized interval of the ratio of total scatter."""
    from scipy.special import stdtr, stdtrit

    sides = [_batch_means(*one) for one in (first, second)]
    means = [float(np.mean(one)) for one in sides]
    errors = [float(np.var(one, ddof=1)) / one.size if one.size > 1 else float("nan") for one in sides]
    value, variance = means[0] - means[1], sum(errors)
    if not np.isfinite(variance) or variance == 0:
        nan = float("nan")
        return GroupDifference(Interval(value, nan, nan), nan, Interval(nan, nan, nan))
    free = variance**2 / sum(error**2 / (one.size - 1) for error, one in zip(errors, sides, strict=True))
    half = float(stdtrit(free, 0.975) * np.sqrt(variance))
    probability = float(2 * stdtr(free, -abs(value) / np.sqrt(variance)))
    return GroupDifference(Interval(value, value - half, value + half), probability, _ratio(first, second))


def _batch_means(values: FloatArray, batch: Sequence[str]) -> FloatArray:
    names = list(dict.fromkeys(batch))
    member = np.array([names.index(one) for one in batch])
    return np.asarray(np.bincount(member, weights=values) / np.bincount(member))


def _ratio(first: tuple[FloatArray, Sequence[str]], second: tuple[FloatArray, Sequence[str]]) -> Interval:
    """Ratio of the total standard deviations, from the generalized pivots of both in independent orders."""
    pivots = _variances((first, second), cells_per_batch=1)
    if pivots is None:
        return UNKNOWN
    one, other = (variance_components(*side).sd_total.value for side in (first, second))
    low, high = np.quantile(pivots[0] / pivots[1], (0.025, 0.975))
    return Interval(one / other, float(np.sqrt(low)), float(np.sqrt(high)))


def _variances(
    sides: Sequence[tuple[FloatArray, Sequence[str]]], *, cells_per_batch: int
) -> tuple[FloatArray, ...] | None:
    """Generalized pivots of the variance of a mean of so many cells of one batch, for each side in an order of its own.

    ``None`` where a side has one batch or no batch of two cells.
    """
    random, pivots = np.random.default_rng(0), []
    for values, batch in sides:
        names = list(dict.fromkeys(batch))
        member = np.array([names.index(one) for one in batch])
        count = np.bincount(member)
        means = np.bincount(member, weights=values) / count
        inside, free = float(np.sum((values - means[member]) ** 2)), int(values.size - count.size)
        if count.size < 2 or free < 1:
            return None
        between, within = _draws(count.size - 1, free)
        harmonic = count.size / float(np.sum(1.0 / count))
        pivot = np.maximum((count.size - 1) * float(np.var(means, ddof=1)) / between - inside / within / harmonic, 0.0)
        pivots.append(random.permutation(pivot + inside / within / cells_per_batch))
    return tuple(pivots)


def scatter_of_batch_means(sides: Sequence[tuple[FloatArray, Sequence[str]]], cells_per_batch: int) -> Interval:
    """Standard deviation of the mean of so many cells of one batch, pooled over the sides, with its 95 % interval.

    An end is ``nan`` where a side has fewer than three batches.
    """
    parts = [variance_components(*side) for side in sides]
    value = float(np.sqrt(np.mean([p.sd_between.value**2 + p.sd_within.value**2 / cells_per_batch for p in parts])))
    pivots = _variances(sides, cells_per_batch=cells_per_batch)
    if pivots is None or min(part.batches for part in parts) < FEWEST_BATCHES:
        return Interval(value, float("nan"), float("nan"))
    low, high = np.quantile(np.mean(pivots, axis=0), (0.025, 0.975))
    return Interval(value, float(np.sqrt(low)), float(np.sqrt(high)))


def batches_needed(difference: float, scatter: Interval, power: float = 0.8) -> Interval:
    """Number of batches per group that shows a difference of means (two-sided, 5 %) with this power.

    Noncentral t over batch means: more cells per batch cannot replace batches. Its ends are the numbers that the ends of the
    scatter need; ``nan`` where these are unknown, infinite above :data:`MOST_BATCHES`.

    Args:
        difference: of the means, in the unit of the values.
        scatter: standard deviation of the mean of one batch.
        power: probability of seeing it.
    """
    return Interval(*(_batches(difference, sd, power) for sd in (scatter.value, scatter.low, scatter.high)))


def _batches(difference: float, sd: float, power: float) -> float:
    from scipy.special import nctdtr, stdtrit

    if np.isnan(sd):
        return float("nan")
    for batches in range(2, MOST_BATCHES + 1):
        free = 2 * (batches - 1)
        shift = difference / (sd * np.sqrt(2 / batches)) if sd > 0 else np.inf
        if not np.isfinite(shift) or float(nctdtr(free, shift, stdtrit(free, 0.975))) <= 1 - power:
            return float(batches)
    return float("inf")
