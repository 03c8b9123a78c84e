# mypy: ignore-errors
# Warp compiles the functions below with strict types of its own, which Python's types do not describe
"""One step in stages, each a launch with one thread a particle: for CUDA."""

import warp as wp

from cathodelab.simulation.dem.kernels.driven_bodies import DrivenBodies, RelistLimits, drive_body, travel
from cathodelab.simulation.dem.kernels.leapfrog import kick_and_drift
from cathodelab.simulation.dem.kernels.near_pairs import NearPairs, allowed_travel
from cathodelab.simulation.dem.kernels.normal_laws import Law, real
from cathodelab.simulation.dem.kernels.pairs import (
    Block,
    CollisionTotals,
    ContactRows,
    Events,
    ParticleArrays,
    ParticleLoads,
    StepConstants,
    apply_row,
)
from cathodelab.simulation.dem.kernels.surface_distance import Surface
from cathodelab.simulation.dem.kernels.wall_features import Pose
from cathodelab.simulation.dem.kernels.walls import BodyLoads, apply_walls_to_particle

FAR = wp.constant(real(1e300))  # no surface is skipped
LANES = wp.constant(
    16
)  # places for each sum over particles, because threads that write to one place wait for each other


@wp.func
def own_block(i: wp.int32) -> Block:
    """Particle i as a block of its own, with one of the places for sums."""
    block = Block()
    block.lane = i % LANES
    return block


@wp.kernel(launch_bounds=(256, 2))
def pair_forces(
    constants: StepConstants,
    laws: wp.array(dtype=Law),
    particles: ParticleArrays,
    rows: ContactRows,
    loads: ParticleLoads,
    totals: CollisionTotals,
    events: Events,
):
    """Forces of the pairs of one particle.

    The launch bounds hold the compiler to 128 registers; with all that it asks for,
    a multiprocessor would take one block only.
    """
    i = wp.tid()
    apply_row(i, own_block(i), constants, laws, particles, rows, loads, totals, events)


@wp.kernel
def wall_forces(
    constants: StepConstants,
    laws: wp.array(dtype=Law),
    particles: ParticleArrays,
    rows: ContactRows,
    surfaces: wp.array(dtype=Surface),
    poses: wp.array(dtype=Pose),
    bodies: wp.int32,
    loads: ParticleLoads,
    totals: CollisionTotals,
    events: Events,
    body_loads: BodyLoads,
):
    """Forces of the surfaces on one particle, in the thread of its first listed surface: most particles have none."""
    k = wp.tid()
    i = rows.owner[k]
    if rows.start[i] == k:
        block = own_block(i)
        apply_walls_to_particle(
            i, block, constants, laws, particles, rows, surfaces, poses, bodies, loads, totals, events, body_loads, FAR
        )


@wp.kernel
def moves(
    constants: StepConstants,
    particles: ParticleArrays,
    loads: ParticleLoads,
    listed: wp.array(dtype=wp.vec3d),
    farthest: wp.array(dtype=real),
):
    """Move one particle."""
    i = wp.tid()
    way2, speed2 = kick_and_drift(i, i + 1, constants, particles, loads, listed)
    wp.atomic_max(farthest, 0, way2)
    wp.atomic_max(farthest, 1, speed2)


@wp.kernel
def drives(dt: real, driven: DrivenBodies, poses: wp.array(dtype=Pose), body_loads: BodyLoads):
    """Move one body."""
    drive_body(wp.tid(), LANES, dt, driven, poses, body_loads)


@wp.kernel
def tick(
    dt: real,
    bodies: wp.int32,
    driven: DrivenBodies,
    farthest: wp.array(dtype=real),
    picks: NearPairs,
    limits: RelistLimits,
    since: wp.array(dtype=real),
    latest: wp.array(dtype=real),
    left: wp.array(dtype=wp.int32),
):
    """Count the step; ``latest`` as in :func:`many_steps_cpu.many_steps`. ``left`` becomes 0 when lists must be made again."""
    driven.clock[0] = driven.clock[0] + dt
    way2, speed2, moved = travel(1, bodies, driven, farthest)
    # not reset to zero, from where every particle would raise it in turn: it decays, by a hundredth a step at most
    farthest[1] = real(0.98) * speed2
    way = wp.sqrt(way2)
    speed = wp.sqrt(speed2)
    since[0] = since[0] + speed * dt
    far = since[0] > allowed_travel(picks, since[1])
    latest[0] = way
    latest[1] = speed
    latest[2] = moved
    latest[3] = latest[3] + speed * dt
    latest[4] = latest[4] + real(1.0)
    latest[5] = wp.where(far, real(1.0), real(0.0))
    latest[6] = real(limits.room)
    if far or way > limits.way or way + limits.way_then + moved > limits.margin:
        left[0] = 0
    else:
        left[0] = left[0] - 1
