"""The reference curve: charge of the reference cell as a function of its relaxed potential vs. Li+/Li."""

from __future__ import annotations

from dataclasses import dataclass

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

    def __post_init__(self) -> None:
        rising = self.potential_volt
        if np.any(np.diff(rising) <= 0):  # noise brought two near points out of order; a curve must be a function
            rising = np.maximum.accumulate(rising) + 1e-9 * np.arange(rising.size)
        object.__setattr__(self, "potential_volt", rising)
        object.__setattr__(self, "_cubic", PchipInterpolator(rising, self.charge_mAh))

    def charge(self, potential_volt: FloatArray) -> FloatArray:
        """Charge in mAh at potentials vs. Li+/Li, shape as given."""
        u = np.asarray(potential_volt, dtype=float)
        inside = np.clip(u, self.potential_volt[0], self.potential_volt[-1])
        cubic: PchipInterpolator = self._cubic  # type: ignore[attr-defined]
        values = np.asarray(cubic(inside), dtype=float)
        if self.linear_blend:
            linear = np.interp(inside, self.potential_volt, self.charge_mAh)
            values = (1 - self.linear_blend) * values + self.linear_blend * linear
        return np.asarray(values + (u - inside) * self.slope(inside), dtype=float)

    def slope(self, potential_volt: FloatArray) -> FloatArray:
        """dQ/dU in mAh/V of the cubic curve; at least 1e-6 of the mean slope."""
        inside = np.clip(potential_volt, self.potential_volt[0], self.potential_volt[-1])
        cubic: PchipInterpolator = self._cubic  # type: ignore[attr-defined]
        mean = float(np.ptp(self.charge_mAh) / np.ptp(self.potential_volt))
        return np.asarray(np.maximum(cubic(inside, 1), 1e-6 * mean), dtype=float)
