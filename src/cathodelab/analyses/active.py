r"""Capacities per connected material, and where each rate's loss comes from.

Active capacity and effective C-rate are charge and current over :math:`\theta m`: the weighed mass cancels, and is
propagated so. At every rate, with :math:`q_0` the capacity that all material would give:
static :math:`(1-\theta) q_0`, kinetic :math:`\theta q_0 - q`. The kinetic part is shared out by overpotential: an area
resistance :math:`R` at the current density :math:`j` takes :math:`jR/\eta` of it, and what no known resistance takes is
unexplained (Publication II, section 2.2; the sharing by overpotential: this project).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.checks import Check
from cathodelab.core.estimate import EstimateSet
from cathodelab.core.figure import FigureSpec
from cathodelab.core.method import Method, MethodCard
from cathodelab.core.samples import Cell
from cathodelab.core.settings import knob
from cathodelab.techniques.cycling.model import CyclingResult, RateLevel
from cathodelab.techniques.cycling.sums import stated
from cathodelab.techniques.utilization.model import UtilizationResult

PER_CONNECTED = "mass of connected active material"
PER_WEIGHED = "mass of active material weighed in (without coating)"
PARTS = ("cathode", "anode", "separator")
RESISTANCES = tuple(f"{part}_resistance_ohm_cm2" for part in PARTS)


@dataclass(frozen=True)
class ActiveSettings:
    """What the connected material is expected to give."""

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


@dataclass(frozen=True)
class LossShares:
    """Loss of one cell at one rate, mAh per gram of weighed material; the parts add up to expected minus gross."""

    rate: str
    c_rate: float
    gross: float
    static: float
    cathode: float
    anode: float
    separator: float
    unexplained: float


@dataclass(frozen=True, eq=False)
class ActiveResult:
    """Active capacities and effective rates of one cell, and its losses by cause at every rate."""

    estimates: EstimateSet
    checks: tuple[Check, ...]
    shares: tuple[LossShares, ...]
    expected_mAh_g: float


def active_capacities(
    cell: Cell,
    cycling: CyclingResult,
    utilization: UtilizationResult,
    settings: ActiveSettings,
    c_rate_basis_mAh_g: float,
) -> ActiveResult:
    """Active capacities at every rate of the cycling test, with the errors that both results share."""
    expected = settings.expected_active_capacity_mAh_g or c_rate_basis_mAh_g
    levels = [level for level in cycling.rates if f"gross_discharge_capacity_{level.label}" in cycling.estimates]
    theta = utilization.estimates.estimate("static_utilization").value
    estimates = _estimates(cycling, utilization, levels)
    shares = tuple(_shares(cell, cycling, level, theta, expected) for level in levels)
    return ActiveResult(
        estimates, (_severe(estimates, levels, expected, settings), _resistances(cell)), shares, expected
    )


def _estimates(cycling: CyclingResult, utilization: UtilizationResult, levels: list[RateLevel]) -> EstimateSet:
    """Quotients of capacity or rate and utilization, with the effects of the sources of both."""
    theta = utilization.estimates.estimate("static_utilization").value
    its = dict(utilization.estimates.effect("static_utilization"))
    sources = {source.id: source for source in (*cycling.cycles.sources, *utilization.estimates.sources)}
    rate_row = cycling.cycles.names.index("discharge_c_rate")
    names, values, units, pers, hows = [], [], [], [], []
    effects: list[FloatArray] = []
    for level in levels:
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
            hows.append("charge or current over utilization; the weighed mass cancels")
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
        utilization.settings.combination,
    )


def _shares(cell: Cell, cycling: CyclingResult, level: RateLevel, theta: float, expected: float) -> LossShares:
    gross = cycling.estimates.estimate(f"gross_discharge_capacity_{level.label}").value
    static, kinetic = (1 - theta) * expected, theta * expected - gross
    over = f"overpotential_{level.label}"
    eta = cycling.estimates.estimate(over).value if over in cycling.estimates else float("nan")
    area = stated(cell, "area_cm2")
    rate = float(np.mean(cycling.cycles.of("discharge_c_rate")[level.cycles]))
    density = float(np.mean(cycling.sums.discharge_current_mA[level.cycles])) * 1e-3 / area
    return LossShares(level.label, rate, gross, static, *shared_out(kinetic, eta, density, cell))


def shared_out(kinetic: float, eta: float, density_A_cm2: float, cell: Cell) -> tuple[float, float, float, float]:
    """Kinetic loss to cathode, anode, separator and unexplained, by their parts of the overpotential.

    A negative kinetic loss, an unknown area or overpotential leave everything unexplained. Resistances that together ask for
    more than the overpotential share it in their ratio.
    """
    wanted = np.array([stated(cell, name) for name in RESISTANCES])
    parts = np.nan_to_num(density_A_cm2 * wanted)
    if kinetic <= 0 or not np.isfinite(eta) or eta <= 0 or not parts.any():
        return 0.0, 0.0, 0.0, kinetic
    share = parts / max(eta, float(parts.sum()))
    cathode, anode, separator = (float(one) for one in kinetic * share)
    return cathode, anode, separator, kinetic - cathode - anode - separator


def _severe(estimates: EstimateSet, levels: list[RateLevel], expected: float, settings: ActiveSettings) -> Check:
    """Publication II, end of 2.2.2: a low active capacity at low rate is a fault of the electrode's design."""
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


