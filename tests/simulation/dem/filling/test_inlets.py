"""Grains that come in while machines turn."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cathodelab.simulation.dem.case import Case, initial
from cathodelab.simulation.dem.engine.integrator import advance
from cathodelab.simulation.dem.equipment.bodies import Body, Motion, Plane, box
from cathodelab.simulation.dem.equipment.distances import mesh_gap, triangle_distance
from cathodelab.simulation.dem.equipment.kinematics import moved_alone
from cathodelab.simulation.dem.filling.lattice import free_of_bodies
from cathodelab.simulation.dem.runs.plan import Plan
from cathodelab.simulation.dem.runs.run import Run
from cathodelab.simulation.dem.runs.run_file import read_run_file
from cathodelab.simulation.dem.runs.runner import run
from cathodelab_validation.dem.model import POWDER, POWDER_POWDER

_SMALL = (Path(__file__).parents[1] / "small_mixer.toml").read_text()
_INLET = """[[inlets]]
x_low_mm = -3.0
x_high_mm = -1.6
y_low_mm = -0.4
y_high_mm = 1.0
z_low_mm = 0.0
z_high_mm = 1.0
begin_s = {begin}
end_s = {end}
speed_m_s = 2.0
[machine]"""


def _plan(
    folder: Path, count: str = "count = 24", begin: float = 0.0, end: float = 1.5e-3, spread: float = 0.0
) -> Plan:
    """Grains come into the space that the blades sweep."""
    text = _SMALL.replace("[machine]", _INLET.format(begin=begin, end=end)).replace("count = 150", count)
    path = folder / "run.toml"
    path.write_text(text.replace("[particles]", f"[particles]\nspread = {spread}"))
    return read_run_file(path)


def _checks(done: Run) -> dict[str, bool | None]:
    return {one.name: one.passed for one in done.checks}


def test_grains_are_not_put_into_blades_that_turn(tmp_path: Path) -> None:
    """20,000 rpm through the inlet: no grain starts in a blade, the account closes; as many came as were asked for."""
    done = run(_plan(tmp_path), tmp_path / "out")
    assert _checks(done) == {
        "energy_ledger": True, "overlap": True, "no_particle_lost": True, "grains_in_gap": False, "grains_came": True,
    }  # fmt: skip
    assert done.state.sums.peak_overlap < 0.2
    assert len(done.state.particles) == 24


def test_what_comes_in_does_not_depend_on_the_outputs(tmp_path: Path) -> None:
    """Two, four and eight outputs: the same grains at the same times."""
    plan = _plan(tmp_path, spread=0.3)
    found = []
    for number in (2, 4, 8):
        done = run(replace(plan, interval=plan.duration / number), tmp_path / str(number))
        order = np.argsort(done.state.particles.identity)
        found.append(done.state.particles.radius[order])
        assert done.arrived.all()
    assert np.array_equal(found[0], found[1])
    assert np.array_equal(found[0], found[2])


def test_mass_and_sizes_of_what_comes_in_are_those_asked_for(tmp_path: Path) -> None:
    """1 mg of 300 µm grains with a spread of 0.4: fewer than of equal grains, which are lighter on average."""
    plan = _plan(tmp_path, "mass_g = 0.001", end=1.9e-3, spread=0.4)
    particles = run(plan, tmp_path / "out").state.particles
    each = np.pi / 6 * 300e-6**3 * 2417.0
    assert len(particles) == round(1e-6 / (each * 1.16)) == 25
    assert particles.mass.sum() == pytest.approx(1e-6, rel=0.03)
    assert 0.6 <= particles.radius.min() / 150e-6 < 0.65
    assert 1.35 < particles.radius.max() / 150e-6 <= 1.4


def test_grains_that_find_no_place_are_said(tmp_path: Path) -> None:
    """A thousand through a box of a millimetre: the check names how many came and their mass."""
    done = run(_plan(tmp_path, "count = 1000"), tmp_path / "out")
    check = next(one for one in done.checks if one.name == "grains_came")
    assert check.passed is False
    came = len(done.state.particles)
    assert 10 < came < 200
    assert f"{came} of 1000 grains came in" in check.sentence
    assert f"{1000 - came} grains found no free place" in check.sentence


def test_before_the_inlets_close_nothing_is_judged(tmp_path: Path) -> None:
    """The check holds neither way, and says how long grains come in."""
    done = run(_plan(tmp_path), tmp_path / "out", outputs=2)
    check = next(one for one in done.checks if one.name == "grains_came")
    assert check.passed is None
    assert "so far (the inlets close at 0.0015 s)" in check.sentence


def test_blades_turn_also_before_the_first_grain_is_there(tmp_path: Path) -> None:
    """The rotor starts at once, grains come from 1 ms on: it stands where it stands with a grain from the start."""
    late = run(_plan(tmp_path, begin=1e-3), tmp_path / "late", outputs=4)
    assert len(late.state.particles) == 0
    early = run(_plan(tmp_path), tmp_path / "early", outputs=4)
    assert late.state.poses.turn == pytest.approx(early.state.poses.turn, abs=1e-9)


@pytest.mark.parametrize(
    "motion",
    [
        Motion(begin=3e-4, ramp=4e-4, rate=500.0, axis=(1.0, 2.0, 0.5)),
        Motion(velocity=(0.1, 0.2, -0.3), begin=2e-4),
        Motion(swing_sine=(0, 0, 1e-3), swing_cosine=(5e-4, 0, 0), swing_rate=2000.0),
        Motion(push=(0, 0, -1), target=5.0, gain=0.1, fastest=0.2),
    ],
)
def test_bodies_move_alone_as_the_engine_moves_them(motion: Motion) -> None:
    """Turning, straight, swinging and pushing, against a run with one grain that touches nothing."""
    body = Body("body", "powder", (box((1e-3, 1e-3, 1e-3)),), motion, (0.0, 0.0, 2e-3))
    case = Case((POWDER,), {("powder", "powder"): POWDER_POWDER}, (body,), step=1e-6, gravity=(0, 0, 0))
    before = initial(case, [[0.1, 0, 0]], 1e-4)
    expected = advance(before, case, 1000).poses
    found = moved_alone(case.bodies, before.poses, 0.0, case.step, 1000)
    assert found.origin == pytest.approx(expected.origin, abs=1e-12)
    assert found.turn == pytest.approx(expected.turn, abs=1e-9)
    assert found.velocity == pytest.approx(expected.velocity, abs=1e-9)
    assert found.spin == pytest.approx(expected.spin, abs=1e-9)


def test_bodies_are_avoided_where_they_are() -> None:
    """A block that has turned by 45° and moved: its corner is where its face was not."""
    block = Body("block", "powder", (box((2e-3, 2e-3, 2e-3)),))
    case = Case(
        (POWDER,),
        {("powder", "powder"): POWDER_POWDER},
        (block, Body("floor", "powder", (Plane((0, 0, -9), (0, 0, 1)),))),
    )
    poses = initial(case, [[0, 0, 0.1]], 1e-4).poses
    half = np.radians(22.5)
    turned = replace(poses, turn=np.array([[0, 0, np.sin(half), np.cos(half)], [0, 0, 0, 1.0]]))
    points = np.array([[1.3e-3, 0, 0], [0.95e-3, 0.95e-3, 0]])
    assert free_of_bodies(case.bodies, points, 1e-4).tolist() == [True, False]
    assert free_of_bodies(case.bodies, points, 1e-4, turned).tolist() == [False, True]


def test_distances_from_triangles_and_meshes_are_exact() -> None:
    """Against the nearest of many points of the triangle; inside a block they are negative."""
    rng = np.random.default_rng(1)
    triangle, points = rng.normal(size=(3, 3)), rng.normal(size=(200, 3))
    share = rng.dirichlet([1, 1, 1], 60_000)
    sampled = np.array([np.linalg.norm(share @ triangle - one, axis=1).min() for one in points])
    found = triangle_distance(triangle, points)
    assert (found <= sampled + 1e-12).all()
    assert found == pytest.approx(sampled, abs=0.03)
    inside = mesh_gap(box((2.0, 2.0, 2.0)), np.array([[0, 0, 0.7], [0, 0, 1.3], [2, 2, 1.0], [9, 9, 9]]), 5.0)
    assert inside == pytest.approx([-0.3, 0.3, 2**0.5, 5.0])
