"""All cells side by side: utilizations and losses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cathodelab.analyses.overview import (
    OverviewSettings,
    loss_figures,
    loss_overview,
    utilization_figures,
    utilization_overview,
)
from cathodelab.core.errors import OtherData
from cathodelab.core.estimate import Estimate, EstimateSet
from cathodelab.core.method import Finding, Findings
from cathodelab.core.samples import Cell
from cathodelab.core.sources import Source


def _cell(name: str, batch: str) -> Cell:
    return Cell(name, "cell", Estimate(8.0), "In/InLi", Estimate(0.62), ("a",), batch=batch)


def _finding(cell: Cell, *columns: tuple[str, float]) -> Finding[Any]:
    names, values = zip(*columns, strict=True)
    sources = (Source(f"{cell.id}/mass", "weighing", "standard"), Source("liquid/mass", "reference", "one-sided limit"))
    effects = np.tile([0.03, 0.04], (len(names), 1))
    estimates = EstimateSet(
        names, np.array(values), ("1",) * len(names), ("",) * len(names), ("",) * len(names), sources, effects
    )
    return Finding(cell, estimates, (), lambda: None)


CELLS = (_cell("a", "hand"), _cell("b", "machine"), _cell("c", "hand"))


def test_utilizations_stand_in_the_colours_of_their_batches_with_both_sides() -> None:
    """Per cent; the thick bar is the cell's own part; failed cells are marked; the truth stands beside."""
    of = {"utilization": tuple(_finding(one, ("static_utilization", 0.8)) for one in CELLS)}
    found = utilization_overview(
        Findings(
            CELLS, of, truth={"b": {"static_utilization": 0.83}}, failing=frozenset({("cell", "b"), ("pellet", "a")})
        ),
        OverviewSettings(),
    )
    assert found.value == pytest.approx([80.0] * 3)
    assert (found.minus[0], found.plus[0], found.own[0]) == pytest.approx((3.0, 5.0, 3.0))
    assert found.colours == (0, 1, 0)
    (spec,) = utilization_figures(found)
    panel = spec.panels[0]
    assert panel.x.ticks == ("a", "b !", "c")
    thick, thin, *_ = panel.series
    assert thick.heavy
    assert thin.x.tolist() == [0.0, 2.0]
    assert thin.y_minus is not None
    assert thin.y_plus is not None
    assert (thin.y_minus[0], thin.y_plus[0]) == pytest.approx((3.0, 5.0))
    assert panel.series[-1].y == pytest.approx([83.0])
    assert panel.series[-1].x == pytest.approx([1.2])


def test_losses_are_stacked_on_what_was_delivered() -> None:
    """Kinetic on delivered, static on both, with the errors of each."""
    columns = ("gross_specific_capacity", 110.0), ("kinetic_loss", 5.0), ("static_loss", 30.0)
    found = loss_overview(Findings(CELLS, {"losses": (_finding(CELLS[0], *columns),)}), OverviewSettings())
    (spec,) = loss_figures(found)
    delivered, kinetic, static = spec.panels[0].series
    assert delivered.y == pytest.approx([110.0])
    assert kinetic.base == pytest.approx([110.0])
    assert static.base == pytest.approx([115.0])
    assert static.y == pytest.approx([30.0])
    assert (kinetic.y_minus, kinetic.y_plus) == (pytest.approx([0.03]), pytest.approx([0.05]))


def test_without_results_there_is_nothing_to_show() -> None:
    """And nothing to say."""
    with pytest.raises(OtherData):
        utilization_overview(Findings(CELLS, {}), OverviewSettings())
    with pytest.raises(OtherData):
        loss_overview(Findings(CELLS, {}), OverviewSettings())
