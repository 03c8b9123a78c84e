"""Checks of spectra and their resistances; each check covers all spectra of a cell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cathodelab.core.checks import Check
from cathodelab.formats.scale import CAPACITANCE, judged
from cathodelab.techniques.impedance.model import EvaluatedSpectrum, ImpedanceSettings, Series
from cathodelab.techniques.impedance.resistances.overlap import arcs_in_range
from cathodelab.techniques.impedance.resistances.roles import capacitance, hertz_text
from cathodelab.techniques.impedance.series.membership import moved_volt
from cathodelab.techniques.impedance.spectrum import Spectrum
from cathodelab.techniques.impedance.verdicts import circuit_adequate, kramers_kronig_holds, named

_NAN = float("nan")
_SIZES_OHM_CM2 = (0.1, 2e4)
"""Plausible modulus at the highest frequency with a pressed separator: from 10 um of sulphide to a pellet far below 0 C."""
_ROUNDING_VOLT = 1e-6
_SAME_POTENTIAL_VOLT = 0.005

Spectra = Sequence[EvaluatedSpectrum]


def all_checks(
    spectra: Spectra, series: Sequence[Series], area_cm2: float, settings: ImpedanceSettings, *, area_known: bool
) -> tuple[Check, ...]:
    """All checks of one cell."""
    return (
        kramers_kronig_holds(spectra),
        circuit_adequate(spectra, settings),
        parameters_inside_bounds(spectra),
        arcs_separable(spectra),
        potential_steady(spectra, settings),
        drift_within_sweep(spectra),
        same_state(spectra),
        size_plausible(spectra, area_cm2),
        capacitance_plausible(spectra, area_cm2),
        no_outliers(spectra),
        inductive(spectra),
        area_stated(area_cm2, known=area_known),
        *fitted_together(series),
        *points_left_out(spectra),
        *file_notes(spectra),
    )


def parameters_inside_bounds(spectra: Spectra) -> Check:
    """Parameters at a bound of their range: an exponent of 1 is a capacitor, others are not determined."""
    leaning = {name for one in spectra for name in one.chosen.fit.at_bound}
    text = "No parameter leans against a bound."
    if leaning:
        text = f"At a bound of their range, without an uncertainty of their own: {', '.join(sorted(leaning))}."
    return Check("parameters_inside_bounds", not leaning, float(len(leaning)), 0.0, text)


def arcs_separable(spectra: Spectra) -> Check:
    """Whether every named resistance is one arc of its own."""
    joined = [(one, role) for one in spectra for role in one.roles if not role.separable]
    text = "Every named resistance is an arc that can be told from its neighbours."
    if joined:
        one, role = joined[0]
        text = (
            f"In {len({id(pair[0]) for pair in joined})} of {len(spectra)} spectra arcs cannot be told apart and are "
            f"reported as their sum, e.g. spectrum {one.spectrum.number}, {role.role}: {' + '.join(role.names)}."
        )
    return Check("arcs_separable", not joined, float(len(joined)), 0.0, text)


def potential_steady(spectra: Spectra, settings: ImpedanceSettings) -> Check:
    """Whether the mean potential changes within a sweep."""
    limit = settings.drift_limit_volt
    moved = [_moved(one) for one in spectra]
    if all(np.isnan(value) for value in moved):
        text = "The files hold no potential: a drift of the cell during a sweep cannot be seen."
        return Check("potential_steady", None, _NAN, limit, text)
    value = float(np.nanmax(moved))
    worst = spectra[int(np.nanargmax(moved))].spectrum.number
    most = f"at most {1e3 * value:.2g} mV" if value > _ROUNDING_VOLT else "less than 1 µV"
    text = f"The potential moves by {most} within a spectrum (limit {1e3 * limit:g} mV)."
    if value > limit:
        moves = f"{1e3 * value:.0f}" if value >= 0.01 else f"{1e3 * value:.2g}"
        text = f"The potential moves by {moves} mV during spectrum {worst}: the cell is not at rest."
    return Check("potential_steady", value <= limit, value, limit, text)


def _moved(one: EvaluatedSpectrum) -> float:
    voltage = one.spectrum.voltage_volt
    return _NAN if voltage is None or voltage.size < 4 else moved_volt(one.spectrum)


def drift_within_sweep(spectra: Spectra) -> Check:
    """Drift within a sweep, which a single spectrum cannot show."""
    known = [one for one in spectra if one.spectrum.time_second is not None]
    text = (
        "One spectrum cannot show a slow drift of the resistance: repeat it, with time stamps."
        if len(spectra) < 2
        else "The files hold no time stamps: a drift within a sweep cannot be estimated."
    )
    if len(known) >= 2:
        text = "Drift within the sweeps follows from a series of spectra, and is taken out of it."
    return Check("drift_within_sweep", None, _NAN, _NAN, text)


def same_state(spectra: Spectra) -> Check:
    """Spectra of different states of charge must not be compared."""
    potentials = np.array([one.spectrum.potential_volt for one in spectra])
    if len(spectra) < 2 or np.isnan(potentials).any():
        text = "The state of charge of the spectrum is not compared with another one."
        return Check("same_state", None, _NAN, _SAME_POTENTIAL_VOLT, text)
    value = float(np.ptp(potentials))
    text = f"All spectra lie within {1e3 * value:.2g} mV."
    if value > _SAME_POTENTIAL_VOLT:
        text = (
            f"The spectra lie {1e3 * value:.0f} mV apart: their cathode resistances would differ by the state of charge "
            "alone and must not be compared without a correction."
        )
    return Check("same_state", value <= _SAME_POTENTIAL_VOLT, value, _SAME_POTENTIAL_VOLT, text)


def size_plausible(spectra: Spectra, area_cm2: float) -> Check:
    """Whether the modulus is plausible: a factor of a thousand (mA for A, kOhm for Ohm) is noticed here."""
    low, high = _SIZES_OHM_CM2
    sizes = [float(np.abs(one.spectrum.impedance[0])) * area_cm2 for one in spectra]
    value = max(sizes, key=lambda size: abs(np.log(size / np.sqrt(low * high))))
    passed = bool(low <= value <= high)
    text = f"The modulus at the highest frequency is {value:.3g} Ω cm², as of a cell ({low:g} to {high:g})."
    if not passed:
        text = (
            f"The modulus at the highest frequency is {value:.3g} Ω cm²; cells lie between {low:g} and {high:g}. Most "
            "likely a wrong unit: mA for A, mV for V, kohm for ohm, or the area."
        )
    return Check("size_plausible", passed, value, high, text)


def capacitance_plausible(spectra: Spectra, area_cm2: float) -> Check:
    """Whether an arc's capacitance can be that of a cell: a factor of a thousand is noticed here where the modulus hides it."""
    fits = [one.chosen.fit for one in spectra]
    found = tuple(capacitance(fit, term, area_cm2) for fit in fits for term in arcs_in_range(fit))
    between = f"{min(found):.2g} to {max(found):.2g}" if found else ""
    return judged(CAPACITANCE, found, f"The capacitances of the arcs are {between} F/cm²")


