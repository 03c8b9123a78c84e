"""The joint estimate: one utilization for all relaxed points of a cell.

Model: ``Q_i = Q_0 + theta * m * q_ref(V_i + E)`` with the charge offset ``Q_0`` free and the potential ``E`` of the
counter electrode under its stated prior. Errors in potential count; they are turned into charge by the slope of the
reference. Where the points scatter more than their stated errors explain, the excess is estimated as an additional
standard deviation of the potentials (Mandel and Paule, Anal. Chem. 42 (1970) 1194), so that a poor fit leans on the prior
instead of moving the offset, and its interval grows with the disagreement.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.optimize import brentq
from scipy.special import gammaincc

from cathodelab.core.arrays import FloatArray
from cathodelab.core.errors import CathodelabError
from cathodelab.techniques.utilization.curve import ReferenceCurve
from cathodelab.techniques.utilization.model import Comparison, JointFit

_ITERATIONS = 80
# on strongly curved references weights and full steps may swing between two places: later steps are shorter, at fixed weights
_REWEIGHTED, _FULL_STEPS = 8, 10
_LARGEST_SCATTER_VOLT = 0.3
_TOLERANCE = 1e-10  # of the charge, and V: far below what any source of error moves


def reference_curve(comparison: Comparison) -> ReferenceCurve:
    """The reference of a comparison as a curve."""
    return ReferenceCurve(comparison.reference_potential_volt, comparison.reference_charge_mAh, comparison.linear_blend)


def joint_fit(comparison: Comparison, curve: ReferenceCurve | None = None) -> JointFit:
    """Weighted least squares by Gauss-Newton over ``(a, Q_0, E)`` with ``a = theta * m_cell / m_reference``."""
    curve = curve or reference_curve(comparison)
    used = comparison.used > 0
    v, q = comparison.potential_volt[used], comparison.charge_mAh[used]
    sigma = np.sqrt(comparison.potential_standard_volt[used] ** 2 + comparison.scatter_volt**2)
    prior = comparison.offset_standard_volt if comparison.offset_free else 0.0
    offset = comparison.offset_volt
    reference = curve.charge(v + offset)
    a = float((q[-1] - q[0]) / (reference[-1] - reference[0]))
    start = float(q[0] - a * reference[0])
    free = prior > 0 and v.size > 2
    parameters, weight = np.array([a, start, offset]), 1 / sigma
    for iteration in range(_ITERATIONS):
        a, start, offset = parameters
        reference, slope = curve.charge(v + offset), curve.slope(v + offset)
        if iteration < _REWEIGHTED:
            weight = 1 / (abs(a) * slope * sigma)
        design = np.column_stack([reference, np.ones(v.size), a * slope]) * weight[:, None]
        residual = (q - start - a * reference) * weight
        if free:
            design = np.vstack([design, [0, 0, 1 / prior]])
            residual = np.append(residual, (comparison.offset_volt - offset) / prior)
            step = np.linalg.lstsq(design, residual)[0]
        else:
            step = np.append(np.linalg.lstsq(design[:, :2], residual)[0], 0.0)
        parameters = parameters + step * min(1.0, _FULL_STEPS / (iteration + 1))
        if np.abs(step[:2]).max() <= _TOLERANCE * np.abs(q).max() and abs(step[2]) <= _TOLERANCE:
            break
    variance_offset = float(np.linalg.inv(design.T @ design)[2, 2]) if free else prior**2
    a, start, offset = (float(value) for value in parameters)
    slope = curve.slope(v + offset)
    residual_volt = (q - start - a * curve.charge(v + offset)) / (a * slope)
    chi_square = float(np.sum((residual_volt / sigma) ** 2))
    determined = 1 - variance_offset / prior**2 if free else 0.0
    freedom = max(v.size - 2 - determined, 0.0)
    return JointFit(
        utilization=a * comparison.reference_mass_mg / comparison.cam_mass_mg,
        charge_offset_mAh=start,
        offset_volt=offset,
        offset_posterior_volt=float(np.sqrt(variance_offset)),
        residual_volt=tuple(residual_volt.tolist()),
        chi_square=chi_square,
        degrees_of_freedom=freedom,
        probability=float(gammaincc(freedom / 2, chi_square / 2)) if freedom > 0.3 else float("nan"),
    )


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
                what_to_do="Look at the record; check counter_electrode and which reference the cell is compared with.",
            )
    return replace(comparison, scatter_volt=float(brentq(excess, 0.0, top, xtol=1e-7)))


def window_utilizations(
    comparison: Comparison, curve: ReferenceCurve, firsts: FloatArray, offset_volt: float
) -> FloatArray:
    """``theta = dQ_cell / m_cell : dQ_ref / m_ref`` between the points ``firsts`` and the ones after them."""
    ends = np.stack([firsts, firsts + 1])
    reference = np.diff(curve.charge(comparison.potential_volt[ends] + offset_volt), axis=0)[0]
    cell = np.diff(comparison.charge_mAh[ends], axis=0)[0]
    known = np.where(reference == 0, np.nan, reference)  # a window without charge in the reference has no utilization
    return np.asarray(cell / comparison.cam_mass_mg * comparison.reference_mass_mg / known, dtype=float)
