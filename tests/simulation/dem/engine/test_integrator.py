"""States go forward."""

from __future__ import annotations

import gc
import importlib
import subprocess
import sys
import threading
import weakref
from pathlib import Path

import numpy as np
import pytest

from cathodelab.simulation.dem.case import Case, initial
from cathodelab.simulation.dem.engine.integrator import Integrator, advance
from cathodelab.simulation.dem.engine.pair_list import PairList
from cathodelab.simulation.dem.evaluation.energy_ledger import ledger
from cathodelab.simulation.dem.materials import Contact
from cathodelab.simulation.dem.state import State
from cathodelab_validation.dem.model import POWDER, POWDER_POWDER, RADIUS
from cathodelab_validation.dem.motion import stirred_case

_FREE = Case((POWDER,), {("powder", "powder"): POWDER_POWDER}, step=2e-7)


def test_a_free_particle_falls_as_galileo_says() -> None:
    """Exactly, but for round-off: the scheme is exact for constant acceleration."""
    state = advance(initial(_FREE, [[0, 0, 0]], RADIUS, [[1.0, 0, 0]]), _FREE, 1000)
    time = 1000 * _FREE.step
    assert state.particles.position[0] == pytest.approx([time, 0, -0.5 * 9.81 * time**2], rel=1e-9)


def test_a_state_cannot_be_changed_and_is_not_changed() -> None:
    """Arrays are read-only; advancing leaves the old state as it was."""
    before = initial(_FREE, [[0, 0, 0]], RADIUS)
    kept = before.particles.position.copy()
    advance(before, _FREE, 10)
    assert np.array_equal(before.particles.position, kept)
    with pytest.raises(ValueError, match="read-only"):
        before.particles.position[0, 0] = 1.0


def test_in_one_go_or_in_parts_the_way_is_the_same() -> None:
    """To round-off: lists are made anew at each part."""
    rng = np.random.default_rng(0)
    place = rng.uniform(0, 4 * RADIUS, (3, 3)) + np.arange(3)[:, None] * 2.0 * RADIUS
    speed = -200.0 * (place - place.mean(axis=0))
    whole = advance(initial(_FREE, place, RADIUS, speed), _FREE, 900)
    parts = initial(_FREE, place, RADIUS, speed)
    for _ in range(3):
        parts = advance(parts, _FREE, 300)
    order, other = np.argsort(whole.particles.identity), np.argsort(parts.particles.identity)
    assert whole.particles.position[order] == pytest.approx(parts.particles.position[other], abs=1e-12)
    assert whole.steps == parts.steps == 900


def _listed(engine: Integrator) -> tuple[np.ndarray, np.ndarray]:
    """Owner and partner of each pair in the wide list."""
    table = engine.parts.pairs.wide
    counts = table.count.numpy()[:-1]
    rows = table.found.numpy().reshape(-1, table.width)
    kept = np.arange(table.width) < counts[:, None]
    return np.repeat(np.arange(len(counts)), counts), rows[kept]


def test_rows_of_the_neighbour_list_grow(crowd: tuple[np.ndarray, np.ndarray]) -> None:
    """A large particle with hundreds of small neighbours keeps them all."""
    place, radius = crowd
    engine = Integrator(initial(_FREE, place, radius), _FREE)
    owner, partner = _listed(engine)
    is_big = engine.parts.particles.position.numpy()[:, 3] == radius[0]
    assert (is_big[owner] | is_big[partner]).sum() == 400


def test_the_list_holds_exactly_the_near_pairs() -> None:
    """Against all distances, sizes mixed, with one block, several, and one a particle."""
    rng = np.random.default_rng(2)
    place, radius = rng.uniform(0, 20 * RADIUS, (500, 3)), RADIUS * rng.uniform(0.5, 1.0, 500)
    far = radius[:, None] + radius[None, :] + 0.3 * 2 * radius.max()
    away = np.linalg.norm(place[:, None] - place[None, :], axis=2)
    near = int(((away < far).sum() - 500) / 2)
    for blocks in (1, 3, 500):
        case = Case((POWDER,), {("powder", "powder"): POWDER_POWDER}, blocks=blocks)
        engine = Integrator(initial(case, place, radius), case)
        owner, partner = _listed(engine)
        pairs = {tuple(sorted(pair)) for pair in zip(owner.tolist(), partner.tolist(), strict=True)}
        assert len(pairs) == near


