"""Contacts apart from pellets: of several thicknesses, or a bound."""

from __future__ import annotations

import numpy as np
import pytest

from cathodelab.core.errors import NotInRecord
from cathodelab.techniques.conduction.contacts import ContactLine, contact_line

THICKNESS = np.array([250.0, 500.0, 750.0, 1000.0])


def line(
    contact: float, thickness: np.ndarray = THICKNESS, conductivity: float = 5e-5, scatter: float = 0.0
) -> ContactLine:
    """Of pellets that follow the line."""
    noise = np.random.default_rng(1).standard_normal(thickness.size)
    areal = thickness * 1e-4 / conductivity * (1 + scatter * noise) + contact
    return contact_line(thickness, areal, 0.02 * thickness, 0.01 * areal, 0.05, 1.3)


def test_contacts_and_pellet_are_told_apart() -> None:
    """500 ohm cm2 beside 500 to 2000."""
    found = line(500.0)
    assert found.contact_ohm_cm2 == pytest.approx(500, rel=1e-6)
    assert found.conductivity_S_cm == pytest.approx(5e-5, rel=1e-6)
    assert found.contact_limit_ohm_cm2 == pytest.approx(500 + 2 * found.contact_standard_ohm_cm2)
    assert found.degrees_of_freedom == 2


def test_the_error_of_the_thickness_and_the_scatter_of_pellets_are_in_the_interval() -> None:
    """Two pellets: their errors propagate by hand."""
    found = line(0.0, np.array([250.0, 1000.0]))
    parts = 5.0 * np.sqrt(0.01**2 + 0.02**2 + 0.05**2)  # of 500 and 2000 ohm cm2, in per cent of ...
    low, high = 500 * parts / 5, 2000 * parts / 5
    expected = np.hypot(low * 4 / 3, high / 3)
    assert found.contact_standard_ohm_cm2 == pytest.approx(expected, rel=0.02)


def test_pellets_that_scatter_more_than_thought_widen_the_interval() -> None:
    """By what they scatter about the line."""
    assert line(500.0, scatter=0.3).contact_standard_ohm_cm2 > 1.5 * line(500.0).contact_standard_ohm_cm2


@pytest.mark.parametrize("thickness", [np.array([500.0]), np.array([500.0, 510.0]), np.array([500.0, 640.0])])
def test_one_thickness_tells_nothing(thickness: np.ndarray) -> None:
    """What to press is said."""
    with pytest.raises(NotInRecord, match="half or twice the thickness") as caught:
        line(100.0, thickness)
    assert caught.value.code == "one-thickness"


def test_a_resistance_that_does_not_grow_with_the_thickness_is_no_pellet() -> None:
    """All contacts, or pellets of different composites."""
    areal = np.array([900.0, 1000.0, 950.0, 900.0])
    with pytest.raises(NotInRecord, match="does not grow") as caught:
        contact_line(THICKNESS, areal, 0.02 * THICKNESS, 0.01 * areal, 0.05, 1.3)
    assert caught.value.code == "no-slope"
