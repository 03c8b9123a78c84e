"""What the utilization brings into overviews, tables and the page of a cell."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import cells

from cathodelab.core.document import Drawing, Grid, Headline
from cathodelab.core.number_text import percent
from cathodelab.techniques.utilization.method import METHOD, static_utilization
from cathodelab.techniques.utilization.model import UtilizationResult, UtilizationSettings
from cathodelab.techniques.utilization.page import page
from cathodelab.techniques.utilization.tables import tables


@pytest.fixture(scope="module")
def result() -> UtilizationResult:
    """A cell with a window that is not used."""
    found = static_utilization(
        cells.cell(), cells.solid(0.8), cells.reference_cell(), cells.reference(), UtilizationSettings(), 200.0
    )
    first, *others = found.windows
    return replace(found, windows=(replace(first, dropped="for the test"), *others))


def test_the_utilization_is_shown_in_per_cent_with_its_own_part(result: UtilizationResult) -> None:
    """Both sides as they are; the part from the cell is smaller than the whole."""
    (shown,) = METHOD.shown([result])
    theta = result.estimates.estimate("static_utilization")
    one = shown.of(result.estimates)
    assert one is not None
    assert (one.value, one.minus, one.plus) == pytest.approx((100 * theta.value, 100 * theta.minus, 100 * theta.plus))
    assert 0 < shown.own_part_of(result.estimates, cells.cell().id) < max(one.minus, one.plus)
    assert (shown.budget, shown.covariance, shown.unit) == (True, True, "%")


def test_every_window_is_a_row(result: UtilizationResult) -> None:
    """With its two half-widths, potentials, charges and why it was dropped."""
    (table,) = tables([(cells.cell(), result)])
    assert table.record == "windows"
    assert len(table.rows) == len(result.windows)
    window, row = result.windows[0], table.records[0]
    one = result.estimates.estimate(window.estimate_name)
    assert (row["utilization"], row["minus"], row["plus"]) == (one.value, one.minus, one.plus)
    assert (row["potential_1_volt_vs_lithium"], row["potential_2_volt_vs_lithium"]) == (
        window.potential_1_volt,
        window.potential_2_volt,
    )
    assert (row["cell_charge_mAh"], row["reference_charge_mAh_g"]) == (
        window.cell_charge_mAh,
        window.reference_charge_mAh_g,
    )
    assert (row["used"], row["dropped_because"]) == (False, "for the test")
    assert table.records[1]["used"] is True


def test_the_page_opens_with_the_number_and_its_figure(result: UtilizationResult) -> None:
    """Then windows and budget; a window that is not used is set apart."""
    drawing = Drawing("x", 1, "caption")
    found = page(cells.cell(), result, [drawing])
    head, words, shown = found.top
    assert isinstance(head, Headline)
    assert head.text == f"θ = {percent(result.estimates.estimate('static_utilization'))}"
    assert f"Reference {result.reference_id}" in repr(words)
    assert shown == drawing
    windows, budget = (one for one in found.rest if isinstance(one, Grid))
    assert windows.soft_rows == (0,)
    assert windows.rows[0][-1].text == "dropped: for the test"
    assert budget.columns[1].unit == "%"
    shares = [float(row[2].text.removesuffix(" %")) for row in budget.rows]
    assert sum(shares) == pytest.approx(100, abs=0.5)
    largest = result.estimates.budget("static_utilization")[0]
    assert budget.rows[0][1].text == f"+{100 * largest.plus:.2f} −{100 * largest.minus:.2f}"
