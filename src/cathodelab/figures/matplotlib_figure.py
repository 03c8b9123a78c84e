"""A FigureSpec as a publication figure (SVG, PDF, PNG) and as csv."""

from __future__ import annotations

import csv
import hashlib
import io
import math
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from cathodelab.core.figure import FigureSpec, Panel, Series
from cathodelab.core.spreadsheets import harmless
from cathodelab.figures import style
from cathodelab.figures.sizes import grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DRAWING_VERSION = 9  # increased whenever the same spec is drawn differently

STYLE: Any = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 7.5,
    "axes.titlesize": 7.5,  # a title of three panels side by side fits over its panel
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.direction": "out",
    "ytick.direction": "out",
    "legend.frameon": False,
    "legend.fontsize": 7,
    "lines.linewidth": 1.1,
    "errorbar.capsize": 2,
    "hatch.linewidth": 0.7,
    "text.parse_math": False,  # a dollar sign in a name is no formula
    "svg.hashsalt": "cathodelab",
    "svg.fonttype": "path",
    "axes.formatter.useoffset": False,  # a number stands at its tick, not over the axis
    "figure.constrained_layout.use": True,
}
_BAR = 0.62  # width of a bar, of the distance of two


@cache
def style_digest() -> str:
    """Digest of what a picture depends on besides its spec: this style and the drawing library."""
    from importlib.metadata import version

    looks = (
        STYLE,
        style.OKABE_ITO,
        style.SEQUENTIAL,
        style.GREYS,
        style.MARKERS,
        style.DASHES,
        style.HATCHES,
        DRAWING_VERSION,
    )
    return hashlib.sha256(f"{looks}{version('matplotlib')}".encode()).hexdigest()


def rendered(spec: FigureSpec, kind: str = "svg", dots_per_inch: int = 600) -> bytes:
    """The figure as the bytes of an svg, png or pdf file; the same spec gives the same bytes."""
    return drawings(spec, (kind,), dots_per_inch)[kind]


def drawings(spec: FigureSpec, kinds: Sequence[str], dots_per_inch: int = 600) -> dict[str, bytes]:
    """The figure in several formats; it is built once."""
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(spec.width_cm / 2.54, spec.height_cm / 2.54))
        FigureCanvasAgg(figure)
        axes = figure.subplots(*grid(spec), squeeze=False).ravel()
        _draw_panels(list(axes), spec)
        layout = figure.get_layout_engine()
        if layout is not None:
            layout.execute(figure)
        figure.set_layout_engine("none")  # the layout is computed once and kept for all formats
        for ax, panel in zip(axes, spec.panels, strict=False):
            if panel.equal_scales:
                _stand_on_the_axis(ax)
        return {kind: _saved(figure, kind, dots_per_inch) for kind in kinds}


def drawn_in_notebook(spec: FigureSpec, axes: Axes | None = None) -> tuple[Axes, ...]:
    """The panels of a figure on axes that stay open for changes.

    Args:
        spec: the figure.
        axes: where its one panel is drawn; without, a new figure of pyplot, which a notebook shows.
    """
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    with mpl.rc_context(STYLE):
        own = [axes] if axes is not None else []
        if axes is None:
            size = spec.width_cm / 2.54, spec.height_cm / 2.54
            own = list(plt.subplots(*grid(spec), figsize=size, squeeze=False)[1].ravel())
        _draw_panels(own, spec)
    return tuple(own[: len(spec.panels)])


def _draw_panels(axes: Sequence[Axes], spec: FigureSpec) -> None:
    """Each panel on its axes; those that are left over stay empty."""
    for ax, panel in zip(axes, spec.panels, strict=False):
        _draw(ax, panel, spec.width_cm / grid(spec)[1])
    for ax in axes[len(spec.panels) :]:
        ax.set_axis_off()


def _saved(figure: Figure, kind: str, dots_per_inch: int) -> bytes:
    """The figure in one format, straight from its canvas; `savefig` would draw it once more to find the layout.

    Each canvas is imported when needed: importing that of pdf takes as long as drawing a figure.
    """
    buffer = io.BytesIO()
    canvas: Any
    if kind == "svg":
        from matplotlib.backends.backend_svg import FigureCanvasSVG

        canvas = FigureCanvasSVG(figure)
        canvas.print_svg(buffer, metadata={"Date": None})
    elif kind == "pdf":
        from matplotlib.backends.backend_pdf import FigureCanvasPdf

        canvas = FigureCanvasPdf(figure)
        canvas.print_pdf(buffer, metadata={"CreationDate": None})
    else:
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        figure.set_dpi(dots_per_inch)
        canvas = FigureCanvasAgg(figure)
        canvas.print_png(
            buffer, pil_kwargs={"compress_level": 3}
        )  # level 6 takes three times as long to save a tenth of the size
    return buffer.getvalue()


