"""Parts of pages that methods share, numbers for overviews, ids of sections."""

from __future__ import annotations

import numpy as np
import pytest

from cathodelab.core.checks import Check
from cathodelab.core.document import anchors
from cathodelab.core.estimate import EstimateSet
from cathodelab.core.method import Shown
from cathodelab.core.pages import budget_blocks, check_grid, plain_page, unit_on_page, worst_first
from cathodelab.core.sources import Source


def _estimates() -> EstimateSet:
    sources = (Source("a/mass", "weighing", "standard", "weigh again"), Source("ref/mass", "reference", "standard"))
    return EstimateSet(
        ("share", "mass"),
        np.array([0.8, 5.0]),
        ("1", "mg"),
        ("", ""),
        ("", ""),
        sources,
        np.array([[0.03, 0.04], [0.1, 0.0]]),
    )


@pytest.mark.parametrize(
    ("unit", "set_as"),
    [
        ("mAh/g", "mAh\u00a0g⁻¹"),
        ("1/h", "h⁻¹"),
        ("ohm cm2", "Ω\u00a0cm²"),
        ("ohm cm2 h^-0.5", "Ω\u00a0cm²\u00a0h⁻⁰·⁵"),
        ("g/cm3", "g\u00a0cm⁻³"),
        ("%", "%"),
        ("um", "µm"),
        ("1", ""),
        ("", ""),
    ],
)
def test_units_are_set_as_in_print(unit: str, set_as: str) -> None:
    """Powers instead of slashes, Greek letters instead of words."""
    assert unit_on_page(unit) == set_as


def test_a_number_for_overviews_keeps_its_sides() -> None:
    """Value and both half-widths scaled together; another name where the first is not there; none where none is."""
    shown = Shown("gone", "Share", "%", 100.0, otherwise=("share",))
    one = shown.of(_estimates())
    assert one is not None
    assert (one.value, one.minus, one.plus, one.unit) == (80.0, pytest.approx(5.0), pytest.approx(5.0), "%")
    assert shown.own_part_of(_estimates(), "a") == pytest.approx(3.0)
    assert Shown("gone", "Share").of(_estimates()) is None


def test_own_sources_are_those_with_the_name_of_the_sample() -> None:
    """Not those of a sample whose name begins alike."""
    assert _estimates().own_half_width("share", "a") == pytest.approx(0.03)
    assert _estimates().own_half_width("share", "re") == 0.0


def test_ids_of_pages_are_never_alike() -> None:
    """Whatever stands in names, and whichever kinds share one."""
    found = anchors(
        [("cell", "a"), ("pellet", "a"), ("cell", "ä"), ("cell", "ö"), ("cell-b", "1"), ("cell", "b-1")], ["cell-a"]
    )
    assert len(set(found.values())) == len(found) == 6
    assert "cell-a" not in found.values()
    assert all(name.isascii() and name.replace("-", "").isalnum() for name in found.values())


def test_what_failed_stands_first_and_once() -> None:
    """Several methods read the same files."""
    passed, failed = (
        Check("a", passed=True, value=1, limit=2, sentence="Fine."),
        Check("b", passed=False, value=1, limit=2, sentence="Not fine."),
    )
    unknown = Check("c", None, 1, 2, "Who knows.")
    found = worst_first([passed, unknown, failed, passed])
    assert found == [failed, unknown, passed]
    assert [row[1].text for row in check_grid(found, "checks").rows] == ["b", "c", "a"]


def test_a_budget_says_which_side_is_which() -> None:
    """Effects scaled as the number is; what is negligible is named below."""
    blocks = budget_blocks(_estimates(), "share", "the share", unit="%", scale=100.0)
    grid = blocks[1]
    assert grid.kind == "grid"
    assert [entry.text for entry in grid.rows[0]] == ["reference", "+4.00 −4.00", "64.0 %", ""]
    assert [entry.text for entry in grid.rows[1]] == ["weighing", "+3.00 −3.00", "36.0 %", "weigh again"]
    small = budget_blocks(_estimates(), "mass", "the mass", digits=3)
    assert small[1].kind == "grid"
    assert [entry.text for entry in small[1].rows[0]][:2] == ["weighing", "+0.100 −0.100"]
    assert small[2].kind == "paragraph"
    assert "reference" in small[2].text


def test_a_method_without_a_layout_shows_figures_and_estimates_or_nothing() -> None:
    """No empty title."""
    empty = EstimateSet((), np.zeros(0), (), (), (), (), np.zeros((0, 0)))
    assert plain_page("Title", empty, []).rest == ()
    title, grid = plain_page("Title", _estimates(), []).rest
    assert title.kind == "subtitle"
    assert grid.kind == "grid"
    assert [entry.text for entry in grid.rows[1]][:3] == ["mass", "5.00 ± 0.10", "mg"]
