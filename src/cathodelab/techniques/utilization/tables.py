"""The windows of all cells as a table."""

from __future__ import annotations

from collections.abc import Sequence

from cathodelab.core.estimate import Estimate
from cathodelab.core.result_table import Field, ResultTable, finite_or_none
from cathodelab.core.samples import Cell
from cathodelab.techniques.utilization.model import UtilizationResult

_WINDOWS = (
    Field("cell"),
    Field("window"),
    Field("potential_1_volt_vs_lithium", "E1 vs. Li+/Li / V", "0.0000"),
    Field("potential_2_volt_vs_lithium", "E2 vs. Li+/Li / V", "0.0000"),
    Field("cell_charge_mAh", "charge of the cell / mAh", "0.0000"),
    Field("reference_charge_mAh_g", "charge of the reference / mAh/g", "0.00"),
    Field("utilization", "utilization / 1", "0.0000"),
    Field("minus", "minus / 1", "0.0000"),
    Field("plus", "plus / 1", "0.0000"),
    Field("used"),
    Field("dropped_because", "dropped because"),
)


def tables(found: Sequence[tuple[Cell, UtilizationResult]]) -> tuple[ResultTable, ...]:
    """One row a window of every cell, with why it was dropped."""
    rows = []
    for cell, result in found:
        for window in (*result.windows, *result.outside):
            known = window.estimate_name in result.estimates
            estimate = result.estimates.estimate(window.estimate_name) if known else Estimate(float("nan"))
            rows.append(
                (
                    cell.id,
                    window.number,
                    window.potential_1_volt,
                    window.potential_2_volt,
                    window.cell_charge_mAh,
                    finite_or_none(window.reference_charge_mAh_g),
                    finite_or_none(estimate.value),
                    finite_or_none(estimate.minus),
                    finite_or_none(estimate.plus),
                    not window.dropped,
                    window.dropped,
                )
            )
    return (
        ResultTable("windows", "Every window between relaxed potentials.", _WINDOWS, tuple(rows), record="windows"),
    )
