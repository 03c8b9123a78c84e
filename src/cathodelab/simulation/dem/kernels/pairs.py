# mypy: ignore-errors
# the bodies below are Warp's language, compiled by Warp with its own strict types; Python's types do not describe them
"""Forces between particles over a neighbour list.

The list of a particle holds every partner outside its block and, inside its block, the partners it owns. A block is
worked on by one thread, which writes to both partners of an owned pair; a partner outside is left to its own thread,
which computes the same pair again. So no two threads write to one place, the result does not depend on the number of
threads, and with one particle a block (CUDA) this is a gather over a full list.

Some particles at a time, in three goes: the listed pairs are looked through, without a branch on what cannot be foreseen,
and those that touch are noted; then their overlaps and normal forces; then friction and what follows. Each go is short enough
for a processor to work on several pairs at once, which hides the time roots and divisions take.
"""

import warp as wp

from cathodelab.simulation.dem.kernels.contact import finished, held, rolled, stored_in, thrust
from cathodelab.simulation.dem.kernels.law import HALF, ONE, ZERO, Law, normal_force, real, recoverable

BATCH = wp.constant(64)  # particles looked through at a time: what they need stays in the cache
PLACE = wp.constant(0x7FFFFFFF)  # an index so masked needs no test whether it counts from the end
EVENT_BINS = wp.constant(96)  # eight a decade of J/kg
EVENT_LOW = wp.constant(wp.float64(-8.0))
OVERLAP_BINS = wp.constant(64)  # of overlap over radius, 1/32 each


@wp.struct
class Common:
    """What holds for all pairs in one step."""

    dt: real
    gravity: wp.vec3d
    materials: wp.int32
    rolling: wp.int32
    damped: wp.int32
    ledger: wp.int32  # 1 in the last step of a run


@wp.struct
class Block:
    """The range of particles one thread works on; on CUDA ``low`` = ``high`` = 0: every particle its own block."""

    low: wp.int32
    high: wp.int32
    lane: wp.int32  # where the block keeps its sums


@wp.struct
class Moving:
    """The particles: place and radius, velocity and mass, spin and moment of inertia, material."""

    position: wp.array(dtype=wp.vec4d)
    velocity: wp.array(dtype=wp.vec4d)
    spin: wp.array(dtype=wp.vec4d)
    material: wp.array(dtype=wp.int32)


@wp.struct
class Rows:
    """Candidates of each particle and the histories of those that touch (their code is ``-1 - other``).

    ``spring`` is displacement and stiffness, ``memory`` the largest overlap and the work lost by friction, ``damped`` the
    work lost in the dashpot, ``stored`` what the normal contact gives back (last step only).
    """

    start: wp.array(dtype=wp.int32)
    owner: wp.array(dtype=wp.int32)  # pairs only
    code: wp.array(dtype=wp.int32)
    spring: wp.array(dtype=wp.vec4d)
    memory: wp.array(dtype=wp.vec2d)
    damped: wp.array(dtype=real)
    roll: wp.array(dtype=wp.vec4d)
    stored: wp.array(dtype=real)


@wp.struct
class Notes:
    """Scratch for the pairs that touch, from ``room`` places a lane on a CPU, in the places of the rows on CUDA."""

    room: wp.int32
    pair: wp.array(dtype=wp.vec2i)  # particle and place in the rows
    way: wp.array(dtype=wp.vec4d)  # unit vector towards the first partner, distance
    press: wp.array(dtype=wp.vec3d)  # normal force, tangential and normal stiffness


@wp.struct
class Booked:
    """What each particle has got: work lost in collisions that ended (three kinds), collisions begun and ended."""

    work: wp.array(dtype=wp.vec3d)
    begun: wp.array(dtype=wp.int32)
    ended: wp.array(dtype=wp.int32)


@wp.struct
class Events:
    """Collisions that ended: counts and work over stress intensity, counts over overlap."""

    count: wp.array(dtype=real)
    work: wp.array(dtype=real)
    overlap: wp.array(dtype=real)
    peak: wp.array(dtype=real)  # largest overlap over radius


