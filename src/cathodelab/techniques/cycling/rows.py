"""What flowed between two rows: charge, energy and time, without jumps of the clock."""

from __future__ import annotations

from dataclasses import dataclass

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
        charge: mAh, as it is counted; ``integral``: current over time; ``cut``: how far spacing leaves that open.
        own: whether ``charge`` is the cycler's.
        begins: rows that begin a step of the cycler or a file.
    """

    time: FloatArray
    voltage: FloatArray
    current: FloatArray
    state: FloatArray
    interval: FloatArray
    charge: FloatArray
    integral: FloatArray
    cut: FloatArray
    own: bool
    begins: NDArray[np.bool_]
    jumps: tuple[ClockJump, ...]


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
    begins = np.zeros(time.size, dtype=bool)
    begins[list(record.part_rows)] = True
    inside = ~begins
    if record.step_count is not None:
        begins[1:] |= np.diff(record.step_count) != 0
    interval = np.where(inside, np.diff(time, prepend=time[0]), 0.0)
    before = np.concatenate([current[:1], current[:-1]])
    same = ~begins & (state == np.concatenate([state[:1], state[:-1]]))
    mean = np.where(same, (current + before) / 2, current)
    net = record.net_charge_ampere_hour if settings.charge_source == "cycler" else None
    own = net is not None
    interval, jumps = _without_jumps(interval, state, record, counted=own)
    integral = mean * interval / 3.6
    charge = integral
    if net is not None:
        charge = np.where(inside, np.diff(net, prepend=0.0) * 1e3, 0.0)
        charge[0] = 0.0
    # between two currents any is possible; where a step begins, it may have begun anywhere in the interval
    cut = np.where(same, np.abs(current - before) / 2, np.abs(current)) * interval / 3.6
    return Rows(time, record.voltage_volt, current, state, interval, charge, integral, cut, own, begins, jumps)


def _without_jumps(
    interval: FloatArray, state: FloatArray, record: CyclingRecord, *, counted: bool
) -> tuple[FloatArray, tuple[ClockJump, ...]]:
    """Intervals with those replaced in which only the clock went on.

    A jump is longer than 600 s and twenty usual intervals, under current, and the potential did not go on as it did
    before: either the clock was set forward, or the current was off while nothing was written.
    """
    flowing = state != REST
    flowing[1:] &= state[1:] == state[:-1]
    if not flowing.any():
        return interval, ()
    usual = float(np.median(interval[flowing]))
    suspects = np.flatnonzero(flowing & (interval > max(_LONG_INTERVAL_SECOND, _LONG_INTERVAL_FACTOR * usual)))
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
