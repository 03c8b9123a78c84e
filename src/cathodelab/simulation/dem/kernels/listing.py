# mypy: ignore-errors
# the bodies below are Warp's language, compiled by Warp with its own strict types; Python's types do not describe them
"""Neighbour list: particles sorted by cell, rows counted and filled, histories of touching pairs taken along.

Every launch works on the particles from ``offset`` on, so that several threads can share one.
"""

import warp as wp

from cathodelab.simulation.dem.kernels.law import real
from cathodelab.simulation.dem.kernels.pairs import Common, Rows


@wp.struct
class Grid:
    """Cells of one size over the bounding box of all particles."""

    low: wp.vec3d
    size: real
    nx: wp.int32
    ny: wp.int32
    nz: wp.int32


@wp.func
def cell_of(grid: Grid, p: wp.vec4d):
    """Cell of a place; what is outside belongs to the border cells."""
    x = wp.clamp(wp.int32((p[0] - grid.low[0]) / grid.size), 0, grid.nx - 1)
    y = wp.clamp(wp.int32((p[1] - grid.low[1]) / grid.size), 0, grid.ny - 1)
    z = wp.clamp(wp.int32((p[2] - grid.low[2]) / grid.size), 0, grid.nz - 1)
    return x, y, z


@wp.kernel
def cell_keys(
    offset: wp.int32,
    grid: Grid,
    position: wp.array(dtype=wp.vec4d),
    key: wp.array(dtype=wp.int32),
    order: wp.array(dtype=wp.int32),
):
    """Number of the cell each particle is in."""
    i = offset + wp.tid()
    x, y, z = cell_of(grid, position[i])
    key[i] = (z * grid.ny + y) * grid.nx + x
    order[i] = i


@wp.kernel
def cell_starts(offset: wp.int32, count: wp.int32, key: wp.array(dtype=wp.int32), start: wp.array(dtype=wp.int32)):
    """First particle of each cell, from sorted keys: thread i closes all cells up to its own."""
    i = offset + wp.tid()
    below = wp.int32(-1)
    if i > 0:
        below = key[i - 1]
    here = wp.int32(start.shape[0] - 1)
    if i < count:
        here = key[i]
    for cell in range(below + 1, here + 1):
        start[cell] = i


@wp.kernel
def permute_vec4(
    offset: wp.int32,
    order: wp.array(dtype=wp.int32),
    source: wp.array(dtype=wp.vec4d),
    target: wp.array(dtype=wp.vec4d),
):
    """Values in their new places."""
    i = offset + wp.tid()
    target[i] = source[order[i]]


@wp.kernel
def permute_vec3(
    offset: wp.int32,
    order: wp.array(dtype=wp.int32),
    source: wp.array(dtype=wp.vec3d),
    target: wp.array(dtype=wp.vec3d),
):
    """Values in their new places."""
    i = offset + wp.tid()
    target[i] = source[order[i]]


@wp.kernel
def permute_int(
    offset: wp.int32,
    order: wp.array(dtype=wp.int32),
    source: wp.array(dtype=wp.int32),
    target: wp.array(dtype=wp.int32),
):
    """Values in their new places."""
    i = offset + wp.tid()
    target[i] = source[order[i]]


@wp.kernel
def mark_places(
    offset: wp.int32,
    position: wp.array(dtype=wp.vec4d),
    listed: wp.array(dtype=wp.vec3d),
):
    """Where each particle is when the list is made."""
    i = offset + wp.tid()
    p = position[i]
    listed[i] = wp.vec3d(p[0], p[1], p[2])


@wp.kernel
def find_neighbours(
    offset: wp.int32,
    grid: Grid,
    skin: real,
    bounds: wp.array(dtype=wp.int32),
    width: wp.int32,
    position: wp.array(dtype=wp.vec4d),
    cells: wp.array(dtype=wp.int32),
    found: wp.array(dtype=wp.int32),
    count: wp.array(dtype=wp.int32),
):
    """Partners within reach plus skin. Rows of ``width``; ``count`` may exceed it."""
    i = offset + wp.tid()
    p = position[i]
    x, y, z = cell_of(grid, p)
    above = i + 1  # first after the particle's block: the next one where every particle is a block
    for lane in range(bounds.shape[0] - 1):
        if i >= bounds[lane]:
            above = wp.max(above, bounds[lane + 1])
    total = wp.int32(0)
    row = i * width
    for zz in range(wp.max(z - 1, 0), wp.min(z + 2, grid.nz)):
        for yy in range(wp.max(y - 1, 0), wp.min(y + 2, grid.ny)):
            line = (zz * grid.ny + yy) * grid.nx
            begin = cells[line + wp.max(x - 1, 0)]
            end = cells[line + wp.min(x + 1, grid.nx - 1) + 1]
            for j in range(begin, end):
                # the partner with the higher number owns a pair: its partners were at work shortly before and are in the cache
                if (j < i or j >= above) and is_within(p, position[j], skin):
                    if total < width:
                        found[row + total] = j
                    total += 1
    count[i] = total


@wp.func
def is_within(p: wp.vec4d, q: wp.vec4d, margin: real) -> bool:
    """Whether two particles are nearer than touch plus a margin."""
    dx = p[0] - q[0]
    dy = p[1] - q[1]
    dz = p[2] - q[2]
    far = p[3] + q[3] + margin
    return dx * dx + dy * dy + dz * dz < far * far


@wp.kernel
def keep_near(
    offset: wp.int32,
    margin: real,
    width: wp.int32,
    position: wp.array(dtype=wp.vec4d),
    listed: wp.array(dtype=wp.int32),
    listed_count: wp.array(dtype=wp.int32),
    found: wp.array(dtype=wp.int32),
    count: wp.array(dtype=wp.int32),
):
    """Of the listed partners those that can touch within the next steps."""
    i = offset + wp.tid()
    p = position[i]
    row = i * width
    total = wp.int32(0)
    for k in range(listed_count[i]):
        j = listed[row + k]
        found[row + total] = j
        if is_within(p, position[j], margin):
            total += 1
    count[i] = total


@wp.kernel
def fill_rows(
    offset: wp.int32,
    width: wp.int32,
    common: Common,
    order: wp.array(dtype=wp.int32),
    found: wp.array(dtype=wp.int32),
    old: Rows,
    fresh: Rows,
):
    """Copy the rows to their places; a pair's old history lies in the row of its partner with the higher old index."""
    i = offset + wp.tid()
    before = order[i]
    first = fresh.start[i]
    for k in range(fresh.start[i + 1] - first):
        j = found[i * width + k]
        other = order[j]
        owner = wp.max(before, other)
        wanted = -1 - wp.min(before, other)
        code = j
        for m in range(old.start[owner], old.start[owner + 1]):
            if old.code[m] == wanted:
                code = -1 - j
                side = real(1.0)
                if owner != before:
                    side = real(-1.0)
                s = old.spring[m]
                fresh.spring[first + k] = wp.vec4d(side * s[0], side * s[1], side * s[2], s[3])
                fresh.memory[first + k] = old.memory[m]
                if common.damped > 0:
                    fresh.damped[first + k] = old.damped[m]
                if common.rolling > 0:
                    r = old.roll[m]
                    fresh.roll[first + k] = wp.vec4d(side * r[0], side * r[1], side * r[2], r[3])
        fresh.owner[first + k] = i
        fresh.code[first + k] = code