@wp.func
def record_event(events: Events, lane: wp.int32, work: real, per_mass: real, overlap: real, radius: real, share: real):
    """Book a collision that ended; ``share`` is 1, or 1/2 where both partners book it."""
    level = wp.int32(0)
    intensity = work * per_mass
    if intensity > ZERO:
        level = wp.int32(wp.floor((wp.log10(intensity) - EVENT_LOW) * real(8.0)))
        level = wp.clamp(level, 0, EVENT_BINS - 1)
    wp.atomic_add(events.count, lane * EVENT_BINS + level, share)
    wp.atomic_add(events.work, lane * EVENT_BINS + level, work * share)
    depth = wp.clamp(wp.int32(overlap / radius * real(32.0)), 0, OVERLAP_BINS - 1)
    wp.atomic_add(events.overlap, lane * OVERLAP_BINS + depth, share)
    wp.atomic_max(events.peak, lane, overlap / radius)


@wp.func
def law_of(
    common: Common, laws: wp.array(dtype=Law), material: wp.array(dtype=wp.int32), i: wp.int32, j: wp.int32
) -> Law:
    """The law between two particles."""
    which = wp.int32(0)
    if common.materials > 1:
        which = material[i] * common.materials + material[j]
    return laws[which]


@wp.func
def parted(
    i: wp.int32, j: wp.int32, k: wp.int32, inside: wp.bool, common: Common, block: Block, laws: wp.array(dtype=Law),
    moving: Moving, rows: Rows, booked: Booked, events: Events,
):  # fmt: skip
    """Book the collision of i with j (entry k) that has ended: half of its work each."""
    ri = moving.position[i][3]
    rj = moving.position[j][3]
    damped = ZERO
    spring = rows.spring[k]
    if common.damped > 0:
        damped = rows.damped[k]
    kept = rows.memory[k]
    lost = finished(law_of(common, laws, moving.material, i, j), kept, ri * rj / (ri + rj), spring, damped)
    if common.rolling > 0:
        lost = lost + wp.vec3d(ZERO, stored_in(rows.roll[k]), ZERO)
    rows.code[k] = j
    share = HALF
    booked.ended[i] = booked.ended[i] + 1
    booked.work[i] = booked.work[i] + HALF * lost
    if inside:
        share = ONE
        booked.ended[j] = booked.ended[j] + 1
        booked.work[j] = booked.work[j] + HALF * lost
    whole = lost[0] + lost[1] + lost[2]
    record_event(events, block.lane, whole, HALF / moving.velocity[i][3], kept[0], wp.min(ri, rj), share)


@wp.func
def pressed(
    m: wp.int32,
    common: Common,
    block: Block,
    laws: wp.array(dtype=Law),
    moving: Moving,
    rows: Rows,
    notes: Notes,
    booked: Booked,
):
    """Direction, overlap and normal force of the pair noted at m; one that has just met begins with an empty history."""
    pair = notes.pair[m]
    i = pair[0] & PLACE
    k = pair[1] & PLACE
    code = rows.code[k]
    j = (code ^ (code >> 31)) & PLACE
    if code >= 0:
        rows.code[k] = -1 - j
        rows.spring[k] = wp.vec4d()
        rows.memory[k] = wp.vec2d()
        if common.damped > 0:
            rows.damped[k] = ZERO
        if common.rolling > 0:
            rows.roll[k] = wp.vec4d()
        booked.begun[i] = booked.begun[i] + 1
        if j >= block.low and j < block.high:
            booked.begun[j] = booked.begun[j] + 1
    here = moving.position[i]
    there = moving.position[j]
    apart = wp.vec3d(here[0] - there[0], here[1] - there[1], here[2] - there[2])
    distance = wp.sqrt(wp.dot(apart, apart))
    n = (ONE / distance) * apart
    reach = here[3] + there[3]
    law = law_of(common, laws, moving.material, i, j)
    kept = rows.memory[k]
    overlap = reach - distance
    largest = wp.max(overlap, kept[0])
    radius = here[3] * there[3] / reach
    normal, tangential, stiffness = normal_force(law, overlap, largest, radius)
    if common.ledger > 0:
        rows.stored[k] = recoverable(law, overlap, largest, radius)
    rows.memory[k] = wp.vec2d(largest, kept[1])
    notes.way[m] = wp.vec4d(n[0], n[1], n[2], distance)
    notes.press[m] = wp.vec3d(normal, tangential, stiffness)


