"""A FigureSpec as a publication figure (SVG, PNG) and as csv."""

from __future__ import annotations

import csv
import hashlib
import io
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from cathodelab.core.figure import FigureSpec, Panel, Series

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OKABE_ITO = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442", "#000000")
GREY = "#767676"
DRAWING_VERSION = 1  # raised when the same spec is drawn in another way

STYLE: Any = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 7.5,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.direction": "out",
    "ytick.direction": "out",
    "legend.frameon": False,
    "legend.fontsize": 7,
    "lines.linewidth": 1.1,
    "errorbar.capsize": 2,
    "svg.hashsalt": "cathodelab",
    "svg.fonttype": "path",
    "figure.constrained_layout.use": True,
}


def colour(number: int) -> str:
    """Colour of a colour number; negative is grey."""
    return GREY if number < 0 else OKABE_ITO[number % len(OKABE_ITO)]


@cache
def style_digest() -> str:
    """What a picture depends on besides its spec: this style and the library that draws."""
    from importlib.metadata import version

    return hashlib.sha256(f"{STYLE}{OKABE_ITO}{DRAWING_VERSION}{version('matplotlib')}".encode()).hexdigest()


def rendered(spec: FigureSpec, kind: str = "svg", dots_per_inch: int = 600) -> bytes:
    """The figure as the bytes of an svg, png or pdf file; the same spec gives the same bytes."""
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(spec.width_cm / 2.54, spec.height_cm / 2.54))
        FigureCanvasAgg(figure)
        axes = figure.subplots(1, len(spec.panels), squeeze=False)[0]
        for ax, panel in zip(axes, spec.panels, strict=True):
            _draw(ax, panel)
        buffer = io.BytesIO()
        metadata: dict[str, Any] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(kind, {})
        figure.savefig(buffer, format=kind, dpi=dots_per_inch, metadata=metadata)
    return buffer.getvalue()


def as_csv(spec: FigureSpec) -> str:
    """Every number of the figure, one row a mark; columns carry the axis labels."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    for number, panel in enumerate(spec.panels, 1):
        y = panel.y.label or "y"
        writer.writerow(
            ["panel", "series", "name", panel.x.label or "position", y, "x minus", "x plus", "y minus", "y plus"]
        )
        for series in panel.series:
            for i in range(series.x.size):
                name = panel.x.ticks[int(series.x[i])] if panel.x.ticks else ""
                errors = [
                    "" if side is None else f"{side[i]:.8g}"
                    for side in (series.x_minus, series.x_plus, series.y_minus, series.y_plus)
                ]
                writer.writerow([number, series.label, name, f"{series.x[i]:.8g}", f"{series.y[i]:.8g}", *errors])
    return buffer.getvalue()


def _draw(ax: Axes, panel: Panel) -> None:
    for series in panel.series:
        _draw_series(ax, series)
    ax.set_xlabel(panel.x.label)
    ax.set_ylabel(panel.y.label)
    if panel.x.logarithmic:
        ax.set_xscale("log", nonpositive="mask")
    if panel.y.logarithmic:
        ax.set_yscale("log", nonpositive="mask")
    if panel.equal_scales:
        ax.set_aspect("equal", adjustable="datalim")
    if panel.title:
        ax.set_title(panel.title)
    if panel.x.ticks:
        crowded = len(panel.x.ticks) > 6
        ax.set_xticks(range(len(panel.x.ticks)), panel.x.ticks)
        ax.tick_params(axis="x", rotation=40 if crowded else 0, length=0)
        if crowded:
            for label in ax.get_xticklabels():
                label.set_horizontalalignment("right")
        ax.set_xlim(-0.6, len(panel.x.ticks) - 0.4)
    if any(series.label for series in panel.series):
        columns = 4 if panel.x.ticks else 2
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=columns, borderaxespad=0.2)


def _draw_series(ax: Axes, series: Series) -> None:
    tone = colour(series.colour)
    label = series.label or "_nolegend_"
    y_errors = _pair(series.y_minus, series.y_plus)
    if series.kind == "line":
        drawn = ax.plot(series.x, series.y, color="black" if series.heavy else tone, label=label)
        if series.heavy:
            drawn[0].set_zorder(3)
    elif series.kind == "band":
        low = series.y if series.y_minus is None else series.y - series.y_minus
        high = series.y if series.y_plus is None else series.y + series.y_plus
        ax.fill_between(series.x, low, high, color=tone, alpha=0.18, linewidth=0)
        ax.plot(series.x, series.y, color=tone, label=label)
    elif series.kind == "bars":
        base = 0.0 if series.base is None else series.base
        ax.bar(series.x, series.y, bottom=base, width=0.62, color=tone, alpha=0.8, label=label)
        if y_errors is not None:
            shift = 0.08 if series.colour == 0 else -0.08
            ax.errorbar(series.x + shift, base + series.y, yerr=y_errors, fmt="none", ecolor="black", elinewidth=0.8)
    else:
        ax.errorbar(
            series.x,
            series.y,
            xerr=_pair(series.x_minus, series.x_plus),
            yerr=y_errors,
            fmt="o",
            markersize=4,
            color=tone,
            markerfacecolor="white" if series.open_marks else tone,
            elinewidth=3.2 if series.heavy else 0.9,
            alpha=0.45 if series.heavy else 1.0,
            capsize=0 if series.heavy else 2,
            label=label,
        )


def _pair(minus: np.ndarray | None, plus: np.ndarray | None) -> np.ndarray | None:
    if minus is None or plus is None:
        return None
    pair: np.ndarray = np.nan_to_num(np.vstack([minus, plus]))
    return pair
