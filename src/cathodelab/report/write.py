"""Results to the study's folder: report, workbook, JSON, figures; each file whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cathodelab.figures.pictures import Order
from cathodelab.report.content import document
from cathodelab.report.drawings import Drawings, NotDrawn, Pictures
from cathodelab.report.excel import workbook
from cathodelab.report.figures import INTERACTIVE, StudyFigures, figures_of_samples, narrow_one, study_figures
from cathodelab.report.html import inline_svg, report_page
from cathodelab.report.interactive import FIGURES, interactive_page, record_of
from cathodelab.report.pdf import report_pdf, require_typst
from cathodelab.report.results_folder import RECORD, REPORT, write_all
from cathodelab.report.sheets import book_of
from cathodelab.study.cache import RESULTS
from cathodelab.study.fence import NotShown, Place, to_show
from cathodelab.study.results import StudyResults
from cathodelab.study.run import Progress
from cathodelab.study.store import as_csv, results_record
from cathodelab.study.tables import tables

_KINDS, _NARROW = ("svg", "csv", "json"), ("svg", "pdf")
_ONE_COLUMN = "-8.4cm"
_WORKBOOK, _PDF = ("", "", "report.xlsx"), ("", "", "report.pdf")


@dataclass(frozen=True)
class _How:
    """What is written beside the page."""

    pdf: bool
    paper: bool


def write_results(
    results: StudyResults,
    progress: Progress | None = None,
    drawings: Drawings | None = None,
    *,
    pdf: bool = False,
    paper: bool = False,
) -> Path:
    """Write everything to ``STUDY/results``; returns the report's path. See :func:`written_results`."""
    written_results(results, progress, drawings, pdf=pdf, paper=paper)
    return results.study.folder / RESULTS / REPORT


def written_results(
    results: StudyResults,
    progress: Progress | None = None,
    drawings: Drawings | None = None,
    *,
    pdf: bool = False,
    paper: bool = False,
) -> StudyResults:
    """Write everything to ``STUDY/results``; returns the results as they are shown.

    What fails in a figure, a table or a part of the page becomes the outcome of its sample and method, and all else is shown
    without it; a workbook or PDF that fails is missing, and that is said as well.

    Figures that an earlier run left and this one does not make are removed (only files that a run wrote), and so is an
    earlier PDF, which would show other numbers; all else in the folder stays.

    Args:
        results: what to write.
        progress: wraps the figures that are drawn.
        drawings: where they are drawn, and perhaps ordered already (:func:`drawn_at_once`); in this process without.
        pdf: whether to write ``report.pdf`` too.
        paper: whether to draw figures for a paper too: each as PDF, and for one column of a page.

    Raises:
        CathodelabError: a file cannot be written, or the PDF's library is missing.
    """
    if pdf:
        require_typst()
    drawings = drawings or Drawings(results.study.folder)
    how, failed = _How(pdf, paper), set[Place]()
    while True:
        try:
            written = _everything(results, progress, drawings, how, failed)
        except NotShown as fault:
            if fault.place in failed:
                raise fault.error from fault
            failed.add(fault.place)
            results = results.without(fault)
        else:
            write_all(results.study.folder / RESULTS, written)
            return results


def _everything(
    results: StudyResults, progress: Progress | None, drawings: Drawings, how: _How, failed: Collection[Place]
) -> dict[str, bytes]:
    """All files by name; ``failed``: what could not be made at an earlier try.

    Raises:
        NotShown: something cannot be made.
    """
    figures = study_figures(results)
    interactive = [spec.id for spec in figures.all]
    # drawing starts here, in other processes where there are some; the texts and the workbook are written meanwhile
    ordered = [(name, order, drawings.order(order)) for name, order in _wanted(figures, paper=how.paper).items()]
    report = document(results, figures, interactive, paper=how.paper)
    written = {f"tables/{name}.csv": as_csv(table).encode() for name, table in tables(results).items()}
    record = results_record(results)
    specs = {spec.id: spec for spec in figures.all}
    numbers = {one.id: one.number for one in report.drawings}
    page, closer = report_page(report, numbers), interactive_page(report, [specs[name] for name in numbers])
    if _WORKBOOK not in failed:
        written[_WORKBOOK[2]] = to_show(lambda: workbook(book_of(results, figures.study)), _WORKBOOK)
    svgs, data = {}, {}
    for name, pictures in _drawn(drawings, ordered, progress, figures):
        written |= {f"figures/{name}.{kind}": picture for kind, picture in pictures.items() if kind != "json"}
        if name in numbers:
            svgs[name] = inline_svg(f"f{numbers[name]}", pictures["svg"])
            data[name] = pictures["json"].decode()
    if numbers:
        written[INTERACTIVE] = closer.filled({FIGURES: record_of([data[name] for name in numbers])}).encode()
    if how.pdf and _PDF not in failed:
        svg = {name: written[f"figures/{name}.svg"] for name in numbers}
        written[_PDF[2]] = to_show(lambda: report_pdf(report, svg, specs), _PDF)
    written[REPORT] = page.filled(svgs).encode()
    record["written"] = sorted([*written, RECORD])
    written[RECORD] = _by_lines(record).encode()
    return written


def _drawn(
    drawings: Drawings, ordered: Sequence[tuple[str, Order, str]], progress: Progress | None, figures: StudyFigures
) -> Iterator[tuple[str, Pictures]]:
    try:
        yield from drawings.as_they_come(ordered, progress)
    except NotDrawn as fault:
        raise NotShown(figures.place_of(fault.name.removesuffix(_ONE_COLUMN)), fault.error) from fault


def drawn_at_once(drawings: Drawings, *, paper: bool) -> Callable[[StudyResults], None]:
    """Callback that queues the figures of a sample as soon as it is evaluated."""

    def order(results: StudyResults) -> None:
        with suppress(NotShown):  # said when all is written
            for wanted in _wanted(figures_of_samples(results), paper=paper).values():
                drawings.order(wanted)

    return order


def _by_lines(record: dict[str, Any]) -> str:
    """As JSON, each entry on a line of its own: indented throughout it would take ten times as long."""

    def text(value: object) -> str:
        return json.dumps(value, allow_nan=False, ensure_ascii=False)

    def lines(value: object) -> str:
        if isinstance(value, dict):
            return ",\n  ".join(f"{text(name)}: {text(inner)}" for name, inner in value.items()).join(("{\n  ", "\n }"))
        if isinstance(value, list):
            return ",\n  ".join(map(text, value)).join(("[\n  ", "\n ]"))
        return text(value)

    return ",\n ".join(f"{text(name)}: {lines(value)}" for name, value in record.items()).join(("{\n ", "\n}\n"))


def _wanted(figures: StudyFigures, *, paper: bool) -> dict[str, Order]:
    """By name of the files: every figure for two columns of a page; for a paper also for one where it is legible there."""
    wanted: dict[str, Order] = {}
    for spec in figures.all:
        wanted[spec.id] = Order(spec, (*_KINDS, "pdf") if paper else _KINDS)
        narrow = narrow_one(spec) if paper else None
        if narrow is not None:
            wanted[f"{spec.id}{_ONE_COLUMN}"] = Order(narrow, _NARROW)
    return wanted
