"""Heckel's law ``ln(1/(1-D)) = A + P / P_H`` and the part of a curve that is straight by it.

Heckel, Trans. Metall. Soc. AIME 221 (1961) 671 and 1001. P_H, the Heckel pressure, is the inverse of the slope. At low pressure
particles are rearranged and the plot is curved; where the line begins to hold is found from the data.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.techniques.compaction.fit import Fits, solid_fits, squares_of
from cathodelab.techniques.compaction.model import BoolArray, Window
from cathodelab.techniques.compaction.settings import CompactionSettings

_PROBABILITY = 0.05
"""A line whose misfit is less probable by noise is none."""
_CURVATURE = 1.5
"""A curvature of this many standard uncertainties is one: what is not seen yet biases the slope already."""
_MOST_STARTS, _MOST_ENDS = 30, 10
_FEWEST_OF_A_LINE = 3
_SLOPE_SEEN = 2.0


def line_design(pressure_MPa: FloatArray) -> FloatArray:
    """Columns 1 and P, shape (..., points, 2)."""
    return np.stack([np.ones_like(pressure_MPa), pressure_MPa], axis=-1)


def heckel_lines(
    thickness_um: FloatArray, pressure_MPa: FloatArray, solid_um: FloatArray, weights: FloatArray
) -> FloatArray:
    """Intercept A and Heckel pressure (MPa) of each version, shape (..., 2); weights as of :func:`solid_fits`."""
    found = solid_fits(thickness_um, solid_um, line_design(pressure_MPa), weights).parameters
    return np.stack([found[..., 0], 1.0 / found[..., 1]], axis=-1)


def straight_part(
    thickness_um: FloatArray,
    pressure_MPa: FloatArray,
    solid_um: float,
    standard_um: FloatArray,
    common_um: FloatArray,
    onset_MPa: float,
    settings: CompactionSettings,
) -> tuple[Window | None, str]:
    """The straight part of a curve, or why there is none.

    All points, if a line describes them within the noise. Else from where rearrangement is over to the highest pressure. Else
    the longest window that a line describes within the noise (neither its misfit nor a curvature can be told from noise and
    common errors); it then begins higher by the guard factor, as what fades slowly is not seen at once. Where noise explains
    no window, misfits within the tolerance are accepted and said. Windows that end below the highest pressure come last.

    Args:
        thickness_um: of each point, by rising pressure.
        pressure_MPa: of each point.
        solid_um: thickness without pores.
        standard_um: noise of each thickness.
        common_um: what one standard uncertainty of each common error does to each thickness, shape (points, errors).
        onset_MPa: from where rearrangement is over, ``nan`` where no law of it describes the curve.
        settings: see :class:`CompactionSettings`.
    """
    stated = _stated_window(pressure_MPa, settings)
    if stated and stated[1] - stated[0] < settings.fewest_points:
        return None, _too_few_stated(stated[1] - stated[0], settings)
    rise = -np.log(np.clip(1 - solid_um / thickness_um, 1e-9, None))
    candidates = [stated] if stated else list(_candidates(pressure_MPa, rise, settings))
    if not candidates:
        return None, _too_few(pressure_MPa, settings)
    tried = _tried(candidates, thickness_um, pressure_MPa, solid_um, standard_um, common_um)
    for within_noise in (True, False):
        good = tried.rising & (tried.quiet if within_noise else tried.misfit <= settings.misfit_tolerance)
        if good.any():
            row = int(np.argmax(good))
            if not stated and candidates[row][0] > 0:
                row = _begun_higher(row, candidates, pressure_MPa, onset_MPa, settings)
            return _window(tried, row, pressure_MPa, settings, within_noise=within_noise), ""
    return None, _not_straight(tried, pressure_MPa, settings, stated=bool(stated))


@dataclass(frozen=True, eq=False)
class _Tried(ReadOnlyArrays):
    """A line in every window: weighted squares of its misfit beyond common errors, whether noise explains them and it rises."""

    candidates: Sequence[tuple[int, int]]
    squares: FloatArray
    misfit: FloatArray
    quiet: BoolArray
    rising: BoolArray


def _tried(
    candidates: Sequence[tuple[int, int]],
    thickness: FloatArray,
    pressure: FloatArray,
    solid: float,
    standard: FloatArray,
    common: FloatArray,
) -> _Tried:
    weights = np.zeros((len(candidates), pressure.size))
    for row, (first, end) in enumerate(candidates):
        weights[row, first:end] = standard[first:end] ** -2.0
    x = line_design(pressure / pressure[-1])
    line = solid_fits(thickness, np.array(solid), x, weights)
    curve = solid_fits(thickness, np.array(solid), np.concatenate([x, x[:, 1:] ** 2], axis=-1), weights)
    slope = line.parameters[:, 1]
    rise = slope * np.array([x[end - 1, 1] - x[first, 1] for first, end in candidates])
    degrees = np.array([end - first - 2 for first, end in candidates])
    straight, curved = (squares_of(fits, weights, common) for fits in (line, curve))
    return _Tried(
        candidates,
        straight,
        _misfits(line, thickness, solid, weights, rise),
        (chdtrc(degrees, straight) >= _PROBABILITY) & (straight - curved <= _CURVATURE**2),
        slope > _SLOPE_SEEN * slope_standard(line, weights),
    )


def _stated_window(pressure: FloatArray, settings: CompactionSettings) -> tuple[int, int] | None:
    """First and end point of the window that the settings ask for."""
    low, high = settings.window_low_MPa, settings.window_high_MPa
    if not low and not high:
        return None
    inside = np.flatnonzero((pressure >= low) & (pressure <= (high or np.inf)))
    return (int(inside[0]), int(inside[-1]) + 1) if inside.size else (0, 0)


def _candidates(pressure: FloatArray, logarithm: FloatArray, settings: CompactionSettings) -> Iterator[tuple[int, int]]:
    """Windows that are long enough: those that end highest first, of these the longest first."""
    fewest, ratio = settings.fewest_points, settings.window_ratio
    least = settings.least_share_of_rise * (logarithm[-1] - logarithm[0])
    ends = np.flatnonzero(pressure >= 0.5 * pressure[-1]) + 1
    ends = ends[np.unique(np.linspace(0, ends.size - 1, min(ends.size, _MOST_ENDS)).round().astype(int))]
    levels = pressure[0] + (pressure[-1] - pressure[0]) * np.linspace(0, 1, _MOST_STARTS) ** 2
    starts = np.unique(np.searchsorted(pressure, levels)) if pressure.size > _MOST_STARTS else np.arange(pressure.size)
    for end in ends[::-1]:
        for first in starts:
            long_enough = end - first >= fewest and pressure[first] * ratio <= pressure[end - 1]
            if long_enough and logarithm[end - 1] - logarithm[first] >= least:
                yield int(first), int(end)


def _begun_higher(
    row: int,
    candidates: Sequence[tuple[int, int]],
    pressure: FloatArray,
    onset_MPa: float,
    settings: CompactionSettings,
) -> int:
    """The window with the same end, begun where rearrangement is over, or higher by the guard factor."""
    first, end = candidates[row]
    over = [start for start, last in candidates if last == end and pressure[start] >= onset_MPa]
    start = over[0] if over else _higher((first, end), candidates, pressure, settings.guard_factor)
    return candidates.index((start, end))


def _higher(chosen: tuple[int, int], candidates: Sequence[tuple[int, int]], pressure: FloatArray, factor: float) -> int:
    """Where the same window begins that begins higher by a factor, as far as it stays long enough."""
    first, end = chosen
    allowed = [start for start, last in candidates if last == end and start > first]
    wanted = [start for start in allowed if pressure[start] >= factor * pressure[first] * (1 - 1e-9)]
    return wanted[0] if wanted else (allowed[-1] if allowed else first)


def _misfits(line: Fits, thickness: FloatArray, solid: float, weights: FloatArray, rise: FloatArray) -> FloatArray:
    """Root mean square misfit of ln(1/(1-D)), as a fraction of its rise in each window."""
    model = thickness - line.misfit_um
    density = solid / model
    used = weights > 0
    k = np.where(used, line.misfit_um / model * density / np.maximum(1 - density, 1e-9), 0.0)
    root: FloatArray = np.sqrt(np.sum(k**2, axis=-1) / np.maximum(used.sum(axis=-1) - 2, 1))
    return root / np.maximum(np.abs(rise), 1e-12)


def _window(
    tried: _Tried, row: int, pressure: FloatArray, settings: CompactionSettings, *, within_noise: bool
) -> Window:
    first, end = tried.candidates[row]
    narrower = _higher((first, end), tried.candidates, pressure, settings.guard_factor)
    if narrower == first and end - first > _FEWEST_OF_A_LINE:
        narrower = first + 1
    return Window(
        first=first,
        end=end,
        low_MPa=float(pressure[first]),
        high_MPa=float(pressure[end - 1]),
        within_noise=within_noise,
        misfit=float(tried.misfit[row]),
        chi_square=float(tried.squares[row]),
        degrees=end - first - 2,
        narrower=narrower,
        chosen_by="settings" if settings.window_low_MPa or settings.window_high_MPa else "data",
    )


def slope_standard(line: Fits, weights: FloatArray) -> FloatArray:
    """Standard uncertainty of the slope of each line, per unit of its pressures, from the noise of the thicknesses."""
    matrix = np.swapaxes(weights[..., None] * line.jacobian, -1, -2) @ line.jacobian
    determinant = np.linalg.det(matrix)
    known = determinant > 0
    standard: FloatArray = np.sqrt(np.where(known, matrix[..., 0, 0] / np.where(known, determinant, 1.0), np.inf))
    return standard


def _too_few_stated(points: int, settings: CompactionSettings) -> str:
    high = f"{settings.window_high_MPa:g}" if settings.window_high_MPa else "the highest"
    return (
        f"The window of the settings ({settings.window_low_MPa:g} to {high} MPa) holds {points} points, a line needs "
        f"{settings.fewest_points}"
    )


def _too_few(pressure: FloatArray, settings: CompactionSettings) -> str:
    return (
        f"A straight part needs {settings.fewest_points} points, up to {settings.window_ratio:g} times its lowest pressure and "
        f"with {100 * settings.least_share_of_rise:.0f} % of the rise of ln(1/(1-D)); there are {pressure.size} points between "
        f"{pressure[0]:.4g} and {pressure[-1]:.4g} MPa"
    )


def _not_straight(tried: _Tried, pressure: FloatArray, settings: CompactionSettings, *, stated: bool) -> str:
    if not tried.rising.any():
        return "In no window ln(1/(1-D)) rises with pressure by more than its noise"
    row = int(np.argmin(np.where(tried.rising, tried.misfit, np.inf)))
    first, end = tried.candidates[row]
    return (
        f"No part of the Heckel plot is straight: {'in the window of the settings' if stated else 'in the straightest one'} "
        f"({pressure[first]:.4g} to {pressure[end - 1]:.4g} MPa) ln(1/(1-D)) leaves a line by {100 * tried.misfit[row]:.2g} % of "
        f"its rise (limit {100 * settings.misfit_tolerance:.2g} %), and noise does not explain it"
    )
