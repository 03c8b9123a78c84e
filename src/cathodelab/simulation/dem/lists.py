"""Who is near whom: lists of partners and of surfaces, made anew now and then; rows grow where they are too short."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.simulation.dem.bodies import Body
from cathodelab.simulation.dem.state import Touching
from cathodelab.simulation.dem.surfaces import SurfaceArrays

if TYPE_CHECKING:
    from cathodelab.simulation.dem.machine import Machine

_MOST_CELLS = 4_000_000
# threads of CUDA that share all particles where each result has one place
_SHARED_BY = 8192
STEPS_AHEAD = 16
"""Steps that a pick of near pairs is made to last."""
STEPS_AHEAD_ON_CUDA = 64
"""The same where a pick comes from Python, which takes as long as some steps."""
CARRIED = ("position", "velocity", "spin", "material", "identity", "pair_work", "wall_work", "begun", "ended")
"""What goes with a particle to its new place."""


class Table:
    """What was found for each particle, in rows of one width that grows."""

    def __init__(self, machine: Machine, width: int) -> None:
        self.machine, self.width = machine, width
        self.count = machine.zeros(machine.count + 1, machine.wp.int32)
        self.found = machine.zeros(machine.count * width, machine.wp.int32)

    def find(self, kernel: Any, before: list[Any], after: list[Any]) -> None:  # noqa: ANN401 - a Warp kernel
        """Fill ``found`` and ``count``; where a row was too short, with wider rows again."""
        machine = self.machine
        while True:
            machine.spread(kernel, [*before, self.width, *after, self.found, self.count])
            longest = int(self.count.numpy()[:-1].max())
            if longest <= self.width:
                return
            self.widen(max(longest + 4, self.width * 3 // 2))

    def widen(self, width: int) -> None:
        """Room for longer rows."""
        if width != self.width:
            self.width = width
            self.found = self.machine.zeros(self.machine.count * width, self.machine.wp.int32)


class Rows:
    """Rows of codes with their histories: what both lists are made of."""

    def __init__(self, machine: Machine, given: Touching, width: int) -> None:
        from cathodelab.simulation.dem.kernels import pairs

        wp = machine.wp
        self.machine, self.table, self.kind = machine, Table(machine, width), pairs.Rows
        kinds = {"start": wp.int32, "owner": wp.int32, "code": wp.int32, "spring": wp.vec4d, "memory": wp.vec2d}
        self.kinds = kinds | {"damped": wp.float64, "roll": wp.vec4d, "stored": wp.float64}
        # what nothing uses has one place
        self.unused = {"damped": not machine.damped, "roll": not machine.rolling}
        there = {
            "start": given.start,
            "owner": np.repeat(np.arange(machine.count), np.diff(given.start)),
            "code": -1 - given.other,
            "spring": given.spring,
            "memory": given.memory[:, [0, 2]],
            "damped": given.memory[:, 3],
            "roll": given.roll,
            "stored": given.stored,
        }
        self.now: Any = self.kind()
        for name, kind in self.kinds.items():
            values = self._space(name, 0) if self.unused.get(name) else machine.given(there[name], kind)
            setattr(self.now, name, values)
        self.room = [self._room(0), self._room(0)]
        self.turn, self.filled = 0, 0

    def _space(self, name: str, entries: int) -> Any:  # noqa: ANN401 - a Warp array
        return self.machine.zeros(1 if self.unused.get(name) else entries, self.kinds[name])

    def _room(self, entries: int) -> Any:  # noqa: ANN401 - a Warp struct
        room: Any = self.kind()
        room.start = self.machine.zeros(self.machine.count + 1, self.kinds["start"])
        for name in list(self.kinds)[1:]:
            setattr(room, name, self._space(name, entries))
        return room

    def next_room(self) -> Any:  # noqa: ANN401 - a Warp struct
        """Room for all rows that were found, with their starts set. The two rooms take turns and grow."""
        machine, self.turn = self.machine, 1 - self.turn
        starts = self.room[self.turn].start
        machine.wp.utils.array_scan(self.table.count, starts, inclusive=False)
        # a scan on CUDA has the sum ready; one number comes from there
        self.filled = int(starts[machine.count :].numpy()[0] if machine.cuda else self.table.count.numpy()[:-1].sum())
        if self.filled > len(self.room[self.turn].code):
            self.room[self.turn] = self._room(self.filled + self.filled // 4)
            self.room[self.turn].start = starts
        return self.room[self.turn]


class Pairs(Rows):
    """Partners of each particle: a wide list, made anew when something has gone far, and of it those that are near.

    The rows with histories hold only the near ones, which are picked out anew every few steps: most listed pairs do not
    touch, and what is not looked at costs nothing. The particles are sorted by cell whenever the wide list is made.
    """

    def __init__(self, machine: Machine, given: Touching) -> None:
        from cathodelab.simulation.dem.kernels import batches, listing, picking

        super().__init__(machine, given, 24 if machine.cuda else 16)
        self.listing, self.wide = listing, Table(machine, self.table.width)
        self.batch, self.gap, notes = int(batches.BATCH), int(batches.GAP), batches.Notes()
        self.notes: Any = notes
        self.notes.sheet = machine.zeros(
            0 if machine.cuda else int(batches.SHEET) * machine.blocks.count, machine.wp.vec4d
        )
        wp, count = machine.wp, machine.count
        self.key, self.order = machine.zeros(2 * count, wp.int32), machine.zeros(2 * count, wp.int32)
        self.cells = machine.zeros(2, wp.int32)
        self.spare = {name: machine.zeros(count, getattr(machine, name).dtype) for name in CARRIED}
        near: Any = picking.Picking()
        ahead = STEPS_AHEAD_ON_CUDA if machine.cuda else STEPS_AHEAD
        near.time, near.most = 2 * ahead * machine.case.step, machine.skin
        near.least, near.total = min(0.02 * machine.width, machine.skin), machine.zeros(machine.blocks.count, wp.int32)
        self.picking = near

    def relist(self, speed: float) -> Any:  # noqa: ANN401 - a Warp array
        """Sort and list; returns the old place of each particle. ``speed`` is the highest, m/s."""
        machine, listing, wp = self.machine, self.listing, self.machine.wp
        grid = self._grid()
        machine.spread(listing.cell_keys, [grid, machine.position, self.key, self.order])
        wp.utils.radix_sort_pairs(self.key, self.order, machine.count)
        cells = grid.nx * grid.ny * grid.nz
        if len(self.cells) != cells + 1:
            self.cells = machine.zeros(cells + 1, wp.int32)
        machine.spread(listing.cell_starts, [machine.count, self.key, self.cells], machine.count + 1)
        machine.blocks.cut(self.order)
        self._carry()
        machine.farthest.zero_()
        before = [grid, wp.float64(machine.skin), machine.blocks.bounds]
        self.wide.find(listing.find_neighbours, before, [machine.position, self.cells])
        self.table.widen(self.wide.width)
        self.pick(speed, self.order)
        return self.order

    def pick(self, speed: float, order: Any = None) -> None:  # noqa: ANN401 - a Warp array
        """Pick out the near pairs: those that can touch within some steps at this speed (m/s)."""
        machine, listing, picking = self.machine, self.listing, self.picking
        picking.width, picking.listed, picking.listed_count = self.wide.width, self.wide.found, self.wide.count
        picking.found, picking.count = self.table.found, self.table.count
        machine.spread(listing.keep_near, [machine.wp.float64(speed), machine.position, picking])
        room, common = self.next_room(), machine.commons[0]
        if order is None:
            machine.spread(listing.take_rows, [picking, common, self.now, room])
        else:
            machine.spread(listing.fill_rows, [self.table.width, common, order, self.table.found, self.now, room])
        machine.since.assign([0.0, speed])
        # a march picks anew by itself while both rooms are large enough
        if len(self.room[1 - self.turn].code) < len(room.code):
            self.room[1 - self.turn] = self._room(len(room.code))
        self.stand(self.turn)
        self._note()

    def stand(self, turn: int) -> None:
        """This of the two rooms holds the rows now."""
        self.turn = int(turn)
        self.now = self.room[self.turn]

    def _note(self) -> None:
        """Room for each block of a CPU to note the pairs of some particles."""
        machine, wp = self.machine, self.machine.wp
        each = self.batch * self.table.width
        if each > self.notes.room and not machine.cuda:
            self.notes.room = each
            self.notes.entry = machine.zeros((each + self.gap) * machine.blocks.count, wp.int32)

    def _grid(self) -> Any:  # noqa: ANN401 - a Warp struct
        machine, wp = self.machine, self.machine.wp
        low, high = self._corners()
        grid: Any = self.listing.Grid()
        size = machine.width + machine.skin
        # a particle far out must not ask for more cells than there is memory
        size = max(size, float(np.prod(np.maximum(high - low, size)) / _MOST_CELLS) ** (1 / 3))
        shape = np.maximum(np.ceil((high - low) / size).astype(int), 1)
        grid.low, grid.size = wp.vec3d(*low), size
        grid.nx, grid.ny, grid.nz = (int(one) for one in shape)
        return grid

    def _corners(self) -> tuple[FloatArray, FloatArray]:
        """Lowest and highest place of a centre on each axis."""
        machine, wp = self.machine, self.machine.wp
        if not machine.cuda:
            columns = machine.position.numpy().T[:3]
            return np.array([column.min() for column in columns]), np.array([column.max() for column in columns])
        corners = machine.given([[np.inf] * 3, [-np.inf] * 3], wp.vec3d)
        machine.spread(self.listing.corners, [_SHARED_BY, machine.position, corners], _SHARED_BY)
        low, high = corners.numpy()
        return low, high

    def _carry(self) -> None:
        """All particles to the places that their order says."""
        machine, listing = self.machine, self.listing
        source, target = listing.Carried(), listing.Carried()
        for name in CARRIED:
            setattr(source, name, getattr(machine, name))
            setattr(target, name, self.spare[name])
        machine.spread(listing.carry, [self.order, source, target, machine.listed])
        for name in CARRIED:
            setattr(machine, name, getattr(target, name))
            self.spare[name] = getattr(source, name)


class Walls(Rows):
    """Surfaces near each particle, and the bodies they belong to."""

    def __init__(self, machine: Machine, given: Touching, arrays: SurfaceArrays) -> None:
        from cathodelab.simulation.dem.kernels import bodies as driven
        from cathodelab.simulation.dem.kernels import nearby, walls

        super().__init__(machine, given, 4)
        self.kernels, self.near, self.driven, self.arrays, self.reach = walls, nearby, driven, arrays, arrays.reach
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
        self.grids = machine.given(grids, nearby.MeshGrid) if grids else machine.zeros(0, nearby.MeshGrid)
        self.cells, self.members = machine.given(arrays.cells, wp.int32), machine.given(arrays.members, wp.int32)
        bodies = arrays.bodies
        drives = [self._drive(body) for body in bodies]
        self.drives = machine.given(drives, driven.Drive) if drives else machine.zeros(1, driven.Drive)
        poses = [self._pose(number) for number in range(len(bodies))]
        self.poses = machine.given(poses, walls.Pose) if poses else machine.zeros(1, walls.Pose)
        # what stands still comes nearer only by what a particle goes: to the end of its list, and before from its begin
        still = [self._stands(body, reach) for body, reach in zip(bodies, arrays.reach, strict=True)]
        margins = np.where(still, machine.skin, machine.margin)
        self.margins = machine.given(margins, wp.float64) if bodies else machine.zeros(1, wp.float64)
        self.identical = machine.given(np.arange(machine.count), wp.int32)

    @staticmethod
    def _stands(body: Body, reach: float) -> bool:
        motion = body.motion
        return not (any(motion.velocity) or motion.swing_rate or motion.gain or (motion.rate and reach))

    def _grid(self, given: Any) -> Any:  # noqa: ANN401 - a Warp struct
        grid: Any = self.near.MeshGrid()
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
        return pose

    def pose_arrays(self) -> tuple[Any, Any, Any, Any]:
        """Origins, turns, velocities and spins of all bodies."""
        table = self.poses.numpy()[: len(self.arrays.bodies)]
        return table["origin"], table["turn"], table["velocity"], table["spin"]

    def relist(self, order: Any) -> None:  # noqa: ANN401 - a Warp array, or None where the particles stand as before
        """Look for near surfaces anew."""
        if not self.arrays.bodies:
            return
        machine, kernels = self.machine, self.near
        before = [self.margins, self.arrays.plain]
        after = [machine.position, self.surfaces, self.poses, self.grids, self.cells, self.members]
        self.table.find(kernels.find_surfaces, before, after)
        room = self.next_room()
        places = self.identical if order is None else order
        given = [self.table.width, machine.commons[0], places, self.table.found, self.now, room]
        machine.spread(kernels.fill_surface_rows, given)
        self.now = room
        machine.travelled.zero_()
        machine.trek = 0.0
