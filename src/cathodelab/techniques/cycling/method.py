"""Cycling of one cell: from its record to steps, cycles, quantities with error, and differential curves."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.core.checks import Check
from cathodelab.core.errors import FILES, OtherData
from cathodelab.core.method import Method
from cathodelab.core.propagation import effects_of
from cathodelab.core.records import CyclingRecord
from cathodelab.core.samples import Cell
from cathodelab.techniques.cycling.card import CARD
from cathodelab.techniques.cycling.chain import Chain, chain_of
from cathodelab.techniques.cycling.checks import table_checks
from cathodelab.techniques.cycling.curves import differential_curves, voltage_traces
from cathodelab.techniques.cycling.cycles import (
    Cycles,
    blocks_of,
    half_sums,
    inner_rests,
    rate_groups,
)
from cathodelab.techniques.cycling.derived import with_derived
from cathodelab.techniques.cycling.differential import DifferentialCurve
from cathodelab.techniques.cycling.halves import HalfCycles, half_cycles_of
from cathodelab.techniques.cycling.intervals import rows_of
from cathodelab.techniques.cycling.model import (
    CycleSums,
    CycleTable,
    CyclingResult,
    CyclingSettings,
    IntArray,
    Steps,
)
from cathodelab.techniques.cycling.overview import headline
from cathodelab.techniques.cycling.plot import figures
from cathodelab.techniques.cycling.quantities import NAMES, QUANTITIES, quantities_of
from cathodelab.techniques.cycling.record_checks import notes_of, record_checks
from cathodelab.techniques.cycling.selection import estimates_of, rate_levels
from cathodelab.techniques.cycling.sources import perturbations
from cathodelab.techniques.cycling.steps import steps_of
from cathodelab.techniques.cycling.tables import tables


def cycling_metrics(
    cell: Cell, cycling_record: CyclingRecord, settings: CyclingSettings, c_rate_basis_mAh_g: float
) -> CyclingResult:
    """Every metric of every cycle of a cell.

    Args:
        cell: its mass of active material in mg; composite mass and area from the manifest, where given.
        cycling_record: joined files, potentials against the counter electrode in V.
        settings: see :class:`CyclingSettings`.
        c_rate_basis_mAh_g: capacity that defines 1C.

    Raises:
        OtherData: no clock, or no current ever flowed.
        CathodelabError: a charge that is impossible for the mass.
    """
    record = cycling_record
    chain = chain_of(cell, record, settings, c_rate_basis_mAh_g)
    rows, steps, halves, cycles = chain.rows, chain.steps, chain.halves, chain.cycles
    table, sums = _table(cell, rows.time, steps, halves, cycles, chain.sums, settings)
    rates = rate_levels(table)
    densities, features, curves = differential_curves(cell, rows, steps, halves, cycles, table, settings)
    above = rows.hours_above(settings.stated_potential_volt - cell.offset.value, table.first_row)
    estimates = with_derived(
        estimates_of(table, rates, settings), table, rates, features, above, settings.stated_potential_volt
    )
    checks = (*record_checks(record, chain), *table_checks(chain, table, sums, densities, settings), *notes_of(record))
    return CyclingResult(
        estimates=estimates,
        checks=checks,
        steps=steps,
        cycles=table,
        sums=sums,
        rates=rates,
        jumps=rows.jumps,
        curves=curves,
        features=features,
        traces=voltage_traces(cell, rows, steps, halves, cycles, table),
        settings=settings,
        first_potential_volt=_first_potential(record, steps),
    )


def all_differential_curves(
    cell: Cell, record: CyclingRecord, settings: CyclingSettings, c_rate_basis_mAh_g: float
) -> tuple[DifferentialCurve, ...]:
    """dQ/dV of every half cycle, where :func:`cycling_metrics` keeps those of a few cycles; arguments and errors as there."""
    chain = chain_of(cell, record, settings, c_rate_basis_mAh_g, compared=False)
    table, _ = _table(cell, chain.rows.time, chain.steps, chain.halves, chain.cycles, chain.sums, settings)
    every = np.arange(chain.cycles.number.size)
    return differential_curves(cell, chain.rows, chain.steps, chain.halves, chain.cycles, table, settings, every)[2]


@dataclass(frozen=True, eq=False)
class CycleSummary(ReadOnlyArrays):
    """Numbers of the cycles, their quantities, shape (quantities, cycles), and what they were made from."""

    number: IntArray
    values: FloatArray
    chain: Chain

    def checks(self, record: CyclingRecord) -> tuple[Check, ...]:
        """What the record can and cannot say, as far as it needs no uncertainties; then the notes of its reader."""
        return (*record_checks(record, self.chain), *notes_of(record))


def cycle_summary(
    cell: Cell, record: CyclingRecord, settings: CyclingSettings, c_rate_basis_mAh_g: float
) -> CycleSummary:
    """The quantities of the cycles alone.

    No blocks, uncertainties, dQ/dV or features; efficiencies are cumulated over the whole test. Arguments and errors as of
    :func:`cycling_metrics`.
    """
    chain = chain_of(cell, record, settings, c_rate_basis_mAh_g, compared=False)
    return CycleSummary(chain.cycles.number, quantities_of(chain.sums), chain)


def refuse_without_cycles(record: CyclingRecord, settings: CyclingSettings) -> None:
    """Say that a record holds no cycles where every half cycle of it is interrupted by long rests, or there is none.

    Raises:
        OtherData: a titration alone, open circuit alone, or no clock.
    """
    rows = rows_of(record, settings)
    steps = steps_of(record, rows, settings, compared=False)
    halves = half_cycles_of(rows, steps, settings, record.cycle_count)
    if halves.count and (inner_rests(steps, halves, settings) == 0).any():
        return
    what = "a titration and no cycles" if halves.count else "no charge and no discharge"
    raise OtherData(
        "no-cycles",
        f"The record holds {what}",
        where=f"{record.voltage_volt.size} rows",
        why="Capacities and efficiencies need half cycles without long rests in them.",
        what_to_do="Name the files of the cycling test too, if there are any.",
        hints=(FILES,),
    )


def _table(
    cell: Cell,
    time: FloatArray,
    steps: Steps,
    halves: HalfCycles,
    cycles: Cycles,
    sums: CycleSums,
    settings: CyclingSettings,
) -> tuple[CycleTable, CycleSums]:
    """The cycle table, and the sums with the references that it needed filled in."""
    full = {
        "charge": (cycles.charge >= 0) & halves.full[np.maximum(cycles.charge, 0)],
        "discharge": (cycles.discharge >= 0) & halves.full[np.maximum(cycles.discharge, 0)],
    }
    values = quantities_of(sums)
    rate, up = (values[NAMES.index(name)] for name in ("discharge_c_rate", "charge_c_rate"))
    rate = np.where(np.isfinite(rate), rate, up)
    rests = inner_rests(steps, halves, settings)
    interrupted = np.zeros(cycles.number.size, dtype=bool)
    for half in (cycles.charge, cycles.discharge):
        interrupted |= (half >= 0) & (rests[np.maximum(half, 0)] > 0)
    groups = rate_groups(rate, interrupted, settings.rate_tolerance)
    blocks = blocks_of(rate, groups, interrupted, full["charge"] & full["discharge"])
    border = np.concatenate([[True], (np.diff(blocks) != 0) | (np.diff(groups) != 0)])
    block_first = np.maximum.accumulate(np.where(border, np.arange(border.size), 0)).astype(np.float64)
    sums = replace(sums, block_first=block_first)
    moves = perturbations(sums, cell, _unexplained(steps, halves, cycles), settings)

    def evaluate(inputs: CycleSums) -> FloatArray:
        return quantities_of(inputs).ravel()

    values, effects = effects_of(evaluate, sums, moves)
    shape = (len(QUANTITIES), cycles.number.size)
    table = CycleTable(
        number=cycles.number,
        block=blocks,
        rate_group=groups,
        first_row=steps.first_row[cycles.first_step],
        end_row=steps.end_row[cycles.end_step - 1],
        charge_full=full["charge"],
        discharge_full=full["discharge"],
        start_hour=time[steps.first_row[cycles.first_step]] / 3600,
        names=tuple(one.name for one in QUANTITIES),
        units=tuple(one.unit for one in QUANTITIES),
        pers=tuple(one.per for one in QUANTITIES),
        values=values.reshape(shape),
        sources=tuple(move.source for move in moves),
        effects=effects.reshape(*shape, len(moves)),
    )
    return table, sums


def _unexplained(steps: Steps, halves: HalfCycles, cycles: Cycles) -> tuple[FloatArray, FloatArray]:
    """How far cycler's count and integral are apart beyond what the spacing of the records allows, signed, mAh."""
    if not np.isfinite(steps.other_mAh).any():
        nothing = np.zeros(cycles.number.size)
        return nothing, nothing
    moving = halves.holds(steps)
    difference, allowed = half_sums(
        steps, halves, (steps.other_mAh - steps.charge_mAh, moving), (steps.cut_mAh, moving)
    )
    difference *= halves.direction
    beyond = np.sign(difference) * np.maximum(np.abs(difference) - allowed, 0.0)
    up = np.where(cycles.charge >= 0, beyond[np.maximum(cycles.charge, 0)], 0.0)
    down = np.where(cycles.discharge >= 0, beyond[np.maximum(cycles.discharge, 0)], 0.0)
    return up, down


def _first_potential(record: CyclingRecord, steps: Steps) -> float:
    """Potential just before the first current; ``nan`` where the record begins under current."""
    flowing = np.flatnonzero(steps.direction != 0)
    first = int(steps.first_row[flowing[0]])
    return float(record.voltage_volt[first - 1]) if first else float("nan")


METHOD = Method(
    id="cycling",
    requires=("cell", "cycling_record", "c_rate_basis_mAh_g"),
    settings=CyclingSettings,
    result=CyclingResult,
    run=cycling_metrics,
    headline=headline,
    figures=figures,
    tables=tables,
    card=CARD,
)
