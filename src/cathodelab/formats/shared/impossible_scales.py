"""Refusal of scales that physics or the file itself contradicts: milliseconds taken for seconds, millivolts for volts.

What is doubtful and no error is a check of the methods; the limits of both stand in :mod:`cathodelab.formats.scale`.
"""

from __future__ import annotations

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.errors import MEANING, CathodelabError
from cathodelab.formats.scale import (
    FREQUENCY,
    HIGHEST_POTENTIAL_VOLT,
    LARGEST_CURRENT_AMPERE,
    LONGEST_TEST_HOURS,
    NEAR_FACTOR_OF_CLOCKS,
    unit_factor,
)
from cathodelab.formats.table import Table

_GAP_SECOND, _GAP_FACTOR = 600.0, 20.0
_FEWEST_INTERVALS = 3
_MOST_ROWS = 100_000
"""The unit of a column is the same in all rows: the first ones tell it."""


def refuse_impossible(table: Table) -> None:
    """Raise where a column cannot be in the unit it claims, or a clock or step counter runs backwards."""
    columns = table.columns
    for name, refuse in _REFUSALS.items():
        if name in columns:
            refuse(columns[name])
    if table.kind == "impedance spectra":
        _refuse_frequencies(columns["frequency_hertz"])
    if table.kind == "cycling":
        _refuse_contradictions(table)
    if table.spectra is not None:
        refuse_impossible(table.spectra)


def _refuse_contradictions(table: Table) -> None:
    """Refuse columns that tell the same thing in units that cannot both be right."""
    columns = table.columns
    if {"test_time_second", "current_ampere", "net_charge_ampere_hour"} <= set(columns):
        time, current, charge = (
            columns[name] for name in ("test_time_second", "current_ampere", "net_charge_ampere_hour")
        )
        for way, counted, flowed in zip(
            ("charge", "discharge"), *counted_and_flowed(time, current, charge), strict=True
        ):
            _refuse_contradiction(way, counted, flowed)
    if {"test_time_second", "unix_time_second"} <= set(columns):
        passed, dated = (
            float(columns[name][-1] - columns[name][0]) for name in ("test_time_second", "unix_time_second")
        )
        refuse_other_clock(passed, dated)


@np.errstate(all="ignore")  # numbers of a damaged file may overflow; then nothing is compared
def counted_and_flowed(
    time: FloatArray, current: FloatArray, charge: FloatArray
) -> tuple[tuple[float, float], tuple[float, float]]:
    """What was counted and what flowed by the integral of the current, Ah, each (charge, discharge) and positive.

    Where they differ, intervals far longer than usual are left out: where rows are missing, the current between them is not
    known. So are those in which the current turns, begins or ends.

    Args:
        time: s, shape (rows,).
        current: A, + = charge, shape (rows,).
        charge: net, Ah, shape (rows,).
    """
    time, current, charge = time[:_MOST_ROWS], current[:_MOST_ROWS], charge[:_MOST_ROWS]
    interval, moved = np.diff(time), np.diff(charge)
    quick = _sides(moved), _sides(current[1:] * interval / 3600)
    if all(0.5 * b <= a <= 2 * b for a, b in zip(*quick, strict=True)):
        return quick
    steady = np.sign(current[1:]) * (np.sign(current[1:]) == np.sign(current[:-1]))
    usual = interval[(steady != 0) & (interval > 0)]
    kept = interval <= max(_GAP_SECOND, _GAP_FACTOR * float(np.median(usual)) if usual.size else 0.0)
    flowed = (current[1:] + current[:-1]) * interval / 7200
    counted, integral = [0.0, 0.0], [0.0, 0.0]
    for side, way in enumerate((1, -1)):
        rows = kept & (steady == way)
        if np.count_nonzero(rows) >= _FEWEST_INTERVALS:
            counted[side], integral[side] = abs(float(moved[rows].sum())), abs(float(flowed[rows].sum()))
    return (counted[0], counted[1]), (integral[0], integral[1])


def _sides(values: FloatArray) -> tuple[float, float]:
    """Sums of what is above and of what is below zero, both positive."""
    above, total = float(np.maximum(values, 0.0).sum()), float(values.sum())
    return above, above - total


