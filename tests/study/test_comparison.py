"""What moved, appeared or went between two results."""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from stored import failure, of_schema_2, record

from cathodelab.core.errors import CathodelabError
from cathodelab.study.comparison import Change, ResultComparison, compared_results
from cathodelab.study.stored_results import stored_results

Mend = Callable[[dict[str, Any]], object]


def _compared(mend: Mend, tolerance: float = 0.01, **schema: bool) -> ResultComparison:
    """The made results against a copy of them that was changed."""
    new = record()
    mend(new)
    if schema:
        new = of_schema_2(new, **schema)
    return compared_results(stored_results(record(), "old"), stored_results(new, "new"), tolerance)


def _one(mend: Mend, tolerance: float = 0.01) -> Change:
    (change,) = _compared(mend, tolerance).changes
    return change


def _estimate(one: dict[str, Any], method: str = "utilization", name: str = "static_utilization") -> dict[str, Any]:
    found: dict[str, Any] = one["cells"]["b"][method]["estimates"][name]
    return found


def test_equal_results_have_no_change() -> None:
    """And everything is counted."""
    found = _compared(lambda _: None)
    assert found.changes == ()
    assert found.equal == {"outcome": 4, "check": 4, "estimate": 6, "table": 2}
    assert found.described_otherwise == 0
    assert found.inputs == ()


@pytest.mark.parametrize("alias", [True, False])
def test_schema_1_and_2_are_compared_with_each_other(*, alias: bool) -> None:
    """The same numbers under another key are no change; one that moved is one change."""
    assert _compared(lambda _: None, alias=alias).changes == ()
    found = _compared(lambda one: _estimate(one).update(value=0.81), alias=alias)
    assert [change.key for change in found.changes] == [("b", "utilization", "static_utilization")]


def test_samples_of_another_kind_are_no_cells_of_that_name() -> None:
    """A pellet named like a cell stands beside it, with its kind."""
    new = of_schema_2(record(), alias=False)
    new["samples"]["pellet"] = {"a": copy.deepcopy(new["samples"]["cell"]["a"])}
    new["outcomes"].append({"kind": "pellet", "sample": "a", "method": "utilization", "status": "ok", "error": None})
    found = compared_results(stored_results(record(), "old"), stored_results(new, "new"))
    assert {(change.kind, change.key[0]) for change in found.changes} == {("appeared", "pellet a")}
    assert len(found.changes) == 4
    assert found.equal["estimate"] == 6


def test_outcomes_of_the_whole_study_have_no_sample() -> None:
    """A study method's outcome."""
    new = of_schema_2(record())
    new["outcomes"].append({"method": "batches", "status": "ok", "error": None})
    found = compared_results(stored_results(record(), "old"), stored_results(new, "new"))
    assert [(change.kind, change.key, change.new) for change in found.changes] == [("appeared", ("", "batches"), "ok")]


def test_outcomes_of_study_methods_may_stand_by_themselves() -> None:
    """As schema 2 keeps them."""
    new = of_schema_2(record())
    new["study_outcomes"] = [{"method": "batches", "status": "failed", "error": failure()}]
    (change,) = compared_results(stored_results(record(), "old"), stored_results(new, "new")).changes
    assert (change.kind, change.key, change.new) == ("appeared", ("", "batches"), "failed")


def test_a_method_that_is_skipped_or_not_listed_is_no_change() -> None:
    """Schema 2 leaves out what does not apply; it is counted. A result that is gone is a change."""
    old = record()
    old["outcomes"].append({"cell": "a", "method": "impedance", "status": "skipped", "error": failure("no-spectra")})
    for pair in ((old, record()), (record(), old)):
        found = compared_results(*(stored_results(one, "x") for one in pair))
        assert (found.changes, found.skipped) == ((), 1)
    gone = _one(lambda one: one["outcomes"].pop())
    assert (gone.kind, gone.old) == ("went", "ok")


