# mypy: ignore-errors
# Warp compiles the functions below with strict types of its own, which Python's types do not describe
"""Many steps in one launch on the threads of a CPU, which share out blocks of particles and wait for each other twice a step.

A launch from Python takes some microseconds and a sleeping thread must be woken; in here a step takes only what it
computes. Near pairs are picked again in here too, as long as there is room for them.
"""

import warp as wp

from cathodelab.simulation.dem.kernels.driven_bodies import DrivenBodies, RelistLimits, drive_body, travel
from cathodelab.simulation.dem.kernels.leapfrog import kick_and_drift
from cathodelab.simulation.dem.kernels.near_pairs import NearPairs, allowed_travel, pick_near_pairs
from cathodelab.simulation.dem.kernels.normal_laws import ZERO, Law, gapless_code, real
from cathodelab.simulation.dem.kernels.pairs import (
    Block,
    CollisionTotals,
    ContactRows,
    Events,
    ParticleArrays,
    ParticleLoads,
    StepConstants,
    assume_gapless,
)
from cathodelab.simulation.dem.kernels.pairs_vectorised import Scratch, apply_pairs
from cathodelab.simulation.dem.kernels.surface_distance import Surface
from cathodelab.simulation.dem.kernels.thread_barrier import ThreadTeam, block_at_turn, claim_block, wait_for_all
from cathodelab.simulation.dem.kernels.wall_features import Pose
from cathodelab.simulation.dem.kernels.walls import BodyLoads, apply_walls


@wp.func_native(gapless_code("scratch.entry", "listed", "surfaces", "poses"))
def assume_gapless_too(
    scratch: Scratch, listed: wp.array(dtype=wp.vec3d), surfaces: wp.array(dtype=Surface), poses: wp.array(dtype=Pose)
):
    """The same promise for these arrays."""


@wp.kernel
def many_steps(
    team: ThreadTeam,
    limits: RelistLimits,
    steps: wp.int32,
    constants: StepConstants,
    blocks: wp.array(dtype=Block),
    particles: ParticleArrays,
    loads: ParticleLoads,
    events: Events,
    pair_laws: wp.array(dtype=Law),
    first_room: ContactRows,
    second_room: ContactRows,
    picks: NearPairs,
    scratch: Scratch,
    by_pairs: CollisionTotals,
    wall_laws: wp.array(dtype=Law),
    wall_rows: ContactRows,
    surfaces: wp.array(dtype=Surface),
    poses: wp.array(dtype=Pose),
    bodies: wp.int32,
    by_walls: CollisionTotals,
    body_loads: BodyLoads,
    driven: DrivenBodies,
    listed: wp.array(dtype=wp.vec3d),
    farthest: wp.array(dtype=real),
    since: wp.array(dtype=real),
    latest: wp.array(dtype=real),
    gate: wp.array(dtype=wp.int32),
):
    """Steps until a list must be made again, at most ``steps``.

    ``latest`` gets the three numbers of :func:`travel`, the sum of highest speeds times step, the number of steps, whether
    near pairs must be picked again, and the room that holds the rows. ``since`` is that sum since the last pick, and the
    highest speed then.
    """
    assume_gapless(particles, loads, wall_rows, by_walls)
    assume_gapless_too(scratch, listed, surfaces, poses)
    lanes = blocks.shape[0]
    room = limits.room
    far = wp.int32(0)
    way = ZERO
    speed = ZERO
    walked = ZERO
    gone = since[0]
    allowed = allowed_travel(picks, since[1])
    picked = since[1]
    done = wp.int32(0)
    going = wp.int32(1)
    way2, speed2, moved = travel(lanes, bodies, driven, farthest)
    trek = limits.trek + moved
    while going > 0:
        rows = wp.where(room == 0, first_room, second_room)
        assume_gapless(particles, loads, rows, by_pairs)
        for turn in range(lanes):
            lane = block_at_turn(team, turn, lanes)
            if claim_block(gate, lane, team.threads) > 0:
                block = blocks[lane]
                apply_pairs(block, constants, pair_laws, particles, rows, scratch, loads, by_pairs, events)
                if bodies > 0:
                    apply_walls(
                        block.low, block.high, block, constants, wall_laws, particles, wall_rows, surfaces, poses,
                        bodies, loads,
                        by_walls, events, body_loads, trek,
                    )  # fmt: skip
        # no particle may move while another thread still reads its position
        wait_for_all(gate, team.threads, team.give_way)
        if team.thread == 0:
            for body in range(bodies):
                drive_body(body, lanes, constants.dt, driven, poses, body_loads)
            driven.clock[0] = driven.clock[0] + constants.dt
        for turn in range(lanes):
            lane = block_at_turn(team, turn, lanes)
            if claim_block(gate, lane, team.threads) > 0:
                block = blocks[lane]
                way2, speed2 = kick_and_drift(block.low, block.high, constants, particles, loads, listed)
                farthest[2 * lane] = wp.max(farthest[2 * lane], way2)
                farthest[2 * lane + 1] = speed2
        wait_for_all(gate, team.threads, team.give_way)
        # no thread writes this before the next barrier, so all threads decide alike
        way2, speed2, moved = travel(lanes, bodies, driven, farthest)
        way = wp.sqrt(way2)
        speed = wp.sqrt(speed2)
        gone = gone + speed * constants.dt
        walked = walked + speed * constants.dt
        trek = limits.trek + walked + moved
        done = done + 1
        far = wp.where(gone > allowed, 1, 0)
        if done >= steps or way > limits.way or way + limits.way_then + moved > limits.margin:
            going = wp.int32(0)
        elif far > 0:
            fresh = wp.where(room == 0, second_room, first_room)
            going = pick_near_pairs(team, blocks, speed, picks, constants, particles, rows, fresh, gate)
            if going > 0:
                room = 1 - room
                far = wp.int32(0)
                gone = ZERO
                picked = speed
                allowed = allowed_travel(picks, speed)
    if team.thread == 0:
        since[0] = gone
        since[1] = picked
        latest[0] = way
        latest[1] = speed
        latest[2] = moved
        latest[3] = walked
        latest[4] = real(done)
        latest[5] = real(far)
        latest[6] = real(room)
