"""How far things have gone since lists were made, and so when they must be made again."""

from __future__ import annotations

import numpy as np

from cathodelab.simulation.dem.case import Case
from cathodelab.simulation.dem.engine.device import Device, WarpStruct
from cathodelab.simulation.dem.state import State


class Travel:
    """Limits and ways (m).

    ``skin`` is how far beyond touch pairs are listed, ``margin`` the same for surfaces of moving bodies; ``width`` is the
    largest diameter, ``speed`` the highest speed (m/s). ``way_then`` is the farthest way of a particle when surfaces were
    listed, ``trek`` the sum of highest speeds times step since then. Kernels write ``farthest``, ``latest`` and ``since``.
    """

    def __init__(self, device: Device, state: State, case: Case, places: int) -> None:
        self.width = 2 * float(state.particles.radius.max())
        self.skin = case.skin or 0.3 * self.width
        self.margin = max(case.wall_margin or self.width, self.skin)
        self.speed = float(np.sqrt(np.sum(state.particles.velocity**2, axis=1).max()))
        self.way, self.way_then, self.trek = 0.0, 0.0, 0.0
        real = device.wp.float64
        self.farthest, self.latest, self.since = (
            device.zeros(2 * places, real),
            device.zeros(7, real),
            device.zeros(2, real),
        )

    def limits(self, room: int) -> WarpStruct:
        """When a kernel must stop because a list has to be made again; ``room`` holds the rows of near pairs now."""
        from cathodelab.simulation.dem.kernels import driven_bodies

        limits: WarpStruct = driven_bodies.RelistLimits()
        limits.way, limits.margin, limits.way_then = 0.5 * self.skin, self.margin, self.way_then
        limits.trek, limits.room = self.trek, room
        return limits

    def outdated(self) -> tuple[bool, bool, bool]:
        """Which lists cannot be used any longer: all of them, near pairs, surfaces."""
        self.way, self.speed, moved, walked, _, picked, _ = self.latest.numpy().tolist()
        self.trek += walked
        return self.way > 0.5 * self.skin, bool(picked), self.way + self.way_then + moved > self.margin
