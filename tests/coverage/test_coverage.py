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


def test_intervals_hold_the_truth_as_often_as_they_claim(coverage: ModuleType) -> None:
    """60 studies of 3 cells, everything drawn anew: within the binomial 99.9 % limits, per cell and jointly.

    The cells of a study share a reference, so per cell the number of independent draws is taken as that of studies. The
    intervals are hardly wider than those of the oracle, and never narrower.
    """
    found = coverage.block(20261122, STUDIES)
    low, high = binom.ppf([0.0005, 0.9995], STUDIES, 0.6827) / STUDIES
    inside = np.mean(np.abs([one.deviation for one in found]) <= np.array([one.half for one in found]))
    assert low <= inside <= high
    joint = np.mean(np.array([one.joint for one in found]) <= chi2.ppf(0.6827, coverage.CELLS))
    assert low <= joint <= high
    figures = coverage.summary(found)
    assert figures["per cell, nominal 95.45 %"] >= 100 * binom.ppf(0.0005, STUDIES, 0.9545) / STUDIES
    assert 0.99 <= figures["mean width over the oracle's"] <= 1.15
