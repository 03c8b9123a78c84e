"""What a colour number looks like."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cathodelab.core.figure import Axis, Panel, Series
from cathodelab.figures.style import (
    OKABE_ITO,
    SEQUENTIAL,
    colour,
    dash,
    hatch,
    marker,
    several_lines,
    shade,
    shortened,
    tone,
)


def _luminance(tone: str) -> float:
    red, green, blue = (int(tone[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_seventy_batches_differ_in_colour_or_marker() -> None:
    """As many markers as are needed beside eight colours."""
    assert len({(colour(number), marker(number).matplotlib) for number in range(70)}) == 70


def test_the_first_batches_differ_without_colour() -> None:
    """In black and white: nine markers, four dashes, five hatches."""
    assert len({marker(number) for number in range(9)}) == 9
    assert len({dash(number) for number in range(4)}) == 4
    assert len({hatch(number) for number in range(5)}) == 5


def test_every_colour_is_dark_enough_for_white_paper() -> None:
    """No mark vanishes in print."""
    assert max(map(_luminance, OKABE_ITO)) < 0.7


def test_greys_of_bars_stay_apart_on_any_printer() -> None:
    """Light, hatched middle, dark."""
    greys = [_luminance(colour(number)) for number in (-3, -1, -2)]
    assert greys == sorted(greys, reverse=True)
    assert greys[0] - greys[1] > 0.2 < greys[1] - greys[2] + 0.05
    assert [bool(hatch(number).matplotlib) for number in (-3, -1, -2)] == [False, True, False]


def test_a_single_line_is_solid() -> None:
    """Dashes tell several lines apart, nothing else."""
    x = np.arange(2.0)
    lines = [Series("line", x, x, colour=number) for number in (-1, 3, 2)]
    axis = Axis("x")
    assert not several_lines(Panel(axis, axis, tuple(lines[:2])))
    assert several_lines(Panel(axis, axis, tuple(lines)))


def test_a_very_long_name_keeps_head_and_tail() -> None:
    """What tells names apart often stands at their end."""
    assert shortened("short", 24) == "short"
    long = shortened("NCM811-LPSCl-70-30-hand-ground-2026-11-22-cell-07", 24)
    assert len(long) == 24
    assert long.startswith("NCM811")
    assert long.endswith("cell-07")


def test_what_has_an_order_gets_lighter_with_its_place() -> None:
    """From the first to the last stop of the scale; a shade goes before the colour number."""
    assert shade(0.0) == SEQUENTIAL[0]
    assert shade(1.0) == SEQUENTIAL[-1]
    bright = [
        sum(int(shade(place)[i : i + 2], 16) * w for i, w in ((1, 0.3), (3, 0.59), (5, 0.11)))
        for place in np.linspace(0, 1, 9)
    ]
    assert np.all(np.diff(bright) > 5)
    line = Series("line", np.arange(2.0), np.arange(2.0), colour=1, shade=0.0)
    assert tone(line) == SEQUENTIAL[0]
    assert tone(replace(line, shade=None)) == OKABE_ITO[1]
