"""Closed meshes that are thinner than a grain."""

from __future__ import annotations

import numpy as np
import pytest

from cathodelab.simulation.dem.equipment.bodies import Mesh, box
from cathodelab.simulation.dem.equipment.meshes import thinnest
from cathodelab_validation.dem.thin_plates import thrown_at_plates, turning_plate

_ANGLES = np.array([0.0, 20.0, 45.0, 60.0, 80.0])


@pytest.mark.parametrize("thickness", [1e-4, 2e-4, 5e-4, 1e-3])
@pytest.mark.parametrize("target", ["face", "edge", "corner"])
def test_a_sphere_comes_back_from_a_plate_thinner_than_itself(thickness: float, target: str) -> None:
    """Grains of 1 mm, elastic: one contact, no energy made or lost, whatever the angle; up to an overlap of 0.6 radii."""
    for speed in (1.0, 60.0):
        thrown = thrown_at_plates(thickness, target, speed, _ANGLES)
        assert np.abs(thrown.energy - 1).max() < 1e-3
        assert (thrown.begun[:4] == 1).all()
        assert thrown.begun[4] <= 1  # at 80° from an edge a sphere may pass by


def test_a_plastic_grain_loses_on_a_thin_plate_what_it_loses_on_a_thick_one() -> None:
    """Thornton and Ning at 20 m/s, head-on: the thickness changes nothing."""
    thin, thick = (thrown_at_plates(one, "face", 20.0, np.zeros(1), "thornton_ning").energy[0] for one in (1e-4, 4e-3))
    assert thin == pytest.approx(thick, rel=1e-6)
    assert thin < 0.05


@pytest.mark.parametrize("thickness", [1e-4, 1e-3])
def test_a_thin_plate_that_turns_does_the_work_that_the_grains_get(thickness: float) -> None:
    """Faces, rims and corners among 640 grains, at 20 m/s: overlaps of a third of the radius."""
    missing, turnover, overlap = turning_plate(thickness, 5000.0)
    assert abs(missing) < 1e-3 * turnover
    assert 0.2 < overlap < 0.8


def test_a_centre_in_the_solid_is_pushed_out_by_the_nearest_face() -> None:
    """Also exactly on the diagonal where the two triangles of a face meet, and on the edge of a wedge that is flat."""
    from cathodelab.simulation.dem.case import Case, initial
    from cathodelab.simulation.dem.engine.integrator import advance
    from cathodelab.simulation.dem.equipment.bodies import Body
    from cathodelab.simulation.dem.materials import Contact
    from cathodelab_validation.dem.model import POWDER, RADIUS

    block = Body("block", "powder", (box((2e-3, 2e-3, 2e-3)),))
    case = Case((POWDER,), {("powder", "powder"): Contact("hertz")}, (block,), step=1e-8, gravity=(0, 0, 0))
    for x, y in ((0.0, 0.0), (0.3e-3, 0.3e-3), (0.3e-3, -0.3e-3), (0.3e-3, 0.1e-3)):
        state = advance(initial(case, [[x, y, 1e-3 - 0.2 * RADIUS]], RADIUS), case, 3)
        assert state.particles.velocity[0, 2] > 0
        assert state.particles.velocity[0, :2] == pytest.approx([0, 0], abs=1e-12)


def test_the_thickness_of_a_mesh_is_that_of_its_solid() -> None:
    """Of a plate, of one with fine triangles, and of two plates that do not touch."""
    plate = box((10e-3, 8e-3, 0.3e-3))
    assert thinnest(plate) == pytest.approx(0.3e-3)
    beside = Mesh(np.concatenate([plate.corners, box((5e-3, 5e-3, 2e-3), (0, 0, 5e-3)).corners]))
    assert thinnest(beside) == pytest.approx(0.3e-3)
    assert thinnest(box((1e-3, 2e-3, 3e-3))) == pytest.approx(1e-3)
