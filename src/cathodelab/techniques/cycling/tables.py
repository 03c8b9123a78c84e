"""Cycles, features of dQ/dV and steps of all cells as tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cathodelab.core.result_table import CellEntry, Field, ResultTable, finite_or_none
from cathodelab.core.samples import Cell
from cathodelab.techniques.cycling.model import BLOCKS, KINDS, CycleTable, CyclingResult

_STATUS = ("resolved", "not resolved", "not reached")
_FEATURES = (
    "cell", "cycle", "direction", "feature", "status", "position / V", "± position / V", "height / mAh/V", "± height / mAh/V",
    "charge under it / mAh", "± charge / mAh",
)  # fmt: skip
_STEPS = (
    "cell", "step", "kind", "first row", "last row", "duration / s", "charge / mAh", "current / mA", "start / V", "end / V",
)  # fmt: skip
Found = Sequence[tuple[Cell, CyclingResult]]
Rows = list[tuple[CellEntry, ...]]


def tables(found: Found) -> tuple[ResultTable, ...]:
    """Those of them that have rows."""
    return tuple(table for table in (_cycles(found), _features(found), _steps(found)) if table.rows)


def _cycles(found: Found) -> ResultTable:
    """Every quantity, and its standard uncertainty."""
    heads = ["cell", "cycle", "block", "rate group", "start / h", "charge whole", "discharge whole"]
    first = found[0][1].cycles
    for name, unit in zip(first.names, first.units, strict=True):
        label = f"{name} / {unit}" if unit != "1" else name
        heads += [label, f"± {label}"]
    rows: Rows = []
    for cell, result in found:
        standard = np.sqrt(np.sum(result.cycles.effects**2, axis=-1))
        rows += [_cycle(cell, result.cycles, standard, i) for i in range(result.cycles.count)]
    about = "One row a cycle. ±: standard uncertainty, common to all cycles of a cell."
    return ResultTable("cycles", about, tuple(map(Field, heads)), tuple(rows))


def _cycle(cell: Cell, table: CycleTable, standard: np.ndarray, i: int) -> tuple[CellEntry, ...]:
    numbers = (finite_or_none(float(part[k, i])) for k in range(len(table.names)) for part in (table.values, standard))
    return (
        cell.id,
        float(table.number[i]),
        BLOCKS[int(table.block[i])],
        float(table.rate_group[i]),
        finite_or_none(float(table.start_hour[i])),
        "yes" if table.charge_full[i] else "no",
        "yes" if table.discharge_full[i] else "no",
        *numbers,
    )


def _features(found: Found) -> ResultTable:
    rows: Rows = []
    for cell, result in found:
        table = result.features
        for i, name in enumerate(table.feature):
            numbers = (
                table.position_volt[i], table.position_standard_volt[i], table.height_mAh_V[i],
                table.height_standard_mAh_V[i], table.charge_mAh[i], table.charge_standard_mAh[i],
            )  # fmt: skip
            way = "charge" if table.direction[i] > 0 else "discharge"
            rows.append(
                (
                    cell.id,
                    float(table.cycle[i]),
                    way,
                    name,
                    _STATUS[int(table.status[i])],
                    *map(finite_or_none, map(float, numbers)),
                )
            )
    about = (
        "Features of dQ/dV of every half cycle, against the counter electrode; positions, heights and charges are corrected for "
        "the smoothing. ±: standard uncertainty from noise and what is left of smoothing."
    )
    return ResultTable("features", about, tuple(map(Field, _FEATURES)), tuple(rows))


def _steps(found: Found) -> ResultTable:
    rows: Rows = []
    for cell, result in found:
        one = result.steps
        for i in range(one.count):
            numbers = (one.seconds, one.charge_mAh, one.current_mA, one.start_volt, one.end_volt)
            rows.append(
                (
                    cell.id,
                    float(i + 1),
                    KINDS[int(one.kind[i])],
                    float(one.first_row[i] + 1),
                    float(one.end_row[i]),
                    *(finite_or_none(float(array[i])) for array in numbers),
                )
            )
    about = "Steps of the record: kind, rows, duration, charge (+ = charge)."
    return ResultTable("steps", about, tuple(map(Field, _STEPS)), tuple(rows))
