"""Choice of the circuit: the smallest that leaves no more than the noise; one for all spectra of a series."""

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
from cathodelab.techniques.impedance.validity.kramers_kronig import LARGEST_DRIFT, STRUCTURE_LIMIT, KramersKronig

_DESCRIBED_SHARE = 0.8
"""A circuit describes a series if it is adequate for so many of its spectra: one disturbed spectrum chooses no circuit."""
_STRONG = 6.0
"""Criteria that differ by less are no evidence; the smaller circuit, then the one that is named first, is taken."""
_MORE_THAN_NOISE = 0.08
"""A median residual of at most 1 + 0.08 / sqrt(spectra) times the noise leaves nothing to describe: two standard deviations."""
_MANY, _FAR, _AFTERWARDS = 6, 1.25, 3
"""Of six spectra or more, three try a circuit first; it is far where it leaves 1.25 times the noise in each of them. Where
none is near, the best three are tried by all."""

Ready = Sequence[tuple[Spectrum, KramersKronig]]


def attempted(
    spectra: Ready, settings: ImpedanceSettings, series: Sequence[Sequence[int]] = ()
) -> list[tuple[tuple[Attempt, ...], Attempt]]:
    """Fit circuits to all spectra; returns (all attempts, the chosen one) for each.

    Circuits are tried from the smallest to the largest, all spectra of a set together, until one leaves no more than the
    noise; of those that are adequate the one with the smallest information criterion (Bayes') is taken. A series has one
    circuit, with or without an inductance. Of spectra in no series those that it does not describe try the larger ones.

    Args:
        spectra: as evaluated, with their tests.
        settings: the circuits.
        series: places of the spectra of each series.
    """
    found: list[list[Attempt]] = [[] for _ in spectra]
    chosen: dict[int, Attempt] = {}
    rungs = ladder(settings)
    for rows in _sets(len(spectra), series):
        reached = _climbed(rungs, rows, spectra, settings, found)
        common = _best(rows, found, together=rows in series)
        for row in rows:
            chosen[row] = _of(found[row], common)
        poor = [] if rows in series else [row for row in rows if not chosen[row].adequate]
        if poor and len(poor) < len(rows):
            _climbed(rungs[reached:], poor, spectra, settings, found)
            instead = _best(poor, found, together=False)
            chosen |= {row: _of(found[row], instead) for row in poor}
    return [(tuple(found[row]), chosen[row]) for row in range(len(spectra))]


def ladder(settings: ImpedanceSettings) -> list[str]:
    """The circuits to try, from few to many parameters; only the first one where parameters are stated."""
    others = [one.strip() for one in settings.other_circuits.split(";") if one.strip()]
    expressions = list(dict.fromkeys(parsed(one).expression for one in (settings.circuit, *others)))
    if constraints_of(settings.parameters) is not FREE:
        return expressions[:1]
    return sorted(expressions, key=lambda one: len(parsed(one).parameters))


def _sets(count: int, series: Sequence[Sequence[int]]) -> list[Sequence[int]]:
    """The series, and the spectra of none."""
    inside = {row for rows in series for row in rows}
    others = [row for row in range(count) if row not in inside]
    return [*series, *([others] if others else [])]


