"""One figure in all the formats of its files. It knows nothing of studies: who draws in another process loads little."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from cathodelab.core.figure import FigureSpec
from cathodelab.figures.matplotlib_figure import as_csv, drawings
from cathodelab.figures.plotly_figure import plotly_figure


class Order(NamedTuple):
    """What to draw: a figure and its formats."""

    spec: FigureSpec
    kinds: Sequence[str]


def pictures(order: Order) -> dict[str, bytes]:
    """Contents of files by format: pictures (svg, pdf), its numbers (csv), or for the interactive page (json)."""
    spec, kinds = order
    found = drawings(spec, [kind for kind in kinds if kind not in _TEXTS])
    return {kind: found[kind] if kind in found else _TEXTS[kind](spec).encode() for kind in kinds}


def _json(spec: FigureSpec) -> str:
    return json.dumps(plotly_figure(spec), allow_nan=False, ensure_ascii=False)


_TEXTS = {"csv": as_csv, "json": _json}
