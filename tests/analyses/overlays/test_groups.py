"""Curves of several samples, and the mean of a group."""

from __future__ import annotations

import numpy as np

from cathodelab.analyses.overlays.groups import Curve, overlaid


def _curve(sample: str, group: str, first: int, values: list[float]) -> Curve:
    return Curve(sample, group, 1, np.arange(first, first + len(values), dtype=float), np.array(values))


def test_a_group_has_its_mean_and_sd_where_all_of_its_samples_are() -> None:
    """Cycles 2 and 3 are common; what only one has is not averaged."""
    series = overlaid([_curve("a", "hand", 1, [9.0, 10.0, 20.0]), _curve("b", "hand", 2, [14.0, 26.0, 99.0])])
    bands = [one for one in series if one.kind == "band"]
    assert len(bands) == 1
    np.testing.assert_array_equal(bands[0].x, [2.0, 3.0])
    np.testing.assert_allclose(bands[0].y, [12.0, 23.0])
    np.testing.assert_allclose(bands[0].y_plus, [np.sqrt(8), np.sqrt(18)])
    assert bands[0].label == "hand: mean ± sd of 2"
    assert [one.sample for one in series if one.thin] == ["a", "b"]


def test_samples_without_a_group_are_named_at_their_ends_as_far_as_names_fit() -> None:
    """Two are; nine are not."""
    few = overlaid([_curve(name, "", 1, [1.0, 2.0]) for name in "ab"])
    assert [one.names for one in few] == [("", "a"), ("", "b")]
    assert {one.colour for one in few} == {0, 1}
    many = overlaid([_curve(name, "", 1, [1.0, 2.0]) for name in "abcdefghi"])
    assert not any(one.names for one in many)


def test_one_cell_of_a_group_has_no_mean() -> None:
    """Its line carries the name of the group."""
    (only,) = overlaid([_curve("a", "hand", 1, [1.0, 2.0])])
    assert (only.kind, only.label, only.thin) == ("line", "hand", False)
