"""Overview figures of all cells of a study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from cathodelab.analyses.losses import LossResult
from cathodelab.core.arrays import FloatArray
from cathodelab.core.estimate import EstimateSet
from cathodelab.core.figure import Axis, FigureSpec, Panel, Series
from cathodelab.core.samples import Cell
from cathodelab.techniques.utilization.model import UtilizationResult

Utilizations = Sequence[tuple[Cell, UtilizationResult]]


def batch_colours(cells: Sequence[Cell]) -> dict[str, int]:
    """One colour number for each batch, in the order of the manifest."""
    names = dict.fromkeys(cell.batch for cell in cells if cell.role == "cell")
    return {name: number for number, name in enumerate(names)}


def own_half_width(estimates: EstimateSet, name: str, cell: str) -> float:
    """Standard uncertainty from the cell's own sources, by which cells with a common reference may differ."""
    own = [value for source, value in estimates.effect(name).items() if source.startswith(f"{cell}/")]
    return float(np.sqrt(np.sum(np.square(own))))


def utilization_overview(
    results: Utilizations, truth: dict[str, float] | None = None, colours: Mapping[str, int] | None = None
) -> FigureSpec:
    """Utilization of every cell; thick bar: its own uncertainty, thin bar: including that of the reference."""
    colours = colours or batch_colours([cell for cell, _ in results])
    series = []
    for batch, colour in colours.items():
        chosen = [i for i, (cell, _) in enumerate(results) if cell.batch == batch]
        if not chosen:
            continue
        x = np.array(chosen, dtype=float)
        estimates = [results[i][1].estimates.estimate("static_utilization") for i in chosen]
        value = np.array([100 * one.value for one in estimates])
        minus, plus = (100 * np.array([getattr(one, side) for one in estimates]) for side in ("minus", "plus"))
        own = 100 * np.array(
            [own_half_width(results[i][1].estimates, "static_utilization", results[i][0].id) for i in chosen]
        )
        label = f"batch {batch}" if batch else "cells"
        series.append(Series("points", x, value, "", colour, y_minus=own, y_plus=own, heavy=True))
        series.append(Series("points", x, value, f"{label} (n = {x.size})", colour, y_minus=minus, y_plus=plus))
    known: list[tuple[float, float]] = []
    if truth:
        known = [(i + 0.2, 100 * truth[cell.id]) for i, (cell, _) in enumerate(results) if cell.id in truth]
    if known:
        x, y = np.array(known).T
        series.append(Series("points", x, y, "truth (generated)", -1, open_marks=True))
    names = tuple(cell.id + (" !" if _failed(result) else "") for cell, result in results)
    caption = (
        "Static utilization of every cell. Thin bars: standard uncertainty (68 %); thick bars: the part from the cell itself "
        "(its weighing, instrument, potentials); the rest comes from the reference and is common to all cells that share "
        "it. One colour a batch. “!”: a check failed, see the cell. n is the number of cells."
    )
    panel = Panel(Axis("", ticks=names), Axis("utilization θ", "%"), tuple(series))
    return FigureSpec("utilization-overview", caption, (panel,), height_cm=7.5)


def loss_overview(results: Sequence[tuple[Cell, LossResult]]) -> FigureSpec:
    """Delivered charge, kinetic and static loss of every cell, stacked to the equilibrium capacity."""
    x = np.arange(len(results), dtype=float)

    def column(name: str, part: str = "value") -> np.ndarray:
        return np.array([getattr(result.estimates.estimate(name), part) for _, result in results])

    gross, kinetic, static = (column(name) for name in ("gross_specific_capacity", "kinetic_loss", "static_loss"))
    kinetic_errors = column("kinetic_loss", "minus"), column("kinetic_loss", "plus")
    static_errors = column("static_loss", "minus"), column("static_loss", "plus")
    series = (
        Series("bars", x, gross, "delivered", -3),
        Series("bars", x, kinetic, "kinetic loss", -2, base=gross, y_minus=kinetic_errors[0], y_plus=kinetic_errors[1]),
        Series(
            "bars",
            x,
            static,
            "static loss",
            -1,
            base=gross + kinetic,
            y_minus=static_errors[0],
            y_plus=static_errors[1],
        ),
    )
    caption = (
        "Delivered charge, kinetic and static loss at each cell's own cut-off, per mass of active material weighed in; "
        "the stack ends at what the reference holds between the same states. Bars: standard uncertainty (68 %) of the "
        "kinetic (lower) and static loss (upper). n = 1 cell each."
    )
    names = tuple(cell.id for cell, _ in results)
    panel = Panel(Axis("", ticks=names), Axis("q (weighed CAM)", "mAh g⁻¹"), series)
    return FigureSpec("loss-overview", caption, (panel,), height_cm=7.5)


def record_figure(
    cell: Cell, position: FloatArray, potential_volt: FloatArray, rows: int, *, over_time: bool
) -> FigureSpec:
    """The cell's record, thinned if long: potential over time, h, or over charge, mAh."""
    shown = f"all {rows} rows" if rows == position.size else f"{position.size} of {rows} rows, every extreme kept"
    caption = (
        f"{cell.id}: the record as its files hold it, potential of the cell against its counter electrode "
        f"({cell.counter_electrode}); {shown}. n = 1 cell."
    )
    x = Axis("test time", "h") if over_time else Axis("Q", "mAh")
    series = Series("line", position, potential_volt, colour=0)
    panel = Panel(x, Axis("E", "V", against=cell.counter_electrode), (series,))
    return FigureSpec(f"{cell.id}-record", caption, (panel,), height_cm=5.0)


def _failed(result: UtilizationResult) -> bool:
    return any(check.passed is False for check in result.checks)
