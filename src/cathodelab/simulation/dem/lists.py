"""Who is near whom: lists of partners and of surfaces, made anew now and then; rows grow where they are too short."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cathodelab.simulation.dem.bodies import Body
from cathodelab.simulation.dem.state import Touching
from cathodelab.simulation.dem.surfaces import SurfaceArrays

if TYPE_CHECKING:
    from cathodelab.simulation.dem.machine import Machine

_MOST_CELLS = 4_000_000


class Rows:
    """Rows of codes with their histories: what both lists are made of."""

    def __init__(self, machine: Machine, given: Touching, width: int) -> None:
        wp = machine.wp
        self.machine, self.width = machine, width
        self.start = machine.given(given.start, wp.int32)
        self.code = machine.given(-1 - given.other, wp.int32)
        self.spring = machine.given(given.spring, wp.vec4d)
        self.memory = machine.given(given.memory, wp.vec4d)
        roll = given.roll if machine.rolling else np.zeros((1, 4))
        self.roll = machine.given(roll, wp.vec4d)
        self.stored = machine.given(given.stored, wp.float64)
        self.count = machine.zeros(machine.count + 1, wp.int32)
        self.found = machine.zeros(machine.count * width, wp.int32)
        self.room = [self._room(0), self._room(0)]
        self.turn = 0

    def _room(self, entries: int) -> tuple[Any, ...]:
        wp, zeros = self.machine.wp, self.machine.zeros
        rolls = max(entries, 1) if self.machine.rolling else 1
        return (
            zeros(self.machine.count + 1, wp.int32),
            zeros(entries, wp.int32),
            zeros(entries, wp.vec4d),
            zeros(entries, wp.vec4d),
            zeros(rolls, wp.vec4d),
            zeros(entries, wp.float64),
        )

    def find(self, kernel: Any, before: list[Any], after: list[Any]) -> None:  # noqa: ANN401 - a Warp kernel
        """Fill ``found`` and ``count``; where a row was too short, with wider rows again."""
        machine = self.machine
        while True:
            given = [*before, self.width, *after, self.found, self.count]
            machine.wp.launch(kernel, dim=machine.count, inputs=given, device=machine.case.device)
            longest = int(self.count.numpy()[:-1].max())
            if longest <= self.width:
                return
            self.width = max(longest + 4, self.width * 3 // 2)
            self.found = machine.zeros(machine.count * self.width, machine.wp.int32)

    def next_room(self) -> tuple[Any, ...]:
        """Room for all rows that were found, with their starts set. The two rooms take turns and grow."""
        self.turn = 1 - self.turn
        starts = self.room[self.turn][0]
        self.machine.wp.utils.array_scan(self.count, starts, inclusive=False)
        total = int(starts.numpy()[-1]) if self.machine.cuda else int(self.count.numpy()[:-1].sum())
        if total > len(self.room[self.turn][1]):
            self.room[self.turn] = (starts, *self._room(total + total // 4)[1:])
        return self.room[self.turn]

    def take(self, room: tuple[Any, ...]) -> None:
        """The new rows are the rows."""
        self.start, self.code, self.spring, self.memory, self.roll, self.stored = room


class Pairs(Rows):
    """Partners of each particle; the particles are sorted by cell whenever the list is made."""

    def __init__(self, machine: Machine, given: Touching) -> None:
        from cathodelab.simulation.dem.kernels import listing

        super().__init__(machine, given, 24 if machine.cuda else 16)
        self.listing = listing
        wp, count = machine.wp, machine.count
        self.key, self.order = machine.zeros(2 * count, wp.int32), machine.zeros(2 * count, wp.int32)
        self.cells = machine.zeros(2, wp.int32)
        self.spare = {wp.vec4d: machine.zeros(count, wp.vec4d), wp.vec3d: machine.zeros(count, wp.vec3d)}
        self.spare[wp.int32] = machine.zeros(count, wp.int32)

    @property
    def partner(self) -> Any:  # noqa: ANN401 - a Warp array
        """The codes of the rows."""
        return self.code

    def relist(self) -> Any:  # noqa: ANN401 - a Warp array
        """Sort and list; returns the old place of each particle."""
        machine, listing, wp = self.machine, self.listing, self.machine.wp
        count, device = machine.count, machine.case.device
        grid = self._grid()
        wp.launch(listing.cell_keys, count, inputs=[grid, machine.position, self.key, self.order], device=device)
        wp.utils.radix_sort_pairs(self.key, self.order, count)
        cells = grid.nx * grid.ny * grid.nz
        if len(self.cells) != cells + 1:
            self.cells = machine.zeros(cells + 1, wp.int32)
        wp.launch(listing.cell_starts, count + 1, inputs=[count, self.key, self.cells], device=device)
        self._permute()
        machine.farthest.zero_()
        wp.launch(listing.mark_places, count, inputs=[machine.position, machine.listed], device=device)
        blocks = 0 if machine.cuda else machine.blocks
        before = [grid, wp.float64(machine.skin), blocks, count]
        self.find(listing.find_neighbours, before, [machine.position, self.cells])
        old = [self.start, self.code, self.spring, self.memory, self.roll]
        room = self.next_room()
        given = [self.width, int(machine.rolling), self.order, room[0], self.found, *old, *room[1:5]]
        wp.launch(listing.fill_rows, count, inputs=given, device=device)
        self.take(room)
        return self.order

    def _grid(self) -> Any:  # noqa: ANN401 - a Warp struct
        machine, wp = self.machine, self.machine.wp
        place = machine.position.numpy()[:, :3]
        low, high = place.min(axis=0), place.max(axis=0)
        grid: Any = self.listing.Grid()
        size = machine.width + machine.skin
        # a particle far out must not ask for more cells than there is memory
        size = max(size, float(np.prod(np.maximum(high - low, size)) / _MOST_CELLS) ** (1 / 3))
        shape = np.maximum(np.ceil((high - low) / size).astype(int), 1)
        grid.low, grid.size = wp.vec3d(*low), size
        grid.nx, grid.ny, grid.nz = (int(one) for one in shape)
        return grid

    def _permute(self) -> None:
        machine, listing, wp = self.machine, self.listing, self.machine.wp
        by_kind = {wp.vec4d: listing.permute_vec4, wp.vec3d: listing.permute_vec3, wp.int32: listing.permute_int}
        names = ["position", "velocity", "spin", "pair_work", "wall_work", "begun", "ended", "identity"]
        if machine.case.particle_materials > 1:
            names.append("material")
        for name in names:
            source = getattr(machine, name)
            target = self.spare[source.dtype]
            given = [self.order, source, target]
            wp.launch(by_kind[source.dtype], machine.count, inputs=given, device=machine.case.device)
            setattr(machine, name, target)
            self.spare[source.dtype] = source


class Walls(Rows):
    """Surfaces near each particle, and the bodies they belong to."""

    def __init__(self, machine: Machine, given: Touching, arrays: SurfaceArrays) -> None:
        from cathodelab.simulation.dem.kernels import bodies as driven
        from cathodelab.simulation.dem.kernels import walls

        super().__init__(machine, given, 4)
        self.kernels, self.driven, self.arrays, self.reach = walls, driven, arrays, arrays.reach
        wp = machine.wp
        from cathodelab.simulation.dem.kernels.shapes import Surface

        table = []
        for e in range(len(arrays.kind)):
            one: Any = Surface()
            one.kind, one.body, one.two_sided = int(arrays.kind[e]), int(arrays.body[e]), int(arrays.two_sided[e])
            one.a, one.b, one.c = wp.vec3d(*arrays.a[e]), wp.vec3d(*arrays.b[e]), wp.vec4d(*arrays.c[e])
            table.append(one)
        self.surfaces = machine.given(table, Surface) if table else machine.zeros(1, Surface)
        grids = [self._grid(one) for one in arrays.grids]
        self.grids = machine.given(grids, walls.MeshGrid) if grids else machine.zeros(0, walls.MeshGrid)
        self.cells, self.members = machine.given(arrays.cells, wp.int32), machine.given(arrays.members, wp.int32)
        bodies = arrays.bodies
        drives = [self._drive(body) for body in bodies]
        self.drives = machine.given(drives, driven.Drive) if drives else machine.zeros(1, driven.Drive)
        poses = [self._pose(number) for number in range(len(bodies))]
        self.poses = machine.given(poses, walls.Pose) if poses else machine.zeros(1, walls.Pose)
        self.identical = machine.given(np.arange(machine.count), wp.int32)

    @property
    def element(self) -> Any:  # noqa: ANN401 - a Warp array
        """The codes of the rows."""
        return self.code

    def _grid(self, given: Any) -> Any:  # noqa: ANN401 - a Warp struct
        grid: Any = self.kernels.MeshGrid()
        grid.body, grid.size, grid.first = given.body, given.size, given.first
        grid.low = self.machine.wp.vec3d(*given.low)
        grid.nx, grid.ny, grid.nz = given.shape
        return grid

    def _drive(self, body: Body) -> Any:  # noqa: ANN401 - a Warp struct
        wp, drive, motion = self.machine.wp, self.driven.Drive(), body.motion
        for name in ("begin", "ramp", "rate", "swing_rate", "target", "gain", "fastest"):
            setattr(drive, name, float(getattr(motion, name)))
        for name in ("velocity", "swing_sine", "swing_cosine"):
            setattr(drive, name, wp.vec3d(*getattr(motion, name)))
        drive.axis = wp.vec3d(*(np.array(motion.axis) / np.linalg.norm(motion.axis)))
        size = float(np.linalg.norm(motion.push))
        drive.push = wp.vec3d(*(np.array(motion.push) / (size or 1.0)))
        return drive

    def _pose(self, number: int) -> Any:  # noqa: ANN401 - a Warp struct
        wp, given = self.machine.wp, self.machine.before.poses
        pose: Any = self.kernels.Pose()
        pose.origin, pose.turn = wp.vec3d(*given.origin[number]), wp.quatd(*given.turn[number])
        pose.velocity, pose.spin = wp.vec3d(*given.velocity[number]), wp.vec3d(*given.spin[number])
        pose.material = number  # laws against walls are listed by body
        return pose

    def pose_arrays(self) -> tuple[Any, Any, Any, Any]:
        """Origins, turns, velocities and spins of all bodies."""
        table = self.poses.numpy()[: len(self.arrays.bodies)]
        return table["origin"], table["turn"], table["velocity"], table["spin"]

    def rows(self) -> Any:  # noqa: ANN401 - a Warp struct
        """The rows as the kernels take them."""
        rows = self.kernels.Rows()
        rows.start, rows.element, rows.spring = self.start, self.code, self.spring
        rows.memory, rows.roll, rows.stored = self.memory, self.roll, self.stored
        return rows

    def relist(self, order: Any) -> None:  # noqa: ANN401 - a Warp array, or None where the particles stand as before
        """Look for near surfaces anew."""
        if not self.arrays.bodies:
            return
        machine, kernels, wp = self.machine, self.kernels, self.machine.wp
        count, device = machine.count, machine.case.device
        before = [wp.float64(machine.margin), self.arrays.plain]
        after = [machine.position, self.surfaces, self.poses, self.grids, self.cells, self.members]
        self.find(kernels.find_surfaces, before, after)
        old = self.rows()
        self.take(self.next_room())
        given = [self.width, int(machine.rolling), self.identical if order is None else order, self.found, old]
        wp.launch(kernels.fill_surface_rows, count, inputs=[*given, self.rows()], device=device)
        machine.travelled.zero_()
