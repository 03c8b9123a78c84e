"""What is not known exactly of a division of losses: each source of error with what it moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from cathodelab.analyses.causes.loss_shares import CAUSES, SharingInputs, asked_for
from cathodelab.analyses.causes.overpotentials import Overpotentials
from cathodelab.analyses.causes.resistances import PARTS, PartResistance
from cathodelab.analyses.utilization_in_time import UtilizationOfLevels
from cathodelab.core.arrays import FloatArray
from cathodelab.core.propagation import Perturbation, Shift
from cathodelab.core.samples import Cell
from cathodelab.core.sources import SQRT3, Source, half_width_factor
from cathodelab.techniques.cycling.model import CyclingResult, RateLevel

MORE_THAN_THERE_IS = 1.05
"""Resistances may ask for a twentieth more than the overpotential: mean potentials and mean currents are no single state."""


def moves_of(
    cell: Cell,
    cycling: CyclingResult,
    utilization: UtilizationOfLevels,
    eta: Overpotentials,
    levels: Sequence[RateLevel],
    known: Mapping[str, PartResistance],
    expected_standard_mAh_g: float,
) -> list[Perturbation[SharingInputs]]:
    """Perturbations by every source of error; each moves all inputs that it affects."""
    table = cycling.cycles
    amounts: dict[Source, dict[str, Any]] = {}
    gross, half = (table.effects[table.names.index(one)] for one in ("gross_discharge_capacity", "overpotential"))
    for column, source in enumerate(table.sources):
        moved = {
            "gross": np.array([float(np.mean(gross[level.cycles, column])) for level in levels]),
            "overpotential": np.array([float(np.mean(half[one, column])) for one in eta.rows]) * eta.factors,
        }
        amounts[source] = {name: np.nan_to_num(move) for name, move in moved.items()}
    by_id = {source.id: source for source in amounts}
    for source, of_levels in utilization.effects.items():
        amounts.setdefault(by_id.get(source.id, source), {})["theta"] = of_levels
    for place, (level, limit) in enumerate(zip(levels, eta.states_limit_volt.tolist(), strict=True)):
        states = Source(
            f"{cell.id}/states of charge and discharge at {level.label}", "charge and discharge run through other states",
            "limit", "cycle twice or more at every rate",
        )  # fmt: skip
        alone = np.zeros(len(levels))
        alone[place] = limit / SQRT3
        amounts[states] = {"overpotential": alone}
    for place, part in enumerate(PARTS):
        for source, effect in known[part].effects.items():
            line = amounts.setdefault(source, {}).setdefault("resistance", np.zeros(len(PARTS)))
            line[place] = np.nan_to_num(effect)
    expected = Source(
        f"{cell.id}/expected capacity", "expected capacity of connected material", "standard", "measure a liquid cell"
    )
    amounts[expected] = {"expected": expected_standard_mAh_g}
    return [
        Perturbation(source, Shift({name: move * half_width_factor(source.kind) for name, move in moved.items()}))
        for source, moved in amounts.items()
    ]


def of_another_age(cell: Cell, inputs: SharingInputs) -> list[Perturbation[SharingInputs]]:
    """What resistances that ask for more than there is leave open: which of them is too large, and by how much."""
    share = np.nanmax(asked_for(inputs), initial=0.0)
    if share <= MORE_THAN_THERE_IS:
        return []
    moves = []
    for place, part in enumerate(PARTS):
        if inputs.resistance[place]:
            source = Source(
                f"{cell.id}/{part} resistance of another state", "spectra of another age, temperature or state", "limit",
                "take spectra beside the cycles",
            )  # fmt: skip
            amount = np.zeros(len(PARTS))
            amount[place] = inputs.resistance[place] * (1 - 1 / share)
            moves.append(Perturbation[SharingInputs](source, Shift({"resistance": amount})))
    return moves


def without_uncertainty(
    effects: FloatArray, known: Mapping[str, PartResistance], moves: Sequence[Perturbation[SharingInputs]]
) -> FloatArray:
    """A resistance stated without uncertainty leaves its own part and what is unexplained without interval, no other."""
    table = np.array(effects).reshape(len(CAUSES), -1, len(moves))
    for part in PARTS:
        unknown = {source.id for source, effect in known[part].effects.items() if not np.isfinite(effect)}
        for column, move in enumerate(moves):
            if move.source.id in unknown:
                table[[CAUSES.index(part), CAUSES.index("unexplained")], :, column] = np.nan
    return table.reshape(effects.shape)
