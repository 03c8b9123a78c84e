"""From a record to the sums of its cycles: what every evaluation of cycling begins with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cathodelab.core.errors import FILES, CathodelabError, Hint, OtherData
from cathodelab.core.records import CyclingRecord
from cathodelab.core.samples import Cell
from cathodelab.formats.scale import IMPOSSIBLE_CAPACITY
from cathodelab.techniques.cycling.cycle_totals import sums_of
from cathodelab.techniques.cycling.cycles import Cycles, cycles_of
from cathodelab.techniques.cycling.halves import HalfCycles, half_cycles_of
from cathodelab.techniques.cycling.intervals import Rows, rows_of
from cathodelab.techniques.cycling.model import CycleSums, CyclingSettings, Steps
from cathodelab.techniques.cycling.possible import refuse_impossible_sums, refuse_partial_quotients
from cathodelab.techniques.cycling.steps import steps_of


@dataclass(frozen=True, eq=False)
class Chain:
    """The cell; rows, steps, half cycles and cycles of its record, and the sums of the cycles."""

    cell: Cell
    rows: Rows
    steps: Steps
    halves: HalfCycles
    cycles: Cycles
    sums: CycleSums


def chain_of(
    cell: Cell, record: CyclingRecord, settings: CyclingSettings, c_rate_basis_mAh_g: float, *, compared: bool = True
) -> Chain:
    """The chain of a record; not ``compared``: without the other way of counting the charge of its steps.

    Raises:
        OtherData: no clock, or no current ever flowed.
        CathodelabError: a charge that is impossible for the mass, or sums that no record can have.
    """
    rows = rows_of(record, settings)
    steps = steps_of(record, rows, settings, compared=compared)
    halves = half_cycles_of(rows, steps, settings, record.cycle_count)
    if not halves.count:
        raise _without_cycles(cell, record)
    cycles = cycles_of(steps, halves, settings)
    sums = sums_of(cell, rows, steps, halves, cycles, settings, c_rate_basis_mAh_g)
    refuse_impossible_sums(rows, cycles, sums)
    refuse_partial_quotients(halves, cycles, sums)
    _refuse_impossible_charge(cell, sums)
    return Chain(cell, rows, steps, halves, cycles, sums)


def _without_cycles(cell: Cell, record: CyclingRecord) -> OtherData:
    return OtherData(
        "no-cycles",
        "The record holds no charge and no discharge",
        where=f"cell {cell.id}, {record.voltage_volt.size} rows",
        why="No current flowed in any step.",
        what_to_do="Give the files of the cycling test.",
        hints=(FILES,),
    )


def _refuse_impossible_charge(cell: Cell, sums: CycleSums) -> None:
    both = np.fmax(sums.charge_cc_mAh + sums.charge_cv_mAh, sums.discharge_cc_mAh + sums.discharge_cv_mAh)
    capacity = float(np.fmax.reduce(both)) / cell.cam_mass.value * 1e3
    if capacity > IMPOSSIBLE_CAPACITY * sums.c_rate_basis_mAh_g:
        raise CathodelabError(
            "impossible-scale",
            f"One half cycle moves {capacity:,.0f} mAh per gram of active material",
            where=f"cell {cell.id}, {cell.cam_mass.value:g} mg",
            why=f"That is {capacity / sums.c_rate_basis_mAh_g:.3g} times the capacity that defines 1C: a wrong mass or a "
            "wrong unit.",
            what_to_do="Check the mass of active material (mg), the current's unit, and the capacity that defines 1C.",
            hints=(Hint("column", "cam_mass_mg"), Hint("setting", "c_rate.basis_mAh_g")),
        )
