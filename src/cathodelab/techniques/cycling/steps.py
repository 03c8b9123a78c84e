"""Steps of a record: from the data and the cycler's flags together.

A step ends where the cycler says so, where the direction of the current changes, or where a charge or discharge goes over
into holding its potential. Rests that hold an impedance spectrum, and rests in which the cycler paused a step, have names
of their own.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from cathodelab.core.arrays import FloatArray, median
from cathodelab.core.records import CyclingRecord
from cathodelab.techniques.cycling.intervals import BLOCK, Rows, end_rows, merged, step_sums
from cathodelab.techniques.cycling.model import (
    CHARGE,
    DISCHARGE,
    HOLD,
    IMPEDANCE,
    PAUSE,
    REST,
    CyclingSettings,
    IntArray,
    Steps,
)

_DECAYED = 0.9
_FALLING = 0.995
_FALLS_AT_ONCE = 0.05
_FEWEST_ROWS = 2
_FROM_THE_END = np.array([1, 2, 3])
_SPECTRUM_SHARE = 0.5
_KIND_OF_STATE = np.array([REST, CHARGE, DISCHARGE])
"""By state 0, 1 and -1."""
_DIRECTION_OF_KIND = np.array([0, 1, -1, 0, 0, 0])


def steps_of(record: CyclingRecord, rows: Rows, settings: CyclingSettings, *, compared: bool = True) -> Steps:
    """The steps of a record with their sums; not ``compared``: without the other way of counting their charge."""
    first, kind = _first_rows(rows, _holds(rows, rows.borders if record.step_count is None else rows.flags, settings))
    end = end_rows(first, rows.size)
    charge = rows.step_charge(first)
    direction = _directions(kind, charge)
    _name_rests(record, rows, kind, direction, first, end)
    unknown = np.full(first.size, np.nan)
    energy, current = _carried(rows, first)
    return Steps(
        first_row=first,
        end_row=end,
        kind=kind,
        direction=direction,
        charge_mAh=charge,
        energy_mWh=energy,
        cut_mAh=np.add.reduceat(rows.cut, first) if compared else unknown,
        other_mAh=np.add.reduceat(rows.integral, first) if compared and rows.own else unknown,
        seconds=rows.step_seconds(first),
        current_mA=current * np.sign(charge),
        start_volt=rows.voltage[first],
        end_volt=rows.voltage[end - 1],
    )


def _first_rows(rows: Rows, holds: list[slice]) -> tuple[IntArray, IntArray]:
    """Row in which every step begins, and whether it charges, discharges, rests or holds."""
    first = rows.borders
    if holds:
        start, stop = np.array([(hold.start, hold.stop) for hold in holds]).T
        # of all that begins inside a hold nothing is a step of its own
        inside = start.searchsorted(first, side="right") > stop.searchsorted(first, side="right")
        first = merged(first[~inside], start)
    kind = _KIND_OF_STATE[rows.state[first]]
    if holds:
        kind[first.searchsorted(start)] = HOLD
    return first, kind


def _holds(rows: Rows, first: IntArray, settings: CyclingSettings) -> list[slice]:
    """Runs of rows at the end of a step in which the potential stays and the current decays."""
    current, end = rows.current, end_rows(first, rows.size)
    largest = np.maximum(np.maximum.reduceat(current, first), -np.minimum.reduceat(current, first))
    last, second, third = (np.abs(current[np.maximum(end - back, first)]) for back in _FROM_THE_END)
    final = np.maximum(np.minimum(last, second), np.minimum(np.maximum(last, second), third))
    decays = (final < _DECAYED * largest) & (end - first >= _FEWEST_ROWS)
    # few steps decay: only they are looked at row by row
    steps = [slice(*ends) for ends in zip(first[decays].tolist(), end[decays].tolist(), strict=True)]
    found = (_hold(rows, step, float(level), settings) for step, level in zip(steps, final[decays], strict=True))
    return [hold for hold in found if hold is not None]


def _hold(rows: Rows, step: slice, final: float, settings: CyclingSettings) -> slice | None:
    """The hold at the end of a step whose current decays to ``final``."""
    current, voltage = rows.current[step], rows.voltage[step]
    largest = _steady(current)
    if final >= _DECAYED * largest or not rows.state[step].any():
        return None
    middle = median(voltage[np.maximum(voltage.size - _FROM_THE_END, 0)])
    start = _hold_start(voltage, current, middle, settings.hold_tolerance_volt, _FALLING * largest)
    # a rest at the end of a step falls to zero at once
    tail = current[start:]
    if not tail.size or _largest(tail) <= _FALLS_AT_ONCE * largest:
        return None
    return slice(step.start + start, step.stop)


def _largest(current: FloatArray) -> float:
    return float(max(current.max(), -current.min()))


def _steady(current: FloatArray) -> float:
    """Largest current of two neighbouring rows: no single spike counts."""
    largest = 0.0
    for begin in range(0, current.size - 1, BLOCK):
        some = current[begin : begin + BLOCK + 1]
        if _largest(some) > largest:
            amount = np.abs(some)
            largest = max(largest, float(np.minimum(amount[1:], amount[:-1]).max()))
    return largest


def _hold_start(voltage: FloatArray, current: FloatArray, middle: float, tolerance: float, most: float) -> int:
    """Where a step begins to hold its potential under a falling current; 0 where its potential never moves."""
    held = 0
    for end in range(voltage.size, 0, -BLOCK):
        begin = max(end - BLOCK, 0)
        some = voltage[begin:end]
        moved = max(some.max() - middle, middle - some.min()) > tolerance
        if moved:
            begin += int((np.abs(some - middle) > tolerance).nonzero()[0][-1]) + 1
        falling = current[begin:end]
        if not held and begin < end and _largest(falling) >= most:
            held = begin + int((np.abs(falling) >= most).nonzero()[0][-1]) + 1
        if moved:
            return held or begin
    return 0


def _directions(kind: IntArray, charge: FloatArray) -> IntArray:
    """+1 or -1 for what carries current; a hold has that of its charge, or where it moved none, of the polarization before."""
    direction = _DIRECTION_OF_KIND[kind]
    holds = (kind == HOLD).nonzero()[0]
    if holds.size:
        direction[holds] = np.sign(charge[holds])
        latest = np.maximum.accumulate(np.where(direction != 0, np.arange(kind.size), -1))[holds]
        direction[holds] = np.where(latest >= 0, direction[latest], 1)
    return direction


def _name_rests(
    record: CyclingRecord, rows: Rows, kind: IntArray, direction: IntArray, first: IntArray, end: IntArray
) -> None:
    """Give rests the names that flags and neighbours have for them."""
    rests = (kind == REST).nonzero()[0]
    if record.step_count is not None:
        number = record.step_count[first]
        goes_on = number[1:] == number[:-1]
        if goes_on.any():  # the cycler's step went on after the rest as it was before
            inner = rests[(rests > 0) & (rests < kind.size - 1)]
            resumed = goes_on[inner - 1] & goes_on[inner]
            resumed &= (direction[inner - 1] == direction[inner + 1]) & (direction[inner - 1] != 0)
            kind[inner[resumed]] = PAUSE
    clocks = [one.test_time_second for one in record.spectra if one.test_time_second is not None]
    if clocks:
        begin, stop = rows.time[np.maximum(first - 1, 0)], rows.time[end - 1]
        for clock in clocks:
            start, finish = float(clock.min()), float(clock.max())
            overlap = np.minimum(stop[rests], finish) - np.maximum(begin[rests], start)
            kind[rests[overlap > _SPECTRUM_SHARE * np.maximum(stop - begin, 1e-9)[rests]]] = IMPEDANCE


def _carried(rows: Rows, first: IntArray) -> tuple[FloatArray, FloatArray]:
    """Energy of every step, mWh, and its mean current weighted by the charge it carried, mA."""
    made, scratch = np.empty((2, min(rows.size, BLOCK)))

    def values(begin: int, end: int) -> Iterator[FloatArray]:
        charge, some, inner = rows.charge_within(begin, end, scratch), made[: end - begin], max(begin, 1)
        np.add(rows.voltage[inner:end], rows.voltage[inner - 1 : end - 1], out=some[inner - begin :])
        some[: inner - begin] = 2 * rows.voltage[0]
        yield np.multiply(some, charge, out=some)
        yield np.abs(charge, out=some)
        np.multiply(charge, rows.current[begin:end], out=some)
        yield np.abs(some, out=some)

    energy, amount, weighted = step_sums(first, rows.size, 3, values)
    # where a step begins, its charge came at its own potential
    energy += rows.charge_at(first) * (rows.voltage[first] - rows.voltage[np.maximum(first - 1, 0)])
    return energy / 2, np.divide(weighted, amount, out=np.zeros(first.size), where=amount > 0) * 1e3
