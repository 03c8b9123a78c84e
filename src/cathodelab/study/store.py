"""Results as data: one JSON object, and flat tables as csv."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict
from typing import Any

from cathodelab.core.estimate import Estimate
from cathodelab.core.method import Outcome, StudyOutcome
from cathodelab.core.result_table import ResultTable, finite_or_none
from cathodelab.core.spreadsheets import harmless
from cathodelab.study.results import StudyResults
from cathodelab.study.settings import settings_of
from cathodelab.study.tables import check_table, covariances, tables

SCHEMA_VERSION = 2


def results_record(results: StudyResults) -> dict[str, Any]:
    """Everything as one JSON-ready object; ``nan`` is ``None``.

    ``samples.<kind>.<id>.<method>.estimates.<name>`` hold value, half-widths, unit, level and what it refers to (``cells`` is the
    same of cells, as in schema 1, for two releases); ``covariance`` holds the matrix of an estimate over all samples, because
    samples that share a reference share its errors.
    """
    samples: dict[str, Any] = {}
    for outcome in results.outcomes:
        if outcome.status == "ok":
            estimates = outcome.result.estimates.as_mapping()
            samples.setdefault(outcome.kind, {}).setdefault(outcome.sample, {})[outcome.method] = {
                "estimates": {name: _estimate_record(estimate) for name, estimate in estimates.items()}
            }
    named = tables(results)
    return {
        "schema_version": SCHEMA_VERSION,
        "study": results.study.title,
        "samples": samples,
        "cells": samples.get("cell", {}),
        "headlines": _headlines(results),
        "checks": [{"cell": one["sample"], **one} for one in check_table(results).records],
        "outcomes": [_outcome_record(outcome) for outcome in results.outcomes],
        "study_outcomes": [_outcome_record(outcome) for outcome in results.studies],
        "covariance": {
            f"{method}.{shown.estimate}": {"samples": names, "cells": names, "matrix": matrix}
            for method, shown, names, matrix in covariances(results)
        },
        **_placed(named),
        "doubts": [asdict(one) for one in results.study.doubts],
        "provenance": provenance_record(results),
    }


def _headlines(results: StudyResults) -> dict[str, Any]:
    """What overviews show: kind -> sample -> title -> value in the unit shown, with failed checks by the one rule."""
    found: dict[str, Any] = {}
    for method, numbers in results.headlines.items():
        for sample, result in results.of(method):
            own = found.setdefault(sample.kind, {}).setdefault(
                sample.id, {"failed_checks": results.sample(sample.kind, sample.id).failed_checks, "numbers": []}
            )
            for shown in numbers:
                one = shown.of(result.estimates)
                if one is not None:
                    numbers_shown = {
                        "title": shown.title,
                        "method": method,
                        "estimate": shown.name_in(result.estimates),
                    }
                    own["numbers"].append(numbers_shown | _estimate_record(one))
    return found


def _placed(named: dict[str, ResultTable]) -> dict[str, Any]:
    """Tables of methods at the places that they declare."""
    placed: dict[str, Any] = {}
    for table in named.values():
        group, _, entry = table.record.partition("/")
        if table.record and group != "checks":
            if entry:
                placed.setdefault(group, {})[entry] = table.records
            else:
                placed[group] = table.records
    return placed


def provenance_record(results: StudyResults) -> dict[str, Any]:
    """Versions, files with hashes, and every setting in force."""
    study = results.study
    settings = settings_of((*results.methods, *results.study_methods), study.settings)
    return {
        "created": results.created,
        "versions": results.versions,
        "synthetic": study.synthetic,
        "manifest": list(study.manifest_files),
        "files": [
            {"kind": kind, "sample": name, "cell": name, **asdict(source)} for (kind, name), source in results.files
        ],
        "settings": {
            "reference_electrode": asdict(study.reference_electrode),
            "c_rate": asdict(study.c_rate),
            "methods": {name: asdict(one) for name, one in settings.items()},
        },
        "completeness": asdict(study.completeness),
        "unknown_columns": list(study.unknown_columns),
        "samples_without_data": [[one.kind, one.id] for one in study.nameless],
    }


def as_csv(table: ResultTable) -> str:
    """A table as csv text; no text in it is a formula to a spreadsheet program."""
    buffer = io.StringIO()
    safe = [[harmless(entry) if isinstance(entry, str) else entry for entry in row] for row in table.lines]
    csv.writer(buffer, lineterminator="\n").writerows(safe)
    return buffer.getvalue()


def _estimate_record(one: Estimate) -> dict[str, Any]:
    return {
        "value": finite_or_none(one.value),
        "minus": finite_or_none(one.minus),
        "plus": finite_or_none(one.plus),
        "unit": one.unit,
        "level": finite_or_none(one.level),
        "per": one.per,
        "how": one.how,
    }


def _outcome_record(outcome: Outcome | StudyOutcome) -> dict[str, Any]:
    error = None if outcome.error is None else outcome.error.as_record()
    own = {"method": outcome.method, "status": outcome.status, "error": error}
    if isinstance(outcome, Outcome):
        return {"kind": outcome.kind, "sample": outcome.sample, "cell": outcome.sample, **own}
    return own


__all__ = ["as_csv", "provenance_record", "results_record", "tables"]
