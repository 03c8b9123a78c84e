"""Choice of the circuit: the requested one, or else the best of the others offered; one for all spectra of a series."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cathodelab.techniques.impedance.circuits.circuit import Circuit
from cathodelab.techniques.impedance.circuits.constraints import FREE, Constraints
from cathodelab.techniques.impedance.circuits.elements import ComplexArray
from cathodelab.techniques.impedance.circuits.expression import parsed
from cathodelab.techniques.impedance.fitting.fit import CircuitFit, fitted
from cathodelab.techniques.impedance.model import Attempt, ImpedanceSettings
from cathodelab.techniques.impedance.series.inductance import clearly_inductive, needs_inductance
from cathodelab.techniques.impedance.spectrum import Spectrum
from cathodelab.techniques.impedance.stated import constraints_of
from cathodelab.techniques.impedance.validity.kramers_kronig import STRUCTURE_LIMIT, KramersKronig

_DESCRIBED_SHARE = 0.8
"""A circuit describes a series if it is adequate for so many of its spectra: one disturbed spectrum chooses no circuit."""

Ready = Sequence[tuple[Spectrum, KramersKronig]]


def attempted(
    spectra: Ready, settings: ImpedanceSettings, series: Sequence[Sequence[int]] = ()
) -> list[tuple[tuple[Attempt, ...], Attempt]]:
    """Fit circuits to all spectra; returns (all attempts, the chosen one) for each.

    Spectra that share their frequencies are fitted together. The other circuits are tried only where the first one is
    inadequate; one of them is then used for all these spectra. A series has one circuit, with or without an inductance.

    Args:
        spectra: as evaluated, with their tests.
        settings: the circuits.
        series: places of the spectra of each series.
    """
    found: list[list[Attempt]] = [[] for _ in spectra]
    constraints = constraints_of(settings.parameters)
    expressions = [settings.circuit, *(one.strip() for one in settings.other_circuits.split(";") if one.strip())]
    if constraints is not FREE:
        expressions = expressions[:1]
    for number, expression in enumerate(dict.fromkeys(expressions)):
        for rows in _sets(len(spectra), series):
            open_rows = list(rows) if number == 0 else _not_described(rows, found, together=rows in series)
            if open_rows:
                _try(expression, open_rows, spectra, settings, found, optional=number > 0)
    chosen: dict[int, Attempt] = {}
    for rows in _sets(len(spectra), series):
        left = _not_described(rows, found, together=rows in series)
        instead = _instead([found[row] for row in left])
        for row in rows:
            chosen[row] = _chosen(found[row], instead) if row in left else found[row][0]
    return [(tuple(found[row]), chosen[row]) for row in range(len(spectra))]


def _sets(count: int, series: Sequence[Sequence[int]]) -> list[Sequence[int]]:
    """The series, and the spectra of none."""
    inside = {row for rows in series for row in rows}
    others = [row for row in range(count) if row not in inside]
    return [*series, *([others] if others else [])]


def _not_described(rows: Sequence[int], found: Sequence[Sequence[Attempt]], *, together: bool) -> list[int]:
    """Spectra for which the first circuit does not do: all of a series, or those of no series one by one."""
    poor = [row for row in rows if not found[row][0].adequate]
    if together:
        return list(rows) if len(poor) > (1 - _DESCRIBED_SHARE) * len(rows) else []
    return poor


def _try(
    expression: str,
    rows: Sequence[int],
    spectra: Ready,
    settings: ImpedanceSettings,
    found: list[list[Attempt]],
    *,
    optional: bool,
) -> None:
    """Fit one circuit to the spectra of a set, with an inductance where they ask for one."""
    circuit = parsed(expression)
    size = min(spectra[row][0].frequency_hertz.size for row in rows)
    if optional and 2 * size < 2 * len(circuit.parameters) + 4:
        return
    constraints = constraints_of(settings.parameters)
    # with an inductance in front, stated names would mean other elements
    has_one = constraints is not FREE or any(name.startswith("L_") for name in circuit.names)
    tops = [spectra[row][0].impedance for row in rows]
    inductive = not has_one and clearly_inductive(tops, [spectra[row][1].noise for row in rows])
    if not inductive:
        fits = _fits(circuit, rows, spectra, constraints)
        inductive = not has_one and needs_inductance(list(fits.values()))
    if inductive:
        fits = _fits(parsed(f"L-{expression}"), rows, spectra, constraints)
    for row, fit in fits.items():
        found[row].append(judged(fit, spectra[row][1], settings))


def _fits(circuit: Circuit, rows: Sequence[int], spectra: Ready, constraints: Constraints) -> dict[int, CircuitFit]:
    """Fits of spectra, those that share their frequencies together; outliers take no part."""
    groups: dict[bytes, list[int]] = {}
    for row in rows:
        groups.setdefault(spectra[row][0].frequency_hertz.tobytes(), []).append(row)
    found: dict[int, CircuitFit] = {}
    for group in groups.values():
        z = np.array([spectra[row][0].impedance for row in group])
        noise = np.array([point_noise(spectra[row][1]) for row in group])
        fits = fitted(circuit, spectra[group[0]][0].frequency_hertz, z, noise=noise, constraints=constraints)
        found.update(zip(group, fits, strict=True))
    return found


def point_noise(test: KramersKronig) -> np.ndarray:
    """The noise of every point relative to the modulus, shape (m,); infinite for outliers, which take no part."""
    noise = np.full(test.residual_real.size, max(test.noise, 1e-6))
    noise[list(test.outliers)] = np.inf
    return noise


def judged(fit: CircuitFit, test: KramersKronig, settings: ImpedanceSettings) -> Attempt:
    """The fit with its verdict; residual and noise are those of the same points, without the outliers."""
    residual = fit.residual[fit.weight > 0]
    ratio = fit.residual_noise / max(test.noise, 1e-6)
    structure = residual_structure(residual)
    points = 2 * residual.size
    parameters = points - fit.degrees_of_freedom
    squares = max(float(np.sum(np.abs(residual) ** 2)), 1e-300)
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
    same = [one for one in attempts if one.fit.circuit.expression == instead]
    return same[0] if same else min(attempts, key=lambda one: one.noise_ratio)
