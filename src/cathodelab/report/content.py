"""A study's results as the document that page and PDF show."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from cathodelab.analyses.overview import own_half_width
from cathodelab.core.document import (
    Block,
    Bullets,
    Document,
    Drawing,
    Entry,
    Grid,
    Head,
    Notice,
    Paragraph,
    Section,
    Subtitle,
    anchors,
    texts,
    with_contents,
)
from cathodelab.core.errors import CathodelabError
from cathodelab.core.estimate import Estimate
from cathodelab.core.figure import FigureSpec
from cathodelab.core.method import MethodCard
from cathodelab.core.number_text import percent, plain_number, quantity
from cathodelab.core.settings import knobs
from cathodelab.report.batch_pages import batch_sections
from cathodelab.report.cell_page import Draw, cell_page
from cathodelab.report.figures import StudyFigures, figure_files
from cathodelab.report.pairing import pairing_sections
from cathodelab.study.checklist import CHECKLIST
from cathodelab.study.run import CellResults, StudyResults
from cathodelab.study.store import provenance_record

SYNTHETIC = Notice(
    "Synthetic data.",
    "This study was generated, not measured. The truth that was set stands beside each estimate.",
    fault=False,
)


def document(
    results: StudyResults,
    figures: StudyFigures,
    truth: Mapping[str, float] | None = None,
    interactive: Iterable[str] = (),
    *,
    paper: bool = False,
) -> Document:
    """The whole report.

    Args:
        results: what came of a study.
        figures: its figures.
        truth: utilizations that a generated study states.
        interactive: figures shown on the interactive page too.
        paper: whether figures for a paper lie beside it too.
    """
    numbers: dict[str, int] = {}  # in the order in which the page shows them
    shown = set(interactive)

    def draw(spec: FigureSpec) -> Drawing:
        return Drawing(
            spec.id,
            numbers.setdefault(spec.id, len(numbers) + 1),
            spec.caption,
            figure_files(spec, shown, light=figures.is_record(spec), paper=paper),
        )

    study = results.study
    cells = [cell.id for cell in study.cells if cell.role == "cell"]
    references = len(study.cells) - len(cells)
    with_page = {
        cell: anchor
        for cell, anchor in anchors("cell-", cells).items()
        if cell in figures.records or any(one.status == "ok" for one in results.cell(cell).outcomes.values())
    }
    provenance = provenance_record(results)
    versions = provenance["versions"]
    sections = (
        _overview(results, figures, draw, truth, with_page),
        *batch_sections(results, figures, draw),
        *pairing_sections(results),
        _faults(results),
        *(cell_page(results, cell, anchor, figures, draw) for cell, anchor in with_page.items()),
        Section("methods", "Methods and limits", tuple(_methods(results))),
        Section("provenance", "Settings and provenance", tuple(_provenance(results, provenance))),
    )
    return with_contents(
        Document(
            title=study.title,
            subtitle=f"{_counted(len(cells), 'solid-state cell')}, {_counted(references, 'reference cell')}. "
            f"cathodelab {versions['cathodelab']}, {results.created[:16].replace('T', ' ')} UTC.",
            sections=sections,
            footer=f"Made with cathodelab {versions['cathodelab']}. The same numbers stand in report.xlsx, results.json and "
            "tables/; every figure lies in figures/ as svg with a csv of its numbers"
            f"{', as pdf and for one column of a page' if paper else ' (for a paper, as pdf and for one column, with --paper)'}.",
            banner=SYNTHETIC if study.synthetic else None,
        )
    )


def _overview(
    results: StudyResults,
    figures: StudyFigures,
    draw: Draw,
    truth: Mapping[str, float] | None,
    with_page: Mapping[str, str],
) -> Section:
    blocks: list[Block] = [Paragraph(_at_a_glance(results))]
    if "utilization-overview" in figures.overview:
        blocks.append(draw(figures.overview["utilization-overview"]))
    blocks += [_overview_grid(results, truth, with_page), Paragraph(_overview_note(results), soft=True)]
    if "loss-overview" in figures.overview:
        blocks.append(draw(figures.overview["loss-overview"]))
    blocks += [Subtitle("How complete is the record?"), Paragraph(_completeness(results))]
    return Section("overview", "Overview", tuple(blocks))


def _at_a_glance(results: StudyResults) -> str:
    """What happened, in two or three sentences."""
    cells = [cell for cell in results.study.cells if cell.role == "cell"]
    found = results.of("utilization")
    text = f"The static utilization was determined for {len(found)} of {_counted(len(cells), 'cell')}"
    if found:
        values = [100 * result.estimates.estimate("static_utilization").value for _, result in found]
        text += f": {min(values):.1f} to {max(values):.1f} %" if len(values) > 1 else f": {values[0]:.1f} %"
    failing = [cell.id for cell, _ in found if _failed_checks(results.cell(cell.id))]
    checked = f" A check failed in {_counted(len(failing), 'cell')}: {', '.join(failing)}." if failing else ""
    return f"{text}.{checked or (' No check failed.' if found else '')}"


def _overview_grid(results: StudyResults, truth: Mapping[str, float] | None, with_page: Mapping[str, str]) -> Grid:
    columns = [Head("Cell"), Head("Batch"), Head("Utilization θ", number=True), Head("own part", number=True)]
    if truth:
        columns.append(Head("truth (set)", number=True))
    columns += [
        Head("Static loss *", "mAh\u00a0g⁻¹", number=True),
        Head("Kinetic loss *", "mAh\u00a0g⁻¹", number=True),
        Head("Delivered *", "mAh\u00a0g⁻¹", number=True),
        Head("Eff. C-rate", "h⁻¹", number=True),
        Head("Checks", wide=True),
    ]
    cells = [cell for cell in results.study.cells if cell.role == "cell"]
    rows = tuple(_overview_row(results.cell(cell.id), truth, with_page.get(cell.id, "")) for cell in cells)
    return Grid("Utilization and losses of every cell", tuple(columns), rows)


def _overview_row(found: CellResults, truth: Mapping[str, float] | None, anchor: str) -> tuple[Entry, ...]:
    cell = found.cell
    head = (Entry(cell.id, target=anchor), Entry(cell.batch or "–"))
    utilization = found.outcomes.get("utilization")
    if utilization is None or utilization.error is not None:
        fault = utilization is not None and utilization.status == "failed"
        status = (
            Entry("✗\u00a0failed, see\u00a0there", "bad", "faults")
            if fault
            else Entry("– left\u00a0out, see\u00a0there", "soft", "faults")
        )
        return (*head, *texts(*["–"] * (6 + bool(truth))), status)
    estimates: dict[str, Estimate] = {}
    for outcome in found.outcomes.values():
        if outcome.status == "ok":
            estimates.update(outcome.result.estimates.as_mapping())
    own = own_half_width(utilization.result.estimates, "static_utilization", cell.id)
    rate = estimates.get("effective_c_rate")
    known = (truth or {}).get(cell.id)
    failed = _failed_checks(found)
    return (
        *head,
        Entry(percent(estimates.get("static_utilization"))),
        Entry(f"± {plain_number(100 * own, 1)}"),
        *([Entry("–" if known is None else f"{plain_number(100 * known, 1)} %")] if truth else []),
        *texts(*(quantity(estimates.get(name)) for name in ("static_loss", "kinetic_loss", "gross_specific_capacity"))),
        Entry(plain_number(rate.value if rate else None)),
        Entry("✗ " + ", ".join(failed), "bad") if failed else Entry("✓\u00a0none failed", "good"),
    )


def _failed_checks(found: CellResults) -> list[str]:
    return [
        check.name.replace("_", " ")
        for outcome in found.outcomes.values()
        if outcome.status == "ok"
        for check in outcome.result.checks
        if check.passed is False
    ]


def _overview_note(results: StudyResults) -> str:
    return (
        "* per mass of active material weighed in, without its coating. Intervals hold the truth with a probability of 68 % "
        "under the errors listed for each cell, if its checks pass. “Own part” is what remains when cells that share a "
        "reference are compared with each other: the reference's mass shifts all of them together. Losses are at each cell's "
        f"own cut-off. C-rates refer to {results.study.c_rate.basis_mAh_g:g} mAh per g of active material: all of it (nominal) "
        "or the connected part (effective)."
    )


def _completeness(results: StudyResults) -> str:
    score = results.study.completeness
    text = (
        f"Reporting checklist: {score.required_percent:.0f} % of the required and {score.recommended_percent:.0f} % of the "
        "recommended entries are given."
    )
    if score.missing_required:
        meanings = {one.name: one.meaning for one in CHECKLIST}
        missing = ", ".join(f"{meanings[name].partition(', e.g.')[0]} ({name})" for name in score.missing_required)
        text += f" Missing required, with the column of cells.csv: {missing}."
    if results.study.unknown_columns:
        text += f" Columns kept as they are: {', '.join(results.study.unknown_columns)}."
    return text


def _faults(results: StudyResults) -> Section:
    """What has no result and why; one entry where several methods of a cell met the same, or several cells skipped one."""
    blocks: list[Block] = []
    groups: dict[tuple[str, ...], list[tuple[str, CathodelabError]]] = {}
    for cell, methods, status, error in results.to_be_said:
        alone = cell if status == "failed" or error.code == "cell-excluded" else ""
        groups.setdefault((", ".join(methods), status, error.code, alone), []).append((cell, error))
    for (names, status, *_), group in groups.items():
        (cell, error), *others = group
        text = f"{error.what} [{error.where}]. {error.why} {error.what_to_do}"
        if others:
            text += f" The same holds for {', '.join(other for other, _ in others)}."
        blocks.append(Notice(f"{cell}, {names}: {status}.", text, fault=status == "failed"))
    return Section("faults", "Not evaluated", tuple(blocks or [Paragraph("Every cell was evaluated by every method.")]))


def _methods(results: StudyResults) -> list[Block]:
    used = [method.card for method in results.methods if results.of(method.id)] or [
        method.card for method in results.methods
    ]
    return [block for card in used for block in _card(card)]


def _card(card: MethodCard) -> list[Block]:
    return [
        Subtitle(card.title),
        Paragraph(card.sentence),
        Paragraph(card.formula, lead="Formula."),
        Paragraph("", lead="Assumptions."),
        Bullets(card.assumptions),
        Paragraph(card.valid_range, lead="Valid range."),
        Paragraph(card.cannot_see, lead="What it cannot see."),
        Paragraph(card.source, soft=True),
    ]


def _provenance(results: StudyResults, provenance: Mapping[str, Any]) -> list[Block]:
    settings = (
        Head("Section"),
        Head("Setting"),
        Head("Value"),  # numbers and texts, some of them long
        Head("Unit"),
        Head("Default?"),
        Head("Meaning", wide=True),
    )
    rows = tuple(
        (
            *texts(section, name, value, unit or "–"),
            Entry("default") if default else Entry("set", "strong"),
            Entry(meaning),
        )
        for section, name, value, unit, default, meaning in settings_in_force(results)
    )
    files = tuple(
        (
            Entry(one["cell"]),
            Entry(one["file"]),
            Entry(one["reader"] + (f" {one['reader_version']}" if len(one["reader_version"]) < 6 else "")),
            Entry(one["sha256"], "code"),
        )
        for one in provenance["files"]
    )
    columns = Head("Cell"), Head("File", wide=True), Head("Reader"), Head("SHA-256", wide=True)
    return [
        Subtitle("Settings in force"),
        Grid("Settings", settings, rows),
        Subtitle("Files"),
        Grid("Files", columns, files),
        Paragraph(", ".join(f"{name} {number}" for name, number in provenance["versions"].items()) + ".", soft=True),
    ]


SettingInForce = tuple[str, str, str, str, bool, str]


def settings_in_force(results: StudyResults) -> list[SettingInForce]:
    """Every setting in force: section, name, value, unit, whether it is the default, meaning."""
    study = results.study
    groups: list[tuple[str, Any]] = [("reference_electrode", study.reference_electrode), ("c_rate", study.c_rate)]
    groups += [(f"methods.{name}", settings) for name, settings in study.settings.items()]
    return [
        (
            section,
            name,
            _shown(getattr(settings, name)),
            about.unit,
            getattr(settings, name) == default,
            about.meaning.replace("`", ""),
        )
        for section, settings in groups
        for name, (default, about) in knobs(type(settings)).items()
    ]


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "(automatic)"
    if isinstance(value, float):
        return "nan" if math.isnan(value) else f"{value:g}"
    return str(value)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
