# mypy: ignore-errors
# Warp compiles the functions below with strict types of its own, which Python's types do not describe
"""Surfaces near each particle: found one by one, or through a grid over triangles; histories are copied.

Every launch works on the particles from ``offset`` on.
"""

import warp as wp

from cathodelab.simulation.dem.kernels.normal_laws import ZERO, real
from cathodelab.simulation.dem.kernels.pairs import ContactRows, StepConstants
from cathodelab.simulation.dem.kernels.surface_distance import Surface, nearest
from cathodelab.simulation.dem.kernels.wall_features import Pose, in_frame


@wp.struct
class MeshGrid:
    """Cells over the triangles of one body, each with the triangles that may be near."""

    body: wp.int32
    low: wp.vec3d
    size: real
    nx: wp.int32
    ny: wp.int32
    nz: wp.int32
    first: wp.int32  # index of this grid's first cell among all cells


@wp.func
def triangle_cell(grid: MeshGrid, x: wp.vec3d) -> wp.int32:
    """Cell of a point in the body's frame, -1 outside."""
    a = (x[0] - grid.low[0]) / grid.size
    b = (x[1] - grid.low[1]) / grid.size
    c = (x[2] - grid.low[2]) / grid.size
    cell = wp.int32(-1)
    if a >= ZERO and b >= ZERO and c >= ZERO:
        ia = wp.int32(a)
        ib = wp.int32(b)
        ic = wp.int32(c)
        if ia < grid.nx and ib < grid.ny and ic < grid.nz:
            cell = grid.first + (ic * grid.ny + ib) * grid.nx + ia
    return cell


@wp.func
def is_near(s: Surface, x: wp.vec3d, reach: real) -> bool:
    """Whether a surface is within reach: on either side, except for a plane."""
    point, gap, n, face = nearest(s, x)
    return gap < reach and (s.kind == 0 or gap > -reach)


@wp.kernel
def find_surfaces(
    offset: wp.int32,
    margins: wp.array(dtype=real),
    plain: wp.int32,
    width: wp.int32,
    position: wp.array(dtype=wp.vec4d),
    surfaces: wp.array(dtype=Surface),
    poses: wp.array(dtype=Pose),
    grids: wp.array(dtype=MeshGrid),
    cells: wp.array(dtype=wp.int32),
    members: wp.array(dtype=wp.int32),
    found: wp.array(dtype=wp.int32),
    count: wp.array(dtype=wp.int32),
):
    """Find surfaces within reach plus the margin of their body: the first ``plain`` one by one, triangles through their grid."""
    i = offset + wp.tid()
    p = position[i]
    x = wp.vec3d(p[0], p[1], p[2])
    total = wp.int32(0)
    for e in range(plain):
        s = surfaces[e]
        if is_near(s, in_frame(poses[s.body], x), p[3] + margins[s.body]):
            if total < width:
                found[i * width + total] = e
            total += 1
    for g in range(grids.shape[0]):
        grid = grids[g]
        xb = in_frame(poses[grid.body], x)
        cell = triangle_cell(grid, xb)
        if cell >= 0:
            for m in range(cells[cell], cells[cell + 1]):
                e = members[m]
                if is_near(surfaces[e], xb, p[3] + margins[grid.body]):
                    if total < width:
                        found[i * width + total] = e
                    total += 1
    count[i] = total


@wp.kernel
def fill_surface_rows(
    offset: wp.int32,
    width: wp.int32,
    constants: StepConstants,
    order: wp.array(dtype=wp.int32),
    found: wp.array(dtype=wp.int32),
    old: ContactRows,
    fresh: ContactRows,
):
    """Copy rows to their places with the histories of contacts."""
    i = offset + wp.tid()
    before = order[i]
    first = fresh.start[i]
    for k in range(fresh.start[i + 1] - first):
        e = found[i * width + k]
        code = e
        fresh.memory[first + k] = wp.vec2d()
        for m in range(old.start[before], old.start[before + 1]):
            if old.code[m] == -1 - e:
                code = -1 - e
                fresh.spring[first + k] = old.spring[m]
                fresh.memory[first + k] = old.memory[m]
                if constants.damped > 0:
                    fresh.damped[first + k] = old.damped[m]
                    fresh.viscous[first + k] = old.viscous[m]
                if constants.rolling > 0:
                    fresh.roll[first + k] = old.roll[m]
        fresh.owner[first + k] = i
        fresh.code[first + k] = code
