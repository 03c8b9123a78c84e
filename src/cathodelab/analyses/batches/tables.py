"""Scatter, comparisons, correlations, causes of loss and checks of the batches as tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cathodelab.analyses.batches.model import BatchReport
from cathodelab.analyses.causes.loss_shares import CAUSES
from cathodelab.analyses.variance import MOST_BATCHES, Interval
from cathodelab.core.result_table import CellEntry, Field, ResultTable, finite_or_none

_SCATTER = (
    "metric", "rate", "unit", "procedure", "cells", "batches", "mean", "mean low", "mean high", "sd within", "sd within low",
    "sd within high", "sd between", "sd between low", "sd between high", "sd total", "variation within / %",
    "variation between / %", "variation total / %", "sd of all cells", "sd by weighing alone", "far out",
    "left out", "mean of all", "mean of all low", "mean of all high",
)  # fmt: skip
_COMPARISONS = (
    "metric", "rate", "first", "second", "difference", "low", "high", "probability", "ratio of scatter", "ratio low",
    "ratio high",
)  # fmt: skip
_DIFFERENCES = (
    "metric", "rate", "unit", "first", "second", "first minus second", "low", "high", "difference of", "cells of first",
    "cells of second", "composites of first", "composites of second", "of it by shared errors",
)  # fmt: skip
_CORRELATIONS = (
    "metric", "with", "rate", "cells", "r observed", "R2", "r from weighing only", "r corrected", "null band low",
    "null band high", "beyond the null band",
)  # fmt: skip
_CHECKS = ("check", "passed", "value", "limit", "sentence")
Rows = Iterable[tuple[CellEntry, ...]]


def tables(report: BatchReport) -> tuple[ResultTable, ...]:
    """Those of them that have rows."""
    made = (
        _scatter(report),
        _comparisons(report),
        _differences(report),
        _correlations(report),
        _losses(report),
        _checks(report),
    )
    return tuple(table for table in made if table.rows)


def _table(name: str, about: str, heads: Sequence[str], rows: Rows, *, recorded: bool = True) -> ResultTable:
    record = f"batches/{name}" if recorded else ""
    return ResultTable(name, about, tuple(map(Field, heads)), tuple(rows), record=record)


def _scatter(report: BatchReport) -> ResultTable:
    rows = []
    for one in report.scatter:
        parts = one.components
        numbers = (
            *_three(parts.mean), *_three(parts.sd_within), *_three(parts.sd_between), parts.sd_total.value,
            *(100 * parts.variation(name).value for name in ("within", "between", "total")),
            parts.sd_pooled, one.weighing_sd,
        )  # fmt: skip
        counts = float(parts.cells), float(parts.batches)
        names = one.metric, one.rate, one.unit, one.procedure
        of_all = map(finite_or_none, _three(one.mean_of_all))
        said = ", ".join(one.outliers), ", ".join(one.left_out)
        rows.append((*names, *counts, *map(finite_or_none, numbers), *said, *of_all))
    return _table("scatter", "Scatter within and between batches; low, high: 95 % intervals.", _SCATTER, rows)


def _comparisons(report: BatchReport) -> ResultTable:
    sizes = [size for size, _ in report.comparisons[0].batches_needed] if report.comparisons else []
    rows = []
    for one in report.comparisons:
        found = one.difference
        numbers = *_three(found.difference), found.probability, *_three(found.ratio_of_scatter)
        needed = (finite_or_none(end) for _, count in one.batches_needed for end in _three(count))
        rows.append((one.metric, one.rate, one.first, one.second, *map(finite_or_none, numbers), *needed))
    names = (f"batches of 3 cells to see {size:g}" for size in sizes)
    heads = (*_COMPARISONS, *(f"{name}{end}" for name in names for end in ("", ", low", ", high")))
    about = (
        "Mixing procedures compared over batch means; low, high: 95 % intervals. A number of batches that is empty is more than "
        f"{MOST_BATCHES}; both its ends are empty where a procedure has two batches: their scatter has no interval."
    )
    return _table("comparisons", about, heads, rows)


def _differences(report: BatchReport) -> ResultTable:
    rows = []
    for one in report.differences:
        found = one.found
        numbers = finite_or_none(found.value), finite_or_none(found.low), finite_or_none(found.high)
        counts = map(float, (*found.cells, *found.composites))
        rows.append(
            (
                one.metric,
                one.rate,
                one.unit,
                one.first,
                one.second,
                *numbers,
                found.level,
                *counts,
                finite_or_none(found.shared),
            )
        )
    about = (
        "Mixing procedures compared at the level that the study allows; low, high: 95 % interval; by shared errors: standard "
        "uncertainty that the cells have in common and that does not cancel."
    )
    return _table("differences", about, _DIFFERENCES, rows)


def _correlations(report: BatchReport) -> ResultTable:
    rows = []
    for name, rate, one in report.correlations:
        numbers = (
            float(one.cells), one.observed, one.determination, one.weighing_only, one.corrected, one.null_low, one.null_high,
        )  # fmt: skip
        rows.append((name, "static utilization", rate, *map(finite_or_none, numbers), _word(passed=one.beyond_null)))
    about = "Capacities and static utilization; the null band holds r in 95 % of studies without any true correlation."
    return _table("correlations", about, _CORRELATIONS, rows)


def _losses(report: BatchReport) -> ResultTable:
    keys = [cause.replace(" ", "_") for cause in CAUSES]
    rows = []
    for cell, shares in report.losses.items():
        for one in shares:
            numbers = (one.c_rate, one.gross, *(v for key in keys for v in (getattr(one, key), one.standard[key])))
            rows.append((cell, one.rate, *map(finite_or_none, numbers), report.told_apart[cell][0]))
    labels = (label for cause in CAUSES for label in (f"{cause} / mAh/g", f"± {cause} / mAh/g"))
    heads = ("cell", "rate", "C-rate / 1/h", "gross / mAh/g", *labels, "told apart by")
    about = "Loss of every cell at every rate by cause, per mass of active material weighed in."
    return _table("causes of loss", about, heads, rows)


def _checks(report: BatchReport) -> ResultTable:
    rows = [
        (one.name, _word(passed=one.passed), finite_or_none(one.value), finite_or_none(one.limit), one.sentence)
        for one in report.checks
    ]
    return _table("batch checks", "What may be claimed of the batches.", _CHECKS, rows, recorded=False)


def _three(one: Interval) -> tuple[float, float, float]:
    return one.value, one.low, one.high


def _word(*, passed: bool | None) -> str:
    return {True: "yes", False: "no", None: "cannot say"}[passed]
