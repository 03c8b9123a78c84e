"""Figures of one cell's cycling."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cathodelab.core.figure import Axis, FigureSpec, Panel, Series
from cathodelab.core.samples import Cell
from cathodelab.techniques.cycling.differential import DifferentialCurve
from cathodelab.techniques.cycling.features import RESOLVED
from cathodelab.techniques.cycling.model import CyclingResult

_FEWEST_FOR_TRENDS = 10  # fewer are marked in the curves
_CROWDED = 60


def figures(cell: Cell, result: CyclingResult) -> tuple[FigureSpec, ...]:
    """Capacity and efficiency over cycles, potential and dQ/dV, and the features' way over the cycles."""
    specs = [_over_cycles(cell, result), _curves(cell, result)]
    if result.cycles.count >= _FEWEST_FOR_TRENDS and _resolved(result):
        specs.append(_features(cell, result))
    return tuple(specs)


def _over_cycles(cell: Cell, result: CyclingResult) -> FigureSpec:
    table = result.cycles
    number = table.number.astype(np.float64)
    panels = []
    series = []
    for name, label, colour, open_marks in (
        ("gross_charge_capacity", "charge", 1, True),
        ("gross_discharge_capacity", "discharge", 0, False),
    ):
        values, half = table.of(name), 2 * table.standard(name)
        there = np.isfinite(values)
        if not there.any():
            continue
        series.append(
            Series(
                "points", number[there], values[there], label, colour, y_minus=half[there], y_plus=half[there],
                open_marks=open_marks,
            )
        )  # fmt: skip
    panels.append(Panel(Axis("cycle", whole_numbers=True), Axis("q (weighed CAM)", "mAh g⁻¹"), tuple(series)))
    whole = table.charge_full & table.discharge_full & np.isfinite(table.of("coulombic_efficiency"))
    if whole.any():
        marks = [
            Series("points", number[whole], 100 * table.of("coulombic_efficiency")[whole], "each cycle", 0),
            Series("line", number[whole], 100 * table.of("cumulative_efficiency")[whole], "cumulative in its block", 2),
        ]
        panels.append(Panel(Axis("cycle", whole_numbers=True), Axis("Coulombic efficiency", "%"), tuple(marks)))
    over = table.of("overpotential")
    there = np.isfinite(over) & whole
    if there.any():
        marks = [Series("points", number[there], 1e3 * over[there], "", 3)]
        panels.append(Panel(Axis("cycle", whole_numbers=True), Axis("overpotential", "mV"), tuple(marks)))
    caption = (
        f"Cell {cell.id}: gross specific capacity, Coulombic efficiency and overpotential (half the difference of the mean "
        f"potentials) of every cycle. Bars: two standard uncertainties (95 %), common to all cycles. n = {table.count} "
        f"cycle{'' if table.count == 1 else 's'}; {_of_whole(int(whole.sum()))}."
    )
    return FigureSpec(f"cycles-{cell.id}", caption, tuple(panels), height_cm=6.5)


def _of_whole(count: int) -> str:
    if not count:
        return "none is whole, so that there is no efficiency and no overpotential"
    return f"efficiency and overpotential of the {f'{count} whole ones' if count > 1 else 'whole one'}"


def _shades(curves: Sequence[int]) -> dict[int, float | None]:
    """Place of each cycle on the sequential scale; a single one has the colour of its cell."""
    cycles = sorted(dict.fromkeys(curves))
    if len(cycles) < 2:
        return dict.fromkeys(cycles)
    return {cycle: i / (len(cycles) - 1) for i, cycle in enumerate(cycles)}


