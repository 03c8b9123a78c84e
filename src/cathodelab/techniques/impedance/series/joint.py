"""The joint fit of a series: one circuit, neighbours alike, every sweep brought to one moment.

What changes in a sweep of minutes does so along the course that the series shows: resistance and time constant of the changing
arcs as a parabola in the square root of the time. The fitted circuit says what this makes of every point, and so much is
subtracted. Fit and correction are repeated, as each needs the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.techniques.impedance.circuits.circuit import Circuit
from cathodelab.techniques.impedance.circuits.elements import ComplexArray
from cathodelab.techniques.impedance.fitting.sequence import SequenceFit, continued_fit, sequence_fit
from cathodelab.techniques.impedance.series.membership import common_grid, on_grid
from cathodelab.techniques.impedance.spectrum import Spectrum

_REPEATS = 3
_CURVED_FROM = 6
_HOURS_BEFORE = (0.0, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""When the change may have begun before the first spectrum, h; the one that makes the course straightest is taken."""


@dataclass(frozen=True, eq=False)
class SeriesData(ReadOnlyArrays):
    """The spectra of a series on one grid of frequencies.

    Args:
        frequency_hertz: shape (m,).
        impedance: ohm, shape (s, m).
        noise: relative to the modulus, shape (s, m); infinite where a point is missing or left out.
        clock_second: shape (s, m); ``None`` where the spectra have no clock that runs on.
    """

    frequency_hertz: FloatArray
    impedance: ComplexArray
    noise: FloatArray
    clock_second: FloatArray | None


@dataclass(frozen=True, eq=False)
class JointFit(ReadOnlyArrays):
    """A series fitted as one.

    Args:
        fit: coordinates of all spectra and their covariance.
        data: the spectra as they were fitted: brought to one moment each.
        changing: names of the parameters that may change freely.
        moment_second: moment to which each spectrum was brought, shape (s,); ``nan`` without clocks.
        drift: largest relative change of a point within a sweep that was taken out.
        per_step: expected change of the other coordinates from one spectrum to the next; ``nan`` without continuity.
    """

    fit: SequenceFit
    data: SeriesData
    changing: tuple[str, ...]
    moment_second: FloatArray
    drift: float
    per_step: float


def series_data(
    spectra: Sequence[Spectrum], noise: Sequence[float], outliers: Sequence[Sequence[int]], *, timed: bool
) -> SeriesData:
    """Put spectra on their common grid.

    Args:
        spectra: of the series.
        noise: of each, relative to the modulus.
        outliers: places of points of each that take no part.
        timed: whether their clocks run on from one to the next.
    """
    grid = common_grid(spectra)
    z = np.ones((len(spectra), grid.size), dtype=np.complex128)
    relative = np.full(z.shape, np.inf)
    clock = np.zeros(z.shape)
    for row, (one, size, out) in enumerate(zip(spectra, noise, outliers, strict=True)):
        places = on_grid(grid, one.frequency_hertz)
        found = places >= 0
        z[row] = one.impedance[np.clip(places, 0, None)]
        relative[row, found & ~np.isin(places, list(out))] = max(size, 1e-6)
        if one.time_second is not None:
            own = one.time_second[np.clip(places, 0, None)]
            clock[row] = np.interp(np.arange(grid.size), np.flatnonzero(found), own[found])
    return SeriesData(grid, z, relative, clock if timed else None)


