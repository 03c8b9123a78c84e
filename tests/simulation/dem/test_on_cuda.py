"""On a CUDA device; not collected where there is none (tests/conftest.py), which the summary says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cathodelab.simulation.dem.case import Case as Simulated
from cathodelab.simulation.dem.case import initial
from cathodelab.simulation.dem.engine.integrator import Integrator, advance
from cathodelab.simulation.dem.runs.run_file import read_run_file
from cathodelab.simulation.dem.runs.runner import run
from cathodelab.simulation.dem.state import State
from cathodelab_validation.dem import bulk, devices, impacts, motion, spinning
from cathodelab_validation.dem.model import POWDER, POWDER_POWDER, Case

_SMALL = (Path(__file__).parent / "small_mixer.toml").read_text().replace("[run]\n", '[run]\ndevice = "cuda"\n')


def _holds(case: Case) -> None:
    wrong = [f"{row.what}: {row.found} instead of {row.expected}" for row in case.rows if not row.passed]
    assert case.rows
    assert not wrong, "; ".join(wrong)


@pytest.fixture
def everything_on_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever device a case names."""
    first = Integrator.__init__

    def begun(self: Integrator, state: State, case: Simulated) -> None:
        first(self, state, replace(case, device="cuda"))

    monkeypatch.setattr(Integrator, "__init__", begun)


def test_a_cpu_and_cuda_differ_by_no_more_than_rounding_grows() -> None:
    """Positions, collisions, work, forces on bodies, energies; then the account of CUDA alone."""
    _holds(devices.devices())


@pytest.mark.parametrize(
    "case",
    [
        impacts.restitution, impacts.coarse_restitution, impacts.linear_hysteretic, impacts.chung_ooi_4,
        spinning.chung_ooi_6, motion.sliding_to_rolling, motion.momentum, lambda: motion.elastic_gas(6000),
        motion.cooling, bulk.evaluation,
    ],
)  # fmt: skip
@pytest.mark.usefixtures("everything_on_cuda")
def test_the_cases_of_the_report_hold(case: Callable[[], Case]) -> None:
    """Those that are short."""
    _holds(case())


def test_steps_in_a_graph_and_one_by_one_give_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    """An older driver knows no graph that asks by itself whether to go on."""
    case, start = motion.stirred_case()
    case = replace(case, device="cuda")
    graph = advance(start, case, 1500)
    monkeypatch.setattr("warp.is_conditional_graph_supported", lambda: False)
    single = advance(start, case, 1500)
    assert graph.sums.begun.sum() > 500
    assert np.array_equal(graph.particles.position, single.particles.position)
    assert np.array_equal(graph.sums.pair_work, single.sums.pair_work)


def test_a_run_that_stops_between_outputs_goes_on_to_the_same_state(tmp_path: Path) -> None:
    """Bit by bit; its account closes and nothing is lost."""
    path = tmp_path / "run.toml"
    path.write_text(_SMALL)
    plan = read_run_file(path)
    assert plan.case.device == "cuda"
    whole = run(plan, tmp_path / "whole")
    run(plan, tmp_path / "parts", outputs=3)
    parts = run(plan, tmp_path / "parts")
    account, _, lost, _ = whole.checks
    assert account.passed, account.sentence
    assert lost.passed, lost.sentence
    assert np.array_equal(parts.state.particles.position, whole.state.particles.position)


def test_rows_of_the_neighbour_list_grow(crowd: tuple[np.ndarray, np.ndarray]) -> None:
    """A large particle with hundreds of small neighbours: each of them knows the other."""
    place, radius = crowd
    case = Simulated((POWDER,), {("powder", "powder"): POWDER_POWDER}, step=2e-7, device="cuda")
    engine = Integrator(initial(case, place, radius), case)
    counts = engine.parts.pairs.wide.count.numpy()[:-1]
    is_big = engine.parts.particles.position.numpy()[:, 3] == radius[0]
    assert counts[is_big].tolist() == [400]
    assert counts[~is_big].min() >= 1
