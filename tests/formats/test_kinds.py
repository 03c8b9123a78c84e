"""The kinds of tables that our readers return."""

from __future__ import annotations

from cathodelab.core.settings import knobs
from cathodelab.core.units import dimension_of
from cathodelab.formats.kinds import OURS
from cathodelab.formats.shared.column_map import MapOptions
from cathodelab.formats.shared.labels import parted


def test_every_kind_is_named_once_and_its_columns_end_in_units() -> None:
    """Short words mean columns of the kind, and none is an option of a map."""
    assert len({one.word for one in OURS}) == len(OURS)
    for kind in OURS:
        assert all(dimension_of(name) is not None for name in kind.known), kind.word
        assert set(kind.words.values()) <= set(kind.known), kind.word
        assert not set(kind.words) & (set(kind.known) | set(knobs(MapOptions))), kind.word
        assert all(set(names) <= set(kind.known) for names in kind.sufficient), kind.word


def test_a_label_parts_into_name_and_unit() -> None:
    assert parted("Test_Time (s)") == ("test time", "s")
    assert parted("Pressure [N/mm²]") == ("pressure", "N/mm²")
