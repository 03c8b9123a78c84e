"""What is said of resistances where no circuit describes a spectrum: a model error, or nothing.

Circuits that come as near to the spectrum as the best one give other resistances; how far apart they lie is the error of
having chosen one. It stands beside the uncertainty of the fit, which is doubled, as residuals with structure count for less.
Where both together exceed 30 %, or no other circuit has such a resistance, no interval is given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.techniques.impedance.model import Attempt
from cathodelab.techniques.impedance.resistances.roles import Role, Window, roles_of

LARGEST_RELATIVE = 0.30
_NEAR = 2.0
"""Circuits with a residual up to so many times that of the best one speak for the model error."""
_STRUCTURE = 2.0


def model_errors(
    chosen: Attempt,
    attempts: Sequence[Attempt],
    roles: Sequence[Role],
    area_cm2: float,
    windows: tuple[Window, ...],
    drift: float,
) -> FloatArray:
    """Relative standard uncertainty of each resistance, model error included, shape (roles,); ``nan`` where refused.

    Args:
        chosen: the circuit that was taken and does not describe the spectrum.
        attempts: all that were tried.
        roles: of the chosen one.
        area_cm2: for the capacitances.
        windows: of the parts of the cell.
        drift: relative change during the sweep where one was found, else 0; it counts too.
    """
    expression = chosen.fit.circuit.expression
    near: list[dict[str, float]] = [
        {role.role: role.resistance_ohm for role in roles_of(one.fit, area_cm2, windows)}
        for one in attempts
        if one.fit.circuit.expression != expression and one.noise_ratio <= _NEAR * chosen.noise_ratio
    ]
    return np.array([_relative(chosen, role, near, drift) for role in roles])


def _relative(chosen: Attempt, role: Role, near: Sequence[Mapping[str, float]], drift: float) -> float:
    fit = chosen.fit
    others = [one[role.role] for one in near if role.role in one]
    if not others or role.role == "unassigned" or role.resistance_ohm <= 0:
        return float("nan")
    places = [fit.circuit.names.index(name) for name in role.names]
    gradient = np.zeros(fit.theta.size)
    gradient[places] = np.exp(fit.theta[places]) / role.resistance_ohm
    own = _STRUCTURE * float(np.sqrt(gradient @ fit.covariance @ gradient))
    apart = np.abs(np.log(np.array(others) / role.resistance_ohm))
    total = float(np.sqrt(own**2 + np.max(apart) ** 2 + drift**2))
    return total if total <= LARGEST_RELATIVE else float("nan")
