"""Arcs that cannot be told apart, and their sum, which is well determined.

Two depressed arcs whose time constants are closer than a factor of three look like one, and the noise decides how the
resistance is divided between them. The parts are flagged, and the sum is given with its own interval.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.techniques.impedance.circuits.circuit import Circuit, Leaf, Node
from cathodelab.techniques.impedance.circuits.constraints import FREE
from cathodelab.techniques.impedance.circuits.elements import BY_SYMBOL
from cathodelab.techniques.impedance.fitting.fit import CircuitFit
from cathodelab.techniques.impedance.fitting.intervals import Interval, profile_intervals

CLOSEST_RATIO = 3.0
LARGEST_RELATIVE_UNCERTAINTY = 0.15
SMALL_SHARE, NEIGHBOUR_RATIO = 0.12, 30.0
"""An arc of less than this share of its neighbour's resistance, with a time constant within this ratio, and an exponent at
its bound only corrects the neighbour's shape."""


@dataclass(frozen=True)
class CombinedArcs:
    """A group of neighbouring arcs.

    Args:
        terms: numbers of the terms in the circuit.
        names: names of their resistances.
        total: sum of the resistances, ohm.
        relative_uncertainty: standard uncertainty of its logarithm.
        separable: whether the parts mean something of their own.
        reason: why not, in words.
        degrees_of_freedom: of the fit.
    """

    terms: tuple[int, ...]
    names: tuple[str, ...]
    total: float
    relative_uncertainty: float
    separable: bool
    reason: str
    degrees_of_freedom: int

    def low(self, level: float) -> float:
        """Lower end of the interval (log-normal)."""
        return float(self.total * np.exp(-self._half_width(level)))

    def high(self, level: float) -> float:
        """Upper end."""
        return float(self.total * np.exp(self._half_width(level)))

    def _half_width(self, level: float) -> float:
        from scipy.special import stdtrit

        return float(stdtrit(self.degrees_of_freedom, (1 + level) / 2)) * self.relative_uncertainty


def combined_arcs(fit: CircuitFit, terms: tuple[int, ...] | None = None) -> CombinedArcs:
    """The sum of arcs (all of the circuit, or those of the given terms), and whether they can be told apart.

    Arcs whose peak lies outside the measured frequencies describe the ends of the spectrum and are not counted.
    """
    inside = set(arcs_in_range(fit))
    arcs = [(term, row) for term, row in fit.circuit.arcs() if (term in inside if terms is None else term in terms)]
    places = [row.start for _, row in arcs]
    sizes = np.exp(fit.theta[places])
    total = float(np.sum(sizes))
    gradient = np.zeros(fit.theta.size)
    gradient[places] = sizes / total
    variance = float(gradient @ fit.covariance @ gradient)
    reason = "; ".join(_reasons(fit, [row for _, row in arcs]))
    return CombinedArcs(
        terms=tuple(term for term, _ in arcs),
        names=tuple(fit.circuit.names[place] for place in places),
        total=total,
        relative_uncertainty=float(np.sqrt(variance)),
        separable=not reason,
        reason=reason,
        degrees_of_freedom=fit.degrees_of_freedom,
    )


def arcs_in_range(fit: CircuitFit) -> tuple[int, ...]:
    """Terms whose arc peaks at a measured frequency."""
    log_omega = np.log(2 * np.pi * fit.frequency_hertz)
    low, high = -float(log_omega.max()), -float(log_omega.min())
    return tuple(term for term, row in fit.circuit.arcs() if low <= fit.theta[row.start + 1] <= high)


def merged(fit: CircuitFit, first: int, second: int) -> CircuitFit:
    """The fit with two of its arcs replaced by an arc pair, whose first parameter is their sum and can be profiled."""
    rows = dict(fit.circuit.arcs())
    terms: list[Node] = []
    names: list[str] = []
    jacobian: list[FloatArray] = []
    identity = np.eye(fit.theta.size)
    for term, row in zip(range(len(fit.circuit.terms)), fit.circuit.rows, strict=True):
        if term == second:
            continue
        if term != first:
            terms.append(fit.circuit.terms[term])
            names += fit.circuit.names[row]
            jacobian += list(identity[row])
            continue
        a, b = rows[first], rows[second]
        sizes = np.exp(fit.theta[[a.start, b.start]])
        share = float(sizes[0] / sizes.sum())
        terms.append(Leaf(BY_SYMBOL["Arcs"]))
        number = fit.circuit.names[a.start].rpartition("_")[2]
        names += [f"{symbol}_{number}" for symbol in ("R", "s", "tau", "n", "tau_b", "n_b")]
        sum_row = share * identity[a.start] + (1 - share) * identity[b.start]
        share_row = share * (1 - share) * (identity[a.start] - identity[b.start])
        jacobian += [sum_row, share_row, *identity[a][1:], *identity[b][1:]]
    change = np.array(jacobian)
    return replace(
        fit,
        circuit=Circuit(f"{fit.circuit.expression} ({names[0]} as sum)", tuple(terms), tuple(names)),
        theta=_merged_coordinates(fit.circuit, fit.theta, first, second),
        covariance=change @ fit.covariance @ change.T,
        at_bound=(),
        constraints=FREE,
        rejected=_merged_coordinates(fit.circuit, fit.rejected, first, second),
    )


