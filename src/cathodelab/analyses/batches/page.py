"""What the page says of the batches: conclusions, scatter, comparisons, correlations, causes of loss, what may be claimed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from cathodelab.analyses.batches.model import BatchReport, Scatter
from cathodelab.analyses.batches.words import conclusions
from cathodelab.analyses.variance import MOST_BATCHES, Interval
from cathodelab.core.document import Block, Bullets, Drawing, Grid, Head, Paragraph, Subtitle, texts
from cathodelab.core.number_text import plain_number
from cathodelab.core.pages import check_grid

_SHOWN = ("static utilization", "gross capacity", "active capacity")


def page(report: BatchReport, drawings: Mapping[str, Drawing]) -> tuple[Block, ...]:
    """The section on batches; in studies of one batch without cycles there is nothing to say."""
    if not report.cycled and len({one.batch for one in report.cells}) < 2:
        return ()
    blocks: list[Block] = [Bullets(conclusions(report)), Paragraph(_at_a_glance(report))]
    blocks += [drawings[name] for name in ("batches-cells", "batches-violins") if name in drawings]
    blocks += _scatter(report.scatter)
    blocks += _comparisons(report)
    if "batches-rates" in drawings:
        blocks += [Subtitle("Rate capability"), drawings["batches-rates"]]
    if report.correlations:
        blocks.append(Subtitle("Capacity and utilization"))
        blocks += [drawings[name] for name in ("batches-correlation",) if name in drawings]
        blocks.append(_correlations(report))
    losses = [one for name, one in drawings.items() if name.startswith("batches-losses")]
    if losses:
        blocks += [Subtitle("Where the capacity went"), *losses, _losses(report), *_told_apart(report)]
    return (*blocks, Subtitle("What may be claimed"), check_grid(report.checks, "Checks of the batches"))


def _at_a_glance(report: BatchReport) -> str:
    """Scatter of the slowest rate's capacity (or of the utilization), procedure by procedure."""
    rows = [one for one in report.scatter if one.procedure != "all cells"]
    if not rows:
        return "No procedure has two cells."
    first = next((one for one in rows if one.metric == "gross capacity"), rows[0])
    said = []
    for one in rows:
        if (one.metric, one.rate) != (first.metric, first.rate):
            continue
        parts = one.components
        text = f"{one.procedure}: {plain_number(parts.mean.value, 1)} {one.unit} over {parts.cells} cells of "
        text += f"{parts.batches} batch"
        text += "es" if parts.batches > 1 else ""
        if np.isfinite(parts.sd_between.value):
            text += f", {plain_number(parts.sd_between.value, 1)} between batches"
        if np.isfinite(parts.sd_within.value):
            text += f", {plain_number(parts.sd_within.value, 1)} within them"
        said.append(f"{text} (weighing alone {plain_number(one.weighing_sd, 1)})")
    name = f"{first.metric} at {first.rate}" if first.rate else first.metric
    return f"{name[0].upper()}{name[1:]}, standard deviations: {'; '.join(said)}."


def _scatter(scatter: Sequence[Scatter]) -> list[Block]:
    columns = (
        Head("Quantity"),
        Head("Mixing"),
        Head("n", "batches", number=True),
        Head("Mean", number=True),
        Head("sd within", number=True),
        Head("sd between", number=True),
        Head("Variation", "%", number=True),
        Head("By weighing", number=True),
    )
    shown = [one for one in scatter if one.metric in _SHOWN]
    if not shown:
        return []
    outliers = sorted(
        {f"{name} ({one.metric}{f', {one.rate}' if one.rate else ''})" for one in shown for name in one.outliers}
    )
    rows = tuple(
        texts(
            f"{one.metric}{f', {one.rate}' if one.rate else ''} / {one.unit}",
            one.procedure,
            f"{one.components.cells} / {one.components.batches}",
            _interval(one.components.mean),
            _interval(one.components.sd_within),
            _interval(one.components.sd_between),
            plain_number(100 * one.components.variation("total").value, 1),
            plain_number(one.weighing_sd, 2),
        )
        for one in shown
    )
    left_out = [
        f"{', '.join(one.left_out)} ({one.metric}{f', {one.rate}' if one.rate else ''}, {one.procedure}: with "
        f"{'it' if len(one.left_out) == 1 else 'them'} {_interval(one.mean_of_all)} {one.unit})"
        for one in shown
        if one.left_out
    ]
    note = (
        "n: cells / batches. Standard deviations and means with 95 % intervals: within from the cells of a batch, between from "
        "the batch means, the mean's interval from batches, not cells, and with the error of the reference that "
        "all share. “By weighing”: the scatter that identical cells would "
        f"show. Far out and kept: {', '.join(outliers) or 'no cell'}; in 5 % of the studies a cell is named by "
        f"chance, for each quantity. Left out of means, as a fatal check failed: {'; '.join(left_out) or 'no cell'}. "
        "Further quantities: sheet “scatter”."
    )
    return [Subtitle("Scatter"), Grid("Scatter within and between batches", columns, rows), Paragraph(note, soft=True)]


def _interval(one: Interval) -> str:
    if np.isnan(one.value):
        return "–"
    if np.isnan(one.low):
        return plain_number(one.value, 1)
    return f"{plain_number(one.value, 1)} ({plain_number(one.low, 1)} to {plain_number(one.high, 1)})"


