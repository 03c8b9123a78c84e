"""Distribution of relaxation times: non-negative Tikhonov regularization, strength from the noise, reliability of peaks.

``Z = R + j w L + 1/(j w C) + sum_k g_k / (1 + j w tau_k)`` with ``g >= 0`` and a penalty on the second differences of g. The
penalty is the strongest one for which the residual is still explained by the noise of the Kramers-Kronig test (discrepancy
principle); cross-validation chooses too weak a penalty and splits peaks. Whether a peak is real is tested with a smoother
distribution: with five times the penalty its spectrum is repeated with new noise, and a peak that does not reappear is a ghost.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.techniques.impedance.circuits.elements import ComplexArray

_PER_DECADE = 10
_BEYOND_DECADES = 0.7
_STRENGTHS = np.logspace(2, -4, 19)
_SMOOTHER = 5.0
_SMALLEST_PEAK = 0.02
_SAME_PEAK_DECADES = 0.25


@dataclass(frozen=True)
class Peak:
    """A maximum of the distribution.

    Args:
        time_second: relaxation time.
        resistance_ohm: area under the peak.
        ghost_probability: share of repetitions with new noise in which it did not reappear.
    """

    time_second: float
    resistance_ohm: float
    ghost_probability: float


@dataclass(frozen=True, eq=False)
class Distribution(ReadOnlyArrays):
    """Distribution of relaxation times.

    Args:
        time_second: shape (k,).
        density_ohm: resistance per unit of ln(tau), shape (k,).
        series_ohm: resistance at infinite frequency.
        polarization_ohm: area under the distribution.
        strength: of the regularization.
        residual: standard deviation of the residuals relative to the modulus.
        peaks: from short to long times.
    """

    time_second: FloatArray
    density_ohm: FloatArray
    series_ohm: float
    polarization_ohm: float
    strength: float
    residual: float
    peaks: tuple[Peak, ...]


def distribution_of_relaxation_times(
    frequency_hertz: FloatArray, impedance: ComplexArray, noise: float, repetitions: int = 20, seed: int = 0
) -> Distribution:
    """The distribution of one spectrum.

    Args:
        frequency_hertz: shape (m,).
        impedance: ohm, shape (m,).
        noise: relative to the modulus, from :func:`~cathodelab.techniques.impedance.validity.kramers_kronig.kramers_kronig`.
        repetitions: number of spectra with new noise for the probability of ghosts.
        seed: of the new noise.
    """
    problem = _Problem(frequency_hertz, np.abs(impedance))
    strength, sizes = problem.regularized(impedance, noise)
    density = sizes[problem.serial :] / problem.step
    found = _peaks(problem.times, density)
    model = problem.model(sizes)
    smoother = problem.model(problem.solved(impedance, _SMOOTHER * strength))
    chance = np.random.default_rng(seed)
    returned = np.zeros(len(found))
    for _ in range(repetitions):
        random = chance.standard_normal(model.size) + 1j * chance.standard_normal(model.size)
        again = problem.solved(smoother + noise * np.abs(impedance) * random, strength)
        times = [time for time, _ in _peaks(problem.times, again[problem.serial :] / problem.step)]
        returned += [_near(time, times) for time, _ in found]
    away = (impedance - model) / np.abs(impedance)
    return Distribution(
        time_second=problem.times,
        density_ohm=density,
        series_ohm=float(sizes[0]),
        polarization_ohm=float(np.sum(sizes[problem.serial :])),
        strength=strength,
        residual=float(np.sqrt(np.mean(np.abs(away) ** 2) / 2)),
        peaks=tuple(
            Peak(time, size, float(1 - back / repetitions) if repetitions else float("nan"))
            for (time, size), back in zip(found, returned, strict=True)
        ),
    )


class _Problem:
    """The linear problem of one set of frequencies and weights."""

    serial = 3

    def __init__(self, frequency_hertz: FloatArray, modulus: FloatArray) -> None:
        omega = 2 * np.pi * frequency_hertz
        low = -np.log10(omega.max()) - _BEYOND_DECADES
        high = -np.log10(omega.min()) + _BEYOND_DECADES
        self.times = np.logspace(low, high, round((high - low) * _PER_DECADE) + 1)
        self.step = float(np.log(self.times[1] / self.times[0]))
        turn = 1j * omega
        self._sizes = np.array([1.0, float(modulus.min() / omega.max()), float(modulus.min() * omega.min())])
        serial = np.stack([np.ones_like(turn), turn * self._sizes[1], self._sizes[2] / turn])
        self._columns = np.concatenate([serial, 1 / (1 + turn * self.times[:, None])]).T
        self._modulus = modulus
        weighted = self._columns / modulus[:, None]
        self._matrix = np.concatenate([weighted.real, weighted.imag])
        count = self.times.size
        self._smooth = np.zeros((count, self.serial + count))
        for row in range(count):  # second differences, with zeros beyond both ends
            self._smooth[row, self.serial + row] = -2
            if row > 0:
                self._smooth[row, self.serial + row - 1] = 1
            if row + 1 < count:
                self._smooth[row, self.serial + row + 1] = 1
        self._smooth /= float(np.median(modulus)) * self.step**1.5

    def model(self, sizes: FloatArray) -> ComplexArray:
        return np.asarray(self._columns @ sizes)

    def solved(self, impedance: ComplexArray, strength: float) -> FloatArray:
        """Non-negative solution at one strength."""
        from scipy.optimize import nnls

        measured = impedance / self._modulus
        right = np.concatenate([measured.real, measured.imag, np.zeros(self.times.size)])
        sizes, _ = nnls(np.concatenate([self._matrix, strength * self._smooth]), right, maxiter=20 * right.size)
        return np.asarray(sizes)

    def regularized(self, impedance: ComplexArray, noise: float) -> tuple[float, FloatArray]:
        """The strongest regularization whose residual is explained by the noise; the weakest where none is."""
        strength, sizes = float(_STRENGTHS[-1]), np.zeros(0)
        for one in _STRENGTHS:
            strength, sizes = float(one), self.solved(impedance, float(one))
            away = (impedance - self.model(sizes)) / self._modulus
            if float(np.sqrt(np.mean(np.abs(away) ** 2) / 2)) <= noise:
                break
        return strength, sizes


def _peaks(times: FloatArray, density: FloatArray) -> list[tuple[float, float]]:
    """(time, area between the neighbouring minima) of every maximum that is not negligible."""
    padded = np.concatenate([[0.0], density, [0.0]])
    tops = [k for k in range(density.size) if padded[k] < padded[k + 1] >= padded[k + 2]]
    step = float(np.log(times[1] / times[0]))
    total = float(np.sum(density)) * step
    found = []
    for place, top in enumerate(tops):
        first = 0 if place == 0 else tops[place - 1] + int(np.argmin(density[tops[place - 1] : top + 1]))
        last = density.size if place + 1 == len(tops) else top + int(np.argmin(density[top : tops[place + 1] + 1]))
        area = float(np.sum(density[first:last])) * step
        if area > _SMALLEST_PEAK * total:
            found.append((float(times[top]), area))
    return found


def _near(time: float, times: list[float]) -> bool:
    return any(abs(np.log10(time / other)) <= _SAME_PEAK_DECADES for other in times)
