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

from cathodelab.core.arrays import FloatArray, OwnArrays
from cathodelab.techniques.cycling.intervals import end_rows
from cathodelab.techniques.cycling.model import IntArray

Mask = NDArray[np.bool_]

LIMIT_VOLT = 0.02
"""A potential this close to a limit is at it."""
SAME_VOLT = 0.01
"""Half cycles that end this close to each other ended at the same limit."""
_SWING = 0.25
"""Part of the window by which the potential turns where a half cycle ends, however little charge it moved."""
_FLATTEST_VOLT = 0.005
_OUTER = 0.05
"""Part of the charge at either end of the potentials that does not tell how wide the window is."""
_LONGEST_PULSE_SECOND = 600.0
_BRIEF = 0.01
"""Part of the time of a half cycle that a pulse beside it takes."""


@dataclass(frozen=True, eq=False)
class Runs(OwnArrays):
    """Runs of one direction of current, one entry each in every array.

    Args:
        way: +1 charge, -1 discharge.
        moved: net charge with its sign, mAh.
        end_volt: potential of the cell at its end.
        seconds: time under current.
        first, last: first and last step.
    """

    way: IntArray
    moved: FloatArray
    seconds: FloatArray
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
            self.way[first],
            np.add.reduceat(self.moved, first),
            np.add.reduceat(self.seconds, first),
            self.end_volt[last],
            self.first[first],
            self.last[last],
        )

    def between(self, begin: int, end: int) -> Runs:
        """Those from one on up to another, the others left out."""
        part = slice(begin, end)
        return Runs(
            self.way[part],
            self.moved[part],
            self.seconds[part],
            self.end_volt[part],
            self.first[part],
            self.last[part],
        )


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
    swing = max(_SWING * _window(runs, start_volt), _FLATTEST_VOLT)
    turns = _turning_runs(runs.end_volt, start_volt, swing)
    net = _swings(total, turns)
    moved = runs.way * np.diff(runs.end_volt, prepend=start_volt)
    turns |= moved >= swing
    limits = {way: _limit(runs, turns & (runs.way == way), largest_pulse) for way in (1, -1)}
    seen = _Seen(
        turns, runs.way * runs.end_volt > np.where(runs.way > 0, limits[1], limits[-1]) - LIMIT_VOLT, net, swing
    )
    while (chosen := _pulses(runs, seen, largest_pulse)).any():
        kept = ~chosen
        first = kept.nonzero()[0]
        groups = first[starts_of(runs.way[first])]
        last = first[first.searchsorted(end_rows(groups, runs.count)) - 1]
        runs, seen = runs.joined(kept), _Seen(seen.turns[last], seen.ended[last], seen.net[groups], swing)
    return _without_edges(runs, seen, largest_pulse, goes_on=goes_on)


@dataclass(frozen=True, eq=False)
class _Seen(OwnArrays):
    """What the potential shows of every run.

    Args:
        turns: whether it turns back at its end, or came, by at least ``swing``.
        ended: whether it ends at the usual limit of its direction, or beyond it.
        net: charge of the swing of potential in which it lies, with its sign, mAh.
        swing: least turn of the potential, V.
    """

    turns: Mask
    ended: Mask
    net: FloatArray
    swing: float


def _limit(runs: Runs, chosen: Mask, largest_pulse: float) -> float:
    """The limit of some runs of one direction, those left out that are as short and small as pulses: nothing limits these."""
    of, amount = chosen.nonzero()[0], np.abs(runs.moved)
    lasting = amount[of] >= largest_pulse * amount[of].max(initial=0.0)
    lasting |= runs.seconds[of] >= _LONGEST_PULSE_SECOND
    return limit_of(runs.way[of[lasting]] * runs.end_volt[of[lasting]])


def limit_of(reached: FloatArray) -> float:
    """The potential (times its direction) at which most half cycles ended; of equally many the farthest."""
    if not reached.size:
        return float("inf")
    ordered = np.sort(reached)
    alike = ordered.searchsorted(ordered + SAME_VOLT) - ordered.searchsorted(ordered - SAME_VOLT)
    return float(ordered[ordered.size - 1 - int(alike[::-1].argmax())])


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


def _pulses(runs: Runs, seen: _Seen, largest_pulse: float) -> Mask:
    """Runs that are pulses inside what they interrupt, no two of them neighbours."""
    chosen = np.zeros(runs.count, dtype=np.bool_)
    if runs.count < 3:
        return chosen
    amount, way, middle = np.abs(runs.moved), runs.way[1:-1], slice(1, -1)
    before, after, net = amount[:-2], amount[2:], seen.net[middle]
    against = np.where(net * way < 0, np.abs(net), 0.0)
    small = amount[middle] < largest_pulse * np.maximum(before + after, against)
    # what goes on after a limit is not what was interrupted, unless it is more than a pulse itself
    small &= ~seen.turns[:-2] | (after >= largest_pulse * before)
    beyond = -way * (runs.end_volt[2:] - runs.end_volt[:-2])
    turns, ended = seen.turns[middle], seen.ended[middle]
    # to its limit from the other limit, or from what is no pulse itself
    brief = (before < largest_pulse * after) & (runs.seconds[:-2] < _BRIEF * runs.seconds[2:])
    whole = turns & ended & (seen.ended[:-2] | ~brief)
    whole |= ended & (runs.seconds[middle] >= _LONGEST_PULSE_SECOND)
    # or the cell is after it no farther than before
    whole |= (turns & (beyond <= LIMIT_VOLT)) | (ended & (beyond <= seen.swing / 4))
    chosen[middle] = small & ~whole
    size = np.where(chosen, amount, np.inf)
    chosen[1:] &= size[1:] < size[:-1]
    chosen[:-1] &= size[:-1] <= size[1:]
    return chosen


def _without_edges(runs: Runs, seen: _Seen, largest_pulse: float, *, goes_on: bool) -> Runs:
    """Without pulses before the first half cycle and after the last: they belong to none."""
    amount, first, last = np.abs(runs.moved), 0, runs.count - 1

    def brief(one: int, beside: int) -> bool:
        small = bool(amount[one] < largest_pulse * amount[beside])
        return small and bool(runs.seconds[one] < _BRIEF * runs.seconds[beside])

    if runs.count > 1 and brief(0, 1) and not seen.ended[0]:
        first = 1
    place = last
    while place > first and not (seen.turns[place] and seen.ended[place] and seen.ended[place - 1]):
        place -= 1
    trailing = range(place + 1, runs.count)
    begun = goes_on and len(trailing) == 1
    if not begun and all(brief(one, place) for one in trailing):
        last = place
    return runs.between(first, last + 1)
