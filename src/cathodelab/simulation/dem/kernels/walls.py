# mypy: ignore-errors
# the bodies below are Warp's language, compiled by Warp with its own strict types; Python's types do not describe them
"""Forces between particles and bodies, and what the bodies feel in a step.

A particle touches a surface at its nearest point. Where that point lies on an edge or corner it counts only if no other
surface of the body that holds this point is nearer, and of several that share it only the first: one contact for one
feature. When the nearest surface of a body changes (a sphere rolling over an edge), the history goes along.
"""

import warp as wp

from cathodelab.simulation.dem.kernels.contact import finished, rolled, stored_in, touched
from cathodelab.simulation.dem.kernels.law import ONE, ZERO, Law, real, recoverable
from cathodelab.simulation.dem.kernels.pairs import (
    Block,
    Booked,
    Common,
    Events,
    Moving,
    Push,
    Rows,
    packed,
    record_event,
)
from cathodelab.simulation.dem.kernels.shapes import TRIANGLE, Surface, nearest

SAFE = wp.constant(real(0.999))  # of a way, against rounding


@wp.struct
class Pose:
    """Where a body is and how it moves: a point of its frame at ``origin``, turned by ``turn``."""

    origin: wp.vec3d
    turn: wp.quatd
    velocity: wp.vec3d
    spin: wp.vec3d


@wp.struct
class Felt:
    """What the particles did to the bodies in this step: one place for each block and body.

    Those of a block are far from the next's: two threads that write to one line of the cache wait for each other.
    """

    stride: wp.int32
    force: wp.array(dtype=wp.vec3d)
    torque: wp.array(dtype=wp.vec3d)


@wp.func
def in_frame(pose: Pose, x: wp.vec3d) -> wp.vec3d:
    """A place in the body's own frame."""
    return wp.quat_rotate_inv(pose.turn, x - pose.origin)


@wp.func
def element_of(code: wp.int32) -> wp.int32:
    """The surface a code means, touching or not."""
    element = code
    if code < 0:
        element = -1 - code
    return element


@wp.func
def counts(
    k: wp.int32,
    first: wp.int32,
    last: wp.int32,
    x: wp.vec3d,
    radius: real,
    rows: Rows,
    surfaces: wp.array(dtype=Surface),
    poses: wp.array(dtype=Pose),
) -> bool:
    """Whether candidate k is a contact of its own (see the module)."""
    e = element_of(rows.code[k])
    s = surfaces[e]
    xb = in_frame(poses[s.body], x)
    point, gap, n, face = nearest(s, xb)
    return is_contact(k, first, last, xb, radius, rows, surfaces, e, s.kind, s.body, point, gap, face)


@wp.func
def is_contact(
    k: wp.int32,
    first: wp.int32,
    last: wp.int32,
    xb: wp.vec3d,
    radius: real,
    rows: Rows,
    surfaces: wp.array(dtype=Surface),
    e: wp.int32,
    kind: wp.int32,
    body: wp.int32,
    point: wp.vec3d,
    gap: real,
    face: wp.int32,
) -> bool:
    """As :func:`counts`, with the nearest point known."""
    if gap >= radius or (gap < -real(2.0) * radius and kind != 0):
        return False
    # a face seen from behind: only the nearest face of the body may push out
    if face == 1 and (gap >= ZERO or kind != TRIANGLE):
        return True
    near = radius * real(1e-6)
    for m in range(first, last):
        if m != k:
            e2 = element_of(rows.code[m])
            s2 = surfaces[e2]
            if s2.body == body:
                p2, gap2, n2, face2 = nearest(s2, xb)
                if face == 1:
                    # inside the solid: the face with the smallest depth
                    if face2 == 1 and gap2 < ZERO and (gap2 > gap or (gap2 == gap and e2 < e)):
                        return False
                elif face2 == 1 and gap2 < ZERO and gap2 > -radius:
                    # the centre is inside: edges are silent
                    return False
                elif wp.length(p2 - point) < near:
                    # the same edge or corner: the first counts
                    if e2 < e or face2 == 1:
                        return False
                elif wp.abs(gap2) < gap:
                    # a nearer surface: does it hold the point itself?
                    p3, gap3, n3, face3 = nearest(s2, point)
                    if wp.length(p3 - point) < near:
                        return False
    return True


