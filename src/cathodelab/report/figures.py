"""Which figures a study has, and the files that hold them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote

from cathodelab.analyses.overview import batch_colours, loss_overview, record_figure, utilization_overview
from cathodelab.core.figure import FigureSpec
from cathodelab.figures.sizes import one_column
from cathodelab.report.batch_figures import batch_overview_figures
from cathodelab.study.run import StudyResults
from cathodelab.study.traces import cell_trace

INTERACTIVE = "interactive.html"


@dataclass(frozen=True)
class StudyFigures:
    """Figures of the whole study by id, those of each (cell, method), and the record of each cell."""

    overview: Mapping[str, FigureSpec]
    of_cells: Mapping[tuple[str, str], tuple[FigureSpec, ...]]
    records: Mapping[str, FigureSpec]

    @property
    def all(self) -> tuple[FigureSpec, ...]:
        """All of them: overviews first."""
        cells = dict.fromkeys([*(cell for cell, _ in self.of_cells), *self.records])
        return (*self.overview.values(), *(spec for cell in cells for spec in self.of_cell(cell)))

    def is_record(self, spec: FigureSpec) -> bool:
        """Whether it shows a file as it is: to look at, hardly to print; it is drawn in fewer formats."""
        return spec.id in {one.id for one in self.records.values()}

    def of_cell(self, name: str) -> tuple[FigureSpec, ...]:
        """The figures of one cell in the order of its page: what the methods draw, then its record."""
        drawn = [spec for (cell, _), specs in self.of_cells.items() if cell == name for spec in specs]
        return (*drawn, *([self.records[name]] if name in self.records else []))


def study_figures(results: StudyResults, truth: Mapping[str, float] | None = None) -> StudyFigures:
    """All figures of the study; those of a cell in the colour of its batch."""
    overview = []
    if utilizations := results.of("utilization"):
        colours = batch_colours(results.study.cells)
        overview.append(utilization_overview(utilizations, dict(truth) if truth else None, colours))
    if losses := results.of("losses"):
        overview.append(loss_overview(losses))
    overview += batch_overview_figures(results)
    return replace(figures_of_cells(results), overview={spec.id: spec for spec in overview})


def figures_of_cells(results: StudyResults) -> StudyFigures:
    """Those of single cells, of all cells that there are results of."""
    colours = batch_colours(results.study.cells)
    of_cells = {
        (cell.id, method.id): tuple(
            spec.with_colours_from(colours.get(cell.batch, 0)) for spec in method.figures(cell, result)
        )
        for method in results.methods
        for cell, result in results.of(method.id)
    }
    evaluated = {outcome.cell for outcome in results.outcomes}
    records = {}
    for cell in results.study.cells:
        known = (source for name, source in results.files if name == cell.id)
        trace = cell_trace(results.study, cell, known) if cell.id in evaluated else None
        if trace is not None:
            spec = record_figure(cell, trace.position, trace.potential_volt, trace.rows, over_time=trace.over_time)
            records[cell.id] = spec.with_colours_from(colours.get(cell.batch, 0))
    return StudyFigures({}, of_cells, records)


def figure_files(
    spec: FigureSpec, interactive: Iterable[str] = (), *, light: bool = False, paper: bool = False
) -> tuple[tuple[str, str], ...]:
    """(name shown, path relative to the report) of every file that holds a figure.

    For a ``paper`` there are more: pdf, and one column of a page where that is legible and no record (``light``).
    """
    name = quote(f"figures/{spec.id}")
    files = [("svg", f"{name}.svg")]
    if paper:
        files.append(("pdf", f"{name}.pdf"))
        narrow = None if light else one_column(spec)
        if narrow is not None and narrow is not spec:
            files += [(f"{kind}, one column", f"{name}-8.4cm.{kind}") for kind in ("svg", "pdf")]
    files.append(("csv", f"{name}.csv"))
    if spec.id in interactive:
        files.insert(0, ("look closer", f"{INTERACTIVE}#{quote(spec.id)}"))
    return tuple(files)
