"""Fits of a circuit to spectra: without start values, all spectra of a set at once, with covariance."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.core.errors import CathodelabError
from cathodelab.techniques.impedance.circuits.circuit import Circuit
from cathodelab.techniques.impedance.circuits.constraints import FREE, Constraints, place_of, ties_of
from cathodelab.techniques.impedance.circuits.elements import ComplexArray
from cathodelab.techniques.impedance.fitting.minimise import Minimum, Problem, minimised
from cathodelab.techniques.impedance.fitting.start import StartGrid

_SECOND_STEPS, _SECOND_TOLERANCE = 40, 1e-3
_MET = 0.05
_PER_CHUNK = 64


@dataclass(frozen=True)
class Search:
    """Effort of the search for minima: scored combinations, starts, steps of each, and how many are continued."""

    combinations: int
    starts: int
    first_steps: int
    kept: int


_USUAL = Search(combinations=1800, starts=12, first_steps=8, kept=6)
_DEEP = Search(combinations=4000, starts=24, first_steps=16, kept=8)
_DEEP_FROM_PARAMETERS = 10


@dataclass(frozen=True, eq=False)
class CircuitFit(ReadOnlyArrays):
    """A circuit fitted to one spectrum.

    Args:
        circuit: the circuit.
        theta: coordinates (logarithms of positive parameters, exponents as they are), shape (p,).
        covariance: of the coordinates, scaled with the residuals; rows of fixed parameters and of those at a bound
            are zero.
        chi_square: weighted sum of squares.
        degrees_of_freedom: 2 m minus the free parameters.
        at_bound: names of parameters at a bound.
        converged: whether the descent converged.
        frequency_hertz, measured_ohm, weight: the fitted data.
        rejected: coordinates (k, p) at which the other descents ended; some are minima that are nearly as low.
    """

    circuit: Circuit
    theta: FloatArray
    covariance: FloatArray
    chi_square: float
    degrees_of_freedom: int
    at_bound: tuple[str, ...]
    converged: bool
    frequency_hertz: FloatArray
    measured_ohm: ComplexArray
    weight: FloatArray
    constraints: Constraints
    rejected: FloatArray

    @property
    def values(self) -> dict[str, float]:
        """Physical value of every parameter by name."""
        return dict(zip(self.circuit.names, map(float, self.circuit.values(self.theta)), strict=True))

    @property
    def residual(self) -> ComplexArray:
        """(measured - fitted) / modulus."""
        model = self.circuit.impedance(self.frequency_hertz, self.theta)
        return np.asarray((self.measured_ohm - model) / np.abs(self.measured_ohm))

    @property
    def residual_noise(self) -> float:
        """Standard deviation of the residuals relative to the modulus, by degrees of freedom."""
        return float(np.sqrt(np.sum(np.abs(self.residual[self.weight > 0]) ** 2) / self.degrees_of_freedom))

    def standard_uncertainty(self, name: str) -> float:
        """Standard uncertainty of the coordinate: relative for positive parameters, absolute for exponents."""
        place = self.circuit.names.index(name)
        return float(np.sqrt(self.covariance[place, place]))


def fitted(
    circuit: Circuit,
    frequency_hertz: FloatArray,
    impedance: ComplexArray,
    *,
    noise: FloatArray | float = 1.0,
    constraints: Constraints = FREE,
    starts: FloatArray | None = None,
) -> tuple[CircuitFit, ...]:
    """Fit spectra that share their frequencies.

    Args:
        circuit: the model.
        frequency_hertz: shape (m,).
        impedance: ohm, shape (b, m).
        noise: standard deviation of real and imaginary part each relative to the modulus: one number, one for each
            spectrum (b,) or for each point (b, m); infinite for a point that takes no part.
        constraints: fixed and shared parameters, own bounds.
        starts: coordinates (b, p) to start from (those of neighbours in a sequence); by default the whole range is searched.

    Raises:
        CathodelabError: fewer points than parameters, or a constraint that names no parameter.
    """
    refuse_too_few(circuit, frequency_hertz.size)
    problem = problem_of(circuit, frequency_hertz, impedance, noise, constraints)
    return fits_from(problem, lowest(problem, starts), constraints)


def problem_of(
    circuit: Circuit,
    frequency_hertz: FloatArray,
    impedance: ComplexArray,
    noise: FloatArray | float = 1.0,
    constraints: Constraints = FREE,
) -> Problem:
    """The least-squares problem of a set of spectra."""
    log_omega = np.log(2 * np.pi * frequency_hertz)
    modulus = np.abs(impedance)
    noise = np.asarray(noise, dtype=np.float64)
    weight = 1 / (modulus * (noise[:, None] if noise.ndim == 1 else noise))
    both = [circuit.bounds(log_omega, float(np.log(np.median(one)))) for one in modulus]
    low, high = np.array([one[0] for one in both]), np.array([one[1] for one in both])
    base, ties = ties_of(circuit, constraints)
    for name, limits in constraints.bounds.items():
        place = place_of(circuit, name)
        first, second = (circuit.parameters[place].coordinate(value) for value in limits)
        low[:, place], high[:, place] = min(first, second), max(first, second)
    for group in constraints.shared:
        places = [place_of(circuit, name) for name in group]
        low[:, places] = low[:, places].max(axis=1, keepdims=True)
        high[:, places] = high[:, places].min(axis=1, keepdims=True)
    for name in constraints.fixed:
        place = place_of(circuit, name)
        low[:, place] = high[:, place] = base[place]
    return Problem(circuit, log_omega, np.ascontiguousarray(impedance), weight, low, high, ties)


def lowest(problem: Problem, starts: FloatArray | None = None) -> Minimum:
    """The lowest minimum found from several different starts, or the one below the given start."""
    if starts is not None:
        return ordered(problem, minimised(problem, starts))
    search = _DEEP if len(problem.circuit.parameters) > _DEEP_FROM_PARAMETERS else _USUAL
    grid = StartGrid(problem.circuit, problem.log_omega, search.combinations)
    count = problem.impedance.shape[0]
    parts = [
        _lowest_of_starts(problem.part(slice(start, start + _PER_CHUNK)), grid, search)
        for start in range(0, count, _PER_CHUNK)
    ]
    names = ("theta", "chi_square", "normal", "steps", "converged", "rejected")
    return ordered(problem, Minimum(*(np.concatenate([getattr(part, name) for part in parts]) for name in names)))


def _lowest_of_starts(problem: Problem, grid: StartGrid, search: Search) -> Minimum:
    """Short descents from all starts with half of the points, longer ones from the best few, a full one from the best."""
    count = problem.impedance.shape[0]
    theta = _within_ties(problem, grid.starts(problem, search.starts))
    starts = theta.shape[1]
    coarse = problem.every(2) if problem.log_omega.size >= 4 * theta.shape[2] else problem
    first = minimised(
        coarse.part(np.repeat(np.arange(count), starts)), theta.reshape(count * starts, -1), search.first_steps
    )
    kept = _distinct(first.theta.reshape(count, starts, -1), first.chi_square.reshape(count, starts), search.kept)
    rows, places = np.nonzero(kept)
    best = first.theta.reshape(count, starts, -1)[rows, places]
    second = minimised(problem.part(rows), best, _SECOND_STEPS, _SECOND_TOLERANCE)
    chi, theta = np.full((count, starts), np.inf), np.full(theta.shape, np.nan)
    chi[rows, places], theta[rows, places] = second.chi_square, second.theta
    order = np.argsort(chi, axis=1)[:, : search.kept, None]
    theta = np.take_along_axis(theta, order, axis=1)
    return replace(minimised(problem, theta[:, 0]), rejected=theta[:, 1:])


def _distinct(theta: FloatArray, chi: FloatArray, most: int) -> np.ndarray:
    """Mask (b, starts) of the descents to continue: the lowest ones, and only one of those that met."""
    order = np.argsort(chi, axis=1)
    theta, chi = np.take_along_axis(theta, order[:, :, None], axis=1), np.take_along_axis(chi, order, axis=1)
    kept = np.zeros(chi.shape, dtype=bool)
    for place in range(chi.shape[1]):
        apart = np.max(np.abs(theta[:, : place + 1] - theta[:, place : place + 1]), axis=2)
        met = (apart[:, :place] < _MET) & kept[:, :place]
        kept[:, place] = ~met.any(axis=1) & (kept.sum(axis=1) < most)
    result = np.zeros(kept.shape, dtype=bool)
    np.put_along_axis(result, order, kept, axis=1)
    return result


def _within_ties(problem: Problem, theta: FloatArray) -> FloatArray:
    """Adjust starts so that they satisfy fixed and shared parameters."""
    if problem.ties is None:
        return theta
    ties = problem.ties
    mean = theta @ ties / np.sum(ties, axis=0)
    held = np.sum(ties, axis=1) == 0
    return np.where(held, problem.low[:, None, :], mean @ ties.T)


def ordered(problem: Problem, minimum: Minimum) -> Minimum:
    """Sort interchangeable arcs by their time constants, unless constraints distinguish them."""
    places = [row for _, row in problem.circuit.arcs()]
    if problem.ties is not None or problem.pull is not None or len(places) < 2:
        return minimum
    times = np.stack([minimum.theta[:, row.start + 1] for row in places], axis=1)
    order = np.argsort(times, axis=1)
    index = np.tile(np.arange(minimum.theta.shape[1]), (minimum.theta.shape[0], 1))
    for target, row in enumerate(places):
        for offset in range(row.stop - row.start):
            starts = np.array([one.start for one in places])[order[:, target]]
            index[:, row.start + offset] = starts + offset
    theta = np.take_along_axis(minimum.theta, index, axis=1)
    normal = np.take_along_axis(
        np.take_along_axis(minimum.normal, index[:, :, None], axis=1), index[:, None, :], axis=2
    )
    return replace(minimum, theta=theta, normal=normal)


def fits_from(problem: Problem, minimum: Minimum, constraints: Constraints = FREE) -> tuple[CircuitFit, ...]:
    """Fits with covariance from the minima."""
    count = minimum.theta.shape[1]
    ties = np.eye(count) if problem.ties is None else problem.ties
    tolerance = 1e-6
    leaning = (minimum.theta <= problem.low + tolerance) | (minimum.theta >= problem.high - tolerance)
    leaning &= problem.high > problem.low
    frequency = np.exp(problem.log_omega) / (2 * np.pi)
    found = []
    none = np.empty((minimum.theta.shape[0], 0, count))
    rejected = none if minimum.rejected is None else minimum.rejected
    for row in range(minimum.theta.shape[0]):
        free = ties * ~leaning[row][:, None]
        freedom = 2 * int(np.count_nonzero(problem.weight[row])) - ties.shape[1]
        scale = max(float(minimum.chi_square[row]), 0.0) / freedom
        names = tuple(name for name, leans in zip(problem.circuit.names, leaning[row], strict=True) if leans)
        found.append(
            CircuitFit(
                circuit=problem.circuit,
                theta=minimum.theta[row],
                covariance=covariance_of(minimum.normal[row], free) * scale,
                chi_square=float(minimum.chi_square[row]),
                degrees_of_freedom=freedom,
                at_bound=names,
                converged=bool(minimum.converged[row]),
                frequency_hertz=frequency,
                measured_ohm=problem.impedance[row],
                weight=problem.weight[row],
                constraints=constraints,
                rejected=rejected[row][np.isfinite(rejected[row, :, 0])],
            )
        )
    return tuple(found)


def covariance_of(normal: FloatArray, free: FloatArray) -> FloatArray:
    """Covariance in all coordinates: the inverse of the normal matrix in the free ones.

    Coordinates that the data do not determine at all get a very large variance.
    """
    used = np.any(free != 0, axis=0)
    ties = free[:, used]
    reduced = ties.T @ normal @ ties
    size = np.sqrt(np.maximum(np.diag(reduced), 1e-300))
    values, vectors = np.linalg.eigh(reduced / np.outer(size, size))
    inverse = (vectors / np.maximum(values, 1e-14)) @ vectors.T / np.outer(size, size)
    return np.asarray(ties @ inverse @ ties.T)


def refuse_too_few(circuit: Circuit, points: int) -> None:
    """Refuse a spectrum with too few points for the circuit."""
    count = len(circuit.parameters)
    if 2 * points < count + 4:
        raise CathodelabError(
            "spectrum-too-short",
            f"{points} frequencies are too few for {count} parameters",
            where=f"circuit {circuit.expression}",
            why="Every frequency gives two numbers, and some must be left to judge the fit.",
            what_to_do="Measure more frequencies, or choose a smaller circuit.",
        )
