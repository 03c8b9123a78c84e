"""Profile-likelihood intervals: how far can a parameter go before the best fit with it is significantly worse?

A coordinate is held at a value, everything else is fitted again, and the sum of squares is compared with its minimum. The
interval ends where the increase reaches ``s^2 F``, with ``s^2 = chi_square / degrees of freedom`` and F the quantile of the
F distribution with 1 and that many degrees of freedom. Curved and one-sided cases (overlapping arcs, exponents at their
bound) come out as they are; the covariance gives them a symmetric and wrong interval.

Where the sum of squares has several minima of nearly the same depth (arcs that overlap can be divided in more than one way),
the profile is the lowest of them all: descending from the best minimum alone gives an interval that is too narrow.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.techniques.impedance.fit import CircuitFit, _ties, problem_of
from cathodelab.techniques.impedance.minimise import minimised

_ROUNDS = 9
_STEPS = 25
_MET = 0.05
_COUNTS = 16.0
"""Another minimum counts if its sum of squares exceeds the lowest by at most so many times s^2 (four standard deviations)."""
_CLOSE = 0.02
_LARGEST_LOG = 12.0


@dataclass(frozen=True)
class Interval:
    """Interval of one parameter in its physical unit; an end is ``nan`` where the data set no limit on that side."""

    name: str
    value: float
    low: float
    high: float
    level: float


def profile_intervals(
    fits: tuple[CircuitFit, ...],
    names: tuple[str, ...],
    levels: tuple[float, ...] = (0.6827, 0.9545),
    others: FloatArray | None = None,
) -> list[dict[tuple[str, float], Interval]]:
    """Intervals of the named parameters of fits that share circuit, constraints and frequencies.

    Args:
        fits: results of one call of :func:`cathodelab.techniques.impedance.fit.fitted`.
        names: parameters.
        levels: probabilities.
        others: coordinates (k, b, p) from which other minima are looked for, besides the fits.

    Returns:
        One mapping (name, level) -> interval for each fit.
    """
    found: list[dict[tuple[str, float], Interval]] = [{} for _ in fits]
    if not fits:
        return found
    profile = _Profile(fits, others)
    for name in names:
        for level in levels:
            low, high = profile.ends(name, level)
            for row, fit in enumerate(fits):
                value = fit.values[name]
                found[row][name, level] = Interval(name, value, float(low[row]), float(high[row]), level)
    return found


def quantile(level: float, freedom: int) -> float:
    """Increase of the sum of squares, in units of s^2, at the end of an interval: F(1, freedom)."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, (1 + level) / 2) ** 2)


