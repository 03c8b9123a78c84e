"""Which surfaces are near each particle, and the bodies that they belong to."""

from __future__ import annotations

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.simulation.dem.engine.blocks import Blocks
from cathodelab.simulation.dem.engine.device import Device, WarpArray, WarpStruct
from cathodelab.simulation.dem.engine.laws import Laws
from cathodelab.simulation.dem.engine.particles import ParticleColumns
from cathodelab.simulation.dem.engine.rows import RowStore
from cathodelab.simulation.dem.engine.surface_arrays import GridArrays, SurfaceArrays
from cathodelab.simulation.dem.engine.travel import Travel
from cathodelab.simulation.dem.equipment.bodies import Body
from cathodelab.simulation.dem.state import ContactRows, Poses


class WallList(RowStore):
    """Surfaces near each particle.

    Args:
        device: where the list is kept.
        particles: whose surfaces are listed.
        laws: contact laws.
        blocks: which thread searches for whom.
        travel: how far beyond touch surfaces are listed.
        arrays: all surfaces.
        poses: where the bodies are at the start.
        given: the contacts at the start.
    """

    def __init__(
        self, device: Device, particles: ParticleColumns, laws: Laws, blocks: Blocks, travel: Travel,
        arrays: SurfaceArrays, poses: Poses, given: ContactRows,
    ) -> None:  # fmt: skip
        super().__init__(device, laws, given, 4)
        self.columns, self.laws, self.blocks, self.arrays = particles, laws, blocks, arrays
        bodies, real = arrays.bodies, device.wp.float64
        self._put_surfaces()
        drives = [_drive(device, body) for body in bodies]
        self.drives = _array(device, drives, "driven_bodies", "Drive")
        self.poses = _array(device, [_pose(device, poses, k) for k in range(len(bodies))], "wall_features", "Pose")
        # a surface that stands still comes nearer only by what the particle goes: before the list was made and after
        still = [_stands(body, reach) for body, reach in zip(bodies, arrays.reach, strict=True)]
        margins = np.where(still, travel.skin, travel.margin)
        self.margins = device.given(margins, real) if bodies else device.zeros(1, real)
        self.same_places = device.given(np.arange(self.particles), device.wp.int32)

    def _put_surfaces(self) -> None:
        from cathodelab.simulation.dem.kernels.surface_distance import Surface

        device, arrays, wp = self.device, self.arrays, self.device.wp
        table = []
        for e in range(len(arrays.kind)):
            one: WarpStruct = Surface()
            one.kind, one.body, one.two_sided = int(arrays.kind[e]), int(arrays.body[e]), int(arrays.two_sided[e])
            one.a, one.b, one.c = wp.vec3d(*arrays.a[e]), wp.vec3d(*arrays.b[e]), wp.vec4d(*arrays.c[e])
            table.append(one)
        self.surfaces = _array(device, table, "surface_distance", "Surface")
        grids = [_grid(device, one) for one in arrays.grids]
        self.grids = _array(device, grids, "wall_neighbours", "MeshGrid", least=0)
        self.cells, self.members = device.given(arrays.cells, wp.int32), device.given(arrays.members, wp.int32)

    def pose_arrays(self) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Origins, turns, velocities and spins of all bodies."""
        table = self.poses.numpy()[: len(self.arrays.bodies)]
        return table["origin"], table["turn"], table["velocity"], table["spin"]

    def relist(self, order: WarpArray = None) -> None:
        """Search for near surfaces again; ``order`` is the old place of each particle if they have just been sorted."""
        from cathodelab.simulation.dem.kernels import wall_neighbours

        before = [self.margins, self.arrays.plain]
        after = [self.columns.position, self.surfaces, self.poses, self.grids, self.cells, self.members]
        self.table.find(wall_neighbours.find_surfaces, before, after, self.blocks.cuts)
        room = self.next_room()
        places = self.same_places if order is None else order
        given = [self.table.width, self.laws.constants[0], places, self.table.found, self.now, room]
        self.device.spread(wall_neighbours.fill_surface_rows, given, self.blocks.cuts)
        self.now = room


def _array(device: Device, table: list[WarpStruct], module: str, kind: str, least: int = 1) -> WarpArray:
    """The structs as an array; ``least`` places where there is none."""
    from importlib import import_module

    struct = getattr(import_module(f"cathodelab.simulation.dem.kernels.{module}"), kind)
    return device.given(table, struct) if table else device.zeros(least, struct)


def _stands(body: Body, reach: float) -> bool:
    motion = body.motion
    return not (any(motion.velocity) or motion.swing_rate or motion.gain or (motion.rate and reach))


def _grid(device: Device, given: GridArrays) -> WarpStruct:
    from cathodelab.simulation.dem.kernels import wall_neighbours

    grid: WarpStruct = wall_neighbours.MeshGrid()
    grid.body, grid.size, grid.first = given.body, given.size, given.first
    grid.low = device.wp.vec3d(*given.low)
    grid.nx, grid.ny, grid.nz = given.shape
    return grid


def _drive(device: Device, body: Body) -> WarpStruct:
    from cathodelab.simulation.dem.kernels import driven_bodies

    vector, drive, motion = device.wp.vec3d, driven_bodies.Drive(), body.motion
    for name in ("begin", "ramp", "rate", "swing_rate", "target", "gain", "fastest"):
        setattr(drive, name, float(getattr(motion, name)))
    for name in ("velocity", "swing_sine", "swing_cosine"):
        setattr(drive, name, vector(*getattr(motion, name)))
    drive.axis = vector(*(np.array(motion.axis) / np.linalg.norm(motion.axis)))
    size = float(np.linalg.norm(motion.push))
    drive.push = vector(*(np.array(motion.push) / (size or 1.0)))
    return drive


def _pose(device: Device, given: Poses, number: int) -> WarpStruct:
    from cathodelab.simulation.dem.kernels import wall_features

    vector, pose = device.wp.vec3d, wall_features.Pose()
    pose.origin, pose.turn = vector(*given.origin[number]), device.wp.quatd(*given.turn[number])
    pose.velocity, pose.spin = vector(*given.velocity[number]), vector(*given.spin[number])
    return pose
