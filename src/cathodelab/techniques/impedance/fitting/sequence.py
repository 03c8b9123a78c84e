"""Joint fit of a sequence of spectra of one cell, optionally with continuity between neighbours.

Without continuity the joint fit is the sum of the single fits. With it, each coordinate of a spectrum is expected within
``per_step`` of that of the spectrum before (natural logarithms; exponents as they are): the sum of squares gets
``sum ((theta_s - theta_{s-1}) / per_step)^2``. Parameters of neighbours are then correlated, and the covariance of all of
them together says how.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.techniques.impedance.circuits.circuit import Circuit
from cathodelab.techniques.impedance.circuits.elements import ComplexArray
from cathodelab.techniques.impedance.fitting.fit import fitted, problem_of
from cathodelab.techniques.impedance.fitting.minimise import Problem

_MOST_STEPS = 60
_TOLERANCE = 1e-9
PER_STEP = (1e-4, 3e-4, 0.001, 0.003, 0.01, 0.03, 0.1)
"""Expected changes from one spectrum to the next (logarithms; exponents as they are) among which the data choose. The
tightest one is a hundredth of what noise does to a parameter: a list that ended at 0.001 left parameters that stand still so
much room that rates of overlapping arcs got intervals a quarter too wide."""
_WORSE = 2.0
"""Weaker continuity is not tried once the logarithm of the evidence is this far below the best."""


@dataclass(frozen=True, eq=False)
class SequenceFit(ReadOnlyArrays):
    """Coordinates of all spectra and their common covariance.

    Args:
        circuit: the model.
        theta: shape (s, p).
        covariance: shape (s p, s p), spectra one after the other, scaled with the residuals of all.
        chi_square: of the spectra alone, without the continuity.
        evidence: logarithm of the marginal likelihood up to a constant.
    """

    circuit: Circuit
    theta: FloatArray
    covariance: FloatArray
    chi_square: float
    evidence: float

    def of(self, name: str) -> tuple[FloatArray, FloatArray]:
        """Coordinates of one parameter along the sequence, and their covariance."""
        place = self.circuit.names.index(name)
        rows = np.arange(self.theta.shape[0]) * self.theta.shape[1] + place
        return self.theta[:, place], self.covariance[np.ix_(rows, rows)]


def sequence_fit(
    circuit: Circuit,
    frequency_hertz: FloatArray,
    impedance: ComplexArray,
    noise: FloatArray,
    per_step: float | None = None,
    changing: tuple[str, ...] = (),
    starts: FloatArray | None = None,
) -> SequenceFit:
    """Fit a sequence jointly.

    Args:
        circuit: the model.
        frequency_hertz: shape (m,), common to all.
        impedance: ohm, shape (s, m), in the order of the sequence.
        noise: relative to the modulus, shape (s,) or (s, m); infinite where a point is left out.
        per_step: expected change of a coordinate from one spectrum to the next; ``None`` switches continuity off.
        changing: parameters without continuity, because their change is of interest.
        starts: coordinates (s, p); by default every spectrum is first fitted on its own. The descent begins from these and
            from their median for all spectra, and the lower result is kept.
    """
    if starts is None:
        starts = np.array([fit.theta for fit in fitted(circuit, frequency_hertz, impedance, noise=noise)])
    problem = problem_of(circuit, frequency_hertz, impedance, noise)
    continuity = _Continuity.of(circuit, len(starts), per_step, changing)
    return _lowest(problem, continuity, [starts, _median(circuit, starts, changing)]).fit(problem)


def continued_fit(
    circuit: Circuit,
    frequency_hertz: FloatArray,
    impedance: ComplexArray,
    noise: FloatArray,
    changing: tuple[str, ...],
    starts: FloatArray,
) -> tuple[SequenceFit, float]:
    """The joint fit with the strength of continuity that the data support, and that strength.

    Of several strengths the one with the largest evidence (Laplace's approximation) is chosen: constant parameters are held
    tightly, changing ones are not.
    """
    problem = problem_of(circuit, frequency_hertz, impedance, noise)
    begun = [starts, _median(circuit, starts, changing)]
    best: tuple[_End, float] | None = None
    for per_step in PER_STEP:
        found = _lowest(problem, _Continuity.of(circuit, len(starts), per_step, changing), begun)
        if best is None or found.evidence > best[0].evidence:
            best = found, per_step
        elif found.evidence < best[0].evidence - _WORSE:
            break
        # the next strength is near: its descent begins at the end of this one
        begun = [found.theta]
    assert best is not None  # noqa: S101 - there is at least one strength
    return best[0].fit(problem), best[1]


def _median(circuit: Circuit, starts: FloatArray, changing: tuple[str, ...]) -> FloatArray:
    """The median of all starts for every spectrum; what changes stays near its own."""
    median = np.tile(np.median(starts, axis=0), (len(starts), 1))
    for place in (circuit.names.index(name) for name in changing):
        median[:, place] = np.clip(starts[:, place], median[:, place] - 0.5, median[:, place] + 0.5)
    return median


@dataclass(frozen=True, eq=False)
class _Continuity(ReadOnlyArrays):
    """The precision with which neighbours are expected alike.

    Args:
        precision: of the difference of each coordinate, shape (p,); 0 where it is free.
        weight: of each coordinate of each spectrum on the diagonal of the penalty, shape (s, p).
        rank: how many differences are expected small.
    """

    precision: FloatArray
    weight: FloatArray
    rank: int

    @classmethod
    def of(cls, circuit: Circuit, count: int, per_step: float | None, changing: tuple[str, ...]) -> _Continuity:
        held = np.array([0.0 if name in changing or per_step is None else 1.0 for name in circuit.names])
        precision = held / (per_step or 1.0) ** 2
        neighbours = np.full(count, 2.0)
        neighbours[[0, -1]] = 1.0
        if count == 1:
            neighbours[:] = 0.0
        return cls(precision, neighbours[:, None] * precision, (count - 1) * int(held.sum()))

    def gradient(self, theta: FloatArray) -> FloatArray:
        """Half the gradient of the penalty, shape (s, p)."""
        pulled = np.diff(theta, axis=0) * self.precision
        found = np.zeros_like(theta)
        found[:-1] -= pulled
        found[1:] += pulled
        return found


@dataclass(frozen=True, eq=False)
class _End(ReadOnlyArrays):
    """Where a descent ended: coordinates, normal matrix as a band, sum of squares without and with the penalty."""

    theta: FloatArray
    blocks: FloatArray
    chi: float
    objective: float
    evidence: float
    continuity: _Continuity

    def fit(self, problem: Problem) -> SequenceFit:
        """The result with its covariance."""
        count, size = self.theta.shape
        normal = _dense(self.blocks, self.continuity)
        inverse = _inverse(normal)
        # parameters tied by continuity count less than one each
        penalty = _dense(np.zeros_like(self.blocks), self.continuity)
        freedom = _numbers(problem) - (count * size - float(np.sum(inverse * penalty)))
        covariance = inverse * self.chi / freedom
        return SequenceFit(problem.circuit, self.theta, covariance, self.chi, self.evidence)


def _numbers(problem: Problem) -> int:
    """Measured numbers that take part: two a point."""
    return 2 * int(np.count_nonzero(problem.weight))


def _lowest(problem: Problem, continuity: _Continuity, starts: list[FloatArray]) -> _End:
    ends = [_descended(problem, np.clip(start, problem.low, problem.high), continuity) for start in starts]
    return min(ends, key=lambda end: end.objective)


def _descended(problem: Problem, theta: FloatArray, continuity: _Continuity) -> _End:
    """Levenberg-Marquardt on all coordinates of all spectra at once; the matrix is a band of the width of one spectrum."""
    from scipy.linalg import solveh_banded

    damping = 1e-3
    objective, chi, gradient, blocks = _evaluated(problem, theta, continuity)
    for _ in range(_MOST_STEPS):
        held = ((theta <= problem.low) & (gradient > 0)) | ((theta >= problem.high) & (gradient < 0))
        band = _band(blocks, continuity, held)
        diagonal = band[0].copy()
        band[0] += damping * np.maximum(diagonal, 1e-8 * diagonal.max()) + 1e-13 * diagonal.max()
        right = np.where(held, 0.0, gradient).ravel()
        move = -solveh_banded(band, right, lower=True, check_finite=False).reshape(theta.shape)
        candidate = np.clip(theta + np.clip(move, -2.0, 2.0), problem.low, problem.high)
        lower, new_chi, new_gradient, new_blocks = _evaluated(problem, candidate, continuity)
        if np.isfinite(lower) and lower <= objective:
            gain, theta, objective, chi = objective - lower, candidate, lower, new_chi
            gradient, blocks = new_gradient, new_blocks
            damping = max(damping * 0.2, 1e-9)
            if gain < _TOLERANCE * objective:
                break
        else:
            damping *= 6
            if damping > 1e8:
                break
    return _End(theta, blocks, chi, objective, _evidence(problem, blocks, objective, continuity), continuity)


def _evidence(problem: Problem, blocks: FloatArray, objective: float, continuity: _Continuity) -> float:
    """Logarithm of the marginal likelihood; noise and continuity share a scale (as the covariance does), integrated out."""
    from scipy.linalg import cholesky_banded

    band = _band(blocks, continuity, np.zeros(blocks.shape[:2], dtype=bool))
    size = np.sqrt(np.maximum(band[0], 1e-300))
    for offset in range(band.shape[0]):
        band[offset, : size.size - offset] /= size[offset:] * size[: size.size - offset]
    band[0] += 1e-12
    logarithm = 2 * float(np.sum(np.log(cholesky_banded(band, lower=True, check_finite=False)[0]) + np.log(size)))
    precision = continuity.precision[continuity.precision > 0]
    log_held = float(np.log(precision[0])) * continuity.rank if precision.size else 0.0
    points = _numbers(problem) - (size.size - continuity.rank)
    return float(0.5 * (log_held - logarithm - points * np.log(max(objective, 1e-300))))


def _evaluated(
    problem: Problem, theta: FloatArray, continuity: _Continuity
) -> tuple[float, float, FloatArray, FloatArray]:
    """Sum of squares with and without the penalty, half its gradient (s, p), and the blocks (s, p, p) of the spectra."""
    z, slopes = problem.circuit.evaluate(problem.log_omega, theta)
    away = (z - problem.impedance) * problem.weight
    weighted = slopes * problem.weight[:, None, :]
    blocks = np.asarray((weighted @ weighted.conj().transpose(0, 2, 1)).real)
    pulled = continuity.gradient(theta)
    gradient = np.einsum("spm,sm->sp", weighted, away.conj()).real + pulled
    chi = float(np.sum(np.abs(away) ** 2))
    return chi + float(np.sum(theta * pulled)), chi, gradient, blocks


def _band(blocks: FloatArray, continuity: _Continuity, held: np.ndarray) -> FloatArray:
    """The normal matrix with the penalty in lower band form, shape (p + 1, s p); held coordinates stand alone."""
    count, size, _ = blocks.shape
    free = ~held
    blocks = blocks * (free[:, :, None] & free[:, None, :])
    band = np.zeros((size + 1, count, size))
    for offset in range(size):
        band[offset, :, : size - offset] = np.diagonal(blocks, -offset, axis1=1, axis2=2)
    band[0] += continuity.weight * free + held
    if count > 1:
        band[size, :-1] = -continuity.precision * (free[:-1] & free[1:])
    return band.reshape(size + 1, count * size)


def _dense(blocks: FloatArray, continuity: _Continuity) -> FloatArray:
    """The same as a full matrix, shape (s p, s p)."""
    count, size, _ = blocks.shape
    normal = np.zeros((count, size, count, size))
    rows = np.arange(count)
    normal[rows, :, rows, :] = blocks + continuity.weight[:, :, None] * np.eye(size)
    if count > 1:
        beside = -np.diag(continuity.precision)
        normal[rows[:-1], :, rows[1:], :] += beside
        normal[rows[1:], :, rows[:-1], :] += beside
    return normal.reshape(count * size, count * size)


def _inverse(normal: FloatArray) -> FloatArray:
    """Inverse, computed with unit diagonal; undetermined coordinates get a very large variance."""
    size = np.sqrt(np.maximum(np.diag(normal), 1e-300))
    values, vectors = np.linalg.eigh(normal / np.outer(size, size))
    return np.asarray((vectors / np.maximum(values, 1e-12)) @ vectors.T / np.outer(size, size))
