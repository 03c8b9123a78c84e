"""The reference curve: charge of the reference cell as a function of its relaxed potential vs. Li+/Li."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays, freeze_arrays


@dataclass(frozen=True, eq=False)
class ReferenceCurve(ReadOnlyArrays):
    """Monotone cubic interpolation through the relaxed points, with a stated share of linear interpolation.

    The cubic is that of scipy's ``PchipInterpolator`` (a test holds them equal), written here for many curves at once:
    leading axes of the fields are versions of the curve, each with potentials of its own.

    Outside its points it goes on straight: only a fit on its way may ask there, results never do.

    Args:
        potential_volt: vs. Li+/Li, rising, shape (..., points) with at least three points.
        charge_mAh: shape (..., points).
        linear_blend: share of linear interpolation (0: cubic), shape (...).
    """

    potential_volt: FloatArray
    charge_mAh: FloatArray
    linear_blend: float | FloatArray = 0.0
    _pieces: FloatArray = field(init=False, repr=False)
    _least_slope: FloatArray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        rising = self.potential_volt
        if np.any(np.diff(rising) <= 0):  # noise brought two near points out of order; a curve must be a function
            mended = np.maximum.accumulate(rising, axis=-1) + 1e-9 * np.arange(rising.shape[-1])
            rising = np.where(np.any(np.diff(rising) <= 0, axis=-1, keepdims=True), mended, rising)
        rise = rising[..., -1:] - rising[..., :1]
        versions = np.broadcast_shapes(rising.shape[:-1], self.charge_mAh.shape[:-1])
        object.__setattr__(self, "potential_volt", np.broadcast_to(rising, (*versions, rising.shape[-1])))
        object.__setattr__(self, "_least_slope", 1e-6 * (self.charge_mAh[..., -1:] - self.charge_mAh[..., :1]) / rise)
        object.__setattr__(self, "_pieces", _cubic_pieces(self.potential_volt, self.charge_mAh))
        freeze_arrays(self)  # also what follows from them

    def charge(self, potential_volt: FloatArray) -> FloatArray:
        """Charge in mAh at potentials vs. Li+/Li, shape as given (with the leading axes of the curve)."""
        return self.charge_and_slope(potential_volt)[0]

    def slope(self, potential_volt: FloatArray) -> FloatArray:
        """dQ/dU in mAh/V of the cubic curve; at least 1e-6 of the mean slope."""
        return self.charge_and_slope(potential_volt)[1]

    def charge_and_slope(self, potential_volt: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Both at once."""
        knots = self.potential_volt
        inside = np.maximum(np.minimum(potential_volt, knots[..., -1:]), knots[..., :1])
        if knots.ndim == 1:
            piece = np.searchsorted(knots[1:-1], inside, side="right")
        else:  # the pieces of all versions in one row
            piece = (knots[..., None, 1:-1] <= inside[..., None]).sum(axis=-1)
            piece = piece + (knots.shape[-1] - 1) * np.arange(knots[..., 0].size).reshape(*knots.shape[:-1], 1)
        start, value, first, second, third, chord = self._pieces[:, piece]
        s = inside - start
        slope = np.maximum(first + s * (2 * second + 3 * s * third), self._least_slope)
        charge = value + s * (first + s * (second + s * third))
        if np.any(self.linear_blend):
            blend = np.asarray(self.linear_blend)[..., None]
            charge = (1 - blend) * charge + blend * (value + s * chord)
        return charge + (potential_volt - inside) * slope, slope


def _cubic_pieces(x: FloatArray, y: FloatArray) -> FloatArray:
    """Start, value, the three coefficients in powers of the distance from the start, and chord slope: (6, all pieces).

    Derivatives at the points: weighted harmonic means of the neighbouring chords (Fritsch and Butland, SIAM J. Sci. Stat.
    Comput. 5 (1984) 300), three-point formula at the ends, limited so that the curve stays monotone.
    """
    width = np.diff(x)
    chord = np.diff(y) / width
    before, after = chord[..., :-1], chord[..., 1:]
    weight_before = 2 * width[..., 1:] + width[..., :-1]
    weight_after = width[..., 1:] + 2 * width[..., :-1]
    turning = before * after <= 0
    safe_before, safe_after = np.where(turning, 1.0, before), np.where(turning, 1.0, after)
    mean = (weight_before + weight_after) / (weight_before / safe_before + weight_after / safe_after)
    inner = np.where(turning, 0.0, mean)
    left = _end_derivative(width[..., :1], width[..., 1:2], chord[..., :1], chord[..., 1:2])
    right = _end_derivative(width[..., -1:], width[..., -2:-1], chord[..., -1:], chord[..., -2:-1])
    slopes = np.concatenate([left, inner, right], axis=-1)
    first, last = slopes[..., :-1], slopes[..., 1:]
    excess = (first + last - 2 * chord) / width
    columns = (x[..., :-1], y[..., :-1], first, (chord - first) / width - excess, excess / width, chord)
    return np.stack(np.broadcast_arrays(*columns)).reshape(len(columns), -1)


def _end_derivative(width: FloatArray, next_width: FloatArray, chord: FloatArray, next_chord: FloatArray) -> FloatArray:
    """Slope of the parabola through the three outermost points; zero or three chords where it would overshoot."""
    slope = ((2 * width + next_width) * chord - width * next_chord) / (width + next_width)
    slope = np.where(slope * chord <= 0, 0.0, slope)
    overshoots = (chord * next_chord <= 0) & (np.abs(slope) > 3 * np.abs(chord))
    return np.where(overshoots, 3 * chord, slope)
