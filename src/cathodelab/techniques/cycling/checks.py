"""What the record of a cycling test can and cannot say, in sentences."""

from __future__ import annotations

import numpy as np

from cathodelab.core.checks import Check
from cathodelab.core.records import CyclingRecord
from cathodelab.core.samples import Cell
from cathodelab.techniques.cycling.counters import CounterComparison
from cathodelab.techniques.cycling.differential import Densities
from cathodelab.techniques.cycling.model import CycleSums, CycleTable, CyclingSettings, Steps
from cathodelab.techniques.cycling.rows import Rows

_HIGHEST_TIMES_BASIS, _LOWEST_TIMES_BASIS = 1.4, 0.05
_AGREEMENT = 1e-3
_NAN = float("nan")


def all_checks(
    cell: Cell,
    record: CyclingRecord,
    rows: Rows,
    steps: Steps,
    table: CycleTable,
    sums: CycleSums,
    counter: CounterComparison | None,
    densities: Densities,
    settings: CyclingSettings,
) -> tuple[Check, ...]:
    """All checks of one record."""
    return (
        _capacity_plausible(cell, table, sums),
        _starts_with_whole_cycle(table),
        _last_cycle_complete(table),
        _counter(counter, record),
        _clock(rows),
        _charge(rows, steps),
        _efficiency(table),
        _two_electrodes(table, settings),
        _parts(record, rows),
        _differential(densities),
        _frames(sums),
        *(Check("file_of_the_cycling", None, _NAN, _NAN, note) for note in record.notes),
    )


def _capacity_plausible(cell: Cell, table: CycleTable, sums: CycleSums) -> Check:
    capacity = float(np.nanmax(np.fmax(table.of("gross_discharge_capacity"), table.of("gross_charge_capacity"))))
    share = capacity / sums.c_rate_basis_mAh_g
    passed = bool(_LOWEST_TIMES_BASIS <= share <= _HIGHEST_TIMES_BASIS)
    text = f"The largest gross capacity is {capacity:.4g} mAh/g, {share:.3g} times the capacity that defines 1C"
    if passed:
        text += "."
    elif share > 1:
        text += (
            f": more than any such material holds. Is {cell.cam_mass.value:g} mg the mass of active material (mg)? "
            "Is basis_mAh_g in [c_rate] that of this material?"
        )
    else:
        text += f": the cell is dead, or {cell.cam_mass.value:g} mg is not its mass of active material."
    return Check("capacity_plausible", passed, share, _HIGHEST_TIMES_BASIS, text)


def _starts_with_whole_cycle(table: CycleTable) -> Check:
    half = bool(table.number[0] == 0)
    text = "The record begins with a whole cycle."
    if half:
        text = (
            "The record begins with a half cycle: it is cycle 0, without efficiency; the cycles after it count from 1. "
            "Was a file before this one left out?"
        )
    return Check("starts_with_whole_cycle", not half, float(half), 0.0, text)


def _last_cycle_complete(table: CycleTable) -> Check:
    whole = table.charge_full & table.discharge_full
    partial = np.flatnonzero(~whole)
    last = bool(whole[-1])
    text = "All cycles go to their potential limits."
    if partial.size:
        numbers = ", ".join(str(int(n)) for n in table.number[partial][:6]) + (", ..." if partial.size > 6 else "")
        text = (
            f"{partial.size} of {table.count} cycles do not reach both potential limits (cycle {numbers}): they are shown, "
            "and left out of means per rate."
        )
        if not last:
            text += " The last is one of them: the record ends before it does."
    return Check("cycles_complete", None if partial.size else True, float(partial.size), 0.0, text)


def _counter(counter: CounterComparison | None, record: CyclingRecord) -> Check:
    if counter is None:
        why = "has no cycle counter" if record.cycle_count is None else "has a cycle counter that never moves"
        return Check("cycle_counter", None, _NAN, _NAN, f"The file {why}: cycles are those of the data.")
    odd = counter.rises_inside + counter.spanning
    text = f"The cycler counts {counter.cycler} cycles, the data show {counter.ours}"
    if not odd:
        return Check(
            "cycle_counter",
            passed=True,
            value=0.0,
            limit=0.0,
            sentence=f"{text}; wherever its count rises, a cycle begins or ends.",
        )
    parts = []
    if counter.rises_inside and counter.between_halves > counter.rises_inside / 2:
        parts.append(
            f"its count rises {counter.rises_inside} times between the two halves of a cycle: it begins with the other half (see "
            "the setting cycle_begins_with)"
        )
    elif counter.rises_inside:
        parts.append(
            f"its count rises {counter.rises_inside} times inside a cycle (first in cycle {counter.first_number}), as check-ups "
            "and holds do"
        )
    if counter.spanning:
        parts.append(f"{counter.spanning} times one of its counts spans two cycles")
    return Check(
        "cycle_counter",
        passed=False,
        value=float(odd),
        limit=0.0,
        sentence=f"{text}: {'; '.join(parts)}. The cycles here are the data's.",
    )


def _clock(rows: Rows) -> Check:
    if not rows.jumps:
        return Check(
            "clock_continuous",
            passed=True,
            value=0.0,
            limit=0.0,
            sentence="No step has an interval far longer than usual.",
        )
    lost = [jump for jump in rows.jumps if not jump.counted]
    hours = sum(jump.seconds for jump in rows.jumps) / 3600
    first = rows.jumps[0]
    text = (
        f"In {len(rows.jumps)} intervals under current the clock goes on by {hours:.3g} h in all (first before row "
        f"{first.row + 1})"
    )
    if rows.own:
        text += "; the charge is the cycler's own count and not concerned."
    elif lost:
        text += (
            f"; in {len(lost)} of them the potential stood still: no charge was counted there (the clock was set, or the cell "
            "rested unseen)."
        )
    else:
        text += "; rows are missing there, and the current was taken as constant."
    return Check("clock_continuous", passed=False, value=hours, limit=0.0, sentence=text)


