# mypy: ignore-errors
# Warp compiles the functions below with strict types of its own, which Python's types do not describe
"""One leapfrog step: velocities over a whole step, then positions."""

import warp as wp

from cathodelab.simulation.dem.kernels.normal_laws import real
from cathodelab.simulation.dem.kernels.pairs import PLACE, ParticleArrays, ParticleLoads, StepConstants


@wp.func
def kick_and_drift(
    begin: wp.int32,
    end: wp.int32,
    constants: StepConstants,
    particles: ParticleArrays,
    loads: ParticleLoads,
    listed: wp.array(dtype=wp.vec3d),
):
    """v(t + dt/2) = v(t - dt/2) + a(t) dt, x(t + dt) = x(t) + v dt: velocities lag half a step behind positions.

    Forces are cleared for the next step; the last step of a run keeps them for the energy account. Returns the squares of
    the farthest way since the list was made and of the highest speed.
    """
    way2 = real(0.0)
    speed2 = real(0.0)
    dt = constants.dt
    for item in range(begin, end):
        i = item & PLACE
        v = particles.velocity[i]
        w = particles.spin[i]
        f = loads.force[i]
        t = loads.torque[i]
        kick = dt / v[3]
        speed = wp.vec3d(v[0], v[1], v[2]) + wp.vec3d(f[0], f[1], f[2]) * kick + constants.gravity * dt
        particles.velocity[i] = wp.vec4d(speed[0], speed[1], speed[2], v[3])
        turn = dt / w[3]
        particles.spin[i] = wp.vec4d(w[0] + t[0] * turn, w[1] + t[1] * turn, w[2] + t[2] * turn, w[3])
        p = particles.position[i]
        now = wp.vec3d(p[0], p[1], p[2]) + speed * dt
        particles.position[i] = wp.vec4d(now[0], now[1], now[2], p[3])
        way = now - listed[i]
        way2 = wp.max(way2, wp.dot(way, way))
        speed2 = wp.max(speed2, wp.dot(speed, speed))
        if constants.ledger == 0:
            loads.force[i] = wp.vec4d()
            loads.torque[i] = wp.vec4d()
    return way2, speed2
