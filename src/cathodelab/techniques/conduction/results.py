"""What is found of a staircase: relaxation, line of steady currents, resistance, conductivity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.core.checks import Check
from cathodelab.core.estimate import EstimateSet
from cathodelab.techniques.conduction.means import Means
from cathodelab.techniques.conduction.model import (
    ConductionSettings,
    History,
    IntArray,
    Pellet,
    Staircase,
    State,
    Step,
)
from cathodelab.techniques.conduction.scatter import BeyondNoise, Scatter


@dataclass(frozen=True)
class Law:
    """A law that describes the relaxation as well as any sum of exponentials does, and what it would give.

    Args:
        name: in words.
        time_constant_second: of its slowest process; the time after which 1/e is left of a stretched exponential.
        standard_second: its standard uncertainty.
        exponent: of a stretched exponential, else ``nan``.
        conductance_siemens: of the steady current under this law.
        chi_square: of its fit.
        adequate: whether no sum of decaying exponentials fits clearly better.
    """

    name: str
    time_constant_second: float
    standard_second: float
    exponent: float
    conductance_siemens: float
    chi_square: float
    adequate: bool


@dataclass(frozen=True, eq=False)
class Relaxation(ReadOnlyArrays):
    """What the whole record says about the conductance after all relaxation.

    ``I(t) = I_0 + G V_k + sum of a_m exp(-t/tau_m)`` with one set of non-negative amplitudes for all steps.

    Args:
        conductance_siemens: G.
        standard_siemens: its standard uncertainty, noise and unknown law of relaxation together.
        lowest_siemens, highest_siemens: 95 % interval of G.
        offset_ampere: I_0.
        offset_standard_ampere: its standard uncertainty.
        history: what the steps start from.
        past_tau_second: time constants of what was left from before the record; none where the cell was at rest.
        tau_second, amplitude_siemens: of the decaying exponentials, per volt of a change.
        law: the named law that fits best; ``None`` where nothing relaxes.
        chi_square, degrees_of_freedom: of the fit, with the noise as seen from row to row.
        beyond_noise: what the means do that noise from row to row does not explain: nothing, scatter, or a slow wander.
        beyond_ampere: standard deviation of that scatter, or of the wander at the end of the record.
        remaining_ampere: of each step, what is still to relax at its end, shape (k,).
        fitted_ampere: what the model has for each mean, shape (b,).
        scatter: covariance of the means.
    """

    conductance_siemens: float
    standard_siemens: float
    lowest_siemens: float
    highest_siemens: float
    offset_ampere: float
    offset_standard_ampere: float
    history: History
    past_tau_second: FloatArray
    tau_second: FloatArray
    amplitude_siemens: FloatArray
    law: Law | None
    chi_square: float
    degrees_of_freedom: int
    beyond_noise: BeyondNoise
    beyond_ampere: float
    remaining_ampere: FloatArray
    fitted_ampere: FloatArray
    scatter: Scatter


@dataclass(frozen=True, eq=False)
class Line(ReadOnlyArrays):
    """Steady currents of the steps and what their line against the voltage shows besides its slope.

    Standard uncertainties are those of the noise, with the law of the relaxation as fitted.

    Args:
        step: numbers of the steps (from 0), shape (k,).
        voltage_volt: shape (k,).
        last_ampere: mean of the last rows of each step.
        steady_ampere: after all relaxation.
        standard_ampere: of each steady current.
        rising_siemens, falling_siemens: conductances of the two branches, ``nan`` where there is none.
        branch_standard_siemens: of their difference.
        curvature: change of the conductance from 0 V to the largest voltage, as a fraction.
        curvature_standard: its standard uncertainty.
        misfit_siemens: standard uncertainty of the slope because branches differ or the line bends beyond what noise does.
        first_over_steady: current right after a change over the steady one, both per volt.
    """

    step: IntArray
    voltage_volt: FloatArray
    last_ampere: FloatArray
    steady_ampere: FloatArray
    standard_ampere: FloatArray
    rising_siemens: float
    falling_siemens: float
    branch_standard_siemens: float
    curvature: float
    curvature_standard: float
    misfit_siemens: float
    first_over_steady: float


@dataclass(frozen=True, eq=False)
class Resistance:
    """The staircase of one cell evaluated: everything that needs neither thickness nor area.

    ``remaining_fraction`` is the largest part of a steady current that is still to relax at the end of its step;
    ``below_noise``: the conductance is less than twice its standard uncertainty.
    """

    staircase: Staircase
    steps: tuple[Step, ...]
    means: Means
    relaxation: Relaxation
    line: Line
    remaining_fraction: float
    state: State
    below_noise: bool
    checks: tuple[Check, ...] = ()

    @property
    def is_number(self) -> bool:
        """Whether it is a number; else only a bound is known."""
        return self.state != "not steady" and not self.below_noise

    @property
    def highest_siemens(self) -> float:
        """The conductance is at most this (95 %); where no model describes the record, also that of the last currents."""
        relaxation, line = self.relaxation, self.line
        highest = max(relaxation.highest_siemens, relaxation.conductance_siemens + 2 * line.misfit_siemens)
        if not relaxation.beyond_noise:
            return highest
        plain = np.polyfit(line.voltage_volt, line.last_ampere, 1)[0]
        return max(highest, float(plain))

    @property
    def longest_second(self) -> float:
        """How long the longest step that is used holds."""
        return longest_hold(self.steps)


def longest_hold(steps: Sequence[Step]) -> float:
    """How long the longest step that is used holds, s."""
    return max(step.hold_second for step in steps if not step.dropped)


@dataclass(frozen=True, eq=False)
class Inputs(ReadOnlyArrays):
    """What sources of error perturb; fields that differ between versions have a leading axis (``core.propagation``)."""

    conductance_siemens: float | FloatArray
    rising_siemens: float | FloatArray
    falling_siemens: float | FloatArray
    offset_ampere: float | FloatArray
    separator_ohm: float | FloatArray
    thickness_um: float | FloatArray
    area_cm2: float | FloatArray
    time_constant_second: float | FloatArray


@dataclass(frozen=True, eq=False)
class ConductionResult:
    """Partial conductivity of one pellet.

    Args:
        estimates: resistance, conductivity or its bound, both branches, offset, time constant.
        checks: validity of the numbers.
        resistance: the evaluated staircase.
        separator: that of the separator cell, where one was measured.
        pellet: what is known of the pellet.
    """

    estimates: EstimateSet
    checks: tuple[Check, ...]
    resistance: Resistance
    separator: Resistance | None
    pellet: Pellet
    settings: ConductionSettings
