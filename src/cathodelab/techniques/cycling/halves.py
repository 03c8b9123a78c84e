"""Half cycles from steps: one direction of current from its begin to the limit where it ends, pulses inside included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cathodelab.core.arrays import FloatArray, OwnArrays
from cathodelab.techniques.cycling.intervals import Rows, end_rows, merged
from cathodelab.techniques.cycling.model import CHARGE, DISCHARGE, HOLD, CyclingSettings, IntArray, Steps
from cathodelab.techniques.cycling.turns import LIMIT_VOLT, SAME_VOLT, Runs, limit_of, starts_of, without_pulses

_SAME_CHARGE = 2e-3
_BACK_VOLT = 0.1
_BOTH_WAYS = 0.5
_MOST_RETURNED = 1.05
_BEGINS_PART = 0.05

POLARIZATION = (CHARGE, DISCHARGE)


@dataclass(frozen=True, eq=False)
class HalfCycles(OwnArrays):
    """Half cycles in their order; ``of_step`` is the half cycle of every step (a rest belongs to the one before it).

    Pulses before the first and after the last lie outside their first and last step.

    Args:
        full: whether it ended at a limit, or holding its potential.
        begun: whether it began where the one before ended at its limit; of the first: where later ones of its direction do.
        pulses: number of pulses against its direction.
    """

    direction: IntArray
    of_step: IntArray
    first_step: IntArray
    last_step: IntArray
    full: NDArray[np.bool_]
    begun: NDArray[np.bool_]
    pulses: IntArray

    @property
    def count(self) -> int:
        """Number of half cycles."""
        return int(self.direction.size)

    def holds(self, steps: Steps) -> NDArray[np.bool_]:
        """Which steps carry current and lie inside a half cycle."""
        place = np.arange(steps.count)
        inside = (place >= self.first_step[self.of_step]) & (place <= self.last_step[self.of_step])
        return np.asarray(inside & (steps.direction != 0))

    @property
    def whole(self) -> NDArray[np.bool_]:
        """Which go from one limit to the other."""
        return self.full & self.begun


def half_cycles_of(rows: Rows, steps: Steps, settings: CyclingSettings, count: FloatArray | None = None) -> HalfCycles:
    """One direction of current to the limit where it ends, to a reversal that is no pulse, or to the cycler's next cycle.

    Rests and steps of the same direction belong to one half cycle, and so does a pulse of either sign after which the
    direction goes on.

    Args:
        rows: of the record; no half cycle goes on where a file begins in another state than the cell was left in.
        steps: of the record.
        settings: what a pulse is.
        count: the cycler's own cycle count of every row.
    """
    moving = steps.direction.nonzero()[0]
    if not moving.size:
        empty, none = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.bool_)
        return HalfCycles(empty, np.full(steps.count, -1), empty, empty, none, none, empty)
    files = np.unique(np.concatenate([[0], steps.first_row.searchsorted(rows.parted)])).astype(np.int64)
    begins = moving.searchsorted(files)
    found = [
        _half_cycles(steps, moving[begin:end], int(file), settings)
        for file, begin, end in zip(files, begins, [*begins[1:], moving.size], strict=True)
        if end > begin
    ]
    runs = found[0] if len(found) == 1 else _chained(found)
    if count is not None:
        runs = _split_at_counts(steps, moving, runs, count)
    of_step = np.zeros(steps.count, dtype=np.int64)
    of_step[runs.first[1:]] = 1
    of_step = np.cumsum(of_step)
    full = _ended_at_limits(runs) | (steps.kind[runs.last] == HOLD)
    begun = np.ones(runs.count, dtype=np.bool_)
    begun[1:] = full[:-1] & (runs.way[1:] != runs.way[:-1])
    opening = runs.first.searchsorted(files[1:])
    begun[opening[opening < runs.count]] = False
    begun[0] = _begins_as_later_ones(rows, steps, runs)
    return HalfCycles(runs.way, of_step, runs.first, runs.last, full, begun, _pulses_in(steps, moving, runs, of_step))


def _half_cycles(steps: Steps, moving: IntArray, file: int, settings: CyclingSettings) -> Runs:
    """Half cycles of the steps under current that belong together; ``file``: first step of all that belong together."""
    way = steps.direction[moving]
    first = starts_of(way)
    last = end_rows(first, moving.size) - 1
    runs = Runs(
        way[first],
        np.add.reduceat(steps.charge_mAh[moving], first),
        np.add.reduceat(steps.seconds[moving], first),
        steps.end_volt[moving[last]],
        moving[first],
        moving[last],
    )
    begin = int(moving[0])
    start = float(steps.end_volt[begin - 1] if begin > file else steps.start_volt[begin])
    goes_on = int(moving[-1]) == steps.count - 1
    return without_pulses(runs, start, settings.largest_pulse, goes_on=goes_on)


def _chained(found: Sequence[Runs]) -> Runs:
    """The runs of several files one after the other."""
    return Runs(
        np.concatenate([one.way for one in found]),
        np.concatenate([one.moved for one in found]),
        np.concatenate([one.seconds for one in found]),
        np.concatenate([one.end_volt for one in found]),
        np.concatenate([one.first for one in found]),
        np.concatenate([one.last for one in found]),
    )


def _split_at_counts(steps: Steps, moving: IntArray, runs: Runs, count: FloatArray) -> Runs:
    """Half cycles parted where the cycler begins its next cycle after a limit was reached, and goes on the same way.

    Only where most of its cycles hold both directions: counters of pulses and of programme loops are no cycles.
    """
    half = np.maximum(runs.first.searchsorted(moving, side="right") - 1, 0)
    way, own = steps.direction[moving], runs.way[half]
    goes_on = (way[1:] == own[1:]) & (way[:-1] == own[:-1]) & (half[1:] == half[:-1])
    number = count[steps.first_row[moving]]
    goes_on &= number[1:] != count[steps.end_row[moving[:-1]] - 1]
    goes_on &= steps.kind[moving[1:]] != HOLD
    ended = steps.end_volt[moving[:-1]]
    goes_on &= own[:-1] * (ended - runs.end_volt[half[:-1]]) > -LIMIT_VOLT
    goes_on &= (np.diff(moving) > 1) | (np.abs(steps.start_volt[moving[1:]] - ended) > _BACK_VOLT)
    if not goes_on.any() or not _counts_both_ways(number, way):
        return runs
    begins = moving[1:][goes_on]
    first = merged(runs.first, begins)
    place = runs.first.searchsorted(first, side="right") - 1
    before = moving[:-1][goes_on]
    last, end_volt = runs.last[place], runs.end_volt[place]
    parted = first.searchsorted(begins) - 1
    last[parted], end_volt[parted] = before, steps.end_volt[before]
    start = first.copy()
    start[0] = 0
    moved, seconds = np.add.reduceat(
        (steps.direction != 0) * np.array([steps.charge_mAh, steps.seconds]), start, axis=1
    )
    return Runs(runs.way[place], moved, seconds, end_volt, first, last)


def _counts_both_ways(number: FloatArray, way: IntArray) -> bool:
    """Whether most of the cycler's cycles charge and discharge."""
    _, of = np.unique(number, return_inverse=True)
    up, down = np.bincount(of, way > 0) > 0, np.bincount(of, way < 0) > 0
    return bool(np.mean(up & down) > _BOTH_WAYS)


