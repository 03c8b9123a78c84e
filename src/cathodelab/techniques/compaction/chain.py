"""The chain from inputs to relative densities and laws, for many versions of the inputs side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.techniques.compaction.density import mixture_density
from cathodelab.techniques.compaction.fit import kawakita_fits
from cathodelab.techniques.compaction.heckel import heckel_lines
from cathodelab.techniques.compaction.model import Compaction, Mode, Window

_MICROMETRE = 10.0
"""``h_s = 10 m / (A rho)`` in um from mg, cm2 and g/cm3."""


def solid_thickness_um(inputs: Compaction, mode: Mode) -> FloatArray:
    """Thickness of the pellet without pores, shape (...): ``m / (A rho)``."""
    area = inputs.die_area_cm2 if mode == "in_die" else inputs.ejected_area_cm2
    thickness: FloatArray = np.asarray(
        _MICROMETRE * inputs.mass_mg / (area * mixture_density(inputs.shares, inputs.densities)), dtype=float
    )
    return thickness


def thickness_um(inputs: Compaction, mode: Mode) -> FloatArray:
    """Thickness of the pellet, shape (..., points); in die, what the press gave way is added back."""
    if mode == "out_of_die":
        return inputs.out_of_die_um
    compliance = np.asarray(inputs.compliance_um_per_MPa, dtype=float)[..., None]
    return inputs.in_die_um + compliance * inputs.in_die_MPa


def relative_density(inputs: Compaction, mode: Mode) -> FloatArray:
    """Relative density of every point, shape (..., points): ``h_s / h``."""
    return solid_thickness_um(inputs, mode)[..., None] / thickness_um(inputs, mode)


def elastic_recovery(inputs: Compaction, in_die: int, out_of_die: int) -> FloatArray:
    """By which fraction the pellet is thicker after ejection than it was under load, of one point of each mode."""
    under = thickness_um(inputs, "in_die")[..., in_die]
    after = thickness_um(inputs, "out_of_die")[..., out_of_die]
    recovery: FloatArray = after / under - 1.0
    return recovery


def heckel_of(
    inputs: Compaction, mode: Mode, standard_um: FloatArray, window: Window, *, narrower: bool = False
) -> FloatArray:
    """Intercept and Heckel pressure, MPa, shape (..., 2), from the window or from that which begins higher."""
    weights = np.zeros(standard_um.size)
    used = slice(window.narrower if narrower else window.first, window.end)
    weights[used] = standard_um[used] ** -2.0
    return heckel_lines(
        thickness_um(inputs, mode), inputs.pressure_MPa(mode), solid_thickness_um(inputs, mode), weights
    )


def kawakita_of(inputs: Compaction, mode: Mode, standard_um: FloatArray, start: Sequence[float]) -> FloatArray:
    """A and b (1/MPa), shape (..., 2), fitted from the parameters h0 (um), a, b of the law at the inputs."""
    thickness, pressure = thickness_um(inputs, mode), inputs.pressure_MPa(mode)
    return kawakita_fits(thickness, pressure, standard_um**-2.0, np.array(start)).parameters[..., 1:]


def side_by_side(columns: Sequence[FloatArray]) -> FloatArray:
    """Columns of shapes (..., n) beside each other, leading axes broadcast."""
    lead = np.broadcast_shapes(*(one.shape[:-1] for one in columns))
    return np.concatenate([np.broadcast_to(one, (*lead, one.shape[-1])) for one in columns], axis=-1)
