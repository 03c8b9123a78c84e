"""The staircase of one symmetric cell: its resistance between the electrodes, or why only a bound is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cathodelab.core.arrays import FloatArray
from cathodelab.core.errors import CathodelabError
from cathodelab.techniques.conduction.line import line_of
from cathodelab.techniques.conduction.means import Means, means_of, row_noise
from cathodelab.techniques.conduction.model import ConductionSettings, Staircase, State, Step
from cathodelab.techniques.conduction.record_checks import Amended, checks_of_record
from cathodelab.techniques.conduction.relaxation import described, is_described, relaxation_of
from cathodelab.techniques.conduction.results import Relaxation, Resistance, longest_hold
from cathodelab.techniques.conduction.saturation import saturated_rows, without_saturation
from cathodelab.techniques.conduction.spikes import spikes_of
from cathodelab.techniques.conduction.steps import steps_of
from cathodelab.techniques.conduction.timing import retimed

BoolArray = NDArray[np.bool_]
_FEWEST_VOLTAGES = 2
_SMALL_VOLT = 5e-3
_MUCH_BETTER = 0.2
_FEWEST_ROWS = 4


def resistance_of(staircase: Staircase, settings: ConductionSettings) -> Resistance:
    """What one record says about the resistance of its cell.

    Args:
        staircase: the record.
        settings: see :class:`ConductionSettings`.

    Raises:
        CathodelabError: no staircase, no current, one voltage alone, or currents at the end of the range.
    """
    _refuse_unusable(staircase)
    steps = steps_of(staircase, settings)
    saturated = saturated_rows(staircase, steps)
    steps = without_saturation(steps, saturated, staircase.current_ampere)
    _refuse_one_voltage(staircase, steps)
    noise = row_noise(staircase, steps, saturated)
    spikes = spikes_of(staircase, steps, noise) & ~saturated
    noise = row_noise(staircase, steps, saturated | spikes) if spikes.any() else noise
    means = means_of(staircase, steps, saturated | spikes, noise)
    turned = _falls(means)
    if turned:
        staircase = replace(staircase, current_ampere=-staircase.current_ampere)
        means = replace(means, current_ampere=-means.current_ampere)
    relaxation = relaxation_of(means, longest_hold(steps), settings)
    amended = Amended(int(saturated.sum()), int(spikes.sum()), turned=turned)
    if relaxation.beyond_noise:
        steps, better, amended = _amended(
            staircase, steps, saturated | spikes, (noise, means, relaxation), amended, settings
        )
        if better is not means:
            means, relaxation = better, relaxation_of(better, longest_hold(steps), settings)
    line = line_of(staircase, steps, means, relaxation)
    remaining = _remaining_fraction(means, relaxation)
    evaluated = Resistance(
        staircase=staircase,
        steps=steps,
        means=means,
        relaxation=relaxation,
        line=line,
        remaining_fraction=remaining,
        state=_state(steps, remaining, relaxation, settings),
        below_noise=relaxation.conductance_siemens <= 2 * np.hypot(relaxation.standard_siemens, line.misfit_siemens),
    )
    return replace(evaluated, checks=checks_of_record(evaluated, amended, settings))


def _amended(
    staircase: Staircase,
    steps: tuple[Step, ...],
    left_out: BoolArray,
    found: tuple[FloatArray, Means, Relaxation],
    amended: Amended,
    settings: ConductionSettings,
) -> tuple[tuple[Step, ...], Means, Amended]:
    """Means without the first row of each step, with other times of the steps, or both; as they were where nothing helps much.

    First rows may show the current of the step before, or of the moment of the change. Where several help, the first that
    describes the record is taken, else the best.

    Args:
        staircase: the record.
        steps: its steps.
        left_out: rows that do not count.
        found: noise of the rows of each step, the means and their fit.
        amended: what was done to the record so far.
        settings: slowest relaxation.
    """
    noise, means, relaxation = found
    first = np.zeros_like(left_out)
    first[[step.first for step in steps if not step.dropped and step.last - step.first > _FEWEST_ROWS]] = True
    count = int(np.count_nonzero(first & ~left_out))
    later = means_of(staircase, steps, left_out | first, noise)
    best, smallest = (steps, means, amended), _MUCH_BETTER * relaxation.chi_square
    for without_first, other_times in ((True, False), (False, True), (True, True)):
        tried = steps, later if without_first else means
        if other_times:
            tried = retimed(staircase, *tried, settings)
        _, fit = described(tried[1], settings)
        if fit.chi_square < smallest:
            told = replace(amended, first=count if without_first else 0, retimed=other_times)
            best, smallest = (*tried, told), _MUCH_BETTER * fit.chi_square
            if is_described(fit.chi_square, tried[1]):
                break
    return best


def _state(steps: tuple[Step, ...], remaining: float, relaxation: Relaxation, settings: ConductionSettings) -> State:
    """Steady; to be extrapolated, where a step holds long enough to tell the time constant; or neither."""
    if remaining <= settings.steady_fraction or relaxation.law is None:
        return "steady"
    enough = longest_hold(steps) >= settings.fewest_time_constants * relaxation.law.time_constant_second
    return "extrapolated" if enough else "not steady"


def _remaining_fraction(means: Means, relaxation: Relaxation) -> float:
    """Largest part of a steady current that is still to relax at the end of its step; steps at 0 V have none."""
    used = np.unique(means.step)
    volts = np.abs(means.voltage_volt[used])
    counted = volts > np.max(volts) / 100
    steady = np.abs(relaxation.conductance_siemens) * volts[counted]
    if not np.all(steady > 0):
        return float("inf")
    return float(np.max(np.abs(relaxation.remaining_ampere[used][counted]) / steady))


def _falls(means: Means) -> bool:
    """Whether the current falls with the voltage, clearly: then its sign is that of another convention."""
    volts = means.volts - np.average(means.volts, weights=means.rows)
    slope = float(np.sum(means.rows * volts * means.current_ampere) / np.sum(means.rows * volts**2))
    noise = float(np.max(means.noise_ampere) / np.sqrt(np.sum(means.rows * volts**2)))
    return slope < -10 * noise


def _refuse_unusable(staircase: Staircase) -> None:
    columns = staircase.time_second, staircase.voltage_volt, staircase.current_ampere
    bad = sum(int(np.count_nonzero(~np.isfinite(column))) for column in columns)
    if staircase.rows < 2 * _FEWEST_VOLTAGES or bad:
        raise CathodelabError(
            "record-unusable",
            f"The record has {staircase.rows} rows" + (f", {bad} entries in them are no numbers" if bad else ""),
            where="time, voltage, current",
            why="Every row needs all three, and a staircase has at least two voltages of several rows.",
            what_to_do="Export the whole measurement again.",
        )
    back = np.flatnonzero(np.diff(staircase.time_second) < 0)
    if back.size or staircase.time_second[-1] <= staircase.time_second[0]:
        row = int(back[0]) if back.size else 0
        raise CathodelabError(
            "time-backwards",
            "The time does not grow" + (f": after row {row + 1} it falls" if back.size else ""),
            where="time",
            why="Relaxation is a matter of time: rows out of order, or a clock that starts anew at each step, give none.",
            what_to_do="Export the test time, not the step time; name the parts of an interrupted test in their order.",
        )


def _refuse_one_voltage(staircase: Staircase, steps: tuple[Step, ...]) -> None:
    used = [step for step in steps if not step.dropped]
    levels = {round(step.voltage_volt, 5) for step in used}
    if len(levels) >= _FEWEST_VOLTAGES:
        return
    dropped = "".join(f" Left out at {one.voltage_volt:.4g} V: {one.dropped}." for one in steps if one.dropped)
    largest = float(np.max(np.abs(staircase.voltage_volt)))
    small = " If the column is in V although its label says mV, the voltages are 1000 times too small." * (
        largest < _SMALL_VOLT
    )
    raise CathodelabError(
        "one-voltage",
        f"The record holds one voltage, {used[0].voltage_volt:.4g} V" if used else "The record holds no usable step",
        where=f"{len(steps)} steps",
        why=f"V/I of one voltage has the offset of the instrument in it; a slope has not.{dropped}{small}",
        what_to_do="Measure at 0 V and at two voltages or more, each until the current is steady.",
    )
