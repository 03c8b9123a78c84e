"""Which circuit describes a spectrum: the one asked for, or another of those offered, or none."""

from __future__ import annotations

import numpy as np

from cathodelab.techniques.impedance.elements import ComplexArray
from cathodelab.techniques.impedance.expression import parsed
from cathodelab.techniques.impedance.fit import CircuitFit, fitted
from cathodelab.techniques.impedance.kramers_kronig import STRUCTURE_LIMIT, KramersKronig
from cathodelab.techniques.impedance.model import Attempt, ImpedanceSettings, Spectrum

_INDUCTIVE_POINTS = 2


def attempted(
    spectra: list[tuple[Spectrum, KramersKronig]], settings: ImpedanceSettings
) -> list[tuple[tuple[Attempt, ...], Attempt]]:
    """(all attempts, the chosen one) for every spectrum.

    Spectra that share their frequencies are fitted together. The other circuits are tried only where the first one is
    inadequate; of those that are adequate the one with the best information criterion is taken, and if none is, the one
    with the smallest residual.
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
    return [(tuple(attempts), _chosen(attempts)) for attempts in found]


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
    # outliers stay in the fit, but whether the circuit describes the spectrum is asked of the others
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


def _chosen(attempts: list[Attempt]) -> Attempt:
    if attempts[0].adequate:
        return attempts[0]
    adequate = [one for one in attempts if one.adequate]
    if adequate:
        return min(adequate, key=lambda one: one.information)
    return min(attempts, key=lambda one: one.noise_ratio)