def test_tables_of_schema_1_are_compared_under_the_heads_of_schema_2() -> None:
    """A cell is a sample; what both have is compared, columns that only one has are named."""
    new = of_schema_2(record())
    new["windows"] = [{"kind": "cell", "sample": row.pop("cell"), **row} for row in new["windows"]]
    (change,) = compared_results(stored_results(record(), "old"), stored_results(new, "new")).changes
    assert (change.kind, change.words) == ("rows", "columns new: kind")
    new["windows"][1]["utilization"] = 0.7
    (change,) = compared_results(stored_results(record(), "old"), stored_results(new, "new")).changes
    assert change.words == "columns new: kind; 1 of them differ"


@pytest.mark.parametrize(("value", "shift"), [(0.81, 0.5), (0.79, -1.0), (0.8003, 0.015)])
def test_a_shift_is_in_half_widths_of_its_side(value: float, shift: float) -> None:
    """Plus 0.02 upwards, minus 0.01 downwards."""
    change = _one(lambda one: _estimate(one).update(value=value))
    assert (change.topic, change.kind, change.words) == ("estimate", "value", "half-widths")
    assert change.shift == pytest.approx(shift)


def test_shifts_within_the_tolerance_are_no_change() -> None:
    """0.01 half-widths unless stated otherwise."""
    assert _compared(lambda one: _estimate(one).update(value=0.80019)).changes == ()
    assert _compared(lambda one: _estimate(one).update(value=0.80021)).changes != ()
    assert _compared(lambda one: _estimate(one).update(value=0.81), tolerance=0.6).changes == ()
    assert _compared(lambda one: _estimate(one).update(value=0.800001), tolerance=0.0).changes != ()


def test_a_number_without_half_widths_is_measured_by_itself() -> None:
    """A ten-thousandth by default; a half-width of nothing is none."""
    bare = "losses", "cut_off"
    change = _one(lambda one: _estimate(one, *bare).update(value=5.001))
    assert change.shift == pytest.approx(2e-4)
    assert "no half-width" in change.words
    assert _compared(lambda one: _estimate(one, *bare).update(value=5.0004)).changes == ()


def test_a_number_that_is_lost_is_a_change() -> None:
    """Null instead of a number, and the other way round."""
    change = _one(lambda one: _estimate(one).update(value=None))
    assert (change.kind, change.old, change.new, change.shift) == ("value", "0.8", "unknown", None)


@pytest.mark.parametrize(("side", "value", "shift"), [("minus", 0.012, 0.2), ("plus", 0.015, -0.25)])
def test_half_widths_that_change_are_said_with_their_side(side: str, value: float, shift: float) -> None:
    """Relative to the old half-width."""
    change = _one(lambda one: _estimate(one).update({side: value}))
    assert (change.kind, change.words) == ("half-width", f"of the half-width, {side}")
    assert change.shift == pytest.approx(shift)
    assert _compared(lambda one: _estimate(one).update({side: value}), tolerance=0.3).changes == ()
    lost = _one(lambda one: _estimate(one).update({side: None}))
    assert (lost.kind, lost.new, lost.shift) == ("half-width", "unknown", None)


def test_minus_and_plus_swapped_are_two_changes() -> None:
    """The value stands where it was."""
    found = _compared(lambda one: _estimate(one).update(minus=0.02, plus=0.01))
    assert [(change.kind, change.old, change.new) for change in found.changes] == [
        ("half-width", "0.01", "0.02"),
        ("half-width", "0.02", "0.01"),
    ]


@pytest.mark.parametrize(
    ("name", "value"), [("unit", "%"), ("per", "connected mass"), ("level", 0.95), ("level", None)]
)
def test_another_meaning_of_a_number_is_a_change(name: str, value: object) -> None:
    """Unit, what it refers to, level: whatever the number is."""
    change = _one(lambda one: _estimate(one).update({name: value}), tolerance=1e6)
    assert (change.kind, change.words) == ("meaning", name)


def test_other_words_are_counted_and_no_change() -> None:
    """How a number was obtained."""
    found = _compared(lambda one: _estimate(one).update(how="another fit"))
    assert found.changes == ()
    assert found.described_otherwise == 1


