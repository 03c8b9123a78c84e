# mypy: ignore-errors
# Warp compiles the functions below with strict types of its own, which Python's types do not describe
"""Energies of each particle, and plastic work of contacts that have not ended."""

import warp as wp

from cathodelab.simulation.dem.kernels.normal_laws import HALF, Law, plastic_work, real
from cathodelab.simulation.dem.kernels.pairs import ContactRows, ParticleArrays, ParticleLoads, StepConstants, law_of
from cathodelab.simulation.dem.kernels.surface_distance import Surface


@wp.kernel
def energies(
    constants: StepConstants,
    particles: ParticleArrays,
    loads: ParticleLoads,
    kinetic: wp.array(dtype=real),
    potential: wp.array(dtype=real),
):
    """Kinetic and potential energy of each particle at the time of the last forces, one step before the positions."""
    i = wp.tid()
    v = particles.velocity[i]
    w = particles.spin[i]
    dt = constants.dt
    speed = wp.vec3d(v[0], v[1], v[2])
    f = loads.force[i]
    t = loads.torque[i]
    back = speed - HALF * dt * (wp.vec3d(f[0], f[1], f[2]) / v[3] + constants.gravity)
    turning = wp.vec3d(w[0], w[1], w[2]) - HALF * dt * wp.vec3d(t[0], t[1], t[2]) / w[3]
    kinetic[i] = HALF * (v[3] * wp.dot(back, back) + w[3] * wp.dot(turning, turning))
    p = particles.position[i]
    place = wp.vec3d(p[0], p[1], p[2]) - dt * speed
    potential[i] = -v[3] * wp.dot(constants.gravity, place)


@wp.kernel
def pair_plastic(
    constants: StepConstants,
    laws: wp.array(dtype=Law),
    particles: ParticleArrays,
    rows: ContactRows,
    plastic: wp.array(dtype=real),
):
    """Plastic work of contacts between particles that have not ended, from their largest overlaps."""
    i = wp.tid()
    ri = particles.position[i][3]
    for k in range(rows.start[i], rows.start[i + 1]):
        code = rows.code[k]
        if code < 0:
            j = -1 - code
            rj = particles.position[j][3]
            law = law_of(constants, laws, particles.material, i, j)
            plastic[k] = plastic_work(law, rows.memory[k][0], ri * rj / (ri + rj))


@wp.kernel
def wall_plastic(
    laws: wp.array(dtype=Law),
    particles: ParticleArrays,
    rows: ContactRows,
    surfaces: wp.array(dtype=Surface),
    bodies: wp.int32,
    plastic: wp.array(dtype=real),
):
    """Plastic work of contacts with bodies that have not ended, from their largest overlaps."""
    i = wp.tid()
    for k in range(rows.start[i], rows.start[i + 1]):
        code = rows.code[k]
        if code < 0:
            law = laws[particles.material[i] * bodies + surfaces[-1 - code].body]
            plastic[k] = plastic_work(law, rows.memory[k][0], particles.position[i][3])
