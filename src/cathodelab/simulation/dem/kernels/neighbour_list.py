# mypy: ignore-errors
# Warp compiles the functions below with strict types of its own, which Python's types do not describe
"""Neighbour list: particles sorted by cell, rows counted and filled, histories of contacts copied.

Every launch works on the particles from ``offset`` on, so that several threads can share the work.
"""

import warp as wp

from cathodelab.simulation.dem.kernels.near_pairs import (
    NearPairs,
    copy_history,
    copy_row,
    find_near,
    is_within,
    margin_at,
)
from cathodelab.simulation.dem.kernels.normal_laws import real
from cathodelab.simulation.dem.kernels.pairs import ContactRows, StepConstants


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
    """Cell of a place; a place outside belongs to the nearest cell at the border."""
    x = wp.clamp(wp.int32((p[0] - grid.low[0]) / grid.size), 0, grid.nx - 1)
    y = wp.clamp(wp.int32((p[1] - grid.low[1]) / grid.size), 0, grid.ny - 1)
    z = wp.clamp(wp.int32((p[2] - grid.low[2]) / grid.size), 0, grid.nz - 1)
    return x, y, z


@wp.kernel
def corners(offset: wp.int32, lanes: wp.int32, position: wp.array(dtype=wp.vec4d), found: wp.array(dtype=wp.vec3d)):
    """Lowest and highest place on each axis. Each thread takes many particles, because all write to the same two places."""
    low = found[0]
    high = found[1]
    for i in range(offset + wp.tid(), position.shape[0], lanes):
        p = position[i]
        place = wp.vec3d(p[0], p[1], p[2])
        low = wp.min(low, place)
        high = wp.max(high, place)
    wp.atomic_min(found, 0, low)
    wp.atomic_max(found, 1, high)


@wp.kernel
def cell_keys(
    offset: wp.int32,
    grid: Grid,
    position: wp.array(dtype=wp.vec4d),
    key: wp.array(dtype=wp.int32),
    order: wp.array(dtype=wp.int32),
):
    """Number of the cell that each particle is in."""
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


@wp.struct
class CarriedArrays:
    """All arrays that are sorted together with the particles."""

    position: wp.array(dtype=wp.vec4d)
    velocity: wp.array(dtype=wp.vec4d)
    spin: wp.array(dtype=wp.vec4d)
    material: wp.array(dtype=wp.int32)
    identity: wp.array(dtype=wp.int32)
    pair_work: wp.array(dtype=wp.vec3d)
    wall_work: wp.array(dtype=wp.vec3d)
    begun: wp.array(dtype=wp.int32)
    ended: wp.array(dtype=wp.int32)


@wp.kernel
def carry(
    offset: wp.int32, order: wp.array(dtype=wp.int32), source: CarriedArrays, target: CarriedArrays,
    listed: wp.array(dtype=wp.vec3d)
):  # fmt: skip
    """Move everything of a particle to its new place; ``listed`` keeps its position."""
    i = offset + wp.tid()
    was = order[i]
    p = source.position[was]
    target.position[i] = p
    target.velocity[i] = source.velocity[was]
    target.spin[i] = source.spin[was]
    target.material[i] = source.material[was]
    target.identity[i] = source.identity[was]
    target.pair_work[i] = source.pair_work[was]
    target.wall_work[i] = source.wall_work[was]
    target.begun[i] = source.begun[was]
    target.ended[i] = source.ended[was]
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
    """Find partners within reach plus skin, in rows of ``width``; ``count`` may exceed it, then the rest is not written."""
    i = offset + wp.tid()
    p = position[i]
    x, y, z = cell_of(grid, p)
    above = i + 1  # first particle after this block, or simply the next one where every particle is a block
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
                # the partner with the higher number owns a pair: the others were in use shortly before and are in the cache
                if (j < i or j >= above) and is_within(p, position[j], skin):
                    if total < width:
                        found[row + total] = j
                    total += 1
    count[i] = total


@wp.kernel
def keep_near(offset: wp.int32, speed: real, position: wp.array(dtype=wp.vec4d), picks: NearPairs):
    """Note the listed partners that can touch within the next steps."""
    i = offset + wp.tid()
    picks.count[i] = find_near(i, margin_at(picks, speed), position, picks)


@wp.kernel
def take_rows(offset: wp.int32, picks: NearPairs, constants: StepConstants, old: ContactRows, fresh: ContactRows):
    """Copy the rows of particles whose places have not changed."""
    i = offset + wp.tid()
    copy_row(i, fresh.start[i], picks, constants, old, fresh)


@wp.kernel
def fill_rows(
    offset: wp.int32,
    width: wp.int32,
    constants: StepConstants,
    order: wp.array(dtype=wp.int32),
    found: wp.array(dtype=wp.int32),
    old: ContactRows,
    fresh: ContactRows,
):
    """Copy rows to new places; the old history of a pair is in the row of the partner with the higher old place."""
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
                copy_history(constants, side, old, m, fresh, first + k)
        fresh.owner[first + k] = i
        fresh.code[first + k] = code
