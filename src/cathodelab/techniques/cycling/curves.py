"""Curves of a record's half cycles: dQ/dV of all, kept for some; potential over charge, thinned."""

from __future__ import annotations

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.samples import Cell
from cathodelab.techniques.cycling.cycles import Cycles
from cathodelab.techniques.cycling.differential import Densities, DifferentialCurve, FeatureTable, densities_of
from cathodelab.techniques.cycling.features import features_of
from cathodelab.techniques.cycling.halves import POLARIZATION, HalfCycles
from cathodelab.techniques.cycling.intervals import Rows
from cathodelab.techniques.cycling.model import CycleTable, CyclingSettings, IntArray, Steps, VoltageTrace
from cathodelab.techniques.cycling.transitions import WINDOWS, has_their_names, windows_of_peaks

_SHOWN_CYCLES = 6
_TRACE_POINTS = 250


def differential_curves(
    cell: Cell,
    rows: Rows,
    steps: Steps,
    halves: HalfCycles,
    cycles: Cycles,
    table: CycleTable,
    settings: CyclingSettings,
    kept: IntArray | None = None,
) -> tuple[Densities, FeatureTable, tuple[DifferentialCurve, ...]]:
    """dQ/dV of all half cycles, their features, and the curves of the cycles at the places ``kept`` (those that figures show)."""
    length = steps.end_row - steps.first_row
    half = np.repeat(halves.of_step, length)
    counted = np.isin(steps.kind, POLARIZATION) & (steps.direction == halves.direction[halves.of_step])
    chosen = np.repeat(counted, length)
    joined = np.ones(rows.time.size)
    joined[steps.first_row] = 0.0
    way = halves.direction[half[chosen]]
    charge = rows.charge
    if rows.before.any():  # no row shows at which potential it flowed
        charge = charge.copy()
        charge[list(rows.parts)] = 0.0
    densities = densities_of(
        rows.voltage[chosen],
        charge[chosen] * way,
        half[chosen].astype(np.float64),
        joined[chosen],
        halves.count,
        step_volt=settings.differential_step_volt,
        noise_target=settings.differential_noise,
        largest_smoothing_volt=settings.largest_smoothing_volt,
    )
    number = _cycle_of_half(halves, cycles)
    common = float(np.hypot(settings.potential_offset_limit_volt / np.sqrt(3.0), cell.offset.plus))
    ways = [int(one) for one in halves.direction]
    shift = np.nan_to_num(np.clip(table.of("overpotential"), 0.0, 0.3))[number]
    windows = (
        WINDOWS
        if has_their_names(cell.word("cam_name"), settings.transition_names)
        else windows_of_peaks(densities, ways, shift, cell.offset.value, settings.feature_significance)
    )
    features = features_of(
        densities,
        windows,
        [int(cycles.number[one]) for one in number],
        ways,
        _reached(steps, halves),
        shift,
        cell.offset.value,
        settings.feature_significance,
        common,
    )
    return (
        densities,
        features,
        _kept(densities, halves, number, shown_cycles(cycles.number.size) if kept is None else kept, cycles),
    )


def _cycle_of_half(halves: HalfCycles, cycles: Cycles) -> IntArray:
    number = np.zeros(halves.count, dtype=np.int64)
    for part in (cycles.charge, cycles.discharge):
        there = np.flatnonzero(part >= 0)
        number[part[there]] = there
    return number


def _reached(steps: Steps, halves: HalfCycles) -> FloatArray:
    """Farthest potential of each half cycle at constant current."""
    reached = np.full(halves.count, -np.inf)
    chosen = np.isin(steps.kind, POLARIZATION)
    way = halves.direction[halves.of_step[chosen]].astype(np.float64)
    np.maximum.at(reached, halves.of_step[chosen], way * steps.end_volt[chosen])
    return reached * halves.direction


def shown_cycles(count: int) -> IntArray:
    """The first cycles and the last, at most six, evenly chosen."""
    return np.unique(np.linspace(0, count - 1, min(count, _SHOWN_CYCLES)).astype(np.int64))


def _kept(
    densities: Densities, halves: HalfCycles, number: IntArray, places: IntArray, cycles: Cycles
) -> tuple[DifferentialCurve, ...]:
    shown = set(places.tolist())
    curves = []
    for half in range(halves.count):
        if int(number[half]) not in shown:
            continue
        curve = densities.smooth[half]
        filled = np.flatnonzero(densities.raw[half] != 0)
        if not filled.size or not np.isfinite(densities.smoothing_volt[half]):
            continue  # too few rows to know their noise
        reach = int(6 * densities.smoothing_volt[half] / densities.step)
        span = slice(max(int(filled[0]) - reach, 0), int(filled[-1]) + reach + 1)
        curves.append(
            DifferentialCurve(
                cycle=int(cycles.number[number[half]]),
                direction=int(halves.direction[half]),
                potential_volt=densities.potential_volt[span],
                density_mAh_V=curve[span],
                charge_mAh=float(densities.charge_mAh[half]),
                smoothing_volt=float(densities.smoothing_volt[half]),
                noise_mAh_V=densities.noise_of(half, float(curve.max())),
            )
        )
    return tuple(curves)


def voltage_traces(
    cell: Cell, rows: Rows, steps: Steps, halves: HalfCycles, cycles: Cycles, table: CycleTable
) -> tuple[VoltageTrace, ...]:
    """Potential over gross specific charge of the shown cycles, every half cycle from zero."""
    del table
    traces = []
    for index in shown_cycles(cycles.number.size):
        for half in (int(cycles.charge[index]), int(cycles.discharge[index])):
            if half < 0:
                continue
            chosen = np.arange(halves.first_step[half], halves.last_step[half] + 1)
            first, end = int(steps.first_row[chosen[0]]), int(steps.end_row[chosen[-1]])
            charge = np.cumsum(rows.charge[first:end]) * halves.direction[half] / cell.cam_mass.value * 1e3
            kept = np.unique(np.linspace(0, end - first - 1, min(end - first, _TRACE_POINTS)).astype(np.int64))
            traces.append(
                VoltageTrace(
                    cycle=int(cycles.number[index]),
                    direction=int(halves.direction[half]),
                    specific_charge_mAh_g=charge[kept],
                    potential_volt=rows.voltage[first:end][kept],
                )
            )
    return tuple(traces)
