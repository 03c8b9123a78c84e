"""Stress of the particles: work lost in collisions, how many there were, how hard each was.

The source's evaluation: in each output interval a particle's stress intensity is the work dissipated in its collisions
over their number and its mass; it is weighted by the number of its collisions. The source does not say what a collision
is, nor who is charged with the work of a contact between two particles. Both are named readings here, and all readings
are evaluated at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np

from cathodelab.core.arrays import FloatArray, In, ReadOnlyArrays
from cathodelab.core.checks import Check
from cathodelab.simulation.dem.state import EVENT_BINS, ContactRows, IntArray, State

CollisionReading = Literal["ended", "begun", "active"]
WorkReading = Literal["half", "full"]
COLLISION_READINGS: tuple[CollisionReading, ...] = ("ended", "begun", "active")
WORK_READINGS: tuple[WorkReading, ...] = ("half", "full")
OVERLAP_LIMIT = 0.2
"""Overlap over radius above which a contact law of two half-spaces is far outside its range."""


def intensity_edges() -> FloatArray:
    """Edges of the bins of stress intensity, J/kg: eight a decade from 1e-8."""
    return 10.0 ** (-8 + np.arange(EVENT_BINS + 1) / 8)


@dataclass(frozen=True, eq=False)
class Interval(ReadOnlyArrays):
    """One output interval.

    ``counts[c, w]`` are collisions over stress intensity for reading c of a collision and w of the work;
    ``collisions[c]`` their number and ``work[w]`` the work in J that particles are charged with, summed over particles.
    ``kinds`` is that work, half of it between particles, by partner (particle, body) and kind (plastic, friction, damping).
    ``events`` are collisions that ended in the interval, each once, over the work of one partner (half of the whole between
    particles, all against a body) by its mass.
    """

    begin: float
    end: float
    particles: int
    mass: float
    counts: Annotated[FloatArray, In("1", "collision work bin")]
    collisions: FloatArray
    work: Annotated[FloatArray, In("J", "work")]
    kinds: Annotated[FloatArray, In("J", "partner kind")]
    events: FloatArray
    body_work: Annotated[FloatArray, In("J", "body")]


def pairs_of(state: State) -> tuple[IntArray, IntArray]:
    """Touching pairs of particles, each once, as places (pair, 2) in the state's order, and where each is listed."""
    owner = np.repeat(np.arange(len(state.particles)), np.diff(state.pairs.start))
    both = np.sort(np.column_stack([owner, state.pairs.other]), axis=1)
    pairs, where = np.unique(both, axis=0, return_index=True)
    return pairs.astype(np.int32), where.astype(np.int32)


def work_of(state: State) -> tuple[FloatArray, FloatArray]:
    """Work (J) lost so far by each particle (its half) against particles and against bodies, kinds in columns."""
    pair, wall = np.array(state.sums.pair_work), np.array(state.sums.wall_work)
    pairs, where = pairs_of(state)
    lasting = 0.5 * state.pairs.memory[where, 1:]
    for side in (0, 1):
        np.add.at(pair, pairs[:, side], lasting)
    owner = np.repeat(np.arange(len(wall)), np.diff(state.walls.start))
    np.add.at(wall, owner, state.walls.memory[:, 1:])
    return pair, wall


def touching_now(state: State) -> np.ndarray:
    """Number of contacts of each particle, in the state's order."""
    count = len(state.particles)
    pairs, _ = pairs_of(state)
    return np.asarray(np.bincount(pairs.ravel(), minlength=count) + np.diff(state.walls.start))


@dataclass(frozen=True, eq=False)
class GrainSums(ReadOnlyArrays):
    """Sums of each grain (of the first material, not of grinding balls) since the start, in the order of identities.

    ``ended`` and ``begun`` count collisions, ``touching`` contacts that last; the works are the grain's half of what was
    lost against particles and all of that against bodies (grain, kind).
    """

    time: float
    ended: FloatArray
    begun: FloatArray
    touching: FloatArray
    pair_work: Annotated[FloatArray, In("J", "grain kind")]
    wall_work: Annotated[FloatArray, In("J", "grain kind")]
    mass: Annotated[FloatArray, In("kg", "grain")]


def grain_sums(state: State) -> GrainSums:
    """Sums of each grain as a state holds them."""
    grains = _powder(state)
    pair, wall = work_of(state)
    sums = state.sums
    return GrainSums(
        state.time,
        sums.ended[grains].astype(float),
        sums.begun[grains].astype(float),
        touching_now(state)[grains].astype(float),
        pair[grains],
        wall[grains],
        state.particles.mass[grains],
    )


@dataclass(frozen=True, eq=False)
class GrainStress(ReadOnlyArrays):
    """What happened to each grain over a time: collisions (reading, grain) and work (J; partner, kind, grain)."""

    duration: float
    mass: Annotated[FloatArray, In("kg", "grain")]
    collisions: Annotated[FloatArray, In("1", "collision grain")]
    work: Annotated[FloatArray, In("J", "partner kind grain")]

    def charged(self, work: WorkReading) -> FloatArray:
        """Work (J) that each grain is charged with: half or all of what is lost between two, all against bodies."""
        between, against = self.work.sum(axis=1)
        return np.asarray((2 if work == "full" else 1) * between + against)


