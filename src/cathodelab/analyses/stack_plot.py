"""Figures of energies: a development series by component, and the Ragone plot of the cells' cathodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cathodelab.analyses.stack import AREAL_TARGET_MAH_CM2, CATHODE_TARGET_WH_KG, CELL_TARGET_WH_KG, Stack
from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.core.figure import Axis, FigureSpec, Panel, Series
from cathodelab.core.samples import Cell
from cathodelab.techniques.cycling.model import CyclingResult

_COMPONENTS = ("anode", "separator", "composite")


def stack_figure(stacks: Sequence[Stack]) -> FigureSpec:
    """Specific energy and masses by component, from a measured cell to thinner and thicker layers."""
    x = np.arange(len(stacks), dtype=np.float64)
    ticks = tuple(one.name for one in stacks)
    energy = np.array([one.specific_energy_Wh_kg for one in stacks])
    target = Series("line", np.array([-0.4, len(stacks) - 0.6]), np.full(2, CELL_TARGET_WH_KG), "target of a cell", -1)
    left = Panel(
        Axis("", ticks=ticks),
        Axis("specific energy of the stack", "Wh kg⁻¹"),
        (Series("bars", x, energy, "", 0), target),
    )
    base, masses = np.zeros(len(stacks)), []
    for colour, name in enumerate(_COMPONENTS, 1):
        mass = np.array([getattr(one, f"{name}_mg") for one in stacks])
        masses.append(Series("bars", x, mass, name, colour, base=base.copy()))
        base = base + mass
    right = Panel(Axis("", ticks=ticks), Axis("mass", "mg"), tuple(masses))
    first = stacks[0]
    inputs = (
        f"{first.anode_mg:.0f} mg anode, {first.separator_mg:.0f} mg separator, {first.composite_mg:.1f} mg composite; "
        f"{first.charge_mAh:.2f} mAh at a mean of {first.cathode_volt:.2f} V vs. Li⁺/Li, anode at {first.anode_volt:.2f} V"
    )
    caption = (
        "Specific energy of anode, separator and composite, without collectors and casing, and the masses behind it, from a "
        "cell to what a separator of 85 µm, lithium and a doubled cathode on its own area would make of it. Inputs, from "
        f"{first.name} (first whole discharge): {inputs}. Everything after the first bar is hypothetical: same charge per "
        "composite, lithium at 0 V. Line: 250 Wh/kg (Randau et al. 2020)."
    )
    return FigureSpec("stack-energy", caption, (left, right), height_cm=8.0)


@dataclass(frozen=True, eq=False)
class RagoneLine(ReadOnlyArrays):
    """One cell in the Ragone plot.

    Args:
        cell, batch, colour: whose, of which batch, and the colour of it.
        counter_electrode: what its voltage is against.
        points: one row a rate in the order of the power: power W/kg, energy Wh/kg with two standard uncertainties, areal capacity
            mAh/cm2 with two; shape (rates, 5).
        nominal: nominal areal capacity, mAh/cm2.
    """

    cell: str
    batch: str
    colour: int
    counter_electrode: str
    points: FloatArray
    nominal: float


def ragone_line(cell: Cell, result: CyclingResult, colour: int = 0) -> RagoneLine:
    """What the Ragone plot shows of a cell; no points without masses."""
    nominal = result.sums.c_rate_basis_mAh_g * result.sums.cam_mass_mg * 1e-3 / result.sums.area_cm2
    return RagoneLine(cell.id, cell.batch, colour, cell.counter_electrode, _points(result), float(nominal))


def ragone_figure(lines: Sequence[RagoneLine]) -> FigureSpec | None:
    """Cathode-specific energy and areal capacity over cathode-specific power of all cells; ``None`` without masses."""
    upper: list[Series] = []
    lower: list[Series] = []
    named: set[str] = set()
    for one in lines:
        if not one.points.size:
            continue
        label = "" if one.batch in named else (f"batch {one.batch}" if one.batch else "cells")
        power, energy, energy_half, areal, areal_half = one.points.T
        upper.append(Series("points", power, energy, label, one.colour, y_minus=energy_half, y_plus=energy_half))
        upper.append(Series("line", power, energy, "", one.colour))
        if np.isfinite(areal).all():
            lower.append(Series("points", power, areal, "", one.colour, y_minus=areal_half, y_plus=areal_half))
            lower.append(Series("line", power, areal, "", one.colour))
            if one.batch not in named:
                lower.append(Series("points", power[:1], np.array([one.nominal]), "", one.colour, open_marks=True))
        named.add(one.batch)
    if not upper:
        return None
    span = np.array([min(float(one.x.min()) for one in upper), max(float(one.x.max()) for one in upper)])
    upper.append(Series("line", span, np.full(2, CATHODE_TARGET_WH_KG), "target", -1))
    power_axis = Axis("cathode-specific power", "W kg⁻¹", logarithmic=True)
    panels = [Panel(power_axis, Axis("cathode-specific energy", "Wh kg⁻¹"), tuple(upper))]
    if lower:
        lower.append(Series("line", span, np.full(2, AREAL_TARGET_MAH_CM2), "target", -1))
        panels.append(Panel(power_axis, Axis("areal capacity", "mAh cm⁻²"), tuple(lower)))
    against = " and ".join(sorted({one.counter_electrode for one in lines}))
    caption = (
        f"Energy and power per mass of cathode composite at the cells' own voltage (against {against}), and areal capacity, of "
        "every cell at each of its rates; open: the nominal areal capacity of a batch's first cell (the capacity that defines "
        f"1C). Bars: two standard uncertainties (95 %). Lines: 500 Wh/kg and 5 mAh/cm² (Randau et al. 2020). n = {len(lines)} "
        "cells."
    )
    return FigureSpec("ragone", caption, tuple(panels), height_cm=7.5)


def _points(result: CyclingResult) -> FloatArray:
    """Power, energy and areal capacity with two standard uncertainties, one row for each rate, sorted by power."""
    rows = []
    for level in result.rates:
        power, energy, areal = (
            f"{name}_{level.label}"
            for name in ("cathode_specific_power", "cathode_specific_energy", "areal_discharge_capacity")
        )
        if level.block == "check-up" or power not in result.estimates or energy not in result.estimates:
            continue
        one, nan = result.estimates.estimate(energy), float("nan")
        area = result.estimates.estimate(areal) if areal in result.estimates else None
        rows.append(
            (
                result.estimates.estimate(power).value,
                one.value,
                2 * one.plus,
                area.value if area else nan,
                2 * area.plus if area else nan,
            )
        )
    return np.array(sorted(rows)).reshape(-1, 5)
