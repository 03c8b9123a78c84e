# mypy: ignore-errors
# the bodies below are Warp's language, compiled by Warp with its own strict types; Python's types do not describe them
"""What a state says besides places and speeds: energies of each particle, plastic work of the contacts that last."""

import warp as wp

from cathodelab.simulation.dem.kernels.law import HALF, Law, plastic_work, real
from cathodelab.simulation.dem.kernels.pairs import Common, Moving, Push, Rows, law_of
from cathodelab.simulation.dem.kernels.shapes import Surface


@wp.kernel
def energies(
    common: Common,
    moving: Moving,
    push: Push,
    kinetic: wp.array(dtype=real),
    potential: wp.array(dtype=real),
):
    """Energies of each particle at the time of the last forces, one step before the positions."""
    i = wp.tid()
    v = moving.velocity[i]
    w = moving.spin[i]
    dt = common.dt
    speed = wp.vec3d(v[0], v[1], v[2])
    f = push.force[i]
    t = push.torque[i]
    back = speed - HALF * dt * (wp.vec3d(f[0], f[1], f[2]) / v[3] + common.gravity)
    turning = wp.vec3d(w[0], w[1], w[2]) - HALF * dt * wp.vec3d(t[0], t[1], t[2]) / w[3]
    kinetic[i] = HALF * (v[3] * wp.dot(back, back) + w[3] * wp.dot(turning, turning))
    p = moving.position[i]
    place = wp.vec3d(p[0], p[1], p[2]) - dt * speed
    potential[i] = -v[3] * wp.dot(common.gravity, place)


@wp.kernel
def pair_plastic(common: Common, laws: wp.array(dtype=Law), moving: Moving, rows: Rows, plastic: wp.array(dtype=real)):
    """Plastic work of the contacts that last, from their largest overlaps."""
    i = wp.tid()
    ri = moving.position[i][3]
    for k in range(rows.start[i], rows.start[i + 1]):
        code = rows.code[k]
        if code < 0:
            j = -1 - code
            rj = moving.position[j][3]
            law = law_of(common, laws, moving.material, i, j)
            plastic[k] = plastic_work(law, rows.memory[k][0], ri * rj / (ri + rj))


@wp.kernel
def wall_plastic(
    laws: wp.array(dtype=Law),
    moving: Moving,
    rows: Rows,
    surfaces: wp.array(dtype=Surface),
    bodies: wp.int32,
    plastic: wp.array(dtype=real),
):
    """Plastic work of the contacts that last, from their largest overlaps."""
    i = wp.tid()
    for k in range(rows.start[i], rows.start[i + 1]):
        code = rows.code[k]
        if code < 0:
            law = laws[moving.material[i] * bodies + surfaces[-1 - code].body]
            plastic[k] = plastic_work(law, rows.memory[k][0], moving.position[i][3])
