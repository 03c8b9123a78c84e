# mypy: ignore-errors
# the bodies below are Warp's language, compiled by Warp with its own strict types; Python's types do not describe them
"""One leapfrog step: velocities over a whole step, then positions; the farthest way since the list was made."""

import warp as wp

from cathodelab.simulation.dem.kernels.law import HALF, real
from cathodelab.simulation.dem.kernels.pairs import Block, Common


@wp.kernel
def kick_and_drift(
    block: Block,
    common: Common,
    position: wp.array(dtype=wp.vec4d),
    velocity: wp.array(dtype=wp.vec4d),
    spin: wp.array(dtype=wp.vec4d),
    push: wp.array(dtype=wp.spatial_vectord),
    listed: wp.array(dtype=wp.vec3d),
    farthest: wp.array(dtype=real),
):
    """Velocities lag half a step behind positions: v(t + dt/2) = v(t - dt/2) + a(t) dt, x(t + dt) = x(t) + v dt.

    Forces are cleared for the next step; the last step of a run keeps them for the ledger.
    """
    begin = block.offset + wp.tid() * block.share
    for i in range(begin, wp.min(begin + block.share, block.end)):
        v = velocity[i]
        w = spin[i]
        f = wp.spatial_top(push[i])
        t = wp.spatial_bottom(push[i])
        dt = common.dt
        kick = dt / v[3]
        speed = wp.vec3d(v[0], v[1], v[2]) + f * kick + common.gravity * dt
        velocity[i] = wp.vec4d(speed[0], speed[1], speed[2], v[3])
        turn = dt / w[3]
        spin[i] = wp.vec4d(w[0] + t[0] * turn, w[1] + t[1] * turn, w[2] + t[2] * turn, w[3])
        p = position[i]
        now = wp.vec3d(p[0], p[1], p[2]) + speed * dt
        position[i] = wp.vec4d(now[0], now[1], now[2], p[3])
        way = now - listed[i]
        if common.ledger == 0:
            push[i] = wp.spatial_vectord()
        wp.atomic_max(farthest, block.lane, wp.dot(way, way))


@wp.kernel
def energies(
    common: Common,
    position: wp.array(dtype=wp.vec4d),
    velocity: wp.array(dtype=wp.vec4d),
    spin: wp.array(dtype=wp.vec4d),
    push: wp.array(dtype=wp.spatial_vectord),
    kinetic: wp.array(dtype=real),
    potential: wp.array(dtype=real),
):
    """Energies of each particle at the time of the last forces, one step before the positions."""
    i = wp.tid()
    v = velocity[i]
    w = spin[i]
    dt = common.dt
    speed = wp.vec3d(v[0], v[1], v[2])
    back = speed - HALF * dt * (wp.spatial_top(push[i]) / v[3] + common.gravity)
    turning = wp.vec3d(w[0], w[1], w[2]) - HALF * dt * wp.spatial_bottom(push[i]) / w[3]
    kinetic[i] = HALF * (v[3] * wp.dot(back, back) + w[3] * wp.dot(turning, turning))
    p = position[i]
    place = wp.vec3d(p[0], p[1], p[2]) - dt * speed
    potential[i] = -v[3] * wp.dot(common.gravity, place)
