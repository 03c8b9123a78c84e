"""Figures of a result: Nyquist plot with equal scales and marked decades, Bode plot, residuals, relaxation times."""

from __future__ import annotations

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.figure import Axis, FigureSpec, Panel, Series
from cathodelab.core.samples import Cell
from cathodelab.techniques.impedance.circuits.elements import ComplexArray
from cathodelab.techniques.impedance.course import several_figures
from cathodelab.techniques.impedance.model import EvaluatedSpectrum, ImpedanceResult

_HERTZ = Axis("f", "Hz", logarithmic=True)
_REAL, _IMAGINARY = Axis("Re Z · A", "Ω cm²"), Axis("−Im Z · A", "Ω cm²")


def figures(cell: Cell, result: ImpedanceResult) -> tuple[FigureSpec, ...]:
    """The spectrum with the worst fit and its residuals; with several spectra also the waterfall and resistances over time."""
    worst = max(result.spectra, key=lambda one: (not one.chosen.adequate, one.chosen.noise_ratio))
    found = [*_spectrum_figures(cell, result, worst)]
    found += several_figures(cell, result)
    if worst.distribution is not None:
        found.append(_distribution_figure(cell, result, worst))
    return tuple(found)


def _spectrum_figures(cell: Cell, result: ImpedanceResult, one: EvaluatedSpectrum) -> tuple[FigureSpec, ...]:
    """Spectrum, fit and residuals, and those of the Kramers-Kronig test where they are more than noise."""
    fit, noise = one.chosen.fit, 100 * one.test.noise
    number = f", spectrum {one.spectrum.number} of {len(result.spectra)}" if len(result.spectra) > 1 else ""
    which = " (the one that its circuit describes worst)" if len(result.spectra) > 1 else ""
    verdict = "describes the spectrum" if one.chosen.adequate else "does not describe the spectrum"
    band = f"Filled: real part, open: imaginary part. Band: ± one standard deviation of the noise, {noise:.2g} %."
    shown = (
        f"{cell.id}{number}{which}: impedance per area with the fit of {fit.circuit.expression}; left in the complex plane, one "
        f"length a unit on both axes, open marks at full decades of the frequency ({_decades_in_words(one)}); middle against "
        f"frequency; right the residuals of the fit relative to |Z|. {band} The circuit {verdict}: its residual is "
        f"{one.chosen.noise_ratio:.2f} times the noise. n = 1 spectrum."
    )
    area, residual = result.area_cm2, np.asarray(fit.residual)
    panels = (_nyquist(one, area), _bode(one, area), _residuals(one, residual, "fit", 0))
    found = (FigureSpec(f"{cell.id}-impedance", shown, panels),)
    if one.test.valid:
        return found
    test = f"{cell.id}{number}: residuals of the Kramers-Kronig test relative to |Z|, more than noise. {band} n = 1 spectrum."
    left = np.asarray(one.test.residual_real + 1j * one.test.residual_imaginary)
    return (*found, FigureSpec(f"{cell.id}-impedance-test", test, (_residuals(one, left, "test", 2),), width_cm=8.4))


def _nyquist(one: EvaluatedSpectrum, area: float) -> Panel:
    spectrum, fit = one.spectrum, one.chosen.fit
    fine = np.geomspace(spectrum.frequency_hertz[0], spectrum.frequency_hertz[-1], 400)
    model = fit.circuit.impedance(fine, fit.theta) * area
    decades = _decades(spectrum.frequency_hertz)
    z = spectrum.impedance * area
    series = [
        Series("points", np.delete(z.real, decades), -np.delete(z.imag, decades), "measured", colour=0),
        Series("points", z.real[decades], -z.imag[decades], "full decades", colour=1, open_marks=True),
        Series("line", model.real, -model.imag, "fit", heavy=True),
    ]
    if one.test.outliers:
        far = z[list(one.test.outliers)]
        series.append(Series("points", far.real, -far.imag, "left out", colour=3, open_marks=True))
    return Panel(_REAL, _IMAGINARY, tuple(series), equal_scales=True)


def _decades(frequency: FloatArray) -> np.ndarray:
    """Index of the point nearest to each decade inside the range."""
    low, high = np.ceil(np.log10(frequency.min()) - 1e-6), np.floor(np.log10(frequency.max()) + 1e-6)
    wanted = np.arange(low, high + 1)
    return np.unique([int(np.argmin(np.abs(np.log10(frequency) - one))) for one in wanted])


def _decades_in_words(one: EvaluatedSpectrum) -> str:
    marked = one.spectrum.frequency_hertz[_decades(one.spectrum.frequency_hertz)]
    return f"from {_power(marked.max())} on the left to {_power(marked.min())} on the right"


def _power(hertz: float) -> str:
    value = 10.0 ** round(float(np.log10(hertz)))
    unit, size = next((one for one in (("MHz", 1e6), ("kHz", 1e3), ("Hz", 1.0)) if value >= one[1]), ("mHz", 1e-3))
    return f"{value / size:g} {unit}"


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
