"""Staircases of known truth; nothing is shared with what evaluates them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from cathodelab.core.estimate import Estimate
from cathodelab.techniques.conduction.columns import Blocked
from cathodelab.techniques.conduction.model import ConductionSettings, Pellet, Staircase

Array = NDArray[np.float64]
Fade = Callable[[Array], Array]
UP_AND_DOWN = (0.0, 0.01, 0.02, 0.03, 0.04, 0.05, 0.04, 0.03, 0.02, 0.01, 0.0)
CONDUCTANCE, TAU = 1 / 400, 500.0
SETTINGS = ConductionSettings()


def one_process(time: Array) -> Array:
    return np.exp(-time / TAU)


def two_processes(time: Array) -> Array:
    return 0.6 * np.exp(-5 * time / TAU) + 0.4 * np.exp(-time / TAU)


def stretched(time: Array) -> Array:
    return np.exp(-((time / TAU) ** 0.6))


def series(time: Array) -> Array:
    """Diffusion into a layer after a step, 1 after a hundredth of the time constant."""
    n = np.arange(1, 80)
    scale = np.exp(-(n**2) * 0.01).sum()
    return np.exp(-np.multiply.outer(np.maximum(time, 1.0) / TAU, n**2)).sum(axis=-1) / scale


def power_law(time: Array) -> Array:
    """A law that the estimator has no name for."""
    return (1 + 5 * time / TAU) ** -2.0


def record(
    levels: Sequence[float] = UP_AND_DOWN,
    *,
    hold: float | Sequence[float] = 3000.0,
    interval: float = 25.0,
    ratio: float = 3.0,
    fade: Fade = one_process,
    noise: float = 2e-8,
    offset: float = 3e-7,
    from_rest: bool = False,
    seed: int = 1,
) -> Staircase:
    """A record with a row at every interval after each change, of a linear cell that is at rest at 0 V before.

    ``from_rest``: it rests between the steps too, unseen.
    """
    volts = np.array(levels, dtype=float)
    holds = np.full(volts.size, hold) if np.isscalar(hold) else np.array(hold, dtype=float)
    rows = np.rint(holds / interval).astype(int)
    number = np.repeat(np.arange(volts.size), rows)
    starts = np.concatenate([[0], np.cumsum(rows)[:-1]]) * interval
    time = interval * np.arange(1, rows.sum() + 1)
    current = offset + CONDUCTANCE * volts[number]
    before = 0.0
    for place, level in enumerate(volts):
        answered = number == place if from_rest else number >= place
        change = level if from_rest else level - before
        current[answered] += CONDUCTANCE * (ratio - 1) * change * fade(time[answered] - starts[place])
        before = level
    random = np.random.default_rng(seed)
    return Staircase(time, volts[number], current + noise * random.standard_normal(time.size))


def changed(
    staircase: Staircase, *, time: Array | None = None, voltage: Array | None = None, current: Array | None = None
) -> Staircase:
    """The same with other columns."""
    columns = (staircase.time_second, staircase.voltage_volt, staircase.current_ampere)
    new = (given if given is not None else old for given, old in zip((time, voltage, current), columns, strict=True))
    return Staircase(*new)


def pellet(
    blocked: Blocked = "ions", *, separator: Estimate | None = None, whole_area: float = float("nan"), die: str = ""
) -> Pellet:
    """500 um, 0.785 cm2; both known to 1e-9."""
    return Pellet(
        "pellet",
        blocked,
        Estimate(500.0, 5e-7, 5e-7, "um"),
        Estimate(0.785, 1e-9, 1e-9, "cm2"),
        pellet_area_cm2=whole_area,
        separator=separator,
        temperature_degC=25.0,
        die=die,
    )


CONDUCTIVITY = 500e-4 / 0.785 * CONDUCTANCE
