r"""Which cell does not belong to its study: one shift of one cell, tested against batches that scatter by themselves.

The cells are :math:`y_{ij} = \mu + b_i + e_{ij}`, one of them perhaps shifted by an unknown amount. For every cell and every
ratio :math:`\rho` of the scatter between batches to that within, the shift that fits best leaves a weighted sum of squares. The
cell that lowers it most is the suspect, and the logarithm of that ratio the statistic (restricted likelihood, maximized over
:math:`\rho` with and without the shift). So a cell is judged against its own batch and against all other batches at once: of two
cells in a batch, the one that is far from everything else is the suspect. The statistic does not depend on mean and scale; how
large it becomes where no cell is shifted is simulated for the design at hand, at the ratio where it becomes largest (this
project).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from cathodelab.core.arrays import FloatArray

FIRST_LEVEL, FURTHER_LEVEL = 0.05, 0.01
"""How often some cell is named in a study without a shifted one; how often a further one is, after a first."""
_FEWEST_CELLS, _FEWEST_FREE = 4, 2
_RATIOS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.5, 7.0, 12.0)
_RATIOS_DRAWN = (0.0, 0.5, 1.0, 2.0)  # beyond, the statistic becomes smaller
_MOST_DRAWS, _FEWEST_DRAWS, _NUMBERS, _AT_ONCE = 8000, 1500, 3_000_000, 40_000
NEVER_ENOUGH = 4.0
"""No design has a critical value below; it is simulated only for a statistic above."""
_NOTHING = 1e-24  # of squares, relative to the mean's: rounding


def outlying_cells(values: FloatArray, batch: Sequence[str]) -> tuple[int, ...]:
    """Positions of cells that do not belong to the rest, the clearest first; never the only cell of a batch.

    Args:
        values: one of each cell, in one unit, shape (cells,).
        batch: name of the batch of each cell.
    """
    kept = np.arange(values.size)
    found: list[int] = []
    while True:
        place = _suspect(values[kept], [batch[i] for i in kept.tolist()], FURTHER_LEVEL if found else FIRST_LEVEL)
        if place is None:
            return tuple(found)
        found.append(int(kept[place]))
        kept = np.delete(kept, place)


def _suspect(values: FloatArray, batch: Sequence[str], level: float) -> int | None:
    """The cell that is named at this level; ``None`` where none is, or the design can tell none."""
    names = list(dict.fromkeys(batch))
    member = np.array([names.index(one) for one in batch])
    sizes = np.bincount(member).tolist()
    order = np.argsort(member, kind="stable")
    if values.size < _FEWEST_CELLS or values.size - len(sizes) < _FEWEST_FREE:
        return None
    centred = values[order] - values.mean()
    if not np.sum(centred**2) > _NOTHING * values.size * max(float(np.mean(values)) ** 2, np.finfo(float).tiny):
        return None
    largest, places = _Design(tuple(sizes)).statistic(centred[None])
    if largest[0] <= NEVER_ENOUGH or largest[0] <= critical_value(tuple(sorted(sizes)), level):
        return None
    return int(order[places[0]])


class _Design:
    """Batches of given sizes, cells in their order; sums over batches stand for the matrices of the model."""

    def __init__(self, sizes: tuple[int, ...]) -> None:
        size, ratio = np.array(sizes, dtype=np.float64), np.array(_RATIOS)[:, None]
        self.member = np.repeat(np.arange(size.size), sizes)
        self._first = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        self._judged = size[self.member] > 1
        self._row = 1 / (1 + ratio**2 * size)  # row sums of the inverse covariance, shape (ratios, batches)
        self._shared = ratio**2 * self._row
        self._total = (size * self._row).sum(axis=1)
        own = 1 - self._shared - self._row**2 / self._total[:, None]
        self._own = own[:, self.member]
        self._determinants = np.log1p(ratio**2 * size).sum(axis=1) + np.log(self._total)

    def statistic(self, values: FloatArray) -> tuple[FloatArray, NDArray[np.int64]]:
        """Largest gain in logarithmic likelihood by a shift, and of which cell; values of shape (draws, cells)."""
        free = values.shape[1] - 1
        sums = np.add.reduceat(values, self._first, axis=1)
        best, without = np.full(values.shape, -np.inf), np.full(values.shape[0], -np.inf)
        for row, determinant in enumerate(self._determinants):
            mean = sums @ self._row[row] / self._total[row]
            pulls = values - (self._shared[row] * sums + self._row[row] * mean[:, None])[:, self.member]
            squares = np.einsum("dn,dn->d", pulls, values)
            left = np.maximum(squares[:, None] - pulls**2 / self._own[row], np.finfo(float).tiny)
            np.maximum(best, -(free * np.log(left) + determinant + np.log(self._own[row])) / 2, out=best)
            without = np.maximum(without, -(free * np.log(squares) + determinant) / 2)
        best[:, ~self._judged] = -np.inf
        return best.max(axis=1) - without, best.argmax(axis=1)


@cache
def _simulated(sizes: tuple[int, ...]) -> FloatArray:
    """The statistic without a shifted cell, sorted; shape (ratios, draws). Seeded by the design."""
    design = _Design(sizes)
    random = np.random.default_rng([len(sizes), *sizes])
    draws = min(_MOST_DRAWS, max(_FEWEST_DRAWS, _NUMBERS // design.member.size))
    chunk = max(_AT_ONCE // design.member.size, 1)
    found = np.empty((len(_RATIOS_DRAWN), draws))
    for first in range(0, draws, chunk):
        count = min(chunk, draws - first)
        between = random.standard_normal((count, len(sizes)))[:, design.member]
        within = random.standard_normal((count, design.member.size))
        for row, ratio in enumerate(_RATIOS_DRAWN):
            found[row, first : first + count] = design.statistic(ratio * between + within)[0]
    found.sort(axis=1)
    return found


def critical_value(sizes: tuple[int, ...], level: float) -> float:
    """What the statistic exceeds this rarely, whatever the ratio of the scatters; sizes of the batches in ascending order."""
    return float(np.quantile(_simulated(sizes), 1 - level, axis=1).max())
