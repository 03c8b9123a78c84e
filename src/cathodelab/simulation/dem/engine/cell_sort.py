"""Particles sorted by the cell of a grid they are in: neighbours are found in the cells around."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.simulation.dem.engine.device import Device, WarpArray, WarpStruct

_MOST_CELLS = 4_000_000
# threads of CUDA that share all particles where each result has one place
_SHARED_BY = 8192


class CellSort:
    """``order`` is the old place of each particle in the new order, ``starts`` the first particle of each cell of ``grid``.

    Args:
        device: where it works.
        count: number of particles.
        reach: side of a cell, m: two particles that are listed are in the same or in neighbouring cells.
    """

    def __init__(self, device: Device, count: int, reach: float) -> None:
        self.device, self.count, self.reach = device, count, reach
        wp = device.wp
        self.key, self.order = device.zeros(2 * count, wp.int32), device.zeros(2 * count, wp.int32)
        self.starts = device.zeros(2, wp.int32)
        self.grid: WarpStruct = None

    def sort(self, position: WarpArray, cuts: Sequence[int]) -> None:
        """Find grid, order and starts for particles at these places."""
        from cathodelab.simulation.dem.kernels import neighbour_list

        device, grid = self.device, self._grid(position, cuts)
        device.spread(neighbour_list.cell_keys, [grid, position, self.key, self.order], cuts)
        device.wp.utils.radix_sort_pairs(self.key, self.order, self.count)
        cells = grid.nx * grid.ny * grid.nz
        if len(self.starts) != cells + 1:
            self.starts = device.zeros(cells + 1, device.wp.int32)
        ends = [*cuts[:-1], self.count + 1]
        device.spread(neighbour_list.cell_starts, [self.count, self.key, self.starts], ends)
        self.grid = grid

    def _grid(self, position: WarpArray, cuts: Sequence[int]) -> WarpStruct:
        from cathodelab.simulation.dem.kernels import neighbour_list

        low, high = self._corners(position, cuts)
        # a particle far out must not ask for more cells than there is memory
        size = max(self.reach, float(np.prod(np.maximum(high - low, self.reach)) / _MOST_CELLS) ** (1 / 3))
        shape = np.maximum(np.ceil((high - low) / size).astype(int), 1)
        grid: WarpStruct = neighbour_list.Grid()
        grid.low, grid.size = self.device.wp.vec3d(*low), size
        grid.nx, grid.ny, grid.nz = (int(one) for one in shape)
        return grid

    def _corners(self, position: WarpArray, cuts: Sequence[int]) -> tuple[FloatArray, FloatArray]:
        """Lowest and highest place of a centre on each axis."""
        from cathodelab.simulation.dem.kernels import neighbour_list

        device = self.device
        if not device.is_cuda:
            columns = position.numpy().T[:3]
            return np.array([column.min() for column in columns]), np.array([column.max() for column in columns])
        corners = device.given([[np.inf] * 3, [-np.inf] * 3], device.wp.vec3d)
        device.spread(neighbour_list.corners, [_SHARED_BY, position, corners], [*cuts[:-1], _SHARED_BY])
        low, high = corners.numpy()
        return low, high