def as_csv(spec: FigureSpec) -> str:
    """Every number of the figure, one row for each mark; column names are the axis labels."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    for number, panel in enumerate(spec.panels, 1):
        y = panel.y.label or "y"
        writer.writerow(
            ["panel", "series", "name", panel.x.label or "position", y, "x minus", "x plus", "y minus", "y plus"]
        )
        names = [harmless(one) for one in panel.x.ticks]
        for series in panel.series:
            label = harmless(series.label)
            for i in range(series.x.size):
                name = names[round(float(series.x[i]))] if names else ""
                errors = [
                    "" if side is None else f"{side[i]:.8g}"
                    for side in (series.x_minus, series.x_plus, series.y_minus, series.y_plus)
                ]
                writer.writerow([number, label, name, f"{series.x[i]:.8g}", f"{series.y[i]:.8g}", *errors])
    return buffer.getvalue()


def _draw(ax: Axes, panel: Panel, width_cm: float) -> None:
    several = style.several_lines(panel)
    for series in panel.series:
        solid = not several or series.thin or series.shade is not None
        _draw_series(ax, series, style.dash(-1 if solid else series.colour).matplotlib)
        if any(series.names):
            _name_marks(ax, series)
    ax.set_xlabel(panel.x.label)
    ax.set_ylabel(panel.y.label)
    if panel.x.logarithmic:
        ax.set_xscale("log", nonpositive="mask")
        _name_decades(ax.xaxis)
    if panel.y.logarithmic:
        ax.set_yscale("log", nonpositive="mask")
        _name_decades(ax.yaxis)
    if panel.x.whole_numbers:
        from matplotlib.ticker import MaxNLocator

        ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True, min_n_ticks=1))
    if panel.equal_scales:
        ax.set_aspect("equal", adjustable="datalim")
    if panel.title:
        ax.set_title(panel.title)
    if panel.x.ticks:
        _name_places(ax, [style.shortened(name, style.LONGEST_NAME) for name in panel.x.ticks], width_cm)
    if any(series.label for series in panel.series):
        longest = min(max(len(series.label) for series in panel.series), style.LONGEST_LABEL)
        columns = max(1, int(width_cm / (1.4 + 0.135 * longest)))
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=columns, borderaxespad=0.2)


def _stand_on_the_axis(ax: Axes) -> None:
    """Put the spare room of equal scales above the data: impedance arcs have nothing below them."""
    ax.apply_aspect()
    foot = ax.dataLim.y0 - 0.05 * ax.dataLim.height
    low, high = ax.get_ylim()
    if low < foot:
        ax.set_ylim(foot, foot + high - low)


_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def _name_decades(axis: Any) -> None:  # noqa: ANN401 - x and y axes share what is used here
    """Write powers of ten as plain text: formulas are switched off, since users' names might contain them."""
    from matplotlib.ticker import FuncFormatter, NullFormatter

    low, high = axis.get_view_interval()
    # whether at least two powers of ten are labelled
    several = low > 0 and math.floor(math.log10(high)) > math.ceil(math.log10(low))
    largest_plain = 2 if several else 4  # next to 2000 write 1000, not 10³

    def named(value: float, place: object) -> str:
        del place
        power = round(math.log10(value)) if value > 0 else 0
        if value <= 0 or not math.isclose(value, 10.0**power, rel_tol=1e-6):
            return f"{value:g}"
        return f"{value:g}" if 0 <= power <= largest_plain else "10" + str(power).translate(_SUPERSCRIPTS)

    def named_between(value: float, place: object) -> str:
        return named(value, place) if f"{value:e}"[0] in "25" else ""

    axis.set_major_formatter(FuncFormatter(named))
    if several:
        axis.set_minor_formatter(NullFormatter())
    else:
        marks = [one for one in (1, 2, 5) if low > 0 and math.ceil(math.log10(low / one)) <= math.log10(high / one)]
        axis.set_minor_formatter(FuncFormatter(named_between if len(marks) > 2 else named))  # three labels fit anywhere


