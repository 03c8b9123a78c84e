# mypy: ignore-errors
# the bodies below are Warp's language, compiled by Warp with its own strict types; Python's types do not describe them
"""Forces between particles on a CPU: many pairs at a time, so that its vector units work on several at once.

The listed pairs are looked through, without a branch on what cannot be foreseen, and those that touch are noted. What the
contact law needs of some of them is laid side by side on a sheet that stays in the cache; over it the law is a loop without
branches, which the compiler turns into instructions for four pairs at once. Then forces and histories go to their places.
"""

import warp as wp

from cathodelab.simulation.dem.kernels.contact import held, held_damped, pressed
from cathodelab.simulation.dem.kernels.law import ZERO, Law, real
from cathodelab.simulation.dem.kernels.pairs import (
    PLACE,
    Block,
    Booked,
    Common,
    Events,
    Moving,
    Push,
    Rows,
    effective_mass,
    law_of,
    met,
    parted,
    roll,
    store,
)

BATCH = wp.constant(64)  # particles looked through at a time: what they need stays in the cache
CHUNK = wp.constant(64)  # pairs on the sheet at a time
GAP = wp.constant(
    32
)  # entries between the notes of two lanes, whose ends are written for every pair: no line of the cache is shared
SHEET = wp.constant(408)  # places of a sheet: six for each pair, each kind in a row of 68
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


@wp.struct
class Notes:
    """Scratch of each lane: entries of the rows, those that touch from its begin and those that part from its end; the sheet."""

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
def fetch(rows: Rows, k: wp.int32):
    """Have the history of an entry brought near: it is needed in a moment, and every other one is left out."""


@wp.func
def partner(code: wp.int32) -> wp.int32:
    """Whom an entry of the rows means, touching or not."""
    return (code ^ (code >> 31)) & PLACE


@wp.func
def look_through(
    low: wp.int32, high: wp.int32, room: wp.int32, block: Block, common: Common, laws: wp.array(dtype=Law), moving: Moving,
    rows: Rows, notes: Notes, booked: Booked, events: Events,
) -> wp.int32:  # fmt: skip
    """Note the pairs of some particles that touch, from ``room`` on; book those that part. Returns where the notes end."""
    filled = wp.int32(room)
    last = wp.int32(room + notes.room - 1)
    ending = wp.int32(last)
    # one loop over all their rows: short rows one by one end where no processor foresees it
    k = rows.start[low]
    end = rows.start[high]
    while k < end:
        code = rows.code[k & PLACE]
        here = moving.position[rows.owner[k & PLACE] & PLACE]
        there = moving.position[partner(code)]
        apart = here - there
        fetch(rows, k)
        reach = here[3] + there[3]
        near = apart[0] * apart[0] + apart[1] * apart[1] + apart[2] * apart[2] < reach * reach
        notes.entry[ending & PLACE] = k
        notes.entry[filled & PLACE] = k
        touches = wp.where(near, 1, 0)
        filled += touches
        ending += (code >> 31) & (touches - 1)
        k += 1
    while ending < last:
        ending += 1
        k = notes.entry[ending]
        j = -1 - rows.code[k]
        inside = j >= block.low and j < block.high
        parted(rows.owner[k], j, k, inside, common, block, laws, moving, rows, booked, events)
    return filled


@wp.func
def lay(
    i: wp.int32, k: wp.int32, at: wp.int32, block: Block, common: Common, moving: Moving, rows: Rows, notes: Notes,
    booked: Booked,
):  # fmt: skip
    """Lay what the law needs of entry k on the sheet."""
    code = rows.code[k]
    j = partner(code)
    if code >= 0:
        met(i, j, k, j >= block.low and j < block.high, common, rows, booked)
    here = moving.position[i]
    there = moving.position[j]
    apart = here - there
    kept = rows.memory[k]
    motion = moving.velocity[i] - moving.velocity[j]
    turn = here[3] * moving.spin[i] + there[3] * moving.spin[j]
    write(notes.sheet, at + WAY, wp.vec4d(apart[0], apart[1], apart[2], kept[0]))
    write(notes.sheet, at + MOTION, wp.vec4d(motion[0], motion[1], motion[2], there[3]))
    write(notes.sheet, at + TURN, wp.vec4d(turn[0], turn[1], turn[2], here[3]))
    write(notes.sheet, at + SPRING, rows.spring[k])
    if common.damped > 0:
        write(notes.sheet, at + MASS, wp.vec4d(effective_mass(i, j, moving), ZERO, ZERO, ZERO))


@wp.func
def press(law: Law, at: wp.int32, sheet: wp.array(dtype=wp.vec4d)):
    """Direction, overlap and normal force of one pair on the sheet."""
    way = read(sheet, at + WAY)
    there = read(sheet, at + MOTION)
    here = read(sheet, at + TURN)
    apart = wp.vec3d(way[0], way[1], way[2])
    n, split, normal, tangential, stiffness, largest = pressed(law, apart, here[3], there[3], way[3])
    write(sheet, at + WAY, wp.vec4d(n[0], n[1], n[2], split))
    write(sheet, at + PRESS, wp.vec4d(normal, tangential, stiffness, largest))


