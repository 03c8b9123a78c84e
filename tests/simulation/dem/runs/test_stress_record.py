"""What a run gives to others: stress records, power comparison, sweeps, snapshots; mixed sizes and materials."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from cathodelab.core.errors import CathodelabError
from cathodelab.operations.dem_template import run_file_text
from cathodelab.simulation.dem.case import Case, initial
from cathodelab.simulation.dem.engine.integrator import advance
from cathodelab.simulation.dem.equipment.bodies import Body, Plane
from cathodelab.simulation.dem.equipment.machines import VibrationMill
from cathodelab.simulation.dem.evaluation.snapshot import columns, write_vtk
from cathodelab.simulation.dem.evaluation.stress_tally import stress
from cathodelab.simulation.dem.materials import Contact, Material
from cathodelab.simulation.dem.runs.plan import Plan, gap_check
from cathodelab.simulation.dem.runs.run_file import read_run_file
from cathodelab.simulation.dem.runs.runner import Run, run
from cathodelab.simulation.dem.runs.stress_record import against_power_log, power, scatter, steady, stress_record
from cathodelab.simulation.dem.runs.sweep import coarser, run_all
from cathodelab_validation.dem.model import POWDER, RADIUS


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """The example of `dem init`, in two short intervals."""
    path = tmp_path / "small.toml"
    path.write_text(run_file_text(path.name), encoding="utf-8")
    whole = read_run_file(path)
    return replace(whole, duration=0.001, interval=0.0005)


@pytest.fixture
def done(plan: Plan, tmp_path: Path) -> Run:
    """That, run."""
    return run(plan, tmp_path / "out")


def test_a_stress_record_holds_the_specific_energy_of_its_intervals(done: Run) -> None:
    """Intensity times number is the work lost over the mass; an interval that is not there is said."""
    record = stress_record(done, 5000.0, 0.0)
    lost = sum(float(one.work[0]) for one in done.intervals)
    mass = float(done.state.particles.mass.sum())
    assert record.stress_intensity_j_kg * record.stress_number == pytest.approx(lost / mass)
    assert record.frequency_per_s.sum() * record.time_s == pytest.approx(
        sum(one.collisions[0] for one in done.intervals)
    )
    assert record.specific_power_w_kg == pytest.approx(power(done, 0.0) / mass)
    with pytest.raises(CathodelabError, match="No output interval begins"):
        steady(done, 1.0)


def test_a_power_log_is_compared_per_mass_over_the_same_time(done: Run) -> None:
    """A log that holds the simulated power for the charge's mass gives a ratio of one, twice the charge two."""
    mass = float(done.state.particles.mass.sum())
    watts = power(done, 0.0)
    assert watts > 0
    log = ([0.0, 30.0, 60.0], [watts, watts, watts])
    assert against_power_log(done, 0.0, *log, mass).ratio == pytest.approx(1.0)
    assert against_power_log(done, 0.0, *log, 2 * mass).ratio == pytest.approx(2.0)
    ramp = ([0.0, 60.0], [0.0, 2 * watts])
    assert against_power_log(done, 0.0, *ramp, mass).ratio == pytest.approx(1.0)


def test_a_sweep_in_processes_gives_the_runs_of_this_one(plan: Plan, tmp_path: Path) -> None:
    """Two grain sizes with one mass; any executor will do, a Dask client's too."""
    plans = {name: coarser(plan, one) for name, one in (("fine", 424e-6), ("coarse", 600e-6))}
    masses = [one.count * one.diameter**3 for one in plans.values()]
    assert masses[1] == pytest.approx(masses[0], rel=0.05)
    here = run_all(plans, tmp_path / "here")
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        there = run_all(plans, tmp_path / "there", pool)
    for one, two in zip(here, there, strict=True):
        assert np.array_equal(one.state.particles.position, two.state.particles.position)
        assert stress(one.intervals).intensity == stress(two.intervals).intensity


def test_a_snapshot_holds_every_particle_in_the_order_of_its_name(done: Run, tmp_path: Path) -> None:
    """The points of the VTK file are the positions, big-endian after its line."""
    state = done.state
    table = columns(state)
    order = np.argsort(state.particles.identity)
    assert np.array_equal(table["x_m"], state.particles.position[order, 0])
    content = write_vtk(tmp_path / "a.vtk", state).read_bytes()
    head, body = content.split(f"POINTS {len(order)} double\n".encode())
    assert head.startswith(b"# vtk DataFile")
    points = np.frombuffer(body[: len(order) * 24], ">f8").reshape(-1, 3)
    assert np.array_equal(points, state.particles.position[order])
    assert b"SCALARS lost_work_j double 1" in body


def test_sizes_are_spread_as_the_run_file_says(plan: Plan, tmp_path: Path) -> None:
    """Diameters between 0.8 and 1.2 of the middle one, masses with the third power."""
    particles = run(replace(plan, spread=0.2, count=800), tmp_path / "mixed", outputs=1).state.particles
    ratio = particles.radius / (plan.diameter / 2)
    assert 0.8 <= ratio.min() < 0.85
    assert 1.15 < ratio.max() <= 1.2
    assert particles.mass == pytest.approx(4 / 3 * np.pi * particles.radius**3 * 2417.0)


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


def test_the_error_of_a_mean_is_widened_by_what_neighbours_share() -> None:
    """Coverage: independent and correlated series (r = 0.6), 400 each; the error is the scatter of their means."""
    rng = np.random.default_rng(5)
    for r in (0.0, 0.6):
        series = rng.normal(size=(400, 200))
        for k in range(1, 200):
            series[:, k] = r * series[:, k - 1] + np.sqrt(1 - r * r) * series[:, k]
        errors = np.array([scatter(one) for one in series])
        assert np.median(errors) == pytest.approx(series.mean(axis=1).std(), rel=0.15)
    assert np.isnan(scatter([1.0, 2.0]))


@pytest.mark.parametrize(("gap", "passed"), [(0.0, True), (1.1e-3, False), (1.2e-3, True)])
def test_a_gap_has_to_be_three_grains_wide(plan: Plan, gap: float, passed: bool) -> None:  # noqa: FBT001 - a parameter
    """400 µm grains; a machine without a gap has nothing to say."""
    check = gap_check(replace(plan, gap=gap))
    assert check.passed is passed
    assert passed or "2.8 grains of 400 µm" in check.sentence
