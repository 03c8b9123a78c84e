# mypy: ignore-errors
# Warp compiles the functions below with strict types of its own, which Python's types do not describe
"""Listed pairs that can touch within some steps: picked again between two steps, with their histories."""

import warp as wp

from cathodelab.simulation.dem.kernels.normal_laws import HALF, real
from cathodelab.simulation.dem.kernels.pairs import PLACE, Block, ContactRows, ParticleArrays, StepConstants
from cathodelab.simulation.dem.kernels.thread_barrier import ThreadTeam, block_at_turn, claim_block, wait_for_all

EVER = wp.constant(real(1e300))


@wp.struct
class NearPairs:
    """Listed partners of each particle, in rows of one width, and room for those that are near.

    A pair counts as near within ``time`` (s) times the highest speed of touch, but at least ``least`` and at most ``most``
    (m). The most is what the list itself reaches; a rule of its own watches that.
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
def margin_at(picks: NearPairs, speed: real) -> real:
    """Distance beyond touch (m) that counts as near at this highest speed (m/s)."""
    return wp.min(wp.max(picks.time * speed, picks.least), picks.most)


@wp.func
def allowed_travel(picks: NearPairs, speed: real) -> real:
    """Sum of highest speeds times step (m) after which near pairs must be picked again."""
    margin = margin_at(picks, speed)
    return wp.where(margin < picks.most, HALF * margin, EVER)


@wp.func
def is_within(p: wp.vec4d, q: wp.vec4d, margin: real) -> bool:
    """Whether two particles are closer than touch plus a margin (m)."""
    dx = p[0] - q[0]
    dy = p[1] - q[1]
    dz = p[2] - q[2]
    far = p[3] + q[3] + margin
    return dx * dx + dy * dy + dz * dz < far * far


@wp.func
def find_near(i: wp.int32, margin: real, position: wp.array(dtype=wp.vec4d), picks: NearPairs) -> wp.int32:
    """Note which listed partners of particle i are near; returns how many."""
    p = position[i & PLACE]
    row = i * picks.width
    total = wp.int32(0)
    for k in range(picks.listed_count[i & PLACE]):
        j = picks.listed[(row + k) & PLACE]
        picks.found[(row + total) & PLACE] = j
        if is_within(p, position[j & PLACE], margin):
            total += 1
    return total


@wp.func
def copy_history(constants: StepConstants, side: real, old: ContactRows, m: wp.int32, fresh: ContactRows, k: wp.int32):
    """Copy the history of entry m to entry k of other rows; ``side`` is -1 if the partners change places."""
    s = old.spring[m]
    fresh.spring[k] = wp.vec4d(side * s[0], side * s[1], side * s[2], s[3])
    fresh.memory[k] = old.memory[m]
    if constants.damped > 0:
        fresh.damped[k] = old.damped[m]
        v = old.viscous[m]
        fresh.viscous[k] = wp.vec4d(side * v[0], side * v[1], side * v[2], v[3])
    if constants.rolling > 0:
        r = old.roll[m]
        fresh.roll[k] = wp.vec4d(side * r[0], side * r[1], side * r[2], r[3])


@wp.func
def copy_row(
    i: wp.int32, first: wp.int32, picks: NearPairs, constants: StepConstants, old: ContactRows, fresh: ContactRows
):
    """Write the row of particle i from entry ``first`` on. Partners are in rising order in the list and in all rows."""
    m = old.start[i & PLACE]
    end = old.start[(i + 1) & PLACE]
    row = i * picks.width
    for k in range(picks.count[i & PLACE]):
        j = picks.found[(row + k) & PLACE]
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
            copy_history(constants, real(1.0), old, m - 1, fresh, first + k)
        fresh.owner[(first + k) & PLACE] = i
        fresh.code[(first + k) & PLACE] = code


@wp.func
def pick_near_pairs(
    team: ThreadTeam, blocks: wp.array(dtype=Block), speed: real, picks: NearPairs, constants: StepConstants,
    particles: ParticleArrays, old: ContactRows,
    fresh: ContactRows, gate: wp.array(dtype=wp.int32),
) -> wp.int32:  # fmt: skip
    """Pick near pairs and copy their rows, all threads together; returns 0, with nothing changed, if there is too little room."""
    lanes = blocks.shape[0]
    margin = margin_at(picks, speed)
    for turn in range(lanes):
        lane = block_at_turn(team, turn, lanes)
        if claim_block(gate, lane, team.threads) > 0:
            block = blocks[lane]
            near = wp.int32(0)
            for i in range(block.low, block.high):
                many = find_near(i, margin, particles.position, picks)
                picks.count[i & PLACE] = many
                near += many
            picks.total[lane] = near
    wait_for_all(gate, team.threads, team.give_way)
    total = wp.int32(0)
    for lane in range(lanes):
        total += picks.total[lane]
    if total > fresh.code.shape[0]:
        return 0
    for turn in range(lanes):
        lane = block_at_turn(team, turn, lanes)
        if claim_block(gate, lane, team.threads) > 0:
            block = blocks[lane]
            first = wp.int32(0)
            for before in range(lane):
                first += picks.total[before]
            for i in range(block.low, block.high):
                fresh.start[i & PLACE] = first
                copy_row(i, first, picks, constants, old, fresh)
                first += picks.count[i & PLACE]
            # the next block writes the same number at its begin
            fresh.start[block.high & PLACE] = first
    wait_for_all(gate, team.threads, team.give_way)
    return 1
