"""What is simulated: materials, contacts, bodies, gravity, step; and the state at the start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from cathodelab.core.errors import CathodelabError
from cathodelab.simulation.dem.equipment.bodies import Body
from cathodelab.simulation.dem.materials import (
    Contact,
    LawNumbers,
    Material,
    deepest_overlap,
    law_numbers,
    shortest_time,
)
from cathodelab.simulation.dem.state import SUMS, Energy, Particles, Poses, State, no_contacts, nothing_counted


@dataclass(frozen=True)
class Case:
    """A machine with its materials (SI units).

    Args:
        materials: those of particles first; ``particle_materials`` says how many.
        contacts: by the names of both materials, in either order.
        bodies: in the order in which results name them.
        step: s.
        gravity: m/s².
        skin: distance beyond touch up to which pairs are listed, m; 0: 0.3 of the largest diameter.
        wall_margin: the same for surfaces; 0: one largest diameter.
        threads: CPU threads; each works on one block of particles.
        blocks: number of blocks; 0: one for each thread. The same blocks give the same bits on any number of threads.
        device: ``cpu`` or ``cuda``.
    """

    materials: tuple[Material, ...]
    contacts: Mapping[tuple[str, str], Contact]
    bodies: tuple[Body, ...] = ()
    step: float = 1e-6
    gravity: tuple[float, float, float] = (0.0, 0.0, -9.81)
    particle_materials: int = 1
    skin: float = 0.0
    wall_margin: float = 0.0
    threads: int = 1
    blocks: int = 0
    device: str = "cpu"
    notes: tuple[str, ...] = field(default=())

    def law(self, first: str, second: str, *, wall: bool) -> LawNumbers:
        """Numbers of the contact between two named materials.

        Raises:
            CathodelabError: ``dem-no-contact``.
        """
        named = {one.name: one for one in self.materials}
        contact = self.contacts.get((first, second)) or self.contacts.get((second, first))
        if contact is None or first not in named or second not in named:
            raise CathodelabError(
                "dem-no-contact",
                f"No contact is given for {first} with {second}",
                where="contacts",
                why="Every pair of materials that can meet needs one.",
                what_to_do=f'Add a contact between "{first}" and "{second}".',
            )
        return law_numbers(contact, named[first], named[second], wall=wall)


def initial(
    case: Case,
    position: ArrayLike,
    radius: ArrayLike,
    velocity: ArrayLike = 0.0,
    spin: ArrayLike = 0.0,
    material: ArrayLike = 0,
) -> State:
    """The state at time zero: spheres at ``position`` (n, 3) in m with the given velocities.

    Velocities are stored half a step back, by gravity alone: a particle that touches something at time zero starts with an
    error of half a step's acceleration.
    """
    place = np.atleast_2d(np.asarray(position, float))
    count = len(place)
    radii = np.broadcast_to(np.asarray(radius, float), (count,))
    kind = np.broadcast_to(np.asarray(material, np.int32), (count,)).astype(np.int32)
    density = np.array([one.density for one in case.materials])
    half_step = 0.5 * case.step * np.asarray(case.gravity)
    speed = np.broadcast_to(np.asarray(velocity, float), (count, 3))
    particles = Particles(
        position=place,
        velocity=speed - half_step,
        spin=np.broadcast_to(np.asarray(spin, float), (count, 3)),
        radius=radii,
        mass=4 / 3 * np.pi * radii**3 * density[kind],
        material=kind,
        identity=np.arange(count, dtype=np.int32),
    )
    turning = 0.4 * particles.mass * particles.radius**2 * np.sum(particles.spin**2, axis=1)
    kinetic = 0.5 * float(np.sum(particles.mass * np.sum(speed**2, axis=1) + turning))
    potential = -float(np.sum(particles.mass * (place @ np.asarray(case.gravity))))
    bodies = len(case.bodies)
    poses = Poses(
        origin=np.array([body.origin for body in case.bodies]).reshape(bodies, 3),
        turn=np.tile([0.0, 0.0, 0.0, 1.0], (bodies, 1)),
        velocity=np.zeros((bodies, 3)),
        spin=np.zeros((bodies, 3)),
        sums=np.zeros((bodies, SUMS)),
    )
    return State(
        particles,
        no_contacts(count),
        no_contacts(count),
        poses,
        nothing_counted(count),
        Energy(kinetic, potential),
        0.0,
        0,
    )


STEPS, STEPS_DAMPED = 20, 30
"""Steps in the shortest contact: good ones, and where a normal dashpot acts, whose force begins with the contact."""


def good_step(case: Case, radius: float, speed: float) -> float:
    """The shortest contact (s) of the case's materials over :data:`STEPS`, at this radius (m) and speed (m/s)."""
    times = []
    movable = case.materials[: case.particle_materials]
    for one in movable:
        for other in movable:
            reduced = 1 / (1 / one.density + 1 / other.density)
            law = case.law(one.name, other.name, wall=False)
            times.append(_step(law, radius / 2, 4 / 3 * np.pi * radius**3 * reduced, speed))
        for body in case.bodies:
            law = case.law(one.name, body.material, wall=True)
            times.append(_step(law, radius, 4 / 3 * np.pi * radius**3 * one.density, speed))
    return float(min(times))


def _step(law: LawNumbers, radius: float, mass: float, speed: float) -> float:
    return shortest_time(law, radius, mass, speed) / (STEPS_DAMPED if law.damping > 0 else STEPS)


def overlap_with(case: Case, body: Body, radius: float, speed: float) -> float:
    """Overlap (m) that a particle of this radius (m) comes to when it meets a body at this speed (m/s)."""
    movable = case.materials[: case.particle_materials]
    laws = [(case.law(one.name, body.material, wall=True), one.density) for one in movable]
    return max(deepest_overlap(law, radius, 4 / 3 * np.pi * radius**3 * density, speed) for law, density in laws)
