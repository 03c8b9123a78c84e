"""When the voltage was really changed: between two rows, and where a logger has a clock of its own not always at the same place.

A common delay of all steps changes nothing but the amplitudes of exponentials. Delays that differ from step to step do not fit
one relaxation; they are found where they make it fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.techniques.conduction.means import Means, with_starts
from cathodelab.techniques.conduction.model import ConductionSettings, Staircase, Step
from cathodelab.techniques.conduction.response import answers_of_exponentials
from cathodelab.techniques.conduction.scatter import of_noise
from cathodelab.techniques.conduction.spectrum import Problem, Solution

_PARTS = np.linspace(0.0, 1.0, 11)
_TURNS = 6
_BETTER, _DESCRIBED = 0.97, 1.5


def retimed(
    staircase: Staircase, steps: Sequence[Step], means: Means, settings: ConductionSettings
) -> tuple[tuple[Step, ...], Means]:
    """The steps with the starts, between the last row before and the first row of each, that make one relaxation fit best.

    Args:
        staircase: the record.
        steps: its steps.
        means: its means.
        settings: slowest relaxation.

    Returns:
        the steps, and the same means with their starts.
    """
    problem = Problem(means, "continued", of_noise(means), settings)
    best = problem.best()
    for _ in range(_TURNS):
        if best.chi_square < _DESCRIBED * means.rows.size:
            break
        moved = with_starts(means, _better_starts(staircase, steps, problem, best))
        problem = Problem(moved, "continued", of_noise(moved), settings)
        found = problem.best(near=best.log_tau)
        if found.chi_square > _BETTER * best.chi_square:
            break
        means, best = moved, found
    starts = means.start_second.tolist()
    return tuple(replace(step, start_second=start) for step, start in zip(steps, starts, strict=True)), means


def _better_starts(staircase: Staircase, steps: Sequence[Step], problem: Problem, best: Solution) -> FloatArray:
    """For every step the start at which its own rows fit best, the spectrum as it is, shape (k,)."""
    means, tau = problem.means, np.exp(best.log_tau)
    offset = problem.fitted(best)[1]
    starts = means.start_second.copy()
    for number in np.unique(means.step):
        first = steps[number].first
        if first == 0:
            continue
        before, after = float(staircase.time_second[first - 1]), float(staircase.time_second[first])
        own = means.step == number
        chances = []
        for part in _PARTS:
            tried = means.start_second.copy()
            tried[number] = after - part * (after - before)
            answers = answers_of_exponentials(with_starts(means, tried), problem.drive, tau) @ best.amplitude
            rest = means.current_ampere - offset - best.conductance * means.volts - answers
            sigmas = rest[own] / problem.scatter.standard_ampere[own]
            chances.append((float(sigmas @ sigmas), float(tried[number])))
        starts[number] = min(chances)[1]
    return starts
