"""Where many cells stand in one protocol: the length of their next time step, whether it stays within its limit, what follows.

Arrays of shape (cell,); every cell has its own clock and its own place.
"""

from __future__ import annotations

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.simulation.twin.model import C_RATE_BASIS_mA_g, Step
from cathodelab.simulation.twin.open_circuit import FULL_CHARGE_mAh_g

_FIRST_SECOND, _GROWTH, _LARGEST_SECOND = 1.0, 1.2, 600.0
_LARGEST_FRACTION = 1.5e-3
_LIMIT_VOLT, _LEAST_SECOND = 2e-5, 1e-3
_SIGN = {"charge": 1.0, "discharge": -1.0, "rest": 0.0, "hold": 0.0}
_ENDED = Step("rest", 0.0, cycle=0)


class _Table:
    """A protocol as arrays over its steps; the last entry stands for its end."""

    def __init__(self, steps: tuple[Step, ...]) -> None:
        listed = [*steps, _ENDED]
        self.steps = len(steps)
        self.sign = np.array([_SIGN[step.kind] for step in listed])
        self.rests = np.array([step.kind == "rest" for step in listed])
        self.holds = np.array([step.kind == "hold" for step in listed])
        self.seconds = np.array([step.seconds for step in listed])
        self.rate_mA_g = np.array([step.c_rate for step in listed]) * C_RATE_BASIS_mA_g
        self.limit = np.array([np.nan if step.limit_volt is None else step.limit_volt for step in listed])
        self.bounded = (self.sign != 0) & ~np.isnan(self.limit)
        self.cycle = np.array([step.cycle for step in listed])
        self.branch = np.array([step.branch for step in listed])
        self.branch_end = np.arange(len(listed))  # first step from each on that belongs to another branch
        for at in range(self.steps - 1, -1, -1):
            same = listed[at].branch == listed[at + 1].branch
            self.branch_end[at] = self.branch_end[at + 1] if same else at + 1


class Places:
    """The places of all cells; changed as the protocol goes on."""

    def __init__(self, steps: tuple[Step, ...], volt: FloatArray, refinement: float) -> None:
        self._table, self._refinement = _Table(steps), refinement
        count = volt.size
        self.at = np.zeros(count, dtype=int)
        self._volt = volt.copy()
        self._ended_branch = np.zeros(count, dtype=int)
        self._left, self._next, self.held = np.zeros(count), np.zeros(count), np.zeros(count)
        self._limited, self._trial = np.zeros(count, dtype=bool), np.zeros(count)
        self._enter(np.ones(count, dtype=bool))

    @property
    def runs(self) -> np.ndarray:
        """Which cells have not come to the end."""
        return np.asarray(self.at < self._table.steps)

    @property
    def holds(self) -> np.ndarray:
        """Which cells are held at a potential (:attr:`held`)."""
        return np.asarray(self._table.holds[self.at])

    @property
    def current_mA_g(self) -> FloatArray:
        """What the cycler sets where it does not hold."""
        return np.asarray(self._table.sign[self.at] * self._table.rate_mA_g[self.at])

    def length(self, utilization: FloatArray) -> FloatArray:
        """The next time step, s; 0 for a cell that has ended."""
        rate = np.abs(self.current_mA_g) / utilization / FULL_CHARGE_mAh_g / 3600
        longest = np.minimum(_LARGEST_SECOND, _LARGEST_FRACTION / np.maximum(rate, 1e-30)) / self._refinement
        self._trial = np.where(self.runs, np.minimum(np.minimum(self._next, longest), self._left), 0.0)
        return self._trial

    def accepts(self, volt: FloatArray) -> np.ndarray:
        """Which time steps stay within their limit; of the others the next one is shorter."""
        beyond, before = self._beyond(volt), self._beyond(self._volt)
        refused = (beyond > _LIMIT_VOLT) & (self._trial > _LEAST_SECOND) & self.runs
        if refused.any():
            way = (beyond - before)[refused]
            share = np.where(way > 0, -before[refused] / np.where(way > 0, way, 1.0), 0.5)
            self._next[refused] = self._trial[refused] * np.clip(share, 0.05, 0.95)
            self._limited |= refused
        return np.asarray(self.runs & ~refused)

    def _beyond(self, volt: FloatArray) -> FloatArray:
        """How far a charge or discharge is past its limit, V; far inside where it has none."""
        bounded = self._table.bounded[self.at]
        past = self._table.sign[self.at] * (volt - self._table.limit[self.at])
        return np.where(bounded, past, -1e9)

    def go_on(self, accepted: np.ndarray, volt: FloatArray, outside_mA_g: FloatArray) -> np.ndarray:
        """After accepted time steps, on in the protocol where a step is over; returns which cells start a new cycle."""
        table, old = self._table, self.at
        self._volt = np.where(accepted, volt, self._volt)
        self._left = np.where(accepted, self._left - self._trial, self._left)
        at_limit = self._beyond(self._volt) >= -_LIMIT_VOLT
        small = table.holds[old] & (np.abs(outside_mA_g) < table.rate_mA_g[old])
        over = accepted & (at_limit | small | (self._left <= 1e-9))
        longer = self._trial * np.where(self._limited, 1.0, _GROWTH)
        self._next = np.where(accepted & ~over, longer, self._next)
        if not over.any():
            return over
        ended = over & at_limit & (table.branch[old] > 0)
        self._ended_branch = np.where(ended, table.branch[old], self._ended_branch)
        self.at = old + over
        leaves = over & table.rests[old] & (self._ended_branch > 0)
        skips = leaves & (table.branch[self.at] == self._ended_branch)
        self.at = np.where(skips, table.branch_end[self.at], self.at)
        self._ended_branch[leaves] = 0
        self._enter(over)
        return np.asarray(over & (table.cycle[self.at] > table.cycle[old]))

    def _enter(self, which: np.ndarray) -> None:
        """Start the step at which the cells ``which`` stand."""
        limit = self._table.limit[self.at]
        self._left = np.where(which, self._table.seconds[self.at], self._left)
        self._next = np.where(which, _FIRST_SECOND / self._refinement, self._next)
        self.held = np.where(which, np.where(np.isnan(limit), self._volt, limit), self.held)
        self._limited = self._limited & ~which
