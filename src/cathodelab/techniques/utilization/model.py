"""Types of the coulometric titration comparison: its measurement, settings and result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

import numpy as np

from cathodelab.core.arrays import FloatArray, In, ReadOnlyArrays
from cathodelab.core.checks import Check
from cathodelab.core.estimate import Combination, EstimateSet
from cathodelab.core.propagation import Perturbation
from cathodelab.core.records import Provenance
from cathodelab.core.rectangle_and_normal import ONE_SIGMA, blurred_half_width
from cathodelab.core.settings import knob
from cathodelab.core.sources import SQRT3

CurveKind = Literal["relaxed", "slow charge"]


@dataclass(frozen=True)
class CutOff:
    """Where the branch of the titration ended under current.

    ``potential_volt`` is against the cell's counter electrode; ``current_mA`` is negative on discharge; ``rests_before``
    counts the rests that interrupted the charge. ``beyond``: charge from the last relaxed point to there, over that of the last
    relaxed point; 0 where a rest follows the end.
    """

    potential_volt: float
    current_mA: float
    rests_before: int
    beyond: float = 0.0


@dataclass(frozen=True)
class SelfDischarge:
    """What two branches of a titration say.

    Args:
        current_mA: charge that the cell loses by itself, per hour.
        scatter_mA: its standard uncertainty from the scatter of the points.
        offset_limit_mA: what an offset of the cycler's current at its positive limit would add to it; the same offset is in
            the charge of the reference.
        turning_limit_mA: what the unknown state before the charge does to it, where a turning of the hysteresis is seen; else
            what the points next to the reversals do.
        gain_limit_mA: limit of what the gain of the current does to it.
        turning: share of the branch's charge in which one branch goes over into the other; 0 where that is not seen.
        hysteresis_volt: half the distance of the relaxed potentials of charge and discharge, incomplete relaxation included.
        slope_current_mA: the same current from the end-of-rest slopes alone; ``nan`` where there are none.
        points: relaxed potentials of the discharge that were used.
    """

    current_mA: float
    scatter_mA: float
    offset_limit_mA: float
    turning_limit_mA: float
    gain_limit_mA: float
    turning: float
    hysteresis_volt: float
    hysteresis_standard_volt: float
    slope_current_mA: float
    points: int

    def half_width_mA(self, level: float = ONE_SIGMA) -> float:
        """Half-width of the interval of the current: scatter is normal, an offset lies anywhere inside its limits."""
        return blurred_half_width(
            float(np.hypot(self.scatter_mA, np.hypot(self.gain_limit_mA, self.turning_limit_mA) / SQRT3)),
            self.offset_limit_mA,
            level,
        )


@dataclass(frozen=True, eq=False)
class Titration(ReadOnlyArrays):
    """Relaxed potentials against cumulative charge of one cell, on one branch.

    Only what the file knows: potentials against the cell's own counter electrode, charge in mAh, no mass. Fields that a
    file does not know are ``nan`` (per point) or ``None``.

    Args:
        potential_volt: at the end of each rest.
        charge_mAh: cumulative at each rest, counted from the start of the branch (a table: as it stands there).
        potential_noise_volt: standard uncertainty of each potential from the scatter within its rest.
        slope_volt_per_second: dU/dt over the last part of each rest.
        slope_noise_volt_per_second: its standard uncertainty.
        end_slope_volt_per_second, end_slope_noise_volt_per_second: the same at the very end of each rest, where the slope
            still falls; else as above. Read them through :attr:`end_slopes`.
        rest_second: length of each rest.
        remaining_volt, remaining_standard_volt: what the transient of each rest says is left of the relaxation (signed).
        polarization_second: cumulative time under current at each rest.
        relaxation_limit_volt: how far the potential may still move (signed), where a table states it.
        charge_limit_mAh: limit of the error of each charge, where a table states it.
        self_discharge_slope: dU/dt from self-discharge, where both branches were titrated.
        self_discharge_mA: self-discharge current at each point, where a table states it.
        self_discharge: what two branches of the record say about it; the charge is as recorded, not corrected.
        pulse_mA, pulse_second: current and length of the pulse before each rest.
        elapsed_hour: time since the start of the titration.
        cut_off: end of the last polarization, where the record holds it.
        of_cycles: whether these are but the rests around a whole charge of a cycling test.
        charge_disagreement: largest deviation from the cycler's own charge, as a fraction of the charge passed.
        charge_in_gaps: fraction of the charge that passes where rows are missing.
        notes: what the reader rebuilt or found odd.
        checks: of the record against the protocol that the cycler was given.
        stated_errors: error columns of a finished table by canonical name, for the mode ``published``.
    """

    potential_volt: Annotated[FloatArray, In("V", "point")]
    charge_mAh: Annotated[FloatArray, In("mAh", "point")]
    potential_noise_volt: Annotated[FloatArray, In("V", "point")]
    slope_volt_per_second: Annotated[FloatArray, In("V/s", "point")]
    slope_noise_volt_per_second: Annotated[FloatArray, In("V/s", "point")]
    rest_second: Annotated[FloatArray, In("s", "point")]
    polarization_second: Annotated[FloatArray, In("s", "point")]
    direction: Literal["charge", "discharge"] = "charge"
    kind: CurveKind = "relaxed"
    relaxation_limit_volt: Annotated[FloatArray, In("V", "point")] | None = None
    charge_limit_mAh: Annotated[FloatArray, In("mAh", "point")] | None = None
    self_discharge_slope: Annotated[FloatArray, In("V/s", "point")] | None = None
    self_discharge_mA: Annotated[FloatArray, In("mA", "point")] | None = None
    self_discharge: SelfDischarge | None = None
    remaining_volt: Annotated[FloatArray, In("V", "point")] | None = None
    remaining_standard_volt: Annotated[FloatArray, In("V", "point")] | None = None
    end_slope_volt_per_second: Annotated[FloatArray, In("V/s", "point")] | None = None
    end_slope_noise_volt_per_second: Annotated[FloatArray, In("V/s", "point")] | None = None
    pulse_mA: Annotated[FloatArray, In("mA", "point")] | None = None
    pulse_second: Annotated[FloatArray, In("s", "point")] | None = None
    elapsed_hour: Annotated[FloatArray, In("h", "point")] | None = None
    stated_errors: Mapping[str, FloatArray] = field(default_factory=dict)
    cut_off: CutOff | None = None
    of_cycles: bool = False
    charge_disagreement: float = float("nan")
    charge_in_gaps: float = float("nan")
    provenance: tuple[Provenance, ...] = ()
    unknown_columns: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()

    @property
    def end_slopes(self) -> tuple[FloatArray, FloatArray]:
        """dU/dt at the end of each rest and its standard uncertainty (0 where unknown), V/s: what the checks judge."""
        slope, noise = self.end_slope_volt_per_second, self.end_slope_noise_volt_per_second
        if slope is None or noise is None:
            slope, noise = self.slope_volt_per_second, self.slope_noise_volt_per_second
        return slope, np.nan_to_num(noise)


_COMBINATIONS: dict[str, Combination] = {"worst_case": "linear", "monte_carlo": "drawn"}


@dataclass(frozen=True)
class UtilizationSettings:
    """Every knob of the method. Sources: Publication I (SI 1.3, 2.3, 2.4) unless said otherwise."""

    mode: str = knob(
        "corrected",
        "how errors are combined: `corrected` (common errors signed, independent ones in quadrature), `published` (the "
        "formulas and tables of Publication I), `worst_case` (linear sum of absolute limits), `monte_carlo` (quantiles of "
        "draws that cells share where they share a source)",
        choices=("corrected", "published", "worst_case", "monte_carlo"),
    )
    windows: tuple[int, ...] = knob(
        (),
        "numbers of the windows to use (1 = first window inside the reference); empty: chosen by the criteria below",
        low=1,
        kind=int,
    )
    direction: str = knob("charge", "branch of the titration that is evaluated", choices=("charge", "discharge"))
    minimum_rest_hours: float = knob(0.5, "shorter rests are no relaxed points", unit="h", low=0, high=1000)
    slope_window_fraction: float = knob(
        0.5, "last part of a rest in which potential and slope are fitted by a straight line", low=0.02, high=1
    )
    end_of_rest_slope_limit: float = knob(
        0.15, "largest |dU/dt| at the end of a rest that counts as relaxed", unit="µV/s", low=1e-4, high=1e4
    )
    upper_potential_volt: float = knob(
        4.2,
        "windows that reach above this potential vs. Li⁺/Li are dropped (H2-H3 region of layered oxides: plateau and "
        "contact loss)",
        unit="V",
        low=0,
        high=10,
    )
    window_sensitivity_limit: float = knob(
        0.05, "windows whose utilization changes by more than this fraction for 1 mV at both ends are dropped", low=0
    )
    reference_edge_points: int = knob(
        1, "reference points that must lie beyond a relaxed potential on either side", low=0, high=50
    )
    repeatability_volt: float = knob(
        1e-4, "standard uncertainty of any relaxed potential besides its noise", unit="V", low=0, high=0.1
    )
    relaxation: str = knob(
        "slope",
        "incomplete relaxation: `slope` (carried in the interval as slope x rest x factor), `transient` (each potential is "
        "extrapolated to the end of its relaxation, with uncertainty)",
        choices=("slope", "transient"),
    )
    relaxation_factor_cell: float = knob(
        1.63, "incomplete relaxation of the cell is carried as slope x rest x this factor", low=0, high=100
    )
    relaxation_factor_reference: float = knob(1.5, "the same for the reference", low=0, high=100)
    self_discharge_slope_limit: float = knob(
        0.2, "self-discharge slopes of the reference beyond this are not believed", unit="µV/s", low=0
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
        0.0, "instrument: current range; 0: smallest decade above the current", unit="mA", low=0
    )
    formation_instrument_mAh: float = knob(
        0.0065, "`published`: instrument error of the charge before the titration of the reference", unit="mAh", low=0
    )
    formation_self_discharge_mAh: float = knob(
        0.011, "`published`: self-discharge during formation of the reference", unit="mAh", low=0
    )
    slow_charge_c_rate_limit: float = knob(
        0.055, "fastest charge that is taken as a quasi-equilibrium reference", unit="1/h", low=0, high=1
    )
    slow_charge_polarization_volt: float = knob(
        0.01, "slow charge as reference: limit of its polarization (one-sided)", unit="V", low=0, high=1
    )

    @property
    def combination(self) -> Combination:
        """How the effects of the sources of error are combined."""
        return _COMBINATIONS.get(self.mode, "quadrature")


@dataclass(frozen=True)
class PointVerdict:
    """What is held against one relaxed point; empty texts: nothing.

    ``outside`` is final (nothing is extrapolated), ``fault`` is a criterion; ``rest_judged`` says whether its rest counts
    for the check of the end-of-rest slopes.
    """

    outside: str
    fault: str
    rest_judged: bool


@dataclass(frozen=True)
class Window:
    """Two relaxed potentials inside the reference, neighbours unless the titration is dense.

    ``dropped`` says why it is not used (else empty).
    """

    number: int
    first_point: int
    last_point: int
    potential_1_volt: float
    potential_2_volt: float
    cell_charge_mAh: float
    reference_charge_mAh_g: float
    dropped: str

    @property
    def estimate_name(self) -> str:
        """Name of its utilization among the estimates of the result."""
        return f"window_{self.number}_utilization"


@dataclass(frozen=True, eq=False)
class Comparison(ReadOnlyArrays):
    """All inputs of the comparison of one cell with its reference: what sources of error perturb.

    ``used`` marks (with 1) the relaxed points that enter the joint fit. ``potential_standard_volt`` weighs them; ``scatter_volt``
    is the additional scatter that the points show beyond it. ``linear_blend`` mixes linear into the monotone cubic
    interpolation (0: cubic). ``offset_free`` is false where the offset stays at its stated value.

    Many versions of one comparison fit into one: fields that differ have a leading axis (``core.propagation``).
    """

    potential_volt: FloatArray
    charge_mAh: FloatArray
    used: FloatArray
    potential_standard_volt: FloatArray
    cam_mass_mg: float | FloatArray
    offset_volt: float | FloatArray
    offset_standard_volt: float
    reference_potential_volt: FloatArray
    reference_charge_mAh: FloatArray
    reference_mass_mg: float | FloatArray
    scatter_volt: float = 0.0
    linear_blend: float | FloatArray = 0.0
    offset_free: bool = True


@dataclass(frozen=True)
class JointFit:
    """One utilization, one charge offset and one reference offset for all used points.

    ``charge_mAh = charge_offset_mAh + utilization * cam_mass * q_reference(potential + offset_volt)``; ``residual_volt``
    in the potential of each used point; ``degrees_of_freedom`` counts the part of the offset that the data determine.
    """

    utilization: float
    charge_offset_mAh: float
    offset_volt: float
    offset_posterior_volt: float
    residual_volt: tuple[float, ...]
    chi_square: float
    degrees_of_freedom: float
    probability: float


@dataclass(frozen=True, eq=False)
class UtilizationResult:
    """What the comparison gives for one cell; ``comparison`` and ``sources`` let others evaluate it again.

    ``outside`` are the windows with an end outside the reference: without a utilization, and never used.
    """

    estimates: EstimateSet
    checks: tuple[Check, ...]
    windows: tuple[Window, ...]
    outside: tuple[Window, ...]
    verdicts: tuple[PointVerdict, ...]
    fit: JointFit
    comparison: Comparison
    sources: tuple[Perturbation[Comparison], ...]
    cell: Titration
    reference: Titration
    reference_id: str
    settings: UtilizationSettings
