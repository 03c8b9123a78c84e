"""Named laws of relaxation, fitted to the whole record: they give the time constant, and the likeliest steady current.

The interval of the conductance does not come from here but from all sums of exponentials (``spectrum``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.techniques.conduction.response import answers_of_exponentials, answers_of_law
from cathodelab.techniques.conduction.results import Law
from cathodelab.techniques.conduction.spectrum import Problem

_TERMS = 40
_TIMES, _PAIRS = 20, 12
_EXPONENTS = (0.35, 0.5, 0.65, 0.8, 0.92)
_SEEN, _CLEARLY_BETTER = 12.0, 18.0
_PRICE_OF_A_PARAMETER = 5.0  # Schwarz's ln(n) for some 150 means
_SMALL_PART = 0.002
_NEARLY_EQUAL_TIMES = 1.05

Answers = Callable[[Problem, FloatArray], FloatArray]
"""Problem, parameters -> mean currents per siemens, shape (b, columns)."""


@dataclass(frozen=True)
class _Family:
    """A law: parameters are logarithms of time constants, the slowest first, then an exponent if it has one."""

    name: str
    answers: Answers
    times: int
    exponent: bool = False


def _one(problem: Problem, at: FloatArray) -> FloatArray:
    return answers_of_exponentials(problem.means, problem.drive, np.exp(at[:1]))


def _two(problem: Problem, at: FloatArray) -> FloatArray:
    return answers_of_exponentials(problem.means, problem.drive, np.exp(at[:2]))


def _diffusion_of_potential(problem: Problem, at: FloatArray) -> FloatArray:
    """``sum of exp(-n^2 t/tau)/n^2`` over odd n: the concentration in a layer after its ends were changed."""
    n = np.arange(1, 2 * _TERMS, 2)
    terms = answers_of_exponentials(problem.means, problem.drive, np.exp(at[0]) / n**2)
    return np.asarray(terms @ (8 / np.pi**2 / n**2))[:, None]


def _diffusion_of_current(problem: Problem, at: FloatArray) -> FloatArray:
    """``sum of exp(-n^2 t/tau)``: the current into a layer after a step of its potential (early: 1/sqrt(t))."""
    n = np.arange(1, _TERMS + 1)
    terms = answers_of_exponentials(problem.means, problem.drive, np.exp(at[0]) / n**2)
    return np.asarray(terms.sum(axis=1))[:, None]


def _stretched(problem: Problem, at: FloatArray) -> FloatArray:
    tau, exponent = np.exp(at[0]), at[1]
    return answers_of_law(problem.means, problem.drive, lambda t: np.exp(-((t / tau) ** exponent)))[:, None]


_FAMILIES = (
    _Family("one process", _one, 1),
    _Family("diffusion (potential)", _diffusion_of_potential, 1),
    _Family("diffusion (current)", _diffusion_of_current, 1),
    _Family("stretched exponential", _stretched, 1, exponent=True),
    _Family("two processes", _two, 2),
)


@dataclass(frozen=True)
class _Fit(ReadOnlyArrays):
    family: _Family
    at: FloatArray
    chi_square: float
    conductance: float
    amplitudes: FloatArray

    @property
    def criterion(self) -> float:
        """Chi-square and a price for each parameter."""
        return self.chi_square + _PRICE_OF_A_PARAMETER * (2 * self.family.times + self.family.exponent)

    def time_constant(self, negligible: float) -> float:
        """Of the slowest process whose amplitude is not negligible, s."""
        times, amplitudes = np.exp(self.at[: self.family.times]), self.amplitudes
        counted = amplitudes > max(negligible * abs(self.conductance), _SMALL_PART * float(amplitudes.sum()))
        return float(times[counted].max()) if counted.any() else float(times.max())


def best_law(problem: Problem, best_chi_square: float, negligible: float) -> Law | None:
    """The law with the smallest chi-square and fewest parameters; ``None`` where no relaxation is seen.

    Args:
        problem: the record.
        best_chi_square: of the best of all sums of exponentials.
        negligible: part of the conductance below which a process does not count.
    """
    without = float(np.sum(problem.current**2) - (problem.voltage @ problem.current / problem.length) ** 2)
    if without - best_chi_square < _SEEN:
        return None
    fits = [_fit(problem, family) for family in _FAMILIES]
    chosen = min(fits, key=lambda fit: fit.criterion)
    time_constant = chosen.time_constant(negligible)
    return Law(
        name=chosen.family.name,
        time_constant_second=time_constant,
        standard_second=time_constant * _standard_of_log(problem, chosen, time_constant),
        exponent=float(chosen.at[1]) if chosen.family.exponent else float("nan"),
        conductance_siemens=chosen.conductance,
        chi_square=chosen.chi_square,
        adequate=chosen.chi_square - best_chi_square < _CLEARLY_BETTER,
    )


def plain_line(problem: Problem) -> float:
    """Conductance without any relaxation, S."""
    return float(problem.voltage @ problem.current) / problem.length**2


def _fit(problem: Problem, family: _Family) -> _Fit:
    """The best parameters: the best place of a grid, from there downhill."""
    from scipy.optimize import minimize

    def chi(at: FloatArray) -> float:
        return _solved(problem, family, at)[0]

    start = min(_grid(problem, family), key=chi)
    found = minimize(
        chi, start, method="Nelder-Mead", options={"xatol": 3e-4, "fatol": 1e-3, "maxfev": 45 * start.size}
    )
    at = np.asarray(found.x if found.fun < chi(start) else start, dtype=float)
    return _Fit(family, at, *_solved(problem, family, at))


def _grid(problem: Problem, family: _Family) -> Sequence[FloatArray]:
    low, high = float(problem.grid[0]), float(problem.grid[-1])
    if family.times == 2:
        times = np.linspace(low, high, _PAIRS)
        return [np.array(pair[::-1]) for pair in product(times, times) if pair[0] < pair[1]] or [np.array([high, low])]
    times = np.linspace(low, high, _TIMES)
    if family.exponent:
        return [np.array(pair) for pair in product(times, _EXPONENTS)]
    return [np.array([one]) for one in times]


def _solved(problem: Problem, family: _Family, at: FloatArray) -> tuple[float, float, FloatArray]:
    """(chi-square, conductance, amplitudes in S); infinite outside of what is possible."""
    nothing = float("inf"), float("nan"), np.zeros(family.times)
    slow, low, high = float(at[0]), float(problem.grid[0]), float(problem.grid[-1])
    outside = not low <= slow <= high
    if family.exponent:
        outside |= not 0.2 <= float(at[1]) <= 1
    if family.times == 2:
        outside |= not low <= float(at[1]) <= slow - np.log(_NEARLY_EQUAL_TIMES)
    if outside:
        return nothing
    answers = problem.without_free(family.answers(problem, at))
    design = np.column_stack([problem.voltage, answers])
    lengths = np.linalg.norm(design, axis=0)
    found, *_ = np.linalg.lstsq(design / lengths, problem.current, rcond=1e-12)
    if np.any(found[1:] < 0):
        return nothing
    rest = problem.current - design / lengths @ found
    return float(rest @ rest), float(found[0] / lengths[0]), found[1:] / lengths[1:]


def _standard_of_log(problem: Problem, fit: _Fit, time_constant: float) -> float:
    """Standard uncertainty of the logarithm of a time constant, from the curvature of chi-square."""
    size, step = fit.at.size, 0.01
    place = int(np.argmin(np.abs(fit.at[: fit.family.times] - np.log(time_constant))))
    hessian = np.zeros((size, size))
    for a, b in product(range(size), repeat=2):
        total = 0.0
        for one, other in product((-1, 1), repeat=2):
            at = fit.at.copy()
            at[a] += one * step
            at[b] += other * step
            total += one * other * _solved(problem, fit.family, at)[0]
        hessian[a, b] = total / (4 * step**2)
    if not np.all(np.isfinite(hessian)) or np.any(np.linalg.eigvalsh(hessian) <= 0):
        return float("nan")
    return float(np.sqrt(2 * np.linalg.inv(hessian)[place, place]))
