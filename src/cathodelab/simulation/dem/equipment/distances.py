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
    """Distance (m) of points from the surface of a mesh, up to ``within``; negative inside its solid."""
    gap = np.full(len(points), within)
    if not len(points):
        return gap
    middle = mesh.corners.mean(axis=1)
    reach = np.linalg.norm(mesh.corners - middle[:, None], axis=2).max(axis=1) + within
    near = cKDTree(points).query_ball_point(middle, reach)
    for triangle, chosen in zip(mesh.corners, near, strict=True):
        if chosen:
            gap[chosen] = np.minimum(gap[chosen], triangle_distance(triangle, points[chosen]))
    low, high = mesh.corners.min(axis=(0, 1)), mesh.corners.max(axis=(0, 1))
    boxed = ((points > low) & (points < high)).all(axis=1)
    inside = np.zeros(len(points), bool)
    inside[boxed] = inside_mesh(mesh, points[boxed])
    return np.where(inside, -gap, gap)


def triangle_distance(triangle: FloatArray, points: FloatArray) -> FloatArray:
    """Distance (m) of points (n, 3) from a triangle: from its plane where they lie above it, else from its nearest side."""
    distance = np.full(len(points), np.inf)
    above = np.ones(len(points), bool)
    normal = np.cross(triangle[1] - triangle[0], triangle[2] - triangle[0])
    length = float(np.linalg.norm(normal))
    for k in range(3):
        begin, side = triangle[k], triangle[(k + 1) % 3] - triangle[k]
        away = points - begin
        along = np.clip(away @ side / max(float(side @ side), 1e-300), 0, 1)
        distance = np.minimum(distance, np.linalg.norm(away - along[:, None] * side, axis=1))
        above &= away @ np.cross(normal, side) >= 0
    if length > 0:
        height = np.abs((points - triangle[0]) @ normal) / length
        distance[above] = height[above]
    return distance