def test_picking_out_near_pairs_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cluster that flies together: the near pairs of some steps, or all of the list, give the same bits."""
    from cathodelab.simulation.dem.engine import pair_list

    rng = np.random.default_rng(3)
    place = 2.2 * RADIUS * np.stack(np.meshgrid(*[np.arange(5.0)] * 3), axis=-1).reshape(-1, 3)
    speed = rng.normal(0, 2.0, place.shape) - 4000.0 * (place - place.mean(axis=0))
    found = []
    for ahead in (16, 10**9):
        monkeypatch.setattr(pair_list, "STEPS_AHEAD", ahead)
        found.append(advance(initial(_FREE, place, RADIUS, speed), _FREE, 600))
    near, whole = found
    assert whole.sums.ended.sum() > 100
    assert np.array_equal(near.particles.position, whole.particles.position)
    assert np.array_equal(near.sums.pair_work, whole.sums.pair_work)


def test_static_friction_holds_until_its_limit_then_dynamic_friction_acts() -> None:
    """A sphere pressed down by its weight and pushed sideways: the spring holds, then slides with the lower value."""
    contact = Contact("hertz", 0.6, 0.3, restitution=0.3, tangential_damping=0.5)
    from cathodelab.simulation.dem.equipment.bodies import Body, Motion, Plane

    floor = Body("floor", "powder", (Plane((0, 0, 0), (0, 0, 1)),), Motion(velocity=(0.05, 0, 0)))
    case = Case((POWDER,), {("powder", "powder"): contact}, (floor,), step=1e-6)
    state = advance(initial(case, [[0, 0, RADIUS]], RADIUS), case, 300)
    after = advance(state, case, 700)
    force = -(after.poses.sums[0, 0] - state.poses.sums[0, 0]) / (after.time - state.time)
    press = -(after.poses.sums[0, 2] - state.poses.sums[0, 2]) / (after.time - state.time)
    assert force / press == pytest.approx(0.3, rel=0.1)


def test_without_warp_the_error_names_the_extra() -> None:
    """In a process that cannot import it."""
    code = (
        "import sys; sys.modules['warp'] = None\n"
        "from cathodelab.simulation.dem.engine.warp_library import warp\n"
        "try:\n    warp()\nexcept Exception as error:\n    print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "cathodelab[dem]" in done.stdout


def test_a_machine_without_cuda_is_no_news_but_a_run_for_cuda_says_so() -> None:
    """Nothing on standard error where CUDA is not wanted; one clear error where it is."""
    code = (
        "from cathodelab.simulation.dem.engine.warp_library import checked_device, warp\n"
        "there = warp().is_cuda_available()\n"
        "try:\n    checked_device('cuda')\n    print('there' if there else 'wrong')\n"
        "except Exception as error:\n    print('wrong' if there else error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert "There is no CUDA device" in done.stdout or done.stdout == "there\n"


def _same_ways(one: State, other: State) -> bool:
    """Bit for bit, whatever the order of the particles."""
    first, second = np.argsort(one.particles.identity), np.argsort(other.particles.identity)
    return all(
        np.array_equal(getattr(one.particles, name)[first], getattr(other.particles, name)[second])
        for name in ("position", "velocity", "spin")
    )


def test_on_a_device_in_stages_or_on_a_cpu_in_one_go_the_way_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stages meant for CUDA, here on the CPU: the same bits as with every particle a block."""
    whole, start = stirred_case(blocks=10_000)
    marched = advance(start, whole, 2000)
    monkeypatch.setattr("cathodelab.simulation.dem.engine.device.checked_device", lambda _: "cuda")
    staged = advance(start, whole, 2000)
    assert staged.sums.begun.sum() > 100
    assert _same_ways(marched, staged)
    assert staged.poses.sums == pytest.approx(marched.poses.sums, rel=1e-9)
    assert staged.energy.normal == pytest.approx(marched.energy.normal, rel=1e-9)


