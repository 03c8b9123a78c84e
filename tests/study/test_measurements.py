"""Measurements as text and back."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cathodelab.study.cache import cache_folder
from cathodelab.study.manifest import load_study
from cathodelab.study.measurements import as_text, from_text
from cathodelab.study.run import run_study
from cathodelab.techniques.utilization.model import CutOff, Titration
from cathodelab.techniques.utilization.read import titration_from_table


def _same(one: Any, other: Any) -> bool:
    """Bit by bit; nan is nan."""
    if isinstance(one, np.ndarray):
        return isinstance(other, np.ndarray) and one.dtype == other.dtype and one.tobytes() == other.tobytes()
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, float):
        return np.float64(one).tobytes() == np.float64(other).tobytes()
    if isinstance(one, Titration | CutOff):
        return type(one) is type(other) and all(
            _same(getattr(one, entry.name), getattr(other, entry.name)) for entry in fields(one)
        )
    return bool(one == other)


def test_every_titration_of_a_study_comes_back_bit_by_bit(known_truth: Path) -> None:
    """Records with noise, cut-offs, provenance and notes."""
    results = run_study(known_truth)
    found = [result.cell for _, result in results.of("utilization")]
    assert len(found) == 12
    for titration in found:
        assert _same(from_text(Titration, as_text(titration)), titration)
    kept = list(cache_folder(known_truth, "measurements").iterdir())
    assert len(kept) == len(load_study(known_truth).cells) + 2 * 12  # and that there are neither cycles nor spectra


def test_a_titration_from_a_finished_table_comes_back_bit_by_bit(data: Path) -> None:
    """With the error columns that the table states."""
    from cathodelab.formats.readers import read_table

    name = "LIB_titration-data.txt"
    titration = titration_from_table(read_table(name, (data / "ctc" / name).read_bytes())[0])
    assert titration.stated_errors
    assert _same(from_text(Titration, as_text(titration)), titration)


@given(st.lists(st.floats(), max_size=5), st.floats(), st.text())
def test_any_floats_and_texts_come_back(values: list[float], single: float, note: str) -> None:
    """Infinities, nan, subnormal numbers, any text."""
    array = np.array(values, dtype=float)
    one = Titration(array, array, array, array, array, array, array, charge_in_gaps=single, notes=(note, ""))
    back = from_text(Titration, as_text(one))
    np.testing.assert_array_equal(back.potential_volt, array)
    assert back.notes == one.notes
    assert back.charge_in_gaps == single or np.isnan(single)


@dataclass(frozen=True)
class _Whole:
    count: np.ndarray


def test_what_cannot_come_back_is_not_written() -> None:
    """Arrays of other numbers than floats."""
    with pytest.raises(TypeError, match="int64"):
        as_text(_Whole(np.arange(3)))


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "3", '{"potential_volt": 1}', '{"potential_volt": "x"}'])
def test_broken_text_is_an_error_that_the_cache_expects(text: str) -> None:
    """It is made anew then."""
    with pytest.raises((ValueError, KeyError, TypeError, AttributeError)):
        from_text(Titration, text)
