"""Figures of several spectra of one cell: a waterfall, and resistances over time and over potential."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.figure import Axis, FigureSpec, Panel, Series
from cathodelab.core.samples import Cell
from cathodelab.techniques.impedance.model import EvaluatedSpectrum, ImpedanceResult

_MOST_SHOWN = 8
_OFFSET = 0.35
_SAME_POTENTIAL_VOLT = 0.002
_ABOVE_NOISE = 3.0


def several_figures(cell: Cell, result: ImpedanceResult) -> tuple[FigureSpec, ...]:
    """Waterfall and resistances over time; empty for a single spectrum."""
    return () if len(result.spectra) < 2 else (waterfall(cell, result), course(cell, result))


def waterfall(cell: Cell, result: ImpedanceResult) -> FigureSpec:
    """Waterfall: spectra stacked in the complex plane, and their imaginary parts over frequency."""
    shown = _spread(result.spectra, _MOST_SHOWN)
    area = result.area_cm2
    offset = _OFFSET * max(_height(one) for one in shown) * area
    plane, over_frequency = [], []
    first = _clock_start(result)
    for place, one in enumerate(shown):
        z, name = one.spectrum.impedance * area, _name(one, first)
        plane.append(Series("line", z.real, -z.imag + place * offset, name, colour=place))
        seen = -z.imag > _ABOVE_NOISE * one.test.noise * np.abs(z)
        over_frequency.append(Series("line", one.spectrum.frequency_hertz[seen], -z.imag[seen], "", colour=place))
    caption = (
        f"{cell.id}: {len(shown)} of {len(result.spectra)} spectra as measured, per electrode area. Left: each is shifted "
        f"upwards by {offset:.3g} Ω cm² from the one before; one length a unit on both axes. Right: not shifted, where the "
        f"imaginary part is capacitive and above {_ABOVE_NOISE:g} times the noise. {_state_words(cell, result)} "
        f"n = {len(shown)} spectra of one cell."
    )
    panels = (
        Panel(Axis("Re Z · A", "Ω cm²"), Axis("−Im Z · A, shifted", "Ω cm²"), tuple(plane), equal_scales=True),
        Panel(Axis("f", "Hz", logarithmic=True), Axis("−Im Z · A", "Ω cm²", logarithmic=True), tuple(over_frequency)),
    )
    return FigureSpec(f"{cell.id}-impedance-waterfall", caption, panels, height_cm=8.0)


def course(cell: Cell, result: ImpedanceResult) -> FigureSpec:
    """Areal resistances over time (or number), and over the potential where the spectra were measured at several."""
    starts = np.array([one.spectrum.start_second for one in result.spectra])
    timed = bool(np.all(np.isfinite(starts)) and np.ptp(starts) > 0)
    numbers = np.array([float(one.spectrum.number) for one in result.spectra])
    axis = Axis("time since the first spectrum", "h") if timed else Axis("spectrum", "")
    panels = [_panel(result, axis, (starts - starts[0]) / 3600 if timed else numbers)]
    potentials = np.array([one.spectrum.potential_volt for one in result.spectra])
    if np.all(np.isfinite(potentials)) and np.ptp(potentials) > _SAME_POTENTIAL_VOLT:
        panels.append(_panel(result, Axis("E", "V", against=cell.counter_electrode), potentials))
    caption = (
        f"{cell.id}: areal resistances of all spectra with standard uncertainties (68 %, without the area's, which is common "
        "to all)"
        + (", over time and over the mean potential during the sweep" if len(panels) > 1 else "")
        + "; open marks: the circuit is inadequate and the value has no interval. A cathode resistance changes with the state "
        f"of charge alone; only values at one state may be compared. n = {len(result.spectra)} spectra of one cell."
    )
    return FigureSpec(f"{cell.id}-impedance-course", caption, tuple(panels), width_cm=17.4 if len(panels) > 1 else 8.4)


def _panel(result: ImpedanceResult, axis: Axis, x_of: FloatArray) -> Panel:
    series = []
    wanted = dict.fromkeys(role.role for one in result.spectra for role in one.roles if role.role != "unassigned")
    for colour, name in enumerate(wanted):
        rows = [(x, one) for x, one in zip(x_of, result.spectra, strict=True) if any(r.role == name for r in one.roles)]
        for adequate in (True, False):
            chosen = [(x, one) for x, one in rows if one.chosen.adequate == adequate]
            if not chosen:
                continue
            x = np.array([pair[0] for pair in chosen])
            y = np.array([sum(r.resistance_ohm for r in one.roles if r.role == name) for _, one in chosen])
            half = np.array([_half_widths(one, name) for _, one in chosen]).T * result.area_cm2 if adequate else None
            series.append(
                Series(
                    "points",
                    x,
                    y * result.area_cm2,
                    name if adequate or len(chosen) == len(rows) else "",
                    colour=colour,
                    y_minus=None if half is None else half[0],
                    y_plus=None if half is None else half[1],
                    open_marks=not adequate,
                )
            )
    return Panel(axis, Axis("R · A", "Ω cm²", logarithmic=True), tuple(series))


def _half_widths(one: EvaluatedSpectrum, role: str) -> tuple[float, float]:
    interval = one.intervals.get((f"{role.replace(' ', '_')}_resistance", 0.6827))
    if interval is None:
        return 0.0, 0.0
    low = interval.value if np.isnan(interval.low) else interval.value - interval.low
    high = 0.0 if np.isnan(interval.high) else interval.high - interval.value
    return max(low, 0.0), max(high, 0.0)


def _spread(spectra: Sequence[EvaluatedSpectrum], most: int) -> list[EvaluatedSpectrum]:
    places = np.unique(np.round(np.linspace(0, len(spectra) - 1, min(most, len(spectra)))).astype(int))
    return [spectra[place] for place in places]


def _height(one: EvaluatedSpectrum) -> float:
    return float(np.ptp(one.spectrum.imaginary_ohm))


def _clock_start(result: ImpedanceResult) -> float:
    return result.spectra[0].spectrum.start_second


def _name(one: EvaluatedSpectrum, first_second: float) -> str:
    """Label of a spectrum: number, time and potential, as far as known."""
    parts = []
    if np.isfinite(one.spectrum.start_second - first_second):
        parts.append(f"{(one.spectrum.start_second - first_second) / 3600:.3g} h")
    if np.isfinite(one.spectrum.potential_volt):
        parts.append(f"{one.spectrum.potential_volt:.3f} V")
    return f"{one.spectrum.number}" + (f": {', '.join(parts)}" if parts else "")


def _state_words(cell: Cell, result: ImpedanceResult) -> str:
    if any(np.isfinite(one.spectrum.potential_volt) for one in result.spectra):
        return f"Potentials: mean of the sweep vs. {cell.counter_electrode or 'the counter electrode'}."
    return "The files hold no potential."
