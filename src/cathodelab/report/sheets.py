"""What the workbook of a study holds: its sheets, with units in the headers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from cathodelab.core.arrays import FloatArray
from cathodelab.core.estimate import Estimate
from cathodelab.core.figure import FigureSpec, Panel, Series
from cathodelab.core.number_text import decimals, is_small
from cathodelab.core.result_table import CellEntry, Field, ResultTable, finite_or_none
from cathodelab.report.book import Book, Chart
from cathodelab.report.numbers import Column, columns_of, kinds_shown, samples_of
from cathodelab.report.overview import OVERVIEW
from cathodelab.report.provenance import settings_in_force
from cathodelab.study.results import SampleResults, StudyResults
from cathodelab.study.tables import SCIENTIFIC, number_form, tables

_LONGEST_NAME = 31
_NO_WIDTH = 1e-6
Rows = list[tuple[CellEntry, ...]]


def book_of(results: StudyResults, figures: Sequence[FigureSpec]) -> Book:
    """The whole workbook; ``figures`` are those of the study."""
    made = f"cathodelab, {results.created[:16].replace('T', ' ')} UTC"
    overviews = [(_overview(results, kind), columns_of(results, kind)) for kind in kinds_shown(results)]
    if overviews:
        overviews[0] = replace(overviews[0][0], name=OVERVIEW), overviews[0][1]
    listed = (
        *(sheet for sheet, _ in overviews),
        *tables(results).values(),
        *_samples(results),
        _doubts(results),
        _figure_data(figures),
        _settings(results),
        _files(results),
        _versions(results),
    )
    sheets = tuple(_named_apart(sheet for sheet in listed if sheet.rows))
    first = zip(sheets, overviews, strict=False)  # under the names that they have now
    charts = {sheet.name: _chart(columns[0], sheet) for sheet, (_, columns) in first if columns}
    return Book(results.study.title, made, sheets, results.study.synthetic, charts)


def _overview(results: StudyResults, kind: str) -> ResultTable:
    """One row a sample: its numbers with both half-widths, and failed checks."""
    samples, columns = samples_of(results, kind), columns_of(results, kind)
    fields = [Field(kind), Field("batch"), *(field for one in columns for field in _fields(one, samples))]
    rows = [
        (
            sample.sample.id,
            sample.sample.group,
            *(entry for one in columns for entry in _entries(one, sample, results)),
            ", ".join(sample.failed_checks) or "none",
        )
        for sample in samples
    ]
    several = results.study.kinds[kind].several
    about = f"Numbers of all {several}; minus, plus: half-widths of 68 %. What they refer to stands in the sheet “estimates”."
    return ResultTable(
        f"{OVERVIEW} of {several}", about, (*fields, Field("failed_checks", "failed checks")), tuple(rows)
    )


def _fields(column: Column, samples: Sequence[SampleResults]) -> list[Field]:
    shown, unit = column.shown, f" / {column.shown.unit}" if column.shown.unit else ""
    found = [one for sample in samples if (one := column.of(sample)) is not None]
    small = any(is_small(one.value, one.minus, one.plus) for one in found)
    form = SCIENTIFIC if small else number_form(_decimals(found))
    key = shown.estimate
    fields = [Field(key, f"{shown.title}{unit}", form)]
    fields += [Field(f"{key}_{side}", f"{side}{unit}", form) for side in ("minus", "plus")]
    if shown.own_part:
        fields.append(Field(f"{key}_own_part", f"own part{unit}", form))
    if column.stated:
        fields.append(Field(f"{key}_truth", f"truth (set){unit}", form))
    return fields


def _entries(column: Column, found: SampleResults, results: StudyResults) -> list[CellEntry]:
    one = column.of(found)
    numbers = [math.nan] * 3 if one is None else [one.value, one.minus, one.plus]
    if column.shown.own_part:
        numbers.append(column.own_part(found))
    if column.stated:
        numbers.append(column.truth(found, results.truth or {}))
    return [finite_or_none(number) for number in numbers]


def _decimals(found: Sequence[Estimate]) -> int:
    """As many as two digits of the smallest half-width need; widths that are hardly there do not count."""
    widths = [one for one in found if max(one.minus, one.plus) > _NO_WIDTH * abs(one.value)]
    return max((decimals(one.minus, one.plus) for one in widths), default=3)


def _chart(column: Column, sheet: ResultTable) -> Chart:
    shown = column.shown
    axis = f"{shown.title}{f' / {shown.unit}' if shown.unit else ''}"
    place = [field.key for field in sheet.fields].index(shown.estimate)
    return Chart(f"{shown.title}, standard uncertainty (68 %)", axis, place, place + 1, place + 2)


def _samples(results: StudyResults) -> list[ResultTable]:
    """The tables of samples as they were given."""
    made = []
    for table in dict.fromkeys(kind.table for kind in results.study.kinds.values()):
        kinds = {kind.id for kind in results.study.kinds.values() if kind.table == table}
        own = [one for one in results.study.samples if one.kind in kinds and one.entries]
        known = dict.fromkeys(name for one in own for name in one.entries)
        rows = tuple(tuple(_number_or_text(one.entries.get(name, "")) for name in known) for one in own)
        made.append(ResultTable(table, f"The table of {table} as it was given.", tuple(map(Field, known)), rows))
    return made


def _doubts(results: StudyResults) -> ResultTable:
    names = ("file", "row", "column", "entry", "usual", "why")
    rows = tuple((one.file, one.row, one.column, one.value, one.allowed, one.hint) for one in results.study.doubts)
    about = "Entries of the tables that look like mistakes; the study ran."
    return ResultTable("doubts", about, tuple(map(Field, names)), rows)


_FIGURE_DATA = (
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


def _figure_data(figures: Sequence[FigureSpec]) -> ResultTable:
    rows: Rows = []
    for spec in figures:
        for number, panel in enumerate(spec.panels, 1):
            for series in panel.series:
                rows += [(spec.id, number, *_point(panel, series, i)) for i in range(series.x.size)]
    about = "The numbers of the study's figures; filter by figure, panel and series. Those of samples stand in figures/ as csv."
    return ResultTable("figure data", about, tuple(map(Field, _FIGURE_DATA)), tuple(rows))


def _point(panel: Panel, series: Series, i: int) -> tuple[CellEntry, ...]:
    def at(values: FloatArray | None) -> float | None:
        return None if values is None else finite_or_none(float(values[i]))

    name = panel.x.ticks[round(float(series.x[i]))] if panel.x.ticks else ""
    along = (panel.x.label or "position", at(series.x), at(series.x_minus), at(series.x_plus))
    return (series.label, name, *along, panel.y.label, at(series.y), at(series.y_minus), at(series.y_plus))


def _settings(results: StudyResults) -> ResultTable:
    fields = tuple(map(Field, ("section", "setting", "value", "unit", "default or set", "meaning")))
    rows = tuple(
        (section, name, _number_or_text(value), unit, "default" if default else "set", meaning)
        for section, name, value, unit, default, meaning in settings_in_force(results)
    )
    return ResultTable("settings", "Every setting in force.", fields, rows)


def _files(results: StudyResults) -> ResultTable:
    names = ("kind", "sample", "file", "SHA-256", "reader", "reader version")
    rows = tuple((*name, one.file, one.sha256, one.reader, one.reader_version) for name, one in results.files)
    about = "The raw files with their hashes: the same hash, the same file."
    return ResultTable("files", about, tuple(Field(name, widest=70) for name in names), rows)


def _versions(results: StudyResults) -> ResultTable:
    study = results.study
    score = study.completeness
    rows: Rows = [
        ("study", study.title),
        ("created (UTC)", results.created),
        ("manifest", ", ".join(study.manifest_files)),
        ("synthetic", "yes" if study.synthetic else "no"),
        *results.versions.items(),
        ("required entries given / %", round(score.required_percent, 1)),
        ("recommended entries given / %", round(score.recommended_percent, 1)),
        ("missing required entries", ", ".join(score.missing_required)),
        ("columns kept as they are", ", ".join(study.unknown_columns)),
    ]
    about = "When and with what these numbers were made."
    return ResultTable("provenance", about, (Field("entry"), Field("value")), tuple(rows))


def _named_apart(sheets: Iterable[ResultTable]) -> Iterable[ResultTable]:
    """Names as Excel allows them: at most 31 characters, no sign that it forbids, no two alike, none that of the contents."""
    seen = {"contents", "history"}
    for sheet in sheets:
        plain = "".join("-" if one in "[]:*?/\\" else one for one in sheet.name).strip("'") or "sheet"
        name, number = plain[:_LONGEST_NAME], 1
        while name.lower() in seen:
            number += 1
            name = f"{plain[: _LONGEST_NAME - len(str(number)) - 1]} {number}"
        seen.add(name.lower())
        yield sheet if name == sheet.name else replace(sheet, name=name)


def _number_or_text(text: str) -> str | float:
    """A number of the user's table as a number; every other text as it stands."""
    try:
        value = float(text)
    except ValueError:
        return text
    return value if math.isfinite(value) and text.strip() == text and not text.startswith(("+", "0x")) else text
