"""Particles seen along an axis, drawn without a display: a picture or an animation."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False)
class ParticleView(ReadOnlyArrays):
    """Content of a picture: circles in mm with a value each, outlines of bodies in mm, a title.

    ``centre`` (n, 2), ``radius`` (n), ``value`` (n); ``outlines`` are closed lines (m, 2).
    """

    centre: FloatArray
    radius: FloatArray
    value: FloatArray
    outlines: tuple[FloatArray, ...]
    quantity: str
    highest: float
    title: str


def picture(view: ParticleView, dots_per_inch: int = 150) -> bytes:
    """One view as png."""
    buffer = io.BytesIO()
    _drawn(view).savefig(buffer, format="png", dpi=dots_per_inch)
    return buffer.getvalue()


def animation(views: Sequence[ParticleView], path: Path, pictures_a_second: int = 12) -> Path:
    """Several views as an animated gif."""
    from PIL import Image

    frames = [Image.open(io.BytesIO(picture(view, 90))).convert("P", palette=Image.Palette.ADAPTIVE) for view in views]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=1000 // pictures_a_second, loop=0)
    return path


def _drawn(view: ParticleView) -> Figure:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.collections import EllipseCollection
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.2, 4.6), layout="constrained")
    FigureCanvasAgg(figure)
    axes: Any = figure.add_subplot()
    for outline in view.outlines:
        axes.fill(outline[:, 0], outline[:, 1], facecolor="#d8d8d8", edgecolor="#d8d8d8", linewidth=0.8, zorder=0)
    size = 2 * view.radius
    circles = EllipseCollection(
        size, size, np.zeros(len(size)), units="xy", offsets=view.centre, offset_transform=axes.transData,
        array=view.value, cmap="viridis", edgecolors="none",
    )  # fmt: skip
    circles.set_clim(0, view.highest)
    axes.add_collection(circles)
    axes.set_aspect("equal")
    axes.autoscale_view()
    axes.set_xlabel("x / mm")
    axes.set_ylabel("y / mm")
    axes.set_title(view.title, fontsize=9)
    figure.colorbar(circles, ax=axes, label=view.quantity, shrink=0.8)
    return figure
