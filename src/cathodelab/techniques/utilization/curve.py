"""The reference curve: charge of the reference cell as a function of its relaxed potential vs. Li+/Li."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from cathodelab.core.arrays import FloatArray

_Pieces = tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]


@dataclass(frozen=True, eq=False)
class ReferenceCurve:
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
    _pieces: _Pieces = field(init=False, repr=False)
    _least_slope: FloatArray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        rising = self.potential_volt
        if np.any(np.diff(rising) <= 0):  # noise brought two near points out of order; a curve must be a function
            mended = np.maximum.accumulate(rising, axis=-1) + 1e-9 * np.arange(rising.shape[-1])
            rising = np.where(np.any(np.diff(rising) <= 0, axis=-1, keepdims=True), mended, rising)
        object.__setattr__(self, "potential_volt", rising)
        rise = rising[..., -1:] - rising[..., :1]
        object.__setattr__(self, "_least_slope", 1e-6 * (self.charge_mAh[..., -1:] - self.charge_mAh[..., :1]) / rise)
        object.__setattr__(self, "_pieces", _cubic_pieces(rising, self.charge_mAh))

    def charge(self, potential_volt: FloatArray) -> FloatArray:
        """Charge in mAh at potentials vs. Li+/Li, shape as given (with the leading axes of the curve)."""
        return self.charge_and_slope(potential_volt)[0]

    def slope(self, potential_volt: FloatArray) -> FloatArray:
        """dQ/dU in mAh/V of the cubic curve; at least 1e-6 of the mean slope."""
        return self.charge_and_slope(potential_volt)[1]

    def charge_and_slope(self, potential_volt: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Both at once."""
        versions = np.broadcast_shapes(potential_volt.shape[:-1], self.potential_volt.shape[:-1], self._charge_versions)
        knots = np.broadcast_to(self.potential_volt, (*versions, self.potential_volt.shape[-1]))
        inside = np.maximum(np.minimum(potential_volt, knots[..., -1:]), knots[..., :1])
        piece = np.sum(knots[..., None, 1:-1] <= inside[..., None], axis=-1)
        start, value, first, second, third = (
            np.take_along_axis(np.broadcast_to(column, (*versions, column.shape[-1])), piece, axis=-1)
            for column in (knots[..., :-1], *self._pieces[1:])
        )
        s = inside - start
        slope = np.maximum(first + s * (2 * second + 3 * s * third), self._least_slope)
        charge = value + s * (first + s * (second + s * third))
        if np.any(self.linear_blend):
            chords = np.broadcast_to(self._pieces[0], (*versions, self._pieces[0].shape[-1]))
            linear = value + s * np.take_along_axis(chords, piece, axis=-1)
            blend = np.asarray(self.linear_blend)[..., None]
            charge = (1 - blend) * charge + blend * linear
        return charge + (potential_volt - inside) * slope, slope

    @property
    def _charge_versions(self) -> tuple[int, ...]:
        return np.broadcast_shapes(self.charge_mAh.shape[:-1], np.shape(self.linear_blend))


def _cubic_pieces(x: FloatArray, y: FloatArray) -> _Pieces:
    """Chord slope, value, and the three coefficients of every piece, as powers of the distance from its start.

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
    value = np.broadcast_to(y[..., :-1], chord.shape)
    return chord, value, first, (chord - first) / width - excess, excess / width


def _end_derivative(width: FloatArray, next_width: FloatArray, chord: FloatArray, next_chord: FloatArray) -> FloatArray:
    """Slope of the parabola through the three outermost points; zero or three chords where it would overshoot."""
    slope = ((2 * width + next_width) * chord - width * next_chord) / (width + next_width)
    slope = np.where(slope * chord <= 0, 0.0, slope)
    overshoots = (chord * next_chord <= 0) & (np.abs(slope) > 3 * np.abs(chord))
    return np.where(overshoots, 3 * chord, slope)
