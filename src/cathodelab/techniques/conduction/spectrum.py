"""The conductance after all relaxation, whatever the law: a non-negative spectrum of decaying exponentials beside it.

A cell of resistances and capacitances, in whatever network, answers to a step of voltage with ``G + sum of a_m exp(-t/tau_m)``,
all ``a_m`` >= 0 (driving-point admittance of RC networks; Foster 1924, Cauer 1926). Diffusion in a layer, stretched exponentials
and several processes beside each other are such sums. So the smallest chi-square over all such sums, as a function of G, says
what the record says about G, and the interval is where it rises by no more than 1 (or 4): an interval by optimization under
constraints (Rust and Burrus 1972). That such intervals hold what they claim is not guaranteed (Batlle et al., arXiv 2310.02461):
``benchmarks/conduction.md`` measures it. No law is assumed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.techniques.conduction.means import Means
from cathodelab.techniques.conduction.model import ConductionSettings, History
from cathodelab.techniques.conduction.response import answers_of_exponentials, drive_of, left_from_before
from cathodelab.techniques.conduction.scatter import Scatter

_TIMES_A_DECADE = 5
_REFINEMENTS = 14
_NO_GAIN = 0.005
_CLOSE = 0.02
_MOST_SEARCHES = 25


NOTHING: FloatArray = np.zeros(0)


@dataclass(frozen=True, eq=False)
class Solution(ReadOnlyArrays):
    """A best sum of exponentials: G, chi-square, logarithms of time constants with their amplitudes, S."""

    conductance: float
    chi_square: float
    log_tau: FloatArray
    amplitude: FloatArray


class Problem:
    """Weighted means of one record, with everything linear but the conductance and the spectrum taken out.

    Args:
        means: of the record.
        history: what the steps start from.
        scatter: how the means deviate from a model.
        settings: slowest relaxation.
        past_tau: time constants of what may be left from before the record, of either sign, s; none where the cell was at rest.
    """

    def __init__(
        self,
        means: Means,
        history: History,
        scatter: Scatter,
        settings: ConductionSettings,
        past_tau: FloatArray = NOTHING,
    ) -> None:
        self.means, self.history, self.past_tau, self.scatter = means, history, past_tau, scatter
        self.drive = drive_of(means, history)
        self.raw_free = np.hstack([np.ones((means.rows.size, 1)), left_from_before(means, past_tau)])
        weighted = scatter.white(self.raw_free)
        self.free = np.linalg.qr(weighted / np.linalg.norm(weighted, axis=0))[0]
        self.current = self.without_free(means.current_ampere)
        self.voltage = self.without_free(means.volts)
        self.length = float(np.linalg.norm(self.voltage))
        low = np.log(means.interval_second / 2)
        high = np.log(max(settings.slowest_over_record * means.record_second, means.interval_second))
        self.grid = np.linspace(low, high, max(int(_TIMES_A_DECADE * (high - low) / np.log(10)), 1) + 1)

    @property
    def degrees_of_freedom(self) -> int:
        """Means less what is fitted besides the spectrum."""
        return int(self.means.rows.size - self.free.shape[1] - 1)

    def without_free(self, columns: FloatArray) -> FloatArray:
        """What is left of columns, weighted, once the offset (and what is left from before) is fitted."""
        white = self.scatter.white(columns)
        return np.asarray(white - self.free @ (self.free.T @ white))

    def columns(self, log_tau: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Weighted answers of exponentials at unit length, and their lengths."""
        answers = self.without_free(answers_of_exponentials(self.means, self.drive, np.exp(log_tau)))
        lengths = np.linalg.norm(answers, axis=0)
        lengths = np.where(lengths > 0, lengths, 1.0)
        return answers / lengths, lengths

    def on_grid(self, log_tau: FloatArray, conductance: float | None) -> Solution:
        """Best amplitudes for given time constants; with the best conductance where none is given."""
        from scipy.optimize import nnls

        answers, lengths = self.columns(log_tau)
        limit = 30 * (log_tau.size + 1)
        if conductance is not None:
            amplitude, rest = nnls(answers, self.current - conductance * self.voltage, maxiter=limit)
            return Solution(conductance, float(rest**2), log_tau, amplitude / lengths)
        # the conductance may come out negative where there is none: it is taken out as well
        direction = self.voltage / self.length
        inside = answers - np.outer(direction, direction @ answers)
        target = self.current - direction * float(direction @ self.current)
        amplitude, rest = nnls(inside, target, maxiter=limit)
        found = float(direction @ (self.current - answers @ amplitude)) / self.length
        return Solution(found, float(rest**2), log_tau, amplitude / lengths)

    def best(self, conductance: float | None = None, near: FloatArray | None = None) -> Solution:
        """The best of all sums of exponentials: the grid is refined around those that are used.

        ``near``: logarithms of time constants from which to start besides the grid.
        """
        base = np.round(self.grid, 10)
        solution = self.on_grid(base if near is None else np.union1d(base, np.round(near, 10)), conductance)
        gap = float(base[1] - base[0]) if base.size > 1 else 0.0
        for number in range(_REFINEMENTS if base.size > 1 else 0):
            gap /= 2
            used = solution.log_tau[solution.amplitude > 0]
            wanted = np.clip(np.concatenate([used, used - gap, used + gap]), base[0], base[-1])
            refined = self.on_grid(np.union1d(base, np.round(wanted, 10)), conductance)
            gain = solution.chi_square - refined.chi_square
            solution = refined if gain > 0 else solution
            if number and abs(gain) < _NO_GAIN:
                break
        kept = solution.amplitude > 0
        return Solution(solution.conductance, solution.chi_square, solution.log_tau[kept], solution.amplitude[kept])

    def reach(self, best: Solution, side: int, rise: float) -> float:
        """How far the conductance can go to one side (-1, 1) before chi-square has risen by so much."""
        inside, outside = 0.0, np.inf
        step = np.sqrt(rise) / self.length
        for _ in range(_MOST_SEARCHES):
            moved = self.best(best.conductance + side * step, best.log_tau)
            risen = max(moved.chi_square - best.chi_square, 0.0) / rise
            if risen > 1:
                outside = step
            else:
                inside = step
            if abs(np.sqrt(risen) - 1) < _CLOSE or outside - inside < _CLOSE * inside:
                break
            # the root of the rise is nearly a straight line
            guess = step / max(float(np.sqrt(risen)), 0.1)
            guess = max(guess, 1.2 * step) if np.isinf(outside) else guess
            step = guess if inside < guess < outside else (inside + outside) / 2
        return float(step)

    def fitted(self, solution: Solution) -> tuple[FloatArray, float]:
        """Mean currents of a solution, shape (b,), and its offset, A."""
        answers = answers_of_exponentials(self.means, self.drive, np.exp(solution.log_tau)) @ solution.amplitude
        part = solution.conductance * self.means.volts + answers
        white = self.scatter.white(self.raw_free)
        target = self.scatter.white(self.means.current_ampere - part)
        found, *_ = np.linalg.lstsq(white, target, rcond=1e-12)
        return part + self.raw_free @ found, float(found[0])
