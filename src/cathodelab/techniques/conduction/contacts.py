"""Contacts apart from the pellet: areal resistance against thickness, of pellets of one composite.

``R A = L / sigma + r``: the slope is the pellet, the intercept are both contacts together. Weighted least squares; the error of a
thickness counts as one of the resistance, pellets scatter, and what the points scatter beyond that widens the interval.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.core.errors import NotInRecord

_CENTIMETRE = 1e-4
_TURNS = 4


@dataclass(frozen=True, eq=False)
class ContactLine(ReadOnlyArrays):
    """Contacts and pellet of one composite.

    Args:
        contact_ohm_cm2: both contacts together.
        contact_standard_ohm_cm2: its standard uncertainty.
        conductivity_S_cm: of the composite without its contacts.
        conductivity_standard_S_cm: its standard uncertainty.
        covariance: of slope (ohm cm) and intercept (ohm cm2), shape (2, 2).
        chi_square, degrees_of_freedom: of the line.
    """

    contact_ohm_cm2: float
    contact_standard_ohm_cm2: float
    conductivity_S_cm: float
    conductivity_standard_S_cm: float
    covariance: FloatArray
    chi_square: float
    degrees_of_freedom: int

    @property
    def contact_limit_ohm_cm2(self) -> float:
        """The contacts have at most this (95 %)."""
        return max(self.contact_ohm_cm2, 0.0) + 2 * self.contact_standard_ohm_cm2


def contact_line(
    thickness_um: FloatArray,
    areal_ohm_cm2: FloatArray,
    thickness_standard_um: FloatArray,
    areal_standard_ohm_cm2: FloatArray,
    pellet_scatter: float,
    least_ratio: float,
) -> ContactLine:
    """The line of one composite.

    Args:
        thickness_um: shape (n,).
        areal_ohm_cm2: resistance times area, without separators, shape (n,).
        thickness_standard_um: standard uncertainty of each thickness, shape (n,).
        areal_standard_ohm_cm2: of each areal resistance, shape (n,).
        pellet_scatter: standard deviation of the conductivity from pellet to pellet, as a fraction.
        least_ratio: largest over smallest thickness that tells contacts from the pellet.

    Raises:
        NotInRecord: thicknesses too close to each other, or resistances that do not grow with the thickness.
    """
    ratio = float(np.max(thickness_um) / np.min(thickness_um)) if thickness_um.size else 1.0
    if thickness_um.size < 2 or ratio < least_ratio:
        raise _one_thickness(thickness_um.size, ratio, least_ratio)
    length = thickness_um * _CENTIMETRE
    slope = float(np.max(areal_ohm_cm2 / length))
    values: FloatArray = np.zeros(2)
    matrix: FloatArray = np.zeros((2, 2))
    chi = 0.0
    for _ in range(_TURNS):
        variance = (
            areal_standard_ohm_cm2**2
            + (slope * thickness_standard_um * _CENTIMETRE) ** 2
            + (pellet_scatter * slope * length) ** 2
        )
        design = np.stack([length, np.ones(length.size)], axis=1) / np.sqrt(variance)[:, None]
        target = areal_ohm_cm2 / np.sqrt(variance)
        matrix = np.asarray(np.linalg.inv(design.T @ design))
        values = matrix @ (design.T @ target)
        chi = float(np.sum((target - design @ values) ** 2))
        slope = max(float(values[0]), float(np.max(areal_ohm_cm2 / length)) / 100)
    freedom = length.size - 2
    matrix = matrix * max(1.0, chi / freedom if freedom else 1.0)
    half = float(np.sqrt(matrix[0, 0]))
    if values[0] <= 2 * half:
        raise _no_slope(thickness_um)
    return ContactLine(
        contact_ohm_cm2=float(values[1]),
        contact_standard_ohm_cm2=float(np.sqrt(matrix[1, 1])),
        conductivity_S_cm=1 / float(values[0]),
        conductivity_standard_S_cm=half / float(values[0]) ** 2,
        covariance=matrix,
        chi_square=chi,
        degrees_of_freedom=freedom,
    )


def _no_slope(thickness_um: FloatArray) -> NotInRecord:
    return NotInRecord(
        "no-slope",
        "The resistance does not grow with the thickness",
        where=f"{thickness_um.size} pellets of {np.min(thickness_um):.4g} to {np.max(thickness_um):.4g} um",
        why="Pellets that differ more from each other than by their thickness show neither contacts nor pellet.",
        what_to_do="Measure more pellets of each thickness, or a wider range of thicknesses.",
    )


def _one_thickness(count: int, ratio: float, least_ratio: float) -> NotInRecord:
    return NotInRecord(
        "one-thickness",
        f"{count} pellet{'s' if count != 1 else ''}, thicknesses within a factor of {ratio:.3g}",
        where="pellets of one composite",
        why=f"Contacts and pellet are told apart by the thickness; that needs a factor of {least_ratio:g} at least.",
        what_to_do="Press a pellet of half or twice the thickness from the same composite.",
    )
