"""Files with one unit label changed, through the door: a small form of benchmarks/formats/scale.py, with another seed."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARK = Path(__file__).resolve().parents[2] / "benchmarks" / "formats" / "scale.py"
TESTS = 108


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    """The benchmark as a module."""
    spec = importlib.util.spec_from_file_location("scale_benchmark", BENCHMARK)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_a_wrong_unit_is_doubted_or_refused_and_a_right_one_is_not(benchmark: ModuleType) -> None:
    """Nine families of tests in four texts; one label of each is changed."""
    tallies = {}
    notes: list[str] = []
    for number in range(TESTS):
        case = benchmark.generated(number, seed=5)
        tally = tallies.setdefault(case.source, benchmark.Tally())
        benchmark.tried(case, tally, benchmark.drawn_variant(case, number), notes)
    assert notes == []
    assert set(tallies) == {"BioLogic", "Neware", "Maccor", "Arbin"}
    assert sum(one.unchanged for one in tallies.values()) == TESTS
    assert all(one.refused > 5 for one in tallies.values())
    assert sum(one.doubted for one in tallies.values()) > 5


def test_real_files_have_no_doubt_about_their_scale(benchmark: ModuleType, data: Path) -> None:
    """Texts of four instruments; each label of theirs changed once is doubted, refused, or moves nothing that is read."""
    tally, notes = benchmark.Tally(), []
    for name in (
        "cellpy/neware_uio.csv",
        "cellpy/maccor_001.txt",
        "yadg/gcpl.issue_211.mpt",
        "navani/arbin_example.res",
    ):
        path = data / "cycling" / name
        case = benchmark.real(path)
        assert case is not None
        chosen = list(benchmark.variants(case))[::4] if path.suffix in benchmark.TEXTS else []
        benchmark.tried(case, tally, chosen, notes)
    assert (tally.unchanged, tally.silent, notes) == (4, 0, [])
    assert tally.refused + tally.doubted > 3
