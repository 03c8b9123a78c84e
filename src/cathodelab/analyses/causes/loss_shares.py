r"""Division of a capacity loss among its causes.

With :math:`q_0` the capacity that all material would give, the static loss is :math:`(1-\theta) q_0` and the kinetic loss
:math:`\theta q_0 - q`. The kinetic loss is divided by overpotential: a resistance :math:`R` at the current :math:`I` takes the
share :math:`IR/\eta`, and the rest is unexplained (Publication II, section 2.2; the division by overpotential: this project).
The cell's area cancels, as :math:`I R` is a potential.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cathodelab.analyses.causes.resistances import PARTS
from cathodelab.core.arrays import FloatArray, ReadOnlyArrays

CAUSES = ("static", *PARTS, "unexplained")


@dataclass(frozen=True)
class LossShares:
    """Loss of one cell at one rate, mAh per gram of weighed material; known parts add up to expected minus gross.

    ``nan`` where a part cannot be told apart: its loss is in ``unexplained``. ``standard``: standard uncertainty of each.
    """

    rate: str
    c_rate: float
    gross: float
    static: float
    cathode: float
    anode: float
    separator: float
    cathode_and_anode: float
    unexplained: float
    standard: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class SharingInputs(ReadOnlyArrays):
    """Input of the division: arrays over rates; resistances (ohm) over parts.

    ``overpotential`` is that of the discharge.
    """

    theta: FloatArray
    expected: float
    gross: FloatArray
    overpotential: FloatArray
    current_mA: FloatArray
    resistance: FloatArray


def shared_out(inputs: SharingInputs) -> FloatArray:
    """Losses, shape (causes, rates): static, the parts by their share of the overpotential, unexplained.

    A negative kinetic loss or an unknown overpotential leave everything unexplained. Resistances that together explain more
    than the overpotential share it in proportion.
    """
    kinetic = inputs.theta * inputs.expected - inputs.gross
    wanted = inputs.resistance[:, None] * inputs.current_mA * 1e-3
    eta = inputs.overpotential
    usable = (kinetic > 0) & np.isfinite(eta) & (eta > 0)
    whole = np.fmax(np.where(usable, eta, 1.0), wanted.sum(axis=0))  # unknown resistances take no share
    parts = np.where(usable, kinetic * wanted / whole, 0.0)
    static = np.full_like(kinetic, (1 - inputs.theta) * inputs.expected)
    return np.vstack([static, parts, kinetic - parts.sum(axis=0)])


def asked_for(inputs: SharingInputs) -> FloatArray:
    """Share of the overpotential that the known resistances ask for, at every rate."""
    asked = float(inputs.resistance.sum()) * inputs.current_mA * 1e-3
    return np.asarray(
        np.divide(asked, inputs.overpotential, out=np.full(asked.size, np.nan), where=inputs.overpotential > 0)
    )
