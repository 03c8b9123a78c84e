"""Cycles of all cells in one figure: capacity and efficiency over cycles, and potential and dQ/dV of one cycle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from cathodelab.analyses.overlays.groups import MOST_NAMED, Curve, overlaid
from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.core.checks import Check
from cathodelab.core.errors import OtherData
from cathodelab.core.figure import Axis, FigureSpec, Panel, Series
from cathodelab.core.method import Findings, StudyMethod
from cathodelab.core.samples import Cell, group_colours
from cathodelab.core.settings import knob
from cathodelab.techniques.cycling.model import CyclingResult

_CYCLE = Axis("cycle", whole_numbers=True)


@dataclass(frozen=True)
class CyclesSettings:
    """Which cycle's curves are laid over each other."""

    cycle: int = knob(
        0, "cycle of which potential and dQ/dV of all cells are shown; 0: the first that most show", low=0
    )


@dataclass(frozen=True, eq=False)
class CellCurves(ReadOnlyArrays):
    """One cell: its capacities over cycles, and the traces of one cycle.

    Args:
        capacity, efficiency: over the cycle number; mAh/g of weighed active material, and % of whole cycles.
        traces: (specific charge / mAh/g, potential / V) of each half of ``cycle``.
        densities: (potential / V, dq/dU / mAh/g/V, discharge negative).
    """

    cell: Cell
    capacity: Curve
    efficiency: Curve
    cycle: int
    traces: tuple[tuple[FloatArray, FloatArray], ...]
    densities: tuple[tuple[FloatArray, FloatArray], ...]


@dataclass(frozen=True, eq=False)
class CyclesOverlaid:
    """All cells with cycles."""

    cells: tuple[CellCurves, ...]
    checks: tuple[Check, ...] = ()


def cycles_overlaid(findings: Findings, settings: CyclesSettings) -> CyclesOverlaid:
    """Curves of every cell with cycles.

    Raises:
        OtherData: fewer than two cells were cycled.
    """
    found: list[tuple[Cell, CyclingResult]] = findings.results("cycling")
    if len(found) < 2:
        raise OtherData(
            "nothing-to-compare",
            "Fewer than two cells have cycles",
            where="the whole study",
            why="Curves of several cells are laid over each other.",
            what_to_do="Nothing.",
        )
    colours = group_colours(findings.samples)
    shown = Counter(cycle for _, result in found for cycle in {one.cycle for one in result.traces})
    most = max(shown.values(), default=0)
    cycle = settings.cycle or min((one for one, count in shown.items() if count == most), default=0)
    return CyclesOverlaid(tuple(_curves(cell, result, colours.get(cell.group, 0), cycle) for cell, result in found))


def _curves(cell: Cell, result: CyclingResult, colour: int, cycle: int) -> CellCurves:
    table = result.cycles
    number = table.number.astype(np.float64)

    def over_cycles(values: FloatArray, chosen: np.ndarray) -> Curve:
        rows = chosen & np.isfinite(values)
        return Curve(cell.id, cell.group, colour, number[rows], values[rows])

    whole = table.charge_full & table.discharge_full
    mass_g = cell.cam_mass.value * 1e-3
    return CellCurves(
        cell=cell,
        capacity=over_cycles(table.of("gross_discharge_capacity"), np.ones(number.size, dtype=bool)),
        efficiency=over_cycles(100 * table.of("coulombic_efficiency"), whole),
        cycle=cycle,
        traces=tuple((one.specific_charge_mAh_g, one.potential_volt) for one in result.traces if one.cycle == cycle),
        densities=tuple(
            (one.potential_volt, one.direction * one.density_mAh_V / mass_g)
            for one in result.curves
            if one.cycle == cycle
        ),
    )


def figures(result: CyclesOverlaid) -> tuple[FigureSpec, ...]:
    """Over cycles, and one cycle's curves, as far as there are any."""
    found = [_over_cycles(result.cells), _one_cycle(result.cells)]
    return tuple(one for one in found if one is not None)


def _over_cycles(cells: Sequence[CellCurves]) -> FigureSpec | None:
    cycled = [one for one in cells if one.capacity.x.size > 1]
    if len(cycled) < 2:
        return None
    panels = [Panel(_CYCLE, Axis("q (weighed CAM), discharge", "mAh g⁻¹"), overlaid([one.capacity for one in cycled]))]
    efficient = [one.efficiency for one in cycled if one.efficiency.x.size]
    if len(efficient) > 1:
        efficiency = tuple(_unnamed(one) for one in overlaid(efficient))
        panels.append(Panel(_CYCLE, Axis("Coulombic efficiency", "%"), efficiency))
    caption = (
        f"Gross discharge capacity of every cycle{' and Coulombic efficiency of the whole ones' if len(panels) > 1 else ''}, "
        f"all cells. {_bands(cycled)}n = {len(cycled)} cells."
    )
    return FigureSpec("cells-over-cycles", caption, tuple(panels), height_cm=7.5)


def _bands(cells: Sequence[CellCurves]) -> str:
    grouped = [one.cell.group for one in cells if one.cell.group]
    if len(set(grouped)) == len(grouped):
        return ""
    return (
        "Thin: single cells; bold with a band: mean and standard deviation between the cells of a batch, over the cycles that "
        "all of them have. "
    )


def _unnamed(series: Series) -> Series:
    """What is named in the first panel needs no second name."""
    return replace(series, label="", names=())


def _one_cycle(cells: Sequence[CellCurves]) -> FigureSpec | None:
    shown = [one for one in cells if one.traces]
    if len(shown) < 2:
        return None
    electrodes = dict.fromkeys(one.cell.counter_electrode for one in shown)
    against = " or ".join("Li⁺/Li" if one == "Li" else one for one in electrodes)
    named: set[str] = set()
    traces, densities = [], []
    for place, one in enumerate(shown):
        group = one.cell.group or (one.cell.id if len(shown) <= MOST_NAMED else "")
        colour = one.capacity.colour if one.cell.group else place
        for number, (charge, volt) in enumerate(one.traces):
            label = group if number == 0 and group not in named else ""
            traces.append(Series("line", charge, volt, label, colour, thin=bool(one.cell.group), sample=one.cell.id))
        named.add(group)
        densities += [
            Series("line", volt, density, "", colour, thin=bool(one.cell.group), sample=one.cell.id)
            for volt, density in one.densities
        ]
    panels = [Panel(Axis("q (weighed CAM)", "mAh g⁻¹"), Axis("U", "V", against), tuple(traces))]
    if densities:
        panels.append(Panel(Axis("U", "V", against), Axis("dq/dU", "mAh g⁻¹ V⁻¹"), tuple(densities)))
    left = [one.cell.id for one in cells if not one.traces]
    without = f" Without such curves: {', '.join(left)}." if left else ""
    caption = (
        f"Cycle {shown[0].cycle} of all cells: potential over gross specific charge"
        f"{', and dQ/dV (discharge negative, charge at constant current alone)' if densities else ''}; each cell smoothed as its "
        f"own noise asks for.{without} n = {len(shown)} cells."
    )
    return FigureSpec("cells-one-cycle", caption, tuple(panels), height_cm=8.0)


METHOD = StudyMethod(
    id="cycles_overlaid",
    requires=("cycling",),
    settings=CyclesSettings,
    result=CyclesOverlaid,
    run=cycles_overlaid,
    title="Cells side by side: cycles",
    figures=figures,
)