def _charge(rows: Rows, steps: Steps) -> Check:
    if not rows.own:
        cut = float(np.sum(steps.cut_mAh) / max(float(np.sum(np.abs(steps.charge_mAh))), 1e-12))
        text = f"Charge is the integral of the current; the spacing of the rows leaves {100 * cut:.2g} % of it open."
        return Check("charge_counted", None, cut, _NAN, text)
    amount = np.abs(steps.charge_mAh)
    if not amount.any():
        text = "The cycler's own count of charge stands still in the whole record, although current flowed: no charge is known."
        return Check("charge_counted", passed=False, value=_NAN, limit=_AGREEMENT, sentence=text)
    counted = amount > 0.01 * float(amount.max())
    beyond = np.maximum(np.abs(steps.other_mAh - steps.charge_mAh) - steps.cut_mAh, 0.0)
    worst = float(np.max(beyond[counted] / amount[counted]))
    passed = worst <= _AGREEMENT
    text = f"The cycler's own charge and the integral of the current agree within {100 * max(worst, 1e-5):.2g} % in all steps."
    if not passed:
        text = (
            f"The cycler's own charge and the integral of the current differ by up to {100 * worst:.2g} % of a step, beyond "
            "what the spacing of the rows explains; the cycler's was used and the difference is in the intervals."
        )
    return Check("charge_counted", passed, worst, _AGREEMENT, text)


def _efficiency(table: CycleTable) -> Check:
    efficiency = table.of("coulombic_efficiency")
    known = np.isfinite(efficiency) & table.charge_full & table.discharge_full
    above = np.flatnonzero(known & (efficiency > 1 + 2 * table.standard("coulombic_efficiency")))
    if not above.size:
        return Check(
            "efficiency_below_one",
            passed=True,
            value=0.0,
            limit=0.0,
            sentence="No whole cycle returns more charge than it took.",
        )
    cumulative = table.of("cumulative_efficiency")[above]
    text = (
        f"{above.size} cycles return more charge than they took (first cycle {int(table.number[above[0]])}). That is real "
        f"where a slower cycle went before: over their blocks the cumulative efficiency is at most "
        f"{100 * float(np.max(cumulative)):.2f} %."
    )
    return Check("efficiency_below_one", None, float(above.size), 0.0, text)


def _two_electrodes(table: CycleTable, settings: CyclingSettings) -> Check:
    fastest = float(np.nanmax(table.of("discharge_c_rate"), initial=0.0))
    limit = settings.two_electrode_c_rate
    if fastest < limit:
        text = f"The fastest discharge is {fastest:.2g}C: anode and separator matter little at such rates."
        return Check("two_electrode_cell", passed=True, value=fastest, limit=limit, sentence=text)
    text = (
        f"Discharges go up to {fastest:.2g}C in a cell of two electrodes: overpotential and loss at such rates are those of "
        "anode, separator and cathode together, not of the cathode."
    )
    return Check("two_electrode_cell", None, fastest, limit, text)


def _parts(record: CyclingRecord, rows: Rows) -> Check:
    count = len(record.part_rows)
    if count == 1:
        return Check("test_uninterrupted", passed=True, value=1.0, limit=1.0, sentence="The test is one file.")
    text = f"The test is joined from {count} files; no charge is counted between them"
    if not rows.parted:
        return Check("test_uninterrupted", None, float(count), 1.0, f"{text}, and each goes on where the last ended.")
    left, found = (float(record.voltage_volt[rows.parted[0] - back]) for back in (1, 0))
    text += (
        f". At {len(rows.parted)} of the borders the cell is not as it was left (first from {left:.3f} to {found:.3f} V before "
        f"row {rows.parted[0] + 1}): what happened in between is not in the files."
    )
    return Check("test_uninterrupted", None, float(count), 1.0, text)


def _differential(densities: Densities) -> Check:
    smoothing = densities.smoothing_volt * 1e3
    noise = float(np.nanmedian(densities.noise_volt)) * 1e3 if np.isfinite(densities.noise_volt).any() else _NAN
    sizes = dict.fromkeys((f"{smoothing.min():.1f}", f"{smoothing.max():.1f}"))
    text = (
        f"dQ/dV is smoothed by a Gaussian of {' to '.join(sizes)} mV (standard deviation; median noise of the potentials "
        f"{noise:.2g} mV); its integral is the charge at constant current."
    )
    return Check("differential_smoothing", None, float(smoothing.max()), _NAN, text)


def _frames(sums: CycleSums) -> Check:
    missing = [
        name
        for name, value in (("composite_mass_mg", sums.composite_mass_mg), ("area_cm2", sums.area_cm2))
        if not np.isfinite(value)
    ]
    if not missing:
        return Check(
            "capacity_frames",
            passed=True,
            value=0.0,
            limit=0.0,
            sentence="Capacities are given per active material, composite and area.",
        )
    text = f"Not stated: {' and '.join(missing)}. Capacities in that frame are missing."
    return Check("capacity_frames", None, float(len(missing)), 0.0, text)
