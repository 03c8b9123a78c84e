"""Comparison at the same state of charge: the U-curve of a resistance over charge, its ageing, and the rule.

The cathode resistance runs through a minimum over the state of charge. A state is the charge per active mass since the
last relaxed anchor; the potential alone does not tell it (at a hold it is constant while charge flows). The U-curve is
``ln R = ln a + c_1 (q - q_m) + c_2 (q - q_m)^2 [+ ...]``, never extrapolated; the factor ``a`` carries the ageing of a cell
between two rounds and has its own uncertainty (in the source, the same 46 mV are 24 ohm cm2 at first and 57 later).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.core.errors import NotInRecord

_FEWEST = 4
Verdict = Literal["comparable", "corrected", "refused"]


@dataclass(frozen=True, eq=False)
class ResistanceCurve(ReadOnlyArrays):
    """Resistance as a function of charge.

    Args:
        middle: charge from which the powers are counted.
        coefficients: of ln R, constant first, shape (k,).
        covariance: of the coefficients, shape (k, k), scaled with the scatter where that exceeds the stated errors.
        low, high: range of charge covered by the points.
        scatter: relative scatter of the points beyond their stated errors.
    """

    middle: float
    coefficients: FloatArray
    covariance: FloatArray
    low: float
    high: float
    scatter: float

    def at(self, charge: FloatArray, beyond: float = 0.02) -> tuple[FloatArray, FloatArray]:
        """Resistance at the given charges, and its covariance.

        Args:
            charge: shape (n,).
            beyond: how far outside the points, over their range, the curve is still followed; there its curvature is as
                uncertain as it is large.

        Raises:
            NotInRecord: a charge lies further outside.
        """
        slack = beyond * (self.high - self.low)
        if np.any(charge < self.low - slack) or np.any(charge > self.high + slack):
            raise NotInRecord(
                "state-outside-curve",
                f"The state of charge {float(np.max(np.abs(charge))):.4g} lies outside the U-curve",
                where=f"U-curve from {self.low:.4g} to {self.high:.4g}",
                why="The curve is steep at its ends and is not followed far beyond them.",
                what_to_do="Measure spectra at states of charge beyond those that are compared.",
            )
        design = np.vander(charge - self.middle, self.coefficients.size, increasing=True)
        value = np.exp(design @ self.coefficients)
        jacobian = value[:, None] * design
        outside = np.clip(np.maximum(self.low - charge, charge - self.high), 0.0, None)
        bent = value * np.abs(self.coefficients[2:3].sum()) * outside**2
        return np.asarray(value), np.asarray(jacobian @ self.covariance @ jacobian.T + np.outer(bent, bent))

    def slope(self, charge: float) -> float:
        """Relative change of the resistance with charge, d ln R / dq."""
        powers = np.arange(1, self.coefficients.size)
        return float(np.sum(powers * self.coefficients[1:] * (charge - self.middle) ** (powers - 1)))


def resistance_curve(
    charge: FloatArray, resistance: FloatArray, relative_standard: FloatArray, degree: int = 2
) -> ResistanceCurve:
    """The U-curve of one round of spectra at different states of charge.

    Args:
        charge: per active mass since the anchor, shape (s,).
        resistance: shape (s,).
        relative_standard: of each resistance, shape (s,).
        degree: of the polynomial of ln R.

    Raises:
        NotInRecord: too few states.
    """
    if np.unique(charge).size < max(_FEWEST, degree + 2):
        raise NotInRecord(
            "no-u-curve",
            f"Spectra at {np.unique(charge).size} states of charge",
            where="U-curve",
            why=f"At least {max(_FEWEST, degree + 2)} are needed for a curve and its scatter.",
            what_to_do="Measure spectra at more states of charge.",
        )
    middle = float(np.mean(charge))
    design = np.vander(charge - middle, degree + 1, increasing=True) / relative_standard[:, None]
    right = np.log(resistance) / relative_standard
    matrix = np.asarray(np.linalg.inv(design.T @ design), dtype=np.float64)
    coefficients = matrix @ (design.T @ right)
    rest = right - design @ coefficients
    factor = float(rest @ rest) / (charge.size - degree - 1)
    return ResistanceCurve(
        middle=middle,
        coefficients=coefficients,
        covariance=matrix * max(factor, 1.0),
        low=float(charge.min()),
        high=float(charge.max()),
        scatter=float(np.sqrt(max(factor - 1.0, 0.0)) * np.mean(relative_standard)),
    )


def aged(curve: ResistanceCurve, charge: float, resistance: float, relative_standard: float) -> ResistanceCurve:
    """The curve of a later round from one relaxed spectrum: same shape, with a new factor and its uncertainty."""
    value, _ = curve.at(np.array([charge]))
    factor = float(np.log(resistance / value[0]))
    coefficients = np.array(curve.coefficients)
    coefficients[0] += factor
    # the new constant follows from the new spectrum; the shape keeps its covariance about that point
    design = np.vander(np.array([charge - curve.middle]), curve.coefficients.size, increasing=True)[0]
    shift = np.eye(curve.coefficients.size)
    shift[0] -= design
    covariance = shift @ curve.covariance @ shift.T
    covariance[0, 0] += relative_standard**2
    return ResistanceCurve(curve.middle, coefficients, covariance, curve.low, curve.high, curve.scatter)


@dataclass(frozen=True)
class State:
    """State of a cell when a spectrum was measured.

    Args:
        charge_mAh_g: per active mass since the last relaxed anchor; ``nan`` where unknown.
        charge_standard_mAh_g: its standard uncertainty.
        potential_volt: against the counter electrode.
        relaxed: whether the cell was at rest.
    """

    charge_mAh_g: float
    charge_standard_mAh_g: float
    potential_volt: float = float("nan")
    relaxed: bool = False


@dataclass(frozen=True)
class ComparedResistances:
    """Result of the same-state-of-charge rule for two resistances.

    Args:
        verdict: ``comparable`` as measured, ``corrected`` to the first one's state, or ``refused``.
        ratio: second over first, both at the first one's state; ``nan`` where refused.
        ratio_standard: relative standard uncertainty of the ratio.
        correction: factor applied to the second one.
        sentence: the reason in words.
    """

    verdict: Verdict
    ratio: float
    ratio_standard: float
    correction: float
    sentence: str


def compared(
    first: tuple[float, float],
    second: tuple[float, float],
    states: tuple[State, State],
    curve: ResistanceCurve | None,
    largest_effect: float = 0.02,
) -> ComparedResistances:
    """Compare two resistances, or refuse to.

    Args:
        first: resistance and its relative standard uncertainty.
        second: the same for the other one.
        states: states of both.
        curve: U-curve for the effect of a difference in state; without it only equal states are comparable.
        largest_effect: largest relative effect of a difference in state that is left uncorrected.
    """
    a, b = states
    apart = b.charge_mAh_g - a.charge_mAh_g
    spread = float(np.hypot(a.charge_standard_mAh_g, b.charge_standard_mAh_g))
    own = float(np.hypot(first[1], second[1]))
    if np.isnan(apart) or np.isnan(spread):
        text = "The state of charge of at least one spectrum is unknown: the resistances must not be compared."
        return ComparedResistances("refused", float("nan"), float("nan"), float("nan"), text)
    if curve is None:
        if abs(apart) <= 2 * spread:
            text = (
                f"The states of charge agree within their errors ({apart:+.2g} mAh/g), but no U-curve tells what these errors "
                "mean for the resistance: they are not in the interval."
            )
            return ComparedResistances("comparable", second[0] / first[0], own, 1.0, text)
        text = f"The states of charge differ by {apart:+.3g} mAh/g and no U-curve is known: the resistances must not be compared."
        return ComparedResistances("refused", float("nan"), float("nan"), float("nan"), text)
    try:
        values, matrix = curve.at(np.array([a.charge_mAh_g, b.charge_mAh_g]))
    except NotInRecord as error:
        return ComparedResistances("refused", float("nan"), float("nan"), float("nan"), f"{error.what}. {error.why}")
    effect = float(np.log(values[1] / values[0]))
    gradient = np.array([1 / values[0], -1 / values[1]])
    by_curve = float(np.sqrt(max(float(gradient @ matrix @ gradient), 0.0)))
    by_state = float(np.linalg.norm([curve.slope(one.charge_mAh_g) * one.charge_standard_mAh_g for one in states]))
    total = float(np.sqrt(own**2 + by_curve**2 + by_state**2))
    if abs(effect) <= largest_effect:
        text = (
            f"The states of charge differ by {apart:+.3g} mAh/g, which changes the resistance by {100 * effect:+.1f} %."
        )
        return ComparedResistances("comparable", second[0] / first[0], float(np.hypot(total, effect)), 1.0, text)
    factor = float(np.exp(-effect))
    text = (
        f"The states of charge differ by {apart:+.3g} mAh/g: the U-curve makes {100 * (np.exp(effect) - 1):+.0f} % of it, which "
        "was taken out."
    )
    return ComparedResistances("corrected", second[0] / first[0] * factor, total, factor, text)
