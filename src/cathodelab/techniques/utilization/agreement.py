"""Does one utilization fit all relaxed potentials, where each rest leaves open how far its potential may still move?

The interval of the utilization carries incomplete relaxation as one amount common to all points, which is the worst that it
can do. Whether the points agree is judged by what makes them differ: the error of each by itself, and what its own rest, or a
table, leaves open. What all of them still move alike is no disagreement: it widens what is known of the counter electrode.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.techniques.utilization.fit import joint_fit, with_scatter
from cathodelab.techniques.utilization.model import Comparison, JointFit, Titration, UtilizationSettings
from cathodelab.techniques.utilization.sources import relaxation_of

_OF_RECTANGLE, _OF_FIXED = -1.2, -2.0  # excess kurtosis: of a rectangle, and of an amount that is fixed


@dataclass(frozen=True)
class Agreement:
    """The joint fit with the independent error of each potential.

    ``probability``: that cells with one utilization disagree as much; ``nan`` where the points are too few.
    ``scatter_volt``: how far the points scatter beyond their errors, V.
    """

    fit: JointFit
    probability: float
    scatter_volt: float


@dataclass(frozen=True, eq=False)
class _LeftToMove(ReadOnlyArrays):
    """How far each potential may still move: standard deviation / V, fourth cumulant / V⁴; ``common_volt``: all."""

    standard_volt: FloatArray
    fourth: FloatArray
    common_volt: float


def agreement_of(comparison: Comparison, titration: Titration, settings: UtilizationSettings) -> Agreement:
    """How well one utilization fits; the potentials of the comparison are widened by what their rests leave open."""
    left = _left_to_move(titration, settings)
    own = np.hypot(comparison.potential_standard_volt, left.standard_volt)
    widened = replace(
        comparison,
        potential_standard_volt=own,
        offset_standard_volt=float(np.hypot(comparison.offset_standard_volt, left.common_volt)),
    )
    fit, used = joint_fit(widened), comparison.used > 0
    return Agreement(fit, _probability(fit, left.fourth[used] / own[used] ** 4), with_scatter(widened).scatter_volt)


def _left_to_move(titration: Titration, settings: UtilizationSettings) -> _LeftToMove:
    """From each rest, or as a table states it; potentials that are extrapolated have the uncertainty of that.

    A limit to one side is a rectangle: its standard deviation is the limit over the square root of 12. Its middle differs from
    that of the typical rest by half of what their limits differ.
    """
    if settings.relaxation == "transient" and titration.remaining_standard_volt is not None:
        standard = np.nan_to_num(titration.remaining_standard_volt)
        return _LeftToMove(standard, np.zeros(standard.size), 0.0)
    limit = np.abs(relaxation_of(titration, settings.relaxation_factor_cell))
    typical = float(np.median(limit))  # one rest that moves much widens itself, not those that are at rest
    rectangle, unequal = limit / np.sqrt(12.0), (limit - typical) / 2
    fourth = _OF_RECTANGLE * rectangle**4 + _OF_FIXED * unequal**4
    return _LeftToMove(np.hypot(rectangle, unequal), fourth, float(np.mean(limit)) / np.sqrt(3.0))


def _probability(fit: JointFit, excess_kurtosis: FloatArray) -> float:
    """Upper tail of chi-square, for errors that have shorter tails than a normal one: scaled to the right mean and variance.

    Args:
        fit: chi-square and its degrees of freedom.
        excess_kurtosis: of the whole error of each used point, (points,).

    Source: Satterthwaite, Biometrics Bulletin 2 (1946) 110; the variance of a sum of squares of ``n`` errors, of which the fit
    leaves the share ``f / n``, is ``2 f + (f / n)^2 sum(excess kurtosis)``.
    """
    from scipy.special import gammaincc

    if np.isnan(fit.probability):
        return fit.probability
    freedom = fit.degrees_of_freedom
    scale = 1 + freedom * float(np.sum(excess_kurtosis)) / (2 * excess_kurtosis.size**2)
    return float(gammaincc(freedom / scale / 2, fit.chi_square / scale / 2))
