"""Which particles are near each other: a wide list, made now and then, and of it those pairs that can touch soon."""

from __future__ import annotations

from cathodelab.simulation.dem.engine.blocks import Blocks
from cathodelab.simulation.dem.engine.cell_sort import CellSort
from cathodelab.simulation.dem.engine.device import Device, WarpArray, WarpStruct
from cathodelab.simulation.dem.engine.laws import Laws
from cathodelab.simulation.dem.engine.particles import ParticleColumns
from cathodelab.simulation.dem.engine.rows import RowStore, Table
from cathodelab.simulation.dem.engine.travel import Travel
from cathodelab.simulation.dem.state import ContactRows

STEPS_AHEAD = 16
"""Steps that a pick of near pairs is meant to last."""
STEPS_AHEAD_ON_CUDA = 64
"""The same where a pick starts from Python, which takes as long as some steps."""


class PairList(RowStore):
    """Partners of each particle.

    The rows with histories hold only the near pairs, which are picked from the wide list every few steps: most listed
    pairs do not touch, and a pair that is not looked at costs nothing.

    Args:
        device: where the list is kept.
        particles: sorted by cell whenever the wide list is made.
        laws: contact laws.
        blocks: decide who owns a pair.
        travel: limits of the lists; ``since`` is reset at every pick.
        step: s.
        given: the contacts at the start.
    """

    def __init__(
        self, device: Device, particles: ParticleColumns, laws: Laws, blocks: Blocks, travel: Travel, step: float,
        given: ContactRows,
    ) -> None:  # fmt: skip
        from cathodelab.simulation.dem.kernels import near_pairs, pairs_vectorised

        super().__init__(device, laws, given, 24 if device.is_cuda else 16)
        self.columns, self.laws, self.blocks, self.travel = particles, laws, blocks, travel
        self.wide = Table(device, self.particles, self.table.width)
        self.scratch: WarpStruct = pairs_vectorised.Scratch()
        sheet = 0 if device.is_cuda else int(pairs_vectorised.SHEET) * blocks.count
        self.scratch.sheet = device.zeros(sheet, device.wp.vec4d)
        near: WarpStruct = near_pairs.NearPairs()
        ahead = STEPS_AHEAD_ON_CUDA if device.is_cuda else STEPS_AHEAD
        near.time, near.most = 2 * ahead * step, travel.skin
        near.least, near.total = min(0.02 * travel.width, travel.skin), device.zeros(blocks.count, device.wp.int32)
        self.near = near

    def relist(self, cells: CellSort) -> None:
        """Make the wide list and pick from it; the particles have just been sorted."""
        from cathodelab.simulation.dem.kernels import neighbour_list

        before = [cells.grid, self.device.wp.float64(self.travel.skin), self.blocks.bounds]
        after = [self.columns.position, cells.starts]
        self.wide.find(neighbour_list.find_neighbours, before, after, self.blocks.cuts)
        self.table.widen(self.wide.width)
        self.pick(cells.order)

    def pick(self, order: WarpArray = None) -> None:
        """Pick the near pairs: those that can touch within some steps at the highest speed.

        ``order`` is the old place of each particle if they have just been sorted.
        """
        from cathodelab.simulation.dem.kernels import neighbour_list

        device, near, speed, cuts = self.device, self.near, self.travel.speed, self.blocks.cuts
        near.width, near.listed, near.listed_count = self.wide.width, self.wide.found, self.wide.count
        near.found, near.count = self.table.found, self.table.count
        device.spread(neighbour_list.keep_near, [device.wp.float64(speed), self.columns.position, near], cuts)
        room, constants = self.next_room(), self.laws.constants[0]
        if order is None:
            device.spread(neighbour_list.take_rows, [near, constants, self.now, room], cuts)
        else:
            given = [self.table.width, constants, order, self.table.found, self.now, room]
            device.spread(neighbour_list.fill_rows, given, cuts)
        self.travel.since.assign([0.0, speed])
        # the kernel of a CPU picks again by itself as long as both rooms are large enough
        if len(self.room[1 - self.turn].code) < len(room.code):
            self.room[1 - self.turn] = self._room(len(room.code))
        self.use_room(self.turn)
        self._make_scratch()

    def use_room(self, turn: int) -> None:
        """Take the rows from this of the two rooms."""
        self.turn = int(turn)
        self.now = self.room[self.turn]

    def _make_scratch(self) -> None:
        """Room for each block of a CPU to note the contacts of some particles."""
        from cathodelab.simulation.dem.kernels import pairs_vectorised

        each = int(pairs_vectorised.BATCH) * self.table.width
        if each > self.scratch.room and not self.device.is_cuda:
            self.scratch.room = each
            entries = (each + int(pairs_vectorised.GAP)) * self.blocks.count
            self.scratch.entry = self.device.zeros(entries, self.device.wp.int32)
