"""Missing columns of BioLogic files, rebuilt from the others: current, half cycles, steps, spectra, continuous charge.

Arrays in, arrays out. EC-Lab computes many columns only when it exports text; its binary GCPL files hold no current.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cathodelab.core.arrays import FloatArray
from cathodelab.core.records import CyclingRecord
from cathodelab.core.steps import charge_of, row_states

CHARGE_TOLERANCE = 1e-3
"""Relative difference of the charge of a half cycle above which the reader notes it."""


def continuous_charge(charge: FloatArray, increment: FloatArray | None) -> tuple[FloatArray, int]:
    """Net charge continued where the instrument reset (Q-Qo) to zero, and the number of resets.

    A loop of a Modulo Bat resets (Q-Qo). Such a row shows at most the charge of its own increment, after a fall of more
    than three times the usual change from row to row there; a discharge that just reaches zero does not fall faster.
    """
    if charge.size < 2:
        return charge, 0
    scale = float(np.max(charge) - np.min(charge))
    own = np.zeros(charge.size) if increment is None else increment
    near_zero = np.abs(charge) <= np.abs(own) * (1 + 1e-6) + 1e-9 * scale
    rows = np.flatnonzero(near_zero[1:] & ~near_zero[:-1]) + 1
    jump = charge[rows] - charge[rows - 1] - own[rows]
    usual = np.maximum(np.abs(own[rows]), np.abs(charge[rows - 1] - charge[np.maximum(rows - 2, 0)]))
    back = np.abs(jump) > np.maximum(3 * usual, 1e-6 * scale)
    if not back.any():
        return charge, 0
    shift = np.zeros(charge.size)
    shift[rows[back]] = jump[back]
    return charge - np.cumsum(shift), int(back.sum())


def mean_current(charge: FloatArray, increment: FloatArray | None, time: FloatArray) -> FloatArray:
    r"""Mean current since the row before, A: :math:`I_k = 3600\,\Delta q_k / \Delta t_k`; 0 in the first row.

    A row with the same time as the row before keeps that row's current.
    """
    passed = np.diff(charge, prepend=charge[:1]) if increment is None else increment
    interval = np.diff(time, prepend=time[:1])
    current = np.divide(3600 * passed, interval, out=np.zeros(time.size), where=interval > 0)
    taken = np.maximum.accumulate(np.where(interval > 0, np.arange(time.size), 0))
    return np.asarray(current[taken], dtype=np.float64)


def spectrum_stand_ins(
    columns: Mapping[str, FloatArray], impedance: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], FloatArray]:
    """Rows that represent a spectrum among the cycling rows, and the current of all rows with its mean current there.

    The interval before a row belongs to that row's step. If a spectrum were simply removed, the current of the next row
    would be taken for the whole duration of the sweep. Therefore, where current flows right after the spectrum or charge
    flowed during it, its last row stays, with the mean current since the last cycling row (from the net charge; 0 where
    the file has none).
    """
    time, current = columns["test_time_second"], columns["current_ampere"].copy()
    charge = columns.get("net_charge_ampere_hour", np.zeros(time.size))
    before = np.flatnonzero(~impedance[:-1] & impedance[1:])
    last = np.flatnonzero(impedance[:-1] & ~impedance[1:])
    last = last[last > before[0]] if before.size else last[:0]
    before = before[: last.size]
    passed, interval = charge[last] - charge[before], time[last] - time[before]
    kept = ((current[last + 1] != 0) | (passed != 0)) & (interval > 0)
    current[last[kept]] = 3600 * passed[kept] / interval[kept]
    stand_ins = np.zeros(time.size, dtype=np.bool_)
    stand_ins[last[kept]] = True
    return stand_ins, current


def step_count(columns: Mapping[str, FloatArray], states: FloatArray | None, apart: FloatArray) -> FloatArray:
    """Number of the step, never decreasing, from 0.

    A step begins where the step number, the loop, the control mode or the half cycle of the file changes; in a file with
    none of them (``states`` given) where rest, charge and discharge change. ``apart`` grows where rows were taken out.
    """
    names = ("step_id", "loop_flag", "control_mode", "half_cycle_count")
    deciding = [columns[name] for name in names if name in columns]
    if states is not None:
        deciding.append(states)
    begins = np.diff(apart) != 0
    for values in deciding:
        begins |= np.diff(values) != 0
    if "step_time_second" in columns and "control_mode" not in columns:  # BT-Lab texts have no loop flag
        begins |= np.diff(columns["step_time_second"]) < 0
    return np.concatenate([[0.0], np.cumsum(begins, dtype=np.float64)])


def half_cycle_count(states: FloatArray) -> FloatArray:
    """Number of the half cycle of each row, from rest (0), charge (1) and discharge (-1); a rest belongs to what precedes it."""
    moving = np.flatnonzero(states)
    if not moving.size:
        return np.zeros(states.size)
    last = np.maximum.accumulate(np.where(states != 0, np.arange(states.size), moving[0]))
    return np.concatenate([[0.0], np.cumsum(np.diff(states[last]) != 0, dtype=np.float64)])


def spectrum_count(frequency: FloatArray, row: FloatArray, number: FloatArray | None) -> FloatArray:
    """Number of the spectrum of each impedance row, from 1.

    A spectrum begins after other rows, where the sweep turns back, or where the file's count increases at the same
    frequency. A count that increases inside a sweep is ignored: EC-Lab does that when a limit is met meanwhile.

    Args:
        frequency: Hz, one value for each impedance row.
        row: row of the file, the same length.
        number: the file's own number of the spectrum (``z cycle`` or ``cycle number``).
    """
    sweep = np.sign(np.diff(frequency))
    begins = (np.diff(row) > 1) | (sweep * np.sign(np.sum(sweep)) < 0)
    if number is not None:
        begins |= (np.diff(number) != 0) & (sweep == 0)
    return 1 + np.concatenate([[0.0], np.cumsum(begins, dtype=np.float64)])


def rest_states(current: FloatArray) -> FloatArray:
    """Rest (0), charge (1) or discharge (-1) of every row, from its current, by the rule of ``core/steps.py``."""
    return row_states(CyclingRecord(voltage_volt=np.zeros(current.size), current_ampere=current))


@dataclass(frozen=True)
class ChargeDifference:
    """Charge from current and time and the instrument's own, Ah, for the half cycle in which they differ most."""

    share: float
    half_cycle: int
    ours: float
    instrument: float


