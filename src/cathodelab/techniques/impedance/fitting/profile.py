"""Profiles of the sum of squares along one coordinate, followed outwards from every minimum that is low enough.

Coordinates with a sum of squares below a limit form one or several regions, each with a minimum. From every minimum below
the limit a walker goes to either side: it holds the coordinate a little further out and fits the others again *from its last
point inside the limit*. So it stays in its region, and can leave a bound that it had reached. A failed step is repeated with
a shorter length from that same point, as continuing from its end would leave the region. The end is that of the furthest
walker.

The minima are those of the fit and of the descents that its search rejected.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.techniques.impedance.circuits.constraints import ties_of
from cathodelab.techniques.impedance.fitting.fit import CircuitFit, ordered, problem_of
from cathodelab.techniques.impedance.fitting.minimise import minimised

_ROUNDS = 24
_STEPS = 40
_MET = 0.05
_CLOSE = 0.02
_CLOSEST = 1e-3
_LARGEST_LOG = 12.0


class Profile:
    """Profiles of fits that share circuit, constraints and frequencies."""

    def __init__(self, fits: tuple[CircuitFit, ...]) -> None:
        self._fits = fits
        self._circuit = fits[0].circuit
        measured = np.array([fit.measured_ohm for fit in fits])
        relative = np.array([fit.weight for fit in fits]) * np.abs(measured)
        noise = np.divide(1.0, relative, out=np.full(relative.shape, np.inf), where=relative > 0)
        self._problem = problem_of(self._circuit, fits[0].frequency_hertz, measured, noise, fits[0].constraints)
        self._theta, self._chi = self._descended()
        self._lowest = np.min(self._chi, axis=1)
        self._scale = np.maximum(self._lowest, 1e-300) / np.array([fit.degrees_of_freedom for fit in fits])

    def _descended(self) -> tuple[FloatArray, FloatArray]:
        """Coordinates (b, k, p) and sums of squares (b, k) of the fits and of other minima; infinite where there are fewer."""
        fitted = np.array([fit.theta for fit in self._fits])
        most = max(len(fit.rejected) for fit in self._fits)
        theta = np.tile(fitted[:, None, :], (1, 1 + most, 1))
        chi = np.full(theta.shape[:2], np.inf)
        chi[:, 0] = [fit.chi_square for fit in self._fits]
        for row, fit in enumerate(self._fits):
            theta[row, 1 : 1 + len(fit.rejected)] = fit.rejected
        rows, places = np.nonzero(np.arange(1, 1 + most) <= np.array([[len(fit.rejected)] for fit in self._fits]))
        if rows.size:
            problem = self._problem.part(rows)
            other = ordered(problem, minimised(problem, theta[rows, places + 1], most_steps=_STEPS))
            theta[rows, places + 1], chi[rows, places + 1] = other.theta, other.chi_square
        for place in range(1, 1 + most):
            apart = np.max(np.abs(theta[:, :place] - theta[:, place : place + 1]), axis=2)
            known = np.any((apart < _MET) & np.isfinite(chi[:, :place]), axis=1)
            chi[known, place] = np.inf
        return theta, chi

    def minima(self, row: int) -> tuple[FloatArray, FloatArray]:
        """Sums of squares (k,) and coordinates (k, p) of the known distinct minima of one spectrum."""
        known = np.isfinite(self._chi[row])
        return self._chi[row, known], self._theta[row, known]

    def ends(self, place: int, rises: tuple[float, ...]) -> FloatArray:
        """Lowest and highest value of a coordinate, shape (rises, 2, b); ``nan`` where there is no limit.

        Args:
            place: index of the coordinate.
            rises: increases of the sum of squares over its lowest value, in units of s^2, ascending.
        """
        walkers = self._walkers(place, rises[-1])
        found = np.empty((len(rises), 2, len(self._fits)))
        for number, rise in enumerate(rises):
            distance = self._walked(place, walkers, (self._lowest + rise * self._scale)[walkers.row])
            for side, sign in enumerate((-1.0, 1.0)):
                # the fit's own value is inside, even where the search rejected something lower
                end = sign * self._theta[:, 0, place]
                rows = np.flatnonzero((walkers.sign == sign) & ~np.isnan(distance))
                np.maximum.at(end, walkers.row[rows], sign * walkers.centre[rows] + distance[rows])
                found[number, side] = np.where(np.isfinite(end), sign * end, np.nan)
        return found

    def _walkers(self, place: int, rise: float) -> _Walkers:
        """Two walkers from every minimum below the largest rise."""
        row, number = np.nonzero(self._chi - self._lowest[:, None] < rise * self._scale[:, None])
        sign = np.repeat([-1.0, 1.0], row.size)
        row, number = np.tile(row, 2), np.tile(number, 2)
        theta, centre = self._theta[row, number], self._theta[row, number, place]
        bound = np.where(sign > 0, self._problem.high[row, place], self._problem.low[row, place])
        deviation = np.sqrt(np.array([fit.covariance[place, place] for fit in self._fits]))
        deviation = np.where(deviation > 0, np.clip(deviation, 1e-6, 0.5), 0.05)
        return _Walkers(
            row=row,
            sign=sign,
            centre=centre,
            furthest=np.minimum(np.abs(bound - centre), _LARGEST_LOG),
            first=deviation[row],
            own=self._chi[row, number],
            inner=np.zeros(row.size),
            chi=self._chi[row, number],
            theta=theta,
        )

    def _walked(self, place: int, w: _Walkers, limit: FloatArray) -> FloatArray:
        """Distance at which each walker ends: ``nan`` for those that begin above the limit, infinite without an end."""
        taken, span = w.own < limit, np.maximum(limit - w.own, 1e-300)
        end = np.where(taken, np.where(w.furthest > 0, w.inner, np.inf), np.nan)
        inner_root = np.sqrt(np.maximum(w.chi - w.own, 0) / span)
        outer, outer_root = np.full(w.row.size, np.inf), np.full(w.row.size, np.nan)
        active = np.flatnonzero(taken & (w.furthest > 0))
        for number in range(_ROUNDS):
            if active.size == 0:
                break
            a = active
            step = _next_step(w.inner[a], inner_root[a], outer[a], outer_root[a], w.first[a], halve=number % 4 == 3)
            step = np.minimum(step, w.furthest[a])
            chi, theta = self._held(place, w.row[a], w.centre[a] + w.sign[a] * step, w.theta[a])
            root = np.sqrt(np.maximum(chi - w.own[a], 0) / span[a])
            inside = root < 1
            w.inner[a[inside]], w.chi[a[inside]], w.theta[a[inside]] = step[inside], chi[inside], theta[inside]
            inner_root[a[inside]] = root[inside]
            outer[a[~inside]], outer_root[a[~inside]] = step[~inside], root[~inside]
            free = inside & (step >= w.furthest[a] * (1 - 1e-9))
            end[a] = np.where(free, np.inf, step)
            met = (np.abs(root - 1) < _CLOSE) | (outer[a] - w.inner[a] < _CLOSEST * outer[a])
            active = a[~free & ~met]
        return end

    def _held(
        self, place: int, rows: np.ndarray, values: FloatArray, theta: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Sums of squares (r,) with one coordinate held, and the best coordinates (r, p) near the given ones."""
        _, ties = ties_of(self._circuit, self._fits[0].constraints)
        ties = np.eye(theta.shape[1]) if ties is None else ties
        held = ties[place] != 0
        siblings = np.any(ties[:, held] != 0, axis=1)
        problem = self._problem.part(rows)
        low = np.where(siblings, values[:, None], problem.low)
        high = np.where(siblings, values[:, None], problem.high)
        problem = replace(problem, low=low, high=high, ties=ties[:, ~held])
        start = np.where(siblings, values[:, None], theta)
        minimum = minimised(problem, start, most_steps=_STEPS, tolerance=1e-6)
        return minimum.chi_square, minimum.theta


