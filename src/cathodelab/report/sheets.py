"""What the workbook of a study holds: its sheets, with units in the headers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from cathodelab.analyses.overview import own_half_width
from cathodelab.core.estimate import Estimate
from cathodelab.core.figure import FigureSpec
from cathodelab.core.number_text import decimals
from cathodelab.report.book import Book, Field, Sheet
from cathodelab.report.content import settings_in_force
from cathodelab.study.batches import batch_tables
from cathodelab.study.run import StudyResults
from cathodelab.study.store import (
    TableRows,
    budget_table,
    check_table,
    covariance_table,
    pair_table,
    provenance_record,
    window_table,
)


def book_of(results: StudyResults, figures: Sequence[FigureSpec]) -> Book:
    """The whole workbook."""
    made = f"cathodelab, {results.created[:16].replace('T', ' ')} UTC"
    return Book(results.study.title, made, _sheets(results, figures), results.study.synthetic)


def _sheets(results: StudyResults, figures: Sequence[FigureSpec]) -> tuple[Sheet, ...]:
    """All sheets that hold something."""
    listed = (
        _overview(results),
        _estimates(results),
        _windows(results),
        _checks(results),
        _budget(results),
        _covariance(results),
        _pairs(results),
        *_batches(results),
        _faults(results),
        _cells(results),
        _figure_data(figures),
        _settings(results),
        _files(results),
        _versions(results),
    )
    return tuple(sheet for sheet in listed if sheet.rows)


def number_form(places: int) -> str:
    """Number format of the workbook with so many decimals."""
    return "0." + "0" * places if places else "0"


def _overview(results: StudyResults) -> Sheet:
    fields = (
        Field("cell"),
        Field("batch"),
        Field("utilization / %", "0.0"),
        Field("minus / %", "0.00"),
        Field("plus / %", "0.00"),
        Field("own part / %", "0.00"),
        Field("static loss / mAh/g", "0.0"),
        Field("kinetic loss / mAh/g", "0.00"),
        Field("delivered / mAh/g", "0.0"),
        Field("effective C-rate / 1/h", "0.000"),
        Field("failed checks"),
    )
    rows: TableRows = []
    for cell, result in results.of("utilization"):
        found = results.cell(cell.id)
        losses = found.outcomes.get("losses")
        loss: dict[str, Estimate] = {}
        if losses is not None and losses.status == "ok":
            loss = losses.result.estimates.as_mapping()
        theta = result.estimates.estimate("static_utilization")
        own = own_half_width(result.estimates, "static_utilization", cell.id)
        failed = ", ".join(check.name for check in result.checks if check.passed is False)
        names = ("static_loss", "kinetic_loss", "gross_specific_capacity", "effective_c_rate")
        rows.append(
            [
                cell.id,
                cell.batch,
                *(_finite(100 * value) for value in (theta.value, theta.minus, theta.plus, own)),
                *(_finite(loss[name].value) if name in loss else None for name in names),
                failed or "none",
            ]
        )
    about = "One row a cell. Capacities per mass of active material weighed in (without coating); minus, plus: 68 %."
    return Sheet("overview", about, fields, rows)


_BATCH_SHEETS = {
    "cycles": "One row a cycle. ±: standard uncertainty, common to all cycles of a cell.",
    "features": "Features of dQ/dV of every half cycle, against the counter electrode. ±: standard uncertainty.",
    "steps": "Steps of the record: kind, rows, duration, charge (+ = charge).",
    "scatter": "Scatter within and between batches; low, high: 95 % intervals.",
    "comparisons": "Mixing procedures compared over batch means; low, high: 95 % intervals.",
    "correlations": "Capacities and static utilization; the null band holds r in 95 % of studies without any true correlation.",
    "causes of loss": "Loss of every cell at every rate by cause, per mass of active material weighed in.",
    "batch checks": "What may be claimed of the batches.",
}


def _batches(results: StudyResults) -> list[Sheet]:
    """Cycles, features, steps and the statistics of batches: tables as they are stored."""
    return [
        Sheet(name, _BATCH_SHEETS[name], tuple(Field(str(head)) for head in rows[0]), rows[1:])
        for name, rows in batch_tables(results).items()
    ]


def _estimates(results: StudyResults) -> Sheet:
    fields = tuple(
        Field(title, form)
        for title, form in (
            ("cell", ""),
            ("batch", ""),
            ("method", ""),
            ("estimate", ""),
            ("value", ""),
            ("minus", ""),
            ("plus", ""),
            ("unit", ""),
            ("per", ""),
            ("level", "0.000"),
            ("how", ""),
        )
    )
    rows: TableRows = []
    forms = []
    for outcome in results.outcomes:
        if outcome.status != "ok":
            continue
        batch = results.study.cell(outcome.cell).batch
        for name, one in outcome.result.estimates.as_mapping().items():
            numbers = [_finite(value) for value in (one.value, one.minus, one.plus)]
            level = _finite(one.level)
            rows.append([outcome.cell, batch, outcome.method, name, *numbers, one.unit, one.per, level, one.how])
            forms.append(number_form(decimals(one.minus, one.plus)))
    about = "Every estimate: value, half-widths to both sides (both positive), unit, and what it is referred to."
    return Sheet("estimates", about, fields, rows, tuple(forms))


def _windows(results: StudyResults) -> Sheet:
    fields = (
        Field("cell"),
        Field("window"),
        Field("E1 vs. Li+/Li / V", "0.0000"),
        Field("E2 vs. Li+/Li / V", "0.0000"),
        Field("charge of the cell / mAh", "0.0000"),
        Field("charge of the reference / mAh/g", "0.00"),
        Field("utilization / 1", "0.0000"),
        Field("minus / 1", "0.0000"),
        Field("plus / 1", "0.0000"),
        Field("used"),
        Field("dropped because"),
    )
    return Sheet("windows", "Every window between relaxed potentials.", fields, window_table(results)[1:])


def _checks(results: StudyResults) -> Sheet:
    fields = (
        Field("cell"),
        Field("method"),
        Field("check"),
        Field("passed (empty: cannot tell)"),
        Field("value", "0.000"),
        Field("limit", "0.000"),
        Field("what was found", widest=110),
    )
    return Sheet(
        "checks", "Every check of every result; units stand in the sentence.", fields, check_table(results)[1:]
    )


def _budget(results: StudyResults) -> Sheet:
    fields = (
        Field("cell"),
        Field("source of error"),
        Field("minus / 1", "0.00000"),
        Field("plus / 1", "0.00000"),
        Field("share of the variance", "0.0%"),
        Field("what would help"),
    )
    about = "What the interval of each utilization is made of; minus and plus are effects on the utilization."
    return Sheet("budget", about, fields, budget_table(results)[1:])


def _covariance(results: StudyResults) -> Sheet:
    table = covariance_table(results)
    fields = tuple(Field(str(name), "0.00E+00") for name in table[0]) if table else ()
    about = "Covariance of the utilizations: cells that share a reference share its errors. Use it for means and differences."
    return Sheet("covariance", about, fields, table[1:])


_FORMS_OF_PAIRS = {"ohm_cm2": "0.00", "mAh_g": "0.0", "volt": "0.0000", "ratio": "0.000", "factor": "0.000"}


def _pairs(results: StudyResults) -> Sheet:
    table = pair_table(results)
    about = (
        "Cathode resistances of different cells by the same-state-of-charge rule: the ratio holds at the state of the cell in "
        "the `against` columns. Charges per active mass; standard: standard uncertainty."
    )
    fields = tuple(
        Field(name, next((form for part, form in _FORMS_OF_PAIRS.items() if part in name), ""), 110)
        for name in map(str, table[0] if table else ())
    )
    return Sheet("resistances compared", about, fields, table[1:])


def _faults(results: StudyResults) -> Sheet:
    fields = tuple(Field(name) for name in ("cell", "method", "status", "code", "what", "where", "why", "what to do"))
    rows: TableRows = [
        [one.cell, one.method, one.status, *(one.error.as_record().values() if one.error else ("", "", "", "", ""))]
        for one in results.outcomes
    ]
    return Sheet(
        "outcomes", "What came of every cell and method, with the reason where there is no result.", fields, rows
    )


def _cells(results: StudyResults) -> Sheet:
    known = dict.fromkeys(name for cell in results.study.cells for name in cell.details)
    rows: TableRows = [[_number_or_text(cell.details.get(name, "")) for name in known] for cell in results.study.cells]
    return Sheet("cells", "The table of cells as it was given.", tuple(Field(name) for name in known), rows)


def _figure_data(figures: Sequence[FigureSpec]) -> Sheet:
    titles = (
        "figure",
        "panel",
        "series",
        "name",
        "x axis",
        "x",
        "x minus",
        "x plus",
        "y axis",
        "y",
        "y minus",
        "y plus",
    )
    rows: TableRows = []
    for spec in figures:
        for number, panel in enumerate(spec.panels, 1):
            for series in panel.series:
                for i in range(series.x.size):
                    errors = [
                        None if side is None else _finite(float(side[i]))
                        for side in (series.x_minus, series.x_plus, series.y_minus, series.y_plus)
                    ]
                    name = panel.x.ticks[round(float(series.x[i]))] if panel.x.ticks else ""
                    x, y = _finite(float(series.x[i])), _finite(float(series.y[i]))
                    places = [panel.x.label or "position", x, *errors[:2], panel.y.label, y, *errors[2:]]
                    rows.append([spec.id, number, series.label, name, *places])
    about = "The numbers of the study's figures; filter by figure, panel and series. Those of cells stand in figures/ as csv."
    return Sheet("figure data", about, tuple(Field(title) for title in titles), rows)


def _settings(results: StudyResults) -> Sheet:
    fields = tuple(Field(name) for name in ("section", "setting", "value", "unit", "default or set", "meaning"))
    rows: TableRows = [
        [section, name, _number_or_text(value), unit, "default" if default else "set", meaning]
        for section, name, value, unit, default, meaning in settings_in_force(results)
    ]
    return Sheet("settings", "Every setting in force.", fields, rows)


def _files(results: StudyResults) -> Sheet:
    fields = tuple(Field(name, widest=70) for name in ("cell", "file", "SHA-256", "reader", "reader version"))
    rows: TableRows = [[cell, one.file, one.sha256, one.reader, one.reader_version] for cell, one in results.files]
    return Sheet("files", "The raw files with their hashes: the same hash, the same file.", fields, rows)


def _versions(results: StudyResults) -> Sheet:
    record: dict[str, Any] = provenance_record(results)
    rows: TableRows = [["study", results.study.title], ["created (UTC)", results.created]]
    rows += [["manifest", ", ".join(record["manifest"])], ["synthetic", "yes" if record["synthetic"] else "no"]]
    rows += [[name, version] for name, version in record["versions"].items()]
    score = results.study.completeness
    rows.append(["required entries given / %", round(score.required_percent, 1)])
    rows.append(["recommended entries given / %", round(score.recommended_percent, 1)])
    rows.append(["missing required entries", ", ".join(score.missing_required)])
    rows.append(["columns kept as they are", ", ".join(results.study.unknown_columns)])
    return Sheet("provenance", "When and with what these numbers were made.", (Field("entry"), Field("value")), rows)


def _number_or_text(text: str) -> str | float:
    """A number of the user's table as a number; every other text as it stands."""
    try:
        value = float(text)
    except ValueError:
        return text
    return value if math.isfinite(value) and text.strip() == text and not text.startswith(("+", "0x")) else text


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
