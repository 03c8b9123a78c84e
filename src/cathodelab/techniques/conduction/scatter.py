"""How means deviate from a model: by the noise of their rows, by what does not average out, by a slow wander of the current.

A wander moves neighbouring means together: a random walk, whose variance grows with the time. It is what temperature and
electronics do; more rows do not help against it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.techniques.conduction.means import Means

BeyondNoise = Literal["", "scatter", "wander"]
"""What means do beyond the noise of their rows."""
_HALVINGS = 40
_HIDDEN = 1.5
"""A wander is larger than what is left shows: relaxations of the fit have taken a part of it."""
_LARGEST = 1e7


@dataclass(frozen=True, eq=False)
class Scatter(ReadOnlyArrays):
    """The covariance of the means of a record.

    Args:
        standard_ampere: what each mean has for itself, shape (b,).
        elapsed: time of each mean as a part of the record, shape (b,).
        wander_ampere: standard deviation of the wander at the end of the record.
    """

    standard_ampere: FloatArray
    elapsed: FloatArray
    wander_ampere: float = 0.0

    @cached_property
    def factor(self) -> FloatArray | None:
        """Lower triangle whose product with itself is the covariance; ``None`` where the means are independent."""
        if not self.wander_ampere:
            return None
        walk = self.wander_ampere**2 * np.minimum.outer(self.elapsed, self.elapsed)
        return np.asarray(np.linalg.cholesky(walk + np.diag(self.standard_ampere**2)))

    def white(self, columns: FloatArray) -> FloatArray:
        """Columns divided by the factor: independent, of standard deviation 1."""
        if self.factor is None:
            return np.asarray(columns / self.standard_ampere.reshape(-1, *[1] * (columns.ndim - 1)))
        from scipy.linalg import solve_triangular

        return np.asarray(solve_triangular(self.factor, columns, lower=True, check_finite=False))

    def chi_square(self, rest: FloatArray) -> float:
        """Of what is left of the means."""
        white = self.white(rest)
        return float(white @ white)

    @property
    def log_determinant(self) -> float:
        """Of the covariance: of two that give the same chi-square, the smaller one describes the means better."""
        diagonal = self.standard_ampere if self.factor is None else np.diag(self.factor)
        return float(2 * np.sum(np.log(diagonal)))


def of_noise(means: Means, *, jitter: bool = False, excess: float = 0.0, wander_ampere: float = 0.0) -> Scatter:
    """The covariance of the means of a record.

    Args:
        means: with the noise of their rows.
        jitter: whether the times of the steps are uncertain by a part of a row's interval.
        excess: what does not average out, in standard deviations of a row.
        wander_ampere: standard deviation of a slow wander at the end of the record.
    """
    moved = means.jitter_ampere if jitter else np.zeros(means.rows.size)
    standard = np.sqrt(means.noise_ampere**2 * (1 / means.rows + excess**2) + moved**2)
    return Scatter(standard, means.elapsed, wander_ampere)


def as_large_as(means: Means, rest: FloatArray, degrees_of_freedom: int) -> list[tuple[BeyondNoise, float, Scatter]]:
    """Covariances under which what is left of the means is as large as it should be: word, size and covariance.

    One with scatter of each mean beyond noise, one with a wander; none where the noise alone explains it, or nothing does.
    """
    if of_noise(means, jitter=True).chi_square(rest) <= degrees_of_freedom:
        return []
    unit = float(np.max(means.noise_ampere))
    words: tuple[BeyondNoise, ...] = ("scatter", "wander")
    found = []
    for word in words:
        low, high = 0.0, 1.0
        while _made(means, word, high, unit).chi_square(rest) > degrees_of_freedom and high < _LARGEST:
            high *= 2
        if high >= _LARGEST:
            continue
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            large = _made(means, word, middle, unit).chi_square(rest) > degrees_of_freedom
            low, high = (middle, high) if large else (low, middle)
        size = high * (_HIDDEN if word == "wander" else 1.0)
        found.append((word, size * unit, _made(means, word, size, unit)))
    return found


def _made(means: Means, word: BeyondNoise, size: float, unit: float) -> Scatter:
    if word == "scatter":
        return of_noise(means, jitter=True, excess=size)
    return of_noise(means, jitter=True, wander_ampere=size * unit)
