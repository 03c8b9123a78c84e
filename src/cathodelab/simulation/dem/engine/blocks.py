"""Particles divided into blocks of equal work, and the blocks divided among the threads of a CPU."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from cathodelab.simulation.dem.engine.device import Device, WarpArray, WarpStruct

# work of a particle and of a contact in the same unit, from timings of both
_PARTICLE, _CONTACT = 3, 5
# where there are several parts, each is a large block and a small one that a thread which is early takes from another
_SHARES = (0.94, 0.06)
_FEWEST = 100
"""Particles in a part below which it stays one block."""


class Blocks:
    """Where each block begins and ends: as numbers in ``edges``, for kernels in ``table`` and ``lanes``.

    The blocks follow from the number of parts, never from the number of threads: so do the results, to the last bit.

    Args:
        device: whose threads work on them.
        count: number of particles.
        parts: how many are asked for; CUDA has one.
    """

    def __init__(self, device: Device, count: int, parts: int) -> None:
        from cathodelab.simulation.dem.kernels import one_step_cuda

        self.device, self.particles = device, count
        parts = 1 if device.is_cuda else parts
        each = _SHARES if parts > 1 and count >= _FEWEST * parts else (1.0,)
        self.count = len(each) * parts
        # places for each sum over particles; no two threads of a CPU share one
        self.places = int(one_step_cuda.LANES) if device.is_cuda else self.count
        self.levels = np.append(0.0, np.cumsum(np.tile(each, parts)) / parts)
        self.first = [len(each) * (parts * thread // device.threads) for thread in range(device.threads)]
        """First block of each thread."""
        self._divide(np.rint(self.levels * count))

    def balance(self, order: WarpArray, contacts: Sequence[WarpStruct]) -> None:
        """Make blocks of equal work in the new order; ``contacts`` are the rows of both lists, in the old order."""
        if self.count in (1, self.particles):
            return
        touching = np.zeros(self.particles, int)
        for rows in contacts:
            starts = rows.start.numpy()
            many = np.concatenate([[0], np.cumsum(rows.code.numpy()[: starts[-1]] < 0)])
            touching += np.diff(many[starts])
        work = np.cumsum(np.append(0, _PARTICLE + _CONTACT * touching[order.numpy()[: self.particles]]))
        self._divide(np.searchsorted(work, work[-1] * self.levels))

    def _divide(self, edges: ArrayLike) -> None:
        from cathodelab.simulation.dem.kernels import pairs

        self.edges = np.asarray(edges, np.int32)
        self.edges[0], self.edges[-1] = 0, self.particles
        # on CUDA there are no blocks: every particle is its own
        self.bounds = self.device.given(self.edges[: 1 if self.device.is_cuda else None], self.device.wp.int32)
        self.table: list[WarpStruct] = []
        for lane, (low, high) in enumerate(pairwise(self.edges.tolist())):
            block: WarpStruct = pairs.Block()
            block.low, block.high, block.lane = low, high, lane
            self.table.append(block)
        self.lanes = self.device.given(self.table, pairs.Block)
        self.cuts = [*(int(self.edges[first]) for first in self.first), self.particles]
        """First particle of each thread, then the number of particles."""

    def block_of_each(self) -> np.ndarray:
        """Number of the block of each particle."""
        every = np.arange(self.particles)
        return every if self.device.is_cuda else np.searchsorted(self.edges, every, side="right")
