# mypy: ignore-errors
# Warp compiles the functions below with strict types of its own, which Python's types do not describe
"""Forces between particles and bodies, and the loads on bodies in a step."""

import warp as wp

from cathodelab.simulation.dem.kernels.contact_forces import (
    rolling_torque,
    spring_energy,
    wall_contact_force,
    work_of_ended_contact,
)
from cathodelab.simulation.dem.kernels.normal_laws import HALF, ONE, ZERO, Law, real, recoverable
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
from cathodelab.simulation.dem.kernels.surface_distance import Surface, nearest
from cathodelab.simulation.dem.kernels.wall_features import (
    Pose,
    element_of,
    heir_of,
    in_frame,
    is_own_contact,
    side_of_contact,
)

SAFE = wp.constant(real(0.999))  # of a way, against rounding


@wp.struct
class BodyLoads:
    """Loads of the particles on the bodies in this step: one place for each block and body.

    The places of two blocks are far apart: two threads that write to one line of the cache wait for each other.
    """

    stride: wp.int32
    force: wp.array(dtype=wp.vec3d)
    torque: wp.array(dtype=wp.vec3d)


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
    viscous = wp.vec4d()
    if heir >= 0:
        spring = rows.spring[heir]
        kept = rows.memory[heir]
        if constants.rolling > 0:
            spun = rows.roll[heir]
        if constants.damped > 0:
            damped = rows.damped[heir]
            viscous = rows.viscous[heir]
    n = wp.quat_rotate(pose.turn, nb)
    overlap = r - gap
    arm = wp.max(gap, ZERO)
    lever = x - n * arm - pose.origin
    velocity = wp.vec3d(motion[0], motion[1], motion[2]) - pose.velocity - wp.cross(pose.spin, lever)
    f, after, viscous, kept, more, normal, stiffness = wall_contact_force(
        law, n, overlap, r, motion[3], velocity, arm * w, spring, viscous, kept, constants.dt
    )
    moment = -arm * wp.cross(n, f)
    twist = wp.vec3d()
    if constants.rolling > 0:
        twist, spun, lost = rolling_torque(law, n, w - pose.spin, spun, stiffness, normal, r, constants.dt)
        rows.roll[k] = spun
        kept[1] = kept[1] + lost
    if constants.damped > 0:
        rows.damped[k] = damped + more
        rows.viscous[k] = viscous
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
    rows: ContactRows, totals: CollisionTotals, events: Events, surfaces: wp.array(dtype=Surface), poses: wp.array(dtype=Pose),
):  # fmt: skip
    """Book the collision of particle i with the surface of candidate k, which has ended."""
    place = particles.position[i]
    radius = place[3]
    damped = ZERO
    if constants.damped > 0:
        # the last force of the dashpot still acts over half a step
        s = surfaces[-1 - rows.code[k]]
        pose = poses[s.body]
        x = wp.vec3d(place[0], place[1], place[2])
        motion = particles.velocity[i]
        point, gap, nb, face = nearest(s, in_frame(pose, x))
        n = wp.quat_rotate(pose.turn, nb)
        surface = pose.velocity + wp.cross(pose.spin, x - n * gap - pose.origin)
        approach = wp.dot(wp.vec3d(motion[0], motion[1], motion[2]) - surface, n)
        damped = rows.damped[k] - HALF * constants.dt * rows.viscous[k][3] * approach
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
            # fmt: off
            apply_walls_to_particle(
                i, block, constants, laws, particles, rows, surfaces, poses, bodies, loads, totals, events, body_loads, trek
            )
            # fmt: on
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
            side = side_of_contact(k, first, last, xb, r, rows, surfaces, e, s.kind, s.body, point, gap, face)
            touches = side != ZERO
            if side < ZERO:
                gap = -gap
                nb = -nb
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
                end_wall_collision(i, k, block.lane, constants, law, particles, rows, totals, events, surfaces, poses)
