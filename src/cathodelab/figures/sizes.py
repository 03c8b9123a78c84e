"""The widths of a printed page: one column (8.4 cm) and two (17.4 cm)."""

from __future__ import annotations

from dataclasses import replace

from cathodelab.core.figure import FigureSpec

ONE_COLUMN_CM, TWO_COLUMNS_CM = 8.4, 17.4
_MOST_NAMES_IN_ONE_COLUMN = 14
_PANEL_HEIGHT_CM = 6.2
_MOST_PANELS_A_ROW = 3


def grid(spec: FigureSpec) -> tuple[int, int]:
    """Rows and columns of the panels: one below the other where the page is narrow."""
    count = len(spec.panels)
    columns = 1 if spec.width_cm < 12 else min(count, _MOST_PANELS_A_ROW)
    return -(-count // columns), columns


def one_column(spec: FigureSpec) -> FigureSpec | None:
    """The figure for one column of a page, or ``None`` where its names would not be legible there."""
    if spec.width_cm <= ONE_COLUMN_CM:
        return spec
    if any(len(panel.x.ticks) > _MOST_NAMES_IN_ONE_COLUMN for panel in spec.panels):
        return None
    return replace(spec, width_cm=ONE_COLUMN_CM, height_cm=_PANEL_HEIGHT_CM * len(spec.panels))
