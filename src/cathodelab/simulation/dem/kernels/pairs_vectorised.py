# mypy: ignore-errors
# Warp compiles the functions below with strict types of its own, which Python's types do not describe
"""Forces between particles on a CPU, many pairs at a time, so that its vector units treat several at once.

All listed pairs are tested without a branch, and those that touch are noted. For some of them at a time, what the law
needs is copied side by side to a sheet that stays in the cache. Over the sheet the law is a loop without branches, which
the compiler turns into instructions for four pairs at once. Then forces and histories are copied back.
"""

import warp as wp

from cathodelab.simulation.dem.kernels.contact_forces import contact_force, damped_contact_force, sphere_contact
from cathodelab.simulation.dem.kernels.normal_laws import ZERO, Law, real
from cathodelab.simulation.dem.kernels.pairs import (
    PLACE,
    Block,
    CollisionTotals,
    ContactRows,
    Events,
    ParticleArrays,
    ParticleLoads,
    StepConstants,
    apply_rolling,
    begin_collision,
    effective_mass,
    end_collision,
    law_of,
    store_recoverable,
)

BATCH = wp.constant(64)  # particles searched at a time: what they need stays in the cache
CHUNK = wp.constant(64)  # pairs on the sheet at a time
# entries between the notes of two lanes: their ends are written for every pair, and no line of the cache is shared
GAP = wp.constant(32)
SHEET = wp.constant(476)  # places of a sheet: seven rows of 68, one place in each row for a pair
# way between the centres and largest overlap; then force and arm of the first; between: unit vector, distance over reach
WAY = wp.constant(0)
# relative velocity and radius of the second; then work lost by friction and in the dashpot, normal force
MOTION = wp.constant(68)
# both radii times spins and radius of the first; then twist and arm of the second
TURN = wp.constant(136)
SPRING = wp.constant(204)
# normal force, tangential and normal stiffness, largest overlap
PRESS = wp.constant(272)
# effective mass, where something damps
MASS = wp.constant(340)
# forces of the dashpots in the step before, then in this one, where something damps
VISCOUS = wp.constant(408)


@wp.struct
class Scratch:
    """Scratch of a lane: touching pairs noted from the front, separating pairs from the back, and the sheet."""

    room: wp.int32  # entries of a batch
    entry: wp.array(dtype=wp.int32)
    sheet: wp.array(dtype=wp.vec4d)


@wp.func_native("return sheet.data[place];")
def read(sheet: wp.array(dtype=wp.vec4d), place: wp.int32) -> wp.vec4d:
    """A value of an array without gaps: a loop over such places can be vectorized."""


@wp.func_native("sheet.data[place] = value;")
def write(sheet: wp.array(dtype=wp.vec4d), place: wp.int32, value: wp.vec4d):
    """The same for writing."""


@wp.func_native("__builtin_prefetch(rows.spring.data + k); __builtin_prefetch(rows.memory.data + k);")
def prefetch(rows: ContactRows, k: wp.int32):
    """Prefetch the history of an entry; it is needed soon, and the processor cannot guess which entries are skipped."""


@wp.func
def partner(code: wp.int32) -> wp.int32:
    """Partner of an entry of the rows, touching or not."""
    return (code ^ (code >> 31)) & PLACE


@wp.func
def find_contacts(
    low: wp.int32, high: wp.int32, room: wp.int32, block: Block, constants: StepConstants, laws: wp.array(dtype=Law),
    particles: ParticleArrays,
    rows: ContactRows, scratch: Scratch, totals: CollisionTotals, events: Events,
) -> wp.int32:  # fmt: skip
    """Note the touching pairs of some particles from ``room`` on and book those that separate; returns the end of the notes."""
    filled = wp.int32(room)
    last = wp.int32(room + scratch.room - 1)
    ending = wp.int32(last)
    # one loop over all their rows: the ends of many short rows could not be predicted
    k = rows.start[low]
    end = rows.start[high]
    while k < end:
        code = rows.code[k & PLACE]
        here = particles.position[rows.owner[k & PLACE] & PLACE]
        there = particles.position[partner(code)]
        apart = here - there
        prefetch(rows, k)
        reach = here[3] + there[3]
        near = apart[0] * apart[0] + apart[1] * apart[1] + apart[2] * apart[2] < reach * reach
        scratch.entry[ending & PLACE] = k
        scratch.entry[filled & PLACE] = k
        touches = wp.where(near, 1, 0)
        filled += touches
        ending += (code >> 31) & (touches - 1)
        k += 1
    while ending < last:
        ending += 1
        k = scratch.entry[ending]
        j = -1 - rows.code[k]
        inside = j >= block.low and j < block.high
        end_collision(rows.owner[k], j, k, inside, constants, block, laws, particles, rows, totals, events)
    return filled


