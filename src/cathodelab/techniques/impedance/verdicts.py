"""Whether spectra are valid and whether a circuit describes them, in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cathodelab.core.checks import Check
from cathodelab.techniques.impedance.circuits.expression import parsed
from cathodelab.techniques.impedance.model import EvaluatedSpectrum, ImpedanceSettings
from cathodelab.techniques.impedance.validity.kramers_kronig import DRIFT_LEVEL, LARGEST_NOISE, STRUCTURE_LIMIT

Spectra = Sequence[EvaluatedSpectrum]


def kramers_kronig_holds(spectra: Spectra) -> Check:
    """Whether the residuals of the linear test are noise, and small, and the impedance does not drift.

    A drift is found at a level of 1 % for all spectra of the cell together. Where a series takes it out, it is said only.
    """
    bad = [one for one in spectra if not one.test.valid]
    drifting = [one for one in spectra if one.test.drift_probability < DRIFT_LEVEL / len(spectra)]
    worst = max(spectra, key=lambda one: (not one.test.valid, one.test.noise))
    value = 100 * worst.test.noise
    text = f"{_count(spectra)}: consistent with the Kramers-Kronig relations; noise up to {value:.2g} % of the modulus."
    if bad:
        structure = (
            f"residuals follow each other ({worst.test.structure:.1f} standard deviations)"
            if worst.test.structure > STRUCTURE_LIMIT
            else f"noise above {100 * LARGEST_NOISE:g} %"
        )
        text = (
            f"{named(bad).capitalize()}: not consistent with the Kramers-Kronig relations: {structure}, {value:.2g} % of the "
            "modulus. The cell changed during the sweep, or the response is not linear."
        )
    text += f" {_drift_words(spectra, drifting)}"
    kept = [one for one in drifting if not one.joint]
    return Check("kramers_kronig", not bad and not kept, value, 100 * LARGEST_NOISE, text)


def _drift_words(spectra: Spectra, drifting: Spectra) -> str:
    """The drift that was found, or the one that would have been."""
    if not drifting:
        known = [size for one in spectra if np.isfinite(size := one.test.drift_found_mostly)]
        if not known:
            return "A drift during the sweep cannot be seen."
        power = 100 * max(known)
        return f"No drift during a sweep (level 1 %; one of {power:.2g} % of the impedance would be found in 95 %)."
    worst = max(drifting, key=lambda one: abs(one.test.drift))
    test = worst.test
    said = f"{named(drifting).capitalize()}: the impedance drifts during the sweep, in spectrum {worst.spectrum.number} by "
    said += f"{100 * test.drift:.2g} ± {100 * test.drift_standard:.1g} %"
    return said + (", which the fit of the series takes out." if all(one.joint for one in drifting) else ".")


def circuit_adequate(spectra: Spectra, settings: ImpedanceSettings) -> Check:
    """Whether the residual of the chosen circuit is no larger than the noise explains, and without structure."""
    bad = [one for one in spectra if not one.chosen.adequate]
    worst = max(bad or spectra, key=lambda one: (one.chosen.noise_ratio, one.chosen.structure))
    value, limit = worst.chosen.noise_ratio, settings.adequate_noise_ratio
    expressions = sorted({one.chosen.fit.circuit.expression for one in spectra})
    text = f"{', '.join(expressions)}: residual up to {value:.2f} times the noise (limit {limit:g}), without structure."
    asked = parsed(settings.circuit).expression
    changed = [
        one for one in spectra if one.chosen.fit.circuit.expression.removeprefix("L-") != asked.removeprefix("L-")
    ]
    if changed:
        text += f" Another circuit than {settings.circuit} was taken for {named(changed)}; see those that were tried."
    if bad:
        text = (
            f"No circuit that was tried describes {named(bad)}: the best one, {worst.chosen.fit.circuit.expression}, "
            f"{_fault(worst, limit)}. Its numbers are kept; {_model_error_words(bad)}."
        )
        if worst.test.drifts:
            text += f" The impedance drifted by {100 * worst.test.drift:.2g} % during the sweep."
    return Check("circuit_adequate", not bad, value, limit, text)


def _model_error_words(bad: Spectra) -> str:
    """What their intervals mean."""
    known = [error for one in bad for error in one.model_errors if np.isfinite(error)]
    if not known:
        return "their intervals mean nothing"
    return (
        f"{len(known)} of {sum(len(one.roles) for one in bad)} have an interval with a model error (how far other circuits lie "
        f"apart), up to {100 * max(known):.0f} %; the others' intervals mean nothing"
    )


def _fault(one: EvaluatedSpectrum, limit: float) -> str:
    """Which of the two criteria a circuit misses: size of the residual, structure in it."""
    ratio, structure = one.chosen.noise_ratio, one.chosen.structure
    if ratio <= limit and structure <= STRUCTURE_LIMIT * max(1.0, ratio):
        return f"leaves no more than the noise ({ratio:.2f} times), but the spectrum belongs to no moment"
    if ratio > limit:
        return f"leaves {ratio:.1f} times the noise (limit {limit:g})"
    return (
        f"leaves no more than the noise ({ratio:.2f} times), but its residuals follow each other: {structure:.1f} standard "
        f"deviations (limit {STRUCTURE_LIMIT:g})"
    )


def _count(spectra: Spectra) -> str:
    return "One spectrum" if len(spectra) == 1 else f"{len(spectra)} spectra"


def named(spectra: Spectra) -> str:
    """Numbers of spectra in words."""
    numbers = [str(one.spectrum.number) for one in spectra]
    if len(numbers) == 1:
        return f"spectrum {numbers[0]}"
    shown = ", ".join(numbers[:6]) + (" ..." if len(numbers) > 6 else "")
    return f"spectra {shown}"
