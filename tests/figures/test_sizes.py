"""One and two columns of a page."""

from __future__ import annotations

import re

import numpy as np

from cathodelab.core.figure import Axis, FigureSpec, Panel, Series
from cathodelab.figures.matplotlib_figure import rendered
from cathodelab.figures.sizes import grid, one_column


def _spec(panels: int, names: int = 0) -> FigureSpec:
    x = np.arange(max(names, 3), dtype=float)
    axis = Axis("", ticks=tuple(f"cell-{i}" for i in range(names))) if names else Axis("E", "V", against="Li⁺/Li")
    return FigureSpec("a", "", (Panel(axis, Axis("q", "mAh g⁻¹"), (Series("points", x, x, "cell"),)),) * panels)


def test_panels_stand_one_below_the_other_in_one_column() -> None:
    """Side by side in two columns of a page."""
    narrow = one_column(_spec(2))
    assert narrow is not None
    assert grid(_spec(2)) == (1, 2)
    assert grid(narrow) == (2, 1)


def test_pictures_have_the_width_of_the_column() -> None:
    """17.4 cm and 8.4 cm, in points of 1/72 inch."""
    narrow = one_column(_spec(2))
    assert narrow is not None
    for spec, width in ((_spec(2), 17.4), (narrow, 8.4)):
        box = re.search(rb"/MediaBox \[ ?0 0 ([\d.]+) ([\d.]+)", rendered(spec, "pdf"))
        assert box is not None
        assert abs(float(box[1]) - width / 2.54 * 72) < 0.01


def test_fifty_names_are_not_squeezed_into_one_column() -> None:
    """They would not be legible."""
    assert one_column(_spec(1, names=51)) is None
    assert one_column(_spec(1, names=7)) is not None
