"""Particles that come in while a run goes on."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from cathodelab.core.arrays import FloatArray
from cathodelab.simulation.dem.case import Case, initial
from cathodelab.simulation.dem.filling.lattice import free_of_bodies
from cathodelab.simulation.dem.state import ContactRows, State, no_contacts


@dataclass(frozen=True)
class Inlet:
    """A box in which ``count`` particles appear evenly between two times, with a speed (SI units)."""

    low: tuple[float, float, float]
    high: tuple[float, float, float]
    velocity: tuple[float, float, float]
    begin: float
    end: float
    count: int

    def due(self, time: float) -> int:
        """Particles that should have come in by this time."""
        share = (time - self.begin) / max(self.end - self.begin, 1e-30)
        return int(np.clip(share, 0, 1) * self.count)


def let_in(state: State, case: Case, inlet: Inlet, count: int, radius: float, seed: int) -> tuple[State, int]:
    """The state with up to ``count`` more particles at random free places of the inlet, and how many found one."""
    rng = np.random.default_rng([seed, state.steps])
    low, high = np.array(inlet.low) + radius, np.array(inlet.high) - radius
    tried = rng.uniform(low, high, (30 * count, 3))
    free = free_of_bodies(case.bodies, tried, radius)
    there = state.particles
    if len(there):
        away, _ = cKDTree(there.position).query(tried)
        free &= away > radius + float(there.radius.max())
    places = _apart(tried[free], 2 * radius, count)
    return joined(state, initial(case, places, radius, inlet.velocity)) if len(places) else state, len(places)


def _apart(points: FloatArray, distance: float, most: int) -> FloatArray:
    """The first points that keep their distance from each other."""
    near: list[list[int]] = list(cKDTree(points).query_ball_point(points, distance))  # type: ignore[arg-type]
    taken: set[int] = set()
    for number, others in enumerate(near):
        if len(taken) < most and taken.isdisjoint(others):
            taken.add(number)
    return points[sorted(taken)]


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