def grain_stress(first: GrainSums, last: GrainSums) -> GrainStress:
    """Between two times with the same grains."""
    begun = last.begun - first.begun
    collisions = np.array([last.ended - first.ended, begun, begun + first.touching])
    work = np.array([(last.pair_work - first.pair_work).T, (last.wall_work - first.wall_work).T])
    return GrainStress(last.time - first.time, last.mass, collisions, work)


def interval(before: State, after: State) -> Interval:
    """Stress of the grains (not of grinding balls) between two states with the same particles."""
    grains = grain_stress(grain_sums(before), grain_sums(after))
    mass, edges = grains.mass, intensity_edges()
    charged = [grains.charged(work) for work in WORK_READINGS]
    counts = np.zeros((len(COLLISION_READINGS), len(WORK_READINGS), EVENT_BINS))
    for c, number in enumerate(grains.collisions):
        hit = number > 0
        for w, lost in enumerate(charged):
            intensity = np.clip(lost[hit] / (number[hit] * mass[hit]), edges[0], edges[-1] * 0.999)
            counts[c, w] = np.histogram(intensity, edges, weights=number[hit])[0]
    return Interval(
        before.time,
        after.time,
        len(mass),
        float(mass.sum()),
        counts,
        grains.collisions.sum(axis=1),
        np.array([one.sum() for one in charged]),
        grains.work.sum(axis=2),
        after.sums.event_count - before.sums.event_count,
        after.poses.sums[:, 6] - before.poses.sums[:, 6],
    )


def _powder(state: State) -> np.ndarray:
    """Particles of the first material, in the order of their identities."""
    order = np.argsort(state.particles.identity)
    return np.asarray(order[state.particles.material[order] == 0])


@dataclass(frozen=True, eq=False)
class Stress(ReadOnlyArrays):
    """Stress intensity and frequency over a time, for one reading.

    Args:
        duration: s.
        intensity: mean stress intensity, J/kg (collisions weigh the same).
        frequency: collisions of all particles a second.
        number: stress number a particle in this time: frequency x duration x particle mass / total mass.
        curve: collisions a second in each bin of :func:`intensity_edges`.
        specific_energy: intensity x number, J/kg: the work lost over the mass.
    """

    duration: float
    intensity: float
    frequency: float
    number: float
    curve: Annotated[FloatArray, In("1/s", "bin")]
    specific_energy: float


def stress(intervals: Sequence[Interval], collision: CollisionReading = "ended", work: WorkReading = "half") -> Stress:
    """Mean stress over several intervals. Intensity times number is the specific energy exactly, by construction."""
    c, w = COLLISION_READINGS.index(collision), WORK_READINGS.index(work)
    duration = sum(one.end - one.begin for one in intervals)
    collisions = float(sum(one.collisions[c] for one in intervals))
    lost = float(sum(one.work[w] for one in intervals))
    mass = intervals[-1].mass
    particle = mass / max(intervals[-1].particles, 1)
    frequency = collisions / duration
    number = collisions / max(intervals[-1].particles, 1)
    intensity = lost / (collisions * particle) if collisions else float("nan")
    curve = sum((one.counts[c, w] for one in intervals), np.zeros(EVENT_BINS)) / duration
    return Stress(duration, intensity, frequency, number, curve, lost / mass if mass else 0.0)


def overlap_check(state: State) -> Check:
    """Whether overlaps stayed within the range of the contact law."""
    peak = peak_overlap(state)
    counts = state.sums.event_overlap
    share = np.cumsum(counts) / counts.sum() if counts.sum() else np.ones(len(counts))
    most = (int(np.searchsorted(share, 0.99)) + 1) / 32 if counts.sum() else 0.0
    sentence = (
        f"The deepest overlap was {peak:.2f} of the radius, 99 % of the collisions stayed below {most:.2f}; "
        f"contact laws of two half-spaces mean little above {OVERLAP_LIMIT:g}."
    )
    return Check("overlap", bool(peak <= OVERLAP_LIMIT), peak, OVERLAP_LIMIT, sentence)


def peak_overlap(state: State) -> float:
    """Largest overlap over the (smaller) radius, of ended collisions and of lasting contacts."""
    radius = state.particles.radius
    owner = np.repeat(np.arange(len(radius)), np.diff(state.pairs.start))
    smaller = np.minimum(radius[owner], radius[state.pairs.other])
    return max(
        state.sums.peak_overlap,
        _deepest(state.pairs, smaller),
        _deepest(state.walls, np.repeat(radius, np.diff(state.walls.start))),
    )


def _deepest(touching: ContactRows, radius: FloatArray) -> float:
    return float((touching.memory[:, 0] / radius).max()) if len(radius) else 0.0
