"""Weighted fits in the space of thicknesses, many versions side by side.

Thickness is what was read, and its noise is the same everywhere; ln(1/(1-D)) magnifies it without bound where D comes close to 1.
So the laws are fitted as ``h = h_s / D(P)`` to thicknesses, by Gauss-Newton steps, with ``h_s`` the thickness without pores.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays

_STEPS = 30
_CLOSE = 1e-10
_RIDGE, _SMALLEST = 1e-13, 1e-300
_LEAST = 1e-9
"""Smallest ln(1/(1-D)) and 1-D that are computed with."""


@dataclass(frozen=True, eq=False)
class Fits(ReadOnlyArrays):
    """Parameters of every version, shape (..., p), misfit of the thickness, um, (..., points), and dh/dparameter."""

    parameters: FloatArray
    misfit_um: FloatArray
    jacobian: FloatArray


def squares_of(fits: Fits, weights: FloatArray, common: FloatArray) -> FloatArray:
    """Weighted squares of the misfit that remain when common errors take what is theirs.

    A density that is off bends a Heckel plot, and so does a zero that is off: that is no misfit of the law. Each common error
    gets an amount of its own, which counts as a residual in units of its standard uncertainty.

    Args:
        fits: of one law.
        weights: of the thicknesses, 1/um2, shape (..., points).
        common: what one standard uncertainty of each common error does to each thickness, um, shape (points, errors).
    """
    j, r = fits.jacobian, fits.misfit_um
    projected = np.swapaxes(weights[..., None] * j, -1, -2) @ common
    apart = common - j @ _step(j, weights, r)[1] @ projected
    weighted = weights[..., None] * apart
    matrix = np.swapaxes(weighted, -1, -2) @ apart + np.eye(common.shape[-1])
    gradient = np.sum(weighted * r[..., None], axis=-2)
    taken = np.sum(gradient * np.linalg.solve(matrix, gradient[..., None])[..., 0], axis=-1)
    left: FloatArray = np.sum(weights * r**2, axis=-1) - taken
    return left


def solid_fits(thickness_um: FloatArray, solid_um: FloatArray, design: FloatArray, weights: FloatArray) -> Fits:
    """Fit laws whose ln(1/(1-D)) is linear in its parameters.

    Args:
        thickness_um: shape (..., points).
        solid_um: thickness without pores, shape (...).
        design: X, shape (..., points, p).
        weights: of the thicknesses, 1/um2, 0 for points that are left out, shape (..., points).
    """
    h, w = np.broadcast_arrays(thickness_um, weights)
    size, p = h.shape[-1], design.shape[-1]
    versions = np.broadcast_shapes(h.shape[:-1], design.shape[:-2], np.shape(solid_um))
    h, w = (np.broadcast_to(one, (*versions, size)) for one in (h, w))
    x = np.broadcast_to(design, (*versions, size, p))
    solid = np.broadcast_to(np.asarray(solid_um, dtype=float)[..., None], (*versions, size))
    measured = -np.log(np.clip(1.0 - solid / h, _LEAST, None))
    theta = _step(x, w * _slope(measured, solid) ** 2, measured)[0]
    for _ in range(_STEPS):
        k = np.clip(_applied(x, theta), _LEAST, None)
        slope = _slope(k, solid)
        change = _step(x, w * slope**2, (h - solid / -np.expm1(-k)) / slope)[0]
        theta = theta + change
        if np.max(np.abs(change)) < _CLOSE * max(float(np.max(np.abs(theta))), 1.0):
            break
    k = np.clip(_applied(x, theta), _LEAST, None)
    misfit = h - solid / -np.expm1(-k)
    return Fits(theta, misfit, _slope(k, solid)[..., None] * x)


def _slope(k: FloatArray, solid: FloatArray) -> FloatArray:
    """dh/dk of ``h = h_s / (1 - exp(-k))``."""
    slope: FloatArray = -solid * np.exp(-k) / np.expm1(-k) ** 2
    return slope


def _applied(x: FloatArray, theta: FloatArray) -> FloatArray:
    applied: FloatArray = (x @ theta[..., None])[..., 0]
    return applied


def _step(x: FloatArray, w: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Weighted linear least squares of y on x: parameters and the inverse of the normal matrix."""
    scale = np.sqrt(np.mean(x**2, axis=-2, keepdims=True)) + _SMALLEST
    scaled = x / scale
    weighted = w[..., None] * scaled
    matrix = np.swapaxes(weighted, -1, -2) @ scaled
    ridge = _RIDGE * np.trace(matrix, axis1=-2, axis2=-1)[..., None, None] + _SMALLEST
    inverse = np.linalg.inv(matrix + ridge * np.eye(x.shape[-1]))  # windows of one pressure have no slope
    right = np.swapaxes(weighted, -1, -2) @ y[..., None]
    solution = (inverse @ right)[..., 0] / scale[..., 0, :]
    return solution, inverse / scale[..., 0, :, None] / scale[..., 0, None, :]


def kawakita_fits(thickness_um: FloatArray, pressure_MPa: FloatArray, weights: FloatArray, start: FloatArray) -> Fits:
    """Fit ``h = h0 (1 - a b P / (1 + b P))`` from a start near the minimum.

    Args:
        thickness_um: shape (..., points).
        pressure_MPa: shape (..., points).
        weights: 1/um2, shape (..., points).
        start: h0 (um), a, b (1/MPa), shape (3,) or (..., 3).
    """
    h, p, w = np.broadcast_arrays(thickness_um, pressure_MPa, weights)
    theta = np.broadcast_to(start, (*h.shape[:-1], 3)).astype(float)
    for _ in range(_STEPS):
        model, jacobian = _kawakita(theta, p)
        change = _step(jacobian, w, h - model)[0]
        theta = theta + np.clip(change, -0.5 * np.abs(theta), 0.5 * np.abs(theta))
        if np.max(np.abs(change / theta)) < _CLOSE:
            break
    model, jacobian = _kawakita(theta, p)
    return Fits(theta, h - model, jacobian)


def _kawakita(theta: FloatArray, p: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Thickness and its derivatives by h0, a, b."""
    h0, a, b = (theta[..., place, None] for place in range(3))
    part = b * p / (1 + b * p)
    model = h0 * (1 - a * part)
    return model, np.stack([1 - a * part, -h0 * part, -h0 * a * p / (1 + b * p) ** 2], axis=-1)


def kawakita_start(
    thickness_um: FloatArray, pressure_MPa: FloatArray, weights: FloatArray, trials: int = 60
) -> FloatArray:
    """h0, a, b of the best of many b: thickness is linear in the other two. Shape (3,)."""
    above = pressure_MPa[pressure_MPa > 0]
    b = np.geomspace(0.05 / above.max(), 20.0 / above.min(), trials)[:, None]
    part = b * pressure_MPa / (1 + b * pressure_MPa)
    x = np.stack([np.ones_like(part), -part], axis=-1)
    y = np.broadcast_to(thickness_um, part.shape)
    linear = _step(x, np.broadcast_to(weights, part.shape), y)[0]
    squares = np.sum(weights * (y - _applied(x, linear)) ** 2, axis=-1)
    squares = np.where((linear[:, 0] > 0) & (linear[:, 1] > 0), squares, np.inf)
    best = int(np.argmin(squares))
    return np.array([linear[best, 0], linear[best, 1] / linear[best, 0], b[best, 0]])
