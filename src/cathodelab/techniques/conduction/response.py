"""What a linear cell answers to a staircase of voltage: superposition of the answers to all changes so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.techniques.conduction.means import Means
from cathodelab.techniques.conduction.model import History


@dataclass(frozen=True)
class Drive(ReadOnlyArrays):
    """Changes of the voltage that steps answer to.

    Args:
        change_volt: at the start of each step, shape (k,).
        remembers: whether the answers to earlier changes go on in later steps.
    """

    change_volt: FloatArray
    remembers: bool


def drive_of(means: Means, history: History) -> Drive:
    """Before the record the cell is taken to have rested at 0 V."""
    if history == "from rest":
        return Drive(means.voltage_volt, remembers=False)
    return Drive(np.diff(means.voltage_volt, prepend=0.0), remembers=history != "afresh")


def answers_of_exponentials(means: Means, drive: Drive, tau_second: FloatArray) -> FloatArray:
    """Mean currents for one siemens of each ``exp(-t/tau)`` per volt of a change, shape (b, m)."""
    state = np.zeros(tau_second.size)
    states = np.zeros((drive.change_volt.size, tau_second.size))
    for number, change in enumerate(drive.change_volt):
        if number:
            elapsed = means.start_second[number] - means.start_second[number - 1]
            state = state * np.exp(-elapsed / tau_second) if drive.remembers else np.zeros_like(state)
        state = state + change
        states[number] = state
    faded = np.exp(-means.part_second[:, None] / tau_second)
    return means.of_parts(states[means.part_step] * faded)


def answers_of_law(means: Means, drive: Drive, law: Callable[[FloatArray], FloatArray]) -> FloatArray:
    """Mean currents for one siemens of a law f(t), f(0) = 1, per volt of a change, shape (b,)."""
    at = means.start_second[means.part_step] + means.part_second
    total = np.zeros(at.size)
    for number, change in enumerate(drive.change_volt):
        later = means.part_step >= number if drive.remembers else means.part_step == number
        if change:
            total[later] += change * law(at[later] - means.start_second[number])
    return means.of_parts(total)


def left_from_before(means: Means, tau_second: FloatArray) -> FloatArray:
    """Mean currents for one ampere of each exponential that decays from the start of the record, shape (b, m)."""
    since = means.start_second[means.part_step] + means.part_second - means.start_second[0]
    return means.of_parts(np.exp(-since[:, None] / tau_second))
