"""What the cells of a study would be worth: the Ragone plot of their cathodes, and a development series of one stack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cathodelab.analyses.stack import Stack, development_series
from cathodelab.analyses.stack_plot import RagoneLine, ragone_figure, ragone_line, stack_figure
from cathodelab.core.checks import Check
from cathodelab.core.document import Block, Drawing, Paragraph
from cathodelab.core.errors import OtherData
from cathodelab.core.figure import FigureSpec
from cathodelab.core.method import Findings, StudyMethod
from cathodelab.core.samples import group_colours


@dataclass(frozen=True)
class WorthSettings:
    """Nothing to set."""


@dataclass(frozen=True, eq=False)
class WorthResult:
    """Lines of all cells, and the development series from the first cell whose stack has masses (else empty)."""

    lines: tuple[RagoneLine, ...]
    series: tuple[Stack, ...]
    checks: tuple[Check, ...] = ()


def worth(findings: Findings, settings: WorthSettings) -> WorthResult:
    """Energies of cathodes and of a stack.

    Raises:
        OtherData: no cell was cycled, or none states its masses.
    """
    del settings
    colours = group_colours(findings.samples)
    lines = tuple(ragone_line(cell, result, colours.get(cell.group, 0)) for cell, result in findings.results("cycling"))
    stacks = [result.stack for _, result in findings.results("stack") if result.stack is not None]
    if not stacks and not any(one.points.size for one in lines):
        raise OtherData(
            "no-masses",
            "No cell has an energy per mass",
            where="the whole study",
            why="It needs cycles and the mass of the composite or of the whole stack.",
            what_to_do="State composite_mass_mg, separator_mass_mg and the anode's mass or foils, if energies are wanted.",
        )
    return WorthResult(lines, development_series(stacks[0]) if stacks else ())


def figures(result: WorthResult) -> tuple[FigureSpec, ...]:
    """Ragone, then the series."""
    ragone = ragone_figure(result.lines)
    found = [ragone] if ragone is not None else []
    return (*found, *([stack_figure(result.series)] if result.series else []))


def page(result: WorthResult, drawings: Mapping[str, Drawing]) -> tuple[Block, ...]:
    """What the energies are of, and the figures."""
    text = (
        "Energies are those of the discharge; masses are of the stack without current collectors and casing, or of the cathode "
        "composite alone."
    )
    if result.series:
        text += " The series behind the first bar is a thought experiment, not a measurement."
    return (Paragraph(text, soft=True), *drawings.values())


METHOD = StudyMethod(
    id="worth",
    requires=("cycling", "stack"),
    settings=WorthSettings,
    result=WorthResult,
    run=worth,
    title="What the cells would be worth",
    figures=figures,
    page=page,
)