@wp.func
def heir_of(
    k: wp.int32, first: wp.int32, last: wp.int32, body: wp.int32, x: wp.vec3d, radius: real, rows: Rows,
    surfaces: wp.array(dtype=Surface), poses: wp.array(dtype=Pose),
) -> wp.int32:  # fmt: skip
    """Where the history of candidate k is, which touches now.

    Its own, that of a surface of the body which no longer counts, or -1 where a collision begins.
    """
    code = rows.code[k]
    heir = wp.int32(k)
    if code >= 0:
        heir = wp.int32(-1)
        rows.code[k] = -1 - code
        for m in range(first, last):
            other = rows.code[m]
            if other < 0 and m != k and heir < 0:
                if surfaces[-1 - other].body == body:
                    if not counts(m, first, last, x, radius, rows, surfaces, poses):
                        rows.code[m] = -1 - other
                        heir = m
    return heir


@wp.func
def leant(
    i: wp.int32, k: wp.int32, heir: wp.int32, gap: real, nb: wp.vec3d, common: Common, law: Law, moving: Moving,
    rows: Rows, pose: Pose, push: Push, place_felt: wp.int32, felt: Felt,
):  # fmt: skip
    """Forces between particle i and the surface of candidate k, whose history lies at ``heir``."""
    place = moving.position[i]
    motion = moving.velocity[i]
    turning = moving.spin[i]
    x = wp.vec3d(place[0], place[1], place[2])
    w = wp.vec3d(turning[0], turning[1], turning[2])
    r = place[3]
    spring = wp.vec4d()
    kept = wp.vec2d()
    spun = wp.vec4d()
    damped = ZERO
    if heir >= 0:
        spring = rows.spring[heir]
        kept = rows.memory[heir]
        if common.rolling > 0:
            spun = rows.roll[heir]
        if common.damped > 0:
            damped = rows.damped[heir]
    n = wp.quat_rotate(pose.turn, nb)
    overlap = r - gap
    arm = wp.max(gap, ZERO)
    lever = x - n * arm - pose.origin
    velocity = wp.vec3d(motion[0], motion[1], motion[2]) - pose.velocity - wp.cross(pose.spin, lever)
    f, after, kept, more, normal, stiffness = touched(
        law, n, overlap, r, motion[3], velocity, arm * w, spring, kept, common.dt
    )
    moment = -arm * wp.cross(n, f)
    twist = wp.vec3d()
    if common.rolling > 0:
        twist, spun, lost = rolled(law, n, w - pose.spin, spun, stiffness, normal, r, common.dt)
        rows.roll[k] = spun
        kept[1] = kept[1] + lost
    if common.damped > 0:
        rows.damped[k] = damped + more
    rows.spring[k] = after
    rows.memory[k] = kept
    if common.ledger > 0:
        rows.stored[k] = recoverable(law, overlap, kept[0], r)
    moment = moment + twist
    push.force[i] = push.force[i] + wp.vec4d(f[0], f[1], f[2], ZERO)
    push.torque[i] = push.torque[i] + wp.vec4d(moment[0], moment[1], moment[2], ZERO)
    wp.atomic_add(felt.force, place_felt, -f)
    wp.atomic_add(felt.torque, place_felt, -wp.cross(lever, f) - twist)


