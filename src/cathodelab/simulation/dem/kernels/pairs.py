# mypy: ignore-errors
# Warp compiles the functions below with strict types of its own, which Python's types do not describe
"""Forces between particles over a neighbour list: rows and their bookkeeping, and the row of one particle.

The row of a particle holds every partner outside its block, and of the partners inside its block those it owns. One
thread works on a block and writes to both partners of an owned pair; a partner outside is left to its own thread, which
computes the same pair again. So no two threads write to one place, and results do not depend on the number of threads.
With one particle a block (CUDA) this is a gather over a full list.

CUDA goes through the rows of all particles at once (:func:`apply_row`), a CPU takes many pairs in turn
(:mod:`pairs_vectorised`).
"""

import warp as wp

from cathodelab.simulation.dem.kernels.contact_forces import (
    contact_force,
    damped_contact_force,
    rolling_torque,
    sphere_contact,
    spring_energy,
    work_of_ended_contact,
)
from cathodelab.simulation.dem.kernels.normal_laws import HALF, ONE, ZERO, Law, gapless_code, real, recoverable

PLACE = wp.constant(0x7FFFFFFF)  # a masked index cannot be negative, so no test for it is compiled
EVENT_BINS = wp.constant(96)  # eight a decade of J/kg
EVENT_LOW = wp.constant(wp.float64(-8.0))
OVERLAP_BINS = wp.constant(64)  # of overlap over radius, 1/32 each


@wp.struct
class StepConstants:
    """What holds for all contacts of one step."""

    dt: real
    gravity: wp.vec3d
    materials: wp.int32
    rolling: wp.int32
    damped: wp.int32
    ledger: wp.int32  # 1 in the last step of a run


@wp.struct
class Block:
    """The range of particles that one thread works on; on CUDA ``low`` = ``high`` = 0: every particle is its own block."""

    low: wp.int32
    high: wp.int32
    lane: wp.int32  # where the block keeps its sums


@wp.struct
class ParticleArrays:
    """The particles: place and radius, velocity and mass, spin and moment of inertia, material."""

    position: wp.array(dtype=wp.vec4d)
    velocity: wp.array(dtype=wp.vec4d)
    spin: wp.array(dtype=wp.vec4d)
    material: wp.array(dtype=wp.int32)


@wp.struct
class ContactRows:
    """Candidates of each particle, and the histories of those that touch (their code is ``-1 - other``).

    ``spring`` is displacement and stiffness, ``memory`` the largest overlap and the work lost tangentially, ``damped`` the
    work lost in the normal dashpot, ``viscous`` the forces of both dashpots in the last step (the normal one fourth),
    ``stored`` what the normal contact gives back (in the last step of a run only).
    """

    start: wp.array(dtype=wp.int32)
    owner: wp.array(dtype=wp.int32)
    code: wp.array(dtype=wp.int32)
    spring: wp.array(dtype=wp.vec4d)
    memory: wp.array(dtype=wp.vec2d)
    damped: wp.array(dtype=real)
    viscous: wp.array(dtype=wp.vec4d)
    roll: wp.array(dtype=wp.vec4d)
    stored: wp.array(dtype=real)


@wp.struct
class ParticleLoads:
    """Force and torque on each particle. The fourth component is padding for vector units."""

    force: wp.array(dtype=wp.vec4d)
    torque: wp.array(dtype=wp.vec4d)


@wp.struct
class CollisionTotals:
    """Of each particle: work lost in collisions that ended (three kinds), number of collisions begun and ended."""

    work: wp.array(dtype=wp.vec3d)
    begun: wp.array(dtype=wp.int32)
    ended: wp.array(dtype=wp.int32)


@wp.struct
class Events:
    """Collisions that ended: number and work over stress intensity, number over overlap."""

    count: wp.array(dtype=real)
    work: wp.array(dtype=real)
    overlap: wp.array(dtype=real)
    peak: wp.array(dtype=real)  # largest overlap over radius


_ARRAYS = {
    "particles": "position velocity spin material",
    "loads": "force torque",
    "rows": "start owner code spring memory damped viscous roll stored",
    "totals": "work begun ended",
}


