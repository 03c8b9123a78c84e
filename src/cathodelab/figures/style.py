"""Appearance of a colour number in print and on a screen: colour, marker, dash and hatch together.

The same number looks the same everywhere (one colour a batch). A figure has to be readable in black and white, so every
number also has a marker, lines a dash pattern and bars a hatch. Negative numbers are greys.
"""

from __future__ import annotations

from typing import NamedTuple

from cathodelab.core.figure import Panel, Series

OKABE_ITO = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8C7A00", "#000000")
"""Okabe and Ito's colours; their yellow is too light for marks on white paper and is replaced by a dark yellow."""
GREYS = ("#767676", "#3C3C3C", "#C9C9C9")
GREY = GREYS[0]


SEQUENTIAL = ("#440154", "#414487", "#2A788E", "#22A884", "#7AD151")
"""Stops of the scale for what has an order: viridis (CC0) without its lightest end, darker to lighter on any printer."""

LONGEST_NAME, LONGEST_LABEL = 24, 44
"""Longest name along an axis, and longest entry of a legend, in characters."""


class Shape(NamedTuple):
    """One appearance in the terms of matplotlib and of plotly."""

    matplotlib: str
    plotly: str


MARKERS = (
    Shape("o", "circle"),
    Shape("s", "square"),
    Shape("^", "triangle-up"),
    Shape("D", "diamond"),
    Shape("v", "triangle-down"),
    Shape("P", "cross"),
    Shape("X", "x"),
    Shape("p", "pentagon"),
    Shape("*", "star"),
)
DASHES = (Shape("-", "solid"), Shape("--", "dash"), Shape("-.", "dashdot"), Shape(":", "dot"))
HATCHES = (Shape("", ""), Shape("////", "/"), Shape("....", "."), Shape("xxxx", "x"), Shape("\\\\\\\\", "\\"))


def colour(number: int) -> str:
    """Colour of a colour number; -1, -2, -3 are a middle, a dark and a light grey."""
    if number < 0:
        return GREYS[(-number - 1) % len(GREYS)]
    return OKABE_ITO[number % len(OKABE_ITO)]


def tone(series: Series) -> str:
    """Colour of a series: its place on the sequential scale, or that of its number."""
    return colour(series.colour) if series.shade is None else shade(series.shade)


def shade(place: float) -> str:
    """Colour at a place between 0 and 1 of the sequential scale."""
    at = min(max(place, 0.0), 1.0) * (len(SEQUENTIAL) - 1)
    left = min(int(at), len(SEQUENTIAL) - 2)
    ends = [[int(stop[i : i + 2], 16) for i in (1, 3, 5)] for stop in SEQUENTIAL[left : left + 2]]
    mixed = [round(a + (at - left) * (b - a)) for a, b in zip(*ends, strict=True)]
    return "#" + "".join(f"{part:02X}" for part in mixed)


def marker(number: int) -> Shape:
    """Marker of a colour number; there are more markers than colours, so many batches can be told apart. Greys: circles."""
    return MARKERS[0] if number < 0 else MARKERS[number % len(MARKERS)]


def dash(number: int) -> Shape:
    """Dash pattern of a line among several; greys are solid."""
    return DASHES[0] if number < 0 else DASHES[number % len(DASHES)]


def several_lines(panel: Panel) -> bool:
    """Whether lines have to be told apart by their dashes; a single one (and greys) is solid."""
    lines = [one for one in panel.series if one.kind in ("line", "band") and one.shade is None and not one.thin]
    return len({one.colour for one in lines if one.colour >= 0}) > 1


def hatch(number: int) -> Shape:
    """Hatch of bars; of the greys only the middle one is hatched, so that all three differ on any printer."""
    if number < 0:
        return HATCHES[1 if number == -1 else 0]
    return HATCHES[number % len(HATCHES)]


def shortened(text: str, longest: int) -> str:
    """A name short enough for a figure: the middle of a very long one is left out (tables and csv have the whole name)."""
    if len(text) <= longest:
        return text
    head = longest // 2
    return f"{text[:head]}…{text[len(text) - (longest - head - 1) :]}"
