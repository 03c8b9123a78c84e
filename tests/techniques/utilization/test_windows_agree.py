"""Windows that agree pass and windows that do not fail: the fixed small form of ``benchmarks/windows.py``."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from scipy.stats import binom

BENCHMARK = Path(__file__).resolve().parents[3] / "benchmarks" / "windows.py"
CELLS = 150


@pytest.fixture(scope="module")
def windows() -> ModuleType:
    """The benchmark as a module."""
    spec = importlib.util.spec_from_file_location("windows_benchmark", BENCHMARK)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("stated", [True, False], ids=["stated", "from the rests"])
def test_one_in_twenty_unbiased_cells_is_flagged(windows: ModuleType, *, stated: bool) -> None:
    """Potentials that scatter by a millivolt; 99.9 % binomial limits."""
    random = np.random.default_rng(3)
    found = sum(windows.flagged(random, 1e-3, 0.0, stated=stated) for _ in range(CELLS))
    assert binom.ppf(5e-4, CELLS, 0.05) <= found <= binom.ppf(1 - 5e-4, CELLS, 0.05)


@pytest.mark.parametrize("stated", [True, False], ids=["stated", "from the rests"])
def test_windows_ten_points_apart_are_found_at_two_millivolts(windows: ModuleType, *, stated: bool) -> None:
    """In at least half of the cells."""
    random = np.random.default_rng(4)
    found = sum(windows.flagged(random, 2e-3, windows.LOST, stated=stated) for _ in range(CELLS // 4))
    assert found > CELLS // 8
