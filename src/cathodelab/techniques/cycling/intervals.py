"""Charge and time of each interval between rows, clock jumps removed; first rows of steps and files.

Records are long and summaries are short. What only a sum needs is made in blocks of rows that stay in the processor's
cache; arrays as long as the record are made when they are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.core.errors import NotInRecord
from cathodelab.core.records import CyclingRecord
from cathodelab.core.steps import REST, current_signs, unrecorded_changes
from cathodelab.techniques.cycling.model import ClockJump, CyclingSettings, IntArray

BLOCK = 65536
_LONG_INTERVAL_SECOND, _LONG_INTERVAL_FACTOR = 600.0, 20.0
_STOOD_STILL = 0.2
_SLOW_PART = 0.01
_SLOPE_ROWS = 12


@dataclass(frozen=True, eq=False)
class Rows(ReadOnlyArrays):
    """Rows of a record. What belongs to an interval stands in the row that ends it, 0 in the first row of each file.

    Args:
        time: test time, s; ``voltage``: V; ``current``: A.
        net: the cycler's own net charge, Ah; ``None`` where charge is the integral of the current.
        parts: first rows of the joined files; ``before``: charge that the cycler counted before each of them, of the half
            cycle that goes on there, mAh.
        parted: those of them that begin in another state than the file before left the cell in.
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
    parts: tuple[int, ...]
    before: FloatArray
    parted: tuple[int, ...]
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

    def charge_within(self, begin: int, end: int, out: FloatArray | None = None) -> FloatArray:
        """The same of some rows, made in ``out`` where it is not there yet."""
        if self.net is None or "charge" in self.__dict__:
            return self.charge[begin:end]
        found = np.empty(end - begin) if out is None else out[: end - begin]
        inner = max(begin, 1)
        np.subtract(self.net[inner:end], self.net[inner - 1 : end - 1], out=found[inner - begin :])
        found *= 1e3
        for part, before in zip(self.parts, self.before.tolist(), strict=True):
            if begin <= part < end:
                found[part - begin] = before
        return found

    def charge_at(self, row: IntArray) -> FloatArray:
        """The same of chosen rows."""
        if self.net is None:
            return self.charge[row]
        found = 1e3 * (self.net[row] - self.net[np.maximum(row - 1, 0)])
        if len(self.parts) > 1:
            found[np.isin(row, self.parts)] = 0.0
        for part in self.before.nonzero()[0].tolist():
            found[row == self.parts[part]] = self.before[part]
        return found

    @cached_property
    def integral(self) -> FloatArray:
        """Current over time, mAh: the mean of both rows, and the row's own current where something begins."""
        total = self.current * self.interval
        total[1:] += self.current[:-1] * self.interval[1:]
        total /= 7.2
        total[self.borders] = self.current[self.borders] * self.interval[self.borders] / 3.6
        total[list(self.parts)] += self.before  # the same in both ways of counting
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
        last, begin = self._ends(first)
        moved = (self.net[last] - self.net[begin]) * 1e3
        if self.before.any():
            moved[first.searchsorted(self.parts)] += self.before
        return moved

    def step_seconds(self, first: IntArray) -> FloatArray:
        """Duration of the steps that begin in the given rows, s, without jumps of the clock."""
        if self.replaced.size:
            return np.add.reduceat(self.interval, first)
        last, before = self._ends(first)
        return self.time[last] - self.time[before]

    def hours_above(self, volt: float, first: IntArray) -> FloatArray:
        """Time above a potential from each of the given rows to the next of them, h; an interval goes with its later row."""
        above = np.add.reduceat(self.interval * (self.voltage > volt), first)
        return np.asarray(above / 3600)

    def _ends(self, first: IntArray) -> tuple[IntArray, IntArray]:
        """Last row of every step, and the row that its running totals began with: that before it, if of the same file."""
        before = first - 1
        if len(self.parts) == 1:
            before[0] = first[0]
        else:
            before[first.searchsorted(self.parts)] = self.parts
        last = np.empty_like(first)
        last[:-1] = before[1:] if len(self.parts) == 1 else first[1:] - 1
        last[-1] = self.size - 1
        return last, before

    def crossings(self, lowest: float, highest: float) -> tuple[IntArray, IntArray]:
        """Rows where potentials begin or cease to be at most ``lowest``; rows above it whose interval reaches ``highest``."""
        turns, near = ([np.zeros(0, dtype=np.int64)] for _ in range(2))
        for begin in range(1, self.size, BLOCK):
            voltage = self.voltage[begin - 1 : begin + BLOCK]
            under, reached = voltage <= lowest, voltage <= highest
            turns.append((under[1:] != under[:-1]).nonzero()[0] + begin)
            near.append(((reached[1:] | reached[:-1]) > under[1:]).nonzero()[0] + begin)
        return np.concatenate(turns), np.concatenate(near)


def end_rows(first: IntArray, size: int) -> IntArray:
    """Rows after the last of the steps that begin in the given rows."""
    end = np.empty_like(first)
    end[:-1] = first[1:]
    end[-1] = size
    return end