def test_what_appears_or_goes_is_said_with_its_value() -> None:
    """An estimate, a check."""
    went = _one(lambda one: one["cells"]["b"]["losses"]["estimates"].pop("static_loss"))
    assert (went.kind, went.old) == ("went", "30 (+1 -2) mAh/g")
    came = _one(lambda one: one["checks"].append({**one["checks"][0], "name": "new", "passed": False}))
    assert (came.topic, came.kind, came.key, came.new) == ("check", "appeared", ("a", "utilization", "new"), "failed")


def test_checks_of_one_name_are_told_apart_by_a_number() -> None:
    """Two of three equal ones stay."""
    old, new = record(), record()
    old["checks"] += [dict(old["checks"][0]) for _ in range(2)]
    new["checks"] += [dict(new["checks"][0])]
    found = compared_results(stored_results(old, "old"), stored_results(new, "new"))
    assert [(change.kind, change.key) for change in found.changes] == [
        ("went", ("a", "utilization", "end_of_rest (3)"))
    ]


@pytest.mark.parametrize("passed", [False, None])
def test_a_verdict_that_changes(*, passed: bool | None) -> None:
    """With the sentence of the new one; 1 and true, null and false are different verdicts."""
    change = _one(lambda one: one["checks"][0].update(passed=passed, sentence="It moves."))
    assert (change.topic, change.kind, change.old, change.words) == ("check", "verdict", "passed", "It moves.")
    assert change.new == {False: "failed", None: "cannot tell"}[passed]


def test_limits_and_figures_of_checks() -> None:
    """The limit relative to itself, the figure relative to the limit."""
    limit = _one(lambda one: one["checks"][0].update(limit=0.6))
    assert (limit.kind, limit.shift) == ("limit", pytest.approx(0.2))
    value = _one(lambda one: one["checks"][0].update(value=0.2))
    assert (value.kind, value.shift) == ("check value", pytest.approx(0.2))
    assert _compared(lambda one: one["checks"][0].update(value=0.104)).changes == ()


def test_outcomes_that_change() -> None:
    """Status, and the code of the error where the status is the same."""

    def failed(one: dict[str, Any]) -> None:
        one["outcomes"][2].update(status="failed", error=failure())

    change = _one(failed)
    assert (change.kind, change.key, change.old, change.new) == ("status", ("b", "utilization"), "ok", "failed")
    assert change.words == "It was cut off [cell b]"
    old, new = record(), record()
    failed(old)
    failed(new)
    new["outcomes"][2]["error"] = failure("file-empty")
    (other,) = compared_results(stored_results(old, "old"), stored_results(new, "new")).changes
    assert (other.kind, other.old, other.new) == ("error", "file-truncated", "file-empty")


def test_rows_of_tables_are_counted() -> None:
    """Fewer rows, rows that differ, other columns."""
    fewer = _one(lambda one: one["windows"].pop())
    assert (fewer.key, fewer.old, fewer.new) == (("windows",), "2 rows", "1 rows")
    other = _one(lambda one: one["windows"][0].update(used=False))
    assert other.words == "1 of them differ"
    moved = _one(lambda one: one["batches"]["scatter"][0].update(mean=0.8001))
    assert (moved.key, moved.words) == (("scatter",), "1 of them differ")
    assert _compared(lambda one: one["batches"]["scatter"][0].update(mean=0.80004)).changes == ()
    columns = _one(lambda one: [row.update(level=1) or row.pop("used") for row in one["windows"]])
    assert columns.words == "columns gone: used; columns new: level"
    turned = _compared(lambda one: one.update(windows=[dict(reversed(row.items())) for row in one["windows"]]))
    assert turned.changes == ()


