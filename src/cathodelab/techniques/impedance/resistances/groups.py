"""Charge-transfer resistances in parallel groups of plain elements: ``(RC)``, ``(Q[RW])``, ``(C[RWo])``.

The resistance and the capacitor or constant-phase element beside it make a time constant ``(R Q)^(1/n)`` and a capacitance
``tau / R``, by which the resistance is assigned like that of an arc.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from cathodelab.techniques.impedance.circuits.circuit import Group, Leaf, Node
from cathodelab.techniques.impedance.fitting.fit import CircuitFit


@dataclass(frozen=True)
class ChargeTransfer:
    """A resistance beside a capacitance.

    Args:
        term: number of the circuit's term.
        place: of the resistance among the coordinates.
        resistance_ohm, second: resistance and time constant.
    """

    term: int
    place: int
    resistance_ohm: float
    second: float


def charge_transfers(fit: CircuitFit) -> tuple[ChargeTransfer, ...]:
    """Those of the terms of a circuit that are parallel groups of plain elements."""
    found = []
    for number, (term, row) in enumerate(zip(fit.circuit.terms, fit.circuit.rows, strict=True)):
        if not isinstance(term, Group) or not term.parallel:
            continue
        leaves = list(_leaves(term, row.start))
        resistance = next((place for leaf, place in leaves if leaf.element.symbol == "R"), None)
        beside = next((pair for pair in leaves if pair[0].element.symbol in ("C", "Q")), None)
        if resistance is None or beside is None:
            continue
        leaf, place = beside
        n = float(fit.theta[place + 1]) if leaf.element.symbol == "Q" else 1.0
        log_r = float(fit.theta[resistance])
        # the coordinate of a capacitance is the negative logarithm of its value
        second = float(np.exp((log_r - fit.theta[place]) / n))
        found.append(ChargeTransfer(number, resistance, float(np.exp(log_r)), second))
    return tuple(found)


def _leaves(node: Node, start: int) -> Iterator[tuple[Leaf, int]]:
    """Elements of a parallel group and of the series inside it, with their first coordinates."""
    if isinstance(node, Leaf):
        yield node, start
        return
    for child in node.children if isinstance(node, Group) else ():
        yield from _leaves(child, start)
        start += len(child.parameters)
