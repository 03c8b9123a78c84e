"""Drawing a FigureSpec."""

from __future__ import annotations

import csv
import io
import re

import numpy as np
import pytest
from matplotlib.image import imread

from cathodelab.core.figure import Axis, FigureSpec, Panel, Series
from cathodelab.figures.matplotlib_figure import as_csv, rendered
from cathodelab.figures.style import colour

SPEC = FigureSpec(
    "test",
    "caption",
    (
        Panel(
            Axis("E", "V", against="Li⁺/Li"),
            Axis("q", "mAh g⁻¹"),
            (
                Series("line", np.array([3.5, 4.0]), np.array([0.0, 100.0]), "curve", -1),
                Series(
                    "points",
                    np.array([3.7]),
                    np.array([50.0]),
                    "point",
                    0,
                    y_minus=np.array([2.0]),
                    y_plus=np.array([3.0]),
                ),
                Series("band", np.array([3.5, 4.0]), np.array([5.0, 6.0]), y_minus=np.ones(2), y_plus=np.ones(2)),
            ),
        ),
        Panel(
            Axis("", ticks=("a", "b")),
            Axis("θ", "%"),
            (Series("bars", np.arange(2.0), np.array([80.0, 90.0]), "x", 1),),
        ),
    ),
)


@pytest.mark.parametrize(("kind", "start"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_every_kind_is_drawn_and_repeats_itself(kind: str, start: bytes) -> None:
    """The same spec gives the same bytes, so that nothing changes without a reason."""
    first = rendered(SPEC, kind, 100)
    assert first.startswith(start)
    assert rendered(SPEC, kind, 100) == first


def test_logarithmic_axes_and_equal_scales_change_the_picture() -> None:
    """Decades on a logarithmic axis; a circle stays a circle where scales are equal."""
    x = np.array([1.0, 10.0, 1000.0])
    series = (Series("line", x, x),)
    plain = FigureSpec("a", "", (Panel(Axis("f", "Hz"), Axis("Z", "Ω"), series),))
    decades = FigureSpec("a", "", (Panel(Axis("f", "Hz", logarithmic=True), Axis("Z", "Ω"), series),))
    circle = FigureSpec("a", "", (Panel(Axis("f", "Hz"), Axis("Z", "Ω"), series, equal_scales=True),))
    pictures = {rendered(spec, "png", 60) for spec in (plain, decades, circle)}
    assert len(pictures) == 3


def texts(panel: Panel) -> set[str]:
    """What stands in a drawing: letters are outlines there, with their text as comments."""
    svg = rendered(FigureSpec("a", "", (panel,)), "svg", 100).decode()
    return set(re.findall(r"<!-- (.*?) -->", svg))


def test_an_impedance_plane_stands_on_its_axis() -> None:
    """Equal scales leave room; it lies above flat arcs, not below them."""
    angle = np.linspace(0, np.pi, 40)
    flat = (Series("line", 100 + 100 * np.cos(angle), 20 * np.sin(angle)),)
    drawn = texts(Panel(Axis("x", "Ω"), Axis("y", "Ω"), flat, equal_scales=True))
    assert "100" in drawn
    assert not any(text.startswith("−") and text[1:].isdigit() for text in drawn)


def test_a_logarithmic_axis_of_less_than_two_decades_names_more_than_one_number() -> None:
    """One power of ten alone gives no scale."""
    x = np.array([0.0, 1.0])
    narrow = texts(Panel(Axis("x"), Axis("y", logarithmic=True), (Series("line", x, 9 + 80 * x),)))
    assert {"10", "20", "50"} <= narrow
    large = texts(Panel(Axis("x"), Axis("y", logarithmic=True), (Series("line", x, 1000 + 4000 * x),)))
    assert {"1000", "2000", "5000"} <= large, "not 10³ beside 2000"
    assert "4000" not in large
    wide = texts(Panel(Axis("x"), Axis("y", logarithmic=True), (Series("line", x, 1 + 5000 * x),)))
    assert {"10", "100"} <= wide
    assert "20" not in wide


def test_axis_labels_name_the_reference_electrode() -> None:
    """Slash form."""
    assert SPEC.panels[0].x.label == "E vs. Li⁺/Li / V"


def test_csv_holds_every_mark_with_its_errors() -> None:
    """One row a mark, names of categories included."""
    rows = list(csv.reader(io.StringIO(as_csv(SPEC))))
    assert rows[0][3:5] == ["E vs. Li⁺/Li / V", "q / mAh g⁻¹"]
    assert ["1", "point", "", "3.7", "50", "", "", "2", "3"] in rows
    assert ["2", "x", "b", "1", "90", "", "", "", ""] in rows


def test_colours_are_the_same_everywhere() -> None:
    """One colour a number, grey for negative."""
    assert colour(0) == colour(8) != colour(1)
    assert colour(-1) == "#767676"


def test_dollars_and_very_long_names_do_no_harm() -> None:
    """No formula is read in a name, and the picture keeps its room."""
    x = np.arange(3.0)
    names = ("$\\foo$", "a" * 300, "_hidden")
    panel = Panel(Axis("", ticks=names), Axis("θ", "%"), (Series("points", x, x, "$\\bar$ " + "b" * 300),))
    for width in (17.4, 8.4):
        assert rendered(FigureSpec("a", "", (panel,), width_cm=width), "svg").startswith(b"<?xml")


@pytest.mark.parametrize("count", [3, 9, 15, 30, 60])
@pytest.mark.parametrize("long", [0, 1, -2])
@pytest.mark.parametrize("width_cm", [8.4, 17.4])
def test_no_name_of_a_category_leaves_the_picture(count: int, long: int, width_cm: float) -> None:
    """Upright, slanted or turned, and wherever the longest stands: the border of the picture stays white."""
    names = [f"cell-{number:02d}" for number in range(count)]
    names[long] = "a-very-long-name-of-a-cell"
    names[long + 1] = "a-name-almost-as-long-now"
    panel = Panel(Axis("", ticks=tuple(names)), Axis("θ", "%"), (Series("bars", np.arange(count), np.ones(count)),))
    picture = imread(io.BytesIO(rendered(FigureSpec("f", "c", (panel,), width_cm), "png", 100)))
    edges = [picture[0], picture[-1], picture[:, 0], picture[:, -1]]
    assert all((edge[..., :3] == 1).all() for edge in edges)
    assert (picture[-40:, :, :3] < 0.5).any(), "there are names below the axis"
