r"""Capacities per connected material.

Active capacity and effective C-rate are charge and current over :math:`\theta m`: the weighed mass and its error
cancel (Publication II, section 2.2). The causes of the remaining loss: ``causes/``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cathodelab.analyses.ageing import AgeingResult
from cathodelab.analyses.utilization_in_time import UtilizationOfLevels, utilization_of_levels
from cathodelab.core.arrays import FloatArray
from cathodelab.core.checks import Check
from cathodelab.core.estimate import Combination, EstimateSet
from cathodelab.core.method import Method, MethodCard
from cathodelab.core.samples import Cell
from cathodelab.core.settings import knob
from cathodelab.techniques.cycling.model import CyclingResult, RateLevel
from cathodelab.techniques.utilization.model import UtilizationResult

PER_CONNECTED = "mass of connected active material"
PER_WEIGHED = "mass of active material weighed in (without coating)"


@dataclass(frozen=True)
class ActiveSettings:
    """Expected capacity of the connected material."""

    expected_active_capacity_mAh_g: float = knob(
        0.0,
        "discharge capacity of fully connected material at low rate; 0: the capacity that defines 1C",
        unit="mAh/g",
        low=0,
    )
    severe_limitation: float = knob(
        0.15,
        "an active capacity at the lowest rate this far below the expected one is a severe kinetic limitation",
        low=0,
    )


@dataclass(frozen=True, eq=False)
class ActiveResult:
    """Active capacities and effective rates of one cell, and the expected capacity of its connected material."""

    estimates: EstimateSet
    checks: tuple[Check, ...]
    expected_mAh_g: float


def active_capacities(
    cell: Cell,
    cycling: CyclingResult,
    utilization: UtilizationResult,
    ageing: AgeingResult | None,
    settings: ActiveSettings,
    c_rate_basis_mAh_g: float,
) -> ActiveResult:
    """Active capacities at every rate of the cycling test; errors that both results share stay correlated.

    Where the cell was titrated again, every rate has the utilization of its own time.
    """
    expected = settings.expected_active_capacity_mAh_g or c_rate_basis_mAh_g
    levels = [level for level in cycling.rates if f"gross_discharge_capacity_{level.label}" in cycling.estimates]
    theta = utilization_of_levels(cell.id, cycling, utilization, ageing, levels)
    estimates = _estimates(cycling, theta, levels, utilization.settings.combination)
    return ActiveResult(estimates, (_severe(estimates, levels, expected, settings),), expected)


def _estimates(
    cycling: CyclingResult, utilization: UtilizationOfLevels, levels: list[RateLevel], combination: Combination
) -> EstimateSet:
    """Quotients of capacity or rate and utilization, with the effects of the sources of both."""
    sources = {source.id: source for source in (*cycling.cycles.sources, *utilization.effects)}
    rate_row = cycling.cycles.names.index("discharge_c_rate")
    names, values, units, pers, hows = [], [], [], [], []
    effects: list[FloatArray] = []
    for place, level in enumerate(levels):
        theta = float(utilization.values[place])
        its = {source.id: float(effect[place]) for source, effect in utilization.effects.items()}
        gross = f"gross_discharge_capacity_{level.label}"
        mean_rate = np.mean(cycling.cycles.effects[rate_row, level.cycles], axis=0)
        capacity = cycling.estimates.estimate(gross)
        entries = (
            (
                "active_discharge_capacity",
                "mAh/g",
                PER_CONNECTED,
                capacity.value,
                dict(cycling.estimates.effect(gross)),
            ),
            (
                "effective_c_rate",
                "1/h",
                "basis capacity of the connected active material",
                level.c_rate,
                {source.id: float(e) for source, e in zip(cycling.cycles.sources, mean_rate, strict=True)},
            ),
        )
        for name, unit, per, value, own in entries:
            names.append(f"{name}_{level.label}")
            values.append(value / theta)
            units.append(unit)
            pers.append(per)
            hows.append(f"charge or current over utilization, the weighed mass cancels; {utilization.how}")
            effects.append(
                np.array([own.get(one, 0.0) / theta - value / theta**2 * its.get(one, 0.0) for one in sources])
            )
    return EstimateSet(
        tuple(names),
        np.array(values),
        tuple(units),
        tuple(pers),
        tuple(hows),
        tuple(sources.values()),
        np.array(effects).reshape(len(names), len(sources)),
        combination,
    )


def _severe(estimates: EstimateSet, levels: list[RateLevel], expected: float, settings: ActiveSettings) -> Check:
    """Whether the active capacity at low rate is too low: then the electrode's design is faulty (Publication II, 2.2.2)."""
    if not levels:
        nan = float("nan")
        return Check(
            "no_severe_kinetic_limitation", None, nan, nan, "No whole discharge at any rate: nothing to judge."
        )
    slowest = min(levels, key=lambda level: level.c_rate)
    one = estimates.estimate(f"active_discharge_capacity_{slowest.label}")
    short = 1 - one.value / expected
    passed = bool(short <= settings.severe_limitation)
    text = f"At {slowest.label} the connected material gives {one.value:.1f} mAh/g, {100 * short:.0f} % below {expected:g} mAh/g."
    if not passed:
        text += (
            " That is a severe kinetic limitation already at low rate: poor electrode design (conductive additive, particle "
            "sizes, shares), not missing contact alone."
        )
    return Check("no_severe_kinetic_limitation", passed, short, settings.severe_limitation, text)


CARD = MethodCard(
    title="Active capacity and effective C-rate",
    sentence="What the connected material gives at every rate, and at which rate it really works.",
    formula="q_active = Q / (θ m);  rate_effective = rate / θ",
    source="Publication II of the source dissertation (Adv. Energy Mater. 2025, 2405405), section 2.2.",
    assumptions=(
        "The utilization of the titration holds during the cycles; if titrated again, it is interpolated between check-ups.",
    ),
    valid_range="Cells with a titration and cycles.",
    cannot_see="Why the connected material gives less at higher rates: see the causes of loss.",
)

METHOD = Method(
    id="active",
    requires=("cell", "cycling", "utilization", "c_rate_basis_mAh_g"),
    optional=("ageing",),
    settings=ActiveSettings,
    result=ActiveResult,
    run=active_capacities,
    card=CARD,
)
