"""Figures of one compaction."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.figure import Axis, FigureSpec, Panel, Series
from cathodelab.core.method import Described
from cathodelab.techniques.compaction.laws import KAWAKITA
from cathodelab.techniques.compaction.model import WORDS, Branch, CompactionResult, Mode

_PRESSURE = Axis("P", "MPa")
_COLOURS: dict[Mode, int] = {"in_die": 0, "out_of_die": 1}
_LINE_POINTS = 60


def figures(sample: Described, result: CompactionResult) -> tuple[FigureSpec, ...]:
    """Relative density, Heckel plot, and Kawakita plot where the law fits; nothing for a single thickness."""
    curves = [branch for branch in result.branches if branch.pressure_MPa.size > 1]
    if not curves:
        return ()
    panels = [_densities(curves), _heckel(curves, result)]
    if fitting := [branch for branch in curves if _constants(branch)]:
        panels.append(_kawakita(fitting))
    caption = (
        f"Pellet {sample.id}: relative density under load in the die and after ejection, and Heckel plot. "
        f"{' '.join(_caption(branch, result) for branch in curves)} In the Heckel plot, filled points lie in the window of the "
        "line. Bars: two standard uncertainties (95 %), of which densities, mass and area are common to all points."
    )
    if len(panels) > 2:
        caption += " Right: Kawakita plot with the fitted height of the powder."
    return (FigureSpec(f"compaction-{sample.id}", caption, tuple(panels), height_cm=7.0),)


def _densities(curves: Sequence[Branch]) -> Panel:
    series = tuple(
        Series(
            "points",
            branch.pressure_MPa,
            branch.relative_density,
            WORDS[branch.mode],
            _COLOURS[branch.mode],
            y_minus=2 * branch.relative_density_standard,
            y_plus=2 * branch.relative_density_standard,
        )
        for branch in curves
    )
    return Panel(_PRESSURE, Axis("relative density"), series)


def _heckel(curves: Sequence[Branch], result: CompactionResult) -> Panel:
    series: list[Series] = []
    for branch in curves:
        logarithm = -np.log1p(-branch.relative_density)
        half = 2 * branch.relative_density_standard / (1 - branch.relative_density)
        inside = np.zeros(logarithm.size, dtype=bool)
        if branch.window is not None:
            inside[branch.window.first : branch.window.end] = True
        colour = _COLOURS[branch.mode]
        for chosen, open_marks in ((inside, False), (~inside, True)):
            if chosen.any():
                series.append(
                    Series(
                        "points",
                        branch.pressure_MPa[chosen],
                        logarithm[chosen],
                        "",
                        colour,
                        y_minus=half[chosen],
                        y_plus=half[chosen],
                        open_marks=open_marks,
                    )
                )
        if branch.window is not None:
            series.append(_line(branch, result, colour))
    return Panel(_PRESSURE, Axis("ln(1/(1−D))"), tuple(series))


def _line(branch: Branch, result: CompactionResult, colour: int) -> Series:
    """The line, drawn over all pressures so that one sees where points leave it."""
    heckel, intercept = (
        result.estimates.estimate(f"{name}_{branch.mode}").value for name in ("heckel_pressure", "heckel_intercept")
    )
    pressure = np.array([0.0, branch.pressure_MPa[-1]])
    return Series("line", pressure, intercept + pressure / heckel, WORDS[branch.mode], colour)


def _constants(branch: Branch) -> tuple[float, float, float] | None:
    law = branch.law(KAWAKITA)
    if law is None or not law.fits:
        return None
    return law.parameters["h0_um"], law.parameters["a"], law.parameters["b_per_MPa"]


def _kawakita(curves: Sequence[Branch]) -> Panel:
    series: list[Series] = []
    for branch in curves:
        found = _constants(branch)
        if found is None:
            continue
        height, a, b = found
        loss = (height - branch.thickness_um) / height
        shown = loss > 0.02  # P/C of what hardly lost anything is noise
        pressure = branch.pressure_MPa[shown]
        colour = _COLOURS[branch.mode]
        half = 2 * pressure * branch.thickness_standard_um[shown] / height / loss[shown] ** 2
        series.append(Series("points", pressure, pressure / loss[shown], "", colour, y_minus=half, y_plus=half))
        line: FloatArray = np.linspace(0, branch.pressure_MPa[-1], _LINE_POINTS)
        series.append(Series("line", line, line / a + 1 / (a * b), WORDS[branch.mode], colour))
    return Panel(_PRESSURE, Axis("P/C", "MPa"), tuple(series))


def _caption(branch: Branch, result: CompactionResult) -> str:
    words = WORDS[branch.mode]
    if branch.window is None:
        return f"No line {words}: the plot has no straight part, or too few points."
    heckel = result.estimates.estimate(f"heckel_pressure_{branch.mode}")
    return f"Line {words}: P_H = {heckel.value:.4g} ± {heckel.plus:.2g} MPa from {branch.window.stated}."
