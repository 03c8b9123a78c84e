"""The closure fit of two branches: leak, hysteresis and lost charge from one titration forth and back.

The hysteresis is taken at its full size: the branches are compared at potentials that are apart by it, not by its first order.
It may grow with the potential where that is told apart from the current. After every reversal one branch goes over into the
other; how much charge that takes (the turning) is found with the rest: between the branches lies

    2 h (1 - exp(-(Q_top - Q) / T) - exp(-(Q - Q_0) / T))

(one state of hysteresis; Plett, J. Power Sources 134 (2004) 262). The charge branch starts after a discharge, as material that
was made lithiated does; what the other assumption (no turning at its start) would change is kept as a limit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.techniques.utilization.curve import ReferenceCurve
from cathodelab.techniques.utilization.model import Titration

FEWEST_POINTS = 8
_LARGEST_CORRELATION = 0.9
_ITERATIONS = 8
_TURNINGS = (0.03, 0.055, 0.1, 0.18, 0.3)  # of the charge of the branch
_RESOLVED = 1e-3
_SUSPECTED = 0.055
_LEAST_DISTANCE_VOLT = 1e-4
_NEAR, _UNSEEN = (
    0.05,
    0.08,
)  # of the charge: nearer to a reversal every hysteresis turns over, seen by the fit or unseen
_PROVEN = 10.0  # by how much -2 log likelihood falls where a turning is seen


@dataclass(frozen=True, eq=False)
class Closure(ReadOnlyArrays):
    """What the fit finds.

    ``rows`` are its points among all of the discharge, of shape (points of the discharge,); ``solve`` (rows,) is what 1 V at
    each does to the current in mA, ``steepness`` dQ/dU in mAh/V there. ``turning`` is a share of the branch's charge, 0 where
    none is seen.
    ``turning_limit_mA``: what the unknown state before the charge does to the current; where no turning is seen, what the
    points next to the reversals do.
    """

    current_mA: float
    standard_mA: float
    hysteresis_volt: float
    hysteresis_standard_volt: float
    rows: NDArray[np.bool_]
    steepness: FloatArray
    solve: FloatArray
    turning: float
    turning_limit_mA: float
    misfit: float


@dataclass(frozen=True)
class _Turning:
    """How one branch goes over into the other: over which charge / mAh, and whether it does so at the start of the charge."""

    charge_mAh: float
    at_start: bool

    def reached(self, below_top_mAh: FloatArray, above_start_mAh: FloatArray) -> FloatArray:
        """Share of the full distance of the branches, (points,)."""
        if self.charge_mAh == 0:
            return np.ones(below_top_mAh.size)
        gone = np.exp(-below_top_mAh / self.charge_mAh)
        if self.at_start:
            gone = gone + np.exp(-np.clip(above_start_mAh, 0, None) / self.charge_mAh)
        return np.asarray(1 - gone)


def closure_of(charge: Titration, discharge: Titration, inside: NDArray[np.bool_]) -> Closure | None:
    """Least squares for current, hysteresis and lost charge; ``None`` where too few points are left or nothing is told apart.

    Args:
        charge: relaxed points of the charge branch, with times.
        discharge: those of the discharge that follows.
        inside: which points of the discharge are compared.
    """
    plain = _fit(charge, discharge, inside, _Turning(0.0, at_start=False))
    if plain is None:
        return None
    span = float(charge.charge_mAh[-1])

    unseen = _settled(charge, discharge, inside, plain)

    def turned(share: float, *, at_start: bool = True) -> Closure | None:
        return _fit(charge, discharge, inside, _Turning(share * span, at_start=at_start))

    first = turned(_SUSPECTED)
    if first is None or plain.misfit - first.misfit < _PROVEN / 2:
        return unseen
    share = _lowest(lambda one: fit.misfit if (fit := turned(one)) is not None else np.inf)
    best, other = turned(share), turned(share, at_start=False)
    if best is None or plain.misfit - best.misfit < _PROVEN:
        return unseen
    limit = abs(best.current_mA - other.current_mA) if other is not None else 0.0
    return replace(best, turning=share, turning_limit_mA=limit)


def _settled(charge: Titration, discharge: Titration, inside: NDArray[np.bool_], plain: Closure) -> Closure:
    """The fit without a turning to points further from both reversals; what that changes is kept as a limit."""
    further = inside & (discharge.charge_mAh < -_UNSEEN * float(charge.charge_mAh[-1]))
    found = _fit(charge, discharge, further, _Turning(0.0, at_start=False), near=_UNSEEN)
    return plain if found is None else replace(found, turning_limit_mA=abs(found.current_mA - plain.current_mA))


def _lowest(misfit: Callable[[float], float]) -> float:
    """Share at which the misfit is lowest, within the neighbours of the lowest of some tried; it is a sharp minimum."""
    from scipy.optimize import minimize_scalar

    tried = [misfit(share) for share in _TURNINGS]
    place = int(np.argmin(tried))
    near = _TURNINGS[max(place - 1, 0)], _TURNINGS[min(place + 1, len(_TURNINGS) - 1)]
    found = minimize_scalar(misfit, bounds=near, method="bounded", options={"xatol": _RESOLVED})
    return float(found.x) if found.fun < tried[place] else _TURNINGS[place]


def _fit(
    charge: Titration, discharge: Titration, inside: NDArray[np.bool_], turning: _Turning, *, near: float = _NEAR
) -> Closure | None:
    """The fit with one turning, to points that lie further than ``near`` (of the charge) from its begin."""
    volt, counted = discharge.potential_volt[inside], charge.charge_mAh[-1] + discharge.charge_mAh[inside]
    elapsed, hours = discharge.elapsed_hour, charge.elapsed_hour
    if elapsed is None or hours is None:
        return None
    curve = ReferenceCurve(charge.potential_volt, charge.charge_mAh)
    lowest = float(np.interp(near * charge.charge_mAh[-1], charge.charge_mAh, charge.potential_volt))
    growing = (volt - volt.mean()) / max(float(np.ptp(volt)), 1e-9)
    apart, noise, distance = np.zeros(volt.size), 0.0, 0.0
    for _ in range(_ITERATIONS):
        other = volt + apart
        rows = (other > lowest) & (other < charge.potential_volt[-1])
        if int(rows.sum()) < FEWEST_POINTS:
            return None
        held, steepness = curve.charge_and_slope(other[rows])
        between = elapsed[inside][rows] - np.interp(other[rows], charge.potential_volt, hours)
        left = (counted[rows] - held) / steepness + apart[rows]
        reached = turning.reached(charge.charge_mAh[-1] - counted, curve.charge(np.maximum(other, lowest)))
        full = reached[rows]
        design = np.column_stack([between / steepness, full, 1 / steepness, growing[rows] * full])
        if _correlation_with_first(design[:, :3]) > _LARGEST_CORRELATION:
            return None
        # a hysteresis grows by about its own size at most: one row more, as heavy as one point with that as its error
        expected = [0.0, 0.0, 0.0, noise / max(abs(distance), _LEAST_DISTANCE_VOLT)]
        design, left = np.vstack([design, expected]), np.append(left, 0.0)
        found = _least_squares(design, left)
        residual = (left - design @ found)[:-1]
        noise, distance = float(np.sqrt(np.mean(residual**2))), float(found[1])
        apart = reached * (distance + growing * found[3])
    solve = np.linalg.pinv(design)[:, :-1]
    fitted = inside.copy()
    fitted[inside] = rows
    deviation = _standard(solve, residual)
    return Closure(
        current_mA=float(found[0]),
        standard_mA=float(deviation[0]),
        hysteresis_volt=distance / 2,
        hysteresis_standard_volt=float(deviation[1]) / 2,
        rows=fitted,
        steepness=steepness,
        solve=solve[0],
        turning=0.0,
        turning_limit_mA=0.0,
        misfit=residual.size * float(np.log(max(noise**2, 1e-30))),
    )


def _least_squares(design: FloatArray, left: FloatArray) -> FloatArray:
    """Coefficients, of which the first is not below zero: a resting cell takes no charge from nowhere."""
    found = np.linalg.lstsq(design, left, rcond=None)[0]
    if found[0] < 0:
        found = np.concatenate([[0.0], np.linalg.lstsq(design[:, 1:], left, rcond=None)[0]])
    return np.asarray(found)


def _correlation_with_first(design: FloatArray) -> float:
    """Largest correlation of the first coefficient with another but the lost charge (the third)."""
    scaled = design / np.linalg.norm(design, axis=0)
    covariance = np.linalg.pinv(scaled.T @ scaled)
    size = np.sqrt(np.clip(np.diag(covariance), 1e-300, None))
    together = np.abs(covariance[0] / size[0] / size)
    return float(max(together[i] for i in range(1, size.size) if i != 2))


def _standard(solve: FloatArray, residual: FloatArray) -> FloatArray:
    """Standard uncertainties of the coefficients from the scatter, widened where neighbouring residuals go together.

    Args:
        solve: what each residual does to each coefficient, (coefficients, points).
        residual: (points,), V.
    """
    variance = float(residual @ residual) / (residual.size - solve.shape[0])
    if variance == 0:
        return np.zeros(solve.shape[0])
    together = float(residual[1:] @ residual[:-1]) / float(residual @ residual)
    together = min(max(together, 0.0), _LARGEST_CORRELATION)
    return np.asarray(np.sqrt(np.sum(solve**2, axis=1) * variance * (1 + together) / (1 - together)))
