# mypy: ignore-errors
# the bodies below are Warp's language, compiled by Warp with its own strict types; Python's types do not describe them
"""One step in stages, each a launch with a thread for every particle: CUDA."""

import warp as wp

from cathodelab.simulation.dem.kernels.bodies import Driven, drive_body, gone_so_far
from cathodelab.simulation.dem.kernels.law import Law, real
from cathodelab.simulation.dem.kernels.motion import kick_and_drift
from cathodelab.simulation.dem.kernels.pairs import Block, Booked, Common, Events, Moving, Push, Rows, push_row
from cathodelab.simulation.dem.kernels.picking import Picking, lasts
from cathodelab.simulation.dem.kernels.shapes import Surface
from cathodelab.simulation.dem.kernels.walls import Felt, Pose, push_walls

FAR = wp.constant(real(1e300))  # every surface is looked at


@wp.kernel
def pair_forces(
    block: Block,
    common: Common,
    laws: wp.array(dtype=Law),
    moving: Moving,
    rows: Rows,
    push: Push,
    booked: Booked,
    events: Events,
):
    """Forces of the pairs of one particle."""
    i = wp.tid()
    push_row(i, block, common, laws, moving, rows, push, booked, events)


@wp.kernel
def wall_forces(
    block: Block,
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
    """Forces of the surfaces on one particle."""
    i = wp.tid()
    push_walls(i, i + 1, block, common, laws, moving, rows, surfaces, poses, bodies, push, booked, events, felt, FAR)


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
    drive_body(wp.tid(), 1, dt, driven, poses, felt)


@wp.kernel
def tick(
    dt: real,
    bodies: wp.int32,
    driven: Driven,
    farthest: wp.array(dtype=real),
    picking: Picking,
    room: wp.int32,
    since: wp.array(dtype=real),
    latest: wp.array(dtype=real),
):
    """One step later; ``latest`` as in :func:`march.march`."""
    driven.clock[0] = driven.clock[0] + dt
    way2, speed2, moved = gone_so_far(1, bodies, driven, farthest)
    farthest[1] = real(0.0)
    latest[0] = wp.sqrt(way2)
    latest[1] = wp.sqrt(speed2)
    latest[2] = moved
    latest[3] = latest[1] * dt
    latest[4] = real(1.0)
    since[0] = since[0] + latest[3]
    latest[5] = wp.where(since[0] > lasts(picking, since[1]), real(1.0), real(0.0))
    latest[6] = real(room)
