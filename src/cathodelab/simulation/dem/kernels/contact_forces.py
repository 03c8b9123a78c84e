# mypy: ignore-errors
# Warp compiles the functions below with strict types of its own, which Python's types do not describe
"""One contact over one step: normal force, Mindlin spring with static and dynamic friction, rolling resistance, damping.

A spring is kept as its displacement and its stiffness. When the contact shrinks, the force shrinks with the stiffness
and the displacement stays (Thornton's rescaling); when it grows, the force stays. Both lose energy, neither makes any.
The loss is booked as the work done on the spring (mean of the forces before and after, times the displacement: the
leapfrog scheme's own measure) less the change of the stored energy. So the energy account closes to round-off whatever
the spring does.

Neighbouring contacts behave differently (load or unload, stick or slide). The code chooses between values instead of
branching, so that a vector unit can treat several contacts at once.
"""

import warp as wp

from cathodelab.simulation.dem.kernels.normal_laws import (
    DAMPING,
    HALF,
    ONE,
    TINY,
    ZERO,
    Law,
    normal_force,
    plastic_work,
    real,
)


@wp.func
def spring_energy(spring: wp.vec4d) -> real:
    """Energy (J) of a spring kept as displacement and stiffness; a sliding contact has a negative stiffness as its mark."""
    square = spring[0] * spring[0] + spring[1] * spring[1] + spring[2] * spring[2]
    return HALF * wp.abs(spring[3]) * square


@wp.func
def in_contact_plane(n: wp.vec3d, spring: wp.vec4d) -> wp.vec3d:
    """Displacement of a spring without its part along the normal: the spring turns with the contact and loses nothing."""
    before = wp.vec3d(spring[0], spring[1], spring[2])
    return before - wp.dot(before, n) * n


@wp.func
def tangential_force(
    law: Law, n: wp.vec3d, velocity: wp.vec3d, spring: wp.vec4d, stiffness: real, normal: real, dt: real
):
    """Tangential force on the first partner, spring afterwards and work lost.

    ``velocity`` is tangential, of the first partner relative to the second, at the contact. Friction is static until the
    trial force first exceeds its limit, then dynamic until the trial force falls below the dynamic limit.
    """
    before = in_contact_plane(n, spring)
    old = wp.abs(spring[3])
    share = wp.min(old / wp.max(stiffness, TINY), ONE)
    trial = share * before - dt * velocity
    sliding = law.dynamic_friction * normal
    limit = wp.where(spring[3] < ZERO, sliding, law.static_friction * normal)
    square = wp.dot(trial, trial)
    size2 = stiffness * stiffness * square
    slides = size2 > limit * limit
    scale = wp.where(slides, sliding / wp.sqrt(wp.max(size2, TINY)), ONE)
    left = scale * stiffness
    # (old b²(1 - q) + (old - s k q) b·t + s k (1 - s) t²)/2 is the work on the spring less what it stores afterwards
    lost = old * (ONE - share) * wp.dot(before, before) + (old - left * share) * wp.dot(before, trial)
    lost = HALF * (lost + left * (ONE - scale) * square)
    after = scale * trial
    return left * trial, wp.vec4d(after[0], after[1], after[2], wp.where(slides, -stiffness, stiffness)), lost


@wp.func
def damped_tangential_force(
    law: Law, n: wp.vec3d, velocity: wp.vec3d, spring: wp.vec4d, viscous: wp.vec3d, stiffness: real, normal: real,
    mass: real, dt: real,
):  # fmt: skip
    """The same with a dashpot beside the spring, both in series with the slider.

    ``viscous`` is the force of the dashpot in the step before. What slides is the slider alone: while it does, spring and
    dashpot together hold the friction, c ds/dt + k s = F. So the spring never holds more than its own part, and no element
    can make energy. Returns the force of the dashpot besides.
    """
    before = in_contact_plane(n, spring)
    old = wp.abs(spring[3])
    start = wp.min(old / wp.max(stiffness, TINY), ONE) * before
    after = start - dt * velocity
    dashpot = DAMPING * law.tangential_damping * wp.sqrt(stiffness * mass) / dt
    sliding = law.dynamic_friction * normal
    limit = wp.where(spring[3] < ZERO, sliding, law.static_friction * normal)
    force = stiffness * after + dashpot * (after - start)
    mark = stiffness
    size2 = wp.dot(force, force)
    if size2 > limit * limit:
        force = (sliding / wp.sqrt(size2)) * force
        after = (ONE / wp.max(stiffness + dashpot, TINY)) * (force + dashpot * start)
        mark = -stiffness
    lost = HALF * (old * wp.dot(before, before) - stiffness * wp.dot(after, after))
    # the mean force of two steps times the way between them is the leapfrog scheme's own measure of work
    earlier = old * before + (viscous - wp.dot(viscous, n) * n)
    lost -= HALF * dt * wp.dot(earlier + force, velocity)
    return force, wp.vec4d(after[0], after[1], after[2], mark), force - stiffness * after, lost


