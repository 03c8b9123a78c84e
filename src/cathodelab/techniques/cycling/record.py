"""The record of a cell as its files hold it: what one looks at when a number seems odd."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cathodelab.core.checks import Check
from cathodelab.core.document import Drawing, Subtitle
from cathodelab.core.estimate import NO_ESTIMATES, EstimateSet
from cathodelab.core.figure import Axis, FigureSpec, Panel, Series
from cathodelab.core.method import Method, MethodCard
from cathodelab.core.pages import Page
from cathodelab.core.samples import Cell
from cathodelab.techniques.cycling.measurement import Trace


@dataclass(frozen=True)
class RecordSettings:
    """A record is shown as it is."""


@dataclass(frozen=True, eq=False)
class RecordResult:
    """The trace alone: no estimate, no check."""

    trace: Trace
    estimates: EstimateSet = NO_ESTIMATES
    checks: tuple[Check, ...] = ()


def record_of(cell: Cell, trace: Trace, settings: RecordSettings) -> RecordResult:
    """The trace of a cell, to be drawn."""
    del cell, settings
    return RecordResult(trace)


def figures(cell: Cell, result: RecordResult) -> tuple[FigureSpec, ...]:
    """Potential over time, h, or over charge, mAh, perhaps thinned."""
    trace = result.trace
    shown = f"{trace.position.size} of {trace.rows} rows, every extreme kept"
    if trace.rows == trace.position.size:
        shown = f"all {trace.rows} rows"
    caption = (
        f"{cell.id}: the record as its files hold it, potential of the cell against its counter electrode "
        f"({cell.counter_electrode}); {shown}. n = 1 cell."
    )
    x = Axis("test time", "h") if trace.over_time else Axis("Q", "mAh")
    series = Series("line", trace.position, trace.potential_volt, colour=0)
    panel = Panel(x, Axis("E", "V", against=cell.counter_electrode), (series,))
    return (FigureSpec(f"{cell.id}-record", caption, (panel,), height_cm=5.0, record=True),)


def page(cell: Cell, result: RecordResult, drawings: Sequence[Drawing]) -> Page:
    """Title and figure."""
    del cell, result
    return Page(rest=(Subtitle("Record"), *drawings))


CARD = MethodCard(
    title="Record",
    sentence="The record of every cell as its files hold it, potential against its own counter electrode.",
    formula="none: nothing is evaluated",
    source="The files themselves.",
    assumptions=("Files of one cell follow each other in the order in which they are named.",),
    valid_range="Any record of potential over time or over charge; long ones are thinned, and every extreme is kept.",
    cannot_see="Whether a file belongs to the cell.",
)

METHOD = Method(
    id="record",
    requires=("cell", "trace"),
    settings=RecordSettings,
    result=RecordResult,
    run=record_of,
    figures=figures,
    page=page,
    card=CARD,
)
