"""A FigureSpec as a plotly figure: plain data for plotly's browser script, SVG traces only.

WebGL is not used, as it takes seconds without a graphics processor. Long lines are thinned
(:mod:`cathodelab.core.downsample`) instead.
The script comes from the installed package; the package itself is never imported, as only its script is needed.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.downsample import kept_rows
from cathodelab.core.errors import CathodelabError
from cathodelab.core.figure import Axis, FigureSpec, Panel, Series
from cathodelab.figures import style

Figure = dict[str, Any]
_INK, _LINE = "#1c1c1e", "#d9dbe0"
_GAP = 0.11
_PIXELS_PER_CM = 52
_LONGEST = 4000  # points of a line that a browser draws without delay


def browser_script() -> str:
    """Plotly's browser script from the installed package (MIT licence, with its notice).

    Raises:
        CathodelabError: plotly is not installed or has no script.
    """
    found = find_spec("plotly")
    path = Path(found.origin).parent / "package_data" / "plotly.min.js" if found and found.origin else None
    if path is None or not path.is_file():
        raise CathodelabError(
            "plotly-missing",
            "The browser script of plotly was not found",
            where="the Python environment",
            why="Interactive figures need the file plotly.min.js of the package plotly.",
            what_to_do='Install it: pip install "plotly>=6"',
        )
    return path.read_text(encoding="utf-8")


def plotly_figure(spec: FigureSpec) -> Figure:
    """Data and layout of the figure, ready for JSON; ``nan`` is ``None``."""
    layout: Figure = {
        "height": round(_PIXELS_PER_CM * spec.height_cm),
        "margin": {"l": 62, "r": 16, "t": 30, "b": 50},
        "font": {"family": "system-ui, sans-serif", "size": 12, "color": _INK},
        "paper_bgcolor": "white",
        "plot_bgcolor": "white",
        "hovermode": "closest",
        "barmode": "overlay",
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
    }
    data: list[Figure] = []
    named: set[tuple[str, int]] = set()
    width = (1 - _GAP * (len(spec.panels) - 1)) / len(spec.panels)
    for number, panel in enumerate(spec.panels, 1):
        suffix = "" if number == 1 else str(number)
        left = (number - 1) * (width + _GAP)
        layout[f"xaxis{suffix}"] = {**_axis(panel.x), "domain": [left, left + width], "anchor": f"y{suffix}"}
        layout[f"yaxis{suffix}"] = {**_axis(panel.y), "anchor": f"x{suffix}"}
        if panel.equal_scales:
            layout[f"yaxis{suffix}"] |= {"scaleanchor": f"x{suffix}", "scaleratio": 1}
        for series in panel.series:
            first = bool(series.label) and (series.label, series.colour) not in named
            named.add((series.label, series.colour))
            places = {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}"}
            data += [{**trace, **places} for trace in _traces(series, panel, in_legend=first)]
    return {"data": data, "layout": layout}


def _axis(axis: Axis) -> Figure:
    described: Figure = {
        "title": {"text": _plain(axis.label)},
        "showline": True,
        "linecolor": _INK,
        "gridcolor": _LINE,
        "zeroline": False,
        "ticks": "outside",
        "automargin": True,
    }
    if axis.ticks:
        numbers = list(range(len(axis.ticks)))
        described |= {
            "tickmode": "array",
            "tickvals": numbers,
            "ticktext": [_plain(style.shortened(name, style.LONGEST_NAME)) for name in axis.ticks],
        }
        described |= {"range": [-0.6, len(axis.ticks) - 0.4], "showgrid": False}
    if axis.logarithmic:
        described |= {"type": "log", "exponentformat": "power", "dtick": 1}
    return described


def _traces(series: Series, panel: Panel, *, in_legend: bool) -> list[Figure]:
    if series.kind == "band":
        return _band(series, panel, in_legend=in_legend)
    if series.kind == "bars":
        return [_bars(series, panel, in_legend=in_legend)]
    rows = kept_rows(series.x, series.y, _LONGEST) if series.kind == "line" else np.arange(series.x.size)
    trace = _named(series, in_legend=in_legend) | {
        "type": "scatter",
        "x": _numbers(series.x[rows]),
        "y": _numbers(series.y[rows]),
        "mode": "lines" if series.kind == "line" else "markers",
    }
    if panel.x.ticks:
        trace["text"] = [_plain(panel.x.ticks[int(x)]) for x in series.x[rows]]
    if any(series.names):
        trace["text"] = [_plain(series.names[int(row)]) for row in rows]
    tone = style.tone(series)
    if series.kind == "line":
        trace["line"] = {"color": tone, "width": _width(series), "simplify": False, "dash": _dash(series, panel)}
        if rows.size < series.x.size:
            trace["meta"] = f"{rows.size} of {series.x.size} points"
        return [trace]
    symbol = style.marker(series.colour).plotly + ("-open" if series.open_marks else "")
    trace["marker"] = {
        "color": tone,
        "size": 5 if series.thin else 8,
        "symbol": symbol,
        "opacity": 0 if series.heavy else 1,
    }
    if series.heavy:
        trace["hoverinfo"] = "skip"
    for direction, minus, plus in (("x", series.x_minus, series.x_plus), ("y", series.y_minus, series.y_plus)):
        if minus is not None and plus is not None:
            trace[f"error_{direction}"] = _errors(minus[rows], plus[rows], tone, heavy=series.heavy)
    return [trace]


def _dash(series: Series, panel: Panel) -> str:
    solid = series.thin or series.shade is not None or not style.several_lines(panel)
    return style.dash(-1 if solid else series.colour).plotly


def _width(series: Series) -> float:
    return 0.9 if series.thin else 1.6


def _band(series: Series, panel: Panel, *, in_legend: bool) -> list[Figure]:
    """The two edges with the area between them filled, and the line."""
    tone = style.tone(series)
    low = series.y if series.y_minus is None else series.y - series.y_minus
    high = series.y if series.y_plus is None else series.y + series.y_plus
    rows = kept_rows(series.x, series.y, _LONGEST)
    border = {
        "type": "scatter",
        "mode": "lines",
        "x": _numbers(series.x[rows]),
        "line": {"width": 0, "color": tone},
        "hoverinfo": "skip",
        "showlegend": False,
    }
    red, green, blue = (int(tone[i : i + 2], 16) for i in (1, 3, 5))
    filled = {"fill": "tonexty", "fillcolor": f"rgba({red},{green},{blue},0.18)"}
    line = _named(series, in_legend=in_legend) | {
        "type": "scatter",
        "mode": "lines",
        "x": _numbers(series.x[rows]),
        "y": _numbers(series.y[rows]),
        "line": {"color": tone, "width": 1.6, "simplify": False, "dash": _dash(series, panel)},
    }
    return [{**border, "y": _numbers(low[rows])}, {**border, **filled, "y": _numbers(high[rows])}, line]


def _bars(series: Series, panel: Panel, *, in_legend: bool) -> Figure:
    tone, shape = style.tone(series), style.hatch(series.colour).plotly
    bars = _named(series, in_legend=in_legend) | {
        "type": "bar",
        "x": _numbers(series.x),
        "y": _numbers(series.y),
        "width": 0.62,
        "marker": {"color": tone, "pattern": {"shape": shape, "bgcolor": tone, "fgcolor": "white", "size": 7}},
    }
    if series.base is not None:
        bars["base"] = _numbers(series.base)
    if series.y_minus is not None and series.y_plus is not None:
        bars["error_y"] = _errors(series.y_minus, series.y_plus, _INK, heavy=False)
    if panel.x.ticks:
        bars["hovertext"] = [_plain(panel.x.ticks[int(x)]) for x in series.x]
    return bars


def _named(series: Series, *, in_legend: bool) -> Figure:
    name = _plain(style.shortened(series.label or series.sample, style.LONGEST_LABEL))
    group = _plain(series.label) if series.label else "" if series.sample else name
    shown: Figure = {"name": name, "showlegend": in_legend, "legendgroup": f"{group}|{series.colour}|{series.shade}"}
    if series.sample:
        shown["customdata"] = [_plain(series.sample)]
    return shown


def _errors(minus: FloatArray, plus: FloatArray, tone: str, *, heavy: bool) -> Figure:
    shown = {"type": "data", "symmetric": False, "array": _numbers(plus), "arrayminus": _numbers(minus), "color": tone}
    if heavy:
        red, green, blue = (int(tone[i : i + 2], 16) for i in (1, 3, 5))
        return {**shown, "thickness": 6, "width": 0, "color": f"rgba({red},{green},{blue},0.45)"}
    return {**shown, "thickness": 1.2, "width": 4}


def _numbers(values: FloatArray) -> list[float | None]:
    """Rounded to seven digits, enough for display; ``None`` for nan, which JSON lacks."""
    return [float(f"{value:.7g}") if np.isfinite(value) else None for value in values]


def _plain(text: str) -> str:
    """Escape a text: plotly interprets some HTML and formulas between dollar signs, which users' names must not become."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("$", "&#36;")
