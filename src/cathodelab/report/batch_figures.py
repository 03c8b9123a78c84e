"""Figures of the batches and of what the cells are worth."""

from __future__ import annotations

from cathodelab.analyses.batches.plot import batch_figures
from cathodelab.analyses.overview import batch_colours
from cathodelab.analyses.stack import development_series
from cathodelab.analyses.stack_plot import ragone_figure, stack_figure
from cathodelab.core.figure import FigureSpec
from cathodelab.study.batches import batches_of
from cathodelab.study.run import StudyResults


def batch_overview_figures(results: StudyResults) -> list[FigureSpec]:
    """Scatter, correlations and causes of loss; stack energies and Ragone where there are cycles."""
    colours = batch_colours([cell for cell in results.study.cells if cell.role == "cell"])
    specs: list[FigureSpec] = []
    report = batches_of(results)
    if report is not None:
        specs += batch_figures(report, colours)
    cycling = results.of("cycling")
    if cycling:
        ragone = ragone_figure(cycling, colours)
        specs += [ragone] if ragone is not None else []
        stacks = [result.stack for _, result in results.of("stack") if result.stack is not None]
        if stacks:
            specs.append(stack_figure(development_series(stacks[0])))
    return specs
