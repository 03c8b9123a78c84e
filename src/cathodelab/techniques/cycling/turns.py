"""Which reversals of the current end a half cycle, and which are pulses inside one.

A reversal that moves little charge may be a pulse, or a whole half cycle of a cell that has little left. The potential tells:
a half cycle takes it from one end of the window to the other, a pulse leaves it about where it was. So small reversals are
looked at in the order of their charge; those that turn the potential by a good part of its window, to a limit or from one,
stay.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cathodelab.core.arrays import FloatArray
from cathodelab.techniques.cycling.model import IntArray
from cathodelab.techniques.cycling.rows import end_rows

Mask = NDArray[np.bool_]

LIMIT_VOLT = 0.02
"""A potential this close to a limit is at it."""
_SWING = 0.25
"""Part of the window by which the potential turns where a half cycle ends, however little charge it moved."""
_FLATTEST_VOLT = 0.005
_OUTER = 0.05
"""Part of the charge at either end of the potentials that does not tell how wide the window is."""
_EDGE = 0.1
"""At either end of a record, where nothing goes on after it, a pulse is this much smaller."""
_UNUSUAL = 0.1
"""Part of the ends beyond a limit that may be accidents."""


@dataclass(frozen=True, eq=False)
class Runs:
    """Runs of one direction of current, one entry each in every array.

    Args:
        way: +1 charge, -1 discharge.
        moved: net charge with its sign, mAh.
        end_volt: potential of the cell at its end.
        first, last: first and last step.
    """

    way: IntArray
    moved: FloatArray
    end_volt: FloatArray
    first: IntArray
    last: IntArray

    @property
    def count(self) -> int:
        """Number of runs."""
        return int(self.way.size)

    def joined(self, kept: Mask) -> Runs:
        """Those that are kept, what lies between two of one direction joined to them; the first one is kept."""
        of = kept.nonzero()[0]
        first = of[starts_of(self.way[of])]
        last = of[of.searchsorted(end_rows(first, self.count)) - 1]
        return Runs(
            self.way[first], np.add.reduceat(self.moved, first), self.end_volt[last], self.first[first], self.last[last]
        )

    def between(self, begin: int, end: int) -> Runs:
        """Those from one on up to another, the others left out."""
        part = slice(begin, end)
        return Runs(self.way[part], self.moved[part], self.end_volt[part], self.first[part], self.last[part])


def starts_of(values: IntArray) -> IntArray:
    """Where a run of equal values begins."""
    new = np.ones(values.size, dtype=np.bool_)
    np.not_equal(values[1:], values[:-1], out=new[1:])
    return new.nonzero()[0]


def without_pulses(runs: Runs, start_volt: float, largest_pulse: float, *, goes_on: bool) -> Runs:
    """The half cycles that alternating runs make.

    Args:
        runs: their directions alternate.
        start_volt: potential of the cell before the first.
        largest_pulse: part of a half cycle's charge below which a reversal may be a pulse.
        goes_on: whether current flows at the end of the record: then a small run there is a half cycle that has begun.
    """
    amount = np.abs(runs.moved)
    total = np.concatenate([[0.0], np.cumsum(runs.moved)])
    if runs.count < 2 or not (amount < largest_pulse * max(float(np.ptp(total)), 2 * float(amount.max()))).any():
        return runs
    width = _window(runs, start_volt)
    turns = _turning_runs(runs.end_volt, start_volt, max(_SWING * width, _FLATTEST_VOLT))
    limits = {way: limit_of(way * runs.end_volt[turns & (runs.way == way)]) for way in (1, -1)}
    limit = np.where(runs.way > 0, limits[1], limits[-1])
    swing = _swings(total, turns)
    while (chosen := _pulses(runs, turns, limit, swing, largest_pulse)).any():
        kept = ~chosen
        first = kept.nonzero()[0]
        groups = first[starts_of(runs.way[first])]
        last = first[first.searchsorted(end_rows(groups, runs.count)) - 1]
        runs, turns, limit, swing = runs.joined(kept), turns[last], limit[last], swing[groups]
    return _without_edges(runs, turns, limit, largest_pulse, goes_on=goes_on)


def limit_of(reached: FloatArray) -> float:
    """The limit of potentials (times their direction) that half cycles ended at, all but a few of them at most there."""
    if not reached.size:
        return float("inf")
    place = int(np.ceil((1 - _UNUSUAL) * (reached.size - 1)))
    return float(np.partition(reached, place)[place])


def _window(runs: Runs, start_volt: float) -> float:
    """How far apart the ends of the runs lie, those that moved little charge left out."""
    begin = np.concatenate([[start_volt], runs.end_volt[:-1]])
    potential, weight = np.concatenate([begin, runs.end_volt]), np.tile(np.abs(runs.moved), 2)
    order = np.argsort(potential)
    share = np.cumsum(weight[order])
    low, high = potential[order][
        np.minimum(share.searchsorted(share[-1] * np.array([_OUTER, 1 - _OUTER])), share.size - 1)
    ]
    return float(high - low)


def _turning_runs(end_volt: FloatArray, start_volt: float, swing: float) -> Mask:
    """Runs at whose end the potential turns back by at least ``swing``, and the farthest run after the last of them."""
    turns = np.zeros(end_volt.size + 1, dtype=np.bool_)
    high = low = start_volt
    high_at = low_at = -1
    way = 0
    for place, volt in enumerate(end_volt.tolist()):
        if volt > high:
            high, high_at = volt, place
        if volt < low:
            low, low_at = volt, place
        if way >= 0 and high - volt >= swing:
            turns[high_at] = True
            way, low, low_at = -1, volt, place
        elif way <= 0 and volt - low >= swing:
            turns[low_at] = True
            way, high, high_at = 1, volt, place
    if way:
        turns[high_at if way > 0 else low_at] = True
    return turns[:-1]


def _swings(total: FloatArray, turns: Mask) -> FloatArray:
    """Net charge of the swing of potential in which each run lies, with its sign, mAh."""
    ends = turns.nonzero()[0]
    place = np.arange(turns.size)
    after = ends.searchsorted(place)
    stop = np.append(ends, turns.size - 1)[after] + 1
    begin = np.append([-1], ends)[after] + 1
    moved: FloatArray = total[stop] - total[begin]
    return moved


def _pulses(runs: Runs, turns: Mask, limit: FloatArray, swing: FloatArray, largest_pulse: float) -> Mask:
    """Runs that are pulses inside what they interrupt, no two of them neighbours."""
    chosen = np.zeros(runs.count, dtype=np.bool_)
    if runs.count < 3:
        return chosen
    amount = np.abs(runs.moved)
    before, own, after = amount[:-2], amount[1:-1], amount[2:]
    way, middle = runs.way[1:-1], slice(1, -1)
    against = np.where(swing[middle] * way < 0, np.abs(swing[middle]), 0.0)
    small = own < largest_pulse * np.maximum(before + after, against)
    # what goes on after a limit is not what was interrupted, unless it is more than a pulse itself
    small &= ~turns[:-2] | (after >= largest_pulse * before)
    beyond = -way * (runs.end_volt[2:] - runs.end_volt[:-2]) > LIMIT_VOLT
    at_limit = way * runs.end_volt[middle] > limit[middle] - LIMIT_VOLT
    chosen[middle] = small & ~(turns[middle] & (at_limit | ~beyond))
    size = np.where(chosen, amount, np.inf)
    chosen[1:] &= size[1:] < size[:-1]
    chosen[:-1] &= size[:-1] <= size[1:]
    return chosen


def _without_edges(runs: Runs, turns: Mask, limit: FloatArray, largest_pulse: float, *, goes_on: bool) -> Runs:
    """Without pulses before the first half cycle and after the last: they belong to none."""
    amount, largest = np.abs(runs.moved), _EDGE * largest_pulse
    at_limit = runs.way * runs.end_volt > limit - LIMIT_VOLT
    first = int(runs.count > 1 and amount[0] < largest * amount[1] and not at_limit[0])
    ended = turns.nonzero()[0]
    last = int(ended[-1]) if ended.size else runs.count - 1
    begun = goes_on and runs.count - last == 2
    trailing = not begun and bool((amount[last + 1 :] < largest * amount[last]).all())
    return runs.between(first, last + 1 if trailing and last >= first else runs.count)
