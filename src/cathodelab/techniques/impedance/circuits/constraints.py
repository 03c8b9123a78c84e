"""Constraints on the parameters of a circuit: fixed values, shared values, bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.errors import CathodelabError
from cathodelab.techniques.impedance.circuits.circuit import Circuit


@dataclass(frozen=True)
class Constraints:
    """Constraints of a fit.

    Args:
        fixed: parameter name -> physical value.
        shared: groups of parameter names (of the same kind) with a common value.
        bounds: parameter name -> (lowest, highest) physical value.
    """

    fixed: Mapping[str, float] = field(default_factory=dict)
    shared: tuple[tuple[str, ...], ...] = ()
    bounds: Mapping[str, tuple[float, float]] = field(default_factory=dict)


FREE = Constraints()


def ties_of(circuit: Circuit, constraints: Constraints) -> tuple[FloatArray, FloatArray | None]:
    """Fixed coordinates (``nan`` where free) and the matrix from free to all coordinates."""
    count = len(circuit.parameters)
    base = np.full(count, np.nan)
    if not constraints.fixed and not constraints.shared:
        return base, None
    for name, value in constraints.fixed.items():
        place = place_of(circuit, name)
        base[place] = circuit.parameters[place].coordinate(value)
    owner = np.arange(count)
    for group in constraints.shared:
        places = [place_of(circuit, name) for name in group]
        owner[places] = places[0]
    free = [place for place in range(count) if owner[place] == place and np.isnan(base[place])]
    ties = np.array([[float(owner[row] == column) for column in free] for row in range(count)])
    return base, ties


def place_of(circuit: Circuit, name: str) -> int:
    """Index of the coordinate of a parameter.

    Raises:
        CathodelabError: the circuit has no such parameter.
    """
    try:
        return circuit.names.index(name)
    except ValueError:
        raise CathodelabError(
            "parameter-unknown",
            f"The circuit has no parameter {name!r}",
            where=f"circuit {circuit.expression}",
            why="Its parameters are " + ", ".join(circuit.names) + ".",
            what_to_do="Use one of these names; the number is the element's place in the expression.",
        ) from None
