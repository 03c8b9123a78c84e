"""What each cycle amounts to: sums over its steps and readings at given times."""

from __future__ import annotations

import numpy as np

from cathodelab.core.arrays import FloatArray, frozen
from cathodelab.core.errors import CathodelabError
from cathodelab.core.samples import Cell
from cathodelab.techniques.cycling.cycles import POLARIZATION, Cycles, HalfCycles, step_sum
from cathodelab.techniques.cycling.model import HOLD, CycleSums, CyclingSettings, Steps
from cathodelab.techniques.cycling.rows import Rows

_SHOULDER_SPAN_VOLT = 0.01
_HOLD_END = 0.1


def stated(cell: Cell, column: str) -> float:
    """A number of the manifest; ``nan`` where there is none.

    Raises:
        CathodelabError: the entry is no number.
    """
    text = cell.details.get(column, "").strip().replace(",", ".")
    try:
        return float(text) if text else float("nan")
    except ValueError:
        raise CathodelabError(
            "not-a-number",
            f"{column} is {text!r}",
            where=f"cell {cell.id}, cells.csv",
            why="This column holds a number alone; its unit stands in its name.",
            what_to_do="Write the number, e.g. 80, or leave the entry empty.",
        ) from None


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
    threshold = settings.shoulder_potential_volt - cell.offset.value
    shoulder = _below(rows, steps, halves, threshold + _SHOULDER_SPAN_VOLT * np.array([-1.0, 0.0, 1.0]))
    found = np.vstack(
        [
            *_flowed(steps, halves),
            _relaxed(rows, steps, halves, settings.relaxation_hours * 3600),
            _hold_end_current(rows, steps, halves),
            shoulder[1],
            (shoulder[2] - shoulder[0]) / (2 * _SHOULDER_SPAN_VOLT),
        ]
    )
    up, down = (
        np.where(half >= 0, found[:, np.maximum(half, 0)], np.nan) for half in (cycles.charge, cycles.discharge)
    )
    return CycleSums(
        charge_cc_mAh=up[0],
        charge_cv_mAh=up[1],
        discharge_cc_mAh=down[0],
        discharge_cv_mAh=down[1],
        charge_energy_mWh=up[2],
        discharge_energy_mWh=down[2],
        charge_seconds=up[3],
        discharge_seconds=down[3],
        charge_current_mA=up[4],
        discharge_current_mA=down[4],
        relaxed_after_charge_volt=up[5],
        relaxed_after_discharge_volt=down[5],
        hold_end_current_mA=up[6],
        shoulder_mAh=up[7],
        shoulder_slope=up[8],
        block_first=np.zeros(cycles.number.size),
        retention_index=0,
        cam_mass_mg=cell.cam_mass.value,
        composite_mass_mg=stated(cell, "composite_mass_mg"),
        area_cm2=stated(cell, "area_cm2"),
        c_rate_basis_mAh_g=c_rate_basis_mAh_g,
    )


def _flowed(steps: Steps, halves: HalfCycles) -> tuple[FloatArray, ...]:
    """Charge at constant current and at constant potential, energy, time and mean current of every half cycle."""
    way = halves.direction.astype(np.float64)
    moving = (*POLARIZATION, HOLD)
    size = np.abs(steps.charge_mAh)
    amount = step_sum(steps, halves, size, kind=POLARIZATION)
    carried = step_sum(steps, halves, size * np.abs(steps.current_mA), kind=POLARIZATION)
    return (
        way * step_sum(steps, halves, steps.charge_mAh, kind=POLARIZATION),
        way * step_sum(steps, halves, steps.charge_mAh, kind=(HOLD,)),
        way * step_sum(steps, halves, steps.energy_mWh, kind=moving),
        step_sum(steps, halves, steps.seconds, kind=moving),
        np.divide(carried, amount, out=np.full(halves.count, np.nan), where=amount > 0),
    )


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
    lowest, highest = float(thresholds.min()), float(thresholds.max())
    stop = rows.voltage
    under = np.where(stop <= lowest, rows.charge, 0.0)
    whole = np.where(steps.direction > 0, np.add.reduceat(under, steps.first_row), 0.0)
    base = np.bincount(halves.of_step, weights=whole, minlength=halves.count)
    # the few rows near the thresholds: those that end above the lowest and begin below the highest
    near = np.flatnonzero((stop[1:] > lowest) & (np.minimum(stop[1:], stop[:-1]) <= highest)) + 1
    step = np.searchsorted(steps.first_row, near, side="right") - 1
    near, step = near[steps.direction[step] > 0], step[steps.direction[step] > 0]
    start, stop, charge, half = stop[near - 1], stop[near], rows.charge[near], halves.of_step[step]
    found = []
    for threshold in thresholds:
        crossing = (start < threshold) & (stop > threshold)
        share = np.divide(threshold - start, stop - start, out=np.zeros(near.size), where=crossing)
        part = np.where(crossing, share, np.where(stop <= threshold, 1.0, 0.0))
        found.append(frozen(base + np.bincount(half, weights=charge * part, minlength=halves.count)))
    return found


def _hold_end_current(rows: Rows, steps: Steps, halves: HalfCycles) -> FloatArray:
    """Mean current over the last tenth of the hold at the end of each half cycle, mA; ``nan`` where it does not end so."""
    found = np.full(halves.count, np.nan)
    ends_in_hold = np.flatnonzero(steps.kind[halves.last_step] == HOLD) if halves.count else np.zeros(0, dtype=np.int64)
    last = halves.last_step[ends_in_hold]
    stop = steps.end_row[last] - 1
    start_time = rows.time[stop] - _HOLD_END * (rows.time[stop] - rows.time[steps.first_row[last]])
    first = np.minimum(np.searchsorted(rows.time, start_time), stop)
    found[ends_in_hold] = [1e3 * float(rows.current[a : b + 1].mean()) for a, b in zip(first, stop, strict=True)]
    return found
