r"""Overpotential of the discharge at every rate, from cycles that run through the same states both ways.

Half the difference of the mean potentials is :math:`(I_c R + I_d R) / 2`; of it the discharge has :math:`2 I_d / (I_c + I_d)`.
The first cycle of a rate is charged from where a discharge at another rate had ended, so its charge runs through other
states; it is left out where the rate has more cycles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.techniques.cycling.model import CyclingResult, RateLevel

_UNEQUAL = 0.02
"""Currents that differ by less are said to be equal."""
_FAR_STATES_VOLT = 0.25
"""Half of how far the potential of states that only one direction has lies from the mean of all, at most."""


@dataclass(frozen=True, eq=False)
class Overpotentials(ReadOnlyArrays):
    """Of the discharge, V, (levels,).

    Args:
        volt: values, ``nan`` where unknown.
        rows: cycles that each is the mean of, rows of the table.
        factors: by which the overpotential of each level's cycles is multiplied to be that of the discharge, (levels,).
        states_limit_volt: limit of what states that only charge or only discharge ran through do, (levels,).
        sentence: what was left out, and which currents differ.
    """

    volt: FloatArray
    rows: tuple[np.ndarray, ...]
    factors: FloatArray
    states_limit_volt: FloatArray
    sentence: str


def overpotentials_of(cycling: CyclingResult, levels: Sequence[RateLevel]) -> Overpotentials:
    """Overpotential of the discharge of every rate.

    Args:
        cycling: cycles of one cell.
        levels: its rates.
    """
    table, sums = cycling.cycles, cycling.sums
    rows = tuple(level.cycles[1:] if level.cycles.size > 1 else level.cycles for level in levels)
    both = np.array([[_mean(sums.charge_current_mA[one]), _mean(sums.discharge_current_mA[one])] for one in rows])
    both = np.abs(both).reshape(len(levels), 2)
    factors = np.divide(2 * both[:, 1], both.sum(axis=1), out=np.full(len(levels), np.nan), where=both.sum(axis=1) > 0)
    halves = np.array([_mean(table.of("overpotential")[one]) for one in rows])
    charge, discharge = (
        np.array([_mean(table.of(f"gross_{way}_capacity")[one]) for one in rows]) for way in ("charge", "discharge")
    )
    apart = np.abs(charge - discharge) / np.maximum(np.maximum(charge, discharge), 1e-30)
    return Overpotentials(
        halves * factors, rows, factors, np.nan_to_num(_FAR_STATES_VOLT * apart * factors), _said(levels, both)
    )


def _said(levels: Sequence[RateLevel], both: FloatArray) -> str:
    left_out = sum(level.cycles.size > 1 for level in levels)
    alone = [level.label for level in levels if level.cycles.size == 1]
    text = ""
    if left_out:
        text = f" The first cycle of {left_out} rate{'s' if left_out > 1 else ''} is left out: its charge begins elsewhere."
    if alone:
        text += (
            f" At {', '.join(alone)} there is one cycle alone; what its charge runs through besides is in the interval."
        )
    unequal = [
        f"{level.label} (charge {charge:.3g} mA, discharge {discharge:.3g} mA)"
        for level, (charge, discharge) in zip(levels, both, strict=True)
        if abs(charge - discharge) > _UNEQUAL * max(charge, discharge)
    ]
    if unequal:
        text += f" Charge and discharge have unequal currents at {'; '.join(unequal)}: the discharge has its share by current."
    return text


def _mean(values: FloatArray) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else float("nan")
