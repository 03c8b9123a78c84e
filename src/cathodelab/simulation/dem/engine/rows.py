"""Rows of candidates, one for each particle, with the histories of those that touch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cathodelab.simulation.dem.engine.device import Device, Values, WarpArray, WarpKernel, WarpStruct
from cathodelab.simulation.dem.engine.laws import Laws
from cathodelab.simulation.dem.state import ContactRows


class Table:
    """What was found for each particle, in rows of one width that grows where one is too short."""

    def __init__(self, device: Device, particles: int, width: int) -> None:
        self.device, self.particles, self.width = device, particles, width
        self.count = device.zeros(particles + 1, device.wp.int32)
        self.found = device.zeros(particles * width, device.wp.int32)

    def find(self, kernel: WarpKernel, before: Sequence[Values], after: Sequence[Values], cuts: Sequence[int]) -> None:
        """Fill ``found`` and ``count``; where a row was too short, again with wider rows."""
        while True:
            self.device.spread(kernel, [*before, self.width, *after, self.found, self.count], cuts)
            longest = int(self.count.numpy()[:-1].max())
            if longest <= self.width:
                return
            self.widen(max(longest + 4, self.width * 3 // 2))

    def widen(self, width: int) -> None:
        """Make room for longer rows; what was found is lost."""
        if width != self.width:
            self.width = width
            self.found = self.device.zeros(self.particles * width, self.device.wp.int32)


class RowStore:
    """Rows with histories: what the list of pairs and the list of surfaces have in common.

    Two rooms take turns: rows are copied from one to the other whenever the list is made, and grow there. ``now`` holds
    the rows that are valid.

    Args:
        device: where the rows are kept.
        laws: decide which histories are needed at all.
        given: the contacts at the start.
        width: of the rows that are searched, at first.
    """

    def __init__(self, device: Device, laws: Laws, given: ContactRows, width: int) -> None:
        from cathodelab.simulation.dem.kernels import pairs

        wp = device.wp
        self.device, self.particles = device, len(given.start) - 1
        self.table = Table(device, self.particles, width)
        self.kind = pairs.ContactRows
        kinds = {"start": wp.int32, "owner": wp.int32, "code": wp.int32, "spring": wp.vec4d, "memory": wp.vec2d}
        self.kinds = kinds | {"damped": wp.float64, "viscous": wp.vec4d, "roll": wp.vec4d, "stored": wp.float64}
        # an array that no contact uses has one place
        self.unused = {"damped": not laws.damped, "viscous": not laws.damped, "roll": not laws.rolling}
        there = {
            "start": given.start,
            "owner": np.repeat(np.arange(self.particles), np.diff(given.start)),
            "code": -1 - given.other,
            "spring": given.spring,
            "memory": given.memory[:, [0, 2]],
            "damped": given.memory[:, 3],
            "viscous": given.viscous,
            "roll": given.roll,
            "stored": given.stored,
        }
        self.now: WarpStruct = self.kind()
        for name, kind in self.kinds.items():
            values = self._space(name, 0) if self.unused.get(name) else device.given(there[name], kind)
            setattr(self.now, name, values)
        self.room = [self._room(0), self._room(0)]
        self.turn, self.filled = 0, 0

    def _space(self, name: str, entries: int) -> WarpArray:
        return self.device.zeros(1 if self.unused.get(name) else entries, self.kinds[name])

    def _room(self, entries: int) -> WarpStruct:
        room: WarpStruct = self.kind()
        room.start = self.device.zeros(self.particles + 1, self.kinds["start"])
        for name in list(self.kinds)[1:]:
            setattr(room, name, self._space(name, entries))
        return room

    def next_room(self) -> WarpStruct:
        """The other room, large enough for all rows that were found, with their starts set."""
        device, self.turn = self.device, 1 - self.turn
        starts = self.room[self.turn].start
        device.wp.utils.array_scan(self.table.count, starts, inclusive=False)
        # the scan on CUDA ends with the sum: one number is read back
        self.filled = int(
            starts[self.particles :].numpy()[0] if device.is_cuda else self.table.count.numpy()[:-1].sum()
        )
        if self.filled > len(self.room[self.turn].code):
            self.room[self.turn] = self._room(self.filled + self.filled // 4)
            self.room[self.turn].start = starts
        return self.room[self.turn]

    def read_back(self, plastic: np.ndarray) -> ContactRows:
        """The contacts alone; ``plastic`` is the plastic work (J) of every entry."""
        starts, codes = self.now.start.numpy(), self.now.code.numpy()
        codes = codes[: starts[-1]]
        touching = codes < 0
        kept = np.concatenate([[0], np.cumsum(touching)])[starts]

        def chosen(name: str, shape: tuple[int, ...]) -> np.ndarray:
            if self.unused.get(name):
                return np.zeros((int(kept[-1]), *shape))
            values: np.ndarray = getattr(self.now, name).numpy()[: len(codes)][touching]
            return values

        largest, friction = chosen("memory", (2,)).T
        memory = np.column_stack([largest, plastic[: len(codes)][touching], friction, chosen("damped", ())])
        return ContactRows(
            start=kept.astype(np.int32),
            other=(-1 - codes[touching]).astype(np.int32),
            spring=chosen("spring", (4,)),
            memory=memory,
            viscous=chosen("viscous", (4,)),
            roll=chosen("roll", (4,)),
            stored=chosen("stored", ()),
        )
