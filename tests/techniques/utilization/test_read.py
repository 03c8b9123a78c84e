"""Finished titration tables: neighbours that are one potential, and tables that are against another electrode."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from cathodelab.core.errors import CathodelabError
from cathodelab.core.estimate import EstimateSet
from cathodelab.core.sources import Source
from cathodelab.formats.table import Table
from cathodelab.formats.titration_text import read_titration_text
from cathodelab.techniques.utilization.checks import utilization_at_most_one
from cathodelab.techniques.utilization.model import Titration
from cathodelab.techniques.utilization.read import titration_from_table

_HEAD = "OCV1 [V]\tOCV2 [V]\tQ [mAh]"
_ERRORS = "\tdOCV1 pos [V]\tdOCV1 neg [V]\tdOCV2 pos [V]\tdOCV2 neg [V]\tdQ pos [mAh]\tdQ neg [mAh]"


def _table(gap: float, error: float = 0.0) -> Table:
    """Three windows; the second begins a gap above the end of the first."""
    rows = [(3.078, 3.18, 0.25), (3.18 + gap, 3.282, 0.49), (3.282, 3.35, 0.7)]
    stated = f"\t{error}" * 4 + "\t5E-4\t5E-4" if error else ""
    lines = [_HEAD + (_ERRORS if error else ""), *("\t".join(f"{one:.5f}" for one in row) + stated for row in rows)]
    return read_titration_text("\n".join([*lines, ""]).encode())


def test_neighbours_may_differ_within_their_stated_errors() -> None:
    """0.12 mV beside errors of 0.5 mV: one potential, that of the row before, and a note."""
    titration = titration_from_table(_table(1.2e-4, error=5e-4))
    np.testing.assert_allclose(titration.potential_volt, [3.078, 3.18, 3.282, 3.35])
    (note,) = titration.notes
    assert "In 1 row OCV1 differs from OCV2 of the row before, by 0.12 mV at most (row 2)" in note
    assert titration_from_table(_table(0.0, error=5e-4)).notes == ()


@pytest.mark.parametrize(("gap", "error"), [(2e-3, 5e-4), (-2e-3, 5e-4), (1.2e-4, 0.0)])
def test_windows_that_do_not_follow_each_other_are_refused(gap: float, error: float) -> None:
    """Farther apart than both errors, or apart without any stated error."""
    with pytest.raises(CathodelabError) as caught:
        titration_from_table(_table(gap, error))
    assert caught.value.code == "pairs-not-chained"
    assert "row 2" in str(caught.value)


def _judged(theta: float, half: float, offset_volt: float, titration: Titration) -> tuple[bool | None, str]:
    source = Source("a/b", "c", "standard", "d")
    found = EstimateSet(("static_utilization",), np.array([theta]), ("1",), ("",), ("",), (source,), np.array([[half]]))
    check = utilization_at_most_one(found, titration, offset_volt)
    return check.passed, check.sentence


def test_a_utilization_far_above_one_with_a_wide_interval_is_no_pass() -> None:
    """250 % that might be 100 %: it cannot be told, and the likely cause of a table is its potential scale."""
    table = titration_from_table(_table(0.0))
    assert _judged(0.95, 0.02, 0.62, table)[0] is True
    assert _judged(1.05, 0.05, 0.62, table)[0] is True
    assert _judged(1.3, 0.02, 0.0, table)[0] is False
    passed, sentence = _judged(2.5, 0.9, 0.62, table)
    assert passed is None
    assert "Are they against Li⁺/Li already?" in sentence
    assert "Li⁺/Li already" not in _judged(2.5, 0.9, 0.0, table)[1]
