"""Spheres on closed plates that are thinner than they are: faces, edges and corners, at rest and turning."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.simulation.dem.case import Case as Simulated
from cathodelab.simulation.dem.case import initial
from cathodelab.simulation.dem.engine.integrator import advance
from cathodelab.simulation.dem.equipment.bodies import Body, Motion, box, joined
from cathodelab.simulation.dem.evaluation.energy_ledger import ledger
from cathodelab.simulation.dem.materials import Contact, Material, hertz_time

RADIUS = 0.5e-3
_GRAIN = Material("grain", 2500.0, 228e6, 0.3)
_APART, _SIDE = 20e-3, 2e-3
_TARGETS = {"face": ((0.3, 0.2), (0, 0, 1)), "edge": ((1.0, 0.2), (1, 0, 1)), "corner": ((1.0, 1.0), (1, 1, 1))}
"""Where on the upper side (half sides) a sphere is aimed at, and from which direction straight."""


@dataclass(frozen=True)
class Thrown:
    """Kinetic energy after over before, how far spheres are from the plate in the end (m), and contacts that began."""

    energy: FloatArray
    distance: FloatArray
    begun: np.ndarray


def thrown_at_plates(thickness: float, target: str, speed: float, angles: FloatArray, law: str = "hertz") -> Thrown:
    """One sphere on each of many plates at rest, each under its own angle (degrees) to the straight direction.

    Args:
        thickness: of the plates, m.
        target: ``face``, ``edge`` or ``corner``.
        speed: m/s.
        angles: degrees.
        law: contact law, without friction.
    """
    spot, way = _TARGETS[target]
    straight = np.array(way) / np.linalg.norm(way)
    aside = np.cross(straight, [0.3, 1.0, 0.1])
    aside /= np.linalg.norm(aside)
    centres = np.column_stack([_APART * np.arange(len(angles)), np.zeros(len(angles)), np.zeros(len(angles))])
    plates = joined([box((_SIDE, _SIDE, thickness), tuple(one)) for one in centres])
    point = centres + np.array([0.5 * _SIDE * spot[0], 0.5 * _SIDE * spot[1], 0.5 * thickness])
    turn = np.radians(angles)[:, None]
    place = point + 1.02 * RADIUS * straight
    velocity = -speed * (np.cos(turn) * straight + np.sin(turn) * aside)
    case = _case((Body("plates", "grain", (plates,)),), speed, law)
    before = initial(case, place, RADIUS, velocity)
    # a glancing sphere takes its time to leave
    after = advance(before, case, int((6e-4 / speed + 40 * 20 * case.step) / case.step))
    order = np.argsort(after.particles.identity)
    kinetic = np.sum(after.particles.velocity**2, axis=1)[order] / speed**2
    away = np.linalg.norm(after.particles.position[order] - centres, axis=1)
    return Thrown(kinetic, away, after.sums.begun[order])


def _case(bodies: tuple[Body, ...], speed: float, law: str) -> Simulated:
    contact = Contact("thornton_ning", yield_ratio=0.00756) if law == "thornton_ning" else Contact("hertz")
    case = Simulated((_GRAIN,), {("grain", "grain"): contact}, bodies, gravity=(0, 0, 0), step=1.0)
    numbers = case.law("grain", "grain", wall=True)
    step = hertz_time(numbers, RADIUS, 4 / 3 * np.pi * RADIUS**3 * _GRAIN.density, speed) / 200
    return Simulated((_GRAIN,), {("grain", "grain"): contact}, bodies, gravity=(0, 0, 0), step=step)


def turning_plate(thickness: float, rate: float, seed: int = 1) -> tuple[float, float, float]:
    """A plate turns (rad/s) among resting spheres: energy missing from the account, turned over (J), deepest overlap/radius."""
    plate = box((8e-3, 6e-3, thickness))
    turning = Motion(rate=rate, axis=(0.0, 1.0, 0.0))
    rng = np.random.default_rng(seed)
    grid = np.stack(np.meshgrid(*[np.arange(-5e-3, 5.1e-3, 1.25e-3)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    grid = grid + rng.uniform(-0.1e-3, 0.1e-3, grid.shape)
    free = grid[np.abs(grid[:, 2]) > 0.5 * thickness + 1.05 * RADIUS]
    case = _case((Body("plate", "grain", (plate,), turning),), rate * 4e-3, "hertz")
    before = initial(case, free, RADIUS)
    after = advance(before, case, int(2 * np.pi / rate / case.step))
    account = ledger(before, after)
    return account.missing, account.turnover, after.sums.peak_overlap
