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
from cathodelab.core.result_table import CellEntry, Field, ResultTable
from cathodelab.core.samples import group_colours

_HEADS = (
    "cell", "step", "specific energy / Wh/kg", "anode / mg", "separator / mg", "composite / mg", "charge / mAh",
    "mean potential of the cathode / V", "potential of the anode / V",
)  # fmt: skip


@dataclass(frozen=True)
class WorthSettings:
    """Nothing to set."""


@dataclass(frozen=True, eq=False)
class WorthResult:
    """Lines of all cells, and the development series of every cell whose stack has masses and an area."""

    lines: tuple[RagoneLine, ...]
    series: tuple[tuple[Stack, ...], ...]
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
    return WorthResult(lines, tuple(development_series(one) for one in stacks if one.area_cm2 > 0))


def figures(result: WorthResult) -> tuple[FigureSpec, ...]:
    """Ragone, then the series."""
    ragone = ragone_figure(result.lines)
    found = [ragone] if ragone is not None else []
    return (*found, *([stack_figure(result.series[0])] if result.series else []))


def tables(result: WorthResult) -> tuple[ResultTable, ...]:
    """One row a cell and step of the series."""
    rows: list[tuple[CellEntry, ...]] = [
        (
            series[0].name,
            "as measured" if one is series[0] else one.name,
            one.specific_energy_Wh_kg,
            *(one.anode_mg, one.separator_mg, one.composite_mg, one.charge_mAh, one.cathode_volt, one.anode_volt),
        )
        for series in result.series
        for one in series
    ]
    if not rows:
        return ()
    about = (
        "Specific energy of anode, separator and composite of every cell with masses, and what thinner layers on its own area "
        "would make of it: a thought experiment behind the first row of each cell. Potentials against Li+/Li."
    )
    return (ResultTable("stack series", about, tuple(map(Field, _HEADS)), tuple(rows), record="stack_series"),)


def page(result: WorthResult, drawings: Mapping[str, Drawing]) -> tuple[Block, ...]:
    """What the energies are of, and the figures."""
    text = (
        "Energies are those of the discharge; masses are of the stack without current collectors and casing, or of the cathode "
        "composite alone."
    )
    if result.series:
        text += (
            f" The series behind the first bar is a thought experiment, no measurement; drawn of {result.series[0][0].name}, it "
            f"stands in the workbook's sheet `stack series` for all {len(result.series)} cells with masses."
        )
    return (Paragraph(text, soft=True), *drawings.values())


METHOD = StudyMethod(
    id="worth",
    requires=("cycling", "stack"),
    settings=WorthSettings,
    result=WorthResult,
    run=worth,
    title="What the cells would be worth",
    figures=figures,
    tables=tables,
    page=page,
)