def no_outliers(spectra: Spectra) -> Check:
    """Single points far from their neighbours; they take no part in the fit and its verdict."""
    far = [(one.spectrum.number, one.spectrum.frequency_hertz[place]) for one in spectra for place in one.test.outliers]
    text = "No point lies further out than five standard deviations."
    if far:
        named = ", ".join(f"{hertz_text(hertz)} (spectrum {number})" for number, hertz in far[:5])
        points = sum(one.spectrum.frequency_hertz.size for one in spectra)
        text = f"{len(far)} of {points} points lie further out than five standard deviations and take no part in the fit: {named}"
        text += "." if len(far) <= 5 else " and more."
    return Check("no_outliers", not far, float(len(far)), 0.0, text)


def inductive(spectra: Spectra) -> Check:
    """Points above the axis at the high-frequency end, and whether they are more than noise."""
    most = max(inductive_points(one.spectrum) for one in spectra)
    fitted = [one for one in spectra if any(name.startswith("L_") for name in one.chosen.fit.circuit.names)]
    text = "No inductive points."
    if most:
        text = f"Up to {most} points at the high-frequency end lie above the axis, as noise makes them: no inductance."
    if fitted:
        text = (
            f"Up to {most} points at the high-frequency end are inductive; an inductance is fitted in {named(fitted)}."
        )
    return Check("inductive_points", None if fitted else True, float(most), 0.0, text)


