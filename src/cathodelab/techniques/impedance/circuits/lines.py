"""Transmission lines with two rails for composite electrodes: ions on one rail, electrons on the other.

With the rails' resistances ``R_ion`` and ``R_el``, the impedance ``Z_i`` of the whole interface between them, ``S = R_ion +
R_el`` and ``nu = sqrt(S / Z_i)``::

    mixed        ions enter at one end, electrons at the other (an electrode in a cell)
                 Z = R_ion R_el / S (1 + 2 / (nu sinh nu)) + (R_ion^2 + R_el^2) / S coth(nu) / nu
    ion-blocking electrons enter at both ends (steel | composite | steel)
                 Z = R_ion R_el / S + R_el^2 / S tanh(nu/2) / (nu/2)
    electron-blocking: the same with the rails exchanged

Paasch et al., Electrochim. Acta 38 (1993) 2653 (10.1016/0013-4686(93)85083-B); Bisquert et al., J. Phys. Chem. B 104
(2000) 2287 (10.1021/jp993148h). The tests compare all three with a ladder of discrete cells.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.techniques.impedance.circuits.elements import ComplexArray, Parameter, damped_tanh

LineKind = Literal["mixed", "ion-blocking", "electron-blocking"]

LINES: dict[str, LineKind] = {"Tm": "mixed", "Ti": "ion-blocking", "Te": "electron-blocking"}
"""Symbol in an expression (with the interface in braces, ``Tm{(RQ)}``) -> kind."""

RAILS = (Parameter("R_ion", "ohm", "scale"), Parameter("R_el", "ohm", "scale"))


def line_impedance(
    kind: LineKind, theta: FloatArray, interface: ComplexArray, slopes: ComplexArray
) -> tuple[ComplexArray, ComplexArray]:
    """Impedance of the line, and its derivative with respect to that of the interface.

    Args:
        kind: which carriers can enter at which end.
        theta: logarithms of both rails' resistances, shape (b, 2).
        interface: impedance of the whole interface, shape (b, m).
        slopes: filled with the derivatives by ``theta``, shape (b, 2, m).
    """
    ionic, electronic = np.exp(theta[:, :1]), np.exp(theta[:, 1:2])
    if kind == "mixed":
        return _mixed(ionic, electronic, interface, slopes)
    if kind == "ion-blocking":
        return _blocking(ionic, electronic, interface, slopes[:, 0], slopes[:, 1])
    return _blocking(electronic, ionic, interface, slopes[:, 1], slopes[:, 0])


def _mixed(
    ionic: FloatArray, electronic: FloatArray, interface: ComplexArray, slopes: ComplexArray
) -> tuple[ComplexArray, ComplexArray]:
    total = ionic + electronic
    nu = np.sqrt(total / interface)
    decay = np.exp(-nu)
    inverse_sinh = 2 * decay / (1 - decay * decay)
    coth = (1 + decay * decay) / (1 - decay * decay)
    f, g = inverse_sinh / nu, coth / nu
    parallel, squares = ionic * electronic / total, (ionic**2 + electronic**2) / total
    z = parallel * (1 + 2 * f) + squares * g
    slope_f, slope_g = -f * (1 / nu + coth), -(inverse_sinh**2) / nu - g / nu
    by_nu = nu / 2 * (2 * parallel * slope_f + squares * slope_g)
    for row, (own, other) in enumerate(((ionic, electronic), (electronic, ionic))):
        by_parallel = (other / total) ** 2 * (1 + 2 * f)
        by_squares = (own**2 + 2 * own * other - other**2) / total**2 * g
        slopes[:, row] = own * (by_parallel + by_squares + by_nu / total)
    return z, -by_nu / interface


def _blocking(
    blocked: FloatArray,
    passing: FloatArray,
    interface: ComplexArray,
    blocked_slope: ComplexArray,
    passing_slope: ComplexArray,
) -> tuple[ComplexArray, ComplexArray]:
    total = blocked + passing
    half = np.asarray(np.sqrt(total / interface) / 2, dtype=np.complex128)
    t = damped_tanh(half)
    h = t / half
    share = passing**2 / total
    z = blocked * passing / total + share * h
    by_half = half * share * ((1 - t * t) / half - h / half)
    blocked_slope[:] = blocked * ((passing / total) ** 2 - (passing / total) ** 2 * h + by_half / (2 * total))
    by_passing = (blocked / total) ** 2 + (2 * passing * total - passing**2) / total**2 * h
    passing_slope[:] = passing * (by_passing + by_half / (2 * total))
    return z, -by_half / (2 * interface)
