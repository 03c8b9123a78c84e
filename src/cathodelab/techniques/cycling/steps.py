"""Steps of a record: from the data and the cycler's flags together.

A step ends where the cycler says so, where the direction of the current changes, or where a charge or discharge goes over
into holding its potential. Rests that hold an impedance spectrum, and rests in which the cycler paused a step, have names
of their own.
"""

from __future__ import annotations

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.records import CyclingRecord
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
from cathodelab.techniques.cycling.rows import Rows

_DECAYED = 0.9
_FALLING = 0.995
_FALLS_AT_ONCE = 0.05
_FEWEST_ROWS = 2
_SPECTRUM_SHARE = 0.5


def steps_of(record: CyclingRecord, rows: Rows, settings: CyclingSettings, *, compared: bool = True) -> Steps:
    """The steps of a record with their sums; not ``compared``: without the other way of counting their charge."""
    size = rows.time.size
    borders = rows.begins.copy()
    if record.step_count is None:
        borders[1:] |= rows.state[1:] != rows.state[:-1]
    borders[0] = True
    label = rows.state
    for part in _holds(rows, np.flatnonzero(borders), settings):
        label = np.array(label) if label is rows.state else label
        label[part] = 2.0
    borders[1:] |= label[1:] != label[:-1]
    first = np.flatnonzero(borders)
    end = np.append(first[1:], size)
    kind = np.select([label[first] == 2, label[first] > 0, label[first] < 0], [HOLD, CHARGE, DISCHARGE], REST)
    charge = np.add.reduceat(rows.charge, first)
    direction = _directions(kind, charge)
    kind = _named_rests(record, rows, kind, direction, first, end)
    unknown = np.full(first.size, np.nan)
    cut = np.add.reduceat(rows.cut, first) if compared else unknown
    other = np.add.reduceat(rows.integral, first) if compared and rows.own else unknown
    return _sums(rows, kind, direction, (charge, cut, other), first)


def _holds(rows: Rows, first: IntArray, settings: CyclingSettings) -> list[slice]:
    """Runs of rows at the end of a step in which the potential stays and the current decays."""
    size = rows.time.size
    end = np.append(first[1:], size)
    amount = np.abs(rows.current)
    steady = np.empty(size)
    np.minimum(amount[1:], amount[:-1], out=steady[:-1])  # no single spike counts
    steady[end - 1] = np.where(end - first > 1, 0.0, amount[end - 1])
    largest = np.maximum.reduceat(steady, first)
    last_three = np.clip(end[:, None] - np.array([1, 2, 3]), first[:, None], None)
    final_current = np.median(amount[last_three], axis=1)
    decays = (final_current < _DECAYED * largest) & (end - first >= _FEWEST_ROWS)
    held = []
    for one in np.flatnonzero(decays):  # few steps decay: only they are looked at row by row
        part = slice(int(first[one]), int(end[one]))
        if not rows.state[part].any():
            continue
        final_volt = float(np.median(rows.voltage[last_three[one]]))
        near = np.abs(rows.voltage[part] - final_volt) <= settings.hold_tolerance_volt
        holding = near if near.all() else near & (amount[part] < _FALLING * largest[one])
        outside = np.flatnonzero(~holding)
        start = int(outside[-1]) + 1 if outside.size else 0
        tail = amount[part][start:]
        if (
            tail.size and tail.max() > _FALLS_AT_ONCE * largest[one]
        ):  # a rest at the end of a step falls to zero at once
            held.append(slice(part.start + start, part.stop))
    return held


def _directions(kind: IntArray, charge: FloatArray) -> IntArray:
    """+1 or -1 for what carries current; a hold goes with the polarization before it, a first hold with its charge."""
    direction = np.select([kind == CHARGE, kind == DISCHARGE], [1, -1], 0)
    polarized = np.where(direction != 0, np.arange(kind.size), -1)
    latest = np.maximum.accumulate(polarized)
    holds = kind == HOLD
    inherited = np.where(latest >= 0, direction[np.maximum(latest, 0)], np.where(charge >= 0, 1, -1))
    return np.asarray(np.where(holds, inherited, direction), dtype=np.int64)


def _named_rests(
    record: CyclingRecord, rows: Rows, kind: IntArray, direction: IntArray, first: IntArray, end: IntArray
) -> IntArray:
    """Rests with the names that flags and neighbours give them."""
    kind = np.array(kind, dtype=np.int64)
    rests = np.flatnonzero(kind == REST)
    inner = rests[(rests > 0) & (rests < kind.size - 1)]
    if record.step_count is not None:
        number = record.step_count[first]
        resumed = (number[inner - 1] == number[inner]) & (number[inner] == number[inner + 1])
        resumed &= (direction[inner - 1] == direction[inner + 1]) & (direction[inner - 1] != 0)
        kind[inner[resumed]] = PAUSE
    clocks = [one.test_time_second for one in record.spectra if one.test_time_second is not None]
    if clocks:
        begin, stop = rows.time[np.maximum(first - 1, 0)], rows.time[end - 1]
        for clock in clocks:
            start, finish = float(clock.min()), float(clock.max())
            overlap = np.minimum(stop[rests], finish) - np.maximum(begin[rests], start)
            kind[rests[overlap > _SPECTRUM_SHARE * np.maximum(stop - begin, 1e-9)[rests]]] = IMPEDANCE
    return kind


def _sums(
    rows: Rows, kind: IntArray, direction: IntArray, charges: tuple[FloatArray, FloatArray, FloatArray], first: IntArray
) -> Steps:
    charge, cut, other = charges
    end = np.append(first[1:], rows.time.size)
    energy = rows.charge * rows.voltage
    energy[1:] += rows.charge[1:] * rows.voltage[:-1]
    energy *= 0.5
    energy[first] = rows.charge[first] * rows.voltage[first]
    size = np.abs(rows.charge)
    amount = np.add.reduceat(size, first)
    size *= np.abs(rows.current)
    weighted = np.add.reduceat(size, first)
    current = np.divide(weighted, amount, out=np.zeros(first.size), where=amount > 0) * 1e3
    return Steps(
        first_row=first,
        end_row=end,
        kind=kind,
        direction=direction,
        charge_mAh=charge,
        energy_mWh=np.add.reduceat(energy, first),
        cut_mAh=cut,
        other_mAh=other,
        seconds=np.add.reduceat(rows.interval, first),
        current_mA=current * np.sign(charge),
        start_volt=rows.voltage[first],
        end_volt=rows.voltage[end - 1],
    )
