"""When the voltage was really changed: between two rows, and where a logger has a clock of its own not always at the same place.

A common delay of all steps changes nothing but the amplitudes of exponentials. Delays that differ from step to step do not fit
one relaxation; they are found where they make it fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cathodelab.core.arrays import FloatArray
from cathodelab.techniques.conduction.means import Means, means_of
from cathodelab.techniques.conduction.model import ConductionSettings, Staircase, Step
from cathodelab.techniques.conduction.response import answers_of_exponentials
from cathodelab.techniques.conduction.scatter import of_noise
from cathodelab.techniques.conduction.spectrum import Problem, Solution

_PARTS = np.linspace(0.0, 1.0, 11)
_TURNS = 6
_BETTER, _DESCRIBED = 0.97, 1.5


def retimed(
    staircase: Staircase, steps: Sequence[Step], left_out: NDArray[np.bool_], settings: ConductionSettings
) -> tuple[Step, ...]:
    """The steps with the starts, between the last row before and the first row of each, that make one relaxation fit best."""
    now = tuple(steps)
    means = means_of(staircase, now, left_out)
    best = _best(means, settings)
    for _ in range(_TURNS):
        if best.chi_square < _DESCRIBED * means.rows.size:
            break
        moved = _moved(staircase, now, means, best, settings)
        new_means = means_of(staircase, moved, left_out)
        new_best = _best(new_means, settings, best.log_tau)
        if new_best.chi_square > _BETTER * best.chi_square:
            break
        now, means, best = moved, new_means, new_best
    return now


def _problem(means: Means, settings: ConductionSettings) -> Problem:
    return Problem(means, "continued", of_noise(means), settings)


def _best(means: Means, settings: ConductionSettings, near: FloatArray | None = None) -> Solution:
    return _problem(means, settings).best(near=near)


def _moved(
    staircase: Staircase, steps: tuple[Step, ...], means: Means, best: Solution, settings: ConductionSettings
) -> tuple[Step, ...]:
    """Every step with the start at which its own rows fit best, the spectrum as it is."""
    problem = _problem(means, settings)
    offset = problem.fitted(best)[1]
    moved = list(steps)
    for number in np.unique(means.step):
        step = steps[number]
        if step.first == 0:
            continue
        before, first = (float(staircase.time_second[row]) for row in (step.first - 1, step.first))
        own = means.step == number
        chances = []
        for part in _PARTS:
            start = first - part * (first - before)
            shifted = _with_start(means, int(number), start)
            answers = answers_of_exponentials(shifted, problem.drive, np.exp(best.log_tau)) @ best.amplitude
            rest = means.current_ampere - offset - best.conductance * means.volts - answers
            chances.append((float(np.sum((rest[own] / problem.scatter.standard_ampere[own]) ** 2)), start))
        moved[number] = replace(step, start_second=min(chances)[1])
    return tuple(moved)


def _with_start(means: Means, number: int, start: float) -> Means:
    """The same means with another start of one step."""
    starts = means.start_second.copy()
    delay = start - starts[number]
    starts[number] = start
    own = means.part_step == number
    return replace(means, start_second=starts, part_second=means.part_second - delay * own)
