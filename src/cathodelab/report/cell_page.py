"""All that is shown of one cell."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from cathodelab.analyses.losses import LossResult
from cathodelab.core.checks import Check
from cathodelab.core.document import (
    Block,
    Drawing,
    Entry,
    Grid,
    Head,
    Headline,
    Paragraph,
    Section,
    Subtitle,
    Tone,
    texts,
)
from cathodelab.core.estimate import EstimateSet
from cathodelab.core.figure import FigureSpec
from cathodelab.core.method import AnyMethod
from cathodelab.core.number_text import percent, plain_number, quantity
from cathodelab.core.samples import Cell
from cathodelab.report.figures import StudyFigures
from cathodelab.report.impedance import impedance_blocks
from cathodelab.study.run import CellResults, StudyResults
from cathodelab.techniques.utilization.model import UtilizationResult

Draw = Callable[[FigureSpec], Drawing]
_OWN_LAYOUT = ("utilization", "losses", "impedance")
_NEGLIGIBLE = 0.0005
_LIMITS = "stands once for all cells under “Methods and limits”: slow particles, parasitic currents, and more."


def cell_page(results: StudyResults, name: str, anchor: str, figures: StudyFigures, draw: Draw) -> Section:
    """The page of one cell: result, figures, checks, windows, budget, losses, and whatever other methods found."""
    found = results.cell(name)
    cell = found.cell
    blocks: list[Block] = []
    utilization = _result(found, "utilization")
    if utilization is not None:
        blocks += _result_of_utilization(cell, utilization)
        blocks += [draw(spec) for spec in figures.of_cells.get((name, "utilization"), ())]
    else:
        blocks.append(Paragraph(_why_not(found)))
    blocks += _checks(found)
    if utilization is not None:
        blocks.append(Paragraph(_LIMITS, lead="What no check shows", soft=True))
        blocks += _windows(utilization)
        blocks += _budget(utilization.estimates, "static_utilization")
        blocks += _losses(found)
    impedance = _result(found, "impedance")
    if impedance is not None:
        blocks += impedance_blocks(impedance, [draw(spec) for spec in figures.of_cells[name, "impedance"]])
    for method in results.methods:
        result = _result(found, method.id)
        shown = result is not None and (result.estimates.as_mapping() or figures.of_cells[name, method.id])
        if shown and method.id not in _OWN_LAYOUT:
            blocks += _other_method(method, result.estimates, [draw(x) for x in figures.of_cells[name, method.id]])
    if name in figures.records:
        blocks += [Subtitle("Record"), draw(figures.records[name])]
    aside = f"batch {cell.batch}" if cell.batch else ""
    return Section(anchor, name, tuple(blocks), aside, group=aside or "cells")


def _why_not(found: CellResults) -> str:
    outcome = found.outcomes.get("utilization")
    if outcome is None or outcome.error is None:
        return "No static utilization was determined."
    error = outcome.error
    return f"No static utilization: {outcome.status}. {error.what} [{error.where}]. {error.why} {error.what_to_do}"


def _result(found: CellResults, method: str) -> Any:  # noqa: ANN401 - each method has its own result
    outcome = found.outcomes.get(method)
    return outcome.result if outcome is not None and outcome.status == "ok" else None


def _result_of_utilization(cell: Cell, u: UtilizationResult) -> list[Block]:
    theta, offset, connected = (
        u.estimates.estimate(name) for name in ("static_utilization", "reference_offset", "connected_mass")
    )
    mass = f"{plain_number(cell.cam_mass.value)} ± {plain_number(cell.cam_mass.plus)} mg"
    level = "interval without a stated level" if math.isnan(theta.level) else f"interval {100 * theta.level:.0f} %"
    kind = "titration, relaxed potentials" if u.reference.kind == "relaxed" else u.reference.kind
    stated = f"{plain_number(cell.offset.value)} ± {plain_number(cell.offset.plus)} V"
    return [
        Headline(
            f"θ = {percent(theta)}",
            f"of {mass} active material (without coating) is connected: {quantity(connected)} mg.",
        ),
        Paragraph(
            f"{theta.how[:1].upper()}{theta.how[1:]}, mode “{u.settings.mode}”, {level}. Reference {u.reference_id} ({kind}). "
            f"Counter electrode {cell.counter_electrode} at {quantity(offset)} V vs. Li⁺/Li (stated {stated}).",
            soft=True,
        ),
    ]


_ORDER = {False: 0, None: 1, True: 2}
_VERDICTS: dict[bool | None, tuple[str, Tone]] = {
    False: ("✗\u00a0failed", "bad"),
    None: ("?\u00a0cannot\u00a0tell", "unknown"),
    True: ("✓\u00a0passed", "good"),
}


def _checks(found: CellResults) -> list[Block]:
    """What failed first."""
    checks: list[Check] = [
        check for outcome in found.outcomes.values() if outcome.status == "ok" for check in outcome.result.checks
    ]
    once: dict[tuple[str, bool | None], Check] = {}
    for check in checks:
        once.setdefault((check.sentence, check.passed), check)  # several methods read the same files
    rows = tuple(
        (Entry(*_VERDICTS[check.passed]), Entry(check.name.replace("_", " ")), Entry(check.sentence))
        for check in sorted(once.values(), key=lambda check: _ORDER[check.passed])
    )
    if not rows:
        return []
    columns = Head("Verdict"), Head("Check"), Head("What was found", wide=True)
    return [Subtitle("Checks"), Grid(f"Checks of {found.cell.id}", columns, rows)]


def _windows(u: UtilizationResult) -> list[Block]:
    columns = (
        Head("No."),
        Head("E₁ vs. Li⁺/Li", "V", number=True),
        Head("E₂ vs. Li⁺/Li", "V", number=True),
        Head("ΔQ cell", "mAh", number=True),
        Head("Δq reference", "mAh\u00a0g⁻¹", number=True),
        Head("θ", number=True),
        Head("Used?", wide=True),
    )
    rows = tuple(
        texts(
            str(window.number),
            plain_number(window.potential_1_volt, 4),
            plain_number(window.potential_2_volt, 4),
            plain_number(window.cell_charge_mAh, 4),
            plain_number(window.reference_charge_mAh_g, 2),
            percent(u.estimates.estimate(window.estimate_name)),
            f"dropped: {window.dropped}" if window.dropped else "yes",
        )
        for window in u.windows
    )
    dropped = tuple(i for i, window in enumerate(u.windows) if window.dropped)
    return [Subtitle("Windows"), Grid("Windows between relaxed potentials", columns, rows, dropped)]


def _budget(estimates: EstimateSet, name: str) -> list[Block]:
    budget = estimates.budget(name)
    columns = (
        Head("Source of error", wide=True),
        Head("effect on θ", "%", number=True),
        Head("share of the variance"),
        Head("what would help", wide=True),
    )
    rows = tuple(
        (
            Entry(line.group),
            Entry(f"+{plain_number(100 * line.plus, 2)} −{plain_number(100 * line.minus, 2)}"),
            Entry(f"{100 * line.share:.1f} %", share=line.share),
            Entry(line.halving),
        )
        for line in budget
        if line.share > _NEGLIGIBLE
    )
    blocks: list[Block] = [Subtitle("Where the interval comes from"), Grid("Error budget", columns, rows)]
    if smaller := [line.group for line in budget if line.share <= _NEGLIGIBLE]:
        blocks.append(Paragraph(f"Below 0.05 % of the variance each: {'; '.join(smaller)}.", soft=True))
    return blocks


def _losses(found: CellResults) -> list[Block]:
    title = Subtitle("Losses at the cut-off")
    outcome = found.outcomes.get("losses")
    if outcome is None or outcome.error is not None:
        error = outcome.error if outcome else None
        return [title, Paragraph(f"{error.what}. {error.why}" if error else "Not evaluated.")]
    result: LossResult = outcome.result
    return [
        title,
        estimate_grid(result.estimates, "Losses at the cut-off"),
        Paragraph(
            f"Cut-off {plain_number(result.cut_off_volt)} V vs. {found.cell.counter_electrode} "
            f"({plain_number(result.cut_off_volt_vs_lithium)} V vs. Li⁺/Li).",
            soft=True,
        ),
    ]


def estimate_grid(estimates: EstimateSet, about: str) -> Grid:
    """Every estimate of a result with what it refers to."""
    columns = (
        Head("Quantity"),
        Head("value", number=True),
        Head("unit"),
        Head("per", wide=True),
        Head("how", wide=True),
    )
    rows = tuple(
        texts(
            name.replace("_", " ").replace("c rate", "C-rate").replace("coulombic", "Coulombic"),
            quantity(one),
            one.unit if one.unit != "1" else "–",
            one.per or "–",
            one.how,
        )
        for name, one in estimates.as_mapping().items()
    )
    return Grid(about, columns, rows)


def _other_method(method: AnyMethod, estimates: EstimateSet, drawings: list[Drawing]) -> list[Block]:
    """A method without a layout of its own here: its title, figures and estimates."""
    return [Subtitle(method.card.title), *drawings, estimate_grid(estimates, method.card.title)]
