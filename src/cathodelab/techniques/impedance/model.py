"""Types of the impedance technique: a spectrum, the settings, the result."""

from __future__ import annotations

from dataclasses import dataclass

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.core.checks import Check
from cathodelab.core.estimate import EstimateSet
from cathodelab.core.settings import knob
from cathodelab.techniques.impedance.fitting.fit import CircuitFit
from cathodelab.techniques.impedance.fitting.intervals import Interval
from cathodelab.techniques.impedance.resistances.roles import Role
from cathodelab.techniques.impedance.spectrum import Spectrum
from cathodelab.techniques.impedance.tikhonov import Distribution
from cathodelab.techniques.impedance.validity.kramers_kronig import KramersKronig

SOURCE_CIRCUIT = "R-(RQ)-(RQ)-Q"
OTHER_CIRCUITS = (
    "R-(RQ)-Q; R-(RQ)-G; R-(Q[RWo]); R-(RC)-(RC)-(RC); R-Tm{(RQ)}-Q; R-(RQ)-(RQ)-(RQ)-Q; R-Tm{(RQ)}-(RQ)-Q; "
    "R-(RQ)-Tm{(RQ)}-(RQ)-Q; R-(RQ)-(RQ)-(RQ)-(RQ)-Q; R-(RQ)-(RQ)-Tm{(RQ)}-(RQ)-Q; R-(RQ)-(RQ)-(RQ)-(RQ)-(RQ)-Q"
)


@dataclass(frozen=True)
class ImpedanceSettings:
    """Settings of the evaluation of spectra."""

    circuit: str = knob(
        SOURCE_CIRCUIT, "circuit in Boukamp's notation; (RQ) is a depressed arc; alone if there are no other circuits"
    )
    other_circuits: str = knob(
        OTHER_CIRCUITS,
        "further circuits, separated by semicolons; all are tried from the smallest up to the first that leaves no more than "
        "the noise; empty for none",
    )
    highest_frequency_hertz: float = knob(
        3e6, "points above are left out: cable and instrument, not the cell", unit="Hz", low=1
    )
    lowest_frequency_hertz: float = knob(0.0, "points below are left out", unit="Hz", low=0)
    leave_out: str = knob("", "further points to leave out, in Hz, one by one or in ranges: 50; 140-160")
    parameters: str = knob(
        "",
        "parameters fixed, bounded or shared: n_2 = 0.85; R_1 = 30 to 50; n_2 = n_3; the circuit is then taken as written, "
        "and no other is tried",
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
    same_potential_volt: float = knob(
        0.005,
        "consecutive spectra within this range form a series and are fitted together",
        unit="V",
        low=1e-5,
        high=0.1,
    )
    continuity: bool = knob(
        True, "in a series, parameters other than the cathode's change no faster than the data ask for"
    )


@dataclass(frozen=True, eq=False)
class Attempt:
    """A fit of one circuit to one spectrum.

    Args:
        fit: the fit.
        noise_ratio: its residual divided by the noise of the Kramers-Kronig test.
        structure: lag-1 autocorrelation of its residuals in standard deviations.
        adequate: whether the circuit describes the spectrum down to its noise.
        information: Bayes' information criterion; smaller is better.
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
        attempts: the circuits tried, in the order of their size.
        chosen: the attempt the resistances come from.
        roles: resistances with their part of the cell.
        intervals: (role, level) -> interval of its resistance in ohm, without the area; empty where the circuit is
            inadequate.
        joint: whether the fit is that of its series.
        model_errors: where the circuit is inadequate, relative standard uncertainty of each role with the model error;
            ``nan`` where none is given.
        distribution: of relaxation times, if requested.
    """

    spectrum: Spectrum
    test: KramersKronig
    attempts: tuple[Attempt, ...]
    chosen: Attempt
    roles: tuple[Role, ...]
    intervals: dict[tuple[str, float], Interval]
    distribution: Distribution | None = None
    joint: bool = False
    model_errors: tuple[float, ...] = ()


@dataclass(frozen=True, eq=False)
class Series(ReadOnlyArrays):
    """Spectra at one potential, fitted together: one circuit, one meaning of the cathode's resistance.

    Args:
        numbers: of its spectra, in the order of time.
        left_out: (number, why) of spectra that lie within it and are not used.
        interrupted: numbers of spectra at the same potential from which it is parted by an interruption.
        potential_volt: median.
        circuit: for all its spectra.
        role: what ``resistance_ohm`` is: ``cathode``, or the name of a sum; empty where no arc is the cathode's.
        names: parameters that the resistance is the sum of.
        moment_second: clock at which each resistance was measured, shape (s,); ``nan`` without clocks.
        first_second: clock at the first point of the first spectrum; ``nan`` without clocks.
        reached_second: clock at which the record shows the potential to be reached; ``nan`` where it does not.
        resistance_ohm: shape (s,).
        covariance: of the resistances, ohm^2, shape (s, s).
        drift: largest relative change within a sweep that was taken out.
        adequate: how many of its spectra the circuit describes.
    """

    numbers: tuple[int, ...]
    left_out: tuple[tuple[int, str], ...]
    interrupted: tuple[int, ...]
    potential_volt: float
    circuit: str
    role: str
    names: tuple[str, ...]
    moment_second: FloatArray
    first_second: float
    reached_second: float
    resistance_ohm: FloatArray
    covariance: FloatArray
    drift: float
    adequate: int


@dataclass(frozen=True, eq=False)
class ImpedanceResult:
    """Result of all spectra of one cell; areal resistances in ohm cm2."""

    estimates: EstimateSet
    checks: tuple[Check, ...]
    spectra: tuple[EvaluatedSpectrum, ...]
    area_cm2: float
    area_standard_cm2: float
    settings: ImpedanceSettings
    series: tuple[Series, ...] = ()
