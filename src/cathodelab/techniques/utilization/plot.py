"""Result -> FigureSpec."""

from __future__ import annotations

import numpy as np

from cathodelab.core.figure import Axis, FigureSpec, Panel, Series
from cathodelab.core.samples import Cell
from cathodelab.techniques.utilization.fit import reference_curve
from cathodelab.techniques.utilization.model import UtilizationResult

LITHIUM = "Li⁺/Li"


def figures(cell: Cell, result: UtilizationResult) -> tuple[FigureSpec, ...]:
    """The relaxed points on the reference curve, and the utilization of every window."""
    theta = result.estimates.estimate("static_utilization")
    used = sum(not window.dropped for window in result.windows)
    caption = (
        f"{cell.id}: left, relaxed potentials of the cell on the titration curve of the reference {result.reference_id}; "
        "the cell's charge is referred to its connected active material (gross charge / θ). Open marks are not used. Right, "
        f"utilization of each window; bars are {_bar(result)}; the line with its band is the result of all {used} used "
        f"windows, "
        f"θ = {100 * theta.value:.1f} % (+{100 * theta.plus:.1f} −{100 * theta.minus:.1f}). n = 1 cell."
    )
    return (FigureSpec(f"{cell.id}-utilization", caption, (_curve_panel(result), _window_panel(result))),)


def _bar(result: UtilizationResult) -> str:
    if result.settings.mode in ("corrected", "monte_carlo"):
        return "standard uncertainties (68 %): thick without the two masses, which shift all windows together; thin with them"
    if result.settings.mode == "published":
        return "errors after Publication I (linear sums, no stated level)"
    return "linear sums of all limits"


def _curve_panel(result: UtilizationResult) -> Panel:
    c, fit = result.comparison, result.fit
    curve = reference_curve(c)
    u = np.linspace(curve.potential_volt[0], curve.potential_volt[-1], 300)
    zero = curve.charge_mAh[0]
    reference = (curve.charge(u) - zero) / c.reference_mass_mg * 1000
    points = (c.charge_mAh - fit.charge_offset_mAh) / (fit.utilization * c.cam_mass_mg) * 1000
    points = points - zero / c.reference_mass_mg * 1000
    potential = c.potential_volt + fit.offset_volt
    inside = (potential >= curve.potential_volt[0]) & (potential <= curve.potential_volt[-1])
    used = c.used > 0
    series = [Series("line", reference, u, "reference (liquid electrolyte)", colour=-1)]
    groups: tuple[tuple[np.ndarray, str, bool], ...] = (
        (used, "cell, used", False),
        (inside & ~used, "cell, not used", True),
    )
    for rows, label, open_marks in groups:
        if rows.any():
            series.append(Series("points", points[rows], potential[rows], label, colour=0, open_marks=open_marks))
    return Panel(Axis("q (connected CAM)", "mAh g⁻¹"), Axis("relaxed E", "V", against=LITHIUM), tuple(series))


def _window_panel(result: UtilizationResult) -> Panel:
    theta = result.estimates.estimate("static_utilization")
    ends = [end for window in result.windows for end in (window.potential_1_volt, window.potential_2_volt)]
    low, high = min(ends), max(ends)  # on discharge a window begins at its higher potential
    series = [
        Series(
            "band",
            np.array([low, high]),
            np.full(2, 100 * theta.value),
            "all used windows",
            colour=0,
            y_minus=np.full(2, 100 * theta.minus),
            y_plus=np.full(2, 100 * theta.plus),
        )
    ]
    for dropped, label in ((False, "window, used"), (True, "window, dropped")):
        chosen = [window for window in result.windows if bool(window.dropped) == dropped]
        if not chosen:
            continue
        estimates = [result.estimates.estimate(window.estimate_name) for window in chosen]
        middle = np.array([(window.potential_1_volt + window.potential_2_volt) / 2 for window in chosen])
        half = np.array([abs(window.potential_2_volt - window.potential_1_volt) / 2 for window in chosen])
        value = np.array([100 * estimate.value for estimate in estimates])
        tone = -1 if dropped else 0
        if result.settings.mode in ("corrected", "monte_carlo"):
            own = [result.estimates.half_widths_without(window.estimate_name, "/mass") for window in chosen]
            low_side, high_side = 100 * np.array(own).T
            series.append(Series("points", middle, value, colour=tone, y_minus=low_side, y_plus=high_side, heavy=True))
        series.append(
            Series(
                "points",
                middle,
                value,
                label,
                colour=tone,
                x_minus=half,
                x_plus=half,
                y_minus=np.array([100 * estimate.minus for estimate in estimates]),
                y_plus=np.array([100 * estimate.plus for estimate in estimates]),
                open_marks=dropped,
            )
        )
    return Panel(Axis("relaxed E", "V", against=LITHIUM), Axis("utilization θ", "%"), tuple(series))
