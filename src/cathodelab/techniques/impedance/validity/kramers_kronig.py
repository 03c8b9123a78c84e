"""Linear Kramers-Kronig test: whether a linear, causal, stable system can have this spectrum, and how large the noise is.

A series of R, L, C and a chain of RC elements with fixed time constants is Kramers-Kronig consistent whatever the signs of
its sizes, and these follow linearly from real and imaginary part together (Boukamp, J. Electrochem. Soc. 142 (1995) 1885;
Schoenleber et al., Electrochim. Acta 131 (2014) 20). Unlike the usual programs this one divides by the degrees of freedom
that are left, so that the noise is not underestimated, and looks at the structure of the residuals, not only at their size.

A drift during the sweep is looked for by itself: the chain gets one more response, the spectrum times the share of the sweep
that had passed (from the time stamps, else from the periods 1/f). Its size is the relative change of the whole impedance over
the sweep, with a standard uncertainty, so that the test has a stated level (1 %) and a power that can be stated. A drift of
one arc alone is seen less well, and one that leaves each frequency alone, not at all: a second spectrum reveals it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.techniques.impedance.circuits.elements import ComplexArray

DENSITIES = (3, 5, 7)
"""RC elements per decade; more are used only where the residuals still have structure."""
_BEYOND_DECADES = 0.5
_SHORTEST, _ROUNDING = 1e-6, 1e-9
STRUCTURE_LIMIT = 3.5
"""Limit of the lag-1 autocorrelation in standard deviations; about 1 in 4000 valid spectra lies above."""
OUTLIER_LIMIT = 5.0
LARGEST_NOISE = 0.02
DRIFT_LEVEL = 0.01
"""A drift is found where chance would make one as large in so many spectra that do not drift."""
LARGEST_DRIFT = 0.05
"""A spectrum that changes by more of its size during the sweep belongs to no moment."""
_FOUND_MOSTLY = 4.22
"""A drift of so many standard uncertainties is found in 95 %: quantiles of 0.5 and 5 % of the normal distribution together."""


@dataclass(frozen=True, eq=False)
class KramersKronig(ReadOnlyArrays):
    """Outcome of the test for one spectrum.

    Args:
        noise: standard deviation of real and imaginary part each, relative to the modulus.
        residual_real, residual_imaginary: (measured - consistent) / modulus, shape (m,).
        structure: lag-1 autocorrelation of the residuals in standard deviations; white noise gives about 0 or less.
        per_decade: number of RC elements per decade.
        degrees_of_freedom: 2 m minus the parameters.
        outliers: numbers of the points beyond five (robust) standard deviations.
        drift, drift_standard: relative change of the impedance over the sweep, and its standard uncertainty.
        drift_probability: of a drift as large by chance.
    """

    noise: float
    residual_real: FloatArray
    residual_imaginary: FloatArray
    structure: float
    per_decade: int
    degrees_of_freedom: int
    outliers: tuple[int, ...]
    drift: float = 0.0
    drift_standard: float = float("nan")
    drift_probability: float = 1.0

    @property
    def drifts(self) -> bool:
        """Whether the impedance changes over the sweep, at the level of 1 %."""
        return self.drift_probability < DRIFT_LEVEL

    @property
    def drift_found_mostly(self) -> float:
        """The drift that is found in 95 % of spectra with this noise, relative to the impedance."""
        return _FOUND_MOSTLY * self.drift_standard

    @property
    def valid(self) -> bool:
        """Whether the residuals are noise, and small."""
        return self.structure <= STRUCTURE_LIMIT and self.noise <= LARGEST_NOISE

    @property
    def largest(self) -> float:
        """Largest residual, relative to the modulus."""
        return float(max(np.max(np.abs(self.residual_real)), np.max(np.abs(self.residual_imaginary))))


def kramers_kronig(
    frequency_hertz: FloatArray, impedance: ComplexArray, clock_second: FloatArray | None = None
) -> tuple[KramersKronig, ...]:
    """Test spectra that share their frequencies.

    Args:
        frequency_hertz: shape (m,).
        impedance: ohm, shape (b, m).
        clock_second: time of every point, shape (b, m); by default each frequency takes as long as its period.
    """
    share = _shares(frequency_hertz, clock_second, len(impedance))
    found: list[KramersKronig | None] = [None] * len(impedance)
    left = np.arange(len(impedance))
    for density in DENSITIES:
        basis = _basis(frequency_hertz, density)
        freedom = 2 * frequency_hertz.size - basis.shape[0]
        if freedom < frequency_hertz.size // 2 and density > DENSITIES[0]:
            break
        if freedom < 4:
            basis = _basis(frequency_hertz, 1)
            freedom = 2 * frequency_hertz.size - basis.shape[0]
        residual, drift, length = _residuals(basis, impedance[left], share[left])
        for place, row in enumerate(left):
            outcome = _judged(residual[place], freedom, density)
            if outcome.outliers:
                outcome = _without_outliers(basis, impedance[row], share[row], outcome)
            else:
                outcome = _with_drift(outcome, float(drift[place]), float(length[place]), outcome.degrees_of_freedom)
            # a denser chain is justified only if the noise, by degrees of freedom, falls by 3 %
            before = found[row]
            if before is None or outcome.noise < 0.97 * before.noise:
                found[row] = outcome
        left = np.array([row for row in left if _structured(found[row])], dtype=np.int64)
        if left.size == 0:
            break
    return tuple(one for one in found if one is not None)


def _shares(frequency_hertz: FloatArray, clock_second: FloatArray | None, count: int) -> FloatArray:
    """Share of the sweep that has passed at every point, shape (b, m); by the periods where the clock is unknown."""
    if clock_second is None:
        clock_second = np.tile(np.cumsum(1 / frequency_hertz), (count, 1))
    first = clock_second.min(axis=1, keepdims=True)
    return np.asarray((clock_second - first) / np.maximum(np.ptp(clock_second, axis=1, keepdims=True), 1e-300))


def _with_drift(outcome: KramersKronig, drift: float, length: float, freedom: int) -> KramersKronig:
    """The outcome with its drift.

    Args:
        outcome: without it.
        drift: size of the response that drifts.
        length: of the part of that response that the chain cannot imitate.
        freedom: degrees of freedom without the drift.
    """
    from scipy.special import stdtr

    if length <= _SHORTEST or freedom < 3:
        return outcome
    squares = max(outcome.noise**2 * freedom - (drift * length) ** 2, 0.0)
    standard = float(np.sqrt(squares / (freedom - 1))) / length
    probability = 2 * float(stdtr(freedom - 1, -abs(drift) / standard)) if standard > _ROUNDING else 1.0
    return replace(outcome, drift=drift, drift_standard=standard, drift_probability=probability)


def _structured(outcome: KramersKronig | None) -> bool:
    return outcome is not None and outcome.structure > STRUCTURE_LIMIT


def _basis(frequency_hertz: FloatArray, per_decade: int) -> ComplexArray:
    """Responses of R, L, C and the chain, shape (k, m)."""
    omega = 2 * np.pi * frequency_hertz
    low = -np.log10(omega.max()) - _BEYOND_DECADES
    high = -np.log10(omega.min()) + _BEYOND_DECADES
    times = np.logspace(low, high, max(round((high - low) * per_decade) + 1, 2))
    turn = 1j * omega
    middle = np.sqrt(omega.max() * omega.min())
    return np.concatenate([np.ones((1, omega.size)), [turn / middle], [middle / turn], 1 / (1 + turn * times[:, None])])


def _residuals(
    basis: ComplexArray, impedance: ComplexArray, share: FloatArray
) -> tuple[ComplexArray, FloatArray, FloatArray]:
    """(measured - best consistent) / modulus, shape (b, m); size of a drift; length of what the chain leaves of it.

    Orthogonal columns keep the ill-conditioned chain stable.
    """
    weight = 1 / np.abs(impedance)
    columns = np.ascontiguousarray((basis[None] * weight[:, None, :]).transpose(0, 2, 1))
    count, points, size = columns.shape
    real = np.empty((count, 2 * points, size))
    real[:, :points], real[:, points:] = columns.real, columns.imag
    real /= np.linalg.norm(real, axis=1, keepdims=True)
    unit = impedance * weight
    drifting = unit * share
    right = np.stack([np.concatenate([one.real, one.imag], axis=1) for one in (unit, drifting)], axis=2)
    orthogonal = np.linalg.qr(real)[0]
    right = right - orthogonal @ (orthogonal.transpose(0, 2, 1) @ right)
    rest, alone = right[:, :, 0], right[:, :, 1]
    squares = np.sum(alone**2, axis=1)
    drift = np.sum(alone * rest, axis=1) / np.maximum(squares, 1e-300)
    return np.asarray(rest[:, :points] + 1j * rest[:, points:]), drift, np.sqrt(squares)


def _without_outliers(
    basis: ComplexArray, impedance: ComplexArray, share: FloatArray, outcome: KramersKronig
) -> KramersKronig:
    """The test repeated with the furthest point set aside each time, until no outlier is left.

    A single bad point also distorts the residuals of its neighbours; only points far from the fit of all others remain
    outliers. Where more than a tenth of the points would be set aside, none is.
    """
    points = impedance.size
    columns = (basis / np.abs(impedance)).T
    columns = columns / np.linalg.norm(columns, axis=0)
    measured = impedance / np.abs(impedance)
    aside: list[int] = []
    current = outcome
    while current.outliers:
        far = np.hypot(current.residual_real, current.residual_imaginary)
        far[aside] = 0.0
        aside.append(int(np.argmax(far)))
        if len(aside) > max(points // 10, 1):
            return outcome
        kept = np.setdiff1d(np.arange(points), aside)
        stacked = np.concatenate([columns[kept].real, columns[kept].imag])
        right = np.concatenate([measured[kept].real, measured[kept].imag])
        sizes = np.linalg.lstsq(stacked, right, rcond=1e-12)[0]
        rest = np.asarray(measured - columns @ sizes)
        inner = _judged(rest[kept], outcome.degrees_of_freedom - 2 * len(aside), outcome.per_decade)
        further = tuple(int(kept[place]) for place in inner.outliers)
        limit = OUTLIER_LIMIT * inner.noise
        out = [place for place in aside if max(abs(rest[place].real), abs(rest[place].imag)) > limit]
        current = replace(inner, residual_real=rest.real, residual_imaginary=rest.imag, outliers=further)
        if not further:
            drift, length = _residuals(basis[:, kept], impedance[None, kept], share[None, kept])[1:]
            current = _with_drift(current, float(drift[0]), float(length[0]), current.degrees_of_freedom)
            return replace(current, outliers=tuple(sorted(out)))
    return current


def _judged(residual: ComplexArray, freedom: int, density: int) -> KramersKronig:
    squares = float(np.sum(np.abs(residual) ** 2))
    robust = 1.4826 * float(np.median(np.abs(np.concatenate([residual.real, residual.imag]))))
    robust *= float(np.sqrt(2 * residual.size / freedom))
    size = np.maximum(np.abs(residual.real), np.abs(residual.imag))
    outliers = np.flatnonzero(size > OUTLIER_LIMIT * max(robust, 1e-12))
    lagged = float(np.sum((residual[1:] * np.conj(residual[:-1])).real))
    structure = lagged / squares * np.sqrt(2 * residual.size) if squares > 1e-24 else 0.0
    return KramersKronig(
        noise=float(np.sqrt(squares / freedom)),
        residual_real=residual.real,
        residual_imaginary=residual.imag,
        structure=float(structure),
        per_decade=density,
        degrees_of_freedom=freedom,
        outliers=tuple(int(place) for place in outliers),
    )
