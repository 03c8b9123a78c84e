"""All cells of a study side by side: their utilizations, and what each lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.core.checks import Check
from cathodelab.core.errors import OtherData
from cathodelab.core.figure import Axis, FigureSpec, Panel, Series
from cathodelab.core.method import Finding, Findings, StudyMethod
from cathodelab.core.samples import group_colours

_THETA = "static_utilization"


@dataclass(frozen=True)
class OverviewSettings:
    """Nothing to set."""


@dataclass(frozen=True, eq=False)
class UtilizationOverview(ReadOnlyArrays):
    """Utilization of every cell, %; arrays of shape (cells,).

    Args:
        cells, batches, colours: of each cell.
        failing: whether a check of the cell failed, in any method.
        value, minus, plus: with half-widths.
        own: the part of the uncertainty from the cell itself.
        truth: what a generated study states, ``nan`` where it states nothing.
    """

    cells: tuple[str, ...]
    batches: tuple[str, ...]
    colours: tuple[int, ...]
    failing: tuple[bool, ...]
    value: FloatArray
    minus: FloatArray
    plus: FloatArray
    own: FloatArray
    truth: FloatArray
    checks: tuple[Check, ...] = ()


def utilization_overview(findings: Findings, settings: OverviewSettings) -> UtilizationOverview:
    """The utilizations of all cells.

    Raises:
        OtherData: there is none.
    """
    del settings
    found = _of(findings, "utilization")
    colours = group_colours(findings.samples)
    estimates = [one.estimates.estimate(_THETA) for one in found]
    cells = [one.sample for one in found]
    return UtilizationOverview(
        cells=tuple(cell.id for cell in cells),
        batches=tuple(cell.group for cell in cells),
        colours=tuple(colours.get(cell.group, 0) for cell in cells),
        failing=tuple((cell.kind, cell.id) in findings.failing for cell in cells),
        value=np.array([100 * one.value for one in estimates]),
        minus=np.array([100 * one.minus for one in estimates]),
        plus=np.array([100 * one.plus for one in estimates]),
        own=np.array([100 * one.estimates.own_half_width(_THETA, one.sample.id) for one in found]),
        truth=np.array([100 * findings.truth.get(cell.id, {}).get(_THETA, float("nan")) for cell in cells]),
    )


def utilization_figures(result: UtilizationOverview) -> tuple[FigureSpec, ...]:
    """Thick bar: the cell's own uncertainty; thin bar: with what the reference adds to all."""
    series = []
    for batch in dict.fromkeys(result.batches):
        chosen = np.array([i for i, one in enumerate(result.batches) if one == batch])
        colour, x, value = result.colours[int(chosen[0])], chosen.astype(float), result.value[chosen]
        label = f"batch {batch}" if batch else "cells"
        own, minus, plus = result.own[chosen], result.minus[chosen], result.plus[chosen]
        series.append(Series("points", x, value, "", colour, y_minus=own, y_plus=own, heavy=True))
        series.append(Series("points", x, value, f"{label} (n = {x.size})", colour, y_minus=minus, y_plus=plus))
    known = np.flatnonzero(np.isfinite(result.truth))
    if known.size:
        series.append(
            Series(
                "points", known.astype(np.float64) + 0.2, result.truth[known], "truth (generated)", -1, open_marks=True
            )
        )
    names = tuple(cell + (" !" if failing else "") for cell, failing in zip(result.cells, result.failing, strict=True))
    caption = (
        "Static utilization of every cell. Thin bars: standard uncertainty (68 %); thick bars: the part from the cell itself "
        "(its weighing, instrument, potentials); the rest comes from the reference and is common to all cells that share "
        "it. One colour a batch. “!”: a check failed, see the cell. n is the number of cells."
    )
    panel = Panel(Axis("", ticks=names), Axis("utilization θ", "%"), tuple(series))
    return (FigureSpec("utilization-overview", caption, (panel,), height_cm=7.5),)


@dataclass(frozen=True, eq=False)
class LossOverview(ReadOnlyArrays):
    """Delivered charge and losses of every cell at its own cut-off, mAh/g; arrays of shape (cells,), half-widths (2, cells)."""

    cells: tuple[str, ...]
    gross: FloatArray
    kinetic: FloatArray
    kinetic_sides: FloatArray
    static: FloatArray
    static_sides: FloatArray
    checks: tuple[Check, ...] = ()


def loss_overview(findings: Findings, settings: OverviewSettings) -> LossOverview:
    """The losses of all cells.

    Raises:
        OtherData: there are none.
    """
    del settings
    found = _of(findings, "losses")

    def column(name: str, part: str = "value") -> FloatArray:
        return np.array([getattr(one.estimates.estimate(name), part) for one in found])

    def sides(name: str) -> FloatArray:
        return np.array([column(name, "minus"), column(name, "plus")])

    return LossOverview(
        cells=tuple(one.sample.id for one in found),
        gross=column("gross_specific_capacity"),
        kinetic=column("kinetic_loss"),
        kinetic_sides=sides("kinetic_loss"),
        static=column("static_loss"),
        static_sides=sides("static_loss"),
    )


def loss_figures(result: LossOverview) -> tuple[FigureSpec, ...]:
    """Stacked up to the equilibrium capacity."""
    x = np.arange(len(result.cells), dtype=float)
    gross, kinetic, static = result.gross, result.kinetic, result.static
    (kinetic_minus, kinetic_plus), (static_minus, static_plus) = result.kinetic_sides, result.static_sides
    series = (
        Series("bars", x, gross, "delivered", -3),
        Series("bars", x, kinetic, "kinetic loss", -2, base=gross, y_minus=kinetic_minus, y_plus=kinetic_plus),
        Series("bars", x, static, "static loss", -1, base=gross + kinetic, y_minus=static_minus, y_plus=static_plus),
    )
    caption = (
        "Delivered charge, kinetic and static loss at each cell's own cut-off, per mass of active material weighed in; "
        "the stack ends at what the reference holds between the same states. Bars: standard uncertainty (68 %) of the "
        "kinetic (lower) and static loss (upper). n = 1 cell each."
    )
    panel = Panel(Axis("", ticks=result.cells), Axis("q (weighed CAM)", "mAh g⁻¹"), series)
    return (FigureSpec("loss-overview", caption, (panel,), height_cm=7.5),)


def _of(findings: Findings, method: str) -> tuple[Finding[Any], ...]:
    found = findings.of.get(method, ())
    if not found:
        raise OtherData(
            "nothing-to-show",
            f"No cell has a result of {method}",
            where="the whole study",
            why="The overview shows the cells side by side.",
            what_to_do="Nothing.",
        )
    return found


UTILIZATION = StudyMethod(
    id="utilization_overview",
    requires=("utilization",),
    settings=OverviewSettings,
    result=UtilizationOverview,
    run=utilization_overview,
    figures=utilization_figures,
)
LOSSES = StudyMethod(
    id="loss_overview",
    requires=("losses",),
    settings=OverviewSettings,
    result=LossOverview,
    run=loss_overview,
    figures=loss_figures,
)