@wp.func_native(gapless_code(*(f"{struct}.{name}" for struct, names in _ARRAYS.items() for name in names.split())))
def assume_gapless(particles: ParticleArrays, loads: ParticleLoads, rows: ContactRows, totals: CollisionTotals):
    """Promise the compiler that none of these arrays has gaps."""


@wp.func
def record_event(events: Events, lane: wp.int32, work: real, per_mass: real, overlap: real, radius: real, share: real):
    """Count a collision that ended; ``share`` is 1, or 1/2 where both partners count it."""
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
    constants: StepConstants, laws: wp.array(dtype=Law), material: wp.array(dtype=wp.int32), i: wp.int32, j: wp.int32
) -> Law:
    """The contact law of two particles."""
    which = wp.int32(0)
    if constants.materials > 1:
        which = material[i] * constants.materials + material[j]
    return laws[which]


@wp.func
def end_collision(
    i: wp.int32, j: wp.int32, k: wp.int32, inside: wp.bool, constants: StepConstants, block: Block,
    laws: wp.array(dtype=Law),
    particles: ParticleArrays, rows: ContactRows, totals: CollisionTotals, events: Events,
):  # fmt: skip
    """Book the collision of i with j (entry k), which has ended: half of its work to each."""
    ri = particles.position[i][3]
    rj = particles.position[j][3]
    damped = ZERO
    spring = rows.spring[k]
    if constants.damped > 0:
        # the last force of the dashpot still acts over half a step
        motion = particles.velocity[i] - particles.velocity[j]
        n = wp.normalize(separation(i, j, particles))
        approach = wp.dot(wp.vec3d(motion[0], motion[1], motion[2]), n)
        damped = rows.damped[k] - HALF * constants.dt * rows.viscous[k][3] * approach
    kept = rows.memory[k]
    lost = work_of_ended_contact(
        law_of(constants, laws, particles.material, i, j), kept, ri * rj / (ri + rj), spring, damped
    )
    if constants.rolling > 0:
        lost = lost + wp.vec3d(ZERO, spring_energy(rows.roll[k]), ZERO)
    rows.code[k] = j
    share = HALF
    totals.ended[i] = totals.ended[i] + 1
    totals.work[i] = totals.work[i] + HALF * lost
    if inside:
        share = ONE
        totals.ended[j] = totals.ended[j] + 1
        totals.work[j] = totals.work[j] + HALF * lost
    whole = lost[0] + lost[1] + lost[2]
    record_event(events, block.lane, whole, HALF / particles.velocity[i][3], kept[0], wp.min(ri, rj), share)


@wp.func
def begin_collision(
    i: wp.int32,
    j: wp.int32,
    k: wp.int32,
    inside: wp.bool,
    constants: StepConstants,
    rows: ContactRows,
    totals: CollisionTotals,
):
    """Start an empty history for a pair that has just met (entry k)."""
    rows.code[k] = -1 - j
    rows.spring[k] = wp.vec4d()
    rows.memory[k] = wp.vec2d()
    if constants.damped > 0:
        rows.damped[k] = ZERO
        rows.viscous[k] = wp.vec4d()
    if constants.rolling > 0:
        rows.roll[k] = wp.vec4d()
    totals.begun[i] = totals.begun[i] + 1
    if inside:
        totals.begun[j] = totals.begun[j] + 1


@wp.func
def effective_mass(i: wp.int32, j: wp.int32, particles: ParticleArrays) -> real:
    """Effective mass of two particles, kg."""
    mine = particles.velocity[i][3]
    other = particles.velocity[j][3]
    return mine * other / (mine + other)


@wp.func
def separation(i: wp.int32, j: wp.int32, particles: ParticleArrays) -> wp.vec3d:
    """Vector from the centre of j to that of i, m."""
    way = particles.position[i] - particles.position[j]
    return wp.vec3d(way[0], way[1], way[2])


@wp.func
def store_recoverable(
    i: wp.int32, j: wp.int32, k: wp.int32, law: Law, largest: real, particles: ParticleArrays, rows: ContactRows
):
    """Store what the normal contact of entry k gives back when it opens, for the energy account."""
    ri = particles.position[i][3]
    rj = particles.position[j][3]
    overlap = ri + rj - wp.length(separation(i, j, particles))
    rows.stored[k] = recoverable(law, overlap, largest, ri * rj / (ri + rj))


