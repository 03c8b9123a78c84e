r"""Differential charge dQ/dV that conserves charge.

The charge of every interval between two rows is laid evenly over the potentials between them, into overlapping bins; a
Gaussian that is reflected at both ends smooths it. Neither adds nor loses charge: the integral of the curve is the charge
at constant current (a hold would stand as a spike at its one potential and is left out, and said so).

The width of the Gaussian follows the noise: moving the potentials by their noise :math:`\sigma` changes the density
:math:`D` at smoothing :math:`h` by :math:`\sigma_D^2 = \sigma^2\,q\,D / (4\sqrt{\pi}\,h^3)` with :math:`q` the charge of a
row, so the smallest :math:`h` that holds the wanted noise follows (this project).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from math import hypot, sqrt
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from cathodelab.core.arrays import FloatArray, In, ReadOnlyArrays, frozen, median

_SHARPEST_VOLT = 1e-4
_FEWEST_ROWS = 12
LEVELS = 8
_SQRT_PI, _SQRT6 = float(np.sqrt(np.pi)), float(np.sqrt(6.0))
_ORDER = 4
_SAME_VOLT, _WHOLE = 1e-9, 0.02


@dataclass(frozen=True, eq=False)
class DifferentialCurve(ReadOnlyArrays):
    """dQ/dV of one half cycle at the centres of potential bins (against the cell's counter electrode)."""

    cycle: int
    direction: int
    potential_volt: Annotated[FloatArray, In("V", "bin")]
    density_mAh_V: Annotated[FloatArray, In("mAh/V", "bin")]
    charge_mAh: float
    smoothing_volt: float
    noise_mAh_V: float

    @property
    def standard_mAh_V(self) -> FloatArray:
        """Standard uncertainty of each density from the noise of the potentials; ``noise_mAh_V`` is that of the highest.

        It grows with the square root of the density: noise moves rows, and where there is more charge there are more rows.
        """
        highest = float(self.density_mAh_V.max())
        if highest <= 0:
            return np.full(self.density_mAh_V.shape, np.nan)
        return self.noise_mAh_V * np.sqrt(np.clip(self.density_mAh_V, 0.0, None) / highest)


@dataclass(frozen=True, eq=False)
class FeatureTable(ReadOnlyArrays):
    """Features of every half cycle, one entry each.

    ``status``: 0 resolved, 1 not resolved, 2 not reached (the half cycle ended before it). Potentials in V against the
    cell's counter electrode; standard uncertainties hold noise and what is left of smoothing, ``common_standard_volt`` is what
    instrument and counter electrode add to all alike when they are read against Li+/Li.
    """

    cycle: FloatArray
    direction: FloatArray
    feature: tuple[str, ...]
    status: FloatArray
    position_volt: FloatArray
    position_standard_volt: FloatArray
    height_mAh_V: FloatArray
    height_standard_mAh_V: FloatArray
    charge_mAh: FloatArray
    charge_standard_mAh: FloatArray
    common_standard_volt: float = float("nan")

    def of(self, feature: str, direction: int) -> FloatArray:
        """Rows of one feature in one direction."""
        chosen = (self.direction == direction) & (np.array(self.feature) == feature)
        return np.flatnonzero(chosen).astype(np.float64)


@dataclass(frozen=True, eq=False)
class Densities(ReadOnlyArrays):
    """dQ/dV of all half cycles on one grid, before and after smoothing.

    Args:
        potential_volt: centres of the bins, shape (bins,).
        raw: shape (half cycles, bins), mAh/V.
        smooth: the same, smoothed: what is shown.
        smoothing_volt: standard deviation of the first kernel, per half cycle.
        noise_volt: noise of the potentials, per half cycle; ``row_charge_mAh``: mean charge of a row.
        charge_mAh: what the densities integrate to.
        spectrum: of the densities, mirrored at the end; what every smoothing begins with.
    """

    potential_volt: FloatArray
    raw: FloatArray
    smooth: FloatArray
    smoothing_volt: FloatArray
    noise_volt: FloatArray
    row_charge_mAh: FloatArray
    charge_mAh: FloatArray
    spectrum: NDArray[np.complex128]
    _made: dict[tuple[int, int], FloatArray] = field(default_factory=dict)

    @cached_property
    def step(self) -> float:
        """Width of a bin, V."""
        return float(self.potential_volt[1] - self.potential_volt[0])

    def level(self, level: int, half: int) -> FloatArray:
        """One half cycle, smoothed by a kernel wider by ``2 ** (level / 2)`` than what is shown.

        Wider kernels place broad features and tell what smoothing moves; they are made where they are asked for.
        """
        if level == 0:
            return np.asarray(self.smooth[half])
        made = self._made.get((level, half))
        if made is None:
            chosen = slice(half, half + 1)
            wide = self.smoothing_volt[chosen] * 2 ** (level / 2)
            made = frozen(_smoothed(self.spectrum[chosen], wide, self.step, self.potential_volt.size)[0])
            self._made[level, half] = made
        return made

    def width(self, half: int, level: int = 0) -> float:
        """Standard deviation of what really smooths, V: the kernel and the hat of a bin."""
        return hypot(self.smoothing_volt.item(half) * 2 ** (level / 2), self.step / _SQRT6)

    def jitter(self, half: int, height: float) -> float:
        """Noise of the potentials times the root of what a row adds there: spectral density of the noise, mAh V^(1/2)."""
        return self.noise_volt.item(half) * sqrt(self.row_charge_mAh.item(half) * max(height, 0.0))

    def noise_of(self, half: int, height: float, level: int = 0) -> float:
        """Standard uncertainty of the smoothed density where it has this height, mAh/V."""
        return self.jitter(half, height) / sqrt(4 * _SQRT_PI * self.width(half, level) ** 3)


def densities_of(
    voltage: FloatArray,
    charge: FloatArray,
    half: FloatArray,
    joined: FloatArray,
    halves: int,
    *,
    step_volt: float,
    noise_target: float,
    largest_smoothing_volt: float,
) -> Densities:
    """dQ/dV of all half cycles at once.

    Args:
        voltage: rows at constant current, V.
        charge: what flowed before each, mAh, in the direction of its half cycle (+).
        half: number of the half cycle of each row.
        joined: 1 where the row before belongs to the same step, else 0.
        halves: number of half cycles.
        step_volt: width of a bin.
        noise_target: wanted noise as a fraction of the highest peak.
        largest_smoothing_volt: smoothing never grows beyond.
    """
    before = np.concatenate([voltage[:1], voltage[:-1]])
    start = np.where(joined > 0, before, voltage)
    low, high = np.minimum(start, voltage), np.maximum(start, voltage)
    thin = high - low < _SHARPEST_VOLT
    middle = (low + high) / 2
    low, high = np.where(thin, middle - _SHARPEST_VOLT / 2, low), np.where(thin, middle + _SHARPEST_VOLT / 2, high)
    bottom = float(np.floor(low.min() / step_volt) - 1) * step_volt
    bins = _round_number(max(int(np.ceil((high.max() - bottom) / step_volt)) + 1, 3))
    raw = _deposited(low - bottom, high - bottom, charge, half, halves, bins, step_volt)
    noise, row_charge = _noise(voltage, charge, half, joined, halves)
    spectrum = np.fft.rfft(np.concatenate([raw, raw[:, ::-1]], axis=1), axis=1)
    peak = _smoothed(spectrum, np.full(halves, 2.5 * step_volt), step_volt, bins).max(axis=1)
    wanted = noise**2 * row_charge / (4 * _SQRT_PI * noise_target**2 * np.maximum(peak, 1e-12))
    spacing = row_charge / np.maximum(peak, 1e-12)
    smoothing = np.clip(np.maximum(np.cbrt(wanted), spacing), 2 * step_volt, largest_smoothing_volt)
    return Densities(
        potential_volt=bottom + step_volt * (np.arange(bins, dtype=np.float64) + 0.5),
        raw=raw,
        smooth=_smoothed(spectrum, smoothing, step_volt, bins),
        smoothing_volt=smoothing,
        noise_volt=noise,
        row_charge_mAh=row_charge,
        charge_mAh=frozen(np.bincount(half.astype(np.int64), weights=charge, minlength=halves)),
        spectrum=spectrum,
    )


def _round_number(count: int) -> int:
    """The next number without prime factors above five: transforms of such lengths are fast."""
    while True:
        rest = count
        for factor in (2, 3, 5):
            while rest % factor == 0:
                rest //= factor
        if rest == 1:
            return count
        count += 1


def _deposited(
    low: FloatArray, high: FloatArray, charge: FloatArray, half: FloatArray, halves: int, bins: int, step: float
) -> FloatArray:
    """Charge per bin and width: every interval's charge spread evenly from its lower to its upper potential.

    Bins are hats of two widths that overlap (their sum is one everywhere, so no charge is lost): hard bins would turn the
    jitter of their edges into noise at all frequencies. A hat is a second difference of the twice integrated density, and
    that is known exactly from the sorted ends of the intervals.
    """
    slope = charge / (high - low)
    borders = np.searchsorted(half, np.arange(halves + 1))
    centres = step * (np.arange(-1, bins + 1) + 0.5)
    raw = np.zeros((halves, bins))
    for one in range(halves):
        rows = slice(borders[one], borders[one + 1])
        ends = np.concatenate([low[rows], high[rows]])
        if not ends.size:
            continue
        change = np.concatenate([slope[rows], -slope[rows]])
        order = np.argsort(ends, kind="stable")
        ends = ends[order]
        density = np.cumsum(change[order])
        density[-1] = 0.0
        width = np.diff(ends)
        once = np.concatenate([[0.0], np.cumsum(density[:-1] * width)])
        twice = np.concatenate([[0.0], np.cumsum((once[:-1] + density[:-1] * width / 2) * width)])
        at = np.searchsorted(ends, centres, side="right") - 1
        before = np.maximum(at, 0)
        beyond = np.where(at >= 0, centres - ends[before], 0.0)
        value = twice[before] + (once[before] + density[before] * beyond / 2) * beyond
        raw[one] = np.diff(value, 2) / step**2
    return raw


def _smoothed(spectrum: NDArray[np.complex128], smoothing: FloatArray, step: float, bins: int) -> FloatArray:
    """Gaussian of the given standard deviation along the bins, reflected at both ends: the sum stays."""
    frequency = np.arange(bins + 1) / (2 * bins * step)
    kernel = np.exp(-2 * (np.pi * frequency * smoothing[:, None]) ** 2)
    return np.fft.irfft(spectrum * kernel, 2 * bins, axis=1)[:, :bins]


def _noise(
    voltage: FloatArray, charge: FloatArray, half: FloatArray, joined: FloatArray, halves: int
) -> tuple[FloatArray, FloatArray]:
    """Noise of the potentials and mean charge of a row (weighted by charge), per half cycle.

    Noise: the fourth difference of the potentials over charge (five rows; a cubic has none), by its median. Potentials
    written in steps have at least the noise of their last digit.
    """
    noise = np.full(halves, np.nan)
    number = half.astype(np.int64)
    amount = np.abs(charge)
    sums = np.bincount(number, weights=amount, minlength=halves)
    row_charge = frozen(np.bincount(number, weights=amount**2, minlength=halves) / np.maximum(sums, 1e-12))
    follows = (joined > 0) & (charge > 0)
    inner = np.arange(_ORDER, voltage.size)
    for back in range(_ORDER):
        inner = inner[follows[inner - back]]
    residual = _difference(voltage, charge, inner)
    moved = np.abs(np.diff(voltage, prepend=voltage[:1]))
    borders = np.searchsorted(number[inner], np.arange(halves + 1))
    rows = np.searchsorted(number, np.arange(halves + 1))
    for one in range(halves):
        part = residual[borders[one] : borders[one + 1]]
        if part.size >= _FEWEST_ROWS:
            digit = _last_digit(moved[rows[one] + 1 : rows[one + 1]])
            noise[one] = max(1.4826 * median(part), digit / np.sqrt(12))
    return noise, row_charge


def _last_digit(steps: FloatArray) -> float:
    """The step that potentials are written in; 0 where their differences are no multiples of the smallest."""
    there = steps[steps > _SAME_VOLT]
    if not there.size:
        return 0.0
    digit = float(there.min())
    digits = there / digit
    return digit if median(np.abs(digits - np.round(digits))) < _WHOLE else 0.0


def _difference(voltage: FloatArray, charge: FloatArray, row: NDArray[np.int64]) -> FloatArray:
    """Size of the divided difference that ends at each row, in standard deviations of one potential."""
    places = [np.zeros(row.size)]
    for back in range(_ORDER):
        places.insert(0, places[0] - charge[row - back])
    count = _ORDER + 1
    weights = [1.0 / np.prod([places[i] - places[j] for j in range(count) if j != i], axis=0) for i in range(count)]
    total = sum(weight * voltage[row - _ORDER + i] for i, weight in enumerate(weights))
    return np.asarray(np.abs(total) / np.sqrt(np.sum(np.square(weights), axis=0)))
