"""The one kind of error."""

from __future__ import annotations

import copy
import pickle

from cathodelab.core.errors import CathodelabError, Problem, StudyInvalid

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