def test_the_most_important_comes_first() -> None:
    """Outcomes, verdicts, units, what is gone, then the farthest shifts; what is new comes late."""

    def mend(one: dict[str, Any]) -> None:
        one["outcomes"][0].update(status="failed", error=failure())
        one["checks"][0].update(passed=False)
        one["checks"].append({**one["checks"][0], "name": "new", "passed": True})
        one["checks"][2].update(value=0.4)
        one["cells"]["a"]["losses"]["estimates"].pop("cut_off")
        one["cells"]["a"]["utilization"]["estimates"]["static_utilization"].update(value=0.79)
        _estimate(one).update(value=0.9, unit="%")
        one["windows"].pop()

    kinds = [(change.kind, change.key[0]) for change in _compared(mend).changes]
    assert kinds == [
        ("status", "a"),
        ("verdict", "a"),
        ("meaning", "b"),
        ("went", "a"),
        ("value", "b"),
        ("value", "a"),
        ("rows", "windows"),
        ("appeared", "a"),
        ("check value", "b"),
    ]


def test_what_went_in_is_a_reason_and_no_change() -> None:
    """Versions, settings, contents of files."""

    def mend(one: dict[str, Any]) -> None:
        one["provenance"]["versions"]["numpy"] = "2.1"
        one["provenance"]["settings"]["methods"]["utilization"]["mode"] = "raw"
        one["provenance"]["files"][0]["sha256"] = "01"

    found = _compared(mend)
    assert found.changes == ()
    assert found.inputs == (
        ("version of numpy", "2.0", "2.1"),
        ("content of a.csv", "00", "01"),
        ("setting methods.utilization.mode", "corrected", "raw"),
    )


def test_settings_are_written_as_a_person_writes_them() -> None:
    """0.1, not 0.10000000000000001."""

    def mend(one: dict[str, Any]) -> None:
        one["provenance"]["settings"]["methods"]["utilization"]["mode"] = 0.1

    assert _compared(mend).inputs == (("setting methods.utilization.mode", "corrected", "0.1"),)


@pytest.mark.parametrize(("old", "new"), [(1.0, 1), ("no", False), ("yes", True)])
def test_settings_that_are_written_in_another_way_are_equal(old: object, new: object) -> None:
    """Truth values and whole numbers."""
    found = []
    for value in (old, new):
        one = record()
        one["provenance"]["settings"]["methods"]["utilization"]["mode"] = value
        found.append(stored_results(one, "x"))
    assert compared_results(*found).inputs == ()


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda one: one.pop("schema_version"), "no-results"),
        (lambda one: one.pop("outcomes"), "no-results"),
        (lambda one: one.update(schema_version=3), "results-schema"),
        (lambda one: one.update(schema_version=None), "results-schema"),
        (lambda one: one.pop("cells"), "results-damaged"),
        (lambda one: one.update(cells=[1]), "results-damaged"),
        (lambda one: _estimate(one).pop("minus"), "results-damaged"),
        (lambda one: _estimate(one).update(value="much"), "results-damaged"),
        (lambda one: _estimate(one).update(value=True), "results-damaged"),
        (lambda one: one.update(checks=None), "results-damaged"),
        (lambda one: one["checks"][0].update(passed="yes"), "results-damaged"),
        (lambda one: one["outcomes"][0].pop("method"), "results-damaged"),
        (lambda one: one["outcomes"][0].update(error="bad"), "results-damaged"),
    ],
)
def test_what_is_no_results_record_is_one_clear_error(damage: Mend, code: str) -> None:
    """Never a traceback."""
    one = record()
    damage(one)
    with pytest.raises(CathodelabError) as caught:
        stored_results(one, "here")
    assert (caught.value.code, caught.value.where) == (code, "here")


@pytest.mark.parametrize("content", [None, [], "text", 3, {"error": {"code": "study-invalid"}}])
def test_other_json_is_no_results_record(content: object) -> None:
    """Lists, texts, the error of a run that failed."""
    with pytest.raises(CathodelabError, match="no results of a study"):
        stored_results(content, "here")


def test_numbers_that_json_should_not_hold_are_unknown() -> None:
    """NaN and infinities."""
    one = record()
    _estimate(one).update(value=float("nan"), plus=float("inf"))
    found = stored_results(one, "here").estimates["b", "utilization", "static_utilization"]
    assert (found.value, found.plus, found.minus) == (None, None, 0.01)