def _ended_at_limits(runs: Runs) -> NDArray[np.bool_]:
    """Whether a half cycle ends at the usual limit of its direction or beyond it, or as another one of its direction does.

    The same end is the same potential, or the same charge as that of the one before or after it.
    """
    full = np.zeros(runs.count, dtype=np.bool_)
    for way in (1, -1):
        of = (runs.way == way).nonzero()[0]
        if not of.size:
            continue
        reached, amount = way * runs.end_volt[of], np.abs(runs.moved[of])
        ended = reached > limit_of(reached) - LIMIT_VOLT
        order = np.argsort(reached)
        _mark_pairs(ended, order, np.diff(reached[order]) < SAME_VOLT)
        _mark_pairs(ended, np.arange(of.size), np.abs(np.diff(amount)) < _SAME_CHARGE * amount[1:])
        full[of] = ended
    return full


def _mark_pairs(ended: NDArray[np.bool_], order: IntArray, alike: NDArray[np.bool_]) -> None:
    """Mark both of every two neighbours, in an order, that are alike."""
    ended[order[1:][alike]] = True
    ended[order[:-1][alike]] = True


def _begins_as_later_ones(rows: Rows, steps: Steps, runs: Runs) -> bool:
    """Whether the first half cycle begins no farther on its way than the next of its direction: the cell was not part-way.

    It is, where the next one has moved a good part of its charge when it comes to the potential (at rest, if the record
    has it) that the first began at, unless the cycler had counted so much before; and where a first charge gave back more
    than it took.
    """
    way, amount = int(runs.way[0]), np.abs(runs.moved)
    if runs.count > 1 and 0 < way != runs.way[1] and amount[1] > _MOST_RETURNED * amount[0]:
        return False
    later = (runs.way[1:] == way).nonzero()[0] + 1
    if not later.size:
        return True
    first, one = int(runs.first[0]), int(later[0])
    begin = float(steps.end_volt[first - 1] if first else steps.start_volt[first])
    row, end = int(steps.first_row[runs.first[one]]), int(steps.end_row[runs.last[one]])
    reached = way * rows.voltage[row:end] >= way * begin
    passed = int(reached.argmax()) if reached.any() else end - row
    before = float(rows.charge_within(row, row + passed).sum()) if passed else 0.0
    return bool(way * (before - rows.before[0]) < _BEGINS_PART * amount[one])


def _pulses_in(steps: Steps, moving: IntArray, runs: Runs, of_step: IntArray) -> IntArray:
    """Number of pulses against the direction of each half cycle."""
    way = steps.direction[moving]
    first = moving[starts_of(way + 4 * of_step[moving])]
    half = of_step[first]
    against = steps.direction[first] != runs.way[half]
    return np.asarray(np.bincount(half[against], minlength=runs.count), dtype=np.int64)
