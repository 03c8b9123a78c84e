"""Particles of two materials, and rolling resistance."""

from __future__ import annotations

import numpy as np
import pytest

from cathodelab.simulation.dem.case import Case, initial
from cathodelab.simulation.dem.engine.integrator import advance
from cathodelab.simulation.dem.equipment.bodies import Body, Plane
from cathodelab.simulation.dem.equipment.machines import VibrationMill
from cathodelab.simulation.dem.materials import Contact, Material
from cathodelab_validation.dem.model import POWDER, RADIUS


def test_powder_and_balls_of_two_materials_share_a_vibration_mill() -> None:
    """A steel ball among grains: its own density, contacts by pair of materials, nobody leaves the vessel."""
    steel = Material("steel", 7850.0, 200e9, 0.3)
    soft = Contact("thornton_ning", 0.3, 0.3, yield_ratio=0.01)
    contacts = {("powder", "powder"): soft, ("powder", "steel"): soft, ("steel", "steel"): Contact("hertz", 0.3, 0.3)}
    mill = VibrationMill(radius=1.5e-3, height=3e-3, amplitude=1e-3, frequency=80.0)
    case = Case((POWDER, steel), contacts, mill.bodies("steel"), step=5e-8, particle_materials=2)
    grains = [[x * 4e-4, y * 4e-4, 2e-4] for x in (-2, -1, 0, 1, 2) for y in (-1, 0, 1)]
    radius, kind = [6e-4] + [RADIUS] * 15, [1] + [0] * 15
    state = advance(initial(case, [[0, 0, 1.2e-3], *grains], radius, material=kind), case, 40_000)
    ball = int(np.flatnonzero(state.particles.material == 1)[0])
    assert state.particles.identity[ball] == 0
    assert state.particles.mass[ball] == pytest.approx(4 / 3 * np.pi * 6e-4**3 * 7850.0)
    assert state.sums.ended[ball] > 0
    inside = state.particles.position - state.poses.origin[0]
    assert np.hypot(inside[:, 0], inside[:, 1]).max() < 1.5e-3
    assert 0 < inside[:, 2].min() < inside[:, 2].max() < 3e-3


def test_rolling_resistance_stops_a_rolling_sphere() -> None:
    """With it a sphere comes to rest on a plane, without it goes on."""
    speeds = []
    for rolling in (0.0, 0.1):
        contact = Contact("hertz", 0.5, 0.5, rolling_friction=rolling)
        floor = Body("floor", "powder", (Plane((0, 0, 0), (0, 0, 1)),))
        case = Case((POWDER,), {("powder", "powder"): contact}, (floor,), step=2e-6)
        rolls = initial(case, [[0, 0, RADIUS]], RADIUS, [[0.02, 0, 0]], [[0, 0.02 / RADIUS, 0]])
        speeds.append(float(advance(rolls, case, 25_000).particles.velocity[0, 0]))
    assert speeds[0] == pytest.approx(0.02, rel=0.02)
    assert abs(speeds[1]) < 0.005