def _name_places(ax: Axes, names: Sequence[str], width_cm: float) -> None:
    """Write names along an axis of categories: horizontal, slanted or vertical, as space allows; there is no axis label.

    They are texts instead of ticks: each tick is five artists, and fifty of them took half of the drawing time.
    """
    room_cm = (width_cm - 1.5) / len(names)
    longest_cm = 0.13 * max(map(len, names))
    rotation = 0 if longest_cm < 0.85 * room_cm else 40 if room_cm > 0.75 else 90
    slanted = rotation == 40
    ax.set_xticks([])
    ax.set_xlim(-0.6, len(names) - 0.4)
    for place, name in enumerate(names):
        ax.annotate(
            name,
            (place, 0.0),
            (0.0, -3.5),
            xycoords=ax.get_xaxis_transform(),
            textcoords="offset points",
            annotation_clip=False,
            rotation=rotation,
            rotation_mode="anchor" if slanted else "default",
            horizontalalignment="right" if slanted else "center",
            verticalalignment="top",
            fontsize=7.5 if room_cm > 0.35 else 5.5,
        )


def _name_marks(ax: Axes, series: Series) -> None:
    """Names to the right of their marks."""
    for x, y, name in zip(series.x, series.y, series.names, strict=True):
        if name and np.isfinite(x) and np.isfinite(y):
            ax.annotate(
                style.shortened(name, style.LONGEST_NAME),
                (float(x), float(y)),
                (4.0, 2.0),
                textcoords="offset points",
                fontsize=6.5,
                color=style.tone(series),
            )


def _draw_series(ax: Axes, series: Series, dash: str) -> None:
    tone = style.tone(series)
    label = style.shortened(series.label, style.LONGEST_LABEL) or "_nolegend_"
    y_errors = _pair(series.y_minus, series.y_plus)
    if series.kind == "line":
        drawn = ax.plot(
            series.x,
            series.y,
            color="black" if series.heavy else tone,
            label=label,
            linestyle="-" if series.heavy else dash,
            linewidth=0.6 if series.thin else None,
            alpha=0.7 if series.thin else None,
        )
        if series.heavy:
            drawn[0].set_zorder(3)
    elif series.kind == "band":
        low = series.y if series.y_minus is None else series.y - series.y_minus
        high = series.y if series.y_plus is None else series.y + series.y_plus
        ax.fill_between(series.x, low, high, color=tone, alpha=0.18, linewidth=0)
        ax.plot(series.x, series.y, color=tone, label=label, linestyle=dash)
    elif series.kind == "bars":
        _draw_bars(ax, series, y_errors)
    else:
        ax.errorbar(
            series.x,
            series.y,
            xerr=_pair(series.x_minus, series.x_plus),
            yerr=y_errors,
            fmt="none" if series.heavy else style.marker(series.colour).matplotlib,
            markersize=2.4 if series.thin else 4.2,
            color=tone,
            markerfacecolor="white" if series.open_marks else tone,
            elinewidth=3.4 if series.heavy else 0.9,
            alpha=0.45 if series.heavy else 1.0,
            capsize=0 if series.heavy else 2,
            label=label,
        )


def _draw_bars(ax: Axes, series: Series, y_errors: np.ndarray | None) -> None:
    from matplotlib.collections import PolyCollection

    base = 0.0 if series.base is None else series.base
    tone, hatch = style.tone(series), style.hatch(series.colour).matplotlib
    # one artist for all bars of a series: one for each bar takes a second for fifty cells
    left, right = series.x - _BAR / 2, series.x + _BAR / 2
    bottom, top = np.broadcast_to(base, series.y.shape), base + series.y
    corners = np.array([[left, bottom], [left, top], [right, top], [right, bottom]]).transpose(2, 0, 1)
    bars = PolyCollection(
        list(corners), facecolor=tone, edgecolor="white", linewidth=0, hatch=hatch, label=series.label or "_nolegend_"
    )
    bars.sticky_edges.y.extend(np.unique(bottom))
    ax.add_collection(bars)
    ax.autoscale_view()
    if y_errors is not None:
        shift = 0.0 if series.base is None else 0.1 * (1 if series.colour % 2 else -1)
        ax.errorbar(series.x + shift, base + series.y, yerr=y_errors, fmt="none", ecolor="black", elinewidth=0.8)


def _pair(minus: np.ndarray | None, plus: np.ndarray | None) -> np.ndarray | None:
    if minus is None or plus is None:
        return None
    pair: np.ndarray = np.nan_to_num(np.vstack([minus, plus]))
    return pair
