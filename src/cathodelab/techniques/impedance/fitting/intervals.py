"""Profile-likelihood intervals: how far a parameter can move before the best fit with it is significantly worse.

A coordinate is held at a value, all others are fitted again, and the sum of squares is compared with its minimum. The
interval ends where the increase reaches ``s^2 F``, with ``s^2 = chi_square / degrees of freedom`` and F the quantile of the
F distribution with 1 and that many degrees of freedom. Curved and one-sided cases (overlapping arcs, exponents at their
bound) are handled correctly, while the covariance would give a symmetric and wrong interval.
"""

from __future__ import annotations

from dataclasses import dataclass

from cathodelab.techniques.impedance.fitting.fit import CircuitFit
from cathodelab.techniques.impedance.fitting.profile import Profile


@dataclass(frozen=True)
class Interval:
    """Interval of a parameter in its physical unit; an end is ``nan`` where the data give no limit on that side."""

    name: str
    value: float
    low: float
    high: float
    level: float


def profile_intervals(
    fits: tuple[CircuitFit, ...], names: tuple[str, ...], levels: tuple[float, ...] = (0.6827, 0.9545)
) -> list[dict[tuple[str, float], Interval]]:
    """Intervals of the named parameters of fits that share circuit, constraints and frequencies.

    Args:
        fits: results of one call of :func:`cathodelab.techniques.impedance.fitting.fit.fitted`.
        names: parameters.
        levels: probabilities.

    Returns:
        One mapping (name, level) -> interval for each fit.
    """
    found: list[dict[tuple[str, float], Interval]] = [{} for _ in fits]
    if not fits:
        return found
    profile = Profile(fits)
    circuit, freedom = fits[0].circuit, fits[0].degrees_of_freedom
    levels = tuple(sorted(levels))
    for name in names:
        place = circuit.names.index(name)
        ends = profile.ends(place, tuple(quantile(level, freedom) for level in levels))
        parameter = circuit.parameters[place]
        values = parameter.value(ends)
        if parameter.kind != "exponent" and parameter.power < 0:
            values = values[:, ::-1]
        for row, fit in enumerate(fits):
            value = fit.values[name]
            for level, (low, high) in zip(levels, values[:, :, row], strict=True):
                found[row][name, level] = Interval(name, value, float(low), float(high), level)
    return found


def quantile(level: float, freedom: int) -> float:
    """Increase of the sum of squares, in units of s^2, at the end of an interval: F(1, freedom)."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, (1 + level) / 2) ** 2)