@pytest.mark.skipif(sys.platform == "darwin", reason="Warp compiles nothing for CUDA on macOS")
@pytest.mark.parametrize("module", ["neighbour_list", "wall_neighbours", "one_step_cuda", "energies"])
def test_what_cuda_runs_compiles_also_without_a_device(module: str, tmp_path: Path) -> None:
    """With the compiler that Warp brings; whether it is right only a device says (test_on_cuda.py)."""
    import warp

    kernels = importlib.import_module(f"cathodelab.simulation.dem.kernels.{module}")
    warp.compile_aot_module(kernels, arch=80, module_dir=tmp_path, use_ptx=True)
    assert len(list(tmp_path.glob("*.ptx"))) == 1


def test_blocks_are_of_equal_work() -> None:
    """A packed half and a loose half: the block of the loose ones holds more particles."""
    grid = np.stack(np.meshgrid(*[np.arange(8.0)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    packed, loose = grid * 1.98 * RADIUS, grid * 2.5 * RADIUS + [0, 0, 40 * RADIUS]
    case = Case((POWDER,), {("powder", "powder"): POWDER_POWDER}, step=2e-7, threads=2)
    engine = Integrator(initial(case, np.concatenate([packed, loose]), RADIUS), case)
    assert engine.parts.blocks.cuts == [0, 512, 1024]
    engine.run(10)
    engine.relist()
    assert engine.parts.blocks.cuts[1] < 400
    engine.run(10)
    engine.state()


def test_blocks_follow_from_how_many_are_asked_for_not_from_the_threads() -> None:
    """Each that is asked for is a large and a small one; too few particles are not divided, and none is forgotten."""
    grid = np.stack(np.meshgrid(*[np.arange(8.0)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    edges = []
    for threads, blocks in ((1, 3), (3, 3), (2, 512)):
        case = Case((POWDER,), {("powder", "powder"): POWDER_POWDER}, step=2e-7, threads=threads, blocks=blocks)
        edges.append(Integrator(initial(case, 2.5 * RADIUS * grid, RADIUS), case).parts.blocks.edges.tolist())
    assert edges[0] == edges[1]
    assert len(edges[0]) == 7
    assert edges[2] == list(range(513))


@pytest.mark.parametrize("threads", [1, 2])
def test_near_pairs_that_a_march_has_no_room_for_are_picked_outside(
    threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second room is too small for what comes next: the way is the same to the last bit.

    With room, only those are picked outside that come in the same step as surfaces.
    """
    case, start = stirred_case(threads, blocks=2)
    outside = []
    pick = PairList.pick

    def watched(pairs: PairList, order: object = None) -> None:
        pick(pairs, order)
        outside.append(order is None)

    def small(pairs: PairList, order: object = None) -> None:
        watched(pairs, order)
        pairs.room[1 - pairs.turn] = pairs._room(1)

    monkeypatch.setattr(PairList, "pick", watched)
    expected = advance(start, case, 3000)
    few = sum(outside)
    outside.clear()
    monkeypatch.setattr(PairList, "pick", small)
    found = advance(start, case, 3000)
    assert sum(outside) > 10 * few
    assert _same_ways(expected, found)


def test_an_engine_gives_its_arrays_and_threads_back() -> None:
    """Without waiting for Python's collector: a run makes one for every output."""
    case, start = stirred_case(threads=2)
    made = []
    first = Integrator.__init__

    class Watched(Integrator):
        def __init__(self, state: State, case: Case) -> None:
            first(self, state, case)
            made.extend(
                weakref.ref(one) for one in (self.parts.pairs, self.parts.particles.position, self.parts.device.pool)
            )

    threads = threading.active_count()
    gc.disable()
    try:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("cathodelab.simulation.dem.engine.integrator.Integrator", Watched)
            advance(start, case, 20)
        assert [one() for one in made] == [None, None, None]
    finally:
        gc.enable()
    assert threading.active_count() == threads


def test_what_contacts_have_stored_is_there_in_whatever_step_a_run_ends() -> None:
    """Also where near pairs would have been picked anew just then: the account of every number of steps closes."""
    case, start = stirred_case()
    start = advance(start, case, 6000)
    assert start.energy.normal > 0
    missing = []
    for steps in range(1, 45):
        after = advance(start, case, steps)
        assert after.energy.normal > 0
        missing.append(ledger(start, after).missing)
    assert np.abs(missing).max() < 1e-2 * start.energy.normal