@wp.func
def left(
    i: wp.int32, k: wp.int32, lane: wp.int32, common: Common, law: Law, moving: Moving, rows: Rows, booked: Booked,
    events: Events,
):  # fmt: skip
    """Book the collision of particle i with the surface of candidate k, which has ended."""
    radius = moving.position[i][3]
    damped = ZERO
    if common.damped > 0:
        damped = rows.damped[k]
    kept = rows.memory[k]
    lost = finished(law, kept, radius, rows.spring[k], damped)
    if common.rolling > 0:
        lost = lost + wp.vec3d(ZERO, stored_in(rows.roll[k]), ZERO)
    rows.code[k] = -1 - rows.code[k]
    rows.memory[k] = wp.vec2d()
    booked.work[i] = booked.work[i] + lost
    booked.ended[i] = booked.ended[i] + 1
    record_event(events, lane, lost[0] + lost[1] + lost[2], ONE / moving.velocity[i][3], kept[0], radius, ONE)


@wp.func
def push_walls(
    begin: wp.int32, end: wp.int32, block: Block, common: Common, laws: wp.array(dtype=Law), moving: Moving, rows: Rows,
    surfaces: wp.array(dtype=Surface), poses: wp.array(dtype=Pose), bodies: wp.int32,
    push: Push, booked: Booked, events: Events, felt: Felt, trek: real,
):  # fmt: skip
    """Add the forces of all surfaces on the particles from ``begin`` to ``end`` and what the bodies feel.

    ``trek`` is how far a particle may have come nearer to a surface since the candidates were listed. One that does not
    touch keeps in its ``memory`` the trek up to which it cannot; most need not be looked at.
    """
    packed(moving, push, rows, booked)
    k = rows.start[begin]
    last = rows.start[end]
    while k < last:
        if rows.code[k] >= 0 and rows.memory[k][0] > trek:
            k += 1
        else:
            i = rows.owner[k]
            push_by_row(i, block, common, laws, moving, rows, surfaces, poses, bodies, push, booked, events, felt, trek)
            k = rows.start[i + 1]


@wp.func
def push_by_row(
    i: wp.int32, block: Block, common: Common, laws: wp.array(dtype=Law), moving: Moving, rows: Rows,
    surfaces: wp.array(dtype=Surface), poses: wp.array(dtype=Pose), bodies: wp.int32,
    push: Push, booked: Booked, events: Events, felt: Felt, trek: real,
):  # fmt: skip
    """The same for one particle that may touch."""
    first = rows.start[i]
    last = rows.start[i + 1]
    place = moving.position[i]
    x = wp.vec3d(place[0], place[1], place[2])
    r = place[3]
    alive = wp.int64(0)  # which of the row touch now
    for k in range(first, last):
        code = rows.code[k]
        if code >= 0 and rows.memory[k][0] > trek:
            continue
        e = element_of(code)
        s = surfaces[e]
        pose = poses[s.body]
        xb = in_frame(pose, x)
        point, gap, nb, face = nearest(s, xb)
        touches = bool(False)
        if gap < r:
            touches = is_contact(k, first, last, xb, r, rows, surfaces, e, s.kind, s.body, point, gap, face)
        elif code >= 0:
            rows.memory[k] = wp.vec2d(trek + SAFE * (gap - r), ZERO)
        if touches:
            alive = alive | (wp.int64(1) << wp.int64(wp.min(k - first, 62)))
            heir = heir_of(k, first, last, s.body, x, r, rows, surfaces, poses)
            if heir < 0:
                booked.begun[i] = booked.begun[i] + 1
            law = laws[moving.material[i] * bodies + s.body]
            place_felt = block.lane * felt.stride + s.body
            leant(i, k, heir, gap, nb, common, law, moving, rows, pose, push, place_felt, felt)
            if heir >= 0 and heir != k:
                rows.memory[heir] = wp.vec2d()
    for k in range(first, last):
        code = rows.code[k]
        if code < 0 and (alive >> wp.int64(wp.min(k - first, 62))) & wp.int64(1) == wp.int64(0):
            if k - first < 62 or not counts(k, first, last, x, r, rows, surfaces, poses):
                law = laws[moving.material[i] * bodies + surfaces[-1 - code].body]
                left(i, k, block.lane, common, law, moving, rows, booked, events)