def joint_fit(
    circuit: Circuit,
    data: SeriesData,
    changing: tuple[str, ...],
    starts: FloatArray,
    *,
    continuity: bool,
    begin_second: float = float("nan"),
) -> JointFit:
    """Fit the series.

    Args:
        circuit: for all spectra.
        data: as measured.
        changing: parameters that are looked for: free of continuity, and their change within a sweep is taken out.
        starts: coordinates (s, p).
        continuity: whether other parameters change no faster than the data ask for.
        begin_second: clock at which the change began; by default the one that makes the course straightest.
    """
    places = [circuit.names.index(name) for name in changing]
    at_once = data.impedance
    moment = np.full(len(starts), np.nan)
    per_step = float("nan")
    fit = None
    for _ in range(_REPEATS if places and data.clock_second is not None else 1):
        if fit is not None and data.clock_second is not None:
            moment = _moments(circuit, data, fit.theta, places)
            begin = begin_second
            if np.isnan(begin):
                begin = _beginning(data.clock_second, moment, _total(circuit, fit.theta, places))
            at_once = data.impedance - _gained(circuit, data, fit.theta, places, moment, begin)
            starts = fit.theta
        if continuity:
            fit, per_step = continued_fit(circuit, data.frequency_hertz, at_once, data.noise, changing, starts)
        else:
            fit = sequence_fit(circuit, data.frequency_hertz, at_once, data.noise, starts=starts)
    assert fit is not None  # noqa: S101 - it is fitted at least once
    if data.clock_second is not None and np.isnan(moment).all():
        moment = np.median(data.clock_second, axis=1)
    drift = float(np.max(np.abs(at_once - data.impedance) / np.abs(data.impedance)))
    brought = SeriesData(data.frequency_hertz, at_once, data.noise, data.clock_second)
    return JointFit(fit, brought, changing, moment, drift, per_step)


def changing_parameters(circuit: Circuit, names: tuple[str, ...]) -> tuple[str, ...]:
    """The resistances, and the time constants that change with them."""
    found = []
    for name in names:
        place = circuit.names.index(name)
        found.append(name)
        if place + 1 < len(circuit.names) and circuit.parameters[place + 1].kind == "time":
            found.append(circuit.names[place + 1])
    return tuple(found)


def _moments(circuit: Circuit, data: SeriesData, theta: FloatArray, places: list[int]) -> FloatArray:
    """When each spectrum measured the peak of the first changing arc, s."""
    clock = data.clock_second
    assert clock is not None  # noqa: S101 - the caller looked
    times = [place for place in places if circuit.parameters[place].kind == "time"]
    frequency = data.frequency_hertz
    peak = float(np.sqrt(frequency[0] * frequency[-1]))
    if times:
        peak = float(np.exp(-np.median(theta[:, times[0]])) / (2 * np.pi))
    return clock[:, int(np.argmin(np.abs(np.log(frequency / peak))))]


def _gained(
    circuit: Circuit, data: SeriesData, theta: FloatArray, places: list[int], moment: FloatArray, begin: float
) -> ComplexArray:
    """What every point has gained since the moment of its spectrum, ohm, shape (s, m)."""
    clock = data.clock_second
    assert clock is not None  # noqa: S101 - the caller looked
    root = np.sqrt(np.maximum(clock - begin, 0.0))
    at_moment = np.sqrt(np.maximum(moment - begin, 0.0))
    degree = 2 if moment.size >= _CURVED_FROM else 1
    shifts = []
    for place in places:
        course = np.polyfit(at_moment, theta[:, place], degree)
        shifts.append(np.polyval(course, root) - np.polyval(course, at_moment)[:, None])
    log_omega = np.log(2 * np.pi * data.frequency_hertz)
    gained = np.empty(clock.shape, dtype=np.complex128)
    points = np.arange(log_omega.size)
    for row, own in enumerate(theta):
        moved = np.tile(own, (points.size + 1, 1))
        for place, shift in zip(places, shifts, strict=True):
            moved[:-1, place] += shift[row]
        z = circuit.evaluate(log_omega, moved)[0]
        gained[row] = z[points, points] - z[-1]
    return gained


def _total(circuit: Circuit, theta: FloatArray, places: list[int]) -> FloatArray:
    """Sum of the changing resistances of each spectrum, ohm."""
    sizes = [place for place in places if circuit.parameters[place].kind == "scale"]
    return np.asarray(np.exp(theta[:, sizes]).sum(axis=1))


def _beginning(clock: FloatArray, moment: FloatArray, course: FloatArray) -> float:
    """The clock at which the change began: at the first point, or before where that makes the course straighter."""
    first = float(clock.min())
    best = np.inf, first
    for hours in _HOURS_BEFORE:
        x = np.sqrt(moment - first + 3600 * hours + 1e-3)
        rest = course - np.polyval(np.polyfit(x, course, 1), x)
        squares = float(np.sum(rest**2))
        # a beginning before the first point must show itself: a tenth less is no sign of one
        if squares < best[0] * (0.9 if hours else 1.0):
            best = squares, first - 3600 * hours
    return best[1]
