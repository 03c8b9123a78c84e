"""Drift inside a sweep, from the time stamps of a sequence of spectra.

A sweep takes minutes, most of them at its lowest frequencies. If the cell changes meanwhile, the spectrum belongs to no single
moment, but still satisfies the Kramers-Kronig relations. In a sequence every frequency is measured repeatedly, and its course
in time gives the value at the moment at which the cathode's arc was measured.
"""

from __future__ import annotations

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.techniques.impedance.circuits.elements import ComplexArray

_CURVED_FROM = 5


def at_one_time(
    clock_second: FloatArray, impedance: ComplexArray, moment_second: FloatArray, start_second: float
) -> ComplexArray:
    """Correct every sweep to what it would be if all its frequencies had been measured at one moment.

    The course of each frequency is a polynomial (a line, from five spectra on a parabola) in the square root of the time
    since the start. Only its slope is used, so that each spectrum keeps its own scatter.

    Args:
        clock_second: time at each spectrum and frequency, shape (s, m).
        impedance: shape (s, m), s at least 3.
        moment_second: moment of each spectrum, shape (s,).
        start_second: when the change began; before the first spectrum.
    """
    root = np.sqrt(np.maximum(clock_second - start_second, 0.0))
    target = np.sqrt(np.maximum(moment_second - start_second, 0.0))[:, None]
    degree = 2 if impedance.shape[0] >= _CURVED_FROM else 1
    corrected = impedance.copy()
    for column in range(impedance.shape[1]):
        x = root[:, column]
        powers = np.vander(x, degree + 1)
        coefficients = np.linalg.lstsq(powers, impedance[:, column], rcond=None)[0]
        corrected[:, column] += np.polyval(coefficients, target[:, 0]) - np.polyval(coefficients, x)
    return corrected


def drift_within(clock_second: FloatArray, impedance: ComplexArray, start_second: float) -> FloatArray:
    """Largest relative change of any frequency between the start and the end of each sweep, shape (s,)."""
    first, last = clock_second.min(axis=1), clock_second.max(axis=1)
    early = at_one_time(clock_second, impedance, first, start_second)
    late = at_one_time(clock_second, impedance, last, start_second)
    return np.asarray(np.max(np.abs(late - early) / np.abs(impedance), axis=1))
