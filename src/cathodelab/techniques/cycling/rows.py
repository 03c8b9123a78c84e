"""What flowed between two rows: charge and time, without jumps of the clock; where the rows begin something new.

Records are long and summaries are short. What only a sum needs is made in blocks of rows that stay in the processor's
cache; arrays as long as the record are made when they are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cathodelab.core.arrays import FloatArray
from cathodelab.core.errors import NotInRecord
from cathodelab.core.records import CyclingRecord
from cathodelab.core.steps import REST, current_signs
from cathodelab.techniques.cycling.model import ClockJump, CyclingSettings, IntArray

_BLOCK = 8192
_LONG_INTERVAL_SECOND, _LONG_INTERVAL_FACTOR = 600.0, 20.0
_STOOD_STILL = 0.2
_SLOPE_ROWS = 12


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of a record. What belongs to an interval stands in the row that ends it, 0 in the first row of each file.

    Args:
        time: test time, s; ``voltage``: V; ``current``: A.
        net: the cycler's own net charge, Ah; ``None`` where charge is the integral of the current.
        parts: first rows of the joined files.
        state: rest (0), charge (1), discharge (-1).
        flags: rows that begin a step of the cycler or a file.
        borders: those, and rows in which the current turns, begins or ends.
        jumps: intervals in which the clock jumped or rows are missing; in rows ``replaced`` only the clock went on, and the
            interval is taken as ``usual_second``.
    """

    time: FloatArray
    voltage: FloatArray
    current: FloatArray
    net: FloatArray | None
    parts: IntArray
    state: NDArray[np.int8]
    flags: IntArray
    borders: IntArray
    jumps: tuple[ClockJump, ...]
    replaced: IntArray
    usual_second: float

    @property
    def size(self) -> int:
        """Number of rows."""
        return self.time.size

    @property
    def own(self) -> bool:
        """Whether the charge is the cycler's."""
        return self.net is not None

    @cached_property
    def interval(self) -> FloatArray:
        """Time of every interval, s, jumps of the clock replaced by the usual interval."""
        found = _differences(self.time, self.parts)
        found[self.replaced] = self.usual_second
        return found

    @cached_property
    def charge(self) -> FloatArray:
        """Charge of every interval, mAh, as it is counted."""
        return self.integral if self.net is None else self.charge_within(0, self.size)

    def charge_within(self, begin: int, end: int) -> FloatArray:
        """The same of some rows."""
        if self.net is None or "charge" in self.__dict__:
            return self.charge[begin:end]
        found = np.empty(end - begin)
        before = max(begin, 1)
        np.subtract(self.net[before:end], self.net[before - 1 : end - 1], out=found[before - begin :])
        found[self.parts[(self.parts >= begin) & (self.parts < end)] - begin] = 0.0
        found *= 1e3
        return found

    def charge_at(self, row: IntArray) -> FloatArray:
        """The same of chosen rows."""
        if self.net is None:
            return self.charge[row]
        found = 1e3 * (self.net[row] - self.net[np.maximum(row - 1, 0)])
        if self.parts.size > 1:
            found[np.isin(row, self.parts)] = 0.0
        return found

    @cached_property
    def integral(self) -> FloatArray:
        """Current over time, mAh: the mean of both rows, and the row's own current where something begins."""
        total = self.current * self.interval
        total[1:] += self.current[:-1] * self.interval[1:]
        total /= 7.2
        total[self.borders] = self.current[self.borders] * self.interval[self.borders] / 3.6
        return total

    @cached_property
    def cut(self) -> FloatArray:
        """How far the spacing of the rows leaves the integral open, mAh.

        Between two currents any is possible; where a step begins, it may have begun anywhere in the interval.
        """
        cut = np.abs(_differences(self.current, self.parts[:1])) * self.interval
        cut /= 7.2
        cut[self.borders] = np.abs(self.integral[self.borders])
        return cut

    def step_charge(self, first: IntArray) -> FloatArray:
        """Charge of the steps that begin in the given rows, mAh."""
        if self.net is None:
            return np.add.reduceat(self.charge, first)
        return 1e3 * self._gained(self.net, first)

    def step_seconds(self, first: IntArray) -> FloatArray:
        """Duration of the steps that begin in the given rows, s, without jumps of the clock."""
        if self.replaced.size:
            return np.add.reduceat(self.interval, first)
        return self._gained(self.time, first)

    def _gained(self, total: FloatArray, first: IntArray) -> FloatArray:
        """What a running total gained in every step: from the row before it, where that is of the same file."""
        before = np.maximum(first - 1, 0)
        before[np.searchsorted(first, self.parts)] = self.parts
        return total[end_rows(first, self.size) - 1] - total[before]


def end_rows(first: IntArray, size: int) -> IntArray:
    """Rows after the last of the steps that begin in the given rows."""
    end = np.empty_like(first)
    end[:-1] = first[1:]
    end[-1] = size
    return end


