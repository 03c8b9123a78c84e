# mypy: ignore-errors
# Warp compiles the functions below with strict types of its own, which Python's types do not describe
"""Forces between particles and bodies, and the loads on bodies in a step.

A particle touches a surface at its nearest point. If that point is on an edge or corner, it counts only if no surface of
the same body that holds this point is nearer, and of several surfaces that share it only the first: one contact for one
feature. When the nearest surface of a body changes (a sphere rolls over an edge), the history goes along.
"""

import warp as wp

from cathodelab.simulation.dem.kernels.contact_forces import (
    rolling_torque,
    spring_energy,
    wall_contact_force,
    work_of_ended_contact,
)
from cathodelab.simulation.dem.kernels.normal_laws import ONE, ZERO, Law, real, recoverable
from cathodelab.simulation.dem.kernels.pairs import (
    Block,
    CollisionTotals,
    ContactRows,
    Events,
    ParticleArrays,
    ParticleLoads,
    StepConstants,
    assume_gapless,
    record_event,
)
from cathodelab.simulation.dem.kernels.surface_distance import TRIANGLE, Surface, nearest

SAFE = wp.constant(real(0.999))  # of a way, against rounding


@wp.struct
class Pose:
    """Where a body is and how it moves: its frame is at ``origin``, turned by ``turn``."""

    origin: wp.vec3d
    turn: wp.quatd
    velocity: wp.vec3d
    spin: wp.vec3d


@wp.struct
class BodyLoads:
    """Loads of the particles on the bodies in this step: one place for each block and body.

    The places of two blocks are far apart: two threads that write to one line of the cache wait for each other.
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
    """The surface that a code means, touching or not."""
    element = code
    if code < 0:
        element = -1 - code
    return element


@wp.func
def is_own_contact(
    k: wp.int32,
    first: wp.int32,
    last: wp.int32,
    x: wp.vec3d,
    radius: real,
    rows: ContactRows,
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
    rows: ContactRows,
    surfaces: wp.array(dtype=Surface),
    e: wp.int32,
    kind: wp.int32,
    body: wp.int32,
    point: wp.vec3d,
    gap: real,
    face: wp.int32,
) -> bool:
    """As :func:`is_own_contact`, for a known nearest point."""
    if gap >= radius or (gap < -real(2.0) * radius and kind != 0):
        return False
    # the centre is behind this face: only the nearest face of the body may push it out
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
                    # the centre is inside: edges do not act
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
    k: wp.int32, first: wp.int32, last: wp.int32, body: wp.int32, x: wp.vec3d, radius: real, rows: ContactRows,
    surfaces: wp.array(dtype=Surface), poses: wp.array(dtype=Pose),
) -> wp.int32:  # fmt: skip
    """Place of the history of candidate k, which touches now.

    Its own, or that of a surface of the body that no longer touches, or -1 if a collision begins.
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
                    if not is_own_contact(m, first, last, x, radius, rows, surfaces, poses):
                        rows.code[m] = -1 - other
                        heir = m
    return heir


@wp.func
def apply_wall_contact(
    i: wp.int32, k: wp.int32, heir: wp.int32, gap: real, nb: wp.vec3d, constants: StepConstants, law: Law,
    particles: ParticleArrays,
    rows: ContactRows, pose: Pose, loads: ParticleLoads, place_felt: wp.int32, body_loads: BodyLoads,
):  # fmt: skip
    """Apply the forces between particle i and the surface of candidate k, whose history is at ``heir``."""
    place = particles.position[i]
    motion = particles.velocity[i]
    turning = particles.spin[i]
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
        if constants.rolling > 0:
            spun = rows.roll[heir]
        if constants.damped > 0:
            damped = rows.damped[heir]
    n = wp.quat_rotate(pose.turn, nb)
    overlap = r - gap
    arm = wp.max(gap, ZERO)
    lever = x - n * arm - pose.origin
    velocity = wp.vec3d(motion[0], motion[1], motion[2]) - pose.velocity - wp.cross(pose.spin, lever)
    f, after, kept, more, normal, stiffness = wall_contact_force(
        law, n, overlap, r, motion[3], velocity, arm * w, spring, kept, constants.dt
    )
    moment = -arm * wp.cross(n, f)
    twist = wp.vec3d()
    if constants.rolling > 0:
        twist, spun, lost = rolling_torque(law, n, w - pose.spin, spun, stiffness, normal, r, constants.dt)
        rows.roll[k] = spun
        kept[1] = kept[1] + lost
    if constants.damped > 0:
        rows.damped[k] = damped + more
    rows.spring[k] = after
    rows.memory[k] = kept
    if constants.ledger > 0:
        rows.stored[k] = recoverable(law, overlap, kept[0], r)
    moment = moment + twist
    loads.force[i] = loads.force[i] + wp.vec4d(f[0], f[1], f[2], ZERO)
    loads.torque[i] = loads.torque[i] + wp.vec4d(moment[0], moment[1], moment[2], ZERO)
    wp.atomic_add(body_loads.force, place_felt, -f)
    wp.atomic_add(body_loads.torque, place_felt, -wp.cross(lever, f) - twist)


