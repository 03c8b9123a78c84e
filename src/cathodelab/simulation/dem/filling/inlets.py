"""Particles that come in while a run goes on."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from cathodelab.core.arrays import FloatArray
from cathodelab.simulation.dem.case import Case, initial
from cathodelab.simulation.dem.filling.lattice import free_of_bodies
from cathodelab.simulation.dem.state import ContactRows, Particles, State, no_contacts

TRIES = 30
"""Random places that are tried for a particle each time."""
_SIZES = 8
"""Classes of radii in which neighbours are searched."""


@dataclass(frozen=True)
class Inlet:
    """A box in which ``count`` particles appear between two times, with a speed (SI units)."""

    low: tuple[float, float, float]
    high: tuple[float, float, float]
    velocity: tuple[float, float, float]
    begin: float
    end: float
    count: int

    def times(self, diameter: float) -> FloatArray:
        """When particles of this diameter come in, s: as often as they clear their own place, whatever the outputs."""
        speed = max(float(np.linalg.norm(self.velocity)), np.sqrt(0.5 * 9.81 * diameter))
        often = max(int(np.ceil((self.end - self.begin) * speed / diameter)), 1)
        return np.linspace(self.begin, self.end, often + 1)

    def due(self, time: float) -> int:
        """How many should have come in at this time: all after three quarters, the rest is for those that find no place."""
        share = (time - self.begin) / max(0.75 * (self.end - self.begin), 1e-30)
        return int(np.clip(np.ceil(np.clip(share, 0, 1) * self.count), min(self.count, 1), self.count))


def let_in(
    state: State, case: Case, inlet: Inlet, radii: FloatArray, rng: np.random.Generator
) -> tuple[State | None, np.ndarray]:
    """Particles of these radii (m) at random free places of the inlet: free of bodies where they are now, and of particles.

    Returns:
        the particles that found a place, as a state of their own, or None; which of the radii they are.
    """
    wide = np.repeat(radii, TRIES)
    low, high = np.array(inlet.low), np.array(inlet.high)
    tried = rng.uniform(low + wide[:, None], np.maximum(high - wide[:, None], low + wide[:, None]))
    free = free_of_bodies(case.bodies, tried, wide, state.poses) & _apart_from(state.particles, tried, wide)
    free &= np.repeat((high - low).min() >= 2 * radii, TRIES)
    places, taken = _placed(tried.reshape(-1, TRIES, 3), free.reshape(-1, TRIES), radii)
    found = np.flatnonzero(taken)
    more = initial(case, places[found], radii[found], inlet.velocity) if len(found) else None
    return more, taken


def _apart_from(there: Particles, points: FloatArray, radius: FloatArray) -> np.ndarray:
    """Which spheres overlap with no particle."""
    apart = np.ones(len(points), bool)
    if not len(there):
        return apart
    edges = np.unique(np.quantile(there.radius, np.linspace(0, 1, _SIZES + 1)))
    kinds = np.clip(np.searchsorted(edges, there.radius), 1, max(len(edges) - 1, 1))
    for kind in np.unique(kinds):
        chosen = kinds == kind
        away, _ = cKDTree(there.position[chosen]).query(points)
        apart &= away > radius + there.radius[chosen].max()
    return apart


def _placed(tried: FloatArray, free: np.ndarray, radii: FloatArray) -> tuple[FloatArray, np.ndarray]:
    """One after the other at the first of their free places that keeps off those before; which found one."""
    places, taken = np.zeros((len(radii), 3)), np.zeros(len(radii), bool)
    for number, radius in enumerate(radii):
        candidates = tried[number][free[number]]
        before = np.flatnonzero(taken)
        if len(before) and len(candidates):
            away = np.linalg.norm(candidates[:, None] - places[before][None], axis=2)
            candidates = candidates[(away > radius + radii[before]).all(axis=1)]
        if len(candidates):
            places[number], taken[number] = candidates[0], True
    return places, taken


def joined(state: State, more: State) -> State:
    """One state with the particles of both; time, bodies and sums over collisions are the first one's."""
    one, two = state.particles, more.particles
    first = int(one.identity.max()) + 1 if len(one) else 0
    both = {
        field.name: np.concatenate([getattr(one, field.name), getattr(two, field.name)])
        for field in dataclasses.fields(one)
    }
    both["identity"] = np.concatenate([one.identity, np.arange(first, first + len(two), dtype=np.int32)])
    counted = {
        name: np.concatenate([getattr(state.sums, name), getattr(more.sums, name)])
        for name in ("pair_work", "wall_work", "begun", "ended")
    }
    energy = dataclasses.replace(
        state.energy,
        kinetic=state.energy.kinetic + more.energy.kinetic,
        potential=state.energy.potential + more.energy.potential,
    )
    return dataclasses.replace(
        state,
        particles=dataclasses.replace(one, **both),
        pairs=_longer(state.pairs, len(two)),
        walls=_longer(state.walls, len(two)),
        sums=dataclasses.replace(state.sums, **counted),  # type: ignore[arg-type]
        energy=energy,
    )


def _longer(touching: ContactRows, rows: int) -> ContactRows:
    empty = no_contacts(rows).start[1:] + touching.start[-1]
    return dataclasses.replace(touching, start=np.concatenate([touching.start, empty]).astype(np.int32))
