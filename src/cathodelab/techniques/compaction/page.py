"""What the page of a pellet shows of its compaction, its numbers for overviews, and its tables."""

from __future__ import annotations

from collections.abc import Sequence

from cathodelab.core.document import Block, Drawing, Entry, Grid, Head, Headline, Subtitle, texts
from cathodelab.core.method import Described, Shown
from cathodelab.core.number_text import percent, plain_number, quantity
from cathodelab.core.pages import Page, budget_blocks, estimate_grid
from cathodelab.core.result_table import Field, ResultTable, finite_or_none
from cathodelab.techniques.compaction.model import WORDS, Branch, CompactionResult

HEADLINE = (
    Shown("porosity_out_of_die", "porosity, ejected", "%", 100.0, budget=True, covariance=True),
    Shown("porosity_in_die", "porosity under load", "%", 100.0, covariance=True),
    Shown(
        "heckel_pressure_in_die",
        "Heckel pressure in die",
        "MPa",
        budget=True,
        covariance=True,
        note="Heckel pressures in and out of the die are different quantities: only the first holds elastic strain under load.",
    ),
    Shown("heckel_pressure_out_of_die", "Heckel pressure out of die", "MPa", covariance=True),
    Shown("elastic_recovery", "elastic recovery", "%", 100.0),
)


def page(sample: Described, result: CompactionResult, drawings: Sequence[Drawing]) -> Page:
    """Its part of the page of a pellet."""
    del sample
    top: list[Block] = [_headline(result), *drawings]
    rest: list[Block] = [Subtitle("Compaction"), estimate_grid(result.estimates, "Numbers of the compaction")]
    laws = [branch for branch in result.branches if branch.laws]
    if laws:
        rest += [Subtitle("Laws, over all points"), Grid("Laws of compaction", _LAWS, _law_rows(laws))]
    rest += [
        block
        for name, symbol in (("porosity_out_of_die", "porosity"), ("heckel_pressure_in_die", "P_H"))
        if name in result.estimates
        for block in budget_blocks(
            result.estimates,
            name,
            symbol,
            unit="%" if symbol == "porosity" else "MPa",
            scale=100.0 if symbol == "porosity" else 1.0,
        )
    ]
    return Page(top=tuple(top), rest=tuple(rest))


def _headline(result: CompactionResult) -> Headline:
    estimates = result.estimates
    mode = "out_of_die" if "porosity_out_of_die" in estimates else "in_die"
    porosity = estimates.estimate(f"porosity_{mode}")
    after = f"{porosity.how}; the solid has {quantity(estimates.estimate('solid_density'))} g/cm³."
    if mode == "out_of_die" and "porosity_in_die" in estimates:
        inside = estimates.estimate("porosity_in_die")
        after = f"{porosity.how}; {percent(inside)} {inside.how}. " + after.partition("; ")[2].capitalize()
    return Headline(f"porosity {percent(porosity)}", after)


_LAWS = (
    Head("Where"),
    Head("Law"),
    Head("verdict"),
    Head("misfit", "% of the compaction", number=True),
    Head("χ²/ν", number=True),
    Head("parameters", wide=True),
)


def _law_rows(branches: Sequence[Branch]) -> tuple[tuple[Entry, ...], ...]:
    return tuple(
        texts(
            WORDS[branch.mode],
            law.law + (" (best)" if law.law == branch.best else ""),
            law.verdict,
            plain_number(100 * law.misfit, 2),
            plain_number(law.chi_square / law.degrees, 2),
            ", ".join(f"{name} = {value:.4g}" for name, value in law.parameters.items()),
        )
        for branch in branches
        for law in branch.laws
    )


_POINT_FIELDS = (
    Field("pellet"),
    Field("measured"),
    Field("pressure_MPa", "pressure / MPa", "0.00"),
    Field("thickness_um", "thickness / µm", "0.0"),
    Field("relative_density", "relative density", "0.0000"),
    Field("relative_density_standard_uncertainty", "± (one standard uncertainty)", "0.0000"),
    Field("porosity", "porosity", "0.0000"),
    Field("in_heckel_window", "in the window of the line"),
)
_LAW_FIELDS = (
    Field("pellet"),
    Field("measured"),
    Field("law"),
    Field("verdict"),
    Field("best"),
    Field("misfit_fraction", "misfit / loss of thickness", "0.0000"),
    Field("chi_square", "χ²", "0.00"),
    Field("degrees_of_freedom", "degrees of freedom", "0"),
    Field("parameters"),
)


def tables(found: Sequence[tuple[Described, CompactionResult]]) -> tuple[ResultTable, ...]:
    """Every point, and every law that was tried."""
    points = tuple(
        (
            sample.id,
            WORDS[branch.mode],
            finite_or_none(branch.pressure_MPa[place]),
            finite_or_none(branch.thickness_um[place]),
            finite_or_none(branch.relative_density[place]),
            finite_or_none(branch.relative_density_standard[place]),
            finite_or_none(1 - branch.relative_density[place]),
            branch.window is not None and branch.window.first <= place < branch.window.end,
        )
        for sample, result in found
        for branch in result.branches
        for place in range(branch.pressure_MPa.size)
    )
    laws = tuple(
        (
            sample.id,
            WORDS[branch.mode],
            law.law,
            law.verdict,
            law.law == branch.best,
            finite_or_none(law.misfit),
            finite_or_none(law.chi_square),
            float(law.degrees),
            "; ".join(f"{name} = {value:.6g}" for name, value in law.parameters.items()),
        )
        for sample, result in found
        for branch in result.branches
        for law in branch.laws
    )
    return (
        ResultTable(
            "compaction_points",
            "One row a point: thickness in the die is corrected for the press's compliance.",
            _POINT_FIELDS,
            points,
        ),
        ResultTable("compaction_laws", "One row a law, fitted to all points of a pellet.", _LAW_FIELDS, laws),
    )
