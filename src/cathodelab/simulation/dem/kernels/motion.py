# mypy: ignore-errors
# the bodies below are Warp's language, compiled by Warp with its own strict types; Python's types do not describe them
"""One leapfrog step: velocities over a whole step, then positions; the farthest way since the list was made."""

import warp as wp

from cathodelab.simulation.dem.kernels.law import real
from cathodelab.simulation.dem.kernels.pairs import PLACE, Common, Moving, Push


@wp.func
def kick_and_drift(
    begin: wp.int32,
    end: wp.int32,
    common: Common,
    moving: Moving,
    push: Push,
    listed: wp.array(dtype=wp.vec3d),
):
    """Velocities lag half a step behind positions: v(t + dt/2) = v(t - dt/2) + a(t) dt, x(t + dt) = x(t) + v dt.

    Forces are cleared for the next step; the last step of a run keeps them for the ledger. Returns the squares of the
    farthest way since the list was made and of the highest speed.
    """
    way2 = real(0.0)
    speed2 = real(0.0)
    dt = common.dt
    for item in range(begin, end):
        i = item & PLACE
        v = moving.velocity[i]
        w = moving.spin[i]
        f = push.force[i]
        t = push.torque[i]
        kick = dt / v[3]
        speed = wp.vec3d(v[0], v[1], v[2]) + wp.vec3d(f[0], f[1], f[2]) * kick + common.gravity * dt
        moving.velocity[i] = wp.vec4d(speed[0], speed[1], speed[2], v[3])
        turn = dt / w[3]
        moving.spin[i] = wp.vec4d(w[0] + t[0] * turn, w[1] + t[1] * turn, w[2] + t[2] * turn, w[3])
        p = moving.position[i]
        now = wp.vec3d(p[0], p[1], p[2]) + speed * dt
        moving.position[i] = wp.vec4d(now[0], now[1], now[2], p[3])
        way = now - listed[i]
        way2 = wp.max(way2, wp.dot(way, way))
        speed2 = wp.max(speed2, wp.dot(speed, speed))
        if common.ledger == 0:
            push.force[i] = wp.vec4d()
            push.torque[i] = wp.vec4d()
    return way2, speed2
