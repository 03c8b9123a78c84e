"""Particles shared out in blocks of equal work, and the blocks among the threads of a CPU."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from cathodelab.simulation.dem.machine import Machine

# a particle and a contact as parts of the work, from timings of both
_PARTICLE, _CONTACT = 3, 5
# where there are several, each is a large block and a small one, which a thread that is early takes over from another
_PARTS = (0.94, 0.06)
_FEWEST = 100
"""Particles below which a part is not divided further."""


class Blocks:
    """Where each block begins and ends, in ``edges`` as numbers and in ``table`` and ``lanes`` as kernels want it.

    They follow from how many parts were asked for, never from the number of threads: so neither do results.
    """

    def __init__(self, machine: Machine) -> None:
        from cathodelab.simulation.dem.kernels import staged

        case, count = machine.case, machine.count
        self.machine = machine
        parts = 1 if machine.cuda else min(case.blocks or case.threads, count)
        each = _PARTS if parts > 1 and count >= _FEWEST * parts else (1.0,)
        self.threads = 1 if machine.cuda else min(case.threads, parts)
        self.count = len(each) * parts
        # for each sum over particles, none of which two threads of a CPU share
        self.places = int(staged.LANES) if machine.cuda else self.count
        self.levels = np.append(0.0, np.cumsum(np.tile(each, parts)) / parts)
        # where each thread begins
        self.first = [len(each) * (parts * thread // self.threads) for thread in range(self.threads)]
        self._divide(np.rint(self.levels * count))

    def cut(self, order: Any) -> None:  # noqa: ANN401 - a Warp array
        """Blocks of equal work in the new order: contacts count, not only particles."""
        machine = self.machine
        if self.count in (1, machine.count):
            return
        touching = np.zeros(machine.count, int)
        for rows in (machine.pairs.now, machine.walls.now):
            starts = rows.start.numpy()
            many = np.concatenate([[0], np.cumsum(rows.code.numpy()[: starts[-1]] < 0)])
            touching += np.diff(many[starts])
        work = np.cumsum(np.append(0, _PARTICLE + _CONTACT * touching[order.numpy()[: machine.count]]))
        self._divide(np.searchsorted(work, work[-1] * self.levels))

    def _divide(self, edges: Any) -> None:  # noqa: ANN401 - an array of numbers
        from cathodelab.simulation.dem.kernels import pairs

        machine = self.machine
        self.edges = np.asarray(edges, np.int32)
        self.edges[0], self.edges[-1] = 0, machine.count
        # without blocks (CUDA) every particle is its own
        self.bounds = machine.given(self.edges[: 1 if machine.cuda else None], machine.wp.int32)
        self.table: list[Any] = []
        for lane, (low, high) in enumerate(pairwise(self.edges.tolist())):
            block: Any = pairs.Block()
            block.low, block.high, block.lane = low, high, lane
            self.table.append(block)
        self.lanes = machine.given(self.table, pairs.Block)
        self.cuts = [int(self.edges[first]) for first in self.first] + [machine.count]