def _climbed(
    rungs: Sequence[str], rows: Sequence[int], spectra: Ready, settings: ImpedanceSettings, found: list[list[Attempt]]
) -> int:
    """Try circuits up to the size of the first that leaves no more than the noise; returns how many were tried.

    Of many spectra three try a circuit first: where it is far from all of them, the others do not.
    """
    few = list(rows) if len(rows) < _MANY else [rows[0], rows[len(rows) // 2], rows[-1]]
    enough, reached = np.inf, len(rungs)
    far: list[tuple[float, str]] = []
    any_tried = False
    for number, expression in enumerate(rungs):
        size = len(parsed(expression).parameters)
        if size > enough:
            reached = number
            break
        optional = number > 0
        if len(few) < len(rows):
            first = _tried(expression, few, spectra, settings, optional=optional)
            if first and min(one.noise_ratio for one in first.values()) > _FAR:
                far.append((sum(one.information for one in first.values()), expression))
                continue
        tried = _tried(expression, rows, spectra, settings, optional=optional)
        for row, attempt in tried.items():
            found[row].append(attempt)
        any_tried |= bool(tried)
        if tried and _leaves_noise([tried[row] for row in rows]):
            enough = min(enough, size)
    if enough == np.inf:
        for _, expression in sorted(far)[:_AFTERWARDS]:
            for row, attempt in _tried(expression, rows, spectra, settings, optional=any_tried).items():
                found[row].append(attempt)
    return reached


def _leaves_noise(tried: Sequence[Attempt]) -> bool:
    """Whether a circuit leaves no more than the noise, in most spectra and in all of them together."""
    limit = 1 + _MORE_THAN_NOISE / np.sqrt(len(tried))
    described = np.mean([one.adequate for one in tried]) >= _DESCRIBED_SHARE
    return bool(described and np.median([one.noise_ratio for one in tried]) <= limit)


def _best(rows: Sequence[int], found: Sequence[Sequence[Attempt]], *, together: bool) -> str:
    """The circuit for a set: of those that describe it the one with the smallest criterion, else adequate for the most."""
    ranked: list[tuple[int, float, int, int, str]] = []
    common = set.intersection(*({one.fit.circuit.expression for one in found[row]} for row in rows))
    for number, expression in enumerate(one.fit.circuit.expression for one in found[rows[0]]):
        if expression not in common:
            continue
        tried = [_of(found[row], expression) for row in rows]
        adequate = sum(one.adequate for one in tried)
        described = min(adequate, int(np.ceil(_DESCRIBED_SHARE * len(rows))))
        size = len(tried[0].fit.circuit.parameters)
        ranked.append((-described, _criterion(tried, together=together), size, number, expression))
    most, least = min(ranked)[:2]
    near = [one for one in ranked if one[0] == most and one[1] <= least + _STRONG]
    return min(near, key=lambda one: one[2:4])[4]


def _criterion(tried: Sequence[Attempt], *, together: bool) -> float:
    """Bayes' criterion of a set; the parameters of a series are common to its spectra but for what noise makes of them."""
    alone = sum(one.information for one in tried)
    if not together:
        return alone
    size = len(tried[0].fit.circuit.parameters)
    points = [2 * int(np.count_nonzero(one.fit.weight)) for one in tried]
    return alone - size * float(np.sum(np.log(points)) - len(tried) - np.log(np.sum(points)))


def _of(attempts: Sequence[Attempt], expression: str) -> Attempt:
    return next(one for one in attempts if one.fit.circuit.expression == expression)


def _tried(
    expression: str, rows: Sequence[int], spectra: Ready, settings: ImpedanceSettings, *, optional: bool
) -> dict[int, Attempt]:
    """One circuit for the spectra of a set, with an inductance where they ask for one; empty where points are too few."""
    circuit = parsed(expression)
    size = min(spectra[row][0].frequency_hertz.size for row in rows)
    if optional and 2 * size < 2 * len(circuit.parameters) + 4:
        return {}
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
    return {row: judged(fit, spectra[row][1], settings) for row, fit in fits.items()}


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


def judged(
    fit: CircuitFit, test: KramersKronig, settings: ImpedanceSettings, *, drift_taken_out: bool = False
) -> Attempt:
    """The fit with its verdict; residual and noise are those of the same points, without the outliers.

    A spectrum that drifts by 5 % or more is none of one moment: no circuit describes it, however small the residual of one,
    unless the fit of a series has taken the drift out.
    """
    moved = test.drifts and abs(test.drift) >= LARGEST_DRIFT and not drift_taken_out
    residual = fit.residual[fit.weight > 0]
    ratio = fit.residual_noise / max(test.noise, 1e-6)
    structure = residual_structure(residual)
    points = 2 * residual.size
    parameters = points - fit.degrees_of_freedom
    squares = max(float(np.sum(np.abs(residual) ** 2)), 1e-300)
    described = ratio <= settings.adequate_noise_ratio and structure <= STRUCTURE_LIMIT * max(1.0, ratio)
    return Attempt(
        fit=fit,
        noise_ratio=float(ratio),
        structure=structure,
        adequate=bool(described and not moved),
        information=float(points * np.log(squares / points) + parameters * np.log(points)),
    )


def residual_structure(residual: ComplexArray) -> float:
    """Lag-1 autocorrelation of complex residuals in standard deviations."""
    squares = float(np.sum(np.abs(residual) ** 2))
    lagged = float(np.sum((residual[1:] * np.conj(residual[:-1])).real))
    return lagged / squares * float(np.sqrt(2 * residual.size)) if squares > 0 else 0.0
