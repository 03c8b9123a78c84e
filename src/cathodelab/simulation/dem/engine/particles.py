"""The particles on a device, in the order of the neighbour list, with the loads on them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cathodelab.simulation.dem.engine.device import Device, WarpArray, WarpStruct
from cathodelab.simulation.dem.state import Particles, State

CARRIED = ("position", "velocity", "spin", "material", "identity", "pair_work", "wall_work", "begun", "ended")
"""Arrays that are sorted together with the particles."""


class ParticleColumns:
    """Arrays over particles: radius, mass and moment of inertia are the fourth components of place, velocity and spin.

    ``listed`` is where each particle was when the neighbour list was made.
    """

    def __init__(self, device: Device, state: State) -> None:
        from cathodelab.simulation.dem.kernels import pairs

        wp, p, given = device.wp, state.particles, device.given
        self.device, self.count = device, len(p)
        self.position = given(np.column_stack([p.position, p.radius]), wp.vec4d)
        self.velocity = given(np.column_stack([p.velocity, p.mass]), wp.vec4d)
        self.spin = given(np.column_stack([p.spin, 0.4 * p.mass * p.radius**2]), wp.vec4d)
        self.material, self.identity = given(p.material, wp.int32), given(p.identity, wp.int32)
        self.pair_work, self.wall_work = given(state.sums.pair_work, wp.vec3d), given(state.sums.wall_work, wp.vec3d)
        self.begun, self.ended = given(state.sums.begun, wp.int32), given(state.sums.ended, wp.int32)
        self.listed = device.zeros(self.count, wp.vec3d)
        self.loads: WarpStruct = pairs.ParticleLoads()
        self.loads.force, self.loads.torque = (device.zeros(self.count, wp.vec4d) for _ in range(2))
        self._spare = {name: device.zeros(self.count, getattr(self, name).dtype) for name in CARRIED}

    def sort(self, order: WarpArray, cuts: Sequence[int]) -> None:
        """Move every particle to its new place: ``order`` names the old place of each."""
        from cathodelab.simulation.dem.kernels import neighbour_list

        source, target = neighbour_list.CarriedArrays(), neighbour_list.CarriedArrays()
        for name in CARRIED:
            setattr(source, name, getattr(self, name))
            setattr(target, name, self._spare[name])
        self.device.spread(neighbour_list.carry, [order, source, target, self.listed], cuts)
        for name in CARRIED:
            setattr(self, name, getattr(target, name))
            self._spare[name] = getattr(source, name)

    def arrays(self) -> WarpStruct:
        """What kernels need of the particles, as they are sorted now."""
        from cathodelab.simulation.dem.kernels import pairs

        arrays: WarpStruct = pairs.ParticleArrays()
        arrays.position, arrays.velocity, arrays.spin = self.position, self.velocity, self.spin
        arrays.material = self.material
        return arrays

    def totals(self) -> tuple[WarpStruct, WarpStruct]:
        """Where kernels book collisions with other particles and with bodies."""
        from cathodelab.simulation.dem.kernels import pairs

        by_pairs, by_walls = pairs.CollisionTotals(), pairs.CollisionTotals()
        for totals, work in ((by_pairs, self.pair_work), (by_walls, self.wall_work)):
            totals.work, totals.begun, totals.ended = work, self.begun, self.ended
        return by_pairs, by_walls

    def clear_loads(self) -> None:
        """Set all forces and torques to zero."""
        self.loads.force.zero_()
        self.loads.torque.zero_()

    def read_back(self) -> Particles:
        """The particles as they are now."""
        position, velocity, spin = (one.numpy() for one in (self.position, self.velocity, self.spin))
        return Particles(
            position=position[:, :3],
            velocity=velocity[:, :3],
            spin=spin[:, :3],
            radius=position[:, 3],
            mass=velocity[:, 3],
            material=self.material.numpy(),
            identity=self.identity.numpy(),
        )
