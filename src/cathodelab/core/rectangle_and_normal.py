"""Half-width of the sum of a rectangular and a normal distribution.

The interval of one standard uncertainty holds 68.27 % of a normal distribution and 57.7 % of a rectangle. Where a limit
dominates, the half-width that holds what it claims follows from the sum of both (JCGM 101, clause 5.3: distributions are
propagated, not their variances).
"""

from __future__ import annotations

from math import erf, exp, pi, sqrt

ONE_SIGMA = erf(1 / sqrt(2))
"""68.27 %: what one standard uncertainty of a normal distribution holds."""

_HALVINGS = 80


def blurred_half_width(standard: float, limit: float, level: float = ONE_SIGMA) -> float:
    """Half-width around 0 that holds ``level`` of the sum of N(0, ``standard``) and a rectangle from -``limit`` to ``limit``."""
    low, high = 0.0, abs(limit) + 40 * abs(standard)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if blurred_level(standard, limit, middle) < level:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def blurred_level(standard: float, limit: float, half_width: float) -> float:
    """Probability that the sum lies within the half-width."""
    standard, limit = abs(standard), abs(limit)
    if limit <= 1e-6 * standard:
        return erf(half_width / standard / sqrt(2)) if standard > 0 else 1.0
    if standard <= 1e-6 * limit:
        return min(half_width / limit, 1.0)
    above, below = (half_width + limit) / standard, (half_width - limit) / standard
    return standard / limit * (_integral(above) - _integral(below)) - 1


def _integral(z: float) -> float:
    """Integral of the normal distribution function up to z."""
    return z * (1 + erf(z / sqrt(2))) / 2 + exp(-z * z / 2) / sqrt(2 * pi)