@wp.func
def rubbed(
    m: wp.int32, common: Common, block: Block, laws: wp.array(dtype=Law), moving: Moving, rows: Rows, notes: Notes,
    push: wp.array(dtype=wp.spatial_vectord),
):  # fmt: skip
    """Friction, rolling resistance and damping of the pair noted at m; forces and torques on both."""
    pair = notes.pair[m]
    i = pair[0] & PLACE
    k = pair[1] & PLACE
    j = (-1 - rows.code[k]) & PLACE
    way = notes.way[m]
    press = notes.press[m]
    n = wp.vec3d(way[0], way[1], way[2])
    mine = moving.velocity[i]
    other = moving.velocity[j]
    turning = moving.spin[i]
    otherturn = moving.spin[j]
    wi = wp.vec3d(turning[0], turning[1], turning[2])
    wj = wp.vec3d(otherturn[0], otherturn[1], otherturn[2])
    ri = moving.position[i][3]
    rj = moving.position[j][3]
    # arms that add up to the distance keep the angular momentum
    per_reach = ONE / (ri + rj)
    split = way[3] * per_reach
    li = ri * split
    lj = rj * split
    law = law_of(common, laws, moving.material, i, j)
    mass = ONE
    if common.damped > 0:
        mass = mine[3] * other[3] / (mine[3] + other[3])
    velocity = wp.vec3d(mine[0] - other[0], mine[1] - other[1], mine[2] - other[2])
    f, after, lost, damped, normal = held(
        law, n, press[0], press[1], press[2], mass, velocity, li * wi + lj * wj, rows.spring[k], common.dt
    )
    twist = wp.cross(n, f)
    ti = -li * twist
    tj = -lj * twist
    if common.rolling > 0:
        moment, spun, more = rolled(law, n, wi - wj, rows.roll[k], press[2], normal, ri * rj * per_reach, common.dt)
        rows.roll[k] = spun
        lost = lost + more
        ti = ti + moment
        tj = tj - moment
    if common.damped > 0:
        rows.damped[k] = rows.damped[k] + damped
    rows.spring[k] = after
    kept = rows.memory[k]
    rows.memory[k] = wp.vec2d(kept[0], kept[1] + lost)
    push[i] = push[i] + thrust(f, ti)
    if j >= block.low and j < block.high:
        push[j] = push[j] + thrust(-f, tj)


@wp.func
def push_pairs(
    begin: wp.int32, end: wp.int32, block: Block, common: Common, laws: wp.array(dtype=Law), moving: Moving, rows: Rows,
    notes: Notes, push: wp.array(dtype=wp.spatial_vectord), booked: Booked, events: Events,
):  # fmt: skip
    """Add the forces of all listed pairs of the particles from ``begin`` to ``end``."""
    for low in range(begin, end, BATCH):
        high = wp.min(low + BATCH, end)
        room = block.lane * notes.room
        if notes.room == 0:
            room = rows.start[low]
        filled = room
        # one loop over all their rows: short rows one by one end where no processor foresees it
        for entry in range(rows.start[low & PLACE], rows.start[high & PLACE]):
            k = entry & PLACE
            i = rows.owner[k] & PLACE
            code = rows.code[k]
            j = (code ^ (code >> 31)) & PLACE
            here = moving.position[i]
            there = moving.position[j]
            apart = wp.vec3d(here[0] - there[0], here[1] - there[1], here[2] - there[2])
            reach = here[3] + there[3]
            touches = wp.where(wp.dot(apart, apart) < reach * reach, 1, 0)
            notes.pair[filled & PLACE] = wp.vec2i(i, k)
            filled += touches
            if code < 0 and touches == 0:
                inside = j >= block.low and j < block.high
                parted(i, j, k, inside, common, block, laws, moving, rows, booked, events)
        for m in range(room, filled):
            pressed(m & PLACE, common, block, laws, moving, rows, notes, booked)
        for m in range(room, filled):
            rubbed(m & PLACE, common, block, laws, moving, rows, notes, push)
