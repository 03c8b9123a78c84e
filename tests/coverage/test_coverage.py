"""An interval is a promise: the fixed small form of ``benchmarks/coverage.py``."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
from scipy.stats import binom, chi2

STUDIES = 60


def test_intervals_hold_the_truth_as_often_as_they_claim() -> None:
    """60 studies of 3 cells, everything drawn anew: within the binomial 99.9 % limits, per cell and jointly.

    The cells of a study share a reference, so per cell the number of independent draws is taken as that of studies.
    """
    path = Path(__file__).resolve().parents[2] / "benchmarks" / "coverage.py"
    spec = importlib.util.spec_from_file_location("coverage_benchmark", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    found = [module.replicate(seed) for seed in range(STUDIES)]
    low, high = binom.ppf([0.0005, 0.9995], STUDIES, 0.6827) / STUDIES
    inside = np.mean(np.abs([one.scaled for one in found]) <= 1)
    assert low <= inside <= high
    joint = np.mean(np.array([one.joint for one in found]) <= chi2.ppf(0.6827, module.CELLS))
    assert low <= joint <= high
    assert np.mean(np.abs([one.scaled for one in found]) <= 2) >= binom.ppf(0.0005, STUDIES, 0.9545) / STUDIES
