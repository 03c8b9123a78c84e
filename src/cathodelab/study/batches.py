"""The batches of a study: their report, and tables of cycles, features, scatter, comparisons and causes of loss."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from cathodelab.analyses.batches.method import batch_report
from cathodelab.analyses.batches.model import BatchReport
from cathodelab.analyses.causes.loss_shares import CAUSES
from cathodelab.analyses.variance import Interval
from cathodelab.study.run import StudyResults
from cathodelab.techniques.cycling.model import BLOCKS, CyclingResult

TableRows = list[list[str | float | None]]
_STATUS = ("resolved", "not resolved", "not reached")


@lru_cache(maxsize=4)
def batches_of(results: StudyResults) -> BatchReport | None:
    """What the batches of a study show; made once for tables, figures and page."""
    cells = [cell for cell in results.study.cells if cell.role == "cell" and not cell.excluded]
    found: dict[str, dict[str, Any]] = {}
    for outcome in results.outcomes:
        if outcome.status == "ok":
            found.setdefault(outcome.cell, {})[outcome.method] = outcome.result
    return batch_report(cells, found)


def batch_tables(results: StudyResults) -> dict[str, TableRows]:
    """Tables by name; those without rows are left out."""
    cycling = [(cell.id, result) for cell, result in results.of("cycling")]
    named = {"cycles": _cycles(cycling), "features": _features(cycling), "steps": _steps(cycling)}
    report = batches_of(results)
    if report is not None:
        named |= {
            "scatter": _scatter(report),
            "comparisons": _comparisons(report),
            "correlations": _correlations(report),
            "causes of loss": _losses(report),
            "batch checks": [
                ["check", "passed", "value", "limit", "sentence"],
                *(
                    [one.name, _word(one.passed), _plain(one.value), _plain(one.limit), one.sentence]
                    for one in report.checks
                ),
            ],
        }
    return {name: rows for name, rows in named.items() if len(rows) > 1}


def batch_record(results: StudyResults) -> dict[str, Any]:
    """The same of scatter, comparisons, correlations and causes of loss for JSON: one object a row."""
    wanted = ("scatter", "comparisons", "correlations", "causes of loss")
    tables = batch_tables(results)
    return {
        name: [dict(zip(map(str, tables[name][0]), row, strict=True)) for row in tables[name][1:]]
        for name in wanted
        if name in tables
    }


def _cycles(cycling: list[tuple[str, CyclingResult]]) -> TableRows:
    """One row a cycle: every quantity, and the standard uncertainty of those that have one."""
    if not cycling:
        return []
    first = cycling[0][1].cycles
    head: list[str | float | None] = [
        "cell",
        "cycle",
        "block",
        "rate group",
        "start / h",
        "charge whole",
        "discharge whole",
    ]
    for name, unit in zip(first.names, first.units, strict=True):
        label = f"{name} / {unit}" if unit != "1" else name
        head += [label, f"± {label}"]
    rows: TableRows = [head]
    for cell, result in cycling:
        table = result.cycles
        standard = np.sqrt(np.sum(table.effects**2, axis=-1))
        for i in range(table.count):
            row: list[str | float | None] = [
                cell,
                float(table.number[i]),
                BLOCKS[int(table.block[i])],
                float(table.rate_group[i]),
                _plain(float(table.start_hour[i])),
                _word(bool(table.charge_full[i])),
                _word(bool(table.discharge_full[i])),
            ]
            for k in range(len(table.names)):
                row += [_plain(float(table.values[k, i])), _plain(float(standard[k, i]))]
            rows.append(row)
    return rows


def _features(cycling: list[tuple[str, CyclingResult]]) -> TableRows:
    rows: TableRows = [
        ["cell", "cycle", "direction", "feature", "status", "position / V", "± position / V", "height / mAh/V",
         "± height / mAh/V", "charge under it / mAh"],
    ]  # fmt: skip
    for cell, result in cycling:
        table = result.features
        for i, name in enumerate(table.feature):
            numbers = (
                table.position_volt[i], table.position_standard_volt[i], table.height_mAh_V[i],
                table.height_standard_mAh_V[i], table.charge_mAh[i],
            )  # fmt: skip
            way = "charge" if table.direction[i] > 0 else "discharge"
            rows.append([cell, float(table.cycle[i]), way, name, _STATUS[int(table.status[i])], *map(_plain, numbers)])
    return rows


def _steps(cycling: list[tuple[str, CyclingResult]]) -> TableRows:
    from cathodelab.techniques.cycling.model import KINDS

    rows: TableRows = [
        [
            "cell",
            "step",
            "kind",
            "first row",
            "last row",
            "duration / s",
            "charge / mAh",
            "current / mA",
            "start / V",
            "end / V",
        ]
    ]
    for cell, result in cycling:
        one = result.steps
        rows += [
            [
                cell, float(i + 1), KINDS[int(one.kind[i])], float(one.first_row[i] + 1), float(one.end_row[i]),
                *(_plain(float(a[i])) for a in (one.seconds, one.charge_mAh, one.current_mA, one.start_volt, one.end_volt)),
            ]
            for i in range(one.count)
        ]  # fmt: skip
    return rows


def _scatter(report: BatchReport) -> TableRows:
    rows: TableRows = [
        ["metric", "rate", "unit", "procedure", "cells", "batches", "mean", "mean low", "mean high", "sd within", "sd within low",
         "sd within high", "sd between", "sd between low", "sd between high", "sd total", "variation within / %",
         "variation between / %", "variation total / %", "sd of all cells", "sd by weighing alone", "far out"],
    ]  # fmt: skip
    for one in report.scatter:
        parts = one.components
        variation = [100 * parts.variation(name).value for name in ("within", "between", "total")]
        numbers = [
            *_three(parts.mean), *_three(parts.sd_within), *_three(parts.sd_between), parts.sd_total.value, *variation,
            parts.sd_pooled, one.weighing_sd,
        ]  # fmt: skip
        row: list[str | float | None] = [one.metric, one.rate, one.unit, one.procedure]
        row += [float(parts.cells), float(parts.batches), *map(_plain, numbers), ", ".join(one.outliers)]
        rows.append(row)
    return rows


def _comparisons(report: BatchReport) -> TableRows:
    sizes = [size for size, _ in report.comparisons[0].batches_needed] if report.comparisons else []
    rows: TableRows = [
        ["metric", "rate", "first", "second", "difference", "low", "high", "probability", "ratio of scatter", "ratio low",
         "ratio high", *(f"batches of 3 cells to see {size:g}" for size in sizes)],
    ]  # fmt: skip
    for one in report.comparisons:
        found = one.difference
        row: list[str | float | None] = [one.metric, one.rate, one.first, one.second]
        row += [
            _plain(value) for value in (*_three(found.difference), found.probability, *_three(found.ratio_of_scatter))
        ]
        rows.append([*row, *(float(count) for _, count in one.batches_needed)])
    return rows


def _correlations(report: BatchReport) -> TableRows:
    rows: TableRows = [
        ["metric", "with", "rate", "cells", "r observed", "R2", "r from weighing only", "r corrected", "null band low",
         "null band high", "beyond the null band"],
    ]  # fmt: skip
    for name, rate, one in report.correlations:
        numbers = (
            float(one.cells), one.observed, one.determination, one.weighing_only, one.corrected, one.null_low, one.null_high,
        )  # fmt: skip
        rows.append([name, "static utilization", rate, *map(_plain, numbers), _word(one.beyond_null)])
    return rows


def _losses(report: BatchReport) -> TableRows:
    rows: TableRows = [
        ["cell", "rate", "C-rate / 1/h", "gross / mAh/g",
         *(label for cause in CAUSES for label in (f"{cause} / mAh/g", f"± {cause} / mAh/g")), "told apart by"],
    ]  # fmt: skip
    told = {one.cell.id: one.causes.checks[0].sentence for one in report.cells if one.causes is not None}
    keys = [cause.replace(" ", "_") for cause in CAUSES]
    for cell, shares in report.losses.items():
        for one in shares:
            numbers = [value for key in keys for value in (getattr(one, key), one.standard[key])]
            rows.append([cell, one.rate, _plain(one.c_rate), _plain(one.gross), *map(_plain, numbers), told[cell]])
    return rows


def _three(one: Interval) -> tuple[float, float, float]:
    return one.value, one.low, one.high


def _plain(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _word(passed: bool | None) -> str:  # noqa: FBT001 - the answer of a check
    return {True: "yes", False: "no", None: "cannot say"}[passed]
