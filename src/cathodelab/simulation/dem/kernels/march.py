# mypy: ignore-errors
# the bodies below are Warp's language, compiled by Warp with its own strict types; Python's types do not describe them
"""Many steps in one launch, on the threads of a CPU: they share out blocks of particles and meet twice a step.

From Python a launch costs some microseconds and a thread that sleeps must be woken; in here a step costs what it computes.
Near pairs are picked anew in here too, while there is room for them.
"""

import warp as wp

from cathodelab.simulation.dem.kernels.batches import Notes, push_pairs
from cathodelab.simulation.dem.kernels.bodies import Driven, Watch, drive_body, gone_so_far
from cathodelab.simulation.dem.kernels.law import ZERO, Law, gapless, real
from cathodelab.simulation.dem.kernels.motion import kick_and_drift
from cathodelab.simulation.dem.kernels.pairs import Block, Booked, Common, Events, Moving, Push, Rows, packed
from cathodelab.simulation.dem.kernels.picking import Picking, lasts, pick_anew
from cathodelab.simulation.dem.kernels.shapes import Surface
from cathodelab.simulation.dem.kernels.team import Team, in_turn, meet, take
from cathodelab.simulation.dem.kernels.walls import Felt, Pose, push_walls


@wp.func_native(gapless("notes.entry", "listed", "surfaces", "poses"))
def packed_too(
    notes: Notes, listed: wp.array(dtype=wp.vec3d), surfaces: wp.array(dtype=Surface), poses: wp.array(dtype=Pose)
):
    """None of these either."""


@wp.kernel
def march(
    team: Team,
    watch: Watch,
    steps: wp.int32,
    common: Common,
    blocks: wp.array(dtype=Block),
    moving: Moving,
    push: Push,
    events: Events,
    pair_laws: wp.array(dtype=Law),
    first_room: Rows,
    second_room: Rows,
    picking: Picking,
    notes: Notes,
    by_pairs: Booked,
    wall_laws: wp.array(dtype=Law),
    wall_rows: Rows,
    surfaces: wp.array(dtype=Surface),
    poses: wp.array(dtype=Pose),
    bodies: wp.int32,
    by_walls: Booked,
    felt: Felt,
    driven: Driven,
    listed: wp.array(dtype=wp.vec3d),
    farthest: wp.array(dtype=real),
    since: wp.array(dtype=real),
    latest: wp.array(dtype=real),
    gate: wp.array(dtype=wp.int32),
):
    """Steps until a list must be made anew, at most ``steps``; ``latest`` says which and how many were done.

    It holds the three numbers of :func:`gone_so_far`, the sum of highest speeds times step, the number of steps, whether near
    pairs must be picked anew, and which rows stand. ``since``: that sum since the last pick and the highest speed then.
    """
    packed(moving, push, wall_rows, by_walls)
    packed_too(notes, listed, surfaces, poses)
    lanes = blocks.shape[0]
    room = watch.room
    far = wp.int32(0)
    way = ZERO
    speed = ZERO
    walked = ZERO
    gone = since[0]
    allowed = lasts(picking, since[1])
    picked = since[1]
    done = wp.int32(0)
    going = wp.int32(1)
    way2, speed2, moved = gone_so_far(lanes, bodies, driven, farthest)
    trek = watch.trek + moved
    while going > 0:
        rows = wp.where(room == 0, first_room, second_room)
        packed(moving, push, rows, by_pairs)
        for turn in range(lanes):
            lane = in_turn(team, turn, lanes)
            if take(gate, lane, team.threads) > 0:
                block = blocks[lane]
                push_pairs(block, common, pair_laws, moving, rows, notes, push, by_pairs, events)
                if bodies > 0:
                    push_walls(
                        block.low, block.high, block, common, wall_laws, moving, wall_rows, surfaces, poses, bodies, push,
                        by_walls, events, felt, trek,
                    )  # fmt: skip
        # nobody may move while another still looks at where it is
        meet(gate, team.threads, team.give_way)
        if team.thread == 0:
            for body in range(bodies):
                drive_body(body, lanes, common.dt, driven, poses, felt)
            driven.clock[0] = driven.clock[0] + common.dt
        for turn in range(lanes):
            lane = in_turn(team, turn, lanes)
            if take(gate, lane, team.threads) > 0:
                block = blocks[lane]
                way2, speed2 = kick_and_drift(block.low, block.high, common, moving, push, listed)
                farthest[2 * lane] = wp.max(farthest[2 * lane], way2)
                farthest[2 * lane + 1] = speed2
        meet(gate, team.threads, team.give_way)
        # what all read here nobody writes before the next meeting, so all decide alike
        way2, speed2, moved = gone_so_far(lanes, bodies, driven, farthest)
        way = wp.sqrt(way2)
        speed = wp.sqrt(speed2)
        gone = gone + speed * common.dt
        walked = walked + speed * common.dt
        trek = watch.trek + walked + moved
        done = done + 1
        far = wp.where(gone > allowed, 1, 0)
        if done >= steps or way > watch.way or way + watch.way_then + moved > watch.margin:
            going = wp.int32(0)
        elif far > 0:
            fresh = wp.where(room == 0, second_room, first_room)
            going = pick_anew(team, blocks, speed, picking, common, moving, rows, fresh, gate)
            if going > 0:
                room = 1 - room
                far = wp.int32(0)
                gone = ZERO
                picked = speed
                allowed = lasts(picking, speed)
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
