"""Whether the spectra of a series need an inductance: decided once for all of them, from all of them.

Two points above the axis in one spectrum are no sign: noise makes them in every fourth spectrum of a cell without inductance.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cathodelab.techniques.impedance.fitting.fit import CircuitFit

_TOP = 3
_CLEAR = 6.0
_GAIN, _GAIN_EACH = 9.0, 1.5
"""An inductance is taken if the sum of squares, in units of the noise, falls by so much, and so much more for each spectrum:
without one it falls by half a unit a spectrum."""


def clearly_inductive(impedance: Sequence[np.ndarray], noise: Sequence[float]) -> bool:
    """Whether the points at the high-frequency end lie above the axis by far more than their noise.

    Args:
        impedance: of each spectrum, ohm, from high to low frequency.
        noise: of each, relative to the modulus.
    """
    tops = [z[:_TOP] for z in impedance]
    far = [top.imag / (max(size, 1e-6) * np.abs(top)) for top, size in zip(tops, noise, strict=True)]
    together = np.concatenate(far)
    return bool(np.sum(together) > _CLEAR * np.sqrt(together.size))


def inductance_gain(fit: CircuitFit) -> float:
    """By how much the sum of squares would fall with an inductance, in units of the noise, from the slopes at the fit."""
    log_omega = np.log(2 * np.pi * fit.frequency_hertz)
    _, slopes = fit.circuit.evaluate(log_omega, fit.theta[None])
    used = fit.weight > 0
    weight = fit.weight[used]
    rest = (fit.measured_ohm - fit.circuit.impedance(fit.frequency_hertz, fit.theta))[used] * weight
    turn = 1j * np.exp(log_omega[used] - log_omega.max()) * weight
    inside = np.array([name not in fit.at_bound for name in fit.circuit.names])
    columns = (slopes[0][inside][:, used] * weight).T
    matrix = np.concatenate([columns.real, columns.imag])
    size = np.linalg.norm(matrix, axis=0)
    matrix = matrix[:, size > 0] / size[size > 0]
    right = np.column_stack([np.concatenate([one.real, one.imag]) for one in (turn, rest)])
    orthogonal = np.linalg.qr(matrix)[0]
    right = right - orthogonal @ (orthogonal.T @ right)
    along, across = float(right[:, 0] @ right[:, 1]), float(right[:, 0] @ right[:, 0])
    if along <= 0 or across <= 0:
        return 0.0
    scale = max(fit.chi_square - along**2 / across, 1e-300) / fit.degrees_of_freedom
    return along**2 / across / scale


def needs_inductance(fits: Sequence[CircuitFit]) -> bool:
    """Whether spectra fitted without an inductance are better described with one, all together."""
    gain = sum(inductance_gain(fit) for fit in fits)
    return gain > _GAIN + _GAIN_EACH * len(fits)
