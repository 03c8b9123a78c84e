"""An interval is a promise: the fixed small form of ``benchmarks/coverage.py``."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from scipy.stats import binom, chi2

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
STUDIES = 60


@pytest.fixture(scope="module")
def coverage() -> ModuleType:
    """The benchmark as a module; what stands beside it is found while it loads."""
    spec = importlib.util.spec_from_file_location("coverage_benchmark", BENCHMARKS / "coverage.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    sys.path.insert(0, str(BENCHMARKS))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(BENCHMARKS))
    return module


def limits(nominal: float, studies: int = STUDIES) -> tuple[float, float]:
    """Binomial limits at 99.9 % of a share. The cells of a study share a reference: it is the studies that are independent."""
    low, high = binom.ppf([0.0005, 0.9995], studies, nominal) / studies
    return float(low), float(high)


def test_intervals_hold_the_truth_as_often_as_they_claim(coverage: ModuleType) -> None:
    """60 studies of 3 cells, everything drawn anew, references forth and back: per cell, jointly, and the self-discharge.

    The intervals are hardly wider than those of the oracle, and never narrower.
    """
    found = coverage.block(20261122, STUDIES, branches=2, self_discharge=True)
    low, high = limits(0.6827)
    inside = np.mean(np.abs([one.deviation for one in found]) <= np.array([one.half for one in found]))
    assert low <= inside <= high
    joint = np.mean(np.array([one.joint for one in found]) <= chi2.ppf(0.6827, coverage.CELLS))
    assert low <= joint <= high
    current = np.mean(np.array([one.self_discharge for one in found]), axis=0)
    assert low <= current[0] <= high
    figures = coverage.summary(found)
    assert figures["per cell, nominal 95.45 %"] >= 100 * limits(0.9545)[0]
    assert current[1] >= limits(0.9545)[0]
    assert 0.99 <= figures["mean width over the oracle's"] <= 1.15


def test_one_branch_leaves_a_range_that_is_not_too_narrow(coverage: ModuleType) -> None:
    """30 studies whose references discharge themselves by an amount that nobody can know: at least what is claimed."""
    studies = 30
    found = coverage.block(7, studies, self_discharge=True)
    low, _ = limits(0.6827, studies)
    assert np.mean(np.abs([one.deviation for one in found]) <= np.array([one.half for one in found])) >= low
    assert np.mean(np.array([one.joint for one in found]) <= chi2.ppf(0.6827, coverage.CELLS)) >= low
    assert np.mean([one.self_discharge[0] for one in found]) >= low