@wp.func
def apply_rolling(
    i: wp.int32, j: wp.int32, k: wp.int32, inside: wp.bool, law: Law, normal: real, stiffness: real, dt: real,
    particles: ParticleArrays, rows: ContactRows, loads: ParticleLoads,
) -> real:  # fmt: skip
    """Apply the rolling resistance of entry k; returns the work lost."""
    ri = particles.position[i][3]
    rj = particles.position[j][3]
    turning = particles.spin[i] - particles.spin[j]
    w = wp.vec3d(turning[0], turning[1], turning[2])
    n = wp.normalize(separation(i, j, particles))
    moment, spun, lost = rolling_torque(law, n, w, rows.roll[k], stiffness, normal, ri * rj / (ri + rj), dt)
    rows.roll[k] = spun
    m = wp.vec4d(moment[0], moment[1], moment[2], ZERO)
    loads.torque[i] = loads.torque[i] + m
    if inside:
        loads.torque[j] = loads.torque[j] - m
    return lost


@wp.func
def apply_contact(
    i: wp.int32, j: wp.int32, k: wp.int32, constants: StepConstants, law: Law, particles: ParticleArrays,
    rows: ContactRows, loads: ParticleLoads
):  # fmt: skip
    """Apply the forces of entry k to particle i alone."""
    inside = bool(False)  # the partner's own thread adds the forces on it
    ri = particles.position[i][3]
    rj = particles.position[j][3]
    kept = rows.memory[k]
    n, split, normal, tangential, stiffness, largest = sphere_contact(law, separation(i, j, particles), ri, rj, kept[0])
    motion = particles.velocity[i] - particles.velocity[j]
    velocity = wp.vec3d(motion[0], motion[1], motion[2])
    spins = ri * particles.spin[i] + rj * particles.spin[j]
    turning = split * wp.vec3d(spins[0], spins[1], spins[2])
    if constants.damped > 0:
        mass = effective_mass(i, j, particles)
        f, after, viscous, lost, damped, total = damped_contact_force(
            law,
            n,
            normal,
            tangential,
            stiffness,
            mass,
            velocity,
            turning,
            rows.spring[k],
            rows.viscous[k],
            constants.dt,
        )
        rows.damped[k] = rows.damped[k] + damped
        rows.viscous[k] = viscous
        normal = total
    else:
        f, after, lost = contact_force(law, n, normal, tangential, velocity, turning, rows.spring[k], constants.dt)
    loads.force[i] = loads.force[i] + wp.vec4d(f[0], f[1], f[2], ZERO)
    twist = (ri * split) * wp.cross(n, f)
    loads.torque[i] = loads.torque[i] - wp.vec4d(twist[0], twist[1], twist[2], ZERO)
    rows.spring[k] = after
    if constants.rolling > 0:
        lost = lost + apply_rolling(i, j, k, inside, law, normal, stiffness, constants.dt, particles, rows, loads)
    rows.memory[k] = wp.vec2d(largest, kept[1] + lost)
    if constants.ledger > 0:
        store_recoverable(i, j, k, law, largest, particles, rows)


@wp.func
def apply_row(
    i: wp.int32, block: Block, constants: StepConstants, laws: wp.array(dtype=Law), particles: ParticleArrays,
    rows: ContactRows, loads: ParticleLoads,
    totals: CollisionTotals, events: Events,
):  # fmt: skip
    """Add the forces on particle i of all its listed pairs."""
    inside = bool(False)
    for k in range(rows.start[i], rows.start[i + 1]):
        code = rows.code[k]
        j = code ^ (code >> 31)
        reach = particles.position[i][3] + particles.position[j][3]
        if wp.length_sq(separation(i, j, particles)) < reach * reach:
            if code >= 0:
                begin_collision(i, j, k, inside, constants, rows, totals)
            apply_contact(i, j, k, constants, law_of(constants, laws, particles.material, i, j), particles, rows, loads)
        elif code < 0:
            end_collision(i, j, k, inside, constants, block, laws, particles, rows, totals, events)
