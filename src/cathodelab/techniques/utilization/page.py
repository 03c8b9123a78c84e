"""What the page of a cell shows of its utilization: the number and its figure, the windows, where the interval comes from."""

from __future__ import annotations

import math
from collections.abc import Sequence

from cathodelab.core.document import Block, Drawing, Grid, Head, Headline, Paragraph, Subtitle, texts
from cathodelab.core.number_text import percent, plain_number, quantity
from cathodelab.core.pages import Page, budget_blocks
from cathodelab.core.samples import Cell
from cathodelab.techniques.utilization.model import UtilizationResult

_LIMITS = "stands once for all cells under “Methods and limits”: slow particles, parasitic currents, and more."


def page(cell: Cell, result: UtilizationResult, drawings: Sequence[Drawing]) -> Page:
    """Its part of the page of a cell."""
    limits = Paragraph(_LIMITS, lead="What no check of the titration shows", soft=True)
    budget = budget_blocks(result.estimates, "static_utilization", "θ", unit="%", scale=100.0)
    return Page(top=(*_number(cell, result), *drawings), rest=(limits, *_windows(result), *budget))


def _number(cell: Cell, u: UtilizationResult) -> tuple[Block, ...]:
    theta, offset, connected = (
        u.estimates.estimate(name) for name in ("static_utilization", "reference_offset", "connected_mass")
    )
    mass = f"{plain_number(cell.cam_mass.value)} ± {plain_number(cell.cam_mass.plus)} mg"
    level = "interval without a stated level" if math.isnan(theta.level) else f"interval {100 * theta.level:.0f} %"
    kind = "titration, relaxed potentials" if u.reference.kind == "relaxed" else u.reference.kind
    stated = f"{plain_number(cell.offset.value)} ± {plain_number(cell.offset.plus)} V"
    return (
        Headline(
            f"θ = {percent(theta)}",
            f"of {mass} active material (without coating) is connected: {quantity(connected)} mg.",
        ),
        Paragraph(
            f"{theta.how[:1].upper()}{theta.how[1:]}, mode “{u.settings.mode}”, {level}. Reference {u.reference_id} ({kind}). "
            f"Counter electrode {cell.counter_electrode} at {quantity(offset)} V vs. Li⁺/Li (stated {stated}).",
            soft=True,
        ),
    )


def _windows(u: UtilizationResult) -> tuple[Block, ...]:
    columns = (
        Head("No."),
        Head("E₁ vs. Li⁺/Li", "V", number=True),
        Head("E₂ vs. Li⁺/Li", "V", number=True),
        Head("ΔQ cell", "mAh", number=True),
        Head("Δq reference", "mAh\u00a0g⁻¹", number=True),
        Head("θ", number=True),
        Head("Used?", wide=True),
    )
    every = (*u.windows, *u.outside)
    rows = tuple(
        texts(
            str(window.number),
            plain_number(window.potential_1_volt, 4),
            plain_number(window.potential_2_volt, 4),
            plain_number(window.cell_charge_mAh, 4),
            plain_number(window.reference_charge_mAh_g, 2),
            percent(u.estimates.estimate(window.estimate_name) if window.estimate_name in u.estimates else None),
            f"dropped: {window.dropped}" if window.dropped else "yes",
        )
        for window in every
    )
    dropped = tuple(i for i, window in enumerate(every) if window.dropped)
    return (Subtitle("Windows"), Grid("Windows between relaxed potentials", columns, rows, dropped))
