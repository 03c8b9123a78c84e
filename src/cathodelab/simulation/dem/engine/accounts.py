"""Sums that a run keeps on the device: collisions, what bodies felt and did, the clock."""

from __future__ import annotations

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.simulation.dem.engine.device import Device, WarpArray, WarpStruct
from cathodelab.simulation.dem.state import EVENT_BINS, OVERLAP_BINS, SUMS, State, Sums

# places between the sums of two blocks: no line of the cache belongs to two threads
_APART = 8


class Accounts:
    """Sums over collisions (``events``), loads on bodies (``body_loads``), moving bodies (``driven``).

    Args:
        device: where they are kept.
        state: the sums so far.
        bodies: number of bodies.
        places: for each sum over particles, one a block.
        drives: how the bodies are moved, as kernels take it.
        reach: of each body from its origin, m.
    """

    def __init__(
        self, device: Device, state: State, bodies: int, places: int, drives: WarpArray, reach: FloatArray
    ) -> None:
        from cathodelab.simulation.dem.kernels import driven_bodies, pairs, walls

        real, vector = device.wp.float64, device.wp.vec3d
        self.before, self.bodies, self.places = state.sums, bodies, places
        self.events: WarpStruct = pairs.Events()
        self.events.count, self.events.work = (device.zeros(places * EVENT_BINS, real) for _ in range(2))
        self.events.overlap, self.events.peak = device.zeros(places * OVERLAP_BINS, real), device.zeros(places, real)
        self.body_loads: WarpStruct = walls.BodyLoads()
        stride: WarpStruct = max(bodies, 1) + _APART
        self.body_loads.stride = stride
        self.body_loads.force, self.body_loads.torque = (device.zeros(places * stride, vector) for _ in range(2))
        self.driven: WarpStruct = driven_bodies.DrivenBodies()
        self.driven.drives, self.driven.reach = drives, device.given(np.append(reach, 0.0), real)
        self.driven.sums = device.given(np.append(state.poses.sums.ravel(), np.zeros(SUMS)), real)
        self.driven.travelled = device.zeros(2 * max(bodies, 1), real)
        self.driven.clock = device.given([state.time], real)

    @property
    def time(self) -> float:
        """Time of the positions, s."""
        return float(self.driven.clock.numpy()[0])

    def body_sums(self) -> FloatArray:
        """Integrals of each body since the start (body, number)."""
        sums: FloatArray = self.driven.sums.numpy()[: SUMS * self.bodies].reshape(self.bodies, SUMS)
        return sums

    def collision_sums(self, columns: dict[str, np.ndarray]) -> Sums:
        """All that has been counted since the start; ``columns`` are the sums of each particle."""
        old = self.before
        return Sums(
            **columns,
            event_count=old.event_count + self._over_blocks(self.events.count),
            event_work=old.event_work + self._over_blocks(self.events.work),
            event_overlap=old.event_overlap + self._over_blocks(self.events.overlap),
            peak_overlap=max(old.peak_overlap, float(self.events.peak.numpy().max())),
        )

    def _over_blocks(self, array: WarpArray) -> FloatArray:
        total: FloatArray = array.numpy().reshape(self.places, -1).sum(axis=0)
        return total
