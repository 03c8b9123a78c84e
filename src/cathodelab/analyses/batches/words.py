"""What the batches of a study show, in sentences that claim no more than the intervals do."""

from __future__ import annotations

import numpy as np

from cathodelab.analyses.batches.model import BatchReport, Comparison, ProcedureDifference
from cathodelab.analyses.correlation import Correlation
from cathodelab.analyses.variance import MOST_BATCHES, Interval
from cathodelab.core.number_text import plain_number

_FEW_BATCHES, _MANY = 5, 100


def conclusions(report: BatchReport) -> tuple[str, ...]:
    """Which procedure reproduces, whether means differ, and at which rates the capacity follows the utilization."""
    return (*_differences(report), *_reproducibility(report), *_follows(report))


def _differences(report: BatchReport) -> list[str]:
    """The difference of each pair of procedures, first in the utilization, else in the capacity at the slowest rate."""
    first = next(iter(report.differences), None)
    return [
        difference_words(one)
        for one in report.differences
        if first is not None and (one.metric, one.rate) == (first.metric, first.rate)
    ]


def difference_words(one: ProcedureDifference) -> str:
    """What differs by how much, from how many cells and composites, and what that does not say."""
    found = one.found
    unit = "percentage points" if one.unit == "%" else one.unit
    at = f" at {one.rate}" if one.rate else ""
    size = (
        f"{plain_number(found.value, 1)} {unit} (95 %: {plain_number(found.low, 1)} to {plain_number(found.high, 1)})"
    )
    counts = " and ".join(
        f"{cells} cell{'s' if cells > 1 else ''} of {composites} composite{'s' if composites > 1 else ''}"
        for cells, composites in zip(found.cells, found.composites, strict=True)
    )
    text = f"{_upper(one.metric)}{at}, {one.first} minus {one.second}: {size}, from {counts}."
    if found.level == "composites":
        text += (
            " This is a difference of these composites: whether it is the procedure or the mixing run cannot be told."
        )
    elif found.level == "cells":
        text += (
            " This is a difference of these cells: how much cells and composites of one procedure differ is not known."
        )
    return text


def _reproducibility(report: BatchReport) -> list[str]:
    """Every pair of procedures at the slowest rate (or in the utilization)."""
    metrics = [(one.metric, one.rate) for one in report.comparisons]
    if not metrics:
        return []
    first = next((one for one in metrics if one[0] == "gross capacity"), metrics[0])
    return [
        sentence
        for one in report.comparisons
        if (one.metric, one.rate) == first
        for sentence in (_scatter(report, one), _means(one, report))
    ]


def _scatter(report: BatchReport, one: Comparison) -> str:
    ratio, name = one.difference.ratio_of_scatter, _name(one)
    counts = " and ".join(_counted(report, one, side) for side in (one.first, one.second))
    worse, better, found = one.first, one.second, ratio
    if ratio.value < 1:
        worse, better = one.second, one.first
        found = type(ratio)(1 / ratio.value, 1 / ratio.high, 1 / ratio.low)
    size = f"{plain_number(found.value, 1)} times (95 %: {plain_number(found.low, 1)} to {plain_number(found.high, 1)})"
    if found.low > 1:
        text = f"{_upper(better)} reproduces better than {worse}: the {name} scatters {size} as much by {worse}"
    else:
        text = (
            f"Neither {worse} nor {better} is shown to reproduce better: the {name} scatters {size} as much by {worse}"
        )
    few = min(_batches(report, one, side) for side in (one.first, one.second)) < _FEW_BATCHES
    return f"{text} ({counts}){'; so few batches leave the factor itself open' if few else ''}."


def _means(one: Comparison, report: BatchReport) -> str:
    found = one.difference.difference
    unit = next((row.unit for row in report.scatter if row.metric == one.metric), "")
    size = (
        f"{plain_number(found.value, 1)} {unit} (95 %: {plain_number(found.low, 1)} to {plain_number(found.high, 1)})"
    )
    if found.low > 0 or found.high < 0:
        return f"Their means differ: {one.first} minus {one.second} {size}."
    needed = next(((step, count) for step, count in one.batches_needed if count.value < _MANY), None)
    more = f"; {_about(needed[1])} batches of three cells each would show {needed[0]:g} {unit}" if needed else ""
    return f"Their means are not shown to differ, nor to be equal: {one.first} minus {one.second} {size}{more}."


def _about(count: Interval) -> str:
    """A number of batches with what the scatter's own interval makes of it."""
    if np.isnan(count.high):
        return f"{count.value:.0f} (two batches do not say how sure that is)"
    most = f"more than {MOST_BATCHES}" if np.isinf(count.high) else f"{count.high:.0f}"
    return f"{count.value:.0f} ({count.low:.0f} to {most})"


def _follows(report: BatchReport) -> list[str]:
    """Gross capacity and utilization, rates that are beyond chance and those that are not."""
    found = [
        (rate, one)
        for name, rate, one in report.correlations
        if name == "gross capacity" and one.observed == one.observed
    ]
    if not found:
        return []
    yes = [(rate, one) for rate, one in found if one.beyond_null and one.observed > 0]
    no = [(rate, one) for rate, one in found if not (one.beyond_null and one.observed > 0)]
    said = []
    if yes:
        said.append(
            f"The capacity follows the utilization at {_listed(yes)}, beyond what chance and the shared weighing make."
        )
    if no:
        said.append(
            f"It is not shown to at {_listed(no)}."
            if yes
            else f"The capacity is not shown to follow the utilization at {_listed(no)}."
        )
    return [" ".join(said)]


def _listed(found: list[tuple[str, Correlation]]) -> str:
    return ", ".join(f"{rate} (r = {plain_number(one.observed, 2)}, n = {one.cells})" for rate, one in found)


def _name(one: Comparison) -> str:
    return f"{one.metric} at {one.rate}" if one.rate else one.metric


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _counted(report: BatchReport, one: Comparison, side: str) -> str:
    row = next(row for row in report.scatter if (row.metric, row.rate, row.procedure) == (one.metric, one.rate, side))
    return f"{side}: {row.components.cells} cells of {row.components.batches} batches"


def _batches(report: BatchReport, one: Comparison, side: str) -> int:
    return next(
        row.components.batches
        for row in report.scatter
        if (row.metric, row.rate, row.procedure) == (one.metric, one.rate, side)
    )
