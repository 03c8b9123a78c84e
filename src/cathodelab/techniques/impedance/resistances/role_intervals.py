"""Intervals of the resistances of roles: profile likelihood for single spectra, the joint covariance for a series."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cathodelab.techniques.impedance.fitting.fit import CircuitFit
from cathodelab.techniques.impedance.fitting.intervals import Interval, profile_intervals
from cathodelab.techniques.impedance.resistances.overlap import corrects_shape, sum_intervals
from cathodelab.techniques.impedance.resistances.roles import Role


def role_interval(fit: CircuitFit, role: Role, levels: tuple[float, ...]) -> dict[float, Interval]:
    """Intervals of a role's resistance in ohm, without the area.

    Profile likelihood for single resistances and sums of two arcs. Where a small arc of another role lies right beside
    it, the circuit alone decides which of the two gets the difference; the interval then also covers the sum of both.
    """
    rows = dict(fit.circuit.arcs())
    arcs = tuple(term for term in role.terms if term in rows)
    if not arcs:
        found = profile_intervals((fit,), role.names, levels)[0]
        return {level: found[role.names[0], level] for level in levels}
    intervals = sum_intervals(fit, arcs, levels)
    extra = sum(
        float(np.exp(fit.theta[row.start]))
        for term, row in rows.items()
        if term not in arcs
        and fit.theta[row.start] < min(fit.theta[rows[arc].start] for arc in arcs)
        and any(corrects_shape(fit, row, rows[arc], any_exponent=True) for arc in arcs)
    )
    return {
        level: replace(one, value=role.resistance_ohm, high=max(one.high, role.resistance_ohm + extra))
        for level, one in intervals.items()
    }


def joint_interval(fit: CircuitFit, role: Role, levels: tuple[float, ...]) -> dict[float, Interval]:
    """Intervals of a role's resistance in ohm from the covariance of the joint fit of a series (log-normal)."""
    from scipy.special import ndtri

    places = [fit.circuit.names.index(name) for name in role.names]
    gradient = np.zeros(fit.theta.size)
    gradient[places] = np.exp(fit.theta[places]) / role.resistance_ohm
    relative = float(np.sqrt(gradient @ fit.covariance @ gradient))
    value = role.resistance_ohm
    found = {}
    for level in levels:
        away = float(ndtri((1 + level) / 2)) * relative
        found[level] = Interval(role.names[0], value, value * float(np.exp(-away)), value * float(np.exp(away)), level)
    return found
