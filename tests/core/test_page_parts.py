"""Grids of estimates, checks and budgets as a reader sees them: texts, sides, colours, order."""

from __future__ import annotations

import numpy as np
import pytest

from cathodelab.core.checks import Check
from cathodelab.core.document import Drawing, Grid, Paragraph, Subtitle
from cathodelab.core.estimate import EstimateSet
from cathodelab.core.pages import budget_blocks, check_grid, estimate_grid, plain_page, worst_first
from cathodelab.core.sources import Source

SOURCES = (
    Source("a/mass", "weighing", "standard", "weigh more"),
    Source("a/relaxation", "relaxation", "one-sided limit", "rest longer"),
    Source("a/noise", "noise", "standard", "record more"),
)
ESTIMATES = EstimateSet(
    names=("c_rate", "coulombic_efficiency"),
    values=np.array([0.5, 0.99]),
    units=("1/h", "1"),
    pers=("connected mass", ""),
    hows=("current", "charge"),
    sources=SOURCES,
    effects=np.array([[0.03, -0.04, 1e-4], [0.01, 0.0, 0.0]]),
)
NONE = EstimateSet((), np.zeros(0), (), (), (), (), np.zeros((0, 0)))


def _texts(grid: Grid) -> list[list[str]]:
    return [[entry.text for entry in row] for row in grid.rows]


def _check(name: str, sentence: str, *, passed: bool | None) -> Check:
    return Check(name, passed, 0.0, 1.0, sentence)


def test_every_estimate_has_its_interval_unit_and_what_it_refers_to() -> None:
    """Fractions have no unit; what refers to nothing says so."""
    grid = estimate_grid(ESTIMATES, "made")
    assert [head.title for head in grid.columns] == ["Quantity", "value", "unit", "per", "how"]
    assert _texts(grid) == [
        ["C-rate", "0.500 (+0.030 −0.050)", "1/h", "connected mass", "current"],
        ["Coulombic efficiency", "0.990 ± 0.010", "–", "–", "charge"],
    ]


def test_a_page_without_anything_is_empty() -> None:
    """Figures alone stand without a grid, estimates alone without figures."""
    drawing = Drawing("a", 1, "A figure.")
    assert plain_page("made", NONE, []).rest == ()
    assert plain_page("made", NONE, [drawing]).rest == (Subtitle("made"), drawing)
    assert [block.kind for block in plain_page("made", ESTIMATES, [drawing]).rest] == ["subtitle", "drawing", "grid"]
    assert plain_page("made", ESTIMATES, [drawing]).top == ()


def test_verdicts_have_their_words_and_colours() -> None:
    """What failed is bad, what passed is good, the rest is unknown."""
    grid = check_grid([_check("end_of_rest", "It moves.", passed=one) for one in (True, False, None)], "checks")
    assert [(row[0].text.replace("\u00a0", " "), row[0].tone) for row in grid.rows] == [
        ("✓ passed", "good"),
        ("✗ failed", "bad"),
        ("? cannot tell", "unknown"),
    ]
    assert _texts(grid)[0][1:] == ["end of rest", "It moves."]


def test_what_failed_comes_first_and_each_sentence_once() -> None:
    """Of one verdict the order stays; the same sentence with another verdict is another."""
    checks = [
        _check("a", "Good.", passed=True),
        _check("b", "Unknown.", passed=None),
        _check("c", "Bad.", passed=False),
        _check("d", "Good.", passed=True),
        _check("e", "Good.", passed=False),
    ]
    assert [one.name for one in worst_first(checks)] == ["c", "e", "b", "a"]


@pytest.mark.parametrize(("scale", "unit", "effect"), [(1.0, "1/h", "+0.03 −0.03"), (100.0, "%", "+3.00 −3.00")])
def test_a_budget_shows_effects_with_their_sides_and_shares(scale: float, unit: str, effect: str) -> None:
    """Scaled as the number is shown; what is below 0.05 % of the variance is named below the grid."""
    title, grid, rest = budget_blocks(ESTIMATES, "c_rate", "C", unit=unit, scale=scale)
    assert title == Subtitle("Where the interval comes from")
    assert isinstance(grid, Grid)
    assert (grid.columns[1].title, grid.columns[1].unit) == ("effect on C", unit)
    assert [(head.number, head.wide) for head in grid.columns] == [
        (False, True),
        (True, False),
        (False, False),
        (False, True),
    ]
    texts = _texts(grid)
    assert texts[1] == ["weighing", effect, "36.0 %", "weigh more"]
    assert texts[0][:1] + texts[0][2:] == ["relaxation", "64.0 %", "rest longer"]
    assert texts[0][1] == f"+{0.0:.2f} −{0.04 * scale:.2f}"
    assert [row[2].share for row in grid.rows] == pytest.approx([0.64, 0.36], abs=1e-4)
    assert isinstance(rest, Paragraph)
    assert rest.text == "Below 0.05 % of the variance each: noise."
