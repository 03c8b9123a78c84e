"""Types of conduction: record of a staircase, pellet, settings, what is found of the relaxation, result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray

from cathodelab.core.arrays import FloatArray, In, freeze_fields
from cathodelab.core.checks import Check
from cathodelab.core.estimate import Estimate, EstimateSet
from cathodelab.core.records import Provenance
from cathodelab.core.settings import knob

IntArray = NDArray[np.int64]
Blocked = Literal["ions", "electrons"]
CARRIERS: dict[Blocked, str] = {"ions": "electronic", "electrons": "ionic"}
"""What the electrodes block -> whose conductivity the steady current shows."""

History = Literal["continued", "from unknown state", "afresh", "from rest"]
"""What a step starts from: what the steps before left; that, and what was left before the record began; nothing of it (every
change of the voltage relaxes anew); nothing, from 0 V (the cell rested in between, and the file does not show it)."""

State = Literal["steady", "extrapolated", "not steady"]


@dataclass(frozen=True, eq=False)
class Staircase:
    """Voltage and current of a symmetric cell against time, as recorded.

    Args:
        time_second: never falls.
        voltage_volt: applied or measured, between the two electrodes.
        current_ampere: any sign convention; the slope must come out positive.
    """

    time_second: Annotated[FloatArray, In("s", "row")]
    voltage_volt: Annotated[FloatArray, In("V", "row")]
    current_ampere: Annotated[FloatArray, In("A", "row")]
    unknown_columns: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    provenance: tuple[Provenance, ...] = ()

    def __post_init__(self) -> None:
        freeze_fields(self, "time_second", "voltage_volt", "current_ampere")

    @property
    def rows(self) -> int:
        """Number of rows."""
        return int(self.time_second.size)


@dataclass(frozen=True)
class Step:
    """Rows during which the voltage stays: ``first`` to ``last`` without it; ``dropped`` says why none of them is used.

    ``start_second`` is when the voltage was changed, as well as the rows tell; ``skipped`` counts rows of it that are left out.
    """

    first: int
    last: int
    voltage_volt: float
    start_second: float
    end_second: float
    dropped: str = ""
    skipped: int = 0

    @property
    def hold_second(self) -> float:
        """How long the voltage stayed."""
        return self.end_second - self.start_second


@dataclass(frozen=True)
class Pellet:
    """What is known of a pellet. Half-widths are standard uncertainties, ``nan`` where none is stated.

    Args:
        id: its name.
        blocked: what the electrodes do not let through.
        thickness: um.
        area: of the contacts, cm2.
        pellet_area_cm2: of the pellet itself; ``nan`` where the contacts cover it.
        separator: resistance of all separators and electrodes in series with it, ohm, where it is stated.
        separator_ratio: how many times the separator of the separator cell it holds.
        group: the composite that it was pressed from.
    """

    id: str
    blocked: Blocked
    thickness: Estimate
    area: Estimate
    pellet_area_cm2: float = float("nan")
    separator: Estimate | None = None
    separator_ratio: float = 1.0
    group: str = ""

    @property
    def carrier(self) -> str:
        """``electronic`` or ``ionic``."""
        return CARRIERS[self.blocked]


@dataclass(frozen=True)
class ConductionSettings:
    """Every knob of the method. Uncertainties count where the tables state none."""

    smallest_step_volt: float = knob(
        5e-4, "smallest change of the voltage that begins a new step", unit="V", low=1e-6, high=1
    )
    fewest_rows: float = knob(5, "steps of fewer rows are left out", unit="1", low=3, high=10_000)
    steady_fraction: float = knob(
        0.02,
        "a step is steady where at most this fraction of its steady current is still to relax at its end",
        unit="1",
        low=0,
        high=0.5,
    )
    fewest_time_constants: float = knob(
        1.0,
        "where the longest step holds for fewer time constants, a bound is given and no conductivity",
        unit="1",
        low=0.1,
        high=100,
    )
    slowest_over_record: float = knob(
        1.0, "slowest relaxation that is thought possible, in lengths of the record", unit="1", low=0.1, high=100
    )
    separator_share_limit: float = knob(
        0.9,
        "no conductivity where the separators make more than this part of the resistance",
        unit="1",
        low=0.1,
        high=0.99,
    )
    offset_share_limit: float = knob(
        0.1,
        "current at 0 V over that of the smallest voltage beyond which a single V/I would mislead",
        unit="1",
        low=0,
        high=10,
    )
    curvature_limit: float = knob(
        0.05, "change of the conductance over the staircase that counts as a straight line", unit="1", low=0, high=1
    )
    branch_limit: float = knob(
        0.05, "difference of the conductances of both branches that counts as none", unit="1", low=0, high=1
    )
    largest_linear_volt: float = knob(
        2.0, "voltages beyond this are doubted: solid electrolytes decompose", unit="V", low=0, high=10
    )
    thickness_relative_uncertainty: float = knob(
        0.02, "standard uncertainty of a thickness for which none is stated", unit="1", low=0, high=1
    )
    area_relative_uncertainty: float = knob(
        0.01, "standard uncertainty of an area for which none is stated", unit="1", low=0, high=1
    )
    separator_relative_uncertainty: float = knob(
        0.03,
        "how well separators repeat from cell to cell, and standard uncertainty of their resistance where none is stated",
        unit="1",
        low=0,
        high=1,
    )
    current_gain_limit: float = knob(
        1e-3, "instrument: limit of the gain error of currents", unit="1", low=0, high=0.5
    )
    voltage_gain_limit: float = knob(
        1e-3, "instrument: limit of the gain error of voltages", unit="1", low=0, high=0.5
    )


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
class Relaxation:
    """What the whole record says about the conductance after all relaxation.

    ``I(t) = I_0 + G V_k + sum of a_m exp(-t/tau_m)`` with one set of non-negative amplitudes for all steps.

    Args:
        conductance_siemens: G.
        standard_siemens: its standard uncertainty, noise and unknown law of relaxation together.
        lowest_siemens, highest_siemens: 95 % interval of G.
        offset_ampere: I_0.
        offset_standard_ampere: its standard uncertainty.
        history: what the steps start from.
        tau_second, amplitude_siemens: of the decaying exponentials, per volt of a change.
        law: the named law that fits best; ``None`` where nothing relaxes.
        chi_square, degrees_of_freedom: of the fit, with the noise as seen from row to row.
        excess: scatter of means that noise from row to row does not explain, in units of that noise.
        remaining_ampere: of each step, what is still to relax at its end, shape (k,).
        fitted_ampere: what the model has for each mean, shape (b,).
    """

    conductance_siemens: float
    standard_siemens: float
    lowest_siemens: float
    highest_siemens: float
    offset_ampere: float
    offset_standard_ampere: float
    history: History
    tau_second: FloatArray
    amplitude_siemens: FloatArray
    law: Law | None
    chi_square: float
    degrees_of_freedom: int
    excess: float
    remaining_ampere: FloatArray
    fitted_ampere: FloatArray

    def __post_init__(self) -> None:
        freeze_fields(self, "tau_second", "amplitude_siemens", "remaining_ampere", "fitted_ampere")


@dataclass(frozen=True, eq=False)
class Line:
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
    first_over_steady: float

    def __post_init__(self) -> None:
        freeze_fields(self, "voltage_volt", "last_ampere", "steady_ampere", "standard_ampere")


@dataclass(frozen=True, eq=False)
class Resistance:
    """The staircase of one cell evaluated: everything that needs neither thickness nor area."""

    staircase: Staircase
    steps: tuple[Step, ...]
    relaxation: Relaxation
    line: Line
    state: State
    below_noise: bool
    checks: tuple[Check, ...] = ()

    @property
    def is_number(self) -> bool:
        """Whether it is a number; else only a bound is known."""
        return self.state != "not steady" and not self.below_noise


@dataclass(frozen=True, eq=False)
class Inputs:
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
