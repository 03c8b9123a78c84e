"""Which numbers of a cycling test belong into overviews, and the C-rates that cells have in common."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cathodelab.core.method import Shown
from cathodelab.techniques.cycling.model import CyclingResult

_FEWEST_CELLS = 2
_NOTE = "Capacities are of the discharge, per mass of active material weighed in; those at a rate are means over its cycles."


def headline(results: Sequence[CyclingResult]) -> tuple[Shown, ...]:
    """Capacity at the slowest and at the fastest rate, the first Coulombic efficiency, and what is left in the last cycle.

    Where cells share one rate only (after formation, say), the first discharge stands for the slowest.
    """
    labels = common_rates(results)
    wanted = [
        *([Shown("initial_discharge_capacity", "First discharge", "mAh/g", note=_NOTE)] if len(labels) < 2 else []),
        *(
            Shown(f"gross_discharge_capacity_{label}", f"Capacity at {label}", "mAh/g", note=_NOTE)
            for label in dict.fromkeys([*labels[:1], *labels[-1:]])
        ),
        Shown("initial_coulombic_efficiency", "First efficiency", "%", 100.0),
        Shown("last_retention", "Retention", "%", 100.0, note="Retention: discharge capacity of the last whole cycle."),
    ]
    return tuple(one for one in wanted if any(one.name_in(result.estimates) for result in results))


def common_rates(results: Sequence[CyclingResult]) -> list[str]:
    """C-rate labels that at least two cells have (or the only cell), in the order of their rate.

    Formation, check-ups and a rate's second run are left out.
    """
    found: dict[str, list[float]] = {}
    for one in results:
        for level in one.rates:
            if level.block not in ("formation", "check-up") and "(" not in level.label:
                found.setdefault(level.label, []).append(level.c_rate)
    fewest = min(_FEWEST_CELLS, len(results))
    several = {label: float(np.mean(rates)) for label, rates in found.items() if len(rates) >= fewest}
    return sorted(several, key=lambda label: several[label])
