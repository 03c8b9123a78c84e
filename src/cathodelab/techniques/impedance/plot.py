"""Result -> FigureSpec: Nyquist with equal scales and decades marked, Bode, residuals, several spectra, distribution."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.figure import Axis, FigureSpec, Panel, Series
from cathodelab.core.samples import Cell
from cathodelab.techniques.impedance.elements import ComplexArray
from cathodelab.techniques.impedance.model import EvaluatedSpectrum, ImpedanceResult

_HERTZ = Axis("f", "Hz", logarithmic=True)
_REAL, _IMAGINARY = Axis("Re Z · A", "Ω cm²"), Axis("−Im Z · A", "Ω cm²")
_MOST_SHOWN = 9


def figures(cell: Cell, result: ImpedanceResult) -> tuple[FigureSpec, ...]:
    """The worst-described spectrum with its residuals, and all spectra side by side if there are several."""
    worst = max(result.spectra, key=lambda one: (not one.chosen.adequate, one.chosen.noise_ratio))
    found = [*_spectrum_figures(cell, result, worst)]
    if len(result.spectra) > 1:
        found.append(_sequence_figure(cell, result))
    if worst.distribution is not None:
        found.append(_distribution_figure(cell, result, worst))
    return tuple(found)


def _spectrum_figures(cell: Cell, result: ImpedanceResult, one: EvaluatedSpectrum) -> tuple[FigureSpec, FigureSpec]:
    fit, noise = one.chosen.fit, 100 * one.test.noise
    number = f", spectrum {one.spectrum.number} of {len(result.spectra)}" if len(result.spectra) > 1 else ""
    which = " (the one that its circuit describes worst)" if len(result.spectra) > 1 else ""
    shown = (
        f"{cell.id}{number}{which}: impedance per area with the fit of {fit.circuit.expression}; left in the complex plane, one "
        "length a unit on both axes, open marks at full decades of the frequency; right against frequency. n = 1 spectrum."
    )
    verdict = "describes the spectrum" if one.chosen.adequate else "does not describe the spectrum"
    residuals = (
        f"{cell.id}{number}: residuals relative to |Z|; left of the fit of {fit.circuit.expression}, right of the Kramers-Kronig "
        f"test. Filled: real part, open: imaginary part. Band: ± one standard deviation of the noise, {noise:.2g} %. The circuit "
        f"{verdict}: its residual is {one.chosen.noise_ratio:.2f} times the noise. n = 1 spectrum."
    )
    test = np.asarray(one.test.residual_real + 1j * one.test.residual_imaginary)
    panels = (_nyquist(one, result.area_cm2), _bode(one, result.area_cm2))
    residual_panels = (_residuals(one, fit.residual, "fit", 0), _residuals(one, test, "test", 2))
    return (
        FigureSpec(f"{cell.id}-impedance", shown, panels),
        FigureSpec(f"{cell.id}-impedance-residuals", residuals, residual_panels, height_cm=6.0),
    )


def _nyquist(one: EvaluatedSpectrum, area: float) -> Panel:
    spectrum, fit = one.spectrum, one.chosen.fit
    fine = np.geomspace(spectrum.frequency_hertz[0], spectrum.frequency_hertz[-1], 400)
    model = fit.circuit.impedance(fine, fit.theta) * area
    decades = _decades(spectrum.frequency_hertz)
    z = spectrum.impedance * area
    return Panel(
        _REAL,
        _IMAGINARY,
        (
            Series("points", np.delete(z.real, decades), -np.delete(z.imag, decades), "measured", colour=0),
            Series("points", z.real[decades], -z.imag[decades], "full decades", colour=1, open_marks=True),
            Series("line", model.real, -model.imag, "fit", heavy=True),
        ),
        equal_scales=True,
    )


def _decades(frequency: FloatArray) -> np.ndarray:
    """The point nearest to every full decade inside the range."""
    low, high = np.ceil(np.log10(frequency.min()) - 1e-6), np.floor(np.log10(frequency.max()) + 1e-6)
    wanted = np.arange(low, high + 1)
    return np.unique([int(np.argmin(np.abs(np.log10(frequency) - one))) for one in wanted])


def _bode(one: EvaluatedSpectrum, area: float) -> Panel:
    spectrum, fit = one.spectrum, one.chosen.fit
    fine = np.geomspace(spectrum.frequency_hertz[0], spectrum.frequency_hertz[-1], 400)
    model = fit.circuit.impedance(fine, fit.theta) * area
    z = spectrum.impedance * area
    capacitive = z.imag < 0
    return Panel(
        _HERTZ,
        Axis("|Z| · A, −Im Z · A", "Ω cm²", logarithmic=True),
        (
            Series("points", spectrum.frequency_hertz, np.abs(z), "|Z|", colour=0),
            Series(
                "points",
                spectrum.frequency_hertz[capacitive],
                -z.imag[capacitive],
                "−Im Z",
                colour=1,
                open_marks=True,
            ),
            Series("line", fine, np.abs(model), "fit", heavy=True),
            Series("line", fine[model.imag < 0], -model.imag[model.imag < 0], "", heavy=True),
        ),
    )


def _residuals(one: EvaluatedSpectrum, residual: ComplexArray, what: str, colour: int) -> Panel:
    frequency = one.spectrum.frequency_hertz
    band = np.full(2, 100 * one.test.noise)
    ends = np.array([frequency[-1], frequency[0]])
    return Panel(
        _HERTZ,
        Axis(f"residual of the {what} / |Z|", "%"),
        (
            Series("band", ends, np.zeros(2), "noise", colour=-1, y_minus=band, y_plus=band),
            Series("points", frequency, 100 * residual.real, "Re", colour=colour),
            Series("points", frequency, 100 * residual.imag, "Im", colour=colour, open_marks=True),
        ),
    )


def _sequence_figure(cell: Cell, result: ImpedanceResult) -> FigureSpec:
    shown = _spread(result.spectra, _MOST_SHOWN)
    nyquist = []
    for colour, one in enumerate(shown):
        z = one.spectrum.impedance * result.area_cm2
        nyquist.append(Series("line", z.real, -z.imag, f"spectrum {one.spectrum.number}", colour=colour))
    caption = (
        f"{cell.id}: left, {len(shown)} of {len(result.spectra)} spectra as measured; right, areal resistances of all of them "
        "with standard uncertainties (68 %, without the area's, which is common to all); open marks: the circuit is inadequate "
        f"and the value has no interval. n = {len(result.spectra)} spectra of one cell."
    )
    panels = (Panel(_REAL, _IMAGINARY, tuple(nyquist), equal_scales=True), _course(result))
    return FigureSpec(f"{cell.id}-impedance-spectra", caption, panels)


def _spread(spectra: Sequence[EvaluatedSpectrum], most: int) -> list[EvaluatedSpectrum]:
    places = np.unique(np.round(np.linspace(0, len(spectra) - 1, min(most, len(spectra)))).astype(int))
    return [spectra[place] for place in places]


def _course(result: ImpedanceResult) -> Panel:
    """Resistances against time, or against the number of the spectrum where no clock is known."""
    starts = np.array([one.spectrum.start_second for one in result.spectra])
    timed = bool(np.all(np.isfinite(starts)) and np.ptp(starts) > 0)
    x_of = (starts - starts[0]) / 3600 if timed else np.array([float(one.spectrum.number) for one in result.spectra])
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
    axis = Axis("time since the first spectrum", "h") if timed else Axis("spectrum", "")
    return Panel(axis, Axis("R · A", "Ω cm²", logarithmic=True), tuple(series))


def _half_widths(one: EvaluatedSpectrum, role: str) -> tuple[float, float]:
    name = f"{role.replace(' ', '_')}_resistance"
    interval = one.intervals.get((name, 0.6827))
    if interval is None:
        return 0.0, 0.0
    low = interval.value if np.isnan(interval.low) else interval.value - interval.low
    high = 0.0 if np.isnan(interval.high) else interval.high - interval.value
    return max(low, 0.0), max(high, 0.0)


def _distribution_figure(cell: Cell, result: ImpedanceResult, one: EvaluatedSpectrum) -> FigureSpec:
    found = one.distribution
    assert found is not None  # noqa: S101 - the caller looked
    area = result.area_cm2
    peaks = "; ".join(
        f"{1 / (2 * np.pi * peak.time_second):.3g} Hz, {peak.resistance_ohm * area:.3g} Ω cm² "
        f"(ghost: {100 * peak.ghost_probability:.0f} %)"
        for peak in found.peaks
    )
    caption = (
        f"{cell.id}, spectrum {one.spectrum.number}: distribution of relaxation times, regularized as strongly as the noise "
        f"allows. Peaks with the share of repetitions in which they did not come back: {peaks}. n = 1 spectrum."
    )
    series = (Series("line", 1 / (2 * np.pi * found.time_second), found.density_ohm * area, "distribution", colour=0),)
    panel = Panel(_HERTZ, Axis("γ · A", "Ω cm²"), series)
    return FigureSpec(f"{cell.id}-relaxation-times", caption, (panel,), width_cm=8.4)
