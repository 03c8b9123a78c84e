"""What each cycle amounts to: sums over its steps and readings at given times."""

from __future__ import annotations

import numpy as np

from cathodelab.core.arrays import FloatArray, frozen
from cathodelab.core.samples import Cell
from cathodelab.techniques.cycling.cycles import POLARIZATION, Cycles, HalfCycles, step_sum
from cathodelab.techniques.cycling.model import HOLD, CycleSums, CyclingSettings, IntArray, Steps
from cathodelab.techniques.cycling.rows import Rows

_SHOULDER_SPAN_VOLT = 0.01
_HOLD_END = 0.1


def stated(cell: Cell, column: str) -> float:
    """A number of the manifest; ``nan`` where there is none."""
    text = cell.details.get(column, "").replace(",", ".")
    return float(text) if text else float("nan")


def sums_of(
    cell: Cell,
    rows: Rows,
    steps: Steps,
    halves: HalfCycles,
    cycles: Cycles,
    settings: CyclingSettings,
    c_rate_basis_mAh_g: float,
) -> CycleSums:
    """The sums of all cycles."""
    way = halves.direction.astype(np.float64)
    along = np.where(np.isin(steps.kind, (*POLARIZATION, HOLD)), 1.0, 0.0)
    constant = way * step_sum(steps, halves, steps.charge_mAh, kind=POLARIZATION)
    held = way * step_sum(steps, halves, steps.charge_mAh, kind=(HOLD,))
    energy = way * step_sum(steps, halves, steps.energy_mWh * along, kind=(*POLARIZATION, HOLD))
    seconds = step_sum(steps, halves, steps.seconds, kind=(*POLARIZATION, HOLD))
    amount = step_sum(steps, halves, np.abs(steps.charge_mAh), kind=POLARIZATION)
    carried = step_sum(steps, halves, np.abs(steps.charge_mAh * steps.current_mA), kind=POLARIZATION)
    current = np.divide(carried, amount, out=np.full(halves.count, np.nan), where=amount > 0)
    relaxed = _relaxed(rows, steps, halves, settings.relaxation_hours * 3600)
    threshold = settings.shoulder_potential_volt - cell.offset.value
    shoulder = _below(rows, steps, halves, threshold + _SHOULDER_SPAN_VOLT * np.array([-1.0, 0.0, 1.0]))

    def charge(values: FloatArray) -> FloatArray:
        return _picked(values, cycles.charge)

    def discharge(values: FloatArray) -> FloatArray:
        return _picked(values, cycles.discharge)

    return CycleSums(
        charge_cc_mAh=charge(constant),
        charge_cv_mAh=charge(held),
        discharge_cc_mAh=discharge(constant),
        discharge_cv_mAh=discharge(held),
        charge_energy_mWh=charge(energy),
        discharge_energy_mWh=discharge(energy),
        charge_seconds=charge(seconds),
        discharge_seconds=discharge(seconds),
        charge_current_mA=charge(current),
        discharge_current_mA=discharge(current),
        relaxed_after_charge_volt=charge(relaxed),
        relaxed_after_discharge_volt=discharge(relaxed),
        hold_end_current_mA=charge(_hold_end_current(rows, steps, halves)),
        shoulder_mAh=charge(shoulder[1]),
        shoulder_slope=charge((shoulder[2] - shoulder[0]) / (2 * _SHOULDER_SPAN_VOLT)),
        block_first=np.zeros(cycles.number.size),
        retention_index=0,
        cam_mass_mg=cell.cam_mass.value,
        composite_mass_mg=stated(cell, "composite_mass_mg"),
        area_cm2=stated(cell, "area_cm2"),
        c_rate_basis_mAh_g=c_rate_basis_mAh_g,
    )


def _picked(values: FloatArray, half: IntArray) -> FloatArray:
    """The value of each cycle's half cycle; ``nan`` where the cycle has none."""
    if not values.size:
        return np.full(half.size, np.nan)
    return np.where(half >= 0, values[np.maximum(half, 0)], np.nan)


def _relaxed(rows: Rows, steps: Steps, halves: HalfCycles, after: float) -> FloatArray:
    """Potential a given time after the end of the current; ``nan`` where it was not left alone that long."""
    last = halves.last_step
    following = np.minimum(last + 1, steps.count - 1)
    resting = (steps.direction[following] == 0) & (last + 1 < steps.count)
    # neighbouring rests (a spectrum between them) are one time without current
    stop = steps.end_row[following] - 1
    moving = np.append(np.flatnonzero(steps.direction != 0), steps.count)
    until = moving[np.searchsorted(moving, following)]
    stop = np.where(resting, steps.end_row[np.maximum(until - 1, 0)] - 1, stop)
    begin = steps.end_row[last] - 1
    when = rows.time[begin] + after
    enough = resting & (rows.time[stop] >= when)
    row = np.clip(np.searchsorted(rows.time, when), 1, rows.time.size - 1)
    width = rows.time[row] - rows.time[row - 1]
    share = np.divide(when - rows.time[row - 1], width, out=np.ones(row.size), where=width > 0)
    value = rows.voltage[row - 1] + np.clip(share, 0, 1) * (rows.voltage[row] - rows.voltage[row - 1])
    return np.asarray(np.where(enough, value, np.nan))


def _below(rows: Rows, steps: Steps, halves: HalfCycles, thresholds: FloatArray) -> list[FloatArray]:
    """Charge of every charging half cycle that passed below each of the potentials, mAh."""
    length = steps.end_row - steps.first_row
    before = np.concatenate([rows.voltage[:1], rows.voltage[:-1]])
    low = np.minimum(before, rows.voltage) < float(thresholds.max())
    chosen = np.flatnonzero(low & np.repeat(steps.direction > 0, length))
    half = np.repeat(halves.of_step, length)[chosen]
    start, stop, charge = before[chosen], rows.voltage[chosen], rows.charge[chosen]
    rise = stop - start
    found = []
    for threshold in thresholds:
        crossing = (start < threshold) & (stop > threshold)
        share = np.divide(threshold - start, rise, out=np.zeros(rise.size), where=crossing)
        part = np.where(crossing, share, np.where(stop <= threshold, 1.0, 0.0))
        found.append(frozen(np.bincount(half, weights=charge * part, minlength=halves.count)))
    return found


def _hold_end_current(rows: Rows, steps: Steps, halves: HalfCycles) -> FloatArray:
    """Mean current over the last tenth of the hold at the end of each half cycle, mA; ``nan`` where it does not end so."""
    found = np.full(halves.count, np.nan)
    ends_in_hold = np.flatnonzero(steps.kind[halves.last_step] == HOLD) if halves.count else np.zeros(0, dtype=np.int64)
    last = halves.last_step[ends_in_hold]
    stop = steps.end_row[last] - 1
    start_time = rows.time[stop] - _HOLD_END * (rows.time[stop] - rows.time[steps.first_row[last]])
    first = np.minimum(np.searchsorted(rows.time, start_time), stop)
    total = np.concatenate([[0.0], np.cumsum(rows.current)])
    found[ends_in_hold] = (total[stop + 1] - total[first]) / (stop + 1 - first) * 1e3
    return found
