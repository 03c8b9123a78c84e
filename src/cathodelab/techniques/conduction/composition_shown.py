"""What a report shows of a series of compositions."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from cathodelab.core.document import Block, Drawing, Headline, Paragraph
from cathodelab.core.figure import Axis, FigureSpec, Panel, Series
from cathodelab.core.number_text import quantity
from cathodelab.core.pages import check_grid, estimate_grid
from cathodelab.core.result_table import CellEntry, Field, ResultTable, finite_or_none
from cathodelab.techniques.conduction.series_model import CompositionSeries, PercolationResult

_PELLETS = (
    Field("series"),
    Field("pellet"),
    Field("conductor_vol_percent", "conductor / vol%", "0.00"),
    Field("electronic_conductivity_S_cm", "conductivity / S/cm", "0.000E+00"),
    Field("standard_uncertainty_S_cm", "its standard uncertainty / S/cm", "0.0E+00"),
    Field("upper_limit", "only an upper limit"),
    Field("conducts"),
)
_NUMBERS = (
    Field("series"),
    Field("quantity"),
    Field("value", form="0.0000"),
    Field("minus", form="0.0000"),
    Field("plus", form="0.0000"),
    Field("unit"),
    Field("how"),
)


def figures(result: PercolationResult) -> tuple[FigureSpec, ...]:
    """Conductivity against composition, one panel a series."""
    panels = tuple(_panel(one) for one in result.series)
    caption = (
        "Electronic conductivity of pellets against the share of the conductor; open marks do not conduct, upper limits stand at "
        "their limit. The grey band lies between the last composition that does not conduct and the first that does; the line is "
        "the law above the threshold where there is one. Bars are standard uncertainties (68 %), mostly smaller than the marks."
    )
    return (FigureSpec("percolation", caption, panels, width_cm=17.4 if len(panels) > 1 else 8.4),)


def _panel(one: CompositionSeries) -> Panel:
    share, value = one.series.share, one.series.conductivity
    series: list[Series] = []
    conducts = one.threshold.conducting if one.threshold is not None else np.zeros(share.size, dtype=bool)
    if one.threshold is not None:
        edges = np.array([one.threshold.low, one.threshold.high])
        foot = np.full(2, float(value.min()) / 2)
        series.append(Series("band", edges, foot, "threshold", colour=-3, y_plus=2 * float(value.max()) - foot))
    half = np.nan_to_num(one.half_width_S_cm)
    for rows, label, is_open in ((conducts, "conducts", False), (~conducts, "does not conduct", True)):
        if rows.any():
            series.append(
                Series(
                    "points", share[rows], value[rows], label, y_minus=half[rows], y_plus=half[rows], open_marks=is_open
                )
            )
    if one.law is not None and one.threshold is not None:
        x = np.linspace(one.threshold.high, float(share.max()), 100)
        y = np.exp(one.law.log_factor) * (x - one.law.threshold) ** one.law.exponent
        series.append(Series("line", x, y, "law", colour=-1))
    return Panel(
        Axis("conductor", "vol%"), Axis("σ (electronic)", "S cm⁻¹", logarithmic=True), tuple(series), title=one.name
    )


def tables(result: PercolationResult) -> tuple[ResultTable, ...]:
    """All pellets, and the numbers of each series."""
    pellets: list[tuple[CellEntry, ...]] = []
    numbers: list[tuple[CellEntry, ...]] = []
    for one in result.series:
        for place, pellet in enumerate(one.pellets):
            conducts = None if one.threshold is None else bool(one.threshold.conducting[place])
            pellets.append(
                (
                    one.name,
                    pellet,
                    float(one.series.share[place]),
                    finite_or_none(one.series.conductivity[place]),
                    finite_or_none(one.half_width_S_cm[place]),
                    bool(one.series.limit[place]),
                    conducts,
                )
            )
        for name, estimate in one.estimates.as_mapping().items() if one.estimates is not None else ():
            numbers.append(
                (
                    one.name,
                    name,
                    estimate.value,
                    finite_or_none(estimate.minus),
                    finite_or_none(estimate.plus),
                    estimate.unit,
                    estimate.how,
                )
            )
    return (
        ResultTable("percolation_pellets", "Every pellet of the series of compositions.", _PELLETS, tuple(pellets)),
        ResultTable("percolation", "Threshold and law of each series of compositions.", _NUMBERS, tuple(numbers)),
    )


def page(result: PercolationResult, drawings: Mapping[str, Drawing]) -> tuple[Block, ...]:
    """Threshold and law of each series, then the figure."""
    blocks: list[Block] = []
    for one in result.series:
        if one.estimates is not None and one.threshold is not None:
            title = f"{one.name}: " if one.name else ""
            blocks.append(
                Headline(
                    f"{title}p_c = {quantity(one.estimates.estimate('percolation_threshold'))} vol%",
                    f"between {one.threshold.low:g} and {one.threshold.high:g} vol%.",
                )
            )
            blocks.append(estimate_grid(one.estimates, f"Percolation {one.name}".strip()))
    if result.checks:
        blocks.append(check_grid(result.checks, "Checks of the series"))
    note = "Threshold, exponent and factor are correlated: a lower threshold goes with a larger exponent."
    return (*blocks, *drawings.values(), Paragraph(note, soft=True))
