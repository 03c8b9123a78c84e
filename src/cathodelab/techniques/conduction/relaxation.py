"""The conductance after all relaxation, with an interval that holds whatever the law of the relaxation is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.techniques.conduction.laws import best_law, plain_line
from cathodelab.techniques.conduction.means import Means
from cathodelab.techniques.conduction.model import ConductionSettings, History
from cathodelab.techniques.conduction.response import drive_of
from cathodelab.techniques.conduction.results import Law, Relaxation
from cathodelab.techniques.conduction.scatter import BeyondNoise, Scatter, as_large_as, of_noise
from cathodelab.techniques.conduction.spectrum import Problem, Solution

_CLEAR_MISFIT = 1.5
_CLEARLY_BETTER, _NEARLY_DESCRIBED = 0.7, 3.0
_TURNS, _MOST_PAST, _OUTLASTS = 4, 6, 2.0
_SLOWER = 3.0
_NUMERIC = 2e-4
_SETTLING = 3
_WITHOUT_MEMORY: tuple[History, ...] = ("afresh", "from rest")


def relaxation_of(means: Means, longest_second: float, settings: ConductionSettings) -> Relaxation:
    """What a record says about the conductance after all relaxation.

    Args:
        means: of the record.
        longest_second: how long its longest step holds.
        settings: slowest relaxation thought possible.
    """
    problem, best = described(means, settings)
    noise_chi_square = best.chi_square
    problem, best, beyond, beyond_ampere = _with_scatter(problem, best, settings)
    law = best_law(problem, best.chi_square, settings.steady_fraction)
    short = law is not None and longest_second < settings.fewest_time_constants * law.time_constant_second
    ends = _ends(problem, best, settings, slower=law is not None and (short or not law.adequate))
    value = _value(problem, best, law, ends[1])
    low, high = ends[0][0] - value, ends[0][1] - value
    standard = float(np.hypot(np.sqrt((low**2 + high**2) / 2), _NUMERIC * value))
    fitted, offset = problem.fitted(best)
    return Relaxation(
        conductance_siemens=value,
        standard_siemens=standard,
        lowest_siemens=min(ends[1][0], value - 2 * standard),
        highest_siemens=max(ends[1][1], value + 2 * standard),
        offset_ampere=offset,
        offset_standard_ampere=_offset_standard(problem, standard),
        history=problem.history,
        past_tau_second=problem.past_tau,
        tau_second=np.exp(best.log_tau),
        amplitude_siemens=best.amplitude,
        law=law,
        chi_square=noise_chi_square,
        degrees_of_freedom=problem.degrees_of_freedom - best.log_tau.size,
        beyond_noise=beyond,
        beyond_ampere=beyond_ampere,
        remaining_ampere=remaining_of(means, problem.history, np.exp(best.log_tau), best.amplitude),
        fitted_ampere=fitted,
        scatter=problem.scatter,
    )


def is_described(chi_square: float, means: Means) -> bool:
    """Whether noise from row to row explains what is left of the means."""
    return chi_square < _CLEAR_MISFIT * max(means.rows.size - 2, 1)


def described(means: Means, settings: ConductionSettings) -> tuple[Problem, Solution]:
    """The history that describes the record: the staircase as it stands, unless another one fits clearly better."""
    for jitter in (False, True):
        scatter = of_noise(means, jitter=jitter)
        problem = Problem(means, "continued", scatter, settings)
        best = problem.best()
        if is_described(best.chi_square, means):
            return problem, best
    adequate = _NEARLY_DESCRIBED * problem.degrees_of_freedom
    for other, found in _other_histories(means, scatter, settings, best):
        if found.chi_square < min(adequate, _CLEARLY_BETTER * best.chi_square):
            problem, best = other, found
    return problem, best


def _other_histories(
    means: Means, scatter: Scatter, settings: ConductionSettings, best: Solution
) -> Iterator[tuple[Problem, Solution]]:
    """What else the steps may start from. What an unknown past left decays with the time constants of the cell."""
    past = _past(means, best)
    for _ in range(_TURNS):
        problem = Problem(means, "from unknown state", scatter, settings, past)
        found = problem.best()
        yield problem, found
        past = _past(means, found)
    for history in _WITHOUT_MEMORY:
        problem = Problem(means, history, scatter, settings)
        yield problem, problem.best()


def _past(means: Means, solution: Solution) -> FloatArray:
    """The time constants of a solution that outlast a few rows, those with the largest amplitudes, s."""
    tau = np.exp(solution.log_tau)
    slow = tau > _OUTLASTS * means.interval_second
    order = np.argsort(solution.amplitude[slow])[::-1][:_MOST_PAST]
    return np.asarray(tau[slow][order])


def _with_scatter(
    problem: Problem, best: Solution, settings: ConductionSettings
) -> tuple[Problem, Solution, BeyondNoise, float]:
    """The fit with as much scatter, or wander, as the misfit asks for beyond noise: whichever describes it better."""
    if is_described(best.chi_square, problem.means):
        return problem, best, "", 0.0
    means = problem.means
    word: BeyondNoise = ""
    size = 0.0
    for _ in range(_SETTLING):
        rest = means.current_ampere - problem.fitted(best)[0]
        candidates = as_large_as(means, rest, max(problem.degrees_of_freedom - best.log_tau.size, 1))
        if not candidates:
            break
        word, size, scatter = min(candidates, key=lambda one: one[2].log_determinant)
        problem = Problem(means, problem.history, scatter, settings, problem.past_tau)
        best = problem.best(near=best.log_tau)
    return problem, best, word, size


def _ends(
    problem: Problem, best: Solution, settings: ConductionSettings, *, slower: bool
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Ends of the 68 and the 95 % interval.

    Where no named law describes the relaxation, or steps end before it does, nothing says that it ends with the record: slower
    ones are thought possible too.
    """
    if slower:
        wider = replace(settings, slowest_over_record=_SLOWER * settings.slowest_over_record)
        problem = Problem(problem.means, problem.history, problem.scatter, wider, problem.past_tau)
        best = problem.best(near=best.log_tau)
    first, second = (
        (best.conductance - problem.reach(best, -1, rise), best.conductance + problem.reach(best, 1, rise))
        for rise in (1.0, 4.0)
    )
    return first, second


def _value(problem: Problem, best: Solution, law: Law | None, ends: tuple[float, float]) -> float:
    """The conductance of the law where one describes the record, inside the interval of all sums; else that of the best sum."""
    found = plain_line(problem) if law is None else law.conductance_siemens
    adequate = law is None or law.adequate
    inside = ends[0] <= found <= ends[1]
    return found if adequate and inside else best.conductance


def _offset_standard(problem: Problem, standard: float) -> float:
    """Of the offset: noise, and the conductance that it is fitted together with."""
    one = problem.scatter.white(np.ones(problem.means.rows.size))
    volts = problem.scatter.white(problem.means.volts)
    total = float(one @ one)
    return float(np.hypot(1 / np.sqrt(total), standard * abs(float(one @ volts)) / total))


def remaining_of(means: Means, history: History, tau: FloatArray, amplitude: FloatArray) -> FloatArray:
    """What is still to relax at the end of each step, A, shape (k,)."""
    drive = drive_of(means, history)
    ends = np.append(means.start_second[1:], means.start_second[0] + means.record_second)
    state, found = np.zeros(tau.size), np.zeros(drive.change_volt.size)
    for number, change in enumerate(drive.change_volt):
        state = (state if drive.remembers else 0.0) + change
        state = state * np.exp(-(ends[number] - means.start_second[number]) / tau)
        found[number] = float(state @ amplitude)
    return found
