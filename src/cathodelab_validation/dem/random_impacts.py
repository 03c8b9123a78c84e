"""Random oblique impacts: what is booked as lost is what the spheres have lost, and friction and dashpots never make energy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.simulation.dem.case import Case as Simulated
from cathodelab.simulation.dem.case import initial
from cathodelab.simulation.dem.engine.integrator import advance
from cathodelab.simulation.dem.equipment.bodies import Body, Plane
from cathodelab.simulation.dem.evaluation.stress_tally import work_of
from cathodelab.simulation.dem.materials import Contact, Material, hertz_time
from cathodelab.simulation.dem.state import Particles

_MATERIAL = Material("sphere", 2417.0, 228e6, 0.3)
_RADIUS = 150e-6
_APART = 0.05
"""Metres between two impacts: no sphere meets those of another."""


@dataclass(frozen=True)
class Impacts:
    """Energy of each impact (J): kinetic and spin energy before, lost of it, and booked as lost."""

    before: FloatArray
    lost: FloatArray
    booked: FloatArray

    @property
    def misbooked(self) -> float:
        """Largest difference between booked and lost, over the energy before."""
        return float(np.abs((self.booked - self.lost) / self.before).max())

    @property
    def made(self) -> float:
        """Largest gain of energy, over the energy before (0 if none gained)."""
        return float(max(0.0, (-self.lost / self.before).max()))


def random_contact(rng: np.random.Generator) -> Contact:
    """A contact with any friction up to 10, any damping, elastic or plastic, with static above dynamic friction or not."""
    static = 10 ** rng.uniform(-2, 1)
    dynamic = static * rng.choice([1.0, rng.uniform(0.3, 1.0)])
    restitution = rng.choice([1.0, rng.uniform(0.1, 1.0)])
    damping = rng.choice([0.0, rng.uniform(0, 1), 1.0])
    if rng.uniform() < 0.3:
        return Contact(
            "thornton_ning", static, dynamic, yield_ratio=0.00756, restitution=restitution, tangential_damping=damping
        )
    return Contact("hertz", static, dynamic, restitution=restitution, tangential_damping=damping)


def random_impacts(contact: Contact, count: int, kind: str, steps: int, seed: int) -> Impacts:
    """Impacts of one contact in one run.

    Args:
        contact: how the spheres act on each other.
        count: number of impacts.
        kind: ``equal`` spheres, ``unequal`` (3:1) ones, or ``wall``.
        steps: in an elastic impact at the highest speed.
        seed: of directions, speeds and spins.
    """
    rng = np.random.default_rng(seed)
    way = rng.normal(size=(count, 3))
    way /= np.linalg.norm(way, axis=1)[:, None]
    if kind == "wall":
        way[:] = (0.0, 0.0, -1.0)
    other = _RADIUS / 3 if kind == "unequal" else _RADIUS
    side = int(np.ceil(np.sqrt(count)))
    spots = np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1).reshape(-1, 2)[:count]
    first = np.column_stack([_APART * spots, np.full(count, _RADIUS * 1.0000001)])
    fastest = 10 ** rng.uniform(-1, np.log10(5))
    approach = fastest * rng.uniform(0.3, 1, count)
    aside = np.cross(way, rng.normal(size=(count, 3)))
    aside *= (approach * rng.uniform(0, 4, count) / np.linalg.norm(aside, axis=1))[:, None]
    velocity = approach[:, None] * way + aside
    spin = rng.normal(size=(count, 3)) * (approach * rng.choice([0, 1], count) / _RADIUS)[:, None]
    place, radius, spins = first, np.full(count, _RADIUS), spin
    bodies: tuple[Body, ...] = (Body("wall", "sphere", (Plane((0, 0, 0), (0, 0, 1)),)),) if kind == "wall" else ()
    if kind != "wall":
        place = np.concatenate([first, first + (_RADIUS + other) * 1.0000001 * way])
        radius = np.append(radius, np.full(count, other))
        # no energy in the motion of both together, which nothing could lose
        share = 1 / (1 + (_RADIUS / other) ** 3)
        velocity = np.concatenate([share * velocity, (share - 1) * velocity])
        spins = np.concatenate([spin, rng.normal(size=(count, 3)) * (approach / _RADIUS)[:, None]])
    case = Simulated((_MATERIAL,), {("sphere", "sphere"): contact}, bodies, gravity=(0, 0, 0), step=1.0)
    law = case.law("sphere", "sphere", wall=bool(bodies))
    mass = 4 / 3 * np.pi * min(other, _RADIUS) ** 3 * _MATERIAL.density
    effective = min(other, _RADIUS) if bodies else other * _RADIUS / (other + _RADIUS)
    reduced = mass if bodies else mass / (1 + (other / _RADIUS) ** 3)
    step = hertz_time(law, effective, reduced, fastest) / steps
    case = Simulated(
        (_MATERIAL,), {("sphere", "sphere"): contact}, bodies, gravity=(0, 0, 0), step=step, skin=4 * _RADIUS
    )
    state = initial(case, place, radius, velocity, spins)
    slowest = hertz_time(law, effective, reduced, 0.3 * fastest)
    after = advance(state, case, int(12 * slowest / step))
    if len(after.pairs.other) or len(after.walls.other):
        raise ValueError("Some spheres still touch.")
    before, now = (_energy(one.particles, count) for one in (state, after))
    pair, wall = work_of(after)
    booked = _by_impact((pair + wall).sum(axis=1), after.particles.identity, count)
    return Impacts(before, before - now, booked)


def _energy(particles: Particles, count: int) -> FloatArray:
    translation = np.sum(particles.velocity**2, axis=1)
    rotation = 0.4 * particles.radius**2 * np.sum(particles.spin**2, axis=1)
    return _by_impact(0.5 * particles.mass * (translation + rotation), particles.identity, count)


def _by_impact(values: FloatArray, identity: np.ndarray, count: int) -> FloatArray:
    return np.asarray(np.bincount(identity % count, weights=values, minlength=count), float)
