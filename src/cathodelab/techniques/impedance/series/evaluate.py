"""From the single fits of a series to its joint fit: changing arcs, resistances with one meaning, verdict of every spectrum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.techniques.impedance.attempts import Ready, judged
from cathodelab.techniques.impedance.circuits.constraints import FREE
from cathodelab.techniques.impedance.fitting.fit import CircuitFit
from cathodelab.techniques.impedance.fitting.sequence import SequenceFit
from cathodelab.techniques.impedance.model import Attempt, ImpedanceSettings, Series
from cathodelab.techniques.impedance.resistances.roles import Role, Window, roles_of
from cathodelab.techniques.impedance.series.joint import JointFit, changing_parameters, joint_fit, series_data
from cathodelab.techniques.impedance.series.membership import Membership
from cathodelab.techniques.impedance.spectrum import Spectrum

CATHODES = ("cathode", "cathode and anode")
"""Roles that stand for the cathode in a series: its arc alone, or the sum in which it cannot be told apart."""

_AT_BOUND = 1e-6


@dataclass(frozen=True, eq=False)
class EvaluatedSeries:
    """A series and what it makes of each of its spectra, in its order: the attempt, and the roles."""

    series: Series
    attempts: tuple[Attempt, ...]
    roles: tuple[tuple[Role, ...], ...]


def evaluated_series(
    ready: Ready,
    member: Membership,
    chosen: Sequence[Attempt],
    settings: ImpedanceSettings,
    area_cm2: float,
    windows: tuple[Window, ...],
) -> EvaluatedSeries:
    """Fit the spectra of a series together.

    Args:
        ready: all evaluated spectra of the cell.
        member: places of those of the series.
        chosen: their single fits, of one circuit.
        settings: the method's.
        area_cm2: for the capacitances.
        windows: of the parts of the cell.
    """
    spectra = [ready[place][0] for place in member.places]
    tests = [ready[place][1] for place in member.places]
    fits = [one.fit for one in chosen]
    starts = np.array([fit.theta for fit in fits])
    circuit = fits[0].circuit
    data = series_data(spectra, [test.noise for test in tests], [test.outliers for test in tests], timed=member.timed)
    typical = _typical(fits, starts)
    cathode = _cathode(roles_of(typical, area_cm2, windows))
    # of a sum only the largest arc is free: two free arcs that overlap would exchange what they have from spectrum to spectrum
    largest = () if cathode is None else (max(cathode.names, key=lambda name: typical.values[name]),)
    changing = changing_parameters(circuit, largest)
    begin = spectra[0].reached_second
    joint = joint_fit(circuit, data, changing, starts, continuity=settings.continuity, begin_second=begin)
    attempts = tuple(
        judged(fit, test, settings, drift_taken_out=member.timed)
        for fit, test in zip(_single(joint, fits), tests, strict=True)
    )
    common = roles_of(_typical([one.fit for one in attempts], joint.fit.theta), area_cm2, windows)
    roles = tuple(_own(common, one.fit, spectra[0].number, spectra[-1].number) for one in attempts)
    series = _series(member, spectra, joint, _cathode(common), attempts)
    return EvaluatedSeries(series, attempts, roles)


def _typical(fits: Sequence[CircuitFit], theta: FloatArray) -> CircuitFit:
    """The fit of the middle spectrum with the median of all coordinates and of their covariances."""
    middle = fits[len(fits) // 2]
    deviation = np.sqrt(np.median([np.diag(fit.covariance) for fit in fits], axis=0))
    own = np.sqrt(np.maximum(np.diag(middle.covariance), 1e-300))
    scale = deviation / own
    bounds = [name for name in middle.at_bound if sum(name in fit.at_bound for fit in fits) > len(fits) / 2]
    return replace(
        middle,
        theta=np.median(theta, axis=0),
        covariance=middle.covariance * scale[:, None] * scale[None, :],
        at_bound=tuple(bounds),
    )


def _cathode(roles: Sequence[Role]) -> Role | None:
    return next((role for name in CATHODES for role in roles if role.role == name), None)


def _single(joint: JointFit, before: Sequence[CircuitFit]) -> list[CircuitFit]:
    """The part of the joint fit that each spectrum has, as a fit of its own."""
    theta, data = joint.fit.theta, joint.data
    size = theta.shape[1]
    found = []
    for row, own in enumerate(theta):
        block = slice(row * size, (row + 1) * size)
        weight = 1 / (np.abs(data.impedance[row]) * data.noise[row])
        fit = replace(
            before[row],
            theta=own,
            covariance=joint.fit.covariance[block, block],
            degrees_of_freedom=2 * int(np.count_nonzero(weight)) - size,
            converged=True,
            at_bound=_at_bound(joint, row),
            frequency_hertz=data.frequency_hertz,
            measured_ohm=data.impedance[row],
            weight=weight,
            constraints=FREE,
            rejected=np.empty((0, size)),
        )
        found.append(replace(fit, chi_square=float(np.sum(np.abs(fit.residual * data_scale(fit)) ** 2))))
    return found


def _at_bound(joint: JointFit, row: int) -> tuple[str, ...]:
    """Parameters of one spectrum that lean against a bound in the joint fit."""
    circuit, theta = joint.fit.circuit, joint.fit.theta[row]
    log_omega = np.log(2 * np.pi * joint.data.frequency_hertz)
    low, high = circuit.bounds(log_omega, float(np.log(np.median(np.abs(joint.data.impedance[row])))))
    leaning = (theta <= low + _AT_BOUND) | (theta >= high - _AT_BOUND)
    return tuple(name for name, leans in zip(circuit.names, leaning, strict=True) if leans)


def data_scale(fit: CircuitFit) -> FloatArray:
    """Factor from a residual relative to the modulus to one in units of the noise, shape (m,)."""
    return np.asarray(fit.weight * np.abs(fit.measured_ohm))


def _own(common: Sequence[Role], fit: CircuitFit, first: int, last: int) -> tuple[Role, ...]:
    """The roles of the series with the resistances of one spectrum."""
    values = fit.values
    return tuple(
        replace(
            role,
            resistance_ohm=float(sum(values[name] for name in role.names)),
            reason=f"{role.reason} (decided for spectra {first} to {last} together)",
        )
        for role in common
    )


def _series(
    member: Membership,
    spectra: Sequence[Spectrum],
    joint: JointFit,
    cathode: Role | None,
    attempts: Sequence[Attempt],
) -> Series:
    names = () if cathode is None else cathode.names
    count = len(spectra)
    resistance, covariance = np.full(count, np.nan), np.full((count, count), np.nan)
    if names:
        resistance, covariance = summed(joint.fit, names)
    clock = joint.data.clock_second
    return Series(
        numbers=tuple(one.number for one in spectra),
        left_out=member.left_out,
        interrupted=member.interrupted,
        potential_volt=float(np.median([one.potential_volt for one in spectra])),
        circuit=joint.fit.circuit.expression,
        role=_role_words(cathode),
        names=names,
        moment_second=joint.moment_second,
        first_second=float("nan") if clock is None else float(clock[0].min()),
        reached_second=spectra[0].reached_second,
        resistance_ohm=resistance,
        covariance=covariance,
        drift=joint.drift,
        adequate=sum(one.adequate for one in attempts),
    )


def _role_words(cathode: Role | None) -> str:
    """What the resistance of a series is; a sum is named so."""
    if cathode is None:
        return ""
    if len(cathode.names) > 1 and cathode.role == "cathode":
        return f"cathode, sum of {len(cathode.names)} arcs"
    return cathode.role


def summed(joint: SequenceFit, names: tuple[str, ...]) -> tuple[FloatArray, FloatArray]:
    """Sum of the named resistances of every spectrum, ohm, and its covariance.

    The relative covariance is taken at the resistances of a smooth course: a fit that happens to find a low resistance
    states a low uncertainty, and weighting by it would pull the line down.
    """
    count, size = joint.theta.shape
    places = [joint.circuit.names.index(name) for name in names]
    sizes = np.exp(joint.theta[:, places])
    total = sizes.sum(axis=1)
    gradient = np.zeros((count, count * size))
    for row in range(count):
        gradient[row, [row * size + place for place in places]] = sizes[row] / total[row]
    relative = gradient @ joint.covariance @ gradient.T
    steps = np.arange(count, dtype=np.float64)
    course = np.polyval(np.polyfit(steps, total, min(2, count - 2)), steps)
    course = np.maximum(course, 0.1 * float(np.median(total)))
    return total, np.asarray(course[:, None] * relative * course)
