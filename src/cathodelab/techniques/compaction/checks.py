"""What a compaction can and cannot say, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from cathodelab.core.checks import Check
from cathodelab.core.estimate import EstimateSet
from cathodelab.techniques.compaction.density import density_of_volume_shares, described, mixture_density
from cathodelab.techniques.compaction.laws import KAWAKITA
from cathodelab.techniques.compaction.model import WORDS, Branch, Mode, Pellet
from cathodelab.techniques.compaction.prepare import FORCE_AGREES_WITHIN, Points
from cathodelab.techniques.compaction.settings import CompactionSettings, Uncertainties
from cathodelab.techniques.compaction.sources import assumed_uncertainties

_NAN = float("nan")
_USUAL_HECKEL_MPA = (40.0, 5000.0)
_LOOSE, _PRESSED_MPA = 0.4, 100.0


def all_checks(
    pellet: Pellet,
    notes: Sequence[str],
    unknown_columns: Sequence[str],
    points: Mapping[Mode, Points],
    branches: Sequence[Branch],
    estimates: EstimateSet,
    settings: CompactionSettings,
) -> tuple[Check, ...]:
    """All checks of the numbers of one pellet; ``notes`` and ``unknown_columns`` are those of its files."""
    checks = [_below_one(branches)]
    if "in_die" in points:
        checks += [_compliance(pellet, points["in_die"]), _zero(estimates, settings)]
    for mode, found in points.items():
        checks += _loading(mode, found)
    for branch in branches:
        checks += [*_loose(branch), _straight(branch, settings), *_laws(branch), *_plausible(branch, estimates)]
    checks += checks_of_the_pellet(pellet, points, settings)
    said = (*notes, *(note for found in points.values() for note in found.notes))
    checks += [Check("file_of_the_compaction", None, _NAN, _NAN, note) for note in dict.fromkeys(said)]
    if unknown_columns:
        listed = ", ".join(unknown_columns)
        checks.append(Check("columns_not_used", None, _NAN, _NAN, f"Columns of the file that are not used: {listed}."))
    return tuple(checks)


def _below_one(branches: Sequence[Branch]) -> Check:
    highest = max(float(np.max(branch.relative_density)) for branch in branches)
    return Check(
        "relative_density_below_one",
        passed=True,
        value=highest,
        limit=1.0,
        sentence=f"The largest relative density is {highest:.4g}: no denser than the solid.",
    )


def _loose(branch: Branch) -> Iterator[Check]:
    """A doubt where a high pressure leaves a very loose pellet: areas and zeros that are far off show here."""
    density, pressure = float(branch.relative_density[-1]), float(branch.pressure_MPa[-1])
    if density < _LOOSE and pressure >= _PRESSED_MPA:
        text = (
            f"A relative density {WORDS[branch.mode]} of {density:.3g} at {pressure:.4g} MPa is very low: is the crosshead "
            "zeroed where the punches touch, is diameter_mm a diameter, and is the mass that of the whole pellet?"
        )
        yield Check(f"relative_density_usual_{branch.mode}", passed=False, value=density, limit=_LOOSE, sentence=text)


def _compliance(pellet: Pellet, points: Points) -> Check:
    one = pellet.compliance_per_MPa
    value = 0.0 if one is None else one.value
    highest = float(points.pressure_MPa[-1])
    text = (
        f"What the press gives way ({value:.3g} µm/MPa, {value * highest:.3g} µm at {highest:.4g} MPa) was added to the "
        "thicknesses in the die."
    )
    if not value:
        text = (
            "The compliance of the press is stated as 0: thicknesses in the die were taken as corrected by the machine."
        )
    return Check("in_die_compliance", passed=True, value=value, limit=_NAN, sentence=text)


def _zero(estimates: EstimateSet, settings: CompactionSettings) -> Check:
    if "elastic_recovery" not in estimates:
        text = (
            "Nothing tells whether the crosshead is zeroed where the punches touch: no pellet was measured after ejection at a "
            "pressure of the record. A zero that is off shifts every thickness in the die."
        )
        return Check("crosshead_zero", None, _NAN, settings.largest_recovery, text)
    recovery = estimates.estimate("elastic_recovery")
    text = (
        f"The ejected pellet is thicker than that under load by {100 * recovery.value:.2g} ± {100 * recovery.minus:.2g} %: the "
        "zero of the crosshead agrees with the gauge."
    )
    return Check("crosshead_zero", passed=True, value=recovery.value, limit=settings.largest_recovery, sentence=text)


def _loading(mode: Mode, points: Points) -> Iterator[Check]:
    words = WORDS[mode]
    if points.reversals:
        times = "once" if points.reversals == 1 else f"{points.reversals} times"
        text = (
            f"The pressure {words} falls {times}: {points.left_out} of {points.readings} readings lie below a pressure that was "
            "reached before (unloading, loading anew) and were left out; the others are those of the first loading."
        )
        passed = None if points.reversals == 1 else False
        yield Check(f"first_loading_{mode}", passed, float(points.reversals), 1.0, text)
    elif points.left_out:
        text = f"{points.left_out} of {points.readings} readings {words} have a pressure below zero and were left out."
        yield Check(f"first_loading_{mode}", None, float(points.left_out), 0.0, text)
    if points.averaged:
        text = (
            f"{points.readings - points.left_out} readings {words} were averaged to {points.count} levels of pressure."
        )
        yield Check(f"readings_averaged_{mode}", None, float(points.averaged), 0.0, text)
    if np.isfinite(points.contradiction):
        passed = points.contradiction <= FORCE_AGREES_WITHIN
        text = (
            f"Pressures and forces of the file {'agree within' if passed else 'differ by'} {100 * points.contradiction:.2g} % "
            "for the stated area of the die"
            + (
                "."
                if passed
                else ": the diameter is wrong, or the pressure is that of the pump's oil. The pressures were used."
            )
        )
        yield Check(f"force_and_pressure_{mode}", passed, points.contradiction, FORCE_AGREES_WITHIN, text)


def _straight(branch: Branch, settings: CompactionSettings) -> Check:
    words, window = WORDS[branch.mode], branch.window
    name = f"straight_part_{branch.mode}"
    if window is None:
        follows = "; as a whole the curve follows Kawakita's law" if branch.best == KAWAKITA else ""
        text = f"No Heckel pressure {words}. {branch.no_window}{follows}."
        return Check(name, None if branch.best or not branch.laws else False, _NAN, settings.misfit_tolerance, text)
    text = f"The Heckel plot {words} is straight from {window.stated}"
    text += " (asked for by the settings)" if window.chosen_by == "settings" else ""
    if window.within_noise:
        text += ": noise and common errors explain what is left."
        return Check(name, passed=True, value=window.misfit, limit=settings.misfit_tolerance, sentence=text)
    text += (
        f" within {100 * window.misfit:.2g} % of its rise, which is more than the noise: the line is an approximation, and the "
        "misfit is in the interval."
    )
    return Check(name, None, window.misfit, settings.misfit_tolerance, text)


def _laws(branch: Branch) -> Iterator[Check]:
    words = WORDS[branch.mode]
    if not branch.laws:
        return
    listed = "; ".join(
        f"{one.law}: {one.verdict} (misfit {100 * one.misfit:.2g} % of the compaction, χ²/ν {one.chi_square / one.degrees:.2g})"
        for one in branch.laws
    )
    best = f"{branch.best} fits best." if branch.best else "None describes all of them."
    yield Check(
        f"law_that_fits_{branch.mode}",
        True if branch.best else None,
        float(sum(one.fits for one in branch.laws)),
        _NAN,
        f"Of all {branch.pressure_MPa.size} points {words}, {best} {listed}.",
    )
    kawakita = branch.law(KAWAKITA)
    if kawakita is not None and not kawakita.fits:
        text = f"No constants of Kawakita {words}: the law does not describe the points, so that a and b would mean nothing."
        yield Check(f"kawakita_{branch.mode}", None, kawakita.misfit, _NAN, text)


def _plausible(branch: Branch, estimates: EstimateSet) -> Iterator[Check]:
    name = f"heckel_pressure_{branch.mode}"
    if name not in estimates:
        return
    value = estimates.estimate(name).value
    low, high = _USUAL_HECKEL_MPA
    if not low <= value <= high:
        text = (
            f"A Heckel pressure of {value:.3g} MPa is outside what powders have ({low:g} to {high:g} MPa): does a force (kN) "
            "stand under the name of a pressure?"
        )
        limit = low if value < low else high
        yield Check(f"heckel_pressure_usual_{branch.mode}", passed=False, value=value, limit=limit, sentence=text)


def checks_of_the_pellet(pellet: Pellet, points: Mapping[Mode, Points], settings: Uncertainties) -> Iterator[Check]:
    """What the tables state of a pellet, and what they do not."""
    shares = np.array([part.share for part in pellet.parts])
    densities = np.array([part.density.value for part in pellet.parts])
    density = float(mixture_density(shares, densities))
    text = f"The solid has {density:.4g} g/cm³"
    if len(pellet.parts) > 1:
        by_volume = density_of_volume_shares(shares, densities)
        text += (
            f", from shares of the mass: {described(pellet.parts)}. If these were % of the volume, it would have "
            f"{by_volume:.4g} g/cm³ and every relative density would be {density / by_volume:.3g} times as large"
        )
    yield Check("density_of_the_solid", None, density, _NAN, text + ".")
    if "out_of_die" in points and pellet.ejected_area is None:
        yield Check(
            "ejected_diameter",
            None,
            _NAN,
            _NAN,
            "Densities out of the die were computed with the bore of the die: a pellet that widens by 0.1 % on ejection is "
            "0.2 % less dense. State diameter_out_of_die_mm where it was measured.",
        )
    if assumed := assumed_uncertainties(pellet, settings):
        text = f"No uncertainty is stated of these, and that of the settings was taken: {'; '.join(assumed)}."
        yield Check("uncertainties_assumed", None, float(len(assumed)), 0.0, text)
