"""A FigureSpec for plotly's browser script."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from cathodelab.core.errors import CathodelabError
from cathodelab.core.figure import Axis, FigureSpec, Panel, Series
from cathodelab.figures import plotly_figure as module
from cathodelab.figures.plotly_figure import browser_script, plotly_figure
from cathodelab.figures.style import colour

THREE = np.arange(3.0)
POINTS = Series(
    "points", THREE, THREE, "cells <b>", 1, y_minus=np.ones(3), y_plus=2 * np.ones(3), x_minus=THREE, x_plus=THREE
)
SPEC = FigureSpec(
    "test",
    "caption",
    (
        Panel(
            Axis("f", "Hz", logarithmic=True),
            Axis("E", "V", against="Li⁺/Li"),
            (
                Series("line", THREE + 1, np.array([1.0, np.nan, 3.0]), "curve", -1),
                Series("band", THREE + 1, THREE, "band", 2, y_minus=np.ones(3), y_plus=np.ones(3)),
                POINTS,
            ),
            equal_scales=True,
        ),
        Panel(
            Axis("", ticks=("a&b", "<i>", "c")),
            Axis("θ", "%"),
            (
                Series("bars", THREE, THREE, "x", -1, base=np.ones(3), y_minus=np.ones(3), y_plus=np.ones(3)),
                replace(POINTS, heavy=True, label=""),
                POINTS,
            ),
        ),
    ),
)


def test_plotly_itself_accepts_every_property() -> None:
    """Its own validation raises on names and values it does not know."""
    from plotly import graph_objects

    made = plotly_figure(SPEC)
    json.dumps(made, allow_nan=False)
    figure = graph_objects.Figure(made)
    assert {trace.type for trace in figure.data} == {"scatter", "bar"}
    assert len(figure.data) == 8


def test_nothing_is_drawn_by_webgl() -> None:
    """SVG traces only: without a graphics processor WebGL takes seconds."""
    assert "gl" not in {trace["type"][-2:] for trace in plotly_figure(SPEC)["data"]}


def test_axes_scales_and_labels_are_those_of_the_spec() -> None:
    """Logarithmic axis, equal scales, reference electrode, names of categories."""
    layout = plotly_figure(SPEC)["layout"]
    assert layout["xaxis"]["type"] == "log"
    assert layout["yaxis"]["scaleanchor"] == "x"
    assert layout["yaxis"]["title"]["text"] == "E vs. Li⁺/Li / V"
    assert layout["xaxis2"]["ticktext"] == ["a&amp;b", "&lt;i&gt;", "c"]
    assert layout["xaxis"]["domain"][1] < layout["xaxis2"]["domain"][0]


def test_texts_of_a_user_are_no_markup() -> None:
    """Plotly reads names as a small HTML."""
    traces = plotly_figure(SPEC)["data"]
    assert "cells &lt;b&gt;" in {trace["name"] for trace in traces if "name" in trace}
    assert not [trace for trace in traces if "<" in trace.get("name", "")]


def test_colour_errors_and_base_are_those_of_the_spec() -> None:
    """The same colour as in print; asymmetric errors; a name once in the legend."""
    traces = plotly_figure(SPEC)["data"]
    points = [trace for trace in traces if trace.get("name") == "cells &lt;b&gt;"]
    assert [trace["showlegend"] for trace in points] == [True, False]
    assert points[0]["marker"]["color"] == colour(1)
    assert points[0]["error_y"]["array"] == [2, 2, 2]
    assert points[0]["error_y"]["arrayminus"] == [1, 1, 1]
    bars = next(trace for trace in traces if trace["type"] == "bar")
    assert bars["base"] == [1, 1, 1]


def test_a_long_line_is_thinned_and_keeps_its_extremes() -> None:
    """A hundred thousand points become a few thousand."""
    x = np.linspace(0, 300, 100_000)
    y = np.sin(x)
    y[12_345] = 5.0
    panel = Panel(Axis("t", "h"), Axis("E", "V"), (Series("line", x, y),))
    trace: dict[str, Any] = plotly_figure(FigureSpec("a", "", (panel,)))["data"][0]
    assert len(trace["x"]) <= 4000
    assert max(trace["y"]) == 5.0


def test_the_script_comes_from_the_installed_package_without_importing_it() -> None:
    """Importing plotly takes long; only its script is needed."""
    code = (
        "from cathodelab.figures.plotly_figure import browser_script\nimport sys\n"
        "text = browser_script()\nprint(len(text) > 1e6, 'plotly' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]


def test_a_missing_script_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without plotly."""
    monkeypatch.setattr(module, "find_spec", lambda _: None)
    with pytest.raises(CathodelabError, match="plotly") as caught:
        browser_script()
    assert "pip install" in caught.value.what_to_do
