"""What overviews, tables and the page of a pellet show of its conduction."""

from __future__ import annotations

import math
from collections.abc import Sequence

from cathodelab.core.document import Block, Drawing, Grid, Head, Headline, Subtitle, texts
from cathodelab.core.method import Described, Shown
from cathodelab.core.number_text import quantity
from cathodelab.core.pages import Page, budget_blocks, estimate_grid
from cathodelab.core.result_table import Field, ResultTable, finite_or_none
from cathodelab.techniques.conduction.results import ConductionResult

_NOTE = "Conductivities are per area of the contacts and thickness of the pellet, pores included; contacts are taken as perfect."
_STEPS = (
    Field("pellet"),
    Field("step"),
    Field("voltage_volt", "V / V", "0.0000"),
    Field("hold_second", "hold / s", "0.0"),
    Field("last_current_ampere", "last current / A", "0.000E+00"),
    Field("steady_current_ampere", "steady current / A", "0.000E+00"),
    Field("standard_uncertainty_ampere", "its standard uncertainty / A", "0.0E+00"),
    Field("remaining_ampere", "left to relax / A", "0.0E+00"),
    Field("left_out_because", "left out because"),
)


def headline(results: Sequence[ConductionResult]) -> tuple[Shown, ...]:
    """The conductivities that occur, and their bounds where only these are known."""
    found = []
    for carrier in ("electronic", "ionic"):
        for name, title in (
            (f"{carrier}_conductivity", f"σ({carrier})"),
            (f"{carrier}_conductivity_upper_limit", f"σ({carrier}) at most"),
        ):
            if any(name in one.estimates for one in results):
                number = not name.endswith("limit")
                found.append(
                    Shown(name, title, "mS/cm", 1e3, budget=number, covariance=number, note=_NOTE if number else "")
                )
    return tuple(found)


def tables(found: Sequence[tuple[Described, ConductionResult]]) -> tuple[ResultTable, ...]:
    """One row a step of every staircase."""
    rows = []
    for sample, result in found:
        record, line = result.resistance, result.resistance.line
        places = {int(number): place for place, number in enumerate(line.step)}
        for number, step in enumerate(record.steps):
            place = places.get(number)
            values = (
                (None,) * 4
                if place is None
                else (
                    finite_or_none(line.last_ampere[place]),
                    finite_or_none(line.steady_ampere[place]),
                    finite_or_none(line.standard_ampere[place]),
                    finite_or_none(record.relaxation.remaining_ampere[number]),
                )
            )
            rows.append((sample.id, number + 1, step.voltage_volt, step.hold_second, *values, step.dropped))
    return (ResultTable("staircase_steps", "Every step of every staircase.", _STEPS, tuple(rows)),)


def page(sample: Described, result: ConductionResult, drawings: Sequence[Drawing]) -> Page:
    """Its part of the page of a pellet."""
    del sample
    top: tuple[Block, ...] = (_headline(result), *drawings)
    rest: list[Block] = [
        Subtitle("Conduction"),
        estimate_grid(result.estimates, "Numbers of the staircase"),
        _steps(result),
    ]
    name = f"{result.pellet.carrier}_conductivity"
    if name in result.estimates:
        rest += budget_blocks(result.estimates, name, "σ", unit="mS/cm", scale=1e3, digits=6)
    return Page(top=top, rest=tuple(rest))


def _headline(result: ConductionResult) -> Headline:
    carrier, estimates = result.pellet.carrier, result.estimates
    total = quantity(estimates.estimate("total_resistance")) if "total_resistance" in estimates else ""
    if f"{carrier}_conductivity" in estimates:
        one = estimates.estimate(f"{carrier}_conductivity")
        return Headline(f"σ({carrier}) = {quantity(one)} S/cm", f"{one.how}; {total} ohm between the electrodes.")
    limit = f"{carrier}_conductivity_upper_limit"
    if limit in estimates:
        one = estimates.estimate(limit)
        return Headline(f"σ({carrier}) ≤ {one.value:.2g} S/cm", f"{one.how}.")
    return Headline(
        f"R = {total} ohm" if total else "R is not known", "Separator cell: resistance between the electrodes."
    )


def _steps(result: ConductionResult) -> Grid:
    record, line = result.resistance, result.resistance.line
    places = {int(number): place for place, number in enumerate(line.step)}
    heads = (
        Head("Step"),
        Head("V", "mV", number=True),
        Head("hold", "s", number=True),
        Head("last current", "A", number=True),
        Head("steady current", "A", number=True),
        Head("left to relax", number=True),
        Head("Used?", wide=True),
    )
    rows, soft = [], []
    for number, step in enumerate(record.steps):
        place = places.get(number)
        if place is None:
            soft.append(number)
            rows.append(
                texts(
                    str(number + 1),
                    f"{1e3 * step.voltage_volt:.4g}",
                    f"{step.hold_second:.4g}",
                    "–",
                    "–",
                    "–",
                    f"no: {step.dropped}",
                )
            )
            continue
        steady, half = float(line.steady_ampere[place]), float(line.standard_ampere[place])
        left = float(record.relaxation.remaining_ampere[number])
        share = left / (record.relaxation.conductance_siemens * step.voltage_volt) if step.voltage_volt else math.nan
        rows.append(
            texts(
                str(number + 1),
                f"{1e3 * step.voltage_volt:.4g}",
                f"{step.hold_second:.4g}",
                f"{line.last_ampere[place]:.4g}",
                f"{steady:.4g} ± {half:.1g}",
                f"{100 * share:.2g} %" if math.isfinite(share) and abs(share) < 1e3 else "–",
                "yes",
            )
        )
    return Grid("Steps of the staircase", heads, tuple(rows), tuple(soft))
