"""Surfaces and bodies."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from cathodelab.simulation.dem.case import Case, initial
from cathodelab.simulation.dem.engine.integrator import advance
from cathodelab.simulation.dem.equipment.bodies import (
    Body,
    Mesh,
    Motion,
    Plane,
    Surface,
    box,
    capped_cylinder,
    chamber,
    cone,
    disc,
)
from cathodelab.simulation.dem.equipment.machines import Die, VibrationMill
from cathodelab.simulation.dem.materials import Contact
from cathodelab.simulation.dem.state import State
from cathodelab_validation.dem.model import POWDER, RADIUS
from cathodelab_validation.dem.motion import stirred_case

_ELASTIC = Contact("hertz", 0.3, 0.3)


def _thrown(
    surfaces: tuple[Surface, ...],
    place: list[float],
    speed: list[float],
    steps: int = 2000,
    contact: Contact = _ELASTIC,
) -> State:
    case = Case(
        (POWDER,), {("powder", "powder"): contact}, (Body("wall", "powder", surfaces),), step=1e-7, gravity=(0, 0, 0)
    )
    return advance(initial(case, [place], RADIUS, [speed]), case, steps)


@pytest.mark.parametrize(
    ("surfaces", "place", "speed"),
    [
        ((Plane((0, 0, 0), (0, 0, 1)),), [0, 0, 1.1 * RADIUS], [0, 0, -1]),
        ((chamber(2e-3),), [2e-3 - 1.1 * RADIUS, 0, 0], [1, 0, 0]),
        (capped_cylinder(1e-3, -1e-3, 1e-3), [1e-3 + 1.1 * RADIUS, 0, 0], [-1, 0, 0]),
        (capped_cylinder(1e-3, -1e-3, 1e-3), [0.4e-3, 0, 1e-3 + 1.1 * RADIUS], [0, 0, -1]),
        ((disc(1e-3, 0.0),), [0.3e-3, 0, -1.1 * RADIUS], [0, 0, 1]),
        ((disc(1e-3, 0.0),), [1e-3 + 1.1 * RADIUS, 0, 0], [-1, 0, 0]),
        ((cone(0.0, 0.0, 3e-3, 3e-3),), [1e-3, 0, 1e-3 + 1.1 * RADIUS * 2**0.5], [0.5**0.5, 0, -(0.5**0.5)]),
        ((box((2e-3, 2e-3, 2e-3)),), [0.1e-3, 0.2e-3, 1e-3 + 1.1 * RADIUS], [0, 0, -1]),
        ((box((2e-3, 2e-3, 2e-3)),), [1e-3 + 0.8 * RADIUS, 0.2e-3, 1e-3 + 0.8 * RADIUS], [-(0.5**0.5), 0, -(0.5**0.5)]),
        ((box((2e-3, 2e-3, 2e-3)),), [1e-3 + 0.7 * RADIUS] * 3, [-(3**-0.5)] * 3),
    ],
    ids=[
        "plane",
        "chamber",
        "shaft",
        "shaft end",
        "disc from below",
        "rim of a disc",
        "cone",
        "face",
        "edge",
        "corner",
    ],
)
def test_a_sphere_comes_straight_back_from_every_kind_of_surface(
    surfaces: tuple[Surface, ...], place: list[float], speed: list[float]
) -> None:
    """Elastic, along the normal: one collision, the speed turned round."""
    state = _thrown(surfaces, place, speed)
    assert state.particles.velocity[0] == pytest.approx(-np.array(speed), abs=2e-3)
    assert state.sums.begun[0] == 1


def test_rolling_over_the_seams_of_a_mesh_is_rolling_on_a_plane() -> None:
    """A floor of many triangles: one contact, its history taken along, the same way and the same collisions."""
    grid = np.linspace(-1e-3, 3e-3, 9)
    triangles = []
    for x0, x1 in itertools.pairwise(grid):
        for y0, y1 in itertools.pairwise(grid):
            a, b, c, d = ((x0, y0, 0), (x1, y0, 0), (x1, y1, 0), (x0, y1, 0))
            triangles += [[a, b, c], [a, c, d]]
    rough = Contact("hertz", 0.5, 0.4, restitution=0.5, tangential_damping=0.2)
    found = []
    for surface in (Plane((0, 0, 0), (0, 0, 1)), Mesh(np.array(triangles, float))):
        case = Case((POWDER,), {("powder", "powder"): rough}, (Body("floor", "powder", (surface,)),), step=1e-6)
        state = initial(case, [[0.11e-3, 0.07e-3, 0.999 * RADIUS]], RADIUS, [[0.3, 0.11, 0]])
        found.append(advance(state, case, 5000))
    plane, mesh = found
    assert mesh.particles.position[0] == pytest.approx(plane.particles.position[0], abs=2e-3 * RADIUS)
    assert mesh.particles.spin[0] == pytest.approx(plane.particles.spin[0], abs=2.0)
    assert mesh.sums.begun[0] == plane.sums.begun[0]


@pytest.mark.parametrize("beside", [1e-11, 1e-10, 2e-10, 1e-9, 6e-9, 1e-7])
def test_near_a_corner_there_is_one_contact(beside: float) -> None:
    """However near to the corner the nearest point of an edge lies, the faces that meet there do not count as well."""
    block = box((2e-3, 2e-3, 2e-3))
    half = 0.7 * RADIUS * 0.5**0.5
    case = Case((POWDER,), {("powder", "powder"): _ELASTIC}, (Body("block", "powder", (block,)),), step=1e-9)
    for shift in (-beside, beside):
        place = [1e-3 + half, 1e-3 + half, 1e-3 + shift]
        state = advance(initial(case, [place], RADIUS), case, 1)
        assert len(state.walls.other) == 1


def test_a_force_controlled_piston_ends_with_its_force() -> None:
    """It lies on a bed and pushes with 0.02 N, its own travel limited."""
    die = Die(radius=3 * RADIUS, height=8 * RADIUS, speed=0.2, force=0.02, gain=10.0)
    soft = Contact("hertz", 0.3, 0.3, restitution=0.2, tangential_damping=0.3)
    case = Case((POWDER,), {("powder", "powder"): soft}, die.bodies("powder", "powder"), step=1e-6)
    place = [[x * RADIUS, y * RADIUS, z * RADIUS] for z in (1.01, 3.03) for x in (-1.02, 1.02) for y in (-1.02, 1.02)]
    state = advance(initial(case, place, RADIUS), case, 14_000)
    after = advance(state, case, 2000)
    force = (after.poses.sums[2, 2] - state.poses.sums[2, 2]) / (after.time - state.time)
    assert force == pytest.approx(0.02, rel=0.05)


def test_a_vibration_mill_swings_where_it_should() -> None:
    """The vessel follows A sin(ωt); its ball stays inside."""
    mill = VibrationMill(radius=2e-3, height=3e-3, amplitude=1e-3, frequency=50.0)
    case = Case((POWDER,), {("powder", "powder"): _ELASTIC}, mill.bodies("powder"), step=1e-6)
    state = advance(initial(case, [[0, 0, 1e-3]], 5e-4), case, 7500)
    assert state.poses.origin[0, 2] == pytest.approx(1e-3 * np.sin(2 * np.pi * 50 * 7.5e-3), abs=2e-6)
    assert state.sums.begun[0] > 0
    assert 0 < state.particles.position[0, 2] - state.poses.origin[0, 2] < 3e-3


def test_a_rotor_tip_at_forty_metres_a_second_loses_no_particle() -> None:
    """The block of the stirred drum at 40 m/s tip speed: all stay inside the drum and above the floor."""
    case, start = stirred_case()
    bodies = list(case.bodies)
    bodies[2] = replace(bodies[2], motion=Motion(rate=40.0 / 1.52e-3, ramp=2e-4))
    lid = Body("lid", "chamber", (Plane((0, 0, 5e-3), (0, 0, -1)),))
    fast = replace(case, bodies=(*bodies, lid), step=1.0e-7)
    state = initial(fast, start.particles.position[np.argsort(start.particles.identity)], RADIUS)
    state = advance(state, fast, 12_000)
    distance = np.hypot(state.particles.position[:, 0], state.particles.position[:, 1])
    assert len(state.particles) == 380
    assert state.sums.peak_overlap > 0.3, "the rotor must have hit them hard"
    assert state.poses.sums[2, 6] > 1e-3
    assert float(distance.max()) < 1.9e-3
    assert float(state.particles.position[:, 2].min()) > 0
    assert float(state.particles.position[:, 2].max()) < 5e-3
