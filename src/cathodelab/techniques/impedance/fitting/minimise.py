"""Weighted least squares for many spectra at once: Levenberg-Marquardt, with the sizes of the terms solved linearly.

The sum of squares of spectrum b is ``sum_i w_bi^2 |Z(omega_i; theta_b) - z_bi|^2``. Every step moves all coordinates by
Gauss-Newton with Marquardt's damping; then the sizes of the terms in series, for which the problem is linear, are set
to their optimum from the normal matrix alone (Kaufman's variable projection, at no cost in evaluations of the model).
Coordinates stay inside their bounds; one at a bound is excluded from the step.

Cost grows linearly with spectra x starts x points x parameters, and each evaluation serves the whole batch.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.techniques.impedance.circuits.circuit import Circuit
from cathodelab.techniques.impedance.circuits.elements import ComplexArray

_FIRST_DAMPING, _LARGEST_DAMPING = 1e-3, 1e10
_SMALLEST_FACTOR, _LARGEST_FACTOR = 0.2, 5.0
_LONGEST_LOG_STEP, _LONGEST_EXPONENT_STEP = 2.0, 0.25
_NUMBERS_PER_CHUNK = 400_000
_ROUNDING = 1e-22


@dataclass(frozen=True, eq=False)
class Problem(ReadOnlyArrays):
    """A least-squares problem.

    Args:
        circuit: the model.
        log_omega: logarithm of the angular frequencies, shape (m,).
        impedance: measured, ohm, shape (b, m).
        weight: reciprocal standard deviation of real and imaginary part each, shape (b, m).
        low, high: bounds of the coordinates, shape (b, p).
        ties: shape (p, q): coordinates = base + ties @ free coordinates; ``None`` where all are free.
        pull_to, pull: preferred coordinates (b, p) and the precision of that preference (b, p); ``None`` for no preference.
    """

    circuit: Circuit
    log_omega: FloatArray
    impedance: ComplexArray
    weight: FloatArray
    low: FloatArray
    high: FloatArray
    ties: FloatArray | None = None
    pull_to: FloatArray | None = None
    pull: FloatArray | None = None

    def part(self, rows: FloatArray | slice | np.ndarray) -> Problem:
        """The problem for some of the spectra."""
        return Problem(
            self.circuit,
            self.log_omega,
            self.impedance[rows],
            self.weight[rows],
            self.low[rows],
            self.high[rows],
            self.ties,
            None if self.pull_to is None else self.pull_to[rows],
            None if self.pull is None else self.pull[rows],
        )

    def every(self, step: int) -> Problem:
        """The problem with every n-th frequency only."""
        return Problem(
            self.circuit,
            np.ascontiguousarray(self.log_omega[::step]),
            np.ascontiguousarray(self.impedance[:, ::step]),
            np.ascontiguousarray(self.weight[:, ::step]),
            self.low,
            self.high,
            self.ties,
            self.pull_to,
            self.pull,
        )


@dataclass(frozen=True, eq=False)
class Minimum(ReadOnlyArrays):
    """End of a descent.

    Args:
        theta: coordinates, shape (b, p).
        chi_square: sum of squares, including the pull, shape (b,).
        normal: half the matrix of second derivatives (Gauss-Newton) by all coordinates, shape (b, p, p).
        steps: number of evaluations, shape (b,).
        converged: whether the last steps changed nothing.
        rejected: ends of the descents that did not get as low, shape (b, k, p), ``nan`` where there are fewer.
    """

    theta: FloatArray
    chi_square: FloatArray
    normal: FloatArray
    steps: FloatArray
    converged: np.ndarray
    rejected: FloatArray | None = None


def minimised(problem: Problem, theta: FloatArray, most_steps: int = 60, tolerance: float = 1e-9) -> Minimum:
    """Descend from the given coordinates (b, p), in chunks that fit the processor's cache."""
    parts = []
    size = max(_NUMBERS_PER_CHUNK // ((theta.shape[1] + 1) * problem.log_omega.size), 1)
    for start in range(0, theta.shape[0], size):
        rows = slice(start, start + size)
        parts.append(_Descent(problem.part(rows), theta[rows]).run(most_steps, tolerance))
    if len(parts) == 1:
        return parts[0]
    names = ("theta", "chi_square", "normal", "steps", "converged")
    return Minimum(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


class _Descent:
    """State of a batch of descents; finished rows take no further part."""

    def __init__(self, problem: Problem, theta: FloatArray) -> None:
        self._problem = problem
        circuit = problem.circuit
        count = theta.shape[1]
        self._ties = np.eye(count) if problem.ties is None else problem.ties
        self._tied = problem.ties is not None
        exponents = np.array([parameter.kind == "exponent" for parameter in circuit.parameters])
        self._longest = np.where(exponents, _LONGEST_EXPONENT_STEP, _LONGEST_LOG_STEP)
        self._columns = self._linear_terms()
        self._theta = np.clip(theta, problem.low, problem.high)
        size = theta.shape[0]
        # for spectra without noise: below this the sum of squares is rounding error, which would fall for ever
        self._rounding = _ROUNDING * np.sum(np.abs(problem.weight * problem.impedance) ** 2, axis=1)
        self._damping = np.full(size, _FIRST_DAMPING)
        self._steps = np.zeros(size)
        self._quiet = np.zeros(size)
        self._theta, self._chi, self._gradient, self._normal = self._evaluated(self._theta, np.arange(size))

    def run(self, most_steps: int, tolerance: float) -> Minimum:
        """Descend until nothing changes or the steps are used up."""
        active = np.arange(self._theta.shape[0])
        for _ in range(most_steps):
            if active.size == 0:
                break
            active = self._step(active, tolerance)
        converged = np.ones(self._theta.shape[0], dtype=bool)
        converged[active] = False
        return Minimum(self._theta, self._chi, self._normal, self._steps, converged)

    def _linear_terms(self) -> np.ndarray:
        """Terms whose size is free: none of their coordinates is tied, fixed or pulled."""
        circuit = self._problem.circuit
        free = np.sum(self._ties != 0, axis=1) == 1
        single = (self._ties != 0) @ (np.sum(self._ties != 0, axis=0) == 1)
        usable = free & single
        if self._problem.pull is not None:
            usable &= ~np.any(self._problem.pull > 0, axis=0)
        scales = circuit.scales
        return np.flatnonzero(np.all(usable[:, None] | (scales == 0), axis=0) & (scales.sum(axis=0) > 0))

    def _evaluated(self, theta: FloatArray, rows: np.ndarray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Coordinates with optimal sizes, and sum of squares, gradient and normal matrix there."""
        p = self._problem
        count = theta.shape[1]
        columns = np.empty((theta.shape[0], count + 1, p.log_omega.size), dtype=np.complex128)
        z, _ = p.circuit.evaluate(p.log_omega, theta, columns[:, :count])
        np.subtract(z, p.impedance[rows], out=columns[:, count])
        columns *= p.weight[rows][:, None, :]
        real = columns.view(np.float64)
        products = real @ real.transpose(0, 2, 1)
        normal, gradient, chi = products[:, :count, :count], products[:, :count, count], products[:, count, count]
        if self._columns.size:
            theta, chi, gradient, normal = self._resized(theta, chi, gradient, normal, rows)
        if p.pull is not None and p.pull_to is not None:
            pull, away = p.pull[rows], theta - p.pull_to[rows]
            chi = chi + np.sum(pull * away**2, axis=1)
            gradient = gradient + pull * away
            normal = normal + pull[:, :, None] * np.eye(count)
        return theta, chi, gradient, normal

    def _resized(
        self, theta: FloatArray, chi: FloatArray, gradient: FloatArray, normal: FloatArray, rows: np.ndarray
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Multiply the terms by the factors that are jointly optimal."""
        circuit = self._problem.circuit
        scales, members = circuit.scales[:, self._columns], circuit.membership[:, self._columns]
        half = normal @ scales
        matrix = scales.T @ half
        slope = gradient @ scales
        diagonal = np.einsum("bkk->bk", matrix)
        matrix = matrix + 1e-10 * diagonal[:, :, None] * np.eye(self._columns.size)
        change = -_solved(matrix, slope)
        factor = np.clip(1 + change, _SMALLEST_FACTOR, _LARGEST_FACTOR)
        moved = theta + np.log(factor) @ scales.T
        inside = np.all((moved >= self._problem.low[rows]) & (moved <= self._problem.high[rows]), axis=1)
        change = np.where(inside[:, None], factor - 1, 0.0)
        lower = chi + 2 * np.sum(slope * change, axis=1) + np.einsum("bk,bkl,bl->b", change, matrix, change)
        better = (lower < chi) & (lower > 0)
        change = np.where(better[:, None], change, 0.0)
        stretch = 1 + change @ members.T
        gradient = stretch * (gradient + np.einsum("bpk,bk->bp", half, change))
        normal = stretch[:, :, None] * normal * stretch[:, None, :]
        return theta + np.log1p(change) @ scales.T, np.where(better, lower, chi), gradient, normal

    def _step(self, active: np.ndarray, tolerance: float) -> np.ndarray:
        """One step of the active rows; returns the rows that are not finished."""
        theta = self._theta[active]
        low, high = self._problem.low[active], self._problem.high[active]
        gradient, normal = self._gradient[active], self._normal[active]
        stuck = ((theta <= low) & (gradient > 0)) | ((theta >= high) & (gradient < 0))
        move = self._damped_step(np.where(stuck, 0.0, gradient), normal, stuck, self._damping[active])
        candidate = np.clip(theta + np.clip(move, -self._longest, self._longest), low, high)
        candidate, chi, gradient, normal = self._evaluated(candidate, active)
        before = self._chi[active]
        better = np.isfinite(chi) & (chi <= before)
        rows = active[better]
        self._theta[rows], self._chi[rows] = candidate[better], chi[better]
        self._gradient[rows], self._normal[rows] = gradient[better], normal[better]
        self._steps[active] += 1
        self._damping[active] = np.where(better, self._damping[active] * 0.15, self._damping[active] * 6.0)
        gain = (before - chi) / np.maximum(before, 1e-300)
        still = (gain < tolerance) | (chi < self._rounding[active])
        self._quiet[active] = np.where(better & still, self._quiet[active] + 1, 0)
        done = (self._quiet[active] >= 2) | (self._damping[active] > _LARGEST_DAMPING)
        self._damping[active] = np.maximum(self._damping[active], 1e-9)
        return np.asarray(active[~done])

    def _damped_step(
        self, gradient: FloatArray, normal: FloatArray, stuck: np.ndarray, damping: FloatArray
    ) -> FloatArray:
        keep = ~stuck
        normal = normal * (keep[:, :, None] & keep[:, None, :])
        if self._tied:
            normal = self._ties.T @ normal @ self._ties
            gradient = gradient @ self._ties
        diagonal = np.einsum("bii->bi", normal)
        largest = np.max(diagonal, axis=1, keepdims=True)
        extra = damping[:, None] * np.maximum(diagonal, 1e-8 * largest) + 1e-13 * largest + (diagonal == 0)
        move = -_solved(normal + extra[:, :, None] * np.eye(normal.shape[1]), gradient)
        return np.asarray(move @ self._ties.T if self._tied else move)


def _solved(matrix: FloatArray, right: FloatArray) -> FloatArray:
    """Solutions of a batch of small systems; all get a tiny ridge where one is singular."""
    try:
        return np.asarray(np.linalg.solve(matrix, right[:, :, None])[:, :, 0])
    except np.linalg.LinAlgError:
        size = matrix.shape[1]
        ridge = 1e-9 * np.trace(matrix, axis1=1, axis2=2)[:, None, None] * np.eye(size) + 1e-300 * np.eye(size)
        return np.asarray(np.linalg.solve(matrix + ridge, right[:, :, None])[:, :, 0])
