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
        noise: relative to the modulus, shape (s,).
        per_step: expected change of a coordinate from one spectrum to the next; ``None`` switches continuity off.
        changing: parameters without continuity, because their change is of interest.
        starts: coordinates (s, p); by default every spectrum is first fitted on its own. The descent begins from these and
            from their median for all spectra, and the lower result is kept.
    """
    if starts is None:
        starts = np.array([fit.theta for fit in fitted(circuit, frequency_hertz, impedance, noise=noise)])
    problem = problem_of(circuit, frequency_hertz, impedance, noise)
    count, size = starts.shape
    penalty = np.zeros((count * size, count * size))
    if per_step is not None:
        steps = np.diff(np.eye(count), axis=0)
        held = np.diag([0.0 if name in changing else 1.0 for name in circuit.names])
        penalty = np.kron(steps.T @ steps, held) / per_step**2
    median = np.tile(np.median(starts, axis=0), (count, 1))
    for place in (circuit.names.index(name) for name in changing):
        median[:, place] = np.clip(starts[:, place], median[:, place] - 0.5, median[:, place] + 0.5)
    ends = [_descended(problem, np.clip(start, problem.low, problem.high), penalty) for start in (starts, median)]
    theta, normal, chi, objective = min(ends, key=lambda end: end[3])
    # parameters tied by continuity count less than one each
    inverse = _inverse(normal)
    freedom = 2 * count * frequency_hertz.size - (normal.shape[0] - float(np.sum(inverse * penalty)))
    held_rank = (count - 1) * (size - len(changing)) if per_step is not None else 0
    log_held = -2 * held_rank * float(np.log(per_step)) if per_step is not None else 0.0
    # noise and continuity share a scale (as the covariance does), which is integrated out
    points = 2 * count * frequency_hertz.size - (normal.shape[0] - held_rank)
    evidence = 0.5 * (log_held - float(np.linalg.slogdet(normal)[1]) - points * float(np.log(max(objective, 1e-300))))
    return SequenceFit(circuit, theta, inverse * chi / freedom, chi, evidence)


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
    best: tuple[float, SequenceFit, float] | None = None
    for per_step in PER_STEP:
        found = sequence_fit(circuit, frequency_hertz, impedance, noise, per_step, changing, starts)
        if best is None or found.evidence > best[0]:
            best = found.evidence, found, per_step
        elif found.evidence < best[0] - _WORSE:
            break
    assert best is not None  # noqa: S101 - there is at least one strength
    return best[1], best[2]


def _descended(problem: Problem, theta: FloatArray, penalty: FloatArray) -> tuple[FloatArray, FloatArray, float, float]:
    """Levenberg-Marquardt on all coordinates of all spectra at once."""
    damping = 1e-3
    chi, gradient, normal = _evaluated(problem, theta, penalty)
    for _ in range(_MOST_STEPS):
        flat = theta.ravel()
        low, high = problem.low.ravel(), problem.high.ravel()
        free = ~(((flat <= low) & (gradient > 0)) | ((flat >= high) & (gradient < 0)))
        matrix = normal[np.ix_(free, free)]
        diagonal = np.diag(matrix)
        extra = damping * np.maximum(diagonal, 1e-8 * diagonal.max()) + 1e-13 * diagonal.max()
        move = np.zeros(flat.size)
        move[free] = -np.linalg.solve(matrix + np.diag(extra), gradient[free])
        candidate = np.clip(flat + np.clip(move, -2.0, 2.0), low, high).reshape(theta.shape)
        lower, new_gradient, new_normal = _evaluated(problem, candidate, penalty)
        if np.isfinite(lower) and lower <= chi:
            gain, theta, chi, gradient, normal = chi - lower, candidate, lower, new_gradient, new_normal
            damping = max(damping * 0.2, 1e-9)
            if gain < _TOLERANCE * chi:
                break
        else:
            damping *= 6
            if damping > 1e8:
                break
    flat = theta.ravel()
    return theta, normal, chi - float(flat @ penalty @ flat), chi


def _evaluated(problem: Problem, theta: FloatArray, penalty: FloatArray) -> tuple[float, FloatArray, FloatArray]:
    """Sum of squares with the penalty, half its gradient and half its matrix of second derivatives."""
    z, slopes = problem.circuit.evaluate(problem.log_omega, theta)
    away = (z - problem.impedance) * problem.weight
    slopes = slopes * problem.weight[:, None, :]
    count, size = theta.shape
    normal = penalty.copy()
    gradient = penalty @ theta.ravel()
    for row in range(count):
        part = slice(row * size, (row + 1) * size)
        normal[part, part] += (slopes[row] @ slopes[row].conj().T).real
        gradient[part] += (slopes[row] @ away[row].conj()).real
    flat = theta.ravel()
    return float(np.sum(np.abs(away) ** 2) + flat @ penalty @ flat), gradient, normal


def _inverse(normal: FloatArray) -> FloatArray:
    """Inverse, computed with unit diagonal; undetermined coordinates get a very large variance."""
    size = np.sqrt(np.maximum(np.diag(normal), 1e-300))
    values, vectors = np.linalg.eigh(normal / np.outer(size, size))
    return np.asarray((vectors / np.maximum(values, 1e-12)) @ vectors.T / np.outer(size, size))
