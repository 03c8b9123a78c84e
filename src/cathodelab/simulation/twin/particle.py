"""Diffusion in a sphere with a flux through its surface, as few independent modes.

Finite volumes in shells that get thinner towards the surface; the matrix of this linear problem is diagonalised once. With
``tau = R^2 / D`` and ``rate = d(mean x)/dt``, every mode obeys ``da_j/dt = -lambda_j a_j / tau + p_j rate``; the outermost
shell holds ``sum_j a_j``; mode 0 is the mean of the particle, exactly. For a flux that is constant over a time step the
modes are integrated exactly, so that no step is too long to be stable.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from cathodelab.core.arrays import FloatArray, OwnArrays

_SHELLS, _THINNER = 40, 1.15


@dataclass(frozen=True, eq=False)
class Modes(OwnArrays):
    """``decay`` lambda_j and ``gain`` p_j, shape (mode,); ``skin``: x(surface) - x(outermost shell) = skin tau rate."""

    decay: FloatArray
    gain: FloatArray
    skin: float


@cache
def sphere_modes(shells: int = _SHELLS) -> Modes:
    """Modes of a sphere of radius 1."""
    thickness = _THINNER ** np.arange(shells, 0.0, -1.0)
    edges = np.concatenate([[0.0], np.cumsum(thickness)]) / thickness.sum()
    volume = np.diff(edges**3) / 3
    centre = (np.diff(edges**4) / 4) / volume  # of the volume: the value there is the mean of the shell to second order
    conductance = edges[1:-1] ** 2 / np.diff(centre)
    matrix = np.zeros((shells, shells))
    inner = np.arange(shells - 1)
    matrix[inner, inner] += conductance
    matrix[inner + 1, inner + 1] += conductance
    matrix[inner, inner + 1] = matrix[inner + 1, inner] = -conductance
    root = np.sqrt(volume)
    decay, vectors = np.linalg.eigh(matrix / root[:, None] / root[None, :])
    gain = (vectors[-1] / root[-1]) ** 2 / 3
    decay[0], gain[0] = 0.0, 1.0  # the mean: exact, so that charge is conserved to round-off
    return Modes(decay, gain, float(1 - centre[-1]) / 3)


@dataclass(frozen=True, eq=False)
class Advance(OwnArrays):
    """One time step of many particles: ``modes_after = kept + rate * driven`` and ``surface_after = base + rate * reach``.

    ``kept`` and ``driven`` have shape (..., mode), ``base`` and ``reach`` shape (...).
    """

    kept: FloatArray
    driven: FloatArray
    base: FloatArray
    reach: FloatArray


def advance(modes: Modes, amplitudes: FloatArray, tau_second: FloatArray, step_second: FloatArray) -> Advance:
    """Prepare a step of ``step_second`` for particles of ``tau_second``, both of the leading shape of ``amplitudes``."""
    tau = tau_second[..., None]
    exponent = modes.decay * (step_second[..., None] / tau)
    kept = amplitudes * np.exp(-exponent)
    driven = np.empty_like(amplitudes)
    driven[..., 0] = step_second
    driven[..., 1:] = modes.gain[1:] * tau / modes.decay[1:] * -np.expm1(-exponent[..., 1:])
    return Advance(kept, driven, kept.sum(axis=-1), driven.sum(axis=-1) + modes.skin * tau_second)