@wp.func
def load_pair(
    i: wp.int32, k: wp.int32, at: wp.int32, block: Block, constants: StepConstants, particles: ParticleArrays,
    rows: ContactRows, scratch: Scratch,
    totals: CollisionTotals,
):  # fmt: skip
    """Copy to the sheet what the law needs of entry k."""
    code = rows.code[k]
    j = partner(code)
    if code >= 0:
        begin_collision(i, j, k, j >= block.low and j < block.high, constants, rows, totals)
    here = particles.position[i]
    there = particles.position[j]
    apart = here - there
    kept = rows.memory[k]
    motion = particles.velocity[i] - particles.velocity[j]
    turn = here[3] * particles.spin[i] + there[3] * particles.spin[j]
    write(scratch.sheet, at + WAY, wp.vec4d(apart[0], apart[1], apart[2], kept[0]))
    write(scratch.sheet, at + MOTION, wp.vec4d(motion[0], motion[1], motion[2], there[3]))
    write(scratch.sheet, at + TURN, wp.vec4d(turn[0], turn[1], turn[2], here[3]))
    write(scratch.sheet, at + SPRING, rows.spring[k])
    if constants.damped > 0:
        write(scratch.sheet, at + MASS, wp.vec4d(effective_mass(i, j, particles), ZERO, ZERO, ZERO))
        write(scratch.sheet, at + VISCOUS, rows.viscous[k])


@wp.func
def normal_stage(law: Law, at: wp.int32, sheet: wp.array(dtype=wp.vec4d)):
    """Direction, overlap and normal force of one pair on the sheet."""
    way = read(sheet, at + WAY)
    there = read(sheet, at + MOTION)
    here = read(sheet, at + TURN)
    apart = wp.vec3d(way[0], way[1], way[2])
    n, split, normal, tangential, stiffness, largest = sphere_contact(law, apart, here[3], there[3], way[3])
    write(sheet, at + WAY, wp.vec4d(n[0], n[1], n[2], split))
    write(sheet, at + PRESS, wp.vec4d(normal, tangential, stiffness, largest))


@wp.func
def tangential_stage(law: Law, at: wp.int32, dt: real, sheet: wp.array(dtype=wp.vec4d)):
    """Friction of one pair on the sheet."""
    way = read(sheet, at + WAY)
    motion = read(sheet, at + MOTION)
    turn = read(sheet, at + TURN)
    load = read(sheet, at + PRESS)
    n = wp.vec3d(way[0], way[1], way[2])
    velocity = wp.vec3d(motion[0], motion[1], motion[2])
    turning = way[3] * wp.vec3d(turn[0], turn[1], turn[2])
    f, after, lost = contact_force(law, n, load[0], load[1], velocity, turning, read(sheet, at + SPRING), dt)
    store_forces(at, way, f, wp.cross(n, f), turn[3], motion[3], sheet)
    write(sheet, at + SPRING, after)
    write(sheet, at + MOTION, wp.vec4d(lost, ZERO, load[0], ZERO))


@wp.func
def damped_tangential_stage(law: Law, at: wp.int32, dt: real, sheet: wp.array(dtype=wp.vec4d)):
    """Friction and damping of one pair on the sheet."""
    way = read(sheet, at + WAY)
    motion = read(sheet, at + MOTION)
    turn = read(sheet, at + TURN)
    load = read(sheet, at + PRESS)
    n = wp.vec3d(way[0], way[1], way[2])
    velocity = wp.vec3d(motion[0], motion[1], motion[2])
    turning = way[3] * wp.vec3d(turn[0], turn[1], turn[2])
    mass = read(sheet, at + MASS)[0]
    spring = read(sheet, at + SPRING)
    viscous = read(sheet, at + VISCOUS)
    f, after, now, lost, damped, total = damped_contact_force(
        law, n, load[0], load[1], load[2], mass, velocity, turning, spring, viscous, dt
    )
    store_forces(at, way, f, wp.cross(n, f), turn[3], motion[3], sheet)
    write(sheet, at + SPRING, after)
    write(sheet, at + VISCOUS, now)
    write(sheet, at + MOTION, wp.vec4d(lost, damped, total, ZERO))


