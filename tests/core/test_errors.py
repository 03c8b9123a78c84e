"""The one kind of error."""

from __future__ import annotations

import copy
import pickle

import pytest

from cathodelab.core.errors import (
    FILES,
    CathodelabError,
    Hint,
    NotInRecord,
    OtherData,
    Problem,
    StudyInvalid,
    error_of,
)

ERROR = CathodelabError("code", "What", where="cell a", why="Why.", what_to_do="Do this.")


def test_reads_as_four_sentences() -> None:
    """What [where]. Why. What to do."""
    assert str(ERROR) == "What [cell a]. Why. Do this."
    assert ERROR.as_record() == {
        "code": "code",
        "what": "What",
        "where": "cell a",
        "why": "Why.",
        "what_to_do": "Do this.",
    }


def test_place_is_put_in_front() -> None:
    """The caller adds what it knows."""
    assert ERROR.at("study b").where == "study b, cell a"


def test_survives_the_way_between_processes() -> None:
    """Pool workers pickle it."""
    back = pickle.loads(pickle.dumps(ERROR))  # noqa: S301 - our own bytes
    assert back.as_record() == ERROR.as_record()
    assert copy.copy(ERROR).code == "code"


def test_study_invalid_lists_all_problems() -> None:
    """One line each."""
    problems = (Problem("cells.csv", "row 2", "role", "x", "cell or reference"), Problem("a", "", "b", "c", "d"))
    text = str(StudyInvalid("here", problems))
    assert "2 problems" in text
    assert "1. cells.csv, row 2, role: 'x'. Allowed: cell or reference." in text


class ShutterClosed(NotInRecord):
    """An error of somebody else's package, with a constructor and attributes of its own."""

    def __init__(self, instrument: str, scans: tuple[int, ...]) -> None:
        super().__init__(
            "shutter-closed",
            f"{instrument} measured nothing",
            where=f"scans {scans}",
            why="The shutter was closed.",
            what_to_do="Open it.",
            hints=(Hint("column", "area_cm2"),),
        )
        self.instrument, self.scans, self.handle = instrument, scans, object()

    def first(self) -> int:
        """A method of its own."""
        return self.scans[0]


def door(hint: Hint) -> str:
    """A door that knows columns alone."""
    return f"See {hint.name}." if hint.about == "column" else ""


def test_a_class_of_ones_own_keeps_itself_on_every_way() -> None:
    """Between processes, placed by a caller, shown at a door; with what it holds besides the four sentences."""
    error = ShutterClosed("XPS", (3, 4))
    error.handle = None  # an object has no way between processes
    for again in (
        pickle.loads(pickle.dumps(error)),  # noqa: S301 - our own bytes
        copy.copy(error),
        error.at("sample a").at("study b"),
        error.shown_at(door),
    ):
        assert type(again) is ShutterClosed
        assert again.first() == 3
        assert again.instrument == "XPS"
        assert str(again).startswith("XPS measured nothing [")
        assert again.args == (str(again),)
    assert error.at("sample a").where == "sample a, scans (3, 4)"
    assert error.at("sample a").hints == error.hints


def test_a_kept_error_comes_back_as_its_own_class() -> None:
    """Through plain data; what is no plain value stays behind."""
    kept = ShutterClosed("XPS", (3, 4)).at("sample a").kept()
    back = error_of(kept)
    assert isinstance(back, ShutterClosed)
    assert back.as_record() == ShutterClosed("XPS", (3, 4)).at("sample a").as_record()
    assert (back.scans, back.hints) == ((3, 4), (Hint("column", "area_cm2"),))
    assert "handle" not in vars(back)
    other = error_of(OtherData("a", "b", where="c", why="d", what_to_do="e").kept())
    assert type(other) is OtherData


def test_a_kept_error_of_a_class_that_is_not_there_comes_back_as_the_nearest_one() -> None:
    """A package that was removed; its own attributes would mean nothing then."""
    kept = ShutterClosed("XPS", (3, 4)).kept()
    kinds = ("gone.package.Error", *kept["kinds"][1:])
    back = error_of({**kept, "kinds": kinds})
    assert type(back) is NotInRecord
    assert not hasattr(back, "scans")
    for broken in (
        {},
        {**kept, "kinds": ("gone.Error",)},
        {**kept, "hints": ((1,),)},
        {**kept, "what": None, "more": 1},
    ):
        with pytest.raises(ValueError, match="another making"):
            error_of(broken)


def test_a_door_says_where_the_next_step_is_written() -> None:
    """Once: shown, the hint is spent. A hint that a door has no place for stays silent."""
    error = CathodelabError(
        "code", "What", where="here", why="Why.", what_to_do="State it.", hints=(Hint("column", "area_cm2"), FILES)
    )
    assert "area_cm2" not in str(error)
    shown = error.shown_at(door)
    assert shown.what_to_do == "State it. See area_cm2."
    assert shown.shown_at(door).what_to_do == shown.what_to_do
    assert str(shown) == "What [here]. Why. State it. See area_cm2."
    assert ERROR.shown_at(door).as_record() == ERROR.as_record()


def test_what_one_sample_lacks_is_a_failure_of_another() -> None:
    """A plain error, with the same words and hints."""
    plain = ShutterClosed("XPS", (3, 4)).as_failure()
    assert type(plain) is CathodelabError
    assert str(plain) == str(ShutterClosed("XPS", (3, 4)))
    assert plain.hints == (Hint("column", "area_cm2"),)


def test_a_study_that_is_invalid_keeps_its_problems() -> None:
    """Between processes; it names its places itself."""
    error = StudyInvalid("here", (Problem("cells.csv", "row 2", "role", "x", "cell or reference"),))
    back = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert isinstance(back, StudyInvalid)
    assert back.problems == error.problems
    assert str(back) == str(error)
    assert error.at("there") is error