def _needed(count: Interval) -> str:
    """Batches with their interval."""
    ends = (count.value, count.low, count.high)
    value, low, high = (
        "?" if np.isnan(one) else f"> {MOST_BATCHES}" if np.isinf(one) else f"{one:.0f}" for one in ends
    )
    return f"{value} ({low} to {high})" if low != "?" else f"{value} (?)"


def _comparisons(report: BatchReport) -> list[Block]:
    if not report.comparisons:
        return []
    sizes = " / ".join(f"{size:g}" for size, _ in report.comparisons[0].batches_needed)
    columns = (
        Head("Quantity"),
        Head("Compared", wide=True),
        Head("Difference", number=True),
        Head("p", number=True),
        Head("Ratio of scatter", number=True),
        Head(f"Batches to see {sizes}", number=True),
    )
    rows = tuple(
        texts(
            f"{one.metric}{f', {one.rate}' if one.rate else ''}",
            f"{one.first} − {one.second}",
            _interval(one.difference.difference),
            plain_number(one.difference.probability, 2),
            _interval(one.difference.ratio_of_scatter),
            " / ".join(_needed(count) for _, count in one.batches_needed),
        )
        for one in report.comparisons
    )
    note = (
        "Difference of the means of batch means (Welch; 95 % interval) and ratio of the total standard deviations. Last column: "
        "batches of three cells on either side that would show such differences (in the unit of the quantity) with a probability "
        "of 80 %; in brackets what the ends of the 95 % interval of the scatter need. A “?” stands where a procedure has two "
        "batches: their scatter has no interval."
    )
    return [Subtitle("Mixing procedures compared"), Grid("Comparisons", columns, rows), Paragraph(note, soft=True)]


def _correlations(report: BatchReport) -> Grid:
    columns = (
        Head("Quantity"),
        Head("Rate"),
        Head("Cells", number=True),
        Head("r observed", number=True),
        Head("R²", number=True),
        Head("r from weighing only", number=True),
        Head("r corrected", number=True),
        Head("Null band (95 %)", number=True),
        Head("Beyond it?", wide=True),
    )
    rows = tuple(
        texts(
            name,
            rate,
            str(one.cells),
            plain_number(one.observed, 2),
            plain_number(one.determination, 2),
            plain_number(one.weighing_only, 2),
            plain_number(one.corrected, 2),
            f"{plain_number(one.null_low, 2)} to {plain_number(one.null_high, 2)}",
            {True: "yes", False: "no: chance and weighing suffice", None: "cannot say"}[one.beyond_null],
        )
        for name, rate, one in report.correlations
    )
    return Grid("Correlation of capacities with the static utilization", columns, rows)


def _losses(report: BatchReport) -> Grid:
    names = ["static", "cathode", "anode", "separator", "cathode_and_anode", "unexplained"]
    shown = _slowest_and_fastest(report)
    everything = [one for shares in report.losses.values() for one in shares]
    if all(np.isnan(one.cathode_and_anode) for one in everything):
        names.remove("cathode_and_anode")
    columns = (
        Head("Cell"),
        Head("Rate"),
        *(Head(name.replace("_", " "), "mAh\u00a0g⁻¹", number=True) for name in ("gross", *names)),
    )
    rows = tuple(
        texts(
            cell,
            one.rate,
            plain_number(one.gross, 1),
            *(_with_error(getattr(one, name), one.standard[name]) for name in names),
        )
        for cell, shares in report.losses.items()
        for one in shares
        if one.rate in shown
    )
    return Grid("Causes of loss of every cell at the slowest and the fastest rate", columns, rows)


def _slowest_and_fastest(report: BatchReport) -> set[str]:
    rates = [metric.rate for metric in report.metrics if metric.name == "gross capacity"]
    return {rates[0], rates[-1]} if rates else {one.rate for shares in report.losses.values() for one in shares}


def _with_error(value: float, standard: float) -> str:
    """Value ± standard uncertainty; a part that cannot be told apart has none."""
    if np.isnan(value):
        return "not told apart"
    return f"{plain_number(value, 1)} ± {plain_number(standard, 1) if np.isfinite(standard) else '?'}"


def _told_apart(report: BatchReport) -> list[Block]:
    """How the kinetic loss was told apart, cells that share the reason together."""
    said: dict[str, list[str]] = {}
    for cell, sentences in report.told_apart.items():
        for sentence in sentences:
            said.setdefault(sentence, []).append(cell)
    note = (
        "Static: (1 − θ) q₀. What is missing beside it is kinetic, shared out by the part of the overpotential that each known "
        "resistance takes; ± one standard uncertainty (“?”: of unknown error). All rates: sheet “causes of loss”."
    )
    return [
        Paragraph(note, soft=True),
        *(Paragraph(f"{_several(cells)}: {text}", soft=True) for text, cells in said.items()),
    ]


def _several(cells: Sequence[str], most: int = 6) -> str:
    """Names, or the first of them and how many there are."""
    return ", ".join(cells) if len(cells) <= most else f"{', '.join(cells[:most])} and {len(cells) - most} more cells"
