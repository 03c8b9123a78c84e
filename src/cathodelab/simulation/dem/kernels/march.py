# mypy: ignore-errors
# the bodies below are Warp's language, compiled by Warp with its own strict types; Python's types do not describe them
"""Many steps in one launch, on the threads of a CPU: each has its blocks of particles and waits for the others twice a step.

From Python a launch costs some microseconds and a thread that sleeps must be woken; in here a step costs what it computes.
"""

import warp as wp

from cathodelab.simulation.dem.kernels.batches import Notes, push_pairs
from cathodelab.simulation.dem.kernels.bodies import Driven, drive_body, gone_so_far
from cathodelab.simulation.dem.kernels.law import ZERO, Law, gapless, real
from cathodelab.simulation.dem.kernels.motion import kick_and_drift
from cathodelab.simulation.dem.kernels.pairs import Block, Booked, Common, Events, Moving, Push, Rows, packed
from cathodelab.simulation.dem.kernels.shapes import Surface
from cathodelab.simulation.dem.kernels.walls import Felt, Pose, push_walls


@wp.struct
class Team:
    """One of some threads, and the blocks it works on."""

    thread: wp.int32
    threads: wp.int32
    first: wp.int32
    last: wp.int32
    give_way: wp.int64  # address of the system's function that lets another thread run


@wp.struct
class Watch:
    """When lists must be made anew: farthest way of a particle, sum of highest speeds times step, way of a surface (m).

    ``trek`` is the sum of highest speeds times step since the surfaces near each particle were listed.
    """

    way: real
    allowed: real
    margin: real
    way_then: real
    trek: real


_MEET = """
    if (threads > 1) {
        const int turn = __atomic_load_n(gate.data + 16, __ATOMIC_ACQUIRE);
        if (__atomic_add_fetch(gate.data, 1, __ATOMIC_ACQ_REL) == threads) {
            __atomic_store_n(gate.data, 0, __ATOMIC_RELAXED);
            __atomic_store_n(gate.data + 16, turn + 1, __ATOMIC_RELEASE);
        } else {
            // the others are some microseconds away unless the system has put one aside: then it needs this core
            for (int spins = 0; __atomic_load_n(gate.data + 16, __ATOMIC_ACQUIRE) == turn; ++spins) {
                if (spins < 4000) {
#if defined(__x86_64__)
                    __builtin_ia32_pause();
#endif
                } else {
                    reinterpret_cast<wp::int32 (*)(void)>(give_way)();
                }
            }
        }
    }
"""


@wp.func_native(_MEET)
def meet(gate: wp.array(dtype=wp.int32), threads: wp.int32, give_way: wp.int64):
    """Wait until all threads are here."""


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
    pair_rows: Rows,
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
    latest: wp.array(dtype=real),
    gate: wp.array(dtype=wp.int32),
):
    """Steps until lists must be made anew, at most ``steps``; ``latest`` says which and how many were done.

    It holds the three numbers of :func:`gone_so_far`, the sum of highest speeds times step, and the number of steps.
    """
    packed(moving, push, pair_rows, by_pairs)
    packed(moving, push, wall_rows, by_walls)
    packed_too(notes, listed, surfaces, poses)
    lanes = blocks.shape[0]
    way = ZERO
    speed = ZERO
    gone = ZERO
    done = wp.int32(0)
    going = wp.int32(1)
    way2, speed2, moved = gone_so_far(lanes, bodies, driven, farthest)
    trek = watch.trek + moved
    while going > 0:
        for lane in range(team.first, team.last):
            block = blocks[lane]
            push_pairs(block, common, pair_laws, moving, pair_rows, notes, push, by_pairs, events)
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
        for lane in range(team.first, team.last):
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
        trek = watch.trek + gone + moved
        done = done + 1
        if done >= steps or gone > watch.allowed or way > watch.way or way + watch.way_then + moved > watch.margin:
            going = wp.int32(0)
    if team.thread == 0:
        latest[0] = way
        latest[1] = speed
        latest[2] = moved
        latest[3] = gone
        latest[4] = real(done)