def step_sums(
    first: IntArray, size: int, quantities: int, values_of: Callable[[int, int], Iterable[FloatArray]]
) -> FloatArray:
    """Sums over steps of what is made block by block, shape (quantities, steps).

    Args:
        first: rows in which the steps begin; ``size``: number of rows.
        quantities: how many are summed.
        values_of: their values from a row on up to a row, one after the other; each may overwrite the one before.
    """
    pieces = first  # a step that reaches over several blocks is summed in pieces
    if size > _BLOCK:
        pieces = np.sort(np.concatenate([first, np.arange(0, size, _BLOCK)]))
        pieces = pieces[np.concatenate([[True], pieces[1:] != pieces[:-1]])]
    found = np.empty((quantities, pieces.size))
    borders = np.searchsorted(pieces, [*range(0, size, _BLOCK), size]).tolist()
    for block, begin in enumerate(range(0, size, _BLOCK)):
        chosen = slice(borders[block], borders[block + 1])
        local = pieces[chosen] - begin
        for number, values in enumerate(values_of(begin, min(begin + _BLOCK, size))):
            np.add.reduceat(values, local, out=found[number, chosen])
    return found if pieces is first else np.add.reduceat(found, np.searchsorted(pieces, first), axis=1)


def rows_of(record: CyclingRecord, settings: CyclingSettings) -> Rows:
    """States, borders and clock of a record.

    Raises:
        NotInRecord: the record has no clock or no current.
    """
    if record.test_time_second is None or record.current_ampere is None:
        raise NotInRecord(
            "no-clock",
            "The record holds potential against charge alone",
            where=f"{record.voltage_volt.size} rows",
            why="Steps and cycles need the time and the current.",
            what_to_do="Give the cycler's own file, or an export with time and current.",
        )
    time, current = record.test_time_second, record.current_ampere
    net = record.net_charge_ampere_hour if settings.charge_source == "cycler" else None
    state, parts = current_signs(current), np.array(record.part_rows)
    flags, borders = _borders(record, state, parts)
    jumps, replaced, usual = _jumps(record, time, state, parts, counted=net is not None)
    return Rows(time, record.voltage_volt, current, net, parts, state, flags, borders, jumps, replaced, usual)


def _borders(record: CyclingRecord, state: NDArray[np.int8], parts: IntArray) -> tuple[IntArray, IntArray]:
    """Rows that begin a step of the cycler or a file, and those in which the current turns, begins or ends too."""
    begins = np.zeros(state.size, dtype=np.bool_)
    if record.step_count is not None:
        np.not_equal(record.step_count[1:], record.step_count[:-1], out=begins[1:])
    begins[parts] = True
    flags = begins.nonzero()[0]
    begins[1:] |= state[1:] != state[:-1]
    return flags, begins.nonzero()[0]


def _differences(values: FloatArray, nothing: IntArray) -> FloatArray:
    """Difference to the row before; nothing in the first row and in those given."""
    found = np.empty(values.size)
    np.subtract(values[1:], values[:-1], out=found[1:])
    found[0] = 0.0
    found[nothing] = 0.0
    return found


def _long_intervals(time: FloatArray, parts: IntArray) -> IntArray:
    """Rows that end a long interval."""
    found = []
    for begin in range(1, time.size, _BLOCK):
        end = min(begin + _BLOCK, time.size)
        interval = time[begin:end] - time[begin - 1 : end - 1]
        if interval.max() > _LONG_INTERVAL_SECOND:
            found.append((interval > _LONG_INTERVAL_SECOND).nonzero()[0] + begin)
    if not found:
        return np.zeros(0, dtype=np.int64)
    rows = np.concatenate(found)
    return rows[~np.isin(rows, parts)] if parts.size > 1 else rows


def _jumps(
    record: CyclingRecord, time: FloatArray, state: NDArray[np.int8], parts: IntArray, *, counted: bool
) -> tuple[tuple[ClockJump, ...], IntArray, float]:
    """Jumps, the rows in whose interval only the clock went on, and the usual interval.

    A jump is longer than 600 s and twenty usual intervals, under current, and the potential did not go on as it did
    before: either the clock was set forward, or the current was off while nothing was written.
    """
    none = np.zeros(0, dtype=np.int64)
    long = _long_intervals(time, parts)
    if not np.any((state[long] != REST) & (state[long] == state[long - 1])):
        return (), none, 0.0
    interval = _differences(time, parts)
    flowing = state != REST
    flowing[1:] &= state[1:] == state[:-1]
    usual = float(np.median(interval[flowing]))
    suspects = long[flowing[long] & (interval[long] > _LONG_INTERVAL_FACTOR * usual)]
    if suspects.size > 0.05 * np.count_nonzero(flowing):
        return (), none, 0.0  # a record of few rows: long intervals are its habit
    jumps, replaced = [], []
    for row in suspects.tolist():
        first = max(row - _SLOPE_ROWS, 0)
        passed = float(interval[first + 1 : row].sum())
        moved = float(record.voltage_volt[row - 1] - record.voltage_volt[first])
        seen = float(record.voltage_volt[row] - record.voltage_volt[row - 1])
        expected = moved / passed * float(interval[row]) if passed > 0 else 0.0
        stood_still = seen * np.sign(expected) < _STOOD_STILL * abs(expected)
        if stood_still:
            replaced.append(row)
        jumps.append(ClockJump(row, float(interval[row]), counted or not stood_still))
    return tuple(jumps), np.array(replaced, dtype=np.int64), usual
