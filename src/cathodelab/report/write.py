"""Results to the study's folder: report, workbook, JSON, figures; each file whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cathodelab.core.errors import CathodelabError
from cathodelab.figures.pictures import Order
from cathodelab.report.content import document
from cathodelab.report.drawings import Drawings
from cathodelab.report.excel import workbook
from cathodelab.report.figures import INTERACTIVE, StudyFigures, figures_of_samples, narrow_one, study_figures
from cathodelab.report.html import inline_svg, report_page
from cathodelab.report.interactive import FIGURES, interactive_page, record_of
from cathodelab.report.sheets import book_of
from cathodelab.study.cache import RESULTS, write_atomically
from cathodelab.study.results import StudyResults
from cathodelab.study.run import Progress
from cathodelab.study.store import as_csv, results_record
from cathodelab.study.tables import tables

_KINDS, _NARROW = ("svg", "csv", "json"), ("svg", "pdf")


def write_results(
    results: StudyResults,
    progress: Progress | None = None,
    drawings: Drawings | None = None,
    *,
    pdf: bool = False,
    paper: bool = False,
) -> Path:
    """Write everything to ``STUDY/results``; returns the report's path.

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
    folder = results.study.folder / RESULTS
    figures = study_figures(results)
    interactive = [spec.id for spec in figures.all]
    # drawing starts here, in other processes where there are some; the texts and the workbook are written meanwhile
    drawings = drawings or Drawings(results.study.folder)
    ordered = [(name, order, drawings.order(order)) for name, order in _wanted(figures, paper=paper).items()]
    report = document(results, figures, interactive, paper=paper)
    written = {f"tables/{name}.csv": as_csv(table).encode() for name, table in tables(results).items()}
    record = results_record(results)
    specs = {spec.id: spec for spec in figures.all}
    shown = {one.id: one.number for one in report.drawings}
    page, closer = report_page(report, shown), interactive_page(report, [specs[name] for name in shown])
    written["report.xlsx"] = workbook(book_of(results, figures.study))
    svgs, data = {}, {}
    for name, pictures in drawings.as_they_come(ordered, progress):
        written |= {f"figures/{name}.{kind}": picture for kind, picture in pictures.items() if kind != "json"}
        if name in shown:
            svgs[name] = inline_svg(f"f{shown[name]}", pictures["svg"])
            data[name] = pictures["json"].decode()
    if shown:
        written[INTERACTIVE] = closer.filled({FIGURES: record_of([data[name] for name in shown])}).encode()
    if pdf:
        from cathodelab.report.pdf import report_pdf

        written["report.pdf"] = report_pdf(report, {name: written[f"figures/{name}.svg"] for name in shown}, specs)
    written["report.html"] = page.filled(svgs).encode()
    record["written"] = sorted([*written, "results.json"])
    written["results.json"] = _by_lines(record).encode()
    _write_all(folder, written)
    return folder / "report.html"


def drawn_at_once(drawings: Drawings, *, paper: bool) -> Callable[[StudyResults], None]:
    """Orders the figures of a sample as soon as it is evaluated: those who draw need not wait for the rest of the study."""

    def order(results: StudyResults) -> None:
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


def _write_all(folder: Path, written: dict[str, bytes]) -> None:
    before = _written_before(folder)
    for name, content in written.items():
        try:
            if not _is_there(folder / name, content):
                write_atomically(folder / name, content)
        except OSError as error:
            raise CathodelabError(
                "cannot-write",
                f"{name} cannot be written",
                where=str(folder),
                why=f"The system says: {error.strerror}.",
                what_to_do="Remove or rename that file: the results are a folder of this name."
                if folder.is_file()
                else "Close the file in other programs (Excel keeps it open) and check the folder's rights.",
            ) from error
    for name in before - set(written):
        (folder / name).unlink(missing_ok=True)


def _is_there(path: Path, content: bytes) -> bool:
    """Whether an earlier run left just this: most figures, and to look costs less than to write."""
    return path.is_file() and path.stat().st_size == len(content) and path.read_bytes() == content


def _wanted(figures: StudyFigures, *, paper: bool) -> dict[str, Order]:
    """By name of the files: every figure for two columns of a page; for a paper also for one where it is legible there."""
    wanted: dict[str, Order] = {}
    for spec in figures.all:
        wanted[spec.id] = Order(spec, (*_KINDS, "pdf") if paper else _KINDS)
        narrow = narrow_one(spec) if paper else None
        if narrow is not None:
            wanted[f"{spec.id}-8.4cm"] = Order(narrow, _NARROW)
    return wanted


_OURS = ("figures/", "tables/", INTERACTIVE, "report.pdf")


def _written_before(folder: Path) -> set[str]:
    """What the run before wrote, by its own list, and a run need not write."""
    try:
        names = json.loads((folder / "results.json").read_text(encoding="utf-8")).get("written", [])
    except (OSError, ValueError):
        return set()
    return {str(name) for name in names if str(name).startswith(_OURS) and ".." not in str(name)}
