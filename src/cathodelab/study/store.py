"""Results as data: one JSON object, flat tables for csv and Excel."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from cathodelab.core.estimate import Estimate, covariance
from cathodelab.core.method import Outcome
from cathodelab.core.spreadsheets import harmless
from cathodelab.study.batches import batch_record, batch_tables
from cathodelab.study.pairs import pair_rows
from cathodelab.study.run import StudyResults
from cathodelab.techniques.utilization.model import UtilizationResult

SCHEMA_VERSION = 1
TableRows = list[list[str | float | None]]


def results_record(results: StudyResults) -> dict[str, Any]:
    """Everything as one JSON-ready object; ``nan`` is ``None``.

    ``cells.<id>.<method>.estimates.<name>`` hold value, half-widths, unit, level and what it refers to; ``covariance``
    holds the matrix of an estimate over all cells, because cells that share a reference share its errors.
    """
    cells: dict[str, Any] = {}
    for outcome in results.outcomes:
        if outcome.status == "ok":
            estimates = outcome.result.estimates.as_mapping()
            cells.setdefault(outcome.cell, {})[outcome.method] = {
                "estimates": {name: _estimate_record(estimate) for name, estimate in estimates.items()}
            }
    return {
        "schema_version": SCHEMA_VERSION,
        "study": results.study.title,
        "cells": cells,
        "checks": check_rows(results),
        "outcomes": [_outcome_record(outcome) for outcome in results.outcomes],
        "covariance": _covariances(results),
        "windows": window_rows(results),
        "resistances_compared": pair_rows(results),
        "batches": batch_record(results),
        "provenance": provenance_record(results),
    }


def provenance_record(results: StudyResults) -> dict[str, Any]:
    """Versions, files with hashes, and every setting in force."""
    study = results.study
    return {
        "created": results.created,
        "versions": results.versions,
        "synthetic": study.synthetic,
        "manifest": list(study.manifest_files),
        "files": [{"cell": cell, **asdict(source)} for cell, source in results.files],
        "settings": {
            "reference_electrode": asdict(study.reference_electrode),
            "c_rate": asdict(study.c_rate),
            "methods": study.plain_settings,
        },
        "completeness": asdict(study.completeness),
        "unknown_columns": list(study.unknown_columns),
    }


def estimate_table(results: StudyResults) -> TableRows:
    """One row an estimate."""
    rows: TableRows = [["cell", "batch", "method", "estimate", "value", "minus", "plus", "unit", "per", "level", "how"]]
    for outcome in results.outcomes:
        if outcome.status != "ok":
            continue
        batch = results.study.cell(outcome.cell).batch
        for name, one in outcome.result.estimates.as_mapping().items():
            numbers = [_plain(one.value), _plain(one.minus), _plain(one.plus)]
            rows.append(
                [outcome.cell, batch, outcome.method, name, *numbers, one.unit, one.per, _plain(one.level), one.how]
            )
    return rows


def window_rows(results: StudyResults) -> list[dict[str, Any]]:
    """One entry a window of every cell, with why it was dropped."""
    entries = []
    for cell, result in _utilizations(results):
        for window in result.windows:
            estimate = result.estimates.estimate(window.estimate_name)
            entries.append(
                {
                    "cell": cell,
                    "window": window.number,
                    "potential_1_volt_vs_lithium": window.potential_1_volt,
                    "potential_2_volt_vs_lithium": window.potential_2_volt,
                    "cell_charge_mAh": window.cell_charge_mAh,
                    "reference_charge_mAh_g": window.reference_charge_mAh_g,
                    "utilization": _plain(estimate.value),
                    "minus": _plain(estimate.minus),
                    "plus": _plain(estimate.plus),
                    "used": not window.dropped,
                    "dropped_because": window.dropped,
                }
            )
    return entries


def window_table(results: StudyResults) -> TableRows:
    """The windows as rows."""
    return _from_records(window_rows(results))


def pair_table(results: StudyResults) -> TableRows:
    """Cathode resistances compared, as rows."""
    return _from_records(pair_rows(results))


def check_rows(results: StudyResults) -> list[dict[str, Any]]:
    """One entry a check of every result."""
    return [
        {
            "cell": outcome.cell,
            "method": outcome.method,
            "name": check.name,
            "passed": check.passed,
            "value": _plain(check.value),
            "limit": _plain(check.limit),
            "sentence": check.sentence,
        }
        for outcome in results.outcomes
        if outcome.status == "ok"
        for check in outcome.result.checks
    ]


def check_table(results: StudyResults) -> TableRows:
    """The checks as rows."""
    return _from_records(check_rows(results))


def budget_table(results: StudyResults) -> TableRows:
    """Error budget of every cell's utilization."""
    rows: TableRows = [["cell", "source of error", "minus", "plus", "share of variance", "what would help"]]
    for cell, result in _utilizations(results):
        for line in result.estimates.budget("static_utilization"):
            rows.append([cell, line.group, line.minus, line.plus, line.share, line.halving])
    return rows


