"""Places for particles on a lattice: free of bodies and of each other, from below upwards."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from cathodelab.core.arrays import FloatArray
from cathodelab.core.errors import CathodelabError
from cathodelab.simulation.dem.case import Case
from cathodelab.simulation.dem.equipment.bodies import Body, Mesh
from cathodelab.simulation.dem.equipment.distances import mesh_gap, signed_gap
from cathodelab.simulation.dem.equipment.kinematics import rotation_of
from cathodelab.simulation.dem.state import Poses


def free_of_bodies(
    bodies: tuple[Body, ...], points: FloatArray, radius: FloatArray | float, poses: Poses | None = None
) -> np.ndarray:
    """Which spheres of these radii (m) at these points touch no body; where the bodies are at the start, or in ``poses``."""
    free = np.ones(len(points), bool)
    radii = np.broadcast_to(np.asarray(radius, float), (len(points),))
    for number, body in enumerate(bodies):
        local = points - (np.array(body.origin) if poses is None else poses.origin[number])
        if poses is not None:
            local = local @ rotation_of(poses.turn[number])
        for surface in body.surfaces:
            if isinstance(surface, Mesh):
                free &= mesh_gap(surface, local, 1.2 * float(radii.max(initial=0.0))) > 1.1 * radii
            else:
                free &= signed_gap(surface, local) > radii
    return free


def lattice_fill(
    case: Case,
    count: int,
    radius: float,
    low: tuple[float, float, float],
    high: tuple[float, float, float],
    seed: int = 1,
    spacing: float = 2.06,
    beside: tuple[FloatArray, float] | None = None,
) -> FloatArray:
    """``count`` places on a jittered cubic lattice in a box, free of bodies, filled against gravity from below.

    ``beside`` are places and radius of spheres that are there already.

    Raises:
        CathodelabError: ``dem-no-room`` if the box holds fewer.
    """
    pitch = spacing * radius
    lines = [np.arange(lo + 1.03 * radius, hi - 1.02 * radius, pitch) for lo, hi in zip(low, high, strict=True)]
    points = np.stack(np.meshgrid(*lines, indexing="ij"), axis=-1).reshape(-1, 3)
    rng = np.random.default_rng(seed)
    points = points + rng.uniform(-0.4, 0.4, points.shape) * (pitch - 2 * radius)
    points = points[free_of_bodies(case.bodies, points, radius)]
    if beside is not None and len(beside[0]):
        points = points[cKDTree(beside[0]).query(points)[0] > beside[1] + 1.02 * radius]
    if len(points) < count:
        raise CathodelabError(
            "dem-no-room",
            f"There is room for {len(points)} of {count} particles",
            where="filling",
            why="They start on a lattice that touches nothing.",
            what_to_do="Fill less, use a larger machine or finer particles.",
        )
    down = np.array(case.gravity)
    order = np.argsort(-(points @ down) if down.any() else rng.permutation(len(points)), kind="stable")
    chosen: FloatArray = points[order[:count]]
    return chosen