def _refuse_contradiction(way: str, counted: float, flowed: float) -> None:
    factor = unit_factor(counted / flowed) if flowed > 0 else 0.0
    if factor:
        raise CathodelabError(
            "units-contradict",
            f"Of the {way}, current and time give {flowed:.4g} Ah, the column of charge {counted:.4g} Ah: about {factor:g} times "
            "apart",
            where="whole file",
            why="Both are the charge that passed in total; one of the three columns is in another unit than it claims.",
            what_to_do="Correct the unit in the header of the export, or state the right units of the columns.",
            hints=(MEANING,),
        )


def refuse_other_clock(passed: float, dated: float) -> None:
    """Refuse a test time that runs by a factor between units faster or slower than the dates.

    Args:
        passed: test time between two rows, s.
        dated: time between their dates, s.
    """
    factor = unit_factor(passed / dated, NEAR_FACTOR_OF_CLOCKS) if dated > 0 else 0.0
    if factor:
        raise CathodelabError(
            "clocks-contradict",
            f"The test time goes on by {passed:.4g} s while the dates go on by {dated:.4g} s: about {factor:g} times apart",
            where="whole file",
            why="Both are the time that the test took; the test time is in another unit than it claims.",
            what_to_do="Correct the unit in the header of the export, or state the right units of the columns.",
            hints=(MEANING,),
        )


def _refuse_current(values: FloatArray) -> None:
    largest = float(np.max(np.abs(values)))
    if not largest <= LARGEST_CURRENT_AMPERE:  # negated, so that nan is refused as well
        raise _scale("current", f"{largest:g} A", f"{LARGEST_CURRENT_AMPERE:g} A", "mA or µA were taken for A")


def _refuse_steps(values: FloatArray) -> None:
    _refuse_backwards(values, "step-backwards", "The step count", "the file was cut or mixed up")


def _refuse_potential(values: np.ndarray) -> None:
    largest = float(np.max(np.abs(values)))
    if not largest <= HIGHEST_POTENTIAL_VOLT:
        raise _scale("potential", f"{largest:g} V", f"{HIGHEST_POTENTIAL_VOLT:g} V", "mV were taken for V")


def _refuse_frequencies(hertz: FloatArray) -> None:
    for found, inside in ((float(hertz.max()), FREQUENCY.high), (float(hertz.min()), FREQUENCY.low)):
        if not FREQUENCY.low <= found <= FREQUENCY.high:
            raise _scale("frequency", f"{found:.3g} Hz", f"{inside:g} Hz", FREQUENCY.likely)


def _refuse_time(time: np.ndarray) -> None:
    _refuse_backwards(time, "time-backwards", "The test time", "rows are out of order or the clock was set back")
    hours = float(time[-1] - time[0]) / 3600
    if hours > LONGEST_TEST_HOURS:
        raise _scale(
            "test time", f"{hours:,.0f} h", f"{LONGEST_TEST_HOURS:,.0f} h", "milliseconds were taken for seconds"
        )


def _refuse_backwards(values: np.ndarray, code: str, name: str, reason: str) -> None:
    backwards = np.flatnonzero(np.diff(values) < 0)
    if backwards.size:
        row = int(backwards[0])
        raise CathodelabError(
            code,
            f"{name} falls from {values[row]:g} to {values[row + 1]:g}",
            where=f"data row {row + 2}",
            why=f"It may only grow: {reason}.",
            what_to_do="Copy or export the file again; join the parts of an interrupted test by `;` in their order.",
        )


def _scale(quantity: str, found: str, limit: str, reason: str) -> CathodelabError:
    return CathodelabError(
        "impossible-scale",
        f"The {quantity} reaches {found}",
        where="whole file",
        why=f"No laboratory cell goes beyond {limit}; most likely {reason}.",
        what_to_do="Correct the unit in the export, or state the right unit of the column.",
        hints=(MEANING,),
    )


_REFUSALS = {
    "voltage_volt": _refuse_potential,
    "current_ampere": _refuse_current,
    "test_time_second": _refuse_time,
    "step_count": _refuse_steps,
    "relaxed_potential_volt": _refuse_potential,
    "relaxed_potential_1_volt": _refuse_potential,
    "relaxed_potential_2_volt": _refuse_potential,
}
"""Column -> what refuses it, in the order in which they are asked."""
