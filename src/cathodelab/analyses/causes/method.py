"""Causes of the loss at each rate: static, cathode, anode, separator, and unexplained (``loss_shares.py``).

Capacities, utilization and resistances share errors: every source of error moves all of them at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cathodelab.analyses.active import PER_WEIGHED, ActiveResult
from cathodelab.analyses.ageing import AgeingResult
from cathodelab.analyses.causes.error_sources import MORE_THAN_THERE_IS, moves_of, of_another_age, without_uncertainty
from cathodelab.analyses.causes.loss_shares import CAUSES, LossShares, SharingInputs, asked_for, shared_out
from cathodelab.analyses.causes.overpotentials import Overpotentials, overpotentials_of
from cathodelab.analyses.causes.resistances import PARTS, PartResistance, part_resistances
from cathodelab.analyses.utilization_in_time import UtilizationOfLevels, utilization_of_levels
from cathodelab.core.arrays import FloatArray
from cathodelab.core.checks import Check
from cathodelab.core.errors import NotInRecord
from cathodelab.core.estimate import EstimateSet
from cathodelab.core.method import Method, MethodCard
from cathodelab.core.propagation import Perturbation, effects_of
from cathodelab.core.samples import Cell
from cathodelab.core.settings import knob
from cathodelab.techniques.cycling.cycle_totals import stated
from cathodelab.techniques.cycling.model import CyclingResult, RateLevel
from cathodelab.techniques.impedance.model import ImpedanceResult
from cathodelab.techniques.utilization.model import UtilizationResult

_ALONE = PARTS[:3]


@dataclass(frozen=True)
class CauseSettings:
    """Assumptions about the resistances."""

    like_potential_volt: float = knob(
        0.15,
        "a spectrum speaks for the cathode in a discharge if its potential is this close to the middle of it",
        unit="V",
        low=0,
        high=5,
    )
    change_over_discharge: float = knob(
        0.3,
        "limit of the relative difference between the cathode's resistance in its spectra and its mean over a discharge",
        low=0,
        high=1,
    )
    expected_standard_uncertainty_mAh_g: float = knob(
        2.0, "standard uncertainty of the expected capacity of connected material", unit="mAh/g", low=0
    )


@dataclass(frozen=True, eq=False)
class CauseResult:
    """Losses by cause at every rate, and the resistances by which they were divided."""

    estimates: EstimateSet
    checks: tuple[Check, ...]
    shares: tuple[LossShares, ...]
    resistances: Mapping[str, PartResistance]


def causes_of_loss(
    cell: Cell,
    cycling: CyclingResult,
    utilization: UtilizationResult,
    active: ActiveResult,
    impedance: ImpedanceResult | None,
    ageing: AgeingResult | None,
    settings: CauseSettings,
) -> CauseResult:
    """Losses by cause, with the correlated errors of capacities, utilization and resistances.

    Raises:
        NotInRecord: no whole discharge at any rate.
    """
    levels = [level for level in cycling.rates if f"gross_discharge_capacity_{level.label}" in cycling.estimates]
    if not levels:
        raise NotInRecord(
            "no-whole-discharge",
            "No discharge went to its limit at any rate",
            where=f"cell {cell.id}",
            why="A loss belongs to a whole discharge.",
            what_to_do="Nothing, or give the files of the whole test.",
        )
    known = part_resistances(
        cell, impedance, _middle(cycling, levels), settings.like_potential_volt, settings.change_over_discharge
    )
    theta = utilization_of_levels(cell.id, cycling, utilization, ageing, levels)
    eta = overpotentials_of(cycling, levels)
    inputs = _inputs(cycling, theta, eta, active, levels, known)
    moves = moves_of(cell, cycling, theta, eta, levels, known, settings.expected_standard_uncertainty_mAh_g)
    moves += of_another_age(cell, inputs)
    values, effects = effects_of(lambda one: shared_out(one).ravel(), inputs, moves)
    effects = without_uncertainty(effects, known, moves)
    table = values.reshape(len(CAUSES), len(levels))
    estimates = _with_resistances(_estimates(levels, known, table, effects, moves), cell, known, impedance)
    shares = tuple(_shares(level, inputs, table, estimates, i) for i, level in enumerate(levels))
    return CauseResult(estimates, (_told_apart(known), _within(inputs, levels, eta)), shares, known)


def _middle(cycling: CyclingResult, levels: Sequence[RateLevel]) -> float:
    """Potential midway between charge and discharge at the slowest rate, against the counter electrode."""
    slowest = min(levels, key=lambda level: level.c_rate)
    table = cycling.cycles
    return float(np.nanmean((table.of("mean_discharge_potential") + table.of("overpotential"))[slowest.cycles]))


def _inputs(
    cycling: CyclingResult,
    utilization: UtilizationOfLevels,
    eta: Overpotentials,
    active: ActiveResult,
    levels: Sequence[RateLevel],
    known: Mapping[str, PartResistance],
) -> SharingInputs:
    table = cycling.cycles
    current = cycling.sums.discharge_current_mA
    return SharingInputs(
        theta=utilization.values,
        expected=active.expected_mAh_g,
        gross=np.array([float(np.mean(table.of("gross_discharge_capacity")[level.cycles])) for level in levels]),
        overpotential=eta.volt,
        current_mA=np.array([float(np.mean(current[level.cycles])) for level in levels]),
        resistance=np.nan_to_num(np.array([known[part].value for part in PARTS])),
    )


def _estimates(
    levels: Sequence[RateLevel],
    known: Mapping[str, PartResistance],
    table: FloatArray,
    effects: FloatArray,
    moves: Sequence[Perturbation[SharingInputs]],
) -> EstimateSet:
    """Losses by all known causes, rate by rate."""
    names, values, hows, rows = [], [], [], []
    unknown = [part for part in _ALONE if not known[part].known]
    rest = f"kinetic loss that no known resistance takes; not told apart: {', '.join(unknown)}" if unknown else (
        "kinetic loss that no resistance takes"
    )  # fmt: skip
    for number, level in enumerate(levels):
        for row, cause in enumerate(CAUSES):
            if cause in PARTS and not known[cause].known:
                continue
            names.append(f"{cause.replace(' ', '_')}_loss_{level.label}")
            values.append(float(table[row, number]))
            hows.append(
                known[cause].source if cause in PARTS else {"static": "(1 - utilization) x expected"}.get(cause, rest)
            )
            rows.append(effects[row * len(levels) + number])
    count = len(names)
    return EstimateSet(
        tuple(names),
        np.array(values),
        ("mAh/g",) * count,
        (PER_WEIGHED,) * count,
        tuple(hows),
        tuple(move.source for move in moves),
        np.array(rows).reshape(count, len(moves)),
    )


def _with_resistances(
    estimates: EstimateSet, cell: Cell, known: Mapping[str, PartResistance], impedance: ImpedanceResult | None
) -> EstimateSet:
    """The estimates with the areal resistances of the parts added."""
    area = impedance.area_cm2 if impedance is not None else stated(cell, "area_cm2")
    relative = impedance.area_standard_cm2 / area if impedance is not None else 0.0
    parts = [part for part in PARTS if known[part].known]
    rows = []
    for part in parts:
        value, effects = known[part].value * area, {one.id: effect for one, effect in known[part].effects.items()}
        row = np.array([area * effects.get(source.id, 0.0) for source in estimates.sources])
        row += [value * relative if source.id == f"{cell.id}/area" else 0.0 for source in estimates.sources]
        rows.append(row)
    count = len(parts)
    return EstimateSet(
        (*estimates.names, *(f"{part.replace(' ', '_')}_resistance" for part in parts)),
        np.concatenate([estimates.values, [known[part].value * area for part in parts]]),
        (*estimates.units, *("ohm cm2",) * count),
        (*estimates.pers, *("electrode area",) * count),
        (*estimates.hows, *(known[part].source for part in parts)),
        estimates.sources,
        np.vstack([estimates.effects, *rows]),
    )


def _shares(
    level: RateLevel, inputs: SharingInputs, table: FloatArray, estimates: EstimateSet, number: int
) -> LossShares:
    standard, found = {}, {}
    for row, cause in enumerate(CAUSES):
        name = f"{cause.replace(' ', '_')}_loss_{level.label}"
        there = name in estimates
        key = cause.replace(" ", "_")
        found[key] = float(table[row, number]) if there else float("nan")
        one = estimates.estimate(name) if there else None
        standard[key] = (one.minus + one.plus) / 2 if one else float("nan")
    return LossShares(level.label, level.c_rate, float(inputs.gross[number]), **found, standard=standard)


def _told_apart(known: Mapping[str, PartResistance]) -> Check:
    """Whether all parts of the kinetic loss could be separated: by which data, or why not."""
    said = _by_reason({part: one for part, one in known.items() if one.known})
    joint = known["cathode and anode"].known
    missing = [part for part in _ALONE if not known[part].known]
    text = f"Told apart in the kinetic loss: {'; '.join(said)}." if said else "The kinetic loss is not told apart."
    if missing:
        text += (
            f" Not told apart, and so in what is unexplained{' or in the sum of both electrodes' if joint else ''}: "
        )
        text += f"{'; '.join(_by_reason({part: known[part] for part in missing}))}."
    return Check("kinetic_loss_attributed", None if missing else True, float(3 - len(missing)), 3.0, text)


def _by_reason(parts: Mapping[str, PartResistance]) -> list[str]:
    """Parts grouped by the origin of their resistance, or by the reason why it is unknown."""
    reasons: dict[str, list[str]] = {}
    for part, one in parts.items():
        reasons.setdefault(one.source, []).append(part)
    return [f"{', '.join(names)} ({reason})" for reason, names in reasons.items()]


def _within(inputs: SharingInputs, levels: Sequence[RateLevel], eta: Overpotentials) -> Check:
    """Whether the resistances explain no more than the measured overpotential of the discharge."""
    share = asked_for(inputs)
    if not np.isfinite(share).any() or not inputs.resistance.any():
        nan = float("nan")
        return Check(
            "resistances_within_overpotential", None, nan, 1.0, "No resistance or no overpotential to compare."
        )
    worst = int(np.nanargmax(share))
    text = (
        f"At {levels[worst].label} the known resistances ask for {1e3 * share[worst] * inputs.overpotential[worst]:.0f} mV; the "
        f"overpotential of the discharge is {1e3 * inputs.overpotential[worst]:.0f} mV."
    )
    passed = bool(share[worst] <= MORE_THAN_THERE_IS)
    if not passed:
        text += (
            " They share it in their ratio, and which of them is too large is left open in their intervals; were the spectra "
            "taken at another temperature, age or state of charge?"
        )
    text += eta.sentence
    return Check("resistances_within_overpotential", passed, float(share[worst]), MORE_THAN_THERE_IS, text)


CARD = MethodCard(
    title="Causes of loss: static, cathode, anode, separator, unexplained",
    sentence="Which part of what is missing at every rate is material without contact, which goes to the kinetics of the "
    "cathode, of the anode, to the separator, and which nothing explains.",
    formula="static = (1 − θ) q₀;  kinetic = θ q₀ − q;  part of x = kinetic · I R_x / η, with R_x from impedance spectra",
    source="Publication II of the source dissertation (Adv. Energy Mater. 2025, 2405405), section 2.2; sharing by overpotential: "
    "this project.",
    assumptions=(
        "The utilization of the titration holds during the cycles; if titrated again, it is interpolated between check-ups.",
        "All connected material would give the expected capacity at no rate (setting expected_active_capacity_mAh_g).",
        "Losses go with overpotential: an ohmic picture, first order.",
        "Anode and separator keep their resistance over the states of charge; the cathode does not.",
    ),
    valid_range="Cells with a titration and cycles; for all parts, a spectrum near the middle of the discharge.",
    cannot_see="Diffusion in the particles and whatever is slower than the spectra is in the unexplained part. Resistances of "
    "other currents, temperatures or ages than those of the cycles.",
)

METHOD = Method(
    id="causes",
    requires=("cell", "cycling", "utilization", "active"),
    optional=("impedance", "ageing"),
    settings=CauseSettings,
    result=CauseResult,
    run=causes_of_loss,
    card=CARD,
)
