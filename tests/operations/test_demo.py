"""The demonstration: seeded, labelled synthetic, truth beside the estimate."""

from __future__ import annotations

from pathlib import Path

import pytest

from cathodelab.core.errors import CathodelabError
from cathodelab.operations.demo import write_demo_study
from cathodelab.study.run import run_study


def test_the_same_seed_gives_the_same_study(demo_study: Path, tmp_path: Path) -> None:
    """Byte for byte; another seed another one."""
    write_demo_study(tmp_path / "again", seed=1)
    write_demo_study(tmp_path / "other", seed=2)
    names = [path.relative_to(demo_study) for path in sorted(demo_study.rglob("*")) if path.is_file()]
    assert len(names) == 12
    assert all((tmp_path / "again" / name).read_bytes() == (demo_study / name).read_bytes() for name in names)
    assert (tmp_path / "other" / "cells.csv").read_bytes() != (demo_study / "cells.csv").read_bytes()


def test_the_estimates_lie_near_the_truth_and_the_slow_cell_is_found(demo_study: Path) -> None:
    """Within four standard uncertainties for every sound cell."""
    results = run_study(demo_study)
    assert results.study.synthetic
    truth = results.truth
    assert truth
    for cell, result in results.of("utilization"):
        one = result.estimates.estimate("static_utilization")
        rest = next(check for check in result.checks if check.name == "end_of_rest")
        assert rest.passed is (cell.id != "ssb-07")
        if rest.passed:
            assert abs(one.value - truth[cell.id]["static_utilization"]) < 4 * one.plus


def test_a_folder_with_other_things_is_refused(tmp_path: Path) -> None:
    """A demonstration never mixes with somebody's data."""
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(CathodelabError) as caught:
        write_demo_study(tmp_path, seed=1)
    assert caught.value.code == "folder-not-empty"
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
