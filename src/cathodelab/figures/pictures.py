"""One figure in all its file formats. The module knows nothing of studies, so that drawing processes import little."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from cathodelab.core.figure import FigureSpec
from cathodelab.figures.matplotlib_figure import as_csv, drawings
from cathodelab.figures.plotly_figure import plotly_figure


class Order(NamedTuple):
    """A request to draw: a figure and its formats."""

    spec: FigureSpec
    kinds: Sequence[str]


def pictures(order: Order) -> dict[str, bytes]:
    """Pictures (svg, pdf) by format."""
    return drawings(order.spec, [kind for kind in order.kinds if kind not in _TEXTS])


def texts(order: Order) -> dict[str, bytes]:
    """The numbers (csv) and the input of the interactive page (json), by format."""
    return {kind: _TEXTS[kind](order.spec).encode() for kind in order.kinds if kind in _TEXTS}


def _json(spec: FigureSpec) -> str:
    return json.dumps(plotly_figure(spec), allow_nan=False, ensure_ascii=False)


_TEXTS = {"csv": as_csv, "json": _json}
