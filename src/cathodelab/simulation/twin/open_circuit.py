"""The open-circuit potential of the twin's material: a closed function of the extracted fraction, fitted to nothing.

``U(x) = u0 + s x + (RT/F) ln(x / (1 - x)) + sum_k b_k tanh((x - c_k) / w_k)`` with x the part of the lithium that is
extracted (0: as made). Every term rises, so the curve does. It looks like a layered oxide with 80 % nickel: steep at both
ends, steps between ordered states, flat before 4.2 V. The estimators see only samples of it.
"""

from __future__ import annotations

import numpy as np

from cathodelab.core.arrays import FloatArray

FULL_CHARGE_mAh_g = 276.0
"""Charge of all lithium, mAh per g of active material."""

THERMAL_VOLT = 8.314462618 * 298.15 / 96485.33212
"""RT/F at 25 °C."""

_LEVEL_VOLT, _SLOPE_VOLT = 3.782, 0.45
_STEPS = ((0.04, 0.035, 0.050), (0.27, 0.035, 0.060), (0.47, 0.065, 0.070), (0.78, 0.045, 0.050))
"""Place, height / V, width of each step."""

LEAST, MOST = 1e-6, 1 - 1e-6
"""Fractions between which the function is asked."""


def potential(x: FloatArray) -> FloatArray:
    """Open-circuit potential vs. Li+/Li, V, of the extracted fraction, any shape."""
    x = np.asarray(x, dtype=float)
    u = _LEVEL_VOLT + _SLOPE_VOLT * x + THERMAL_VOLT * np.log(x / (1 - x))
    for place, height, width in _STEPS:
        u = u + height * np.tanh((x - place) / width)
    return np.asarray(u)


def slope(x: FloatArray) -> FloatArray:
    """dU/dx, V."""
    x = np.asarray(x, dtype=float)
    du = _SLOPE_VOLT + THERMAL_VOLT / (x * (1 - x))
    for place, height, width in _STEPS:
        du = du + height / width / np.cosh((x - place) / width) ** 2
    return np.asarray(du)


def fraction(potential_volt: FloatArray) -> FloatArray:
    """The inverse of :func:`potential`: bisection to round-off, any shape."""
    u = np.asarray(potential_volt, dtype=float)
    low, high = np.full(u.shape, LEAST), np.full(u.shape, MOST)
    for _ in range(60):
        middle = (low + high) / 2
        below = potential(middle) < u
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.asarray((low + high) / 2)
