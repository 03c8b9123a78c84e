# mypy: ignore-errors
# the bodies below are Warp's language, compiled by Warp with its own strict types; Python's types do not describe them
"""Forces between particles over a neighbour list.

The list of a particle holds every partner outside its block and, inside its block, the partners it owns. A block is
worked on by one thread, which writes to both partners of an owned pair; a partner outside is left to its own thread,
which computes the same pair again. So no two threads write to one place, the result does not depend on the number of
threads, and with one particle a block (CUDA) this is a gather over a full list.
"""

import warp as wp

from cathodelab.simulation.dem.kernels.contact import rolled, stored_in, thrust, touched
from cathodelab.simulation.dem.kernels.law import HALF, ZERO, Law, real, recoverable

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
    """The range of particles one thread works on; on CUDA ``low`` = ``high`` = 0: every particle its own block.

    A launch goes from ``offset`` to ``end``, ``share`` particles in each of its items: all of them on a CPU, where an
    item costs as much as a particle, one on CUDA.
    """

    offset: wp.int32
    end: wp.int32
    share: wp.int32
    low: wp.int32
    high: wp.int32
    lane: wp.int32  # where the thread keeps its sums


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


@wp.kernel
def pair_forces(
    block: Block,
    common: Common,
    laws: wp.array(dtype=Law),
    material: wp.array(dtype=wp.int32),
    position: wp.array(dtype=wp.vec4d),
    velocity: wp.array(dtype=wp.vec4d),
    spin: wp.array(dtype=wp.vec4d),
    start: wp.array(dtype=wp.int32),
    partner: wp.array(dtype=wp.int32),
    spring: wp.array(dtype=wp.vec4d),
    memory: wp.array(dtype=wp.vec4d),
    roll: wp.array(dtype=wp.vec4d),
    stored: wp.array(dtype=real),
    push: wp.array(dtype=wp.spatial_vectord),
    work: wp.array(dtype=wp.vec3d),
    begun: wp.array(dtype=wp.int32),
    ended: wp.array(dtype=wp.int32),
    events: Events,
):
    """Add the forces of all listed pairs; a partner that touches is stored as ``-1 - index``."""
    begin = block.offset + wp.tid() * block.share
    for i in range(begin, wp.min(begin + block.share, block.end)):
        first = start[i]
        last = start[i + 1]
        if first == last:
            continue
        place = position[i]
        xi = wp.vec3d(place[0], place[1], place[2])
        ri = place[3]
        moving = velocity[i]
        vi = wp.vec3d(moving[0], moving[1], moving[2])
        mi = moving[3]
        turning = spin[i]
        wi = wp.vec3d(turning[0], turning[1], turning[2])
        fi = wp.vec3d()
        ti = wp.vec3d()
        begins = wp.int32(0)
        ends = wp.int32(0)
        for k in range(first, last):
            code = partner[k]
            j = code
            if code < 0:
                j = -1 - code
            there = position[j]
            rj = there[3]
            apart = xi - wp.vec3d(there[0], there[1], there[2])
            reach = ri + rj
            distance2 = wp.dot(apart, apart)
            inside = j >= block.low and j < block.high
            if distance2 < reach * reach:
                distance = wp.sqrt(distance2)
                n = (real(1.0) / distance) * apart
                other = velocity[j]
                othert = spin[j]
                wj = wp.vec3d(othert[0], othert[1], othert[2])
                # arms that add up to the distance keep the angular momentum
                per_reach = real(1.0) / reach
                split = distance * per_reach
                li = ri * split
                lj = rj * split
                which = wp.int32(0)
                if common.materials > 1:
                    which = material[i] * common.materials + material[j]
                law = laws[which]
                mass = real(1.0)
                if common.damped > 0:
                    mass = mi * other[3] / (mi + other[3])
                history = wp.vec4d()
                kept = wp.vec4d()
                if code < 0:
                    history = spring[k]
                    kept = memory[k]
                else:
                    partner[k] = -1 - j
                    begins += 1
                    if inside:
                        begun[j] = begun[j] + 1
                radius = ri * rj * per_reach
                gap = reach - distance
                f, after, kept, normal, stiffness = touched(
                    law,
                    n,
                    gap,
                    radius,
                    mass,
                    vi - wp.vec3d(other[0], other[1], other[2]),
                    li * wi + lj * wj,
                    history,
                    kept,
                    common.dt,
                )
                twist = wp.cross(n, f)
                ti = ti - li * twist
                tj = -lj * twist
                if common.rolling > 0:
                    spun = wp.vec4d()
                    if code < 0:
                        spun = roll[k]
                    moment, spun, lost = rolled(law, n, wi - wj, spun, stiffness, normal, radius, common.dt)
                    roll[k] = spun
                    kept[2] = kept[2] + lost
                    ti = ti + moment
                    tj = tj - moment
                if common.ledger > 0:
                    stored[k] = recoverable(law, gap, kept[0], radius)
                spring[k] = after
                memory[k] = kept
                fi = fi + f
                if inside:
                    push[j] = push[j] + thrust(-f, tj)
            elif code < 0:
                kept = memory[k]
                left = stored_in(spring[k])
                if common.rolling > 0:
                    left += stored_in(roll[k])
                partner[k] = j
                ends += 1
                share = HALF
                gone = HALF * wp.vec3d(kept[1], kept[2] + left, kept[3])
                work[i] = work[i] + gone
                if inside:
                    share = real(1.0)
                    ended[j] = ended[j] + 1
                    work[j] = work[j] + gone
                smaller = wp.min(ri, rj)
                record_event(events, block.lane, kept[1] + kept[2] + kept[3] + left, HALF / mi, kept[0], smaller, share)
        push[i] = push[i] + thrust(fi, ti)
        if begins > 0:
            begun[i] = begun[i] + begins
        if ends > 0:
            ended[i] = ended[i] + ends
