"""Compiled kernels are kept where tests may write, once for all of them."""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cathodelab.operations.dem_template import run_file_text
from cathodelab.simulation.dem.runs.plan import Plan
from cathodelab.simulation.dem.runs.run import Run
from cathodelab.simulation.dem.runs.run_file import read_run_file
from cathodelab.simulation.dem.runs.runner import run


def pytest_configure(config: pytest.Config) -> None:
    """A cache for compiled kernels beside other temporary files, unless the environment names one."""
    del config
    os.environ.setdefault("WARP_CACHE_PATH", str(Path(tempfile.gettempdir()) / "cathodelab-warp-tests"))


@pytest.fixture(autouse=True)
def _needs_warp() -> None:
    pytest.importorskip("warp")


@pytest.fixture
def crowd() -> tuple[np.ndarray, np.ndarray]:
    """Places and radii (m): a large particle, then 400 small ones all around it."""
    way = np.random.default_rng(1).normal(size=(400, 3))
    way /= np.linalg.norm(way, axis=1)[:, None]
    big, small = 1.5e-3, 75e-6
    return np.concatenate([[[0, 0, 0]], way * (big + 1.2 * small)]), np.append(big, np.full(400, small))


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """The example of `dem init`, in two short intervals."""
    path = tmp_path / "small.toml"
    path.write_text(run_file_text(path.name), encoding="utf-8")
    return replace(read_run_file(path), duration=0.001, interval=0.0005)


@pytest.fixture
def done(plan: Plan, tmp_path: Path) -> Run:
    """That, run."""
    return run(plan, tmp_path / "out")