@dataclass(eq=False)
class _Walkers:
    """Origin and progress of the walkers; one entry each.

    Args:
        row: index of the spectrum.
        sign: direction.
        centre, own: coordinate and sum of squares of its minimum.
        furthest: distance to the bound.
        first: length of the first step for a rise of 1.
        inner, chi, theta: distance, sum of squares and coordinates of the last point inside.
    """

    row: np.ndarray
    sign: FloatArray
    centre: FloatArray
    furthest: FloatArray
    first: FloatArray
    own: FloatArray
    inner: FloatArray
    chi: FloatArray
    theta: FloatArray


def _next_step(
    inner: FloatArray,
    inner_root: FloatArray,
    outer: FloatArray,
    outer_root: FloatArray,
    first: FloatArray,
    *,
    halve: bool,
) -> FloatArray:
    """Next distance, linear in the root of the increase (exact for a parabola), kept inside the bracket."""
    with np.errstate(invalid="ignore", divide="ignore"):
        growth = np.where(inner_root > 0, np.clip(1.05 / inner_root, 1.3, 2.5), 2.5)
        ahead = np.where(inner > 0, inner * growth, first)
        share = np.clip((1 - inner_root) / (outer_root - inner_root), 0.1, 0.9)
        between = inner + (0.5 if halve else share) * (outer - inner)
    return np.where(np.isinf(outer), ahead, between)
