r"""Features of dQ/dV: where the layered oxide changes its phase, with uncertainty, or that it cannot be told.

A feature is the most prominent maximum of the smoothed density in its window. Its position is corrected for what smoothing
moves (extrapolated from two kernels; height and charge from three), and noise moves it by
:math:`\sigma_V^2 = \sigma^2 q D \int W^2 / 1`, where :math:`W` combines the second derivatives of both kernels over the
curvatures of both maxima (error propagation of the potentials' noise; this project).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from math import hypot, isfinite, pi, sqrt

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.techniques.cycling.differential import LEVELS, Densities, FeatureTable
from cathodelab.techniques.cycling.transitions import Window

RESOLVED, NOT_RESOLVED, NOT_REACHED = 0, 1, 2
_SURROUNDINGS_VOLT = 0.15
_SMALLEST_PROMINENCE = 0.02
_EQUAL = 1e-9
_NOISE_OF_EXTRAPOLATION = 1.72
"""Noise of (8 H_h - 6 H_sqrt2h + H_2h) / 3 over that of H_h: of one noise, int K'_a K'_b = 1 / (sqrt(2 pi)(a^2+b^2)^1.5)."""
_MUCH, _AT_MOST = 0.05, 1.5
"""A correction by a twentieth leaves twice as much open as a small one; measured on generated cells (benchmarks)."""
_CURVED = 5.0
"""A maximum is real, and not a ripple of the noise, where its curvature is this many standard uncertainties."""


@dataclass(frozen=True)
class Found:
    """One feature of one half cycle."""

    status: int
    position: float = float("nan")
    position_standard: float = float("nan")
    height: float = float("nan")
    height_standard: float = float("nan")
    charge: float = float("nan")
    charge_standard: float = float("nan")


def features_of(
    densities: Densities,
    windows: Sequence[Window],
    cycle: Sequence[int],
    direction: Sequence[int],
    reached_volt: FloatArray,
    shift_volt: FloatArray,
    offset_volt: float,
    significance: float,
    common_standard_volt: float,
) -> FeatureTable:
    """All features of all half cycles.

    Args:
        densities: dQ/dV of the half cycles.
        windows: where features are looked for, with their names.
        cycle: number of the cycle of each half cycle.
        direction: +1 charge, -1 discharge.
        reached_volt: potential at the end of its constant current, V.
        shift_volt: overpotential by which the windows move along, V (positive; up on charge, down on discharge).
        offset_volt: potential of the counter electrode vs. Li+/Li.
        significance: prominence over its standard uncertainty that a feature needs.
        common_standard_volt: see :class:`FeatureTable`.
    """
    names: list[str] = []
    rows: list[tuple[float, ...]] = []
    for half, (number, way) in enumerate(zip(cycle, direction, strict=True)):
        for window in windows:
            if window.direction != way:
                continue
            move = way * float(shift_volt[half]) - offset_volt
            low, high = window.low_volt + move, window.high_volt + move
            found = _feature(densities, half, (low, high), way, float(reached_volt[half]), significance)
            names.append(window.name)
            rows.append((number, way, *astuple(found)))
    table = np.array(rows, dtype=np.float64).reshape(-1, 9)
    return FeatureTable(
        cycle=table[:, 0],
        direction=table[:, 1],
        feature=tuple(names),
        status=table[:, 2],
        position_volt=table[:, 3],
        position_standard_volt=table[:, 4],
        height_mAh_V=table[:, 5],
        height_standard_mAh_V=table[:, 6],
        charge_mAh=table[:, 7],
        charge_standard_mAh=table[:, 8],
        common_standard_volt=common_standard_volt,
    )


def _feature(
    densities: Densities, half: int, window: tuple[float, float], way: int, reached: float, significance: float
) -> Found:
    """The feature in a window: with the narrowest kernel that places it well within its own width."""
    volts, smoothing = densities.potential_volt, densities.smoothing_volt.item(half)
    low, high = window
    if way * (reached - (low if way > 0 else high)) <= 2 * smoothing:
        return Found(NOT_REACHED)
    cut = low <= reached <= high
    if not isfinite(densities.noise_volt.item(half)):
        return Found(NOT_RESOLVED)
    last: tuple[int, int, tuple[int, int]] | None = None
    span = slice(max(int(volts.searchsorted(low)), 1), min(int(volts.searchsorted(high, side="right")), volts.size - 1))
    for level in range(LEVELS - 2):
        curve = densities.level(level, half)
        peak, prominence, valleys = _most_prominent(curve, span, densities.step)
        if peak < 0 or prominence <= _SMALLEST_PROMINENCE * curve.max():
            break  # a wider Gaussian makes no maximum and raises none
        if prominence <= significance * densities.noise_of(half, curve.item(peak), level):
            continue
        if cut and abs(volts.item(peak) - reached) < 2 * smoothing * 2 ** (level / 2):
            return Found(NOT_REACHED)
        last = (level, peak, valleys)
        if _curvature(densities, half, level + 2, peak) > _CURVED * _curvature_noise(densities, half, level, peak):
            break
    if last is None:
        return Found(NOT_REACHED if cut else NOT_RESOLVED)
    return _measured(densities, half, *last)


def _most_prominent(curve: FloatArray, span: slice, step: float) -> tuple[int, float, tuple[int, int]]:
    """Bin of the most prominent maximum, its prominence and the valleys beside it; -1 where there is none."""
    best, height, valleys = -1, 0.0, (0, 0)
    rises = curve[span.start - 1 : span.stop] < curve[span.start : span.stop + 1]
    tops = (rises[:-1] & ~rises[1:]).nonzero()[0] + span.start
    reach = int(_SURROUNDINGS_VOLT / step)
    floor = curve[max(span.start - reach, 0) : span.stop + reach].min() if tops.size else 0.0
    for peak in tops[np.argsort(-curve[tops], kind="stable")].tolist():
        top = curve.item(peak)
        if top - floor <= height:
            break  # no lower one can stand out more
        left, right = _valleys(curve, peak, reach)
        prominence = top - max(curve.item(left), curve.item(right))
        if prominence > height:
            best, height, valleys = peak, prominence, (left, right)
    return best, height, valleys


def _valleys(curve: FloatArray, peak: int, reach: int) -> tuple[int, int]:
    """The lowest bins on both sides, up to a higher one or the end of the surroundings; of equal ones the nearest."""
    sides = []
    for way in (curve[max(peak - reach, 0) : peak + 1][::-1], curve[peak : peak + reach + 1]):
        end = int((way > way[0]).argmax())
        side = way[:end] if end else way
        sides.append(int((side <= side.min() + _EQUAL * side[0]).argmax()))
    return peak - sides[0], peak + sides[1]


def _measured(densities: Densities, half: int, level: int, peak: int, valleys: tuple[int, int]) -> Found:
    curve, wider = densities.level(level, half), densities.level(level + 1, half)
    first, height, curvature = _vertex(curve, peak)
    left, right = valleys
    second, _, wider_curvature = _vertex(wider, _top_near(densities, half, level, peak, wider))
    lost = wider_curvature >= 0 or abs(first - second) > _reach(densities, half, level)
    moved = 0.0 if lost else first - second
    position = densities.potential_volt.item(0) + densities.step * (first + moved)
    standard = _position_standard(densities, half, level, height, curvature, 0.0 if lost else wider_curvature)
    tops = _tops(densities, half, level, peak)
    tall, tall_standard = _without_smoothing(*(_vertex(one, top)[1] for one, top in tops))
    charges = [_above(one, left, right) * densities.step for one, _ in tops]
    charge, charge_standard = _without_smoothing(*charges)
    reach = int(
        _SURROUNDINGS_VOLT / densities.step
    )  # where the valleys lie is open by what another kernel makes of them
    others = [_above(one, *_valleys(one, top, reach)) * densities.step for one, top in tops[1:]]
    valleys_standard = max(abs(one - other) for one, other in zip(charges[1:], others, strict=True))
    noise = _NOISE_OF_EXTRAPOLATION * densities.noise_of(half, height, level)
    share = sqrt(2 * (right - left) * densities.step * densities.width(half, level))  # of bins that move together
    return Found(
        RESOLVED,
        position,
        standard,
        tall,
        hypot(noise, tall_standard),
        charge,
        hypot(noise * share, charge_standard, valleys_standard),
    )


def _tops(densities: Densities, half: int, level: int, peak: int) -> list[tuple[FloatArray, int]]:
    """The curve under three kernels, each with the bin of the maximum."""
    found = [(densities.level(level, half), peak)]
    for wider in (1, 2):
        curve = densities.level(level + wider, half)
        found.append((curve, _top_near(densities, half, level + wider - 1, found[-1][1], curve)))
    return found


def _above(curve: FloatArray, left: int, right: int) -> float:
    """Sum of the bins between two valleys above the straight line that joins them."""
    under = (right - left + 1) * (curve.item(left) + curve.item(right)) / 2
    return float(curve[left : right + 1].sum()) - under


def _without_smoothing(narrow: float, wide: float, widest: float) -> tuple[float, float]:
    """What no smoothing would show, from three kernels whose variances are 1, 2 and 4, and how far that is open.

    Smoothing by a variance x moves heights and charges by ax + bx^2 + ...: both terms are taken out; what the second one
    changes is what the next may, and more of it the more is taken out.
    """
    first, second = 2 * narrow - wide, 2 * wide - widest
    both = (4 * first - second) / 3
    taken_out = abs(first - narrow) / max(abs(narrow), 1e-12)
    return both, abs(both - first) * (1 + min(taken_out / _MUCH, _AT_MOST))


def _reach(densities: Densities, half: int, level: int) -> int:
    """How far a maximum moves from one kernel to the next at most, bins."""
    return max(int(densities.smoothing_volt.item(half) * 2 ** (level / 2) / densities.step), 2)


def _top_near(densities: Densities, half: int, level: int, peak: int, curve: FloatArray) -> int:
    """The highest bin of a curve near a maximum of another kernel."""
    reach = _reach(densities, half, level)
    start = max(peak - reach, 1)
    return min(max(start + int(curve[start : min(peak + reach + 1, curve.size - 1)].argmax()), 1), curve.size - 2)


def _vertex(curve: FloatArray, peak: int) -> tuple[float, float, float]:
    """Position (in bins), height and curvature (per bin squared) of the parabola through a maximum."""
    a, b, c = curve[peak - 1 : peak + 2].tolist()
    curvature = a - 2 * b + c
    if curvature >= 0:
        return float(peak), b, 0.0
    offset = (a - c) / (2 * curvature)
    return peak + offset, b - (a - c) ** 2 / (8 * curvature), curvature


def _curvature(densities: Densities, half: int, level: int, peak: int) -> float:
    """Curvature of the maximum under a wider kernel, mAh/V3: a ripple has none left there, and cannot flatter itself."""
    curve = densities.level(level, half)
    return -_vertex(curve, _top_near(densities, half, level, peak, curve))[2] / densities.step**2


def _curvature_noise(densities: Densities, half: int, level: int, peak: int) -> float:
    r"""Noise of the second derivative: :math:`\sigma^2 q D \int K_3^2` with :math:`\int K_3^2 = 15 / (16\sqrt\pi h^7)`."""
    height, h = densities.level(level, half).item(peak), densities.width(half, level)
    return densities.jitter(half, height) * sqrt(15 / (16 * sqrt(pi) * h**7))


def _position_standard(densities: Densities, half: int, level: int, height: float, sharp: float, wide: float) -> float:
    r"""Noise of the corrected position: :math:`W = 2K''_h/D''_h - K''_{\sqrt2 h}/D''_{\sqrt2 h}`.

    With Gaussians, :math:`\int K''_a K''_b = 3 / (\sqrt{2\pi} (a^2+b^2)^{5/2})`. The slope at a maximum is read over two bins,
    which widens its kernel by the variance of that box, a third of a bin squared.
    """
    if sharp >= 0:
        return float("nan")
    step = densities.step
    h, wide_h = (hypot(densities.width(half, one), step / sqrt(3)) for one in (level, level + 1))

    def product(a: float, b: float) -> float:
        return 3.0 / (sqrt(2 * pi) * hypot(a, b) ** 5)

    one, wider = 2.0 / (sharp / step**2), 0.0
    if wide < 0:
        wider = -1.0 / (wide / step**2)
    else:
        one /= 2.0
    weight = one**2 * product(h, h) + 2 * one * wider * product(h, wide_h) + wider**2 * product(wide_h, wide_h)
    return densities.jitter(half, height) * sqrt(weight)
