"""What the record of a cycling test can and cannot say, as far as its rows and half cycles show it, in sentences."""

from __future__ import annotations

import numpy as np

from cathodelab.core.checks import Check
from cathodelab.core.records import CyclingRecord
from cathodelab.techniques.cycling.chain import Chain
from cathodelab.techniques.cycling.counters import CounterComparison, compared_counters
from cathodelab.techniques.cycling.intervals import Rows
from cathodelab.techniques.cycling.scale_checks import Extent, middle_and_highest, scale_checks, told_twice

_LISTED = 6
_WORTH_SAYING = 1e-3
_NAN = float("nan")


def record_checks(record: CyclingRecord, chain: Chain) -> tuple[Check, ...]:
    """Checks that need no uncertainties."""
    counter = compared_counters(record, chain.steps, chain.halves, chain.cycles)
    begins = _begins_counted(chain.rows, float(np.abs(chain.steps.charge_mAh).max(initial=0.0)))
    return (
        *((begins,) if begins else ()),
        *_scales(record, chain),
        _starts_with_whole_cycle(chain),
        _cycles_complete(chain),
        _pulses(chain),
        _counter(counter, record),
        _clock(chain.rows),
        _parts(record, chain.rows),
    )


def notes_of(record: CyclingRecord) -> tuple[Check, ...]:
    """What the readers and the joining of files said."""
    return tuple(Check("file_of_the_cycling", None, _NAN, _NAN, note) for note in record.notes)


def _scales(record: CyclingRecord, chain: Chain) -> tuple[Check, ...]:
    """The list of contradictions, for the half cycles."""
    sums, rows = chain.sums, chain.rows
    both = np.fmax(sums.charge_cc_mAh + sums.charge_cv_mAh, sums.discharge_cc_mAh + sums.discharge_cv_mAh)
    largest = float(np.fmax.reduce(both))
    at_most = largest if sums.closed.any() else _NAN
    rates = np.concatenate([sums.charge_current_mA, sums.discharge_current_mA])
    rates = rates[np.isfinite(rates)]
    between = (float(rates.min()), float(rates.max())) if rates.size else (_NAN, _NAN)
    volt = middle_and_highest(rows.voltage, rows.state != 0)
    counted, clock = told_twice(record)
    return scale_checks(chain.cell, Extent(largest, at_most, between, volt, counted, clock), sums.c_rate_basis_mAh_g)


def _starts_with_whole_cycle(chain: Chain) -> Check:
    half, begun = bool(chain.cycles.number[0] == 0), bool(chain.halves.begun[0])
    text = "The record begins with a whole cycle."
    if half:
        text = (
            "The record begins with a half cycle: it is cycle 0, without efficiency; the cycles after it count from 1. "
            "Was a file before this one left out, or does this cell begin with the other half (setting cycle_begins_with)?"
        )
    elif not begun:
        way = "charge" if chain.halves.direction[0] > 0 else "discharge"
        text = (
            f"The first {way} begins farther on its way than later ones, or gives back more than it took: the cell was not at "
            "its limit when the record began. It gives no efficiency."
        )
    return Check("starts_with_whole_cycle", begun and not half, float(half or not begun), 0.0, text)


def _cycles_complete(chain: Chain) -> Check:
    halves, cycles = chain.halves, chain.cycles
    full = np.append(halves.full, [False])
    whole = full[cycles.charge] & full[cycles.discharge]
    partial = np.flatnonzero(~whole)
    text = "All cycles go to their limits."
    if partial.size:
        text = (
            f"{partial.size} of {whole.size} cycles do not go to both limits (cycle {_listed(cycles.number[partial])}): they are "
            "shown, and left out of means per rate. Efficiency, retention and overpotential are given only where the halves "
            "that they need go from limit to limit."
        )
        if not whole[-1]:
            text += " The last is one of them: the record ends before it does."
    return Check("cycles_complete", None if partial.size else True, float(partial.size), 0.0, text)


def _listed(numbers: np.ndarray) -> str:
    return ", ".join(str(int(n)) for n in numbers[:_LISTED]) + (", ..." if numbers.size > _LISTED else "")


def _pulses(chain: Chain) -> Check:
    inside = chain.halves.pulses
    count = int(inside.sum())
    if not count:
        return Check("pulses", passed=True, value=0.0, limit=0.0, sentence="No pulse interrupts a half cycle.")
    text = (
        f"{count} pulses against the direction of a half cycle lie inside {int(np.count_nonzero(inside))} of them: too little "
        "charge for half cycles of their own, and no limit reached. Charges are net of them."
    )
    return Check("pulses", None, float(count), 0.0, text)


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
    if counter.between_halves:
        parts.append(
            f"{_times(counter.between_halves)} its count rises between the two halves of a cycle: it begins with the other half "
            "(see the setting cycle_begins_with)"
        )
    if counter.inside_halves:
        parts.append(
            f"{_times(counter.inside_halves)} its count rises inside a half cycle (first in cycle {counter.first_inside}): what "
            "it counts there is no cycle from limit to limit but a part, a pulse or a hold, and was put together"
        )
    if counter.spanning:
        parts.append(f"{_times(counter.spanning)} one of its counts spans two cycles")
    return Check(
        "cycle_counter",
        passed=False,
        value=float(odd),
        limit=0.0,
        sentence=f"{text}: {'; '.join(parts)}. The cycles here are the data's.",
    )


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


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


def _begins_counted(rows: Rows, largest: float) -> Check | None:
    """Charge before the first row of the first file."""
    before = float(rows.before[0])
    if abs(before) <= _WORTH_SAYING * largest:
        return None
    text = (
        f"Before the first row the cycler had counted {abs(before):.4g} mAh of the {'charge' if before > 0 else 'discharge'} "
        "that goes on there: it belongs to that half cycle. Its potentials are not in the file: there is no mean potential and "
        "no energy of it, and dQ/dV is of the rest."
    )
    return Check("counted_before", None, before, _NAN, text)


def _parts(record: CyclingRecord, rows: Rows) -> Check:
    count = len(record.part_rows)
    if count == 1:
        return Check("test_uninterrupted", passed=True, value=1.0, limit=1.0, sentence="The test is one file.")
    between = float(np.abs(rows.before[1:]).sum())
    counted = (
        f"{between:.4g} mAh between them are the cycler's own count" if between else "no charge is counted between them"
    )
    text = f"The test is joined from {count} files; {counted}"
    if not rows.parted:
        return Check("test_uninterrupted", None, float(count), 1.0, f"{text}, and each goes on where the last ended.")
    left, found = (float(record.voltage_volt[rows.parted[0] - back]) for back in (1, 0))
    text += (
        f". At {len(rows.parted)} of the borders the cell is not as it was left (first from {left:.3f} to {found:.3f} V before "
        f"row {rows.parted[0] + 1}): what happened in between is not in the files."
    )
    return Check("test_uninterrupted", None, float(count), 1.0, text)
