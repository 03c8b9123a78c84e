"""The joint estimate: one utilization for all relaxed points of a cell.

Model: ``Q_i = Q_0 + theta * m * q_ref(V_i + E)`` with the charge offset ``Q_0`` free and the potential ``E`` of the
counter electrode under its stated prior. Errors in potential count; they are turned into charge by the slope of the
reference. Where the points scatter more than their stated errors explain, the excess is estimated as an additional
standard deviation of the potentials (Mandel and Paule, Anal. Chem. 42 (1970) 1194), so that a poor fit leans on the prior
instead of moving the offset, and its interval grows with the disagreement.

All versions of a comparison (one a source of error and side) are fitted side by side: leading axes of the arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.core.errors import CathodelabError, Hint
from cathodelab.techniques.utilization.curve import ReferenceCurve
from cathodelab.techniques.utilization.model import Comparison, JointFit

_ITERATIONS = 80
# on strongly curved references weights and full steps may swing between two places: later steps are shorter, at fixed weights
_REWEIGHTED, _FULL_STEPS = 8, 10
_LARGEST_SCATTER_VOLT = 0.3
_SCATTER_TOLERANCE_VOLT = 1e-7
_TOLERANCE = 1e-10  # of the charge, and V: far below what any source of error moves


def reference_curve(comparison: Comparison) -> ReferenceCurve:
    """The reference of a comparison as a curve."""
    return ReferenceCurve(comparison.reference_potential_volt, comparison.reference_charge_mAh, comparison.linear_blend)


@dataclass(frozen=True, eq=False)
class JointFits(ReadOnlyArrays):
    """Fits of all versions of a comparison, each of shape (...).

    ``scale`` is ``theta * m_cell / m_reference``; ``offset_variance`` (V²) is that of the counter electrode's potential.
    """

    utilization: FloatArray
    scale: FloatArray
    charge_offset_mAh: FloatArray
    offset_volt: FloatArray
    offset_variance: FloatArray


def joint_fits(comparison: Comparison, curve: ReferenceCurve | None = None) -> JointFits:
    """Weighted least squares by Gauss-Newton over ``(a, Q_0, E)`` with ``a = theta * m_cell / m_reference``."""
    curve = curve or reference_curve(comparison)
    v, q, sigma = _points(comparison)
    prior, free = _prior_volt(comparison), _offset_is_fitted(comparison)
    stated = np.asarray(comparison.offset_volt)[..., None]
    reference = curve.charge(v + stated)
    a = (q[..., -1:] - q[..., :1]) / (reference[..., -1:] - reference[..., :1])
    start = q[..., :1] - a * reference[..., :1]
    offset = np.broadcast_to(stated, a.shape)
    weight, variance, done = 1 / sigma, np.full(a.shape, prior**2), np.zeros(a.shape, dtype=bool)
    for iteration in range(_ITERATIONS):
        reference, slope = curve.charge_and_slope(v + offset)
        if iteration < _REWEIGHTED:
            weight = 1 / (np.abs(a) * slope * sigma)
        columns = [reference * weight, np.broadcast_to(weight, reference.shape), a * slope * weight]
        residual = (q - start - a * reference) * weight
        if free:
            none = np.zeros(a.shape)
            rows = (none, none, none + 1 / prior, (stated - offset) / prior)
            *columns, residual = (
                np.concatenate([column, row], axis=-1) for column, row in zip([*columns, residual], rows, strict=True)
            )
            (of_a, of_start, of_offset), own = _least_squares(columns, residual)
            variance = np.where(done, variance, 1 / own)
        else:
            (of_a, of_start), _ = _least_squares(columns[:2], residual)
            of_offset = np.zeros(a.shape)
        length = np.where(done, 0.0, min(1.0, _FULL_STEPS / (iteration + 1)))
        a, start, offset = a + length * of_a, start + length * of_start, offset + length * of_offset
        in_charge = np.maximum(np.abs(of_a), np.abs(of_start)) <= _TOLERANCE * np.abs(q).max(axis=-1, keepdims=True)
        done = done | (in_charge & (np.abs(of_offset) <= _TOLERANCE))
        if done.all():
            break
    scale = a[..., 0]
    theta = np.asarray(scale * comparison.reference_mass_mg / comparison.cam_mass_mg)
    return JointFits(theta, scale, start[..., 0], offset[..., 0], variance[..., 0])


def joint_fit(comparison: Comparison, curve: ReferenceCurve | None = None) -> JointFit:
    """The fit of one comparison with what it says about its points."""
    from scipy.special import gammaincc

    curve = curve or reference_curve(comparison)
    fits = joint_fits(comparison, curve)
    v, q, sigma = _points(comparison)
    charge, slope = curve.charge_and_slope(v + fits.offset_volt)
    residual_volt = (q - fits.charge_offset_mAh - fits.scale * charge) / (fits.scale * slope)
    chi_square = float(np.sum((residual_volt / sigma) ** 2))
    determined = 0.0
    if _offset_is_fitted(comparison):
        determined = 1 - float(fits.offset_variance) / _prior_volt(comparison) ** 2
    freedom = max(v.size - 2 - determined, 0.0)
    return JointFit(
        utilization=float(fits.utilization),
        charge_offset_mAh=float(fits.charge_offset_mAh),
        offset_volt=float(fits.offset_volt),
        offset_posterior_volt=float(np.sqrt(fits.offset_variance)),
        residual_volt=tuple(residual_volt.tolist()),
        chi_square=chi_square,
        degrees_of_freedom=freedom,
        probability=float(gammaincc(freedom / 2, chi_square / 2)) if freedom > 0.3 else float("nan"),
    )


def _points(comparison: Comparison) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Potentials, charges and standard deviations of the used points."""
    used = comparison.used > 0
    sigma = np.sqrt(comparison.potential_standard_volt[used] ** 2 + comparison.scatter_volt**2)
    return comparison.potential_volt[..., used], comparison.charge_mAh[..., used], sigma


