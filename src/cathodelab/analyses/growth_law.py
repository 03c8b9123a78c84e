"""Growth of a resistance during a hold: rate constant, test of the square-root law, range due to the hold current.

``R(t) = R_0 + k sqrt(t - t_0)`` by generalized least squares with the full covariance of the resistances (Kissel et al.,
Table S1 of the source: a regression over all spectra, not the quotient of two points). ``t_0`` is stated: when the hold
potential was reached, or the first spectrum; it can be fitted. At constant potential the state of charge still moves with
the current that flows. How much of it delithiates is not known, but it lies between all and nothing, and so does the
growth: the reported range has the change by state of charge subtracted for a share of 1 and of 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.errors import NotInRecord

_FEWEST = 4
_NORMAL_90 = 1.644854
_EXPONENTS = np.linspace(0.1, 2.0, 191)


@dataclass(frozen=True)
class GrowthLaw:
    """Straight line of R against sqrt(t).

    Args:
        start: resistance at t_0.
        rate: per sqrt(h).
        covariance: of both, shape (2, 2) as nested tuples.
        chi_square, degrees_of_freedom, probability: of the straight line.
        exponent, exponent_low, exponent_high: best power of time instead of 1/2, with its 68 % interval.
        start_hour: t_0 on the clock of the spectra.
    """

    start: float
    rate: float
    covariance: tuple[tuple[float, float], tuple[float, float]]
    chi_square: float
    degrees_of_freedom: int
    probability: float
    exponent: float
    exponent_low: float
    exponent_high: float
    start_hour: float

    @property
    def rate_standard(self) -> float:
        """Standard uncertainty of the rate."""
        return float(np.sqrt(self.covariance[1][1]))

    @property
    def start_standard(self) -> float:
        """Standard uncertainty of the start."""
        return float(np.sqrt(self.covariance[0][0]))


def growth_law(hour: FloatArray, resistance: FloatArray, covariance: FloatArray, start_hour: float = 0.0) -> GrowthLaw:
    """The rate constant of one hold.

    Args:
        hour: when the resistance was measured, shape (s,).
        resistance: any unit, shape (s,).
        covariance: of the resistances, shape (s, s).
        start_hour: t_0.

    Raises:
        NotInRecord: fewer than four spectra, or one before t_0.
    """
    from scipy.special import gammaincc

    if hour.size < _FEWEST or np.any(hour < start_hour):
        raise NotInRecord(
            "no-growth-law",
            f"{int(np.sum(hour >= start_hour))} spectra after the start of the hold",
            where="hold",
            why=f"A line with a test of its law needs at least {_FEWEST}, none of them before the start.",
            what_to_do="Measure more spectra during the hold, or correct start_hour.",
        )
    values, matrix, chi = line_against_power(hour - start_hour, resistance, covariance, 0.5)
    freedom = hour.size - 2
    probability = float(gammaincc(freedom / 2, chi / 2))
    profile = _chi_squares(hour - start_hour, resistance, covariance)
    best = int(np.argmin(profile))
    # a poor fit widens the interval of the exponent
    scale = max(float(profile[best]) / max(freedom - 1, 1), 1.0)
    inside = _EXPONENTS[profile <= profile[best] + scale]
    return GrowthLaw(
        start=float(values[0]),
        rate=float(values[1]),
        covariance=((float(matrix[0, 0]), float(matrix[0, 1])), (float(matrix[1, 0]), float(matrix[1, 1]))),
        chi_square=chi,
        degrees_of_freedom=freedom,
        probability=probability,
        exponent=float(_EXPONENTS[best]),
        exponent_low=float(inside[0]),
        exponent_high=float(inside[-1]),
        start_hour=start_hour,
    )


def line_against_power(
    hour: FloatArray, resistance: FloatArray, covariance: FloatArray, exponent: float
) -> tuple[FloatArray, FloatArray, float]:
    """(intercept and slope against t^exponent, their covariance, chi-square)."""
    design = np.stack([np.ones(hour.size), hour**exponent], axis=1)
    factor = np.linalg.cholesky(covariance)
    a, b = np.linalg.solve(factor, design), np.linalg.solve(factor, resistance)
    matrix = np.linalg.inv(a.T @ a)
    values = matrix @ (a.T @ b)
    rest = b - a @ values
    return values, matrix, float(rest @ rest)


def _chi_squares(hour: FloatArray, resistance: FloatArray, covariance: FloatArray) -> FloatArray:
    """Chi-square of the best line against each power of time, shape of ``_EXPONENTS``."""
    factor = np.linalg.cholesky(covariance)
    columns = np.column_stack([np.ones(hour.size), resistance, hour[:, None] ** _EXPONENTS])
    white = np.linalg.solve(factor, columns)
    constant = white[:, 0] / np.linalg.norm(white[:, 0])
    rest = white - constant[:, None] * (constant @ white)
    right, powers = rest[:, 1], rest[:, 2:]
    return np.asarray(right @ right - (right @ powers) ** 2 / np.sum(powers**2, axis=0))


def fitted_start(hour: FloatArray, resistance: FloatArray, covariance: FloatArray, earliest_hour: float) -> float:
    """The t_0 between the given hour and the first spectrum for which the square-root law fits best."""
    candidates = np.linspace(earliest_hour, float(hour.min()), 200)
    chi = [line_against_power(hour - one, resistance, covariance, 0.5)[2] for one in candidates]
    return float(candidates[int(np.argmin(chi))])


@dataclass(frozen=True)
class GrowthRange:
    """Rate constants for a hold current that is entirely parasitic (``most``) or entirely delithiation (``least``).

    ``low`` and ``high`` extend the range at both ends by what noise leaves open there with a probability of 90 %.
    """

    least: GrowthLaw
    most: GrowthLaw

    @property
    def low(self) -> float:
        """Lower end of the range, less its noise."""
        return min(one.rate - _NORMAL_90 * one.rate_standard for one in (self.least, self.most))

    @property
    def high(self) -> float:
        """Upper end of the range, plus its noise."""
        return max(one.rate + _NORMAL_90 * one.rate_standard for one in (self.least, self.most))


def growth_range(
    hour: FloatArray,
    resistance: FloatArray,
    covariance: FloatArray,
    charge: FloatArray,
    by_charge: Callable[[FloatArray], tuple[FloatArray, FloatArray]],
    start_hour: float = 0.0,
) -> GrowthRange:
    """The range of rate constants that the hold current allows.

    Args:
        hour: as in :func:`growth_law`, like the next two and the last.
        resistance: as there.
        covariance: as there.
        charge: per active mass since the last relaxed anchor, if the whole current delithiates, shape (s,).
        by_charge: resistance as a function of the state of charge alone: values and their covariance.
        start_hour: as there.
    """
    drifted, uncertain = by_charge(charge)
    change = np.eye(hour.size)
    change[:, 0] -= 1.0  # only the change since the first spectrum of the hold matters
    moved = change @ drifted
    matrix = change @ uncertain @ change.T
    return GrowthRange(
        least=growth_law(hour, resistance - moved, covariance + matrix, start_hour),
        most=growth_law(hour, resistance, covariance, start_hour),
    )


def passed_charge(hour: FloatArray, current_mA: FloatArray, mass_g: float) -> FloatArray:
    """Charge per active mass since the first point, mAh/g (trapezoidal rule): the most that the hold current delithiates."""
    steps = np.diff(hour) * (current_mA[1:] + current_mA[:-1]) / 2
    return np.asarray(np.concatenate([[0.0], np.cumsum(steps)]) / mass_g)
