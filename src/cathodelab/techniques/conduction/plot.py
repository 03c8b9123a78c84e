"""Figures of a staircase: the record with its fit, and steady currents against the voltage."""

from __future__ import annotations

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.figure import Axis, FigureSpec, Panel, Series
from cathodelab.core.method import Described
from cathodelab.techniques.conduction.results import ConductionResult, Resistance

_PREFIXES = ((1.0, "A"), (1e-3, "mA"), (1e-6, "µA"), (1e-9, "nA"), (1e-12, "pA"))
_MOST_POINTS = 800
_STATES = {
    "steady": "the currents are steady",
    "extrapolated": "the currents are not quite steady: steady currents are extrapolated",
    "not steady": "not steady: the line is a bound",
}


def figures(sample: Described, result: ConductionResult) -> tuple[FigureSpec, ...]:
    """The record and the line of one pellet."""
    found = result.resistance
    factor, unit = _unit(found)
    caption = (
        f"{sample.id}: left, current of the staircase (grey: as recorded, black: fit of one conductance and one relaxation to "
        f"means of rows). Right, steady current of each step against its voltage ({_STATES[found.state]}); bars are standard "
        "uncertainties (68 %), mostly smaller than the marks; small open marks are the last recorded currents. "
        f"{_said(result)} n = 1 pellet."
    )
    panels = (_record(found, factor, unit), _line(found, factor, unit))
    return (FigureSpec(f"{sample.id}-conduction", caption, panels),)


def _said(result: ConductionResult) -> str:
    carrier = result.pellet.carrier
    for name, word in ((f"{carrier}_conductivity", "="), (f"{carrier}_conductivity_upper_limit", "≤")):
        if name in result.estimates:
            value = result.estimates.estimate(name).value
            return f"{carrier.capitalize()} conductivity {word} {value:.3g} S/cm."
    return ""


def _unit(found: Resistance) -> tuple[float, str]:
    """The prefix in which the largest steady current has one to three digits before the point."""
    largest = float(np.max(np.abs(found.line.steady_ampere)))
    return next(((size, unit) for size, unit in _PREFIXES if largest >= size), _PREFIXES[-1])


def _record(found: Resistance, factor: float, unit: str) -> Panel:
    staircase, means = found.staircase, found.means
    thin = max(1, staircase.rows // _MOST_POINTS)
    rows = np.unique(
        np.concatenate([np.arange(0, staircase.rows, thin), *(_first_rows(one.first) for one in found.steps)])
    )
    rows = rows[rows < staircase.rows]
    hour = staircase.time_second / 3600
    middles = np.add.reduceat(
        (means.part_second + means.start_second[means.part_step]) * means.part_rows, means.first_part
    )
    at, fitted = _with_gaps(middles / means.rows / 3600, found.relaxation.fitted_ampere / factor, means.step)
    recorded = Series("line", hour[rows], staircase.current_ampere[rows] / factor, "recorded", colour=-3)
    # steps of one line are drawn apart: the fit says nothing about rows that were left out
    fits = tuple(
        Series("line", x, y, "fit" if number == 0 else "", heavy=True)
        for number, (x, y) in enumerate(zip(at, fitted, strict=True))
    )
    return Panel(Axis("time", "h"), Axis("I", unit), (recorded, *fits))


def _first_rows(first: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """The rows right after a change: where the current is fast."""
    return first + np.arange(12)


def _with_gaps(
    x: FloatArray, y: FloatArray, step: np.ndarray[tuple[int, ...], np.dtype[np.int64]]
) -> tuple[list[FloatArray], list[FloatArray]]:
    """A line for each step."""
    cuts = np.flatnonzero(np.diff(step)) + 1
    return np.split(x, cuts), np.split(y, cuts)


def _line(found: Resistance, factor: float, unit: str) -> Panel:
    line, relaxation = found.line, found.relaxation
    millivolt = 1e3 * line.voltage_volt
    back = np.concatenate([[False], np.diff(np.abs(line.voltage_volt)) < 0])
    series = [
        Series("points", millivolt, line.last_ampere / factor, "last recorded", colour=-1, open_marks=True),
    ]
    for rows, label, colour in ((~back, "steady, away from 0 V", 0), (back, "steady, back to 0 V", 1)):
        if rows.any():
            half = line.standard_ampere[rows] / factor
            series.append(
                Series(
                    "points",
                    millivolt[rows],
                    line.steady_ampere[rows] / factor,
                    label,
                    colour=colour,
                    y_minus=half,
                    y_plus=half,
                )
            )
    ends = np.array([float(np.min(line.voltage_volt)), float(np.max(line.voltage_volt))])
    slope = relaxation.conductance_siemens if found.is_number else found.highest_siemens
    label = "slope" if found.is_number else "upper limit"
    series.append(Series("line", 1e3 * ends, (relaxation.offset_ampere + slope * ends) / factor, label, colour=-1))
    return Panel(Axis("V", "mV"), Axis("I (steady)", unit), tuple(series))