def merged(first: IntArray, others: IntArray) -> IntArray:
    """Rows of both, in their order and each once."""
    rows = np.concatenate([first, others])
    rows.sort()
    new = np.empty(rows.size, dtype=np.bool_)
    new[0] = True
    np.not_equal(rows[1:], rows[:-1], out=new[1:])
    return rows[new]


def step_sums(
    first: IntArray, size: int, quantities: int, values_of: Callable[[int, int], Iterable[FloatArray]]
) -> FloatArray:
    """Sums over steps of what is made block by block, shape (quantities, steps).

    Args:
        first: rows in which the steps begin.
        size: number of rows.
        quantities: how many are summed.
        values_of: their values from a row on up to a row, one after the other; each may overwrite the one before.
    """
    if size <= BLOCK:
        return np.array([np.add.reduceat(values, first) for values in values_of(0, size)])
    begins = np.arange(0, size, BLOCK)
    pieces = merged(first, begins)  # a step that reaches over several blocks is summed in pieces
    found = np.empty((quantities, pieces.size))
    borders = [*pieces.searchsorted(begins).tolist(), pieces.size]
    for block, begin in enumerate(begins.tolist()):
        chosen = slice(borders[block], borders[block + 1])
        local = pieces[chosen] - begin
        for row, values in zip(found, values_of(begin, min(begin + BLOCK, size)), strict=True):
            np.add.reduceat(values, local, out=row[chosen])
    return np.add.reduceat(found, pieces.searchsorted(first), axis=1)


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
    state, parts = current_signs(current), record.part_rows
    flags = _flags(record, parts)
    _mark_slow_steps(record, current, state, flags)
    borders = merged(flags, (state[1:] != state[:-1]).nonzero()[0] + 1)
    jumps, replaced, usual = _jumps(record, time, state, parts, counted=net is not None)
    parted = unrecorded_changes(record, state)
    before = np.zeros(len(parts))
    if net is not None and record.counted_before_ampere_hour:
        before += 1e3 * np.array(record.counted_before_ampere_hour)
    return Rows(
        time, record.voltage_volt, current, net, parts, before, parted, state, flags, borders, jumps, replaced, usual
    )


def _flags(record: CyclingRecord, parts: tuple[int, ...]) -> IntArray:
    """Rows that begin a step of the cycler or a file."""
    begins = np.asarray(parts, dtype=np.int64)
    if record.step_count is None:
        return begins
    return merged(begins, (record.step_count[1:] != record.step_count[:-1]).nonzero()[0] + 1)


def _mark_slow_steps(record: CyclingRecord, current: FloatArray, state: NDArray[np.int8], first: IntArray) -> None:
    """Give their direction to steps that look like rests beside far larger currents, and that moved a good part of the charge.

    Only where the cycler counts steps and charge: it tells such a step from the offset of its current.
    """
    if record.step_count is None or record.net_charge_ampere_hour is None:
        return
    net = record.net_charge_ampere_hour
    end = end_rows(first, state.size)
    resting = (state[first] == REST) & (state[end - 1] == REST)
    moved = np.where(resting, net[end - 1] - net[first], 0.0)
    if not moved.any():
        return
    for step in (np.abs(moved) > _SLOW_PART * float(np.ptp(net))).nonzero()[0].tolist():
        rows, way = slice(int(first[step]), int(end[step])), np.sign(moved[step])
        if not state[rows].any() and (way * current[rows] > 0).all():
            state[rows] = way


def _differences(values: FloatArray, nothing: tuple[int, ...]) -> FloatArray:
    """Difference to the row before; nothing in the first row and in those given."""
    found = np.empty(values.size)
    np.subtract(values[1:], values[:-1], out=found[1:])
    found[0] = 0.0
    found[list(nothing)] = 0.0
    return found


def _long_intervals(time: FloatArray, parts: tuple[int, ...]) -> IntArray:
    """Rows that end a long interval."""
    found = []
    for begin in range(1, time.size, BLOCK):
        end = min(begin + BLOCK, time.size)
        interval = time[begin:end] - time[begin - 1 : end - 1]
        if interval.max() > _LONG_INTERVAL_SECOND:
            found.append((interval > _LONG_INTERVAL_SECOND).nonzero()[0] + begin)
    if not found:
        return np.zeros(0, dtype=np.int64)
    rows = np.concatenate(found)
    return rows[~np.isin(rows, parts)] if len(parts) > 1 else rows


def _jumps(
    record: CyclingRecord, time: FloatArray, state: NDArray[np.int8], parts: tuple[int, ...], *, counted: bool
) -> tuple[tuple[ClockJump, ...], IntArray, float]:
    """Jumps, the rows in whose interval only the clock went on, and the usual interval.

    A jump is longer than 600 s and twenty usual intervals, under current, and the potential did not go on as it did
    before: either the clock was set forward, or the current was off while nothing was written.
    """
    none = np.zeros(0, dtype=np.int64)
    long = _long_intervals(time, parts)
    if not long.size or not np.any((state[long] != REST) & (state[long] == state[long - 1])):
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
