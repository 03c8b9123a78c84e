# mypy: ignore-errors
# the bodies below are Warp's language, compiled by Warp with its own strict types; Python's types do not describe them
"""One step in stages, each a launch with a thread for every particle: CUDA."""

import warp as wp

from cathodelab.simulation.dem.kernels.bodies import Driven, Watch, drive_body, gone_so_far
from cathodelab.simulation.dem.kernels.law import Law, real
from cathodelab.simulation.dem.kernels.motion import kick_and_drift
from cathodelab.simulation.dem.kernels.pairs import Block, Booked, Common, Events, Moving, Push, Rows, push_row
from cathodelab.simulation.dem.kernels.picking import Picking, lasts
from cathodelab.simulation.dem.kernels.shapes import Surface
from cathodelab.simulation.dem.kernels.walls import Felt, Pose, push_by_row

FAR = wp.constant(real(1e300))  # every surface is looked at
LANES = wp.constant(16)  # places for each sum over particles: threads that write to one place wait for each other


@wp.func
def alone(i: wp.int32) -> Block:
    """Particle i as its own block, with one of the places for sums."""
    block = Block()
    block.lane = i % LANES
    return block


@wp.kernel(launch_bounds=(256, 2))
def pair_forces(
    common: Common,
    laws: wp.array(dtype=Law),
    moving: Moving,
    rows: Rows,
    push: Push,
    booked: Booked,
    events: Events,
):
    """Forces of the pairs of one particle.

    The bounds hold the compiler to 128 registers: with all it asks for, one block is all that a multiprocessor takes.
    """
    i = wp.tid()
    push_row(i, alone(i), common, laws, moving, rows, push, booked, events)


@wp.kernel
def wall_forces(
    common: Common,
    laws: wp.array(dtype=Law),
    moving: Moving,
    rows: Rows,
    surfaces: wp.array(dtype=Surface),
    poses: wp.array(dtype=Pose),
    bodies: wp.int32,
    push: Push,
    booked: Booked,
    events: Events,
    felt: Felt,
):
    """Forces of the surfaces on one particle: the thread of its first listed surface; most particles have none."""
    k = wp.tid()
    i = rows.owner[k]
    if rows.start[i] == k:
        block = alone(i)
        push_by_row(i, block, common, laws, moving, rows, surfaces, poses, bodies, push, booked, events, felt, FAR)


@wp.kernel
def moves(
    common: Common,
    moving: Moving,
    push: Push,
    listed: wp.array(dtype=wp.vec3d),
    farthest: wp.array(dtype=real),
):
    """One particle moves."""
    i = wp.tid()
    way2, speed2 = kick_and_drift(i, i + 1, common, moving, push, listed)
    wp.atomic_max(farthest, 0, way2)
    wp.atomic_max(farthest, 1, speed2)


@wp.kernel
def drives(dt: real, driven: Driven, poses: wp.array(dtype=Pose), felt: Felt):
    """One body moves."""
    drive_body(wp.tid(), LANES, dt, driven, poses, felt)


@wp.kernel
def tick(
    dt: real,
    bodies: wp.int32,
    driven: Driven,
    farthest: wp.array(dtype=real),
    picking: Picking,
    watch: Watch,
    since: wp.array(dtype=real),
    latest: wp.array(dtype=real),
    left: wp.array(dtype=wp.int32),
):
    """One step later; ``latest`` as in :func:`march.march`. Of the steps ``left`` none is once a list must be made anew."""
    driven.clock[0] = driven.clock[0] + dt
    way2, speed2, moved = gone_so_far(1, bodies, driven, farthest)
    # not to zero, from where all particles would raise it and wait for each other: at worst it falls by a hundredth a step
    farthest[1] = real(0.98) * speed2
    way = wp.sqrt(way2)
    speed = wp.sqrt(speed2)
    since[0] = since[0] + speed * dt
    far = since[0] > lasts(picking, since[1])
    latest[0] = way
    latest[1] = speed
    latest[2] = moved
    latest[3] = latest[3] + speed * dt
    latest[4] = latest[4] + real(1.0)
    latest[5] = wp.where(far, real(1.0), real(0.0))
    latest[6] = real(watch.room)
    if far or way > watch.way or way + watch.way_then + moved > watch.margin:
        left[0] = 0
    else:
        left[0] = left[0] - 1
