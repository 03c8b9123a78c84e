"""All result tables of a study by name: csv files, sheets of the workbook, and entries of the JSON record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from cathodelab.core.estimate import EstimateSet, covariance
from cathodelab.core.method import AnyMethod, Outcome, Shown, StudyOutcome
from cathodelab.core.number_text import decimals, is_small
from cathodelab.core.result_table import CellEntry, Field, ResultTable, finite_or_none
from cathodelab.study.fence import NotShown, to_show
from cathodelab.study.results import StudyResults

_SAMPLE = (Field("kind"), Field("sample"))


def tables(results: StudyResults) -> dict[str, ResultTable]:
    """All tables that hold something, in the order of the workbook."""
    listed = (
        estimate_table(results),
        *_of_methods(results),
        check_table(results),
        budget_table(results),
        *covariance_tables(results),
        outcome_table(results),
    )
    return {one.name: one for one in _named_apart(one for one in listed if one.rows)}


def estimate_table(results: StudyResults) -> ResultTable:
    """One row an estimate."""
    fields = (
        *_SAMPLE,
        Field("group"),
        Field("method"),
        Field("estimate"),
        Field("value"),
        Field("minus"),
        Field("plus"),
        Field("unit"),
        Field("per"),
        Field("level", form="0.000"),
        Field("how"),
    )
    rows: list[tuple[CellEntry, ...]] = []
    forms = []
    for outcome in results.outcomes:
        if outcome.status != "ok":
            continue
        group = results.study.sample(outcome.kind, outcome.sample).group
        for name, one in outcome.result.estimates.as_mapping().items():
            numbers = [finite_or_none(value) for value in (one.value, one.minus, one.plus)]
            level = finite_or_none(one.level)
            head = (outcome.kind, outcome.sample, group, outcome.method, name)
            rows.append((*head, *numbers, one.unit, one.per, level, one.how))
            small = is_small(one.value, one.minus, one.plus)
            forms.append(SCIENTIFIC if small else number_form(decimals(one.minus, one.plus)))
    about = "Every estimate: value, half-widths to both sides (both positive), unit, and what it is referred to."
    return ResultTable("estimates", about, fields, tuple(rows), tuple(forms))


def check_table(results: StudyResults) -> ResultTable:
    """One row a check of every result, then those of the study methods."""
    fields = (
        *_SAMPLE,
        Field("method"),
        Field("name", "check"),
        Field("passed", "passed (empty: cannot tell)"),
        Field("value", form="0.000"),
        Field("limit", form="0.000"),
        Field("sentence", "what was found", widest=110),
        Field("weight"),
    )
    found = [
        (one.kind, one.sample, one.method, one.result.checks) for one in results.outcomes if one.status == "ok"
    ] + [("", "", one.method, one.result.checks) for one in results.studies if one.status == "ok"]
    rows = tuple(
        (
            *head,
            one.name,
            one.passed,
            finite_or_none(one.value),
            finite_or_none(one.limit),
            one.sentence,
            "fatal" if one.fatal else "caution",
        )
        for *head, checks in found
        for one in checks
    )
    return ResultTable(
        "checks",
        "Every check of every result; units stand in the sentence. Where a fatal one fails, the sample takes no part in means.",
        fields,
        rows,
        record="checks",
    )


def budget_table(results: StudyResults) -> ResultTable:
    """Error budgets of the numbers for overviews that show theirs."""
    fields = (
        *_SAMPLE,
        Field("estimate"),
        Field("source", "source of error"),
        Field("minus", form="0.00000"),
        Field("plus", form="0.00000"),
        Field("unit"),
        Field("share", "share of the variance", "0.0%"),
        Field("halving", "what would help"),
    )
    rows: list[tuple[CellEntry, ...]] = []
    for shown, kind, sample, estimates in _headline_numbers(results):
        name = shown.name_in(estimates)
        if shown.budget and name:
            unit = estimates.estimate(name).unit
            rows += [
                (kind, sample, name, line.group, line.minus, line.plus, unit, line.share, line.halving)
                for line in estimates.budget(name)
            ]
    about = "What the intervals are made of; minus and plus are effects on the estimate, in its unit."
    return ResultTable("budget", about, fields, tuple(rows))


def covariance_tables(results: StudyResults) -> tuple[ResultTable, ...]:
    """Covariance matrices of numbers that share sources of error over samples; the first has the plain name."""
    made: list[ResultTable] = []
    for _, shown, names, matrix in covariances(results):
        fields = (Field("sample"), *(Field(name, form="0.00E+00") for name in _apart(names)))
        rows: list[tuple[CellEntry, ...]] = [(name, *line) for name, line in zip(names, matrix, strict=True)]
        about = (
            f"Covariance of {shown.title or shown.estimate}: samples that share a reference share its errors. "
            "Use it for means and differences."
        )
        name = f"covariance {shown.estimate.replace('_', ' ')}" if made else "covariance"
        made.append(ResultTable(name, about, fields, tuple(rows)))
    return tuple(made)


def covariances(results: StudyResults) -> list[tuple[str, Shown, list[str], list[list[float]]]]:
    """(method, number, samples, matrix) of every number whose covariance is kept."""
    found = []
    for method, numbers in results.headlines.items():
        for shown in numbers:
            pairs = [(one, result) for one, result in results.of(method) if shown.estimate in result.estimates]
            if shown.covariance and pairs:
                matrix = covariance([result.estimates for _, result in pairs], shown.estimate)
                found.append((method, shown, [one.id for one, _ in pairs], matrix.tolist()))
    return found


def outcome_table(results: StudyResults) -> ResultTable:
    """What came of every sample and method, then of the study methods."""
    names = ("method", "status", "code", "what", "where", "why", "what to do")
    fields = (*_SAMPLE, *(Field(name) for name in names))
    rows: list[tuple[CellEntry, ...]] = []
    every: list[tuple[tuple[str, str], Outcome | StudyOutcome]] = [
        ((one.kind, one.sample), one) for one in results.outcomes
    ]
    every += [(("", ""), one) for one in results.studies]
    for head, one in every:
        error = () if one.error is None else tuple(one.error.as_record().values())
        rows.append((*head, one.method, one.status, *(error or ("",) * 5)))
    about = "What came of every sample and method, with the reason where there is no result."
    return ResultTable("outcomes", about, fields, tuple(rows))


SCIENTIFIC = "0.000E+00"
"""Number format of the workbook for what six decimals do not show."""


def number_form(places: int) -> str:
    """Number format of the workbook with so many decimals."""
    return "0." + "0" * places if places else "0"


def _of_methods(results: StudyResults) -> Iterable[ResultTable]:
    for method in results.methods:
        found = results.of(method.id)
        if found:
            yield from _fenced(method, results)
    for study_method in results.study_methods:
        result = results.study_result(study_method.id)
        if result is not None:
            yield from to_show(partial(_listed, study_method.tables, result), ("", "", study_method.id))


def _fenced(method: AnyMethod, results: StudyResults) -> list[ResultTable]:
    """Tables of a method over all its samples; where they fail, the fault is that of the sample that fails alone too."""
    found = results.of(method.id)
    try:
        return to_show(partial(_listed, method.tables, found), ("", "", method.id))
    except NotShown:
        for one in found:
            to_show(partial(_listed, method.tables, [one]), (one[0].kind, one[0].id, method.id))
        raise


def _listed(tables_of: Callable[[Any], Iterable[ResultTable]], found: Any) -> list[ResultTable]:  # noqa: ANN401
    return list(tables_of(found))


def _headline_numbers(results: StudyResults) -> Iterable[tuple[Shown, str, str, EstimateSet]]:
    for method, numbers in results.headlines.items():
        for shown in numbers:
            for sample, result in results.of(method):
                yield shown, sample.kind, sample.id, result.estimates


def _named_apart(listed: Iterable[ResultTable]) -> Iterable[ResultTable]:
    """No two tables of one name: a plug-in's that has the name of another gets a number."""
    seen: dict[str, int] = {}
    for one in listed:
        seen[one.name] = seen.get(one.name, 0) + 1
        yield one if seen[one.name] == 1 else replace(one, name=f"{one.name} {seen[one.name]}")


def _apart(names: Sequence[str]) -> list[str]:
    """Heads of columns: no two alike, and none that is the first column's."""
    seen = {"sample"}
    found = []
    for name in names:
        own, number = name, 1
        while own in seen:
            number += 1
            own = f"{name} {number}"
        seen.add(own)
        found.append(own)
    return found
