"""Types of the impedance technique: a spectrum, the settings, the result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from cathodelab.core.arrays import FloatArray, In, ReadOnlyArrays
from cathodelab.core.checks import Check
from cathodelab.core.estimate import EstimateSet
from cathodelab.core.records import Provenance
from cathodelab.core.settings import knob
from cathodelab.techniques.impedance.circuits.elements import ComplexArray
from cathodelab.techniques.impedance.fitting.fit import CircuitFit
from cathodelab.techniques.impedance.fitting.intervals import Interval
from cathodelab.techniques.impedance.resistances.roles import Role
from cathodelab.techniques.impedance.tikhonov import Distribution
from cathodelab.techniques.impedance.validity.kramers_kronig import KramersKronig

SOURCE_CIRCUIT = "R-(RQ)-(RQ)-Q"
OTHER_CIRCUITS = (
    "R-(RQ)-Q; R-(RQ)-(RQ)-(RQ)-Q; R-Tm{(RQ)}-(RQ)-Q; R-(RQ)-Tm{(RQ)}-(RQ)-Q; R-(RQ)-(RQ)-(RQ)-(RQ)-Q; "
    "R-(RQ)-(RQ)-Tm{(RQ)}-(RQ)-Q"
)


@dataclass(frozen=True, eq=False)
class Spectrum(ReadOnlyArrays):
    """One sweep as recorded, or as evaluated (sorted from high to low frequency).

    Args:
        frequency_hertz: shape (m,).
        real_ohm, imaginary_ohm: the imaginary part of a capacitor is negative.
        time_second: clock at each frequency; ``None`` where the file has none, like the next two.
        voltage_volt: mean potential at each frequency, against the counter electrode.
        current_ampere: mean current.
        number: counts the spectra of a cell from 1.
        rest_before_second: how long the cell rested before, ``nan`` where the record does not show it.
        charge_ampere_hour: net charge of the cell at this spectrum, ``nan`` where unknown.
        left_out: (frequency, why) of points that are not evaluated.
        notes: what the reader rebuilt or found odd.
    """

    frequency_hertz: Annotated[FloatArray, In("Hz", "point")]
    real_ohm: Annotated[FloatArray, In("ohm", "point")]
    imaginary_ohm: Annotated[FloatArray, In("ohm", "point")]
    time_second: Annotated[FloatArray, In("s", "point")] | None = None
    voltage_volt: Annotated[FloatArray, In("V", "point")] | None = None
    current_ampere: Annotated[FloatArray, In("A", "point")] | None = None
    number: int = 1
    rest_before_second: float = float("nan")
    charge_ampere_hour: float = float("nan")
    left_out: tuple[tuple[float, str], ...] = ()
    notes: tuple[str, ...] = ()
    provenance: tuple[Provenance, ...] = ()

    @property
    def impedance(self) -> ComplexArray:
        """Complex impedance, ohm."""
        return np.asarray(self.real_ohm + 1j * self.imaginary_ohm)

    @property
    def potential_volt(self) -> float:
        """Mean potential, ``nan`` where unknown."""
        return float("nan") if self.voltage_volt is None else float(np.mean(self.voltage_volt))

    @property
    def start_second(self) -> float:
        """Clock at the first frequency, ``nan`` where unknown."""
        return float("nan") if self.time_second is None else float(self.time_second[0])


@dataclass(frozen=True)
class ImpedanceSettings:
    """Settings of the evaluation of spectra."""

    circuit: str = knob(SOURCE_CIRCUIT, "circuit in Boukamp's notation; (RQ) is a depressed arc")
    other_circuits: str = knob(
        OTHER_CIRCUITS, "circuits to try where the first one is inadequate, separated by semicolons; empty for none"
    )
    highest_frequency_hertz: float = knob(
        3e6, "points above are left out: cable and instrument, not the cell", unit="Hz", low=1
    )
    trim_noise_factor: float = knob(
        4.0, "points at the high end are left out while their residual exceeds the noise so many times", low=2, high=100
    )
    area_relative_standard_uncertainty: float = knob(
        0.01, "relative standard uncertainty of the electrode area", low=0, high=0.5
    )
    adequate_noise_ratio: float = knob(
        1.5, "a circuit is adequate if its residual is at most so many times the noise of the test", low=1, high=10
    )
    drift_limit_volt: float = knob(
        0.005, "largest change of the potential within one spectrum", unit="V", low=0, high=1
    )
    separator_from_hertz: float = knob(1e5, "the separator shows itself above", unit="Hz", low=1)
    cathode_from_hertz: float = knob(10.0, "the cathode shows itself above, up to the separator", unit="Hz", low=1e-6)
    anode_from_hertz: float = knob(0.1, "the anode shows itself above, up to the cathode", unit="Hz", low=1e-9)
    distribution: bool = knob(False, "also compute the distribution of relaxation times")


@dataclass(frozen=True, eq=False)
class Attempt:
    """A fit of one circuit to one spectrum.

    Args:
        fit: the fit.
        noise_ratio: its residual divided by the noise of the Kramers-Kronig test.
        structure: lag-1 autocorrelation of its residuals in standard deviations.
        adequate: whether the circuit describes the spectrum down to its noise.
        information: Akaike's criterion with the correction for few points; smaller is better.
    """

    fit: CircuitFit
    noise_ratio: float
    structure: float
    adequate: bool
    information: float


@dataclass(frozen=True, eq=False)
class EvaluatedSpectrum:
    """Result of one spectrum.

    Args:
        spectrum: as evaluated.
        test: Kramers-Kronig.
        attempts: the circuits tried; the first is the requested one.
        chosen: the attempt the resistances come from.
        roles: resistances with their part of the cell.
        intervals: (role, level) -> interval of its resistance in ohm, without the area; empty where the circuit is
            inadequate.
        distribution: of relaxation times, if requested.
    """

    spectrum: Spectrum
    test: KramersKronig
    attempts: tuple[Attempt, ...]
    chosen: Attempt
    roles: tuple[Role, ...]
    intervals: dict[tuple[str, float], Interval]
    distribution: Distribution | None = None


@dataclass(frozen=True, eq=False)
class ImpedanceResult:
    """Result of all spectra of one cell; areal resistances in ohm cm2."""

    estimates: EstimateSet
    checks: tuple[Check, ...]
    spectra: tuple[EvaluatedSpectrum, ...]
    area_cm2: float
    area_standard_cm2: float
    settings: ImpedanceSettings