def _resistances(cell: Cell) -> Check:
    known = [name for name in RESISTANCES if np.isfinite(stated(cell, name))]
    if known:
        text = f"Kinetic losses are shared out by {', '.join(name.split('_')[0] for name in known)} resistance; the rest is open."
        return Check("kinetic_loss_attributed", passed=None, value=float(len(known)), limit=3.0, sentence=text)
    text = (
        "No area resistances are given (columns cathode_, anode_, separator_resistance_ohm_cm2): the kinetic loss cannot be told "
        "apart into cathode, anode and separator."
    )
    return Check("kinetic_loss_attributed", passed=None, value=0.0, limit=3.0, sentence=text)


def _figures(cell: Cell, result: ActiveResult) -> tuple[FigureSpec, ...]:
    """None of its own: the batches' page shows the losses of all cells side by side."""
    del cell, result
    return ()


def _run(inputs: Mapping[str, Any], settings: ActiveSettings) -> ActiveResult:
    return active_capacities(
        inputs["cell"], inputs["cycling"], inputs["utilization"], settings, inputs["c_rate_basis_mAh_g"]
    )


CARD = MethodCard(
    title="Active capacity, effective C-rate and losses by cause",
    sentence="What the connected material gives at every rate, at which rate it really works, and which part of the loss is "
    "static, of the cathode's kinetics, of the anode, of the separator, or unexplained.",
    formula="q_active = Q / (θ m);  rate_effective = rate / θ;  static = (1 − θ) q₀;  kinetic = θ q₀ − q;  part of x = j R_x / η",
    source="Publication II of the source dissertation (Adv. Energy Mater. 2025, 2405405), section 2.2; sharing by overpotential: "
    "this project.",
    assumptions=(
        "The utilization of the titration holds during the cycles.",
        "All connected material would give the expected capacity at no rate (setting expected_active_capacity_mAh_g).",
        "Losses go with overpotential: an ohmic picture, first order.",
    ),
    valid_range="Cells with a titration and cycles; resistances from impedance at a middle state of charge.",
    cannot_see="Resistances change with the state of charge: a part is a mean over the discharge at best. Diffusion in the "
    "particles is in the unexplained part.",
)

METHOD = Method(
    id="active",
    requires=("cell", "cycling", "utilization", "c_rate_basis_mAh_g"),
    settings=ActiveSettings,
    result=ActiveResult,
    run=_run,
    figures=_figures,
    card=CARD,
)
