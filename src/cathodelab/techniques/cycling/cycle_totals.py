"""Totals of each cycle: charge, energy and time, and potentials at given times."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cathodelab.core.arrays import FloatArray
from cathodelab.core.errors import CathodelabError, Hint
from cathodelab.core.samples import Cell
from cathodelab.techniques.cycling.cycles import Cycles, half_sums, of_kind
from cathodelab.techniques.cycling.halves import POLARIZATION, HalfCycles
from cathodelab.techniques.cycling.intervals import Rows, merged
from cathodelab.techniques.cycling.model import HOLD, CycleSums, CyclingSettings, Steps

_SHOULDER_SPAN_VOLT = 0.01
_HOLD_END = 0.1
_MOST_UNSEEN = 0.005


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
            where=f"cell {cell.id}",
            why="This column holds a number alone; its unit stands in its name.",
            what_to_do="Write the number, e.g. 80, or leave the entry empty.",
            hints=(Hint("column", column),),
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
    found = np.full((10, halves.count + 1), np.nan)  # the last one is the half that a cycle has not
    found[:5, :-1] = _flowed(steps, halves)
    found[5, :-1] = _relaxed(rows, steps, halves, settings.relaxation_hours * 3600)
    found[6, :-1] = _hold_end_current(rows, steps, halves)
    found[7:9, :-1] = _shoulder(rows, steps, halves, threshold)
    found[9, :-1] = _relaxed(rows, steps, halves, settings.late_relaxation_hours * 3600)
    if rows.before.any():
        unseen = _unseen(rows, steps, halves) > _MOST_UNSEEN * np.abs(found[0, :-1] + found[1, :-1])
        found[np.ix_(np.array([2, 7, 8]), np.append(unseen, [False]))] = (
            np.nan
        )  # at which potentials it flowed is not known
    up, down = (found.take(half, axis=1) for half in (cycles.charge, cycles.discharge))
    whole, closed = np.append(halves.whole, [False]), closed_cycles(halves, cycles)
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
        late_relaxed_after_charge_volt=up[9],
        late_relaxed_after_discharge_volt=down[9],
        hold_end_current_mA=up[6],
        shoulder_mAh=up[7],
        shoulder_slope=up[8],
        closed=closed,
        charge_whole=whole[cycles.charge],
        discharge_whole=whole[cycles.discharge],
        block_first=np.zeros(cycles.number.size),
        retention_index=retention_index(cycles, whole[cycles.discharge], settings),
        cam_mass_mg=cell.cam_mass.value,
        composite_mass_mg=stated(cell, "composite_mass_mg"),
        area_cm2=stated(cell, "area_cm2"),
        c_rate_basis_mAh_g=c_rate_basis_mAh_g,
    )


def _unseen(rows: Rows, steps: Steps, halves: HalfCycles) -> FloatArray:
    """Charge of every half cycle that the cycler counted and no row shows, mAh."""
    step = steps.first_row.searchsorted(rows.parts)
    return np.asarray(np.bincount(halves.of_step[step], np.abs(rows.before), halves.count))


def closed_cycles(halves: HalfCycles, cycles: Cycles) -> NDArray[np.bool_]:
    """Whether a cycle has both halves and ends at the limit that it began at."""
    both = (cycles.charge >= 0) & (cycles.discharge >= 0)
    return (
        both
        & halves.begun[np.minimum(cycles.charge, cycles.discharge)]
        & halves.full[np.maximum(cycles.charge, cycles.discharge)]
    )


def retention_index(cycles: Cycles, whole: NDArray[np.bool_], settings: CyclingSettings) -> int:
    """Row of the cycle that retention refers to: the one that is named, or the first one after it with a whole discharge.

    Without any such, the first with a whole discharge; -1 where there is none.
    """
    found = whole.nonzero()[0]
    later = found[cycles.number[found] >= settings.retention_cycle]
    return int(later[0] if later.size else found[0] if found.size else -1)


def _flowed(steps: Steps, halves: HalfCycles) -> FloatArray:
    """Charge at constant current and at constant potential, energy, time and mean current of every half cycle.

    Charge and energy are net: what pulses against the half cycle moved counts against both parts of it alike.
    """
    moving, along = halves.holds(steps), steps.direction == halves.direction[halves.of_step]
    polarized, held = of_kind(steps, *POLARIZATION) & along, (steps.kind == HOLD) & along
    size = np.abs(steps.charge_mAh)
    found = half_sums(
        steps,
        halves,
        (steps.charge_mAh, moving & along & ~held),
        (steps.charge_mAh, held & moving),
        (steps.energy_mWh, moving),
        (steps.seconds, moving),
        (size * np.abs(steps.current_mA), polarized),
        (size, polarized),
        (steps.charge_mAh, moving & ~along),
    )
    found[:3] *= halves.direction
    if halves.pulses.any():
        own = found[0] + found[1]
        found[:2] *= np.divide(own + halves.direction * found[6], own, out=np.ones(own.size), where=own > 0)
    amount = found[5]
    np.divide(found[4], amount, out=found[4], where=amount > 0)
    found[4, amount <= 0] = np.nan
    return found[:5]


def _relaxed(rows: Rows, steps: Steps, halves: HalfCycles, after: float) -> FloatArray:
    """Potential a given time after the end of the current; ``nan`` where it was not left alone that long."""
    # neighbouring rests (a spectrum between them) are one time without current: up to where it flows again or the files part
    moving = steps.direction.nonzero()[0]
    if rows.parted:
        moving = merged(moving, steps.first_row.searchsorted(rows.parted))
    moving = np.concatenate([moving, [steps.count]])
    again = moving[moving.searchsorted(halves.last_step, side="right")]
    when = rows.time[steps.end_row[halves.last_step] - 1] + after
    enough = (again > halves.last_step + 1) & (rows.time[steps.end_row[again - 1] - 1] >= when)
    row = np.minimum(np.maximum(rows.time.searchsorted(when), 1), rows.size - 1)
    begin, start = rows.time[row - 1], rows.voltage[row - 1]
    width = rows.time[row] - begin
    share = np.divide(when - begin, width, out=np.ones(row.size), where=width > 0)
    value = start + np.minimum(np.maximum(share, 0), 1) * (rows.voltage[row] - start)
    return np.where(enough, value, np.nan)


def _shoulder(rows: Rows, steps: Steps, halves: HalfCycles, threshold: float) -> FloatArray:
    """Charge of every charging half cycle that passed below a potential, mAh, and how it grows with that, mAh/V."""
    thresholds = threshold + _SHOULDER_SPAN_VOLT * np.array([[-1.0], [0.0], [1.0]])
    turns, near = rows.crossings(float(thresholds[0, 0]), float(thresholds[2, 0]))
    first = merged(steps.first_row, turns)
    start, stop = rows.voltage[near - 1], rows.voltage[near]
    part = (stop <= thresholds).astype(np.float64)
    np.divide(thresholds - start, stop - start, out=part, where=(start < thresholds) & (stop > thresholds))
    # what passed in whole runs of rows below the lowest, and in parts of the few rows near the thresholds
    charge = np.empty((3, first.size + near.size))
    np.multiply(rows.step_charge(first), rows.voltage[first] <= thresholds[0], out=charge[:, : first.size])
    np.multiply(rows.charge_at(near), part, out=charge[:, first.size :])
    step = steps.first_row.searchsorted(np.concatenate([first, near]), side="right") - 1
    charge *= steps.direction[step] > 0
    half = halves.of_step[step] + halves.count * np.arange(3)[:, None]
    low, middle, high = np.bincount(half.ravel(), charge.ravel(), 3 * halves.count).reshape(3, -1)
    return np.array([middle, (high - low) / (2 * _SHOULDER_SPAN_VOLT)])


def _hold_end_current(rows: Rows, steps: Steps, halves: HalfCycles) -> FloatArray:
    """Mean current over the last tenth of the hold at the end of each half cycle, mA; ``nan`` where it does not end so."""
    found = np.full(halves.count, np.nan)
    ends_in_hold = (steps.kind[halves.last_step] == HOLD).nonzero()[0]
    if not ends_in_hold.size:
        return found
    last = halves.last_step[ends_in_hold]
    stop = steps.end_row[last] - 1
    start_time = rows.time[stop] - _HOLD_END * (rows.time[stop] - rows.time[steps.first_row[last]])
    first = np.minimum(np.searchsorted(rows.time, start_time), stop)
    found[ends_in_hold] = [
        1e3 * float(rows.current[a : b + 1].mean()) for a, b in zip(first.tolist(), stop.tolist(), strict=True)
    ]
    return found
