"""Percolation along a series of compositions: between which of them the conductor begins to connect, and how it rises.

``sigma = s (p - p_c)^t`` above the threshold (Kirkpatrick, Rev. Mod. Phys. 45 (1973) 574; t about 2.0 in three dimensions, 1.3 in
two). The threshold lies between the last composition that does not conduct and the first that does, whatever the law. With
three compositions on each side the law is fitted: threshold, exponent and factor together, the scatter of pellets from the
pellets themselves. For a given threshold it is a straight line of ln(sigma) against ln(p - p_c); the threshold is weighed by the
probability of the data, with nothing known about it but the two compositions it lies between.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.core.errors import NotInRecord

BoolArray = NDArray[np.bool_]
_PLACES = 2000
_FEWEST_PELLETS = 4
_SAME = 1e-9
_SIGMAS, _MOST_SCATTER = 4.0, 3.0
_STEEP = 3.0
"""A large exponent: so steep a network hides longest."""


@dataclass(frozen=True, eq=False)
class Series(ReadOnlyArrays):
    """Conductivities of pellets of several compositions.

    Args:
        share: of the conductor, in the unit of the series, shape (n,).
        conductivity: S/cm; where only an upper limit is known, that limit, shape (n,).
        limit: whether it is an upper limit, shape (n,).
    """

    share: FloatArray
    conductivity: FloatArray
    limit: BoolArray


@dataclass(frozen=True, eq=False)
class Threshold(ReadOnlyArrays):
    """Between which compositions the conductor begins to connect.

    Args:
        low, high: the last composition all of whose pellets do not conduct, and the first all of whose pellets do.
        base: conductivity of those that do not conduct (geometric mean; of limits the smallest), S/cm.
        conducting: which pellets conduct, shape (n,).
        factor: first conducting composition over the base.
        below, above: numbers of compositions on each side.
        between: compositions between the two, where pellets disagree.
        hidden: how far below ``low`` the threshold may lie and not be seen: so close to it the network conducts no better than
            the base.
    """

    low: float
    high: float
    base: float
    conducting: BoolArray
    factor: float
    below: int
    above: int
    between: tuple[float, ...] = ()
    hidden: float = 0.0


@dataclass(frozen=True, eq=False)
class PowerLaw(ReadOnlyArrays):
    """The law above the threshold: means over all thresholds, weighed by the probability of the data.

    Args:
        threshold, exponent: their means.
        log_factor: of ln(s), for shares in the unit of the series.
        covariance: of threshold, exponent and ln(s), shape (3, 3).
        threshold_interval, exponent_interval: 68 and 95 % of the probability, as (low, high) each.
        scatter: standard deviation of ln(sigma) from pellet to pellet, the measurement's own error included.
        places, probability: thresholds between the two compositions and their probabilities, for drawing.
    """

    threshold: float
    exponent: float
    log_factor: float
    covariance: FloatArray
    threshold_interval: tuple[tuple[float, float], tuple[float, float]]
    exponent_interval: tuple[tuple[float, float], tuple[float, float]]
    scatter: float
    places: FloatArray
    probability: FloatArray


def threshold_of(series: Series, conducting_factor: float, least_rise: float) -> Threshold:
    """Between which compositions the conductivity leaves that of the compositions with the least conductor.

    A pellet conducts if its conductivity is more than ``conducting_factor`` times the base, which is that of the pellets with the
    least conductor, and beyond their scatter.

    Args:
        series: all pellets.
        conducting_factor: see above.
        least_rise: largest over smallest conductivity that a threshold needs.

    Raises:
        NotInRecord: fewer than two compositions, or no such rise.
    """
    shares = np.unique(series.share)
    if shares.size < 2:
        raise _no_threshold(
            f"{shares.size} composition{'s' if shares.size != 1 else ''}", "A threshold lies between two."
        )
    base, least = _base(series, conducting_factor)
    conducting = ~series.limit & (series.conductivity > least)
    rise = float(np.max(series.conductivity[~series.limit], initial=0.0) / np.min(series.conductivity))
    if rise < least_rise or not conducting.any():
        raise _no_threshold(
            f"the conductivity rises by a factor of {rise:.3g} over the series",
            f"Below a factor of {least_rise:g} nothing tells a threshold from a slope: a mixture that conducts without the "
            "additive has no threshold, or the series ends before it.",
        )
    whole = [bool(np.all(conducting[np.isclose(series.share, one)])) for one in shares]
    nothing = [not np.any(conducting[np.isclose(series.share, one)]) for one in shares]
    first_whole = next((i for i in range(shares.size) if all(whole[i:])), shares.size)
    last_nothing = next((i for i in range(shares.size - 1, -1, -1) if all(nothing[: i + 1])), -1)
    if first_whole == shares.size or last_nothing < 0 or first_whole <= last_nothing:
        raise _no_threshold(
            "conducting and non-conducting compositions do not follow each other",
            "All compositions below a threshold do not conduct, all above it do; here the richest does not, or the poorest does.",
        )
    low, high = float(shares[last_nothing]), float(shares[first_whole])
    first = float(np.exp(np.mean(np.log(series.conductivity[np.isclose(series.share, high)]))))
    return Threshold(
        low=low,
        high=high,
        base=base,
        conducting=conducting,
        factor=first / base,
        below=last_nothing + 1,
        above=int(shares.size - first_whole),
        between=tuple(shares[last_nothing + 1 : first_whole].tolist()),
        hidden=min((high - low) * (least / first) ** (1 / _STEEP), low),
    )


def _base(series: Series, conducting_factor: float) -> tuple[float, float]:
    """Conductivity of pellets that do not conduct, S/cm, and above which one counts as conducting.

    They are those with the least conductor, and those with more as long as their mean stays within the factor of the others.
    """
    shares = np.unique(series.share)
    logs = np.log(series.conductivity)
    kept = np.isclose(series.share, shares[0])
    for share in shares[1:]:
        numbers = kept & ~series.limit
        base, least = _level(logs, kept, numbers, conducting_factor)
        here = np.isclose(series.share, share)
        if float(np.mean(logs[here])) > np.log(least) and not series.limit[here].all():
            return base, least
        kept |= here
    return _level(logs, kept, kept & ~series.limit, conducting_factor)


def _level(logs: FloatArray, kept: BoolArray, numbers: BoolArray, conducting_factor: float) -> tuple[float, float]:
    """Their geometric mean, and the factor above it or what their scatter does, whatever is more."""
    if not numbers.any():
        base = float(np.exp(np.min(logs[kept])))
        return base, conducting_factor * base
    found = logs[numbers]
    scatter = float(np.std(found, ddof=1)) if found.size > 2 else 0.0
    base = float(np.exp(np.mean(found)))
    return base, base * max(conducting_factor, float(np.exp(min(_SIGMAS * scatter, _MOST_SCATTER))))


def power_law(series: Series, threshold: Threshold) -> PowerLaw:
    """The law above the threshold.

    Args:
        series: all pellets.
        threshold: between which compositions it lies.

    Raises:
        NotInRecord: fewer than three compositions on a side, or fewer pellets than the scatter needs.
    """
    fewest = 3
    used = threshold.conducting & (series.share >= threshold.high - _SAME)
    if min(threshold.below, threshold.above) < fewest or np.count_nonzero(used) < _FEWEST_PELLETS:
        raise NotInRecord(
            "no-exponent",
            f"{threshold.below} compositions below the threshold and {threshold.above} above it",
            where="series of compositions",
            why=f"An exponent needs {fewest} on each side: below, to know what does not conduct, above, for threshold, factor "
            "and "
            "exponent together.",
            what_to_do="Measure more compositions on that side, the closest to the threshold first.",
        )
    share = series.share[used]
    # the base conducts beside the network
    excess = np.log(np.maximum(series.conductivity[used] - threshold.base, 1e-3 * series.conductivity[used]))
    low = threshold.low - threshold.hidden
    places = low + (threshold.high - low) * (np.arange(_PLACES) + 0.5) / _PLACES
    return _weighed(share, excess, places)


def _weighed(share: FloatArray, excess: FloatArray, places: FloatArray) -> PowerLaw:
    """Lines of ln(sigma) for every threshold, weighed by the probability of the data (scatter and line integrated out)."""
    x = np.log(share - places[:, None])
    count = share.size
    middle = x.mean(axis=1)
    spread = np.sum((x - middle[:, None]) ** 2, axis=1)
    slope = np.sum((x - middle[:, None]) * excess, axis=1) / spread
    start = excess.mean() - slope * middle
    rest = np.sum((excess - start[:, None] - slope[:, None] * x) ** 2, axis=1)
    freedom = count - 2
    log_weight = -0.5 * np.log(spread) - 0.5 * freedom * np.log(np.maximum(rest, 1e-300))
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    variance = rest / max(freedom - 2, 1)
    means = np.array([weight @ places, weight @ slope, weight @ start])
    moved = np.stack([places, slope, start]) - means[:, None]
    covariance = (weight * moved) @ moved.T
    own = variance / spread
    covariance[1, 1] += float(weight @ own)
    covariance[2, 2] += float(weight @ (variance / count + own * middle**2))
    covariance[1, 2] -= float(weight @ (own * middle))
    covariance[2, 1] = covariance[1, 2]
    scale = np.sqrt(rest / freedom / spread)
    return PowerLaw(
        threshold=float(means[0]),
        exponent=float(means[1]),
        log_factor=float(means[2]),
        covariance=covariance,
        threshold_interval=_quantiles(places, weight),
        exponent_interval=_mixed_quantiles(slope, scale, weight, freedom),
        scatter=float(np.sqrt(weight @ (rest / freedom))),
        places=places,
        probability=weight,
    )


_LEVELS = ((0.158655, 0.841345), (0.02275, 0.97725))
Intervals = tuple[tuple[float, float], tuple[float, float]]


def _quantiles(places: FloatArray, weight: FloatArray) -> Intervals:
    half = (places[1] - places[0]) / 2
    sums = np.concatenate([[0.0], np.cumsum(weight)])
    edges = np.concatenate([places - half, [places[-1] + half]])
    first, second = ((float(np.interp(a, sums, edges)), float(np.interp(b, sums, edges))) for a, b in _LEVELS)
    return first, second


def _mixed_quantiles(middle: FloatArray, scale: FloatArray, weight: FloatArray, freedom: int) -> Intervals:
    """Quantiles of a mixture of t-distributions."""
    from scipy.special import stdtr

    kept = weight > 1e-6 * weight.max()
    middle, scale, weight = middle[kept], scale[kept], weight[kept] / weight[kept].sum()

    def below(value: float) -> float:
        return float(weight @ stdtr(freedom, (value - middle) / scale))

    def quantile(level: float) -> float:
        low, high = float(np.min(middle - 50 * scale)), float(np.max(middle + 50 * scale))
        for _ in range(80):
            half = (low + high) / 2
            low, high = (half, high) if below(half) < level else (low, half)
        return (low + high) / 2

    first, second = ((quantile(a), quantile(b)) for a, b in _LEVELS)
    return first, second


def _no_threshold(what: str, why: str) -> NotInRecord:
    return NotInRecord(
        "no-threshold",
        f"No percolation threshold is seen: {what}",
        where="series of compositions",
        why=why,
        what_to_do="Measure compositions on both sides of the threshold; without additive first.",
    )
