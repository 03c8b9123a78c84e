# mypy: ignore-errors
# the bodies below are Warp's language, compiled by Warp with its own strict types; Python's types do not describe them
"""One contact over one step: normal law, Mindlin spring with static and dynamic friction, rolling resistance, damping.

The tangential spring stores its force and its stiffness. When the contact shrinks the force shrinks with the stiffness
(Thornton's rescaling), when it grows the force stays: both lose energy, neither makes any. What is lost is booked as the
work done on the spring (mean of the forces before and after times the displacement, the leapfrog scheme's own measure)
less the change of what is stored, so that the ledger closes to round-off whatever the spring does.
"""

import warp as wp

from cathodelab.simulation.dem.kernels.law import (
    DAMPING,
    HALF,
    ONE,
    ZERO,
    Law,
    normal_force,
    plastic_work,
    real,
)


@wp.func
def thrust(f: wp.vec3d, t: wp.vec3d) -> wp.spatial_vectord:
    """Force and torque side by side: one place in memory."""
    return wp.spatial_vectord(f[0], f[1], f[2], t[0], t[1], t[2])


@wp.func
def stored_in(spring: wp.vec4d) -> real:
    """Energy of a spring kept as (force, stiffness); a sliding contact carries its stiffness with a minus sign."""
    energy = ZERO
    if spring[3] != ZERO:
        energy = HALF * (spring[0] * spring[0] + spring[1] * spring[1] + spring[2] * spring[2]) / wp.abs(spring[3])
    return energy


@wp.func
def slid(
    law: Law,
    n: wp.vec3d,
    velocity: wp.vec3d,
    spring: wp.vec4d,
    stiffness: real,
    normal: real,
    mass: real,
    dt: real,
):
    """Tangential force on the first partner, the spring afterwards and the work lost.

    ``velocity`` is tangential, of the first partner relative to the second, at the contact. Friction is static until
    the trial force first exceeds its limit, then dynamic until the trial force falls below the dynamic limit.
    """
    before = wp.vec3d(spring[0], spring[1], spring[2])
    before = before - wp.dot(before, n) * n
    old = wp.abs(spring[3])
    # a spring that turned with the contact plane lost nothing; what is lost is counted from the turned one
    before2 = wp.dot(before, before)
    lost = ZERO
    if old > ZERO:
        lost = HALF * before2 / old
    force = wp.vec3d()
    after = wp.vec4d()
    if stiffness > ZERO:
        kept = ONE
        if stiffness < old:
            kept = stiffness / old
        elastic = kept * before - (stiffness * dt) * velocity
        force = elastic
        if law.tangential_damping > ZERO:
            force = elastic - (DAMPING * law.tangential_damping * wp.sqrt(stiffness * mass)) * velocity
        size2 = wp.dot(force, force)
        limit = law.static_friction * normal
        if spring[3] < ZERO:
            limit = law.dynamic_friction * normal
        mark = stiffness
        if size2 > limit * limit:
            force = (law.dynamic_friction * normal / wp.sqrt(size2)) * force
            elastic = force
            mark = -stiffness
        after = wp.vec4d(elastic[0], elastic[1], elastic[2], mark)
        lost -= HALF * wp.dot(elastic, elastic) / stiffness
    lost -= HALF * dt * wp.dot(before + force, velocity)
    return force, after, lost


@wp.func
def rolled(
    law: Law, n: wp.vec3d, turning: wp.vec3d, spring: wp.vec4d, stiffness: real, normal: real, radius: real, dt: real
):
    """Rolling torque on the first partner (elastic-plastic spring, type C of Ai et al. 2011), spring and lost work."""
    before = wp.vec3d(spring[0], spring[1], spring[2])
    before = before - wp.dot(before, n) * n
    lost = ZERO
    if spring[3] > ZERO:
        lost = HALF * wp.dot(before, before) / spring[3]
    rolling = turning - wp.dot(turning, n) * n
    arm = law.rolling_friction * radius
    torsion = real(2.25) * stiffness * arm * arm
    torque = wp.vec3d()
    after = wp.vec4d()
    if torsion > ZERO:
        kept = before
        if torsion < spring[3]:
            kept = before * (torsion / spring[3])
        torque = kept - rolling * (torsion * dt)
        size = wp.length(torque)
        limit = arm * normal
        if size > limit:
            torque = torque * (limit / size)
        after = wp.vec4d(torque[0], torque[1], torque[2], torsion)
        lost -= HALF * wp.dot(torque, torque) / torsion
    lost -= HALF * dt * wp.dot(before + torque, rolling)
    return torque, after, lost


@wp.func
def touched(
    law: Law,
    n: wp.vec3d,
    overlap: real,
    radius: real,
    mass: real,
    velocity: wp.vec3d,
    turning: wp.vec3d,
    spring: wp.vec4d,
    kept: wp.vec4d,
    dt: real,
):
    """One contact: force on the first partner, its spring, the largest overlap and the three kinds of lost work.

    Args:
        law: the pair of materials.
        n: unit vector towards the first partner.
        overlap: of the undeformed surfaces, m.
        radius: effective radius.
        mass: effective mass.
        velocity: of the first partner relative to the second, centre to centre, m/s.
        turning: sum of arm times angular velocity of both, m/s.
        spring: tangential spring as (force, stiffness).
        kept: largest overlap so far and the work lost so far: plastic, friction, damping.
        dt: step, s.

    Returns:
        force on the first partner, spring, the four numbers kept, normal force, normal stiffness.
    """
    approach = wp.dot(velocity, n)
    slip = velocity - approach * n - wp.cross(turning, n)
    now = kept
    if overlap > kept[0]:
        now[0] = overlap
        now[1] = plastic_work(law, overlap, radius)
    normal, tangential, stiffness = normal_force(law, overlap, now[0], radius)
    if law.damping > ZERO:
        viscous = -DAMPING * law.damping * wp.sqrt(stiffness * mass) * approach
        total = wp.max(normal + viscous, ZERO)
        # speed in the middle of the kick this force gives: exact for two partners alone
        now[3] = now[3] + (normal - total) * (approach + HALF * dt * total / mass) * dt
        normal = total
    force, after, lost = slid(law, n, slip, spring, tangential, normal, mass, dt)
    now[2] = now[2] + lost
    return normal * n + force, after, now, normal, stiffness
