"""Starts of a fit without start values: separable least squares over a grid, then several different starts.

Every term of the circuit offers coordinates at unit size (time constants over the measured range, a few exponents). For
every combination the sizes of the terms follow linearly. The products of all responses with each other are computed once
per spectrum, so that a combination costs a handful of additions.
"""

from __future__ import annotations

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.errors import NotInRecord
from cathodelab.techniques.impedance.circuits.circuit import Circuit, thinned
from cathodelab.techniques.impedance.circuits.elements import ComplexArray
from cathodelab.techniques.impedance.fitting.minimise import Problem

_TIMES = 14
_MOST_WRITTEN_OUT = 400_000
_NEAR = 2.1
_SMALLEST_SHARE = 2e-3
_PER_CHUNK_COMBINATIONS = 90_000


class StartGrid:
    """Combinations of a circuit's terms over a range of frequencies, with their responses."""

    def __init__(self, circuit: Circuit, log_omega: FloatArray, combinations: int) -> None:
        log_times = np.linspace(-log_omega.max(), -log_omega.min(), _TIMES + 2)[1:-1]
        self._circuit = circuit
        lists = [term.starts(log_times) for term in circuit.terms]
        self._combinations = _combinations(circuit, lists, combinations)
        if not len(self._combinations):
            raise _nowhere_to_start(log_omega)
        coordinates = [
            one[self._combinations[:, place] - offset]
            for place, (one, offset) in enumerate(zip(lists, _offsets(lists), strict=True))
        ]
        self.theta = np.concatenate(coordinates, axis=1)
        self._responses = self._all_responses(lists, log_omega)
        distinct, groups = np.unique(np.round(_distinguishing(circuit, self.theta), 6), axis=0, return_inverse=True)
        self._groups = groups.ravel()
        self._order = np.argsort(self._groups, kind="stable")
        self._borders = np.searchsorted(self._groups[self._order], np.arange(len(distinct)))
        step = (log_times[-1] - log_times[0]) / (_TIMES - 1)
        apart = np.linalg.norm(distinct[:, None, :] - distinct[None, :, :], axis=2) / max(step, 1e-9)
        self._near = apart < _NEAR

    def _all_responses(self, lists: list[FloatArray], log_omega: FloatArray) -> ComplexArray:
        parts = []
        for term, starts in zip(self._circuit.terms, lists, strict=True):
            slopes = np.empty((len(starts), starts.shape[1], log_omega.size), dtype=np.complex128)
            parts.append(term.impedance(log_omega, starts, slopes))
        return np.concatenate(parts)

    def starts(self, problem: Problem, count: int) -> FloatArray:
        """The best coordinates of each spectrum from ``count`` different groups of time constants, shape (b, count, p)."""
        size = max(_PER_CHUNK_COMBINATIONS // len(self._combinations), 1)
        parts = []
        for start in range(0, problem.impedance.shape[0], size):
            rows = slice(start, start + size)
            parts.append(self._chunk(problem.impedance[rows], problem.weight[rows], count))
        return np.concatenate(parts)

    def _chunk(self, impedance: ComplexArray, weight: FloatArray, count: int) -> FloatArray:
        chi, sizes = self._scored(impedance, weight)
        best = np.minimum.reduceat(chi[:, self._order], self._borders, axis=1)
        chosen = np.empty((chi.shape[0], count), dtype=np.int64)
        for place in range(count):
            group = np.argmin(best, axis=1)
            members = self._groups == group[:, None]
            chosen[:, place] = np.argmin(np.where(members, chi, np.inf), axis=1)
            best[self._near[group]] = np.inf
        theta = np.asarray(self.theta[chosen])
        picked = np.take_along_axis(sizes, chosen[:, :, None], axis=1)
        return np.asarray(theta + np.log(picked) @ self._circuit.scales.T)

    def _scored(self, impedance: ComplexArray, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Sum of squares (b, k) and sizes (b, k, terms) of every combination; sizes are held above zero."""
        squares = weight**2
        right = (squares * impedance).real @ self._responses.real.T + (
            squares * impedance
        ).imag @ self._responses.imag.T
        total = np.sum(squares * np.abs(impedance) ** 2, axis=1)
        terms = self._combinations.shape[1]
        unique = len(self._responses)
        upper = np.triu_indices(unique)
        pairs = (self._responses[upper[0]] * np.conj(self._responses[upper[1]])).real
        flat = np.empty((unique, unique), dtype=np.int64)
        flat[upper] = np.arange(upper[0].size)
        flat[upper[1], upper[0]] = flat[upper]
        products = squares @ pairs.T
        g = [right[:, self._combinations[:, t]] for t in range(terms)]
        matrix = {
            (t, s): products[:, flat[self._combinations[:, t], self._combinations[:, s]]]
            for t in range(terms)
            for s in range(t + 1)
        }
        x = _small_solutions(matrix, g, terms)
        least = _SMALLEST_SHARE * np.sqrt(total)[:, None]
        x = [np.maximum(x[t], least / np.sqrt(matrix[t, t])) for t in range(terms)]
        chi = total[:, None] - 2 * sum(x[t] * g[t] for t in range(terms))
        for t in range(terms):
            for s in range(t + 1):
                chi += (1 if s == t else 2) * x[t] * x[s] * matrix[t, s]
        return chi, np.stack(x, axis=2)


def _small_solutions(
    matrix: dict[tuple[int, int], FloatArray], right: list[FloatArray], terms: int
) -> list[FloatArray]:
    """Solutions of very many small positive definite systems at once, by explicit Cholesky factors."""
    lower: dict[tuple[int, int], FloatArray] = {}
    for t in range(terms):
        for s in range(t + 1):
            rest = matrix[t, s] - sum(lower[t, k] * lower[s, k] for k in range(s)) if s else matrix[t, s]
            if s == t:
                lower[t, t] = np.sqrt(np.maximum(rest, 1e-9 * matrix[t, t]))
            else:
                lower[t, s] = rest / lower[s, s]
    forward: list[FloatArray] = []
    for t in range(terms):
        known = sum(lower[t, k] * forward[k] for k in range(t)) if t else 0.0
        forward.append((right[t] - known) / lower[t, t])
    x: list[FloatArray] = [np.zeros(0)] * terms
    for t in reversed(range(terms)):
        known = sum(lower[k, t] * x[k] for k in range(t + 1, terms)) if t + 1 < terms else 0.0
        x[t] = (forward[t] - known) / lower[t, t]
    return x


def _distinguishing(circuit: Circuit, theta: FloatArray) -> FloatArray:
    """What makes starts different, shape (k, q): time constants; ratios of sizes in terms that have none of their own."""
    columns = []
    for term, row in zip(circuit.terms, circuit.rows, strict=True):
        kinds = [parameter.kind for parameter in term.parameters]
        times = [row.start + place for place, kind in enumerate(kinds) if kind == "time"]
        sizes = [row.start + place for place, kind in enumerate(kinds) if kind == "scale"]
        columns += [theta[:, place] for place in times]
        if not times:
            columns += [theta[:, place] - theta[:, sizes[0]] for place in sizes[1:]]
    return np.stack(columns, axis=1) if columns else np.zeros((len(theta), 1))


def _offsets(lists: list[FloatArray]) -> list[int]:
    return [int(value) for value in np.cumsum([0, *(len(one) for one in lists)])[:-1]]


def _nowhere_to_start(log_omega: FloatArray) -> NotInRecord:
    return NotInRecord(
        "frequencies-too-few",
        "No circuit can be fitted to the spectrum",
        where=f"{log_omega.size} frequencies",
        why="They cover too small a range for the circuit's time constants to differ.",
        what_to_do="Measure over several decades of frequency, or export the file again if it is cut off or damaged.",
    )


def _combinations(circuit: Circuit, lists: list[FloatArray], most: int) -> np.ndarray:
    """Response indices of every combination, or of a random part of them, one row each; equal terms in one order only."""
    if int(np.prod([len(one) for one in lists])) > _MOST_WRITTEN_OUT:
        chance = np.random.default_rng(0)
        rows = np.stack([chance.integers(0, len(one), _MOST_WRITTEN_OUT // 4) for one in lists], axis=1)
    else:
        grids = np.meshgrid(*(np.arange(len(one)) for one in lists), indexing="ij")
        rows = np.stack([grid.ravel() for grid in grids], axis=1)
    kinds = [repr(term.parameters) for term in circuit.terms]
    for later in range(len(kinds)):
        for earlier in range(later):
            if kinds[later] == kinds[earlier] and len(lists[later]) > 1:
                times = [_times(lists[place], circuit, place) for place in (earlier, later)]
                rows = rows[times[0][rows[:, earlier]] < times[1][rows[:, later]] - 1e-9]
    rows = thinned(rows.astype(np.float64), most).astype(np.int64)
    return np.asarray(rows + np.array(_offsets(lists)))


def _times(starts: FloatArray, circuit: Circuit, place: int) -> FloatArray:
    """First time constant of each start of a term, or the start's number where it has none."""
    for column, parameter in enumerate(circuit.terms[place].parameters):
        if parameter.kind == "time":
            return np.asarray(starts[:, column])
    return np.arange(len(starts), dtype=np.float64)