class _Profile:
    def __init__(self, fits: tuple[CircuitFit, ...], others: FloatArray | None) -> None:
        self._fits = fits
        self._circuit = fits[0].circuit
        measured = np.array([fit.measured_ohm for fit in fits])
        weight = np.array([fit.weight for fit in fits])
        noise = 1 / (weight * np.abs(measured))
        self._problem = problem_of(self._circuit, fits[0].frequency_hertz, measured, noise, fits[0].constraints)
        self._theta = np.array([fit.theta for fit in fits])
        self._chi = np.array([fit.chi_square for fit in fits])
        self._scale = np.array([max(fit.chi_square, 1e-300) / fit.degrees_of_freedom for fit in fits])
        self._minima = self._with_others(others)

    def _with_others(self, others: FloatArray | None) -> list[tuple[FloatArray, FloatArray]]:
        """(coordinates, sum of squares) of the fits, then of other minima that are distinct and low enough to count."""
        found = [(self._theta, self._chi)]
        if others is None:
            return found
        count = self._theta.shape[0]
        rows = np.tile(np.arange(count), len(others))
        minimum = minimised(self._problem.part(rows), others.reshape(rows.size, -1), most_steps=_STEPS)
        for place in range(len(others)):
            part = slice(place * count, (place + 1) * count)
            theta, chi = minimum.theta[part], minimum.chi_square[part]
            new = chi - self._chi < _COUNTS * self._scale
            for known, _ in found:
                new &= np.max(np.abs(theta - known), axis=1) > _MET
            if new.any():
                found.append((theta, chi))
        return found

    def ends(self, name: str, level: float) -> tuple[FloatArray, FloatArray]:
        """Lower and upper ends in the physical unit, shape (b,) each."""
        place = self._circuit.names.index(name)
        parameter = self._circuit.parameters[place]
        rise = quantile(level, self._fits[0].degrees_of_freedom)
        deviation = np.sqrt(np.array([fit.covariance[place, place] for fit in self._fits]))
        deviation = np.where(deviation > 0, np.clip(deviation, 1e-6, 1.0), 0.05) * np.sqrt(rise)
        both = [self._end(place, sign, deviation, rise) for sign in (-1.0, 1.0)]
        values = [np.where(np.isnan(one), np.nan, parameter.value(one)) for one in both]
        return (values[0], values[1]) if parameter.kind == "exponent" or parameter.power > 0 else (values[1], values[0])

    def _end(self, place: int, sign: float, first: FloatArray, rise: float) -> FloatArray:
        """Coordinate where the profile reaches the rise; ``nan`` where it never does."""
        count = self._theta.shape[0]
        centre = self._theta[:, place]
        limit = self._problem.high[:, place] if sign > 0 else self._problem.low[:, place]
        furthest = np.minimum(np.abs(limit - centre), _LARGEST_LOG)
        reached = np.minimum(self._reached(place, sign, rise), furthest)
        inner, outer = reached.copy(), np.full(count, np.nan)
        inner_root, outer_root = np.zeros(count), np.full(count, np.nan)
        theta = np.stack([one for one, _ in self._minima])
        step = np.minimum(reached + first, furthest)
        result = np.full(count, np.nan)
        active = np.flatnonzero(furthest > 0)
        for _ in range(_ROUNDS):
            if active.size == 0:
                break
            chi, theta[:, active] = self._held(place, active, centre[active] + sign * step[active], theta[:, active])
            increase = np.maximum(chi - self._chi[active], 0) / self._scale[active]
            root = np.sqrt(increase / rise)
            inside = root < 1
            inner[active[inside]], inner_root[active[inside]] = step[active[inside]], root[inside]
            outer[active[~inside]], outer_root[active[~inside]] = step[active[~inside]], root[~inside]
            result[active] = sign * step[active] + centre[active]
            at_end = inside & (step[active] >= furthest[active] * (1 - 1e-9))
            result[active[at_end]] = np.nan
            active = active[(np.abs(root - 1) > _CLOSE) & ~at_end]
            step[active] = _next_step(
                inner[active], inner_root[active], outer[active], outer_root[active], furthest[active]
            )
        return result

    def _reached(self, place: int, sign: float, rise: float) -> FloatArray:
        """How far on this side another minimum lies that is no worse than the end of the interval, shape (b,)."""
        reached = np.zeros(self._theta.shape[0])
        for theta, chi in self._minima[1:]:
            inside = chi - self._chi < rise * self._scale
            away = sign * (theta[:, place] - self._theta[:, place])
            reached = np.where(inside, np.maximum(reached, away), reached)
        return reached

    def _held(
        self, place: int, rows: np.ndarray, values: FloatArray, theta: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Lowest sum of squares with one coordinate held, shape (r,), and where each descent (k, r, p) ended."""
        tracks, size = theta.shape[0], theta.shape[2]
        problem = self._problem.part(np.tile(rows, tracks))
        values = np.tile(values, tracks)
        _, ties = _ties(self._circuit, self._fits[0].constraints)
        ties = np.eye(size) if ties is None else ties
        held = ties[place] != 0
        siblings = np.any(ties[:, held] != 0, axis=1)
        ties = ties[:, ~held]
        low = np.where(siblings, values[:, None], problem.low)
        high = np.where(siblings, values[:, None], problem.high)
        problem = replace(problem, low=low, high=high, ties=ties)
        start = np.where(siblings, values[:, None], theta.reshape(-1, size))
        minimum = minimised(problem, start, most_steps=_STEPS, tolerance=1e-7)
        return np.min(minimum.chi_square.reshape(tracks, -1), axis=0), minimum.theta.reshape(theta.shape)


def _next_step(
    inner: FloatArray, inner_root: FloatArray, outer: FloatArray, outer_root: FloatArray, furthest: FloatArray
) -> FloatArray:
    """Linear in the root of the increase, which is a straight line for a parabola; kept inside the bracket."""
    with np.errstate(invalid="ignore", divide="ignore"):
        growth = np.where(inner_root > 0, np.clip(1.05 / inner_root, 1.2, 3.0), 3.0)
        ahead = np.where(inner > 0, inner * growth, furthest / 4)
        share = (1 - inner_root) / (outer_root - inner_root)
        between = inner + np.clip(share, 0.05, 0.95) * (outer - inner)
    return np.minimum(np.where(np.isnan(outer), ahead, between), furthest)