def _merged_coordinates(circuit: Circuit, theta: FloatArray, first: int, second: int) -> FloatArray:
    """Convert coordinates (..., p) of a circuit to those of the circuit with two arcs merged."""
    rows = dict(circuit.arcs())
    a, b = theta[..., rows[first]], theta[..., rows[second]]
    share = 1 / (1 + np.exp(b[..., :1] - a[..., :1]))
    pair = (np.logaddexp(a[..., :1], b[..., :1]), share, a[..., 1:], b[..., 1:])
    parts: list[FloatArray] = []
    for term, row in enumerate(circuit.rows):
        if term == first:
            parts += pair
        elif term != second:
            parts.append(theta[..., row])
    return np.concatenate(parts, axis=-1)


def sum_intervals(fit: CircuitFit, terms: tuple[int, ...], levels: tuple[float, ...]) -> dict[float, Interval]:
    """Intervals of the sum of arcs' resistances: profile likelihood for one or two, log-normal for more."""
    rows = dict(fit.circuit.arcs())
    name = fit.circuit.names[rows[terms[0]].start]
    if len(terms) > 2:
        combined = combined_arcs(fit, terms)
        return {
            level: Interval(name, combined.total, combined.low(level), combined.high(level), level) for level in levels
        }
    inner = fit
    if len(terms) == 2:
        inner = merged(fit, terms[0], terms[1])
        inner = replace(inner, rejected=np.concatenate([inner.rejected, _other_divisions(inner, name)]))
    found = profile_intervals((inner,), (name,), levels)[0]
    return {level: found[name, level] for level in levels}


_DIVISIONS = (
    (0.5, 2.5, 0.85, 0.85),
    (0.8, 4.0, 0.8, 0.95),
    (0.2, 4.0, 0.95, 0.8),
    (0.5, 1.3, 0.95, 0.7),
    (0.5, 1.3, 0.7, 0.95),
)
"""Ways to divide what looks like one arc: share of the faster arc, ratio of the time constants, both exponents."""


def _other_divisions(fit: CircuitFit, name: str) -> FloatArray:
    """Coordinates (k, p) of a merged fit with its sum divided differently."""
    place = fit.circuit.names.index(name)
    share, tau, tau_b = (float(fit.theta[place + offset]) for offset in (1, 2, 4))
    middle = share * tau + (1 - share) * tau_b
    found = np.tile(fit.theta, (len(_DIVISIONS), 1))
    for row, (part, ratio, n, n_b) in zip(found, _DIVISIONS, strict=True):
        half = np.log(ratio)
        row[place + 1 : place + 6] = part, middle - (1 - part) * half, n, middle + part * half, n_b
    return found


def inseparable_groups(fit: CircuitFit) -> tuple[tuple[int, ...], ...]:
    """Arcs (as numbers of their terms) in groups; an arc alone in its group can be told apart from its neighbours."""
    arcs = sorted(fit.circuit.arcs(), key=lambda arc: float(fit.theta[arc[1].start + 1]))
    groups: list[list[int]] = []
    before: slice | None = None
    for term, row in arcs:
        if before is not None and _reasons(fit, [before, row]):
            groups[-1].append(term)
        else:
            groups.append([term])
        before = row
    return tuple(tuple(group) for group in groups)


def corrects_shape(fit: CircuitFit, first: slice, second: slice, *, any_exponent: bool = False) -> bool:
    """Whether the smaller of two neighbouring arcs is small, near and (unless ``any_exponent``) has an extreme exponent."""
    small, large = sorted((first, second), key=lambda row: float(fit.theta[row.start]))
    near = abs(float(fit.theta[small.start + 1] - fit.theta[large.start + 1])) < np.log(NEIGHBOUR_RATIO)
    minor = float(fit.theta[small.start] - fit.theta[large.start]) < np.log(SMALL_SHARE)
    leans = any(name in fit.at_bound for name in fit.circuit.names[small])
    return near and minor and (leans or any_exponent)


def _reasons(fit: CircuitFit, rows: list[slice]) -> list[str]:
    """Reasons why arcs cannot be told apart; empty where they can."""
    reasons = []
    times: FloatArray = fit.theta[[row.start + 1 for row in rows]]
    for first, second in itertools.pairwise(np.argsort(times)):
        apart = float(times[second] - times[first])
        if apart < np.log(CLOSEST_RATIO):
            reasons.append(f"their time constants differ by a factor of {np.exp(apart):.2g} only")
        elif corrects_shape(fit, rows[first], rows[second]):
            reasons.append("the smaller one leans against a bound and only corrects the larger one's shape")
    if len(rows) > 1:
        # a small arc may be uncertain beside a well-determined large one; they overlap where the larger one is uncertain
        larger = max(rows, key=lambda row: float(fit.theta[row.start]))
        uncertainty = float(np.sqrt(fit.covariance[larger.start, larger.start]))
        if uncertainty > LARGEST_RELATIVE_UNCERTAINTY:
            share = "more than 100" if uncertainty > 1 else f"{100 * uncertainty:.0f}"
            reasons.append(f"{fit.circuit.names[larger.start]} alone is uncertain by {share} %")
    return reasons
