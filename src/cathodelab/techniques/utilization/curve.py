"""The reference curve: charge of the reference cell as a function of its relaxed potential vs. Li+/Li."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.interpolate import PchipInterpolator

from cathodelab.core.arrays import FloatArray


@dataclass(frozen=True, eq=False)
class ReferenceCurve:
    """Monotone cubic interpolation through the relaxed points, with a stated share of linear interpolation.

    Outside its points it goes on straight: only a fit on its way may ask there, results never do.
    """

    potential_volt: FloatArray
    charge_mAh: FloatArray
    linear_blend: float = 0.0
    _cubic: PchipInterpolator = field(init=False, repr=False)
    _least_slope: float = field(init=False, repr=False)

    def __post_init__(self) -> None:
        rising = self.potential_volt
        if np.any(np.diff(rising) <= 0):  # noise brought two near points out of order; a curve must be a function
            rising = np.maximum.accumulate(rising) + 1e-9 * np.arange(rising.size)
        cubic = PchipInterpolator(rising, self.charge_mAh)
        smallest = 1e-6 * float(self.charge_mAh[-1] - self.charge_mAh[0]) / float(rising[-1] - rising[0])
        for name, value in (("potential_volt", rising), ("_cubic", cubic), ("_least_slope", smallest)):
            object.__setattr__(self, name, value)

    def charge(self, potential_volt: FloatArray) -> FloatArray:
        """Charge in mAh at potentials vs. Li+/Li, shape as given."""
        inside = self._inside(potential_volt)
        values: FloatArray = self._cubic(inside)
        if self.linear_blend:
            linear = np.interp(inside, self.potential_volt, self.charge_mAh)
            values = (1 - self.linear_blend) * values + self.linear_blend * linear
        beyond = potential_volt - inside
        return values + beyond * self.slope(inside) if beyond.any() else values

    def slope(self, potential_volt: FloatArray) -> FloatArray:
        """dQ/dU in mAh/V of the cubic curve; at least 1e-6 of the mean slope."""
        slopes: FloatArray = np.maximum(self._cubic(self._inside(potential_volt), 1), self._least_slope)
        return slopes

    def _inside(self, potential_volt: FloatArray) -> FloatArray:
        u = np.maximum(potential_volt, self.potential_volt[0])
        return np.asarray(np.minimum(u, self.potential_volt[-1]), dtype=float)
