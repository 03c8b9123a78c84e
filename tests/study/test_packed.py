"""Measurements and results as bytes and back."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cathodelab.study.cache import cache_folder
from cathodelab.study.manifest import load_study
from cathodelab.study.packed import packed, unpacked
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
        assert _same(unpacked(packed(titration)), titration)
    kept = list(cache_folder(known_truth, "measurements").iterdir())
    assert (
        len(kept) == len(load_study(known_truth).cells) + 4 * 12
    )  # the traces, and that there are no cycles, spectra and protocols


def test_a_titration_from_a_finished_table_comes_back_bit_by_bit(data: Path) -> None:
    """With the error columns that the table states."""
    from cathodelab.formats.readers import read_table

    name = "LIB_titration-data.txt"
    titration = titration_from_table(read_table(name, (data / "ctc" / name).read_bytes())[0])
    assert titration.stated_errors
    assert _same(unpacked(packed(titration)), titration)


@given(st.lists(st.floats(), max_size=5), st.floats(), st.text())
def test_any_floats_and_texts_come_back(values: list[float], single: float, note: str) -> None:
    """Infinities, nan, subnormal numbers, any text."""
    array = np.array(values, dtype=float)
    one = Titration(array, array, array, array, array, array, array, charge_in_gaps=single, notes=(note, ""))
    back = unpacked(packed(one))
    np.testing.assert_array_equal(back.potential_volt, array)
    assert back.notes == one.notes
    assert back.charge_in_gaps == single or np.isnan(single)


@dataclass(frozen=True)
class _Foreign:
    count: np.ndarray


@pytest.mark.parametrize("value", [_Foreign(np.arange(3)), np.array([None]), {1, 2}, [1], lambda: 0, np.mean])
def test_what_cannot_come_back_is_not_written(value: object) -> None:
    """Classes and functions that are not this package's, objects, sets, closures."""
    with pytest.raises(TypeError):
        packed((value,))


def test_arrays_of_all_kinds_come_back_and_cannot_be_changed() -> None:
    """Truth values, integers, complex numbers and texts; an array that stands twice is one again."""
    floats = np.linspace(0, 1, 7).reshape(1, 7)[:, ::2]
    value = (
        floats,
        np.array([True, False]),
        np.arange(3),
        np.array([1 + 2j]),
        np.array(["a", "bc"]),
        np.zeros((0, 2)),
        floats,
    )
    back = unpacked(packed({"all": value}))["all"]
    assert all(_same(np.ascontiguousarray(one), other) for one, other in zip(value, back, strict=True))
    assert back[0] is back[-1]
    assert not any(one.flags.writeable for one in back)


@pytest.mark.parametrize("place", [0, 5, 40, -1])
def test_a_damaged_entry_is_an_error_that_the_cache_expects(place: int) -> None:
    """One changed byte anywhere, a cut end, an empty file: it is made anew then."""
    content = bytearray(packed({"values": np.arange(5.0)}))
    content[place] ^= 1
    for damaged in (bytes(content), bytes(content[:place]), b""):
        with pytest.raises(ValueError, match="damaged"):
            unpacked(damaged)


@pytest.mark.parametrize(
    "text",
    ["{", '{"of":"os:system","has":[]}', '{"of":"cathodelab.none:None","has":[]}', '{"array":0,"dtype":"<f8","shape":[99]}',
     '{"of":"cathodelab.core.checks:Check","has":[1]}', '{"function":"cathodelab.apps.cli:json.dumps"}', '{"of":3}'],
)  # fmt: skip
def test_what_another_program_wrote_is_refused(text: str) -> None:
    """Nothing outside of this package is looked up."""
    body = len(text).to_bytes(8, "little") + text.encode()
    with pytest.raises(ValueError, match=r"another making|Expecting|buffer|shorter"):
        unpacked(zlib.crc32(body).to_bytes(4, "little") + body)