@wp.func
def end_wall_collision(
    i: wp.int32, k: wp.int32, lane: wp.int32, constants: StepConstants, law: Law, particles: ParticleArrays,
    rows: ContactRows, totals: CollisionTotals,
    events: Events,
):  # fmt: skip
    """Book the collision of particle i with the surface of candidate k, which has ended."""
    radius = particles.position[i][3]
    damped = ZERO
    if constants.damped > 0:
        damped = rows.damped[k]
    kept = rows.memory[k]
    lost = work_of_ended_contact(law, kept, radius, rows.spring[k], damped)
    if constants.rolling > 0:
        lost = lost + wp.vec3d(ZERO, spring_energy(rows.roll[k]), ZERO)
    rows.code[k] = -1 - rows.code[k]
    rows.memory[k] = wp.vec2d()
    totals.work[i] = totals.work[i] + lost
    totals.ended[i] = totals.ended[i] + 1
    record_event(events, lane, lost[0] + lost[1] + lost[2], ONE / particles.velocity[i][3], kept[0], radius, ONE)


@wp.func
def apply_walls(
    begin: wp.int32, end: wp.int32, block: Block, constants: StepConstants, laws: wp.array(dtype=Law),
    particles: ParticleArrays, rows: ContactRows,
    surfaces: wp.array(dtype=Surface), poses: wp.array(dtype=Pose), bodies: wp.int32,
    loads: ParticleLoads, totals: CollisionTotals, events: Events, body_loads: BodyLoads, trek: real,
):  # fmt: skip
    """Add the forces of all surfaces on the particles from ``begin`` to ``end``, and the loads on the bodies.

    ``trek`` is how far a particle may have come nearer to a surface since surfaces were listed. A candidate that does not
    touch keeps in its ``memory`` the trek up to which it cannot touch; so most need not be tested.
    """
    assume_gapless(particles, loads, rows, totals)
    k = rows.start[begin]
    last = rows.start[end]
    while k < last:
        if rows.code[k] >= 0 and rows.memory[k][0] > trek:
            k += 1
        else:
            i = rows.owner[k]
            apply_walls_to_particle(
                i,
                block,
                constants,
                laws,
                particles,
                rows,
                surfaces,
                poses,
                bodies,
                loads,
                totals,
                events,
                body_loads,
                trek,
            )
            k = rows.start[i + 1]


@wp.func
def apply_walls_to_particle(
    i: wp.int32, block: Block, constants: StepConstants, laws: wp.array(dtype=Law), particles: ParticleArrays,
    rows: ContactRows,
    surfaces: wp.array(dtype=Surface), poses: wp.array(dtype=Pose), bodies: wp.int32,
    loads: ParticleLoads, totals: CollisionTotals, events: Events, body_loads: BodyLoads, trek: real,
):  # fmt: skip
    """The same for one particle that may touch."""
    first = rows.start[i]
    last = rows.start[i + 1]
    place = particles.position[i]
    x = wp.vec3d(place[0], place[1], place[2])
    r = place[3]
    alive = wp.int64(0)  # which candidates of the row touch now
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
                totals.begun[i] = totals.begun[i] + 1
            law = laws[particles.material[i] * bodies + s.body]
            place_felt = block.lane * body_loads.stride + s.body
            apply_wall_contact(
                i, k, heir, gap, nb, constants, law, particles, rows, pose, loads, place_felt, body_loads
            )
            if heir >= 0 and heir != k:
                rows.memory[heir] = wp.vec2d()
    for k in range(first, last):
        code = rows.code[k]
        if code < 0 and (alive >> wp.int64(wp.min(k - first, 62))) & wp.int64(1) == wp.int64(0):
            if k - first < 62 or not is_own_contact(k, first, last, x, r, rows, surfaces, poses):
                law = laws[particles.material[i] * bodies + surfaces[-1 - code].body]
                end_wall_collision(i, k, block.lane, constants, law, particles, rows, totals, events)