@wp.func
def rub(law: Law, at: wp.int32, dt: real, sheet: wp.array(dtype=wp.vec4d)):
    """Friction of one pair on the sheet."""
    way = read(sheet, at + WAY)
    motion = read(sheet, at + MOTION)
    turn = read(sheet, at + TURN)
    load = read(sheet, at + PRESS)
    n = wp.vec3d(way[0], way[1], way[2])
    velocity = wp.vec3d(motion[0], motion[1], motion[2])
    turning = way[3] * wp.vec3d(turn[0], turn[1], turn[2])
    f, after, lost = held(law, n, load[0], load[1], velocity, turning, read(sheet, at + SPRING), dt)
    answer(at, way, f, wp.cross(n, f), turn[3], motion[3], sheet)
    write(sheet, at + SPRING, after)
    write(sheet, at + MOTION, wp.vec4d(lost, ZERO, load[0], ZERO))


@wp.func
def rub_damped(law: Law, at: wp.int32, dt: real, sheet: wp.array(dtype=wp.vec4d)):
    """Friction and damping of one pair on the sheet."""
    way = read(sheet, at + WAY)
    motion = read(sheet, at + MOTION)
    turn = read(sheet, at + TURN)
    load = read(sheet, at + PRESS)
    n = wp.vec3d(way[0], way[1], way[2])
    velocity = wp.vec3d(motion[0], motion[1], motion[2])
    turning = way[3] * wp.vec3d(turn[0], turn[1], turn[2])
    f, after, lost, damped, total = held_damped(
        law, n, load[0], load[1], load[2], read(sheet, at + MASS)[0], velocity, turning, read(sheet, at + SPRING), dt
    )
    answer(at, way, f, wp.cross(n, f), turn[3], motion[3], sheet)
    write(sheet, at + SPRING, after)
    write(sheet, at + MOTION, wp.vec4d(lost, damped, total, ZERO))


@wp.func
def answer(
    at: wp.int32, way: wp.vec4d, f: wp.vec3d, twist: wp.vec3d, ri: real, rj: real, sheet: wp.array(dtype=wp.vec4d)
):
    """Force on the first partner, twist, and both arms: arms that add up to the distance keep the angular momentum."""
    write(sheet, at + WAY, wp.vec4d(f[0], f[1], f[2], ri * way[3]))
    write(sheet, at + TURN, wp.vec4d(twist[0], twist[1], twist[2], rj * way[3]))


@wp.func
def apply_laws(
    first: wp.int32, many: wp.int32, base: wp.int32, common: Common, laws: wp.array(dtype=Law), moving: Moving, rows: Rows,
    notes: Notes,
):  # fmt: skip
    """The law of each pair on the sheet; where all have one, several at once."""
    law = laws[0]
    if common.materials == 1:
        m = wp.int32(0)
        while m < many:
            press(law, base + m, notes.sheet)
            m += 1
        m = wp.int32(0)
        if common.damped == 0:
            while m < many:
                rub(law, base + m, common.dt, notes.sheet)
                m += 1
        else:
            while m < many:
                rub_damped(law, base + m, common.dt, notes.sheet)
                m += 1
    else:
        for m in range(many):
            k = notes.entry[first + m]
            its = law_of(common, laws, moving.material, rows.owner[k], partner(rows.code[k]))
            press(its, base + m, notes.sheet)
            if common.damped == 0:
                rub(its, base + m, common.dt, notes.sheet)
            else:
                rub_damped(its, base + m, common.dt, notes.sheet)


@wp.func
def give(
    i: wp.int32, k: wp.int32, at: wp.int32, block: Block, common: Common, laws: wp.array(dtype=Law), moving: Moving,
    rows: Rows, notes: Notes, push: Push,
):  # fmt: skip
    """Forces and torques to both partners of entry k, its history to the rows."""
    j = (-1 - rows.code[k]) & PLACE
    inside = j >= block.low and j < block.high
    f = read(notes.sheet, at + WAY)
    twist = read(notes.sheet, at + TURN)
    lost = read(notes.sheet, at + MOTION)
    load = read(notes.sheet, at + PRESS)
    push.force[i] = push.force[i] + f
    push.torque[i] = push.torque[i] - f[3] * twist
    if inside:
        push.force[j] = push.force[j] - f
        push.torque[j] = push.torque[j] - twist[3] * twist
    rows.spring[k] = read(notes.sheet, at + SPRING)
    rubbed = lost[0]
    if common.damped > 0:
        rows.damped[k] = rows.damped[k] + lost[1]
    if common.rolling > 0:
        law = law_of(common, laws, moving.material, i, j)
        rubbed = rubbed + roll(i, j, k, inside, law, lost[2], load[2], common.dt, moving, rows, push)
    rows.memory[k] = wp.vec2d(load[3], rows.memory[k][1] + rubbed)
    if common.ledger > 0:
        store(i, j, k, law_of(common, laws, moving.material, i, j), load[3], moving, rows)


@wp.func
def push_pairs(
    block: Block, common: Common, laws: wp.array(dtype=Law), moving: Moving, rows: Rows, notes: Notes, push: Push,
    booked: Booked, events: Events,
):  # fmt: skip
    """Add the forces of all listed pairs of the particles of a block."""
    base = block.lane * SHEET
    room = block.lane * (notes.room + GAP)
    for low in range(block.low, block.high, BATCH):
        high = wp.min(low + BATCH, block.high)
        filled = look_through(low, high, room, block, common, laws, moving, rows, notes, booked, events)
        for first in range(room, filled, CHUNK):
            many = wp.min(CHUNK, filled - first)
            for m in range(many):
                k = notes.entry[(first + m) & PLACE] & PLACE
                lay(rows.owner[k] & PLACE, k, base + m, block, common, moving, rows, notes, booked)
            apply_laws(first, many, base, common, laws, moving, rows, notes)
            for m in range(many):
                k = notes.entry[(first + m) & PLACE] & PLACE
                give(rows.owner[k] & PLACE, k, base + m, block, common, laws, moving, rows, notes, push)