@wp.func
def store_forces(
    at: wp.int32, way: wp.vec4d, f: wp.vec3d, twist: wp.vec3d, ri: real, rj: real, sheet: wp.array(dtype=wp.vec4d)
):
    """Store force on the first partner, twist, and both arms; arms that add up to the distance keep the angular momentum."""
    write(sheet, at + WAY, wp.vec4d(f[0], f[1], f[2], ri * way[3]))
    write(sheet, at + TURN, wp.vec4d(twist[0], twist[1], twist[2], rj * way[3]))


@wp.func
def apply_laws(
    first: wp.int32, many: wp.int32, base: wp.int32, constants: StepConstants, laws: wp.array(dtype=Law),
    particles: ParticleArrays, rows: ContactRows,
    scratch: Scratch,
):  # fmt: skip
    """Apply the law to each pair on the sheet; several at once where all pairs have the same law."""
    law = laws[0]
    if constants.materials == 1:
        m = wp.int32(0)
        while m < many:
            normal_stage(law, base + m, scratch.sheet)
            m += 1
        m = wp.int32(0)
        if constants.damped == 0:
            while m < many:
                tangential_stage(law, base + m, constants.dt, scratch.sheet)
                m += 1
        else:
            while m < many:
                damped_tangential_stage(law, base + m, constants.dt, scratch.sheet)
                m += 1
    else:
        for m in range(many):
            k = scratch.entry[first + m]
            its = law_of(constants, laws, particles.material, rows.owner[k], partner(rows.code[k]))
            normal_stage(its, base + m, scratch.sheet)
            if constants.damped == 0:
                tangential_stage(its, base + m, constants.dt, scratch.sheet)
            else:
                damped_tangential_stage(its, base + m, constants.dt, scratch.sheet)


@wp.func
def scatter_pair(
    i: wp.int32, k: wp.int32, at: wp.int32, block: Block, constants: StepConstants, laws: wp.array(dtype=Law),
    particles: ParticleArrays,
    rows: ContactRows, scratch: Scratch, loads: ParticleLoads,
):  # fmt: skip
    """Add forces and torques to both partners of entry k, and copy its history back to the rows."""
    j = (-1 - rows.code[k]) & PLACE
    inside = j >= block.low and j < block.high
    f = read(scratch.sheet, at + WAY)
    twist = read(scratch.sheet, at + TURN)
    lost = read(scratch.sheet, at + MOTION)
    load = read(scratch.sheet, at + PRESS)
    loads.force[i] = loads.force[i] + f
    loads.torque[i] = loads.torque[i] - f[3] * twist
    if inside:
        loads.force[j] = loads.force[j] - f
        loads.torque[j] = loads.torque[j] - twist[3] * twist
    rows.spring[k] = read(scratch.sheet, at + SPRING)
    rubbed = lost[0]
    if constants.damped > 0:
        rows.damped[k] = rows.damped[k] + lost[1]
        rows.viscous[k] = read(scratch.sheet, at + VISCOUS)
    if constants.rolling > 0:
        law = law_of(constants, laws, particles.material, i, j)
        rubbed = rubbed + apply_rolling(i, j, k, inside, law, lost[2], load[2], constants.dt, particles, rows, loads)
    rows.memory[k] = wp.vec2d(load[3], rows.memory[k][1] + rubbed)
    if constants.ledger > 0:
        store_recoverable(i, j, k, law_of(constants, laws, particles.material, i, j), load[3], particles, rows)


@wp.func
def apply_pairs(
    block: Block, constants: StepConstants, laws: wp.array(dtype=Law), particles: ParticleArrays, rows: ContactRows,
    scratch: Scratch, loads: ParticleLoads,
    totals: CollisionTotals, events: Events,
):  # fmt: skip
    """Add the forces of all listed pairs of the particles of a block."""
    base = block.lane * SHEET
    room = block.lane * (scratch.room + GAP)
    for low in range(block.low, block.high, BATCH):
        high = wp.min(low + BATCH, block.high)
        filled = find_contacts(low, high, room, block, constants, laws, particles, rows, scratch, totals, events)
        for first in range(room, filled, CHUNK):
            many = wp.min(CHUNK, filled - first)
            for m in range(many):
                k = scratch.entry[(first + m) & PLACE] & PLACE
                load_pair(rows.owner[k] & PLACE, k, base + m, block, constants, particles, rows, scratch, totals)
            apply_laws(first, many, base, constants, laws, particles, rows, scratch)
            for m in range(many):
                k = scratch.entry[(first + m) & PLACE] & PLACE
                scatter_pair(
                    rows.owner[k] & PLACE, k, base + m, block, constants, laws, particles, rows, scratch, loads
                )