def _curves(cell: Cell, result: CyclingResult) -> FigureSpec:
    against = _electrode(cell)
    shades = _shades([one.cycle for one in result.traces])
    named: set[int] = set()
    traces = []
    for one in result.traces:
        label = "" if one.cycle in named else f"cycle {one.cycle}"
        named.add(one.cycle)
        traces.append(Series("line", one.specific_charge_mAh_g, one.potential_volt, label, shade=shades[one.cycle]))
    left = Panel(Axis("q (weighed CAM)", "mAh g⁻¹"), Axis("U", "V", against), tuple(traces))
    mass = cell.cam_mass.value * 1e-3
    lines = [
        Series("line", one.potential_volt, one.direction * one.density_mAh_V / mass, "", shade=shades.get(one.cycle))
        for one in result.curves
    ]
    lines += _marks(result, mass, list(shades))
    right = Panel(Axis("U", "V", against), Axis("dq/dU", "mAh g⁻¹ V⁻¹"), tuple(lines))
    caption = (
        f"Cell {cell.id}: potential over gross specific charge, and dQ/dV (discharge negative) of the same cycles, from dark to "
        f"light in their order. dQ/dV holds "
        f"the charge at constant current alone; {_smoothing(result.curves)}. Open circles: features that are resolved."
    )
    return FigureSpec(f"potential-{cell.id}", caption, (left, right), height_cm=7.5)


def _smoothing(curves: Sequence[DifferentialCurve]) -> str:
    if not curves:
        return "no curve"
    widths = [1e3 * one.smoothing_volt for one in curves]
    sizes = dict.fromkeys((f"{min(widths):.1f}", f"{max(widths):.1f}"))
    return f"Gaussian smoothing of {' to '.join(sizes)} mV (standard deviation), as the noise asks for"


def _marks(result: CyclingResult, mass_g: float, cycles: Sequence[int]) -> list[Series]:
    table = result.features
    chosen = np.flatnonzero((table.status == RESOLVED) & np.isin(table.cycle, cycles))
    if not chosen.size:
        return []
    height = table.direction[chosen] * table.height_mAh_V[chosen] / mass_g
    width = 2 * table.position_standard_volt[chosen]
    return [Series("points", table.position_volt[chosen], height, "", -1, x_minus=width, x_plus=width, open_marks=True)]


def _resolved(result: CyclingResult) -> bool:
    return bool((result.features.status == RESOLVED).any())


def _features(cell: Cell, result: CyclingResult) -> FigureSpec:
    """Position and height of the features over the cycles."""
    table = result.features
    mass = cell.cam_mass.value * 1e-3
    names = tuple(dict.fromkeys(table.feature))
    panels = []
    for quantity, axis in (("position", Axis("U", "V", _electrode(cell))), ("height", Axis("|dq/dU|", "mAh g⁻¹ V⁻¹"))):
        series = []
        for colour, name in enumerate(names):
            for way in (1, -1):
                rows = table.of(name, way).astype(np.int64)
                rows = rows[table.status[rows] == RESOLVED]
                if not rows.size:
                    continue
                if quantity == "position":
                    value, half = table.position_volt[rows], 2 * table.position_standard_volt[rows]
                else:
                    value, half = table.height_mAh_V[rows] / mass, 2 * table.height_standard_mAh_V[rows] / mass
                label = f"{name} {'charge' if way > 0 else 'discharge'}"
                if rows.size > _CROWDED:
                    half = np.zeros_like(half)
                series.append(
                    Series(
                        "points", table.cycle[rows], value, label if quantity == "position" else "", colour,
                        y_minus=half, y_plus=half, open_marks=way > 0,
                    )
                )  # fmt: skip
        panels.append(Panel(Axis("cycle", whole_numbers=True), axis, tuple(series)))
    caption = (
        f"Cell {cell.id}: position and height of the dQ/dV features that are resolved, over the cycles (charge open, discharge "
        "filled). Potentials in names: of the first cycle that shows them, vs. Li⁺/Li. Bars: two standard uncertainties (95 %) "
        f"from noise and smoothing; instrument and counter electrode move all alike by "
        f"{1e3 * table.common_standard_volt:.1f} mV (one standard uncertainty)."
    )
    return FigureSpec(f"features-{cell.id}", caption, tuple(panels), height_cm=7.5)


def _electrode(cell: Cell) -> str:
    return "Li⁺/Li" if cell.counter_electrode == "Li" else cell.counter_electrode
