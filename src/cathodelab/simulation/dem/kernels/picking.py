# mypy: ignore-errors
# the bodies below are Warp's language, compiled by Warp with its own strict types; Python's types do not describe them
"""Of the listed pairs those that can touch within some steps: picked anew in the middle of a march, histories taken along."""

import warp as wp

from cathodelab.simulation.dem.kernels.law import HALF, real
from cathodelab.simulation.dem.kernels.pairs import PLACE, Block, Common, Moving, Rows
from cathodelab.simulation.dem.kernels.team import Team, in_turn, meet, take

EVER = wp.constant(real(1e300))


@wp.struct
class Picking:
    """Partners listed of each particle, in rows of one width, and room for those that are near.

    The margin over touch (m) that counts as near is ``time`` (s) times the highest speed, between a least and a most; the
    most is what the list itself reaches, and watched over by its own rule.
    """

    time: real
    least: real
    most: real
    width: wp.int32
    listed: wp.array(dtype=wp.int32)
    listed_count: wp.array(dtype=wp.int32)
    found: wp.array(dtype=wp.int32)
    count: wp.array(dtype=wp.int32)
    total: wp.array(dtype=wp.int32)  # of each block


@wp.func
def margin_at(picking: Picking, speed: real) -> real:
    """How far over touch counts as near when this is the highest speed (m/s)."""
    return wp.min(wp.max(picking.time * speed, picking.least), picking.most)


@wp.func
def lasts(picking: Picking, speed: real) -> real:
    """How far particles may go, in sums of the highest speed times step, before near pairs must be picked anew."""
    margin = margin_at(picking, speed)
    return wp.where(margin < picking.most, HALF * margin, EVER)


@wp.func
def is_within(p: wp.vec4d, q: wp.vec4d, margin: real) -> bool:
    """Whether two particles are nearer than touch plus a margin."""
    dx = p[0] - q[0]
    dy = p[1] - q[1]
    dz = p[2] - q[2]
    far = p[3] + q[3] + margin
    return dx * dx + dy * dy + dz * dz < far * far


@wp.func
def find_near(i: wp.int32, margin: real, position: wp.array(dtype=wp.vec4d), picking: Picking) -> wp.int32:
    """Note the near ones of the listed partners of particle i; returns how many."""
    p = position[i & PLACE]
    row = i * picking.width
    total = wp.int32(0)
    for k in range(picking.listed_count[i & PLACE]):
        j = picking.listed[(row + k) & PLACE]
        picking.found[(row + total) & PLACE] = j
        if is_within(p, position[j & PLACE], margin):
            total += 1
    return total


@wp.func
def copied(common: Common, side: real, old: Rows, m: wp.int32, fresh: Rows, k: wp.int32):
    """The history of entry m as entry k of other rows; ``side`` is -1 where the partners change places."""
    s = old.spring[m]
    fresh.spring[k] = wp.vec4d(side * s[0], side * s[1], side * s[2], s[3])
    fresh.memory[k] = old.memory[m]
    if common.damped > 0:
        fresh.damped[k] = old.damped[m]
    if common.rolling > 0:
        r = old.roll[m]
        fresh.roll[k] = wp.vec4d(side * r[0], side * r[1], side * r[2], r[3])


@wp.func
def take_along(i: wp.int32, first: wp.int32, picking: Picking, common: Common, old: Rows, fresh: Rows):
    """Write the row of particle i from entry ``first`` on; partners stand by rising number in the list and in all rows."""
    m = old.start[i & PLACE]
    end = old.start[(i + 1) & PLACE]
    row = i * picking.width
    for k in range(picking.count[i & PLACE]):
        j = picking.found[(row + k) & PLACE]
        code = wp.int32(j)
        now = wp.int32(-1)
        while m < end and now < j:
            seen = old.code[m & PLACE]
            now = seen ^ (seen >> 31)
            if now == j:
                code = seen
            if now <= j:
                m += 1
        if code < 0:
            copied(common, real(1.0), old, m - 1, fresh, first + k)
        fresh.owner[(first + k) & PLACE] = i
        fresh.code[(first + k) & PLACE] = code


@wp.func
def pick_anew(
    team: Team, blocks: wp.array(dtype=Block), speed: real, picking: Picking, common: Common, moving: Moving, old: Rows,
    fresh: Rows, gate: wp.array(dtype=wp.int32),
) -> wp.int32:  # fmt: skip
    """Pick and take along, all threads together; 0 where there is not enough room: then nothing has changed."""
    lanes = blocks.shape[0]
    margin = margin_at(picking, speed)
    for turn in range(lanes):
        lane = in_turn(team, turn, lanes)
        if take(gate, lane, team.threads) > 0:
            block = blocks[lane]
            near = wp.int32(0)
            for i in range(block.low, block.high):
                many = find_near(i, margin, moving.position, picking)
                picking.count[i & PLACE] = many
                near += many
            picking.total[lane] = near
    meet(gate, team.threads, team.give_way)
    total = wp.int32(0)
    for lane in range(lanes):
        total += picking.total[lane]
    if total > fresh.code.shape[0]:
        return 0
    for turn in range(lanes):
        lane = in_turn(team, turn, lanes)
        if take(gate, lane, team.threads) > 0:
            block = blocks[lane]
            first = wp.int32(0)
            for before in range(lane):
                first += picking.total[before]
            for i in range(block.low, block.high):
                fresh.start[i & PLACE] = first
                take_along(i, first, picking, common, old, fresh)
                first += picking.count[i & PLACE]
            # the next block writes the same where it begins
            fresh.start[block.high & PLACE] = first
    meet(gate, team.threads, team.give_way)
    return 1
