"""Bodies as flat arrays: plain surfaces first, then triangles, each mesh with a grid of the triangles near a cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.simulation.dem.equipment.bodies import PLANE, REVOLVED, TRIANGLE, Body, Mesh, Plane, Revolved
from cathodelab.simulation.dem.state import IntArray


@dataclass(frozen=True, eq=False)
class GridArrays(ReadOnlyArrays):
    """Cells over the triangles of one body."""

    body: int
    low: FloatArray
    size: float
    shape: tuple[int, int, int]
    first: int


@dataclass(frozen=True, eq=False)
class SurfaceArrays(ReadOnlyArrays):
    """All surfaces of all bodies.

    ``plain`` is the number of surfaces before the triangles, ``reach`` for each body the radius about its origin
    within which turning moves its surfaces (0 where turning changes nothing).
    """

    bodies: tuple[Body, ...]
    kind: IntArray
    body: IntArray
    two_sided: IntArray
    a: FloatArray
    b: FloatArray
    c: FloatArray
    plain: int
    grids: tuple[GridArrays, ...]
    cells: IntArray
    members: IntArray
    reach: FloatArray


def surface_arrays(bodies: Sequence[Body], around: float) -> SurfaceArrays:
    """The arrays; each cell of a grid lists the triangles within ``around`` (m) of it."""
    rows: list[tuple[int, int, int, Any, Any, Any]] = []
    reach = np.zeros(len(bodies))
    for number, body in enumerate(bodies):
        for one in body.surfaces:
            if isinstance(one, Plane):
                normal = np.array(one.normal) / np.linalg.norm(one.normal)
                rows.append((PLANE, number, 0, one.point, normal, (0, 0, 0, 0)))
            elif isinstance(one, Revolved):
                axis = np.array(one.axis) / np.linalg.norm(one.axis)
                rows.append((REVOLVED, number, int(one.two_sided), one.point, axis, np.ravel(one.ends)))
            if body.motion.rate and not _turns_into_itself(one, body):
                reach[number] = max(reach[number], _extent(one))
    plain, grids, cells, members = len(rows), [], [np.zeros(1, np.int64)], [np.zeros(0, np.int64)]
    filled = 0
    for number, body in enumerate(bodies):
        corners = [one.corners for one in body.surfaces if isinstance(one, Mesh)]
        if not corners:
            continue
        triangles = np.concatenate(corners)
        grid, starts, inside = _grid(triangles, number, around, filled)
        grids.append(grid)
        inside_all = sum(len(part) for part in members)
        cells[-1] = cells[-1][:-1]
        cells.append(starts + inside_all)
        members.append(inside + len(rows))
        filled += len(starts) - 1
        rows.extend((TRIANGLE, number, 0, tri[0], tri[1], (*tri[2], 0.0)) for tri in triangles)
    kind, body_of, two, a, b, c = zip(*rows, strict=True) if rows else ((), (), (), (), (), ())
    return SurfaceArrays(
        tuple(bodies), np.array(kind, np.int32), np.array(body_of, np.int32), np.array(two, np.int32),
        np.array(a, float).reshape(-1, 3), np.array(b, float).reshape(-1, 3), np.array(c, float).reshape(-1, 4),
        plain, tuple(grids), np.concatenate(cells).astype(np.int32), np.concatenate(members).astype(np.int32), reach,
    )  # fmt: skip


def _turns_into_itself(surface: object, body: Body) -> bool:
    axis = np.array(body.motion.axis) / np.linalg.norm(body.motion.axis)
    if isinstance(surface, Plane):
        return bool(np.allclose(np.cross(surface.normal, axis), 0, atol=1e-12))
    if isinstance(surface, Revolved):
        along = np.allclose(np.cross(surface.axis, axis), 0, atol=1e-12)
        return bool(along and np.allclose(np.cross(surface.point, axis), 0, atol=1e-12))
    return False


def _extent(surface: object) -> float:
    """Farthest way from the body's origin; a tilted plane that turns is bounded by a metre."""
    if isinstance(surface, Mesh):
        return float(np.linalg.norm(surface.corners, axis=2).max())
    if isinstance(surface, Revolved):
        ends = np.array(surface.ends)
        return float(np.linalg.norm(surface.point) + min(np.linalg.norm(ends, axis=1).max(), 1.0))
    return 1.0


def _grid(
    triangles: FloatArray, body: int, around: float, first: int
) -> tuple[GridArrays, NDArray[np.int64], NDArray[np.int64]]:
    """Cells of twice the reach; in each the triangles whose box, widened by the reach, meets it."""
    low = triangles.min(axis=(0, 1)) - around
    high = triangles.max(axis=(0, 1)) + around
    size = max(2 * around, float((high - low).max()) / 200)
    shape = np.maximum(np.ceil((high - low) / size).astype(int), 1)
    from_cell = np.floor((triangles.min(axis=1) - around - low) / size).astype(int).clip(0, shape - 1)
    to_cell = np.floor((triangles.max(axis=1) + around - low) / size).astype(int).clip(0, shape - 1)
    cell_of, member = [], []
    for number, (start, end) in enumerate(zip(from_cell, to_cell, strict=True)):
        x, y, z = np.meshgrid(*(np.arange(s, e + 1) for s, e in zip(start, end, strict=True)), indexing="ij")
        cells = (z * shape[1] + y) * shape[0] + x
        cell_of.append(cells.ravel())
        member.append(np.full(cells.size, number))
    cell, inside = np.concatenate(cell_of), np.concatenate(member)
    order = np.argsort(cell, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(cell, minlength=int(shape.prod())))])
    nx, ny, nz = (int(one) for one in shape)
    return GridArrays(body, low, size, (nx, ny, nz), first), starts, inside[order]
