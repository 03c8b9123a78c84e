"""Colours of groups."""

from __future__ import annotations

from cathodelab.core.samples import Ingredient, Sample, group_colours


def test_groups_have_colours_in_their_order_and_samples_without_one_the_last() -> None:
    """A table of composites or materials does not shift the colours of cells; references have none."""
    cells = [Sample(name, "cell", made_from=(Ingredient("composite", mix),)) for name, mix in (("a", "x"), ("b", "y"))]
    assert group_colours(cells) == {"x": 0, "y": 1}
    others = [Sample("x", "composite"), Sample("liquid", "reference", made_from=(Ingredient("composite", "z"),))]
    assert group_colours([*others, *cells]) == {"x": 0, "y": 1, "": 2}