def _prior_volt(comparison: Comparison) -> float:
    return comparison.offset_standard_volt if comparison.offset_free else 0.0


def _offset_is_fitted(comparison: Comparison) -> bool:
    """Two points determine the utilization alone."""
    return _prior_volt(comparison) > 0 and int(np.sum(comparison.used > 0)) > 2


def _least_squares(columns: Sequence[FloatArray], residual: FloatArray) -> tuple[list[FloatArray], FloatArray]:
    """Coefficients with which the columns come closest to the residual, and the last column's own square norm.

    Modified Gram-Schmidt along the last axis, for all leading axes at once. The own norm is that of what the columns
    before do not explain: its inverse is the variance of the last coefficient.
    """
    norms: list[FloatArray] = []
    unit: list[FloatArray] = []
    shares: list[list[FloatArray]] = []
    parts: list[FloatArray] = []
    for column in columns:
        rest, share = column, []
        for direction in unit:
            share.append(_dot(direction, rest))
            rest = rest - share[-1] * direction
        norm = np.sqrt(_dot(rest, rest))
        norms.append(np.where(norm == 0, 1.0, norm))
        unit.append(rest / norms[-1])
        shares.append(share)
        parts.append(_dot(unit[-1], residual))
        residual = residual - parts[-1] * unit[-1]
    found: list[FloatArray] = []
    for i in reversed(range(len(columns))):
        later = zip(range(i + 1, len(columns)), found, strict=True)
        found.insert(0, (parts[i] - sum(shares[j][i] * value for j, value in later)) / norms[i])
    return found, norms[-1] ** 2


def _dot(one: FloatArray, other: FloatArray) -> FloatArray:
    product: FloatArray = (one * other).sum(axis=-1, keepdims=True)
    return product


def with_scatter(comparison: Comparison) -> Comparison:
    """The comparison with the additional scatter at which chi-square equals its degrees of freedom (0 if it is less)."""
    curve = reference_curve(comparison)

    def excess(scatter: float) -> float:
        fit = joint_fit(replace(comparison, scatter_volt=scatter), curve)
        return fit.chi_square - fit.degrees_of_freedom

    if np.isnan(joint_fit(comparison, curve).probability) or excess(0.0) <= 0:
        return comparison
    top = 1e-3
    while excess(top) > 0:
        top *= 4
        if top > _LARGEST_SCATTER_VOLT:
            raise CathodelabError(
                "no-fit",
                f"The relaxed potentials disagree with the reference by more than {_LARGEST_SCATTER_VOLT:g} V",
                where=f"{int(comparison.used.sum())} relaxed potentials",
                why="No utilization brings both together: another material, another counter electrode, or a broken record.",
                what_to_do="Look at the record; check the counter electrode and which reference the cell is compared with.",
                hints=(Hint("column", "counter_electrode"), Hint("column", "reference")),
            )
    return replace(comparison, scatter_volt=_root(excess, 0.0, top))


def _root(falling: Callable[[float], float], low: float, high: float) -> float:
    """Where a falling function is zero, to 1e-7: false position that halves the end that stays (Illinois rule).

    Written here because the library's costs a quarter of a second to load, which is most of a cell's evaluation.
    """
    above, below = falling(low), falling(high)
    stayed, place = 0, low
    for _ in range(_ITERATIONS):
        before, place = place, (low * below - high * above) / (below - above)
        value = falling(place)
        if value > 0:
            low, above, below = place, value, below / 2 if stayed > 0 else below
            stayed = 1
        else:
            high, below, above = place, value, above / 2 if stayed < 0 else above
            stayed = -1
        if high - low < _SCATTER_TOLERANCE_VOLT or abs(place - before) < _SCATTER_TOLERANCE_VOLT / 10:
            break
    return place


def window_utilizations(
    comparison: Comparison,
    curve: ReferenceCurve,
    ends: tuple[NDArray[np.intp], NDArray[np.intp]],
    offset_volt: FloatArray,
) -> FloatArray:
    """``theta = dQ_cell / m_cell : dQ_ref / m_ref`` between the first and the last points of windows, (..., windows)."""
    firsts, lasts = ends
    charge = curve.charge(comparison.potential_volt + offset_volt[..., None])
    reference = charge[..., lasts] - charge[..., firsts]
    cell = comparison.charge_mAh[..., lasts] - comparison.charge_mAh[..., firsts]
    known = np.where(reference == 0, np.nan, reference)  # a window without charge in the reference has no utilization
    mass = np.asarray(comparison.reference_mass_mg / comparison.cam_mass_mg)[..., None]
    return np.asarray(cell * mass / known, dtype=float)
