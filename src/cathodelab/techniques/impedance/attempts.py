"""Choice of the circuit for a spectrum: the requested one, or else the best of the others offered."""

from __future__ import annotations

import numpy as np

from cathodelab.techniques.impedance.circuits.elements import ComplexArray
from cathodelab.techniques.impedance.circuits.expression import parsed
from cathodelab.techniques.impedance.fitting.fit import CircuitFit, fitted
from cathodelab.techniques.impedance.model import Attempt, ImpedanceSettings, Spectrum
from cathodelab.techniques.impedance.validity.kramers_kronig import STRUCTURE_LIMIT, KramersKronig

_INDUCTIVE_POINTS = 2


def attempted(
    spectra: list[tuple[Spectrum, KramersKronig]], settings: ImpedanceSettings
) -> list[tuple[tuple[Attempt, ...], Attempt]]:
    """Fit circuits to all spectra; returns (all attempts, the chosen one) for each.

    Spectra that share their frequencies are fitted together. The other circuits are tried only where the first one is
    inadequate; one of them is then used for all these spectra.
    """
    found: list[list[Attempt]] = [[] for _ in spectra]
    expressions = [settings.circuit, *(one.strip() for one in settings.other_circuits.split(";") if one.strip())]
    for number, expression in enumerate(dict.fromkeys(expressions)):
        rows = [row for row in range(len(spectra)) if number == 0 or not found[row][0].adequate]
        for group in _same_frequencies(spectra, rows):
            inductive = inductive_points(spectra[group[0]][0]) >= _INDUCTIVE_POINTS
            circuit = parsed(_with_inductance(expression) if inductive else expression)
            first = spectra[group[0]][0].frequency_hertz
            if number and 2 * first.size < 2 * len(circuit.parameters) + 4:
                continue
            z = np.array([spectra[row][0].impedance for row in group])
            noise = np.array([max(spectra[row][1].noise, 1e-6) for row in group])
            for row, fit in zip(group, fitted(circuit, first, z, noise=noise), strict=True):
                found[row].append(_judged(fit, spectra[row][1], settings))
    instead = _instead([attempts for attempts in found if not attempts[0].adequate])
    return [(tuple(attempts), _chosen(attempts, instead)) for attempts in found]


def inductive_points(spectrum: Spectrum) -> int:
    """Points above the axis at the high-frequency end."""
    positive = spectrum.imaginary_ohm > 0
    return int(np.argmin(positive)) if not positive.all() else int(positive.size)


def _with_inductance(expression: str) -> str:
    return expression if "L" in expression else f"L-{expression}"


def _same_frequencies(spectra: list[tuple[Spectrum, KramersKronig]], rows: list[int]) -> list[list[int]]:
    groups: dict[tuple[bytes, bool], list[int]] = {}
    for row in rows:
        spectrum = spectra[row][0]
        key = spectrum.frequency_hertz.tobytes(), inductive_points(spectrum) >= _INDUCTIVE_POINTS
        groups.setdefault(key, []).append(row)
    return list(groups.values())


def _judged(fit: CircuitFit, test: KramersKronig, settings: ImpedanceSettings) -> Attempt:
    # outliers stay in the fit, but the adequacy of the circuit is judged without them
    inside = np.setdiff1d(np.arange(fit.frequency_hertz.size), test.outliers)
    residual = fit.residual[inside]
    freedom = fit.degrees_of_freedom - 2 * len(test.outliers)
    ratio = float(np.sqrt(np.sum(np.abs(residual) ** 2) / freedom)) / max(test.noise, 1e-6)
    structure = residual_structure(residual)
    points = 2 * fit.frequency_hertz.size
    parameters = points - fit.degrees_of_freedom
    squares = max(float(np.sum(np.abs(fit.residual) ** 2)), 1e-300)
    correction = 2 * parameters * (parameters + 1) / max(points - parameters - 1, 1)
    return Attempt(
        fit=fit,
        noise_ratio=float(ratio),
        structure=structure,
        adequate=bool(ratio <= settings.adequate_noise_ratio and structure <= STRUCTURE_LIMIT * max(1.0, ratio)),
        information=float(points * np.log(squares / points) + 2 * parameters + correction),
    )


def residual_structure(residual: ComplexArray) -> float:
    """Lag-1 autocorrelation of complex residuals in standard deviations."""
    squares = float(np.sum(np.abs(residual) ** 2))
    lagged = float(np.sum((residual[1:] * np.conj(residual[:-1])).real))
    return lagged / squares * float(np.sqrt(2 * residual.size)) if squares > 0 else 0.0


def _instead(found: list[list[Attempt]]) -> str:
    """One circuit for all spectra that the first circuit does not describe, so that their resistances can be compared.

    It is the one that is adequate for most of them; among equals the best information criterion decides where all are
    adequate, else the smallest residual.
    """
    common = (
        set.intersection(*({one.fit.circuit.expression for one in attempts} for attempts in found)) if found else set()
    )
    ranked: list[tuple[int, float, str]] = []
    for expression in sorted(common):
        tried = [one for attempts in found for one in attempts if one.fit.circuit.expression == expression]
        adequate = sum(one.adequate for one in tried)
        measure = sum(one.information for one in tried) if adequate == len(tried) else _residual_sum(tried)
        ranked.append((-adequate, measure, expression))
    return min(ranked)[2] if ranked else ""


def _residual_sum(tried: list[Attempt]) -> float:
    return float(np.sum(np.log([one.noise_ratio for one in tried])))


def _chosen(attempts: list[Attempt], instead: str) -> Attempt:
    if attempts[0].adequate:
        return attempts[0]
    same = [one for one in attempts if one.fit.circuit.expression == instead]
    return same[0] if same else min(attempts, key=lambda one: one.noise_ratio)