@wp.func
def rolling_torque(
    law: Law, n: wp.vec3d, turning: wp.vec3d, spring: wp.vec4d, stiffness: real, normal: real, radius: real, dt: real
):
    """Rolling torque on the first partner, spring and work lost.

    Elastic-plastic spring, model C of Ai et al., Powder Technol. 206 (2011) 269.
    """
    before = wp.vec3d(spring[0], spring[1], spring[2])
    before = before - wp.dot(before, n) * n
    rolling = turning - wp.dot(turning, n) * n
    arm = law.rolling_friction * radius
    torsion = real(2.25) * stiffness * arm * arm
    after = wp.min(spring[3] / wp.max(torsion, TINY), ONE) * before - dt * rolling
    size = torsion * wp.length(after)
    limit = arm * normal
    if size > limit:
        after = (limit / size) * after
    torque = torsion * after
    lost = HALF * (spring[3] * wp.dot(before, before) - torsion * wp.dot(after, after))
    lost -= HALF * dt * wp.dot(spring[3] * before + torque, rolling)
    return torque, wp.vec4d(after[0], after[1], after[2], torsion), lost


@wp.func
def sphere_contact(law: Law, apart: wp.vec3d, ri: real, rj: real, largest: real):
    """Normal contact of two spheres whose centres are ``apart`` (m).

    Returns:
        unit vector towards the first, distance over the sum of radii, normal force, tangential and normal stiffness,
        largest overlap so far.
    """
    distance = wp.sqrt(wp.dot(apart, apart))
    per_reach = ONE / (ri + rj)
    overlap = ri + rj - distance
    deepest = wp.max(overlap, largest)
    normal, tangential, stiffness = normal_force(law, overlap, deepest, ri * rj * per_reach)
    return (ONE / distance) * apart, distance * per_reach, normal, tangential, stiffness, deepest


@wp.func
def contact_force(
    law: Law,
    n: wp.vec3d,
    normal: real,
    tangential: real,
    velocity: wp.vec3d,
    turning: wp.vec3d,
    spring: wp.vec4d,
    dt: real,
):
    """Force on the first partner, spring and work lost by friction, for a known normal force; without damping."""
    slip = velocity - wp.dot(velocity, n) * n - wp.cross(turning, n)
    force, after, lost = tangential_force(law, n, slip, spring, tangential, normal, dt)
    return normal * n + force, after, lost


@wp.func
def damped_contact_force(
    law: Law, n: wp.vec3d, normal: real, tangential: real, stiffness: real, mass: real, velocity: wp.vec3d,
    turning: wp.vec3d, spring: wp.vec4d, viscous: wp.vec4d, dt: real,
):  # fmt: skip
    """The same with dashpots, where the law has some.

    ``viscous`` are the forces of the tangential and of the normal dashpot (fourth component) in the step before.

    Returns:
        force on the first partner, spring, forces of the dashpots, work lost tangentially and in the normal dashpot,
        normal force.
    """
    approach = wp.dot(velocity, n)
    slip = velocity - approach * n - wp.cross(turning, n)
    pressing = -DAMPING * law.damping * wp.sqrt(stiffness * mass) * approach
    total = wp.where(law.damping > ZERO, wp.max(normal + pressing, ZERO), normal)
    pressing = total - normal
    damped = -HALF * dt * (viscous[3] + pressing) * approach
    dashpot = wp.vec3d()
    force, after, lost = tangential_force(law, n, slip, spring, tangential, total, dt)
    if law.tangential_damping > ZERO:
        earlier = wp.vec3d(viscous[0], viscous[1], viscous[2])
        force, after, dashpot, lost = damped_tangential_force(
            law, n, slip, spring, earlier, tangential, total, mass, dt
        )
    now = wp.vec4d(dashpot[0], dashpot[1], dashpot[2], pressing)
    return total * n + force, after, now, lost, damped, total


@wp.func
def wall_contact_force(
    law: Law,
    n: wp.vec3d,
    overlap: real,
    radius: real,
    mass: real,
    velocity: wp.vec3d,
    turning: wp.vec3d,
    spring: wp.vec4d,
    viscous: wp.vec4d,
    kept: wp.vec2d,
    dt: real,
):
    """Force on a sphere from a surface, its spring and what is kept of the contact.

    Args:
        law: of the two materials.
        n: unit vector towards the sphere.
        overlap: of the undeformed surfaces, m.
        radius: effective radius, m.
        mass: effective mass, kg.
        velocity: of the sphere's centre relative to the surface, m/s.
        turning: arm times angular velocity of the sphere, m/s.
        spring: tangential spring as displacement and stiffness.
        viscous: forces of the dashpots in the step before, tangential and normal.
        kept: largest overlap and work lost by friction so far (the plastic work follows from the overlap).
        dt: step, s.

    Returns:
        force on the sphere, spring, forces of the dashpots, the two numbers kept, work lost in the normal dashpot, normal
        force, normal stiffness.
    """
    largest = wp.max(overlap, kept[0])
    normal, tangential, stiffness = normal_force(law, overlap, largest, radius)
    force, after, now, lost, damped, total = damped_contact_force(
        law, n, normal, tangential, stiffness, mass, velocity, turning, spring, viscous, dt
    )
    return force, after, now, wp.vec2d(largest, kept[1] + lost), damped, total, stiffness


@wp.func
def work_of_ended_contact(law: Law, kept: wp.vec2d, radius: real, spring: wp.vec4d, damped: real) -> wp.vec3d:
    """Work lost in a contact that has ended: plastic, tangential (with what the spring still held), normal dashpot."""
    return wp.vec3d(plastic_work(law, kept[0], radius), kept[1] + spring_energy(spring), damped)
