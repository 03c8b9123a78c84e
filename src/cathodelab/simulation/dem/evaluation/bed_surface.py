"""The free surface of a bed, found from its particles, and its slope."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from cathodelab.core.arrays import FloatArray


@dataclass(frozen=True)
class Slope:
    """Angle of a straight line through the surface and its standard error, degrees."""

    angle: float
    error: float


def surface_points(position: FloatArray, radius: float, half_width: float, columns: int = 12) -> FloatArray:
    """Highest particles of columns of equal width across the middle of the bed: (x, y), gravity along -y.

    Of each column the mean of its top three is taken, so that one particle in flight does not make a surface.
    """
    edges = np.linspace(-half_width, half_width, columns + 1)
    points = []
    for low, high in itertools.pairwise(edges):
        inside = position[(position[:, 0] >= low) & (position[:, 0] < high)]
        if len(inside) >= 3:
            top = np.sort(inside[:, 1])[-3:]
            points.append((0.5 * (low + high), float(np.median(top)) + radius))
    return np.array(points).reshape(-1, 2)


def slope(position: FloatArray, radius: float, half_width: float) -> Slope:
    """Slope of the middle of the surface by least squares."""
    points = surface_points(position, radius, half_width)
    if len(points) < 4:
        return Slope(float("nan"), float("nan"))
    (rise, _), covariance = np.polyfit(points[:, 0], points[:, 1], 1, cov=True)
    error = np.sqrt(covariance[0, 0]) / (1 + rise**2)
    return Slope(float(np.degrees(np.arctan(rise))), float(np.degrees(error)))


def mean_slope(slopes: list[Slope]) -> Slope:
    """Mean over several pictures; the error is that of the mean, from their scatter."""
    angles = np.array([one.angle for one in slopes])
    angles = angles[np.isfinite(angles)]
    if len(angles) < 2:
        return Slope(float("nan"), float("nan"))
    return Slope(float(angles.mean()), float(angles.std(ddof=1) / np.sqrt(len(angles))))