def largest_charge_difference(columns: Mapping[str, FloatArray], states: FloatArray) -> ChargeDifference | None:
    """The half cycle in which charge from current and time differs most from the instrument's; ``None`` if all agree.

    They agree within :data:`CHARGE_TOLERANCE`. Half cycles with less than 1 % of the largest charge are not compared, as
    their difference is that of two small numbers.
    """
    record = CyclingRecord(
        voltage_volt=columns["voltage_volt"],
        test_time_second=columns["test_time_second"],
        current_ampere=columns["current_ampere"],
        step_count=columns["step_count"],
    )
    ours = np.diff(charge_of(record, states) / 1000)
    instrument = np.diff(columns["net_charge_ampere_hour"])
    half = columns["half_cycle_count"][1:]
    starts = np.concatenate([[0], np.flatnonzero(np.diff(half)) + 1])
    mine, its = np.add.reduceat(ours, starts), np.add.reduceat(instrument, starts)
    scale = np.maximum(np.abs(mine), np.abs(its))
    counted = scale > 0.01 * float(scale.max())
    share = np.divide(np.abs(mine - its), scale, out=np.zeros(scale.size), where=counted)
    worst = int(np.argmax(share))
    if not share[worst] > CHARGE_TOLERANCE:
        return None
    return ChargeDifference(float(share[worst]), int(half[starts[worst]]), float(mine[worst]), float(its[worst]))
