"""What a figure shows."""

from __future__ import annotations

import numpy as np

from cathodelab.core.figure import Axis, FigureSpec, Panel, Series


def test_a_cells_own_colour_becomes_that_of_its_batch_and_greys_stay() -> None:
    """0, 1 -> 2, 3; different numbers stay different; -1 stays grey."""
    x = np.arange(2.0)
    series = tuple(Series("line", x, x, colour=number) for number in (0, 1, -1))
    spec = FigureSpec("a", "", (Panel(Axis("x"), Axis("y"), series),))
    assert [one.colour for one in spec.with_colours_from(2).panels[0].series] == [2, 3, -1]
    assert spec.with_colours_from(0).digest() == spec.digest()
