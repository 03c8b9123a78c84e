# mypy: ignore-errors
# the bodies below are Warp's language, compiled by Warp with its own strict types; Python's types do not describe them
"""Forces between particles over a neighbour list: what is listed and booked, and one particle's row of pairs.

The list of a particle holds every partner outside its block and, inside its block, the partners it owns. A block is
worked on by one thread, which writes to both partners of an owned pair; a partner outside is left to its own thread,
which computes the same pair again. So no two threads write to one place, the result does not depend on the number of
threads, and with one particle a block (CUDA) this is a gather over a full list.

CUDA goes through the rows of all particles at once (:func:`push_row`), a CPU through many pairs in turn (``batches``).
"""

import warp as wp

from cathodelab.simulation.dem.kernels.contact import finished, held, held_damped, pressed, rolled, stored_in
from cathodelab.simulation.dem.kernels.law import HALF, ONE, ZERO, Law, gapless, real, recoverable

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
    owner: wp.array(dtype=wp.int32)
    code: wp.array(dtype=wp.int32)
    spring: wp.array(dtype=wp.vec4d)
    memory: wp.array(dtype=wp.vec2d)
    damped: wp.array(dtype=real)
    roll: wp.array(dtype=wp.vec4d)
    stored: wp.array(dtype=real)


@wp.struct
class Push:
    """Force and torque on each particle; the fourth numbers say nothing (four fill a vector unit)."""

    force: wp.array(dtype=wp.vec4d)
    torque: wp.array(dtype=wp.vec4d)


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


_ARRAYS = {
    "moving": "position velocity spin material",
    "push": "force torque",
    "rows": "start owner code spring memory damped roll stored",
    "booked": "work begun ended",
}


@wp.func_native(gapless(*(f"{struct}.{name}" for struct, names in _ARRAYS.items() for name in names.split())))
def packed(moving: Moving, push: Push, rows: Rows, booked: Booked):
    """None of these arrays has gaps."""


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
def met(i: wp.int32, j: wp.int32, k: wp.int32, inside: wp.bool, common: Common, rows: Rows, booked: Booked):
    """A pair that has just met (entry k) begins with an empty history."""
    rows.code[k] = -1 - j
    rows.spring[k] = wp.vec4d()
    rows.memory[k] = wp.vec2d()
    if common.damped > 0:
        rows.damped[k] = ZERO
    if common.rolling > 0:
        rows.roll[k] = wp.vec4d()
    booked.begun[i] = booked.begun[i] + 1
    if inside:
        booked.begun[j] = booked.begun[j] + 1


@wp.func
def effective_mass(i: wp.int32, j: wp.int32, moving: Moving) -> real:
    """Of two particles."""
    mine = moving.velocity[i][3]
    other = moving.velocity[j][3]
    return mine * other / (mine + other)


@wp.func
def way_to(i: wp.int32, j: wp.int32, moving: Moving) -> wp.vec3d:
    """From the centre of j to that of i."""
    way = moving.position[i] - moving.position[j]
    return wp.vec3d(way[0], way[1], way[2])


@wp.func
def store(i: wp.int32, j: wp.int32, k: wp.int32, law: Law, largest: real, moving: Moving, rows: Rows):
    """What the normal contact of entry k gives back when it opens: for the energy account of the last step."""
    ri = moving.position[i][3]
    rj = moving.position[j][3]
    overlap = ri + rj - wp.length(way_to(i, j, moving))
    rows.stored[k] = recoverable(law, overlap, largest, ri * rj / (ri + rj))


@wp.func
def roll(
    i: wp.int32, j: wp.int32, k: wp.int32, inside: wp.bool, law: Law, normal: real, stiffness: real, dt: real,
    moving: Moving, rows: Rows, push: Push,
) -> real:  # fmt: skip
    """Rolling resistance of entry k; returns the work lost."""
    ri = moving.position[i][3]
    rj = moving.position[j][3]
    turning = moving.spin[i] - moving.spin[j]
    w = wp.vec3d(turning[0], turning[1], turning[2])
    n = wp.normalize(way_to(i, j, moving))
    moment, spun, lost = rolled(law, n, w, rows.roll[k], stiffness, normal, ri * rj / (ri + rj), dt)
    rows.roll[k] = spun
    m = wp.vec4d(moment[0], moment[1], moment[2], ZERO)
    push.torque[i] = push.torque[i] + m
    if inside:
        push.torque[j] = push.torque[j] - m
    return lost


@wp.func
def contact(
    i: wp.int32, j: wp.int32, k: wp.int32, common: Common, law: Law, moving: Moving, rows: Rows, push: Push
):  # fmt: skip
    """Forces of entry k on particle i alone."""
    inside = bool(False)  # the partner's forces are its own thread's
    ri = moving.position[i][3]
    rj = moving.position[j][3]
    kept = rows.memory[k]
    n, split, normal, tangential, stiffness, largest = pressed(law, way_to(i, j, moving), ri, rj, kept[0])
    motion = moving.velocity[i] - moving.velocity[j]
    velocity = wp.vec3d(motion[0], motion[1], motion[2])
    spins = ri * moving.spin[i] + rj * moving.spin[j]
    turning = split * wp.vec3d(spins[0], spins[1], spins[2])
    if common.damped > 0:
        mass = effective_mass(i, j, moving)
        f, after, lost, damped, total = held_damped(
            law, n, normal, tangential, stiffness, mass, velocity, turning, rows.spring[k], common.dt
        )
        rows.damped[k] = rows.damped[k] + damped
        normal = total
    else:
        f, after, lost = held(law, n, normal, tangential, velocity, turning, rows.spring[k], common.dt)
    push.force[i] = push.force[i] + wp.vec4d(f[0], f[1], f[2], ZERO)
    twist = (ri * split) * wp.cross(n, f)
    push.torque[i] = push.torque[i] - wp.vec4d(twist[0], twist[1], twist[2], ZERO)
    rows.spring[k] = after
    if common.rolling > 0:
        lost = lost + roll(i, j, k, inside, law, normal, stiffness, common.dt, moving, rows, push)
    rows.memory[k] = wp.vec2d(largest, kept[1] + lost)
    if common.ledger > 0:
        store(i, j, k, law, largest, moving, rows)


@wp.func
def push_row(
    i: wp.int32, block: Block, common: Common, laws: wp.array(dtype=Law), moving: Moving, rows: Rows, push: Push,
    booked: Booked, events: Events,
):  # fmt: skip
    """Add the forces of all listed pairs of particle i on it."""
    inside = bool(False)
    for k in range(rows.start[i], rows.start[i + 1]):
        code = rows.code[k]
        j = code ^ (code >> 31)
        reach = moving.position[i][3] + moving.position[j][3]
        if wp.length_sq(way_to(i, j, moving)) < reach * reach:
            if code >= 0:
                met(i, j, k, inside, common, rows, booked)
            contact(i, j, k, common, law_of(common, laws, moving.material, i, j), moving, rows, push)
        elif code < 0:
            parted(i, j, k, inside, common, block, laws, moving, rows, booked, events)
