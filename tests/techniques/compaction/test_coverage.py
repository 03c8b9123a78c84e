"""An interval is a promise: the fixed small form of ``benchmarks/compaction.py``."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from scipy.stats import binom

BENCHMARK = Path(__file__).resolve().parents[3] / "benchmarks" / "compaction.py"
CURVES = 100


@pytest.fixture(scope="module")
def compaction() -> ModuleType:
    """The benchmark as a module."""
    spec = importlib.util.spec_from_file_location("compaction_benchmark", BENCHMARK)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def limits(nominal: float, count: int) -> tuple[float, float]:
    """Binomial limits at 99.9 % of a share."""
    low, high = binom.ppf([0.0005, 0.9995], count, nominal) / count
    return float(low), float(high)


@pytest.mark.parametrize("density", [0.0005, 0.01])
def test_intervals_of_a_heckel_powder_hold_the_truth_as_often_as_they_claim(
    compaction: ModuleType, density: float
) -> None:
    """Four shapes of rearrangement, three grids of pressures; densities known to 0.05 % and to 1 %."""
    pellets = compaction.drawn_pellets(CURVES, 20261130, "heckel", density)
    found, refused = compaction.held(pellets, compaction.FROM_HECKEL)
    assert refused == {}
    for name, one in found.items():
        assert one.half.size > 0.97 * CURVES, name
        for sigmas, nominal in ((1, 0.6827), (2, 0.9545)):
            low, high = limits(nominal, one.half.size)
            assert low <= one.share(sigmas) <= high, (name, sigmas, one.share(sigmas))
    heckel = found["heckel_pressure_in_die"]
    assert abs(np.median(heckel.deviation)) < 0.005
    assert abs(np.mean(heckel.deviation)) < 0.005 + 3 * np.std(heckel.deviation) / np.sqrt(CURVES)


def test_constants_of_kawakita_are_covered_and_no_line_is_seen_in_such_a_powder(compaction: ModuleType) -> None:
    """The law with both constants; a Heckel pressure is refused for 29 of 30 curves and more."""
    pellets = compaction.drawn_pellets(30, 7, "kawakita", 0.005)
    found, refused = compaction.held(pellets, (*compaction.FROM_KAWAKITA,))
    assert refused == {}
    for one in found.values():
        for sigmas, nominal in ((1, 0.6827), (2, 0.9545)):
            low, high = limits(nominal, one.half.size)
            assert low <= one.share(sigmas) <= high
    assert np.mean(["heckel_pressure_in_die" in compaction.evaluated(one).estimates for one in pellets]) < 0.1
