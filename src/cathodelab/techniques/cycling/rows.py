"""What flowed between two rows: charge, energy and time, without jumps of the clock."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cathodelab.core.arrays import FloatArray
from cathodelab.core.errors import NotInRecord
from cathodelab.core.records import CyclingRecord
from cathodelab.core.steps import REST, row_states
from cathodelab.techniques.cycling.model import ClockJump, CyclingSettings

_LONG_INTERVAL_SECOND, _LONG_INTERVAL_FACTOR = 600.0, 20.0
_STOOD_STILL = 0.2
_SLOPE_ROWS = 12


@dataclass(frozen=True, eq=False)
class Rows:
    """Per row, what belongs to the interval before it (0 in the first row of each file).

    Args:
        time: test time, s; ``voltage``: V; ``current``: A.
        state: rest (0), charge (1), discharge (-1).
        interval: s, jumps of the clock replaced by the usual interval.
        charge: mAh, as it is counted.
        own: whether ``charge`` is the cycler's.
        begins: rows that begin a step of the cycler or a file.
        borders: those, and rows in which the current turns, begins or ends.
    """

    time: FloatArray
    voltage: FloatArray
    current: FloatArray
    state: FloatArray
    interval: FloatArray
    charge: FloatArray
    own: bool
    begins: NDArray[np.bool_]
    borders: NDArray[np.int64]
    jumps: tuple[ClockJump, ...]

    @cached_property
    def integral(self) -> FloatArray:
        """Current over time, mAh."""
        return _integral(self.current, self.interval, self.borders) if self.own else self.charge

    @cached_property
    def cut(self) -> FloatArray:
        """How far the spacing of the rows leaves the integral open, mAh.

        Between two currents any is possible; where a step begins, it may have begun anywhere in the interval.
        """
        cut = np.abs(_differences(self.current, [0])) * self.interval
        cut /= 7.2
        cut[self.borders] = np.abs(self.integral[self.borders])
        return cut


def rows_of(record: CyclingRecord, settings: CyclingSettings) -> Rows:
    """Charge and time of every interval of a record.

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
    state = row_states(record)
    parts = list(record.part_rows)
    begins = np.zeros(time.size, dtype=bool)
    if record.step_count is not None:
        np.not_equal(record.step_count[1:], record.step_count[:-1], out=begins[1:])
    begins[parts] = True
    apart = begins[1:] | (state[1:] != state[:-1])
    interval = _differences(time, parts)
    net = record.net_charge_ampere_hour if settings.charge_source == "cycler" else None
    interval, jumps = _without_jumps(interval, state, record, counted=net is not None)
    borders = np.append(0, np.flatnonzero(apart) + 1)
    if net is None:
        charge = _integral(current, interval, borders)
    else:
        charge = _differences(net, parts)
        charge *= 1e3
    return Rows(time, record.voltage_volt, current, state, interval, charge, net is not None, begins, borders, jumps)


def _integral(current: FloatArray, interval: FloatArray, borders: NDArray[np.int64]) -> FloatArray:
    """Current over time, mAh: the mean of both rows, and the row's own current where something begins."""
    total = current * interval
    total[1:] += current[:-1] * interval[1:]
    total /= 7.2
    total[borders] = current[borders] * interval[borders] / 3.6
    return total


def _differences(values: FloatArray, nothing: list[int]) -> FloatArray:
    """Difference to the row before; nothing in the first row and in those given."""
    found = np.empty(values.size)
    np.subtract(values[1:], values[:-1], out=found[1:])
    found[0] = 0.0
    found[nothing] = 0.0
    return found


def _without_jumps(
    interval: FloatArray, state: FloatArray, record: CyclingRecord, *, counted: bool
) -> tuple[FloatArray, tuple[ClockJump, ...]]:
    """Intervals with those replaced in which only the clock went on.

    A jump is longer than 600 s and twenty usual intervals, under current, and the potential did not go on as it did
    before: either the clock was set forward, or the current was off while nothing was written.
    """
    long = np.flatnonzero(interval > _LONG_INTERVAL_SECOND)
    if not np.any((state[long] != REST) & (state[long] == state[np.maximum(long, 1) - 1])):
        return interval, ()
    flowing = state != REST
    flowing[1:] &= state[1:] == state[:-1]
    usual = float(np.median(interval[flowing]))
    suspects = long[flowing[long] & (interval[long] > _LONG_INTERVAL_FACTOR * usual)]
    if suspects.size > 0.05 * np.count_nonzero(flowing):
        return interval, ()  # a record of few rows: long intervals are its habit
    cleaned, jumps = interval.copy(), []
    for row in suspects:
        first = max(int(row) - _SLOPE_ROWS, 0)
        passed = float(interval[first + 1 : row].sum())
        moved = float(record.voltage_volt[row - 1] - record.voltage_volt[first])
        seen = float(record.voltage_volt[row] - record.voltage_volt[row - 1])
        expected = moved / passed * float(interval[row]) if passed > 0 else 0.0
        stood_still = seen * np.sign(expected) < _STOOD_STILL * abs(expected)
        if stood_still:
            cleaned[row] = usual
        jumps.append(ClockJump(int(row), float(interval[row]), counted or not stood_still))
    return cleaned, tuple(jumps)
