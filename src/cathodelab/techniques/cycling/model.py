"""Types of cycling: settings, steps, cycles and the result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from cathodelab.core.arrays import FloatArray, In, OwnArrays, ReadOnlyArrays
from cathodelab.core.checks import Check
from cathodelab.core.estimate import Estimate, EstimateSet
from cathodelab.core.settings import knob
from cathodelab.core.sources import Source
from cathodelab.techniques.cycling.differential import DifferentialCurve, FeatureTable

IntArray = NDArray[np.int64]

KINDS = ("rest", "charge", "discharge", "hold", "impedance", "pause")
REST, CHARGE, DISCHARGE, HOLD, IMPEDANCE, PAUSE = range(6)
BLOCKS = ("formation", "rate test", "check-up", "cycling", "partial")


@dataclass(frozen=True)
class CyclingSettings:
    """Every knob of the method. Potentials of features are against Li⁺/Li (source dissertation, Figure 2 and 3.2)."""

    cycle_begins_with: str = knob(
        "charge", "first half of a cycle; `first`: as the record begins", choices=("charge", "discharge", "first")
    )
    charge_source: str = knob(
        "cycler",
        "charge of every step: `cycler` (its own count where the file has one), `integral` (current over time)",
        choices=("cycler", "integral"),
    )
    largest_pulse: float = knob(
        0.05,
        "a reversal of the current that moves less than this fraction of the half cycle around it, and does not turn the "
        "potential from limit to limit, is a pulse inside it",
        low=0,
        high=0.5,
    )
    hold_tolerance_volt: float = knob(
        0.003, "a step holds its potential where it stays this close to its end", unit="V", low=1e-5, high=0.1
    )
    retention_cycle: int = knob(1, "cycle that retention refers to", low=1, high=1e6)
    relaxation_hours: float = knob(
        1.0, "relaxed potentials are read this long after the current has ended", unit="h", low=0, high=1000
    )
    late_relaxation_hours: float = knob(
        3.0, "a second time after the current at which relaxed potentials are read", unit="h", low=0, high=1000
    )
    stated_potential_volt: float = knob(
        4.2, "time above this potential vs. Li⁺/Li stands beside the fade", unit="V", low=0, high=6
    )
    rate_tolerance: float = knob(
        0.12, "cycles whose C-rates differ by less than this fraction have one rate", low=0.001, high=1
    )
    titration_rest_hours: float = knob(
        0.5, "rests inside a half cycle from this length on make it a check-up", unit="h", low=0, high=1000
    )
    shoulder_potential_volt: float = knob(
        3.62,
        "charge below this potential vs. Li⁺/Li is the electrolyte's shoulder (3.0 V vs. In/InLi)",
        unit="V",
        low=0,
        high=6,
    )
    two_electrode_c_rate: float = knob(
        0.3,
        "from this rate on, anode and separator are a visible part of a two-electrode cell's number",
        unit="1/h",
        low=0,
    )
    potential_gain_limit: float = knob(1e-4, "instrument: limit of the gain error of potentials", low=0, high=0.1)
    potential_offset_limit_volt: float = knob(
        3e-4, "instrument: limit of the offset of potentials", unit="V", low=0, high=0.1
    )
    current_gain_limit: float = knob(5e-4, "instrument: limit of the gain error of currents", low=0, high=0.5)
    current_offset_limit_of_range: float = knob(
        1.5e-4, "instrument: limit of the current offset as a fraction of the range", low=0, high=0.5
    )
    current_range_mA: float = knob(
        0.0, "instrument: current range; 0: smallest decade above the current of each half cycle", unit="mA", low=0
    )
    clock_gain_limit: float = knob(2e-5, "instrument: limit of the gain error of the clock", low=0, high=0.1)
    share_standard_uncertainty: float = knob(
        0.0005,
        "standard uncertainty of the share of active material in the composite (Publication II)",
        low=0,
        high=0.5,
    )
    area_relative_uncertainty: float = knob(
        0.005, "standard uncertainty of the electrode area, as a fraction", low=0, high=0.5
    )
    differential_step_volt: float = knob(0.002, "dQ/dV: width of a potential bin", unit="V", low=1e-4, high=0.1)
    differential_noise: float = knob(
        0.01, "dQ/dV: smoothing grows until the noise is this fraction of the highest peak", low=1e-4, high=0.5
    )
    largest_smoothing_volt: float = knob(
        0.02, "dQ/dV: largest standard deviation of the smoothing kernel", unit="V", low=1e-3, high=0.2
    )
    transition_names: str = knob(
        "by cam_name",
        "dQ/dV: features are called H1-M, M-H2, H2-H3 of layered nickel oxides (told by cam_name, or said here), else peaks",
        choices=("by cam_name", "layered nickel oxide", "none"),
    )
    feature_significance: float = knob(
        4.0, "dQ/dV: a feature rises above its surroundings by this many standard uncertainties", low=1, high=100
    )


@dataclass(frozen=True, eq=False)
class Steps(OwnArrays):
    """Steps of a record in their order, one entry each in every array.

    Args:
        first_row, end_row: rows of the record, end exclusive.
        kind: index into :data:`KINDS`.
        direction: +1 charge, -1 discharge, 0 neither; a hold has that of the polarization before it.
        charge_mAh, energy_mWh: net, + = charge.
        cut_mAh: how far the spacing of the records leaves the charge open, where it was integrated.
        other_mAh: charge by the other way of counting (integral beside the cycler's count); ``nan`` without one.
        seconds: duration without jumps of the clock.
        current_mA: mean current, weighted by the charge it carried.
        start_volt, end_volt: potential of the cell at its ends.
    """

    first_row: IntArray
    end_row: IntArray
    kind: IntArray
    direction: IntArray
    charge_mAh: FloatArray
    energy_mWh: FloatArray
    cut_mAh: FloatArray
    other_mAh: FloatArray
    seconds: FloatArray
    current_mA: FloatArray
    start_volt: FloatArray
    end_volt: FloatArray

    @property
    def count(self) -> int:
        """Number of steps."""
        return int(self.kind.size)


@dataclass(frozen=True)
class ClockJump:
    """An interval in which the clock went on and the cell did not, or rows are missing."""

    row: int
    seconds: float
    counted: bool


@dataclass(frozen=True, eq=False)
class CycleSums(OwnArrays):
    """What is summed over each cycle (n,), and the masses and area it is referred to: what sources of error perturb.

    Charges and energies are positive; ``nan`` where a cycle has no such half. ``shoulder_slope`` is how much the shoulder
    charge grows with its limit, mAh/V. ``closed``: a cycle ends at the limit that it began at; ``charge_whole`` and
    ``discharge_whole``: a half goes from one limit to the other. Efficiencies, retention and overpotential are of such alone.
    """

    charge_cc_mAh: Annotated[FloatArray, In("mAh", "cycle")]
    charge_cv_mAh: Annotated[FloatArray, In("mAh", "cycle")]
    discharge_cc_mAh: Annotated[FloatArray, In("mAh", "cycle")]
    discharge_cv_mAh: Annotated[FloatArray, In("mAh", "cycle")]
    charge_energy_mWh: Annotated[FloatArray, In("mWh", "cycle")]
    discharge_energy_mWh: Annotated[FloatArray, In("mWh", "cycle")]
    charge_seconds: Annotated[FloatArray, In("s", "cycle")]
    discharge_seconds: Annotated[FloatArray, In("s", "cycle")]
    charge_current_mA: Annotated[FloatArray, In("mA", "cycle")]
    discharge_current_mA: Annotated[FloatArray, In("mA", "cycle")]
    relaxed_after_charge_volt: Annotated[FloatArray, In("V", "cycle")]
    relaxed_after_discharge_volt: Annotated[FloatArray, In("V", "cycle")]
    late_relaxed_after_charge_volt: Annotated[FloatArray, In("V", "cycle")]
    late_relaxed_after_discharge_volt: Annotated[FloatArray, In("V", "cycle")]
    hold_end_current_mA: Annotated[FloatArray, In("mA", "cycle")]
    shoulder_mAh: Annotated[FloatArray, In("mAh", "cycle")]
    shoulder_slope: Annotated[FloatArray, In("mAh/V", "cycle")]
    closed: NDArray[np.bool_]
    charge_whole: NDArray[np.bool_]
    discharge_whole: NDArray[np.bool_]
    block_first: FloatArray
    retention_index: int
    cam_mass_mg: float
    composite_mass_mg: float
    area_cm2: float
    c_rate_basis_mAh_g: float


@dataclass(frozen=True, eq=False)
class CycleTable(ReadOnlyArrays):
    """One row a cycle.

    Args:
        number: 1, 2, ...; 0 is a half cycle at the start.
        block: index into :data:`BLOCKS`; ``rate_group`` numbers the runs of one C-rate.
        first_row, end_row: rows of the record.
        charge_full, discharge_full: whether the half cycle went to the potential limit that most of them reach.
        start_hour: test time at the start.
        names, units, pers: of the quantities, in the order of ``values``.
        values: shape (quantities, cycles).
        sources: the m sources of error that all values share.
        effects: shape (quantities, cycles, m), scaled as in :class:`~cathodelab.core.estimate.EstimateSet`.
    """

    number: IntArray
    block: IntArray
    rate_group: IntArray
    first_row: IntArray
    end_row: IntArray
    charge_full: NDArray[np.bool_]
    discharge_full: NDArray[np.bool_]
    start_hour: FloatArray
    names: tuple[str, ...]
    units: tuple[str, ...]
    pers: tuple[str, ...]
    values: FloatArray
    sources: tuple[Source, ...]
    effects: FloatArray

    @property
    def count(self) -> int:
        """Number of cycles."""
        return int(self.number.size)

    def of(self, name: str) -> FloatArray:
        """A quantity of all cycles."""
        values: FloatArray = self.values[self.names.index(name)]
        return values

    def standard(self, name: str) -> FloatArray:
        """Its standard uncertainty, root sum of squares over the sources."""
        return np.asarray(np.sqrt(np.sum(self.effects[self.names.index(name)] ** 2, axis=-1)))

    def index_of(self, number: int) -> int:
        """Row of a cycle; -1 where there is none."""
        found = np.flatnonzero(self.number == number)
        return int(found[0]) if found.size else -1


@dataclass(frozen=True, eq=False)
class Selection(ReadOnlyArrays):
    """A quantity of one cycle, or its mean over several, as an estimate with a name."""

    name: str
    quantity: str
    cycles: IntArray
    how: str


@dataclass(frozen=True, eq=False)
class RateLevel(ReadOnlyArrays):
    """A run of cycles at one C-rate: its nominal rate (discharge), block and rows of the table that count."""

    label: str
    c_rate: float
    block: str
    cycles: IntArray


@dataclass(frozen=True, eq=False)
class CyclingResult:
    """Steps, cycles, differential curves and features of one cell; ``sums`` lets others evaluate it again."""

    estimates: EstimateSet
    checks: tuple[Check, ...]
    steps: Steps
    cycles: CycleTable
    sums: CycleSums
    rates: tuple[RateLevel, ...]
    jumps: tuple[ClockJump, ...]
    curves: tuple[DifferentialCurve, ...]
    features: FeatureTable
    traces: tuple[VoltageTrace, ...]
    settings: CyclingSettings
    first_potential_volt: float

    def estimate(self, name: str) -> Estimate:
        """An estimate by name."""
        return self.estimates.estimate(name)


@dataclass(frozen=True, eq=False)
class VoltageTrace(ReadOnlyArrays):
    """Potential over gross specific charge of one half cycle, thinned for figures."""

    cycle: int
    direction: int
    specific_charge_mAh_g: FloatArray
    potential_volt: FloatArray
