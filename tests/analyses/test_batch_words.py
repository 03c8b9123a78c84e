"""Sentences about batches claim what the intervals say, and no more."""

from __future__ import annotations

from cathodelab.analyses.batches.model import BatchReport, Comparison, ProcedureDifference, Scatter
from cathodelab.analyses.batches.words import conclusions, difference_words
from cathodelab.analyses.correlation import Correlation
from cathodelab.analyses.differences import Difference
from cathodelab.analyses.variance import GroupDifference, Interval, VarianceComponents


def _scatter(procedure: str, batches: int) -> Scatter:
    one = Interval(1.0, 0.5, 3.0)
    parts = VarianceComponents(3 * batches, batches, one, one, one, one, 1.0, ())
    return Scatter("gross capacity", "mAh/g", "0.1C", procedure, parts, 1.9, ())


def _report(ratio: Interval, difference: Interval, found: list[tuple[str, str, Correlation]]) -> BatchReport:
    infinite = float("inf")
    needed = ((2.0, Interval(infinite, 90.0, infinite)), (5.0, Interval(33.0, 12.0, infinite)))
    one = Comparison("gross capacity", "0.1C", "hand", "machine", GroupDifference(difference, 0.5, ratio), needed)
    return BatchReport((), (), (_scatter("hand", 3), _scatter("machine", 3)), (one,), tuple(found), {}, {}, ())


_UNKNOWN = Interval(-5.0, -29.7, 19.6)


def test_a_procedure_reproduces_better_only_beyond_the_interval() -> None:
    """Ratio above one, below one, and one that may be one; few batches are said."""
    first = conclusions(_report(Interval(10.8, 3.7, 59.0), _UNKNOWN, []))[0]
    assert first.startswith("Machine reproduces better than hand: the gross capacity at 0.1C scatters 10.8 times")
    assert "hand: 9 cells of 3 batches" in first
    assert "so few batches" in first
    turned = conclusions(_report(Interval(0.1, 0.05, 0.5), _UNKNOWN, []))[0]
    assert turned.startswith("Hand reproduces better than machine")
    assert "10.0 times (95 %: 2.0 to 20.0)" in turned
    open_ = conclusions(_report(Interval(1.8, 0.4, 7.7), _UNKNOWN, []))[0]
    assert open_.startswith("Neither hand nor machine is shown to reproduce better")


def test_means_that_may_be_equal_are_not_called_equal() -> None:
    """And how many batches would tell."""
    sentence = conclusions(_report(Interval(1.8, 0.4, 7.7), _UNKNOWN, []))[1]
    assert "not shown to differ, nor to be equal" in sentence
    assert "33 (12 to more than 200) batches of three cells each would show 5 mAh/g" in sentence
    differ = conclusions(_report(Interval(1.8, 0.4, 7.7), Interval(-5.0, -8.0, -2.0), []))[1]
    assert differ.startswith("Their means differ")


def test_capacity_follows_the_utilization_where_it_is_beyond_chance() -> None:
    """At the low rate, not at the high one."""
    slow = ("gross capacity", "0.1C", Correlation(18, 0.98, 0.9, 0.99, -0.6, 0.75))
    fast = ("gross capacity", "1C", Correlation(18, 0.40, 0.9, 0.35, -0.6, 0.75))
    nothing = Interval(1.8, 0.4, 7.7)
    sentence = conclusions(_report(nothing, _UNKNOWN, [slow, fast]))[-1]
    assert "follows the utilization at 0.1C (r = 0.98, n = 18), beyond what chance" in sentence
    assert "It is not shown to at 1C (r = 0.40" in sentence
    assert "not shown to follow" in conclusions(_report(nothing, _UNKNOWN, [fast]))[-1]


def test_a_difference_says_of_what_it_is() -> None:
    """Of samples, of these composites, or of these cells."""

    def words(level: str, composites: tuple[int, int]) -> str:
        found = Difference(11.6, 8.2, 15.0, level, (3, 4), composites, 0.4)  # type: ignore[arg-type]
        return difference_words(ProcedureDifference("static utilization", "", "%", "machine", "hand", found))

    begin = "Static utilization, machine minus hand: 11.6 percentage points (95 %: 8.2 to 15.0), from 3 cells of "
    assert words("samples", (2, 2)) == f"{begin}2 composites and 4 cells of 2 composites."
    assert words("composites", (1, 2)).startswith(
        f"{begin}1 composite and 4 cells of 2 composites. This is a difference of these"
    )
    assert "cannot be told" in words("composites", (1, 2))
    assert "of these cells" in words("cells", (3, 4))
