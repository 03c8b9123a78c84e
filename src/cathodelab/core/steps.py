"""States, segments and charge of a cycling record, from the data alone and not from the cycler's labels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cathodelab.core.arrays import FloatArray, median
from cathodelab.core.records import CyclingRecord

REST, CHARGE, DISCHARGE = 0, 1, -1

_SAMPLED_ROWS, _FEWEST_SAMPLED = 4000, 400
_SAME_AT_REST_VOLT, _SAME_UNDER_CURRENT_VOLT = 0.05, 0.5

Segment = tuple[int, int, int]
"""(first row, row after the last, state)."""


def row_states(record: CyclingRecord) -> FloatArray:
    """Rest (0), charge (1) or discharge (-1) of every row. Rest: less than 1 % of the typical current."""
    if record.current_ampere is None:
        charge = record.net_charge_ampere_hour
        if charge is None:
            raise ValueError("a record without clock needs its charge")
        moved = np.diff(charge, prepend=charge[0])
        moved[0] = moved[1] if moved.size > 1 else 0.0
        return np.sign(moved)
    return current_signs(record.current_ampere).astype(np.float64)


def current_signs(current: FloatArray) -> NDArray[np.int8]:
    """Rest (0), charge (1) or discharge (-1) of every row, as :func:`row_states`."""
    largest = float(max(current.max(), -current.min()))
    if not 0 < largest < np.inf:  # no current at all, or values of a damaged file, which is refused later
        return np.zeros(current.size, dtype=np.int8)
    limit = 0.01 * _typical(current, 1e-3 * largest)
    return np.subtract((current > limit).view(np.int8), (current < -limit).view(np.int8))


def _typical(current: FloatArray, least: float) -> float:
    """Median size of the currents above ``least``; in very long records every n-th row is enough."""
    for rows in (current[:: max(current.size // _SAMPLED_ROWS, 1)], current):
        amount = np.abs(rows)
        flowing = amount[amount > least]
        if flowing.size >= _FEWEST_SAMPLED:
            break
    return median(flowing)


def unrecorded_changes(record: CyclingRecord, states: NDArray[np.float64] | NDArray[np.int8]) -> tuple[int, ...]:
    """First rows of joined files that begin in another state than the one in which the file before left the cell.

    Judged by the potential: between two rests it changes only by the end of a relaxation; with current on either side,
    overpotentials are added.
    """
    volt = record.voltage_volt
    found = []
    for row in record.part_rows[1:]:
        at_rest = states[row - 1] == states[row] == REST
        limit = _SAME_AT_REST_VOLT if at_rest else _SAME_UNDER_CURRENT_VOLT
        if abs(float(volt[row] - volt[row - 1])) > limit:
            found.append(row)
    return tuple(found)


def segments_of(states: FloatArray, parted: tuple[int, ...] = ()) -> list[Segment]:
    """(first row, row after the last, state) of every run of equal state; runs end at the rows in ``parted``."""
    changed = np.diff(states) != 0
    changed[[row - 1 for row in parted]] = True
    borders = np.flatnonzero(changed) + 1
    starts = np.concatenate([[0], borders])
    ends = np.concatenate([borders, [states.size]])
    return [(int(a), int(b), int(states[a])) for a, b in zip(starts, ends, strict=True)]


def charge_in_gaps(record: CyclingRecord, states: FloatArray, charge: FloatArray) -> float:
    """Part of the charge (0 to 1) that passes in intervals far longer than usual: rows are missing there.

    An interval counts as a gap where it is longer than 600 s and than twenty times the median interval under current.
    """
    if record.test_time_second is None:
        return float("nan")
    interval, passed = np.diff(record.test_time_second), np.abs(np.diff(charge))
    under_current = states[1:] != REST
    if not under_current.any() or passed.sum() == 0:
        return 0.0
    limit = max(600.0, 20.0 * float(np.median(interval[under_current])))
    return float(passed[under_current & (interval > limit)].sum() / passed.sum())


def charge_of(record: CyclingRecord, states: FloatArray | NDArray[np.int8]) -> FloatArray:
    """Cumulative charge, mAh, from current and time.

    The interval between two rows belongs to the later row's step, at its current: a trapezoid across a step border would
    give half of a pulse's current to the rest before it. Inside a step the mean of both rows is taken.
    """
    if record.test_time_second is None or record.current_ampere is None:
        if record.net_charge_ampere_hour is None:
            raise ValueError("a record without clock needs its charge")
        return record.net_charge_ampere_hour * 1000
    current, time = record.current_ampere, record.test_time_second
    same = states[1:] == states[:-1]
    if record.step_count is not None:
        same &= record.step_count[1:] == record.step_count[:-1]
    charge, interval = np.zeros((2, time.size))  # one buffer: allocating a second costs more time than the arithmetic
    moved = np.add(current[1:], current[:-1], out=charge[1:])
    moved /= 2
    np.copyto(moved, current[1:], where=~same)
    moved *= np.subtract(time[1:], time[:-1], out=interval[1:])
    np.cumsum(charge, out=charge)
    charge /= 3.6
    return charge
