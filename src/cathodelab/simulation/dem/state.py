"""The state of a simulation: all that decides how it goes on, in read-only arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from cathodelab.core.arrays import FloatArray, In, ReadOnlyArrays

IntArray = NDArray[np.int32]

EVENT_BINS = 96
"""Collisions over stress intensity: eight bins a decade from 1e-8 J/kg."""
OVERLAP_BINS = 64
"""Collisions over overlap/radius: 1/32 each."""
SUMS = 9
"""Kept for each body: integrals of force (3), torque (3), work on the particles, time; work of the last step."""


@dataclass(frozen=True, eq=False)
class Particles(ReadOnlyArrays):
    """Spheres. Velocities belong to half a step before the positions (leapfrog)."""

    position: Annotated[FloatArray, In("m", "particle axis")]
    velocity: Annotated[FloatArray, In("m/s", "particle axis")]
    spin: Annotated[FloatArray, In("rad/s", "particle axis")]
    radius: Annotated[FloatArray, In("m", "particle")]
    mass: Annotated[FloatArray, In("kg", "particle")]
    material: IntArray
    identity: IntArray

    def __len__(self) -> int:
        return len(self.radius)


@dataclass(frozen=True, eq=False)
class ContactRows(ReadOnlyArrays):
    """Contacts in rows: row i is ``start[i]`` to ``start[i + 1]``; ``other`` is a particle or a surface.

    Between particles a row holds the partners that the particle owns. ``spring`` is the tangential displacement and its
    stiffness, ``memory`` the largest overlap and the work lost so far (plastic, friction, damping), ``viscous`` the forces of
    the tangential and (last) of the normal dashpot, ``roll`` the rolling angle and its stiffness, ``stored`` what the normal
    contact can give back.
    """

    start: IntArray
    other: IntArray
    spring: FloatArray
    memory: FloatArray
    viscous: FloatArray
    roll: FloatArray
    stored: FloatArray


@dataclass(frozen=True, eq=False)
class Poses(ReadOnlyArrays):
    """Where the bodies are: origin, turn (quaternion x y z w), velocity, spin; and integrals since the start."""

    origin: Annotated[FloatArray, In("m", "body axis")]
    turn: FloatArray
    velocity: Annotated[FloatArray, In("m/s", "body axis")]
    spin: Annotated[FloatArray, In("rad/s", "body axis")]
    sums: FloatArray


@dataclass(frozen=True, eq=False)
class Sums(ReadOnlyArrays):
    """Sums since the start, for each particle and over all collisions that ended.

    ``pair_work`` is the particle's half of the work lost in ended collisions with other particles, ``wall_work`` all of the
    work lost in those with bodies; columns plastic, friction, damping, in J (:func:`stress_tally.work_of` adds contacts that
    have not ended). ``begun`` and ``ended`` count collisions of the particle.
    """

    pair_work: Annotated[FloatArray, In("J", "particle kind")]
    wall_work: Annotated[FloatArray, In("J", "particle kind")]
    begun: IntArray
    ended: IntArray
    event_count: FloatArray
    event_work: Annotated[FloatArray, In("J", "bin")]
    event_overlap: FloatArray
    peak_overlap: float


@dataclass(frozen=True)
class Energy:
    """Energies in J at the time of the last forces, one step before the positions: see :mod:`energy_ledger`."""

    kinetic: float = 0.0
    potential: float = 0.0
    normal: float = 0.0
    tangential: float = 0.0


@dataclass(frozen=True, eq=False)
class State:
    """The whole state. ``time`` in s belongs to the positions."""

    particles: Particles
    pairs: ContactRows
    walls: ContactRows
    poses: Poses
    sums: Sums
    energy: Energy
    time: float
    steps: int


def no_contacts(particles: int) -> ContactRows:
    """Nothing touches."""
    return ContactRows(
        start=np.zeros(particles + 1, np.int32),
        other=np.zeros(0, np.int32),
        spring=np.zeros((0, 4)),
        memory=np.zeros((0, 4)),
        viscous=np.zeros((0, 4)),
        roll=np.zeros((0, 4)),
        stored=np.zeros(0),
    )


def nothing_counted(particles: int) -> Sums:
    """Nothing has happened yet."""
    return Sums(
        pair_work=np.zeros((particles, 3)),
        wall_work=np.zeros((particles, 3)),
        begun=np.zeros(particles, np.int32),
        ended=np.zeros(particles, np.int32),
        event_count=np.zeros(EVENT_BINS),
        event_work=np.zeros(EVENT_BINS),
        event_overlap=np.zeros(OVERLAP_BINS),
        peak_overlap=0.0,
    )