def outcome_table(results: StudyResults) -> TableRows:
    """The outcomes as rows."""
    rows: TableRows = [["cell", "method", "status", "code", "what", "where", "why", "what to do"]]
    for outcome in results.outcomes:
        error = outcome.error
        details = [] if error is None else [error.code, error.what, error.where, error.why, error.what_to_do]
        rows.append([outcome.cell, outcome.method, outcome.status, *details])
    return rows


def covariance_table(results: StudyResults) -> TableRows:
    """Covariance of the utilizations of all cells."""
    found = _covariance(results, "utilization", "static_utilization")
    if not found["cells"]:
        return []
    rows: TableRows = [["cell", *found["cells"]]]
    rows += [[cell, *line] for cell, line in zip(found["cells"], found["matrix"], strict=True)]
    return rows


def tables(results: StudyResults) -> dict[str, TableRows]:
    """All tables by name: sheets of the workbook, csv files."""
    named = {
        "estimates": estimate_table(results),
        "windows": window_table(results),
        "checks": check_table(results),
        "budget": budget_table(results),
        "covariance": covariance_table(results),
        "resistances compared": pair_table(results),
        **batch_tables(results),
        "outcomes": outcome_table(results),
    }
    return {name: rows for name, rows in named.items() if rows}


def as_csv(rows: TableRows) -> str:
    """Rows as csv text; no text in it is a formula to a spreadsheet program."""
    buffer = io.StringIO()
    safe = [[harmless(entry) if isinstance(entry, str) else entry for entry in row] for row in rows]
    csv.writer(buffer, lineterminator="\n").writerows(safe)
    return buffer.getvalue()


def _utilizations(results: StudyResults) -> list[tuple[str, UtilizationResult]]:
    return [(cell.id, result) for cell, result in results.of("utilization")]


_WITH_COVARIANCE = (("utilization", "static_utilization"), ("losses", "static_loss"), ("losses", "kinetic_loss"))


def _covariances(results: StudyResults) -> dict[str, Any]:
    found = {f"{method}.{name}": _covariance(results, method, name) for method, name in _WITH_COVARIANCE}
    return {name: one for name, one in found.items() if one["cells"]}


def _covariance(results: StudyResults, method: str, name: str) -> dict[str, Any]:
    pairs = results.of(method)
    matrix = covariance([result.estimates for _, result in pairs], name)
    return {"cells": [cell.id for cell, _ in pairs], "matrix": matrix.tolist()}


def _from_records(records: Sequence[dict[str, Any]]) -> TableRows:
    if not records:
        return []
    return [list(records[0]), *[list(record.values()) for record in records]]


def _estimate_record(one: Estimate) -> dict[str, Any]:
    return {
        "value": _plain(one.value),
        "minus": _plain(one.minus),
        "plus": _plain(one.plus),
        "unit": one.unit,
        "level": _plain(one.level),
        "per": one.per,
        "how": one.how,
    }


def _outcome_record(outcome: Outcome) -> dict[str, Any]:
    return {
        "cell": outcome.cell,
        "method": outcome.method,
        "status": outcome.status,
        "error": None if outcome.error is None else outcome.error.as_record(),
    }


def _plain(value: float) -> float | None:
    """A number for JSON; ``None`` for nan and infinities."""
    return float(value) if math.isfinite(value) else None
