"""Numbers of contacts from data-sheet values."""

from __future__ import annotations

import pytest

from cathodelab.core.errors import CathodelabError
from cathodelab.simulation.dem.case import Case
from cathodelab.simulation.dem.materials import (
    Contact,
    Material,
    damping_for,
    restitution_of,
    thornton_ning_restitution,
    yield_speed,
)
from cathodelab_validation.dem.model import POWDER, POWDER_POWDER, RADIUS, ROTOR


@pytest.mark.parametrize(
    ("reading", "inside", "wall"), [("modulus", 1.724e6, 5.837e6), ("contact_radius", 1.206e6, 4.08e6)]
)
def test_both_readings_of_the_yield_ratio_give_their_pressures(reading: str, inside: float, wall: float) -> None:
    """p_y = Y·E of the softer partner, or the pressure at which the contact radius is Y·R."""
    contacts = {
        ("powder", "powder"): Contact("thornton_ning", yield_ratio=0.00756, yield_reading=reading),  # type: ignore[arg-type]
        ("powder", "rotor"): Contact("thornton_ning", yield_ratio=0.0256, yield_reading=reading),  # type: ignore[arg-type]
    }
    case = Case((POWDER, ROTOR), contacts)
    assert case.law("powder", "powder", wall=False).pressure == pytest.approx(inside, rel=2e-3)
    assert case.law("powder", "rotor", wall=True).pressure == pytest.approx(wall, rel=4e-3)


def test_the_yield_speed_of_the_sources_particles_is_known() -> None:
    """Four millimetres a second; at 1 m/s the restitution is 0.297."""
    law = Case((POWDER,), {("powder", "powder"): POWDER_POWDER}).law("powder", "powder", wall=False)
    mass = 4 / 3 * 3.141592653589793 * RADIUS**3 * POWDER.density / 2
    slow = yield_speed(law, RADIUS / 2, mass)
    assert slow == pytest.approx(3.945e-3, rel=1e-3)
    assert thornton_ning_restitution(1 / slow) == pytest.approx(0.296841, abs=1e-6)


def test_restitution_falls_with_speed_and_ends_as_a_fourth_root() -> None:
    """Thornton and Ning: 1 up to yield, then 1.185 (v_y/v)^(1/4)."""
    values = [thornton_ning_restitution(ratio) for ratio in (0.5, 1, 1.5, 2, 10, 100, 1e6)]
    assert values[:2] == [1.0, 1.0]
    assert values == sorted(values, reverse=True)
    assert values[-1] == pytest.approx(1.185 * 1e-6**0.25, rel=2e-3)


@pytest.mark.parametrize("wanted", [0.1, 0.5, 0.95])
def test_damping_and_restitution_are_inverse(wanted: float) -> None:
    """The damping found for a restitution gives it back."""
    assert restitution_of(damping_for(wanted)) == pytest.approx(wanted, abs=1e-4)


@pytest.mark.parametrize(
    "wrong",
    [
        {"static_friction": 0.2, "dynamic_friction": 0.3, "yield_ratio": 0.1},
        {"yield_ratio": 0.0},
        {"law": "linear_hysteretic", "stiffness": 0.0},
        {"yield_ratio": 0.1, "restitution": 1.2},
    ],
)
def test_contacts_that_make_energy_or_no_sense_are_refused(wrong: dict[str, object]) -> None:
    """Dynamic friction above static, no yield ratio, no stiffness, a restitution above one."""
    with pytest.raises(CathodelabError) as raised:
        Contact(**wrong)  # type: ignore[arg-type]
    assert raised.value.code == "dem-contact"


def test_a_missing_contact_is_named() -> None:
    """Every pair of materials that can meet needs one."""
    with pytest.raises(CathodelabError, match="No contact is given for powder with rotor"):
        Case((POWDER, ROTOR), {("powder", "powder"): POWDER_POWDER}).law("powder", "rotor", wall=True)


def test_a_material_keeps_what_it_was_given() -> None:
    """SI units."""
    assert Material("x", 1000.0, 1e9, 0.3).density == 1000.0
