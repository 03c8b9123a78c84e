"""Several runs at once."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from cathodelab.simulation.dem.evaluation.stress_tally import stress
from cathodelab.simulation.dem.runs.plan import Plan
from cathodelab.simulation.dem.runs.sweep import coarser, run_all


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