def inductive_points(spectrum: Spectrum) -> int:
    """Points above the axis at the high-frequency end."""
    positive = spectrum.imaginary_ohm > 0
    return int(np.argmin(positive)) if not positive.all() else int(positive.size)


def fitted_together(series: Sequence[Series]) -> tuple[Check, ...]:
    """Which spectra form a series, and which spectra within it are not used."""
    found = []
    for one in series:
        said = (
            f"Spectra {_numbers(one.numbers)} at {one.potential_volt:.3f} V are a series: one circuit ({one.circuit})"
        )
        said += f", one meaning of the resistance ({one.role}: {' + '.join(one.names)})." if one.names else "."
        if one.left_out:
            said += " Not used: " + "; ".join(f"spectrum {number}, as {why}" for number, why in one.left_out) + "."
        if one.interrupted:
            said += f" An interruption parts it from spectra {_numbers(one.interrupted)} at the same potential."
        whole = not one.left_out and not one.interrupted
        found.append(Check("series_of_spectra", whole, float(len(one.left_out)), 0.0, said))
    return tuple(found)


def _numbers(numbers: Sequence[int]) -> str:
    """``1 to 5`` where they follow each other, else all of them."""
    if len(numbers) > 2 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"{numbers[0]} to {numbers[-1]}"
    return ", ".join(map(str, numbers))


def area_stated(area_cm2: float, *, known: bool) -> Check:
    """Whether the area is stated, which areal values need."""
    text = f"Electrode area {area_cm2:g} cm²."
    if not known:
        text = (
            f"No electrode area is stated (area_cm2): {area_cm2:g} cm² (a 10 mm die) was assumed for all areal values."
        )
    return Check("area_stated", known, area_cm2, _NAN, text)


def points_left_out(spectra: Spectra) -> tuple[Check, ...]:
    """Points that were not evaluated, and why."""
    reasons: dict[str, list[float]] = {}
    for one in spectra:
        for hertz, why in one.spectrum.left_out:
            reasons.setdefault("" if why.startswith("residual") else why, []).append(hertz)
    if not reasons:
        return ()
    if "" in reasons:
        residuals = [why for one in spectra for _, why in one.spectrum.left_out if why.startswith("residual")]
        worst = max(residuals, key=lambda why: float(why.split()[3]))
        reasons = {why or worst.partition(":")[0]: hertz for why, hertz in reasons.items()}
    all_hertz = [value for values in reasons.values() for value in values]
    text = (
        f"{len(all_hertz)} points between {hertz_text(min(all_hertz))} and {hertz_text(max(all_hertz))} were left out: "
        + ("; ".join(list(reasons)[:3]))
        + "."
    )
    return (Check("points_left_out", None, float(len(all_hertz)), _NAN, text),)


def file_notes(spectra: Spectra) -> tuple[Check, ...]:
    """Notes of the readers: what they rebuilt or found odd."""
    notes = dict.fromkeys(note for one in spectra for note in one.spectrum.notes)
    return tuple(Check("file_of_the_spectra", None, _NAN, _NAN, note) for note in notes)
