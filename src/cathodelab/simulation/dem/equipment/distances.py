"""Distances of points from surfaces, in numpy: for filling and for checks, away from the kernels."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from cathodelab.core.arrays import FloatArray
from cathodelab.simulation.dem.equipment.bodies import Mesh, Plane, Revolved


def signed_gap(surface: Plane | Revolved, points: FloatArray) -> FloatArray:
    """Distance of points (n, 3) from a plain surface, negative in its solid; unsigned beyond the ends of a line."""
    if isinstance(surface, Plane):
        normal = np.array(surface.normal) / np.linalg.norm(surface.normal)
        above: FloatArray = np.sum((points - np.array(surface.point)) * normal, axis=1)
        return above
    axis = np.array(surface.axis) / np.linalg.norm(surface.axis)
    away = points - np.array(surface.point)
    height = away @ axis
    radius = np.linalg.norm(away - height[:, None] * axis, axis=1)
    (r0, z0), (r1, z1) = surface.ends
    length = float(np.hypot(r1 - r0, z1 - z0))
    along = ((radius - r0) * (r1 - r0) + (height - z0) * (z1 - z0)) / length
    beside = ((radius - r0) * (z1 - z0) - (height - z0) * (r1 - r0)) / length
    end = np.clip(along, 0, length) / length
    beyond = np.hypot(radius - r0 - end * (r1 - r0), height - z0 - end * (z1 - z0))
    inside = (along >= 0) & (along <= length)
    return np.asarray(np.where(inside, np.abs(beside) if surface.two_sided else beside, beyond))


def inside_mesh(mesh: Mesh, points: FloatArray) -> np.ndarray:
    """Which points are inside a closed mesh: the solid angle of its triangles is 4π (van Oosterom and Strackee)."""
    whole = np.zeros(len(points))
    for tri in mesh.corners:
        a, b, c = (corner - points for corner in tri)
        la, lb, lc = (np.linalg.norm(one, axis=1) for one in (a, b, c))
        top = np.einsum("ij,ij->i", a, np.cross(b, c))
        bottom = la * lb * lc + np.sum(a * b, axis=1) * lc + np.sum(b * c, axis=1) * la + np.sum(c * a, axis=1) * lb
        whole += np.arctan2(top, bottom)
    return np.asarray(np.abs(whole) > np.pi)


def mesh_gap(mesh: Mesh, points: FloatArray, within: float) -> FloatArray:
    """Distance of points from the surface of a mesh, up to ``within`` (sampled at a twentieth of it); negative inside."""
    samples = np.concatenate([_samples(tri, within / 20) for tri in mesh.corners])
    away, _ = cKDTree(samples).query(points, distance_upper_bound=within)
    gap = np.minimum(away, within)
    low, high = mesh.corners.min(axis=(0, 1)), mesh.corners.max(axis=(0, 1))
    boxed = ((points > low) & (points < high)).all(axis=1)
    inside = np.zeros(len(points), bool)
    inside[boxed] = inside_mesh(mesh, points[boxed])
    return np.where(inside, -gap, gap)


def _samples(triangle: FloatArray, spacing: float) -> FloatArray:
    longest = max(np.linalg.norm(triangle[k] - triangle[k - 1]) for k in range(3))
    n = min(int(longest / spacing) + 2, 400)
    u, v = (one.ravel() for one in np.meshgrid(np.linspace(0, 1, n), np.linspace(0, 1, n)))
    kept = u + v <= 1
    u, v = u[kept, None], v[kept, None]
    return np.asarray(triangle[0] + u * (triangle[1] - triangle[0]) + v * (triangle[2] - triangle[0]))
