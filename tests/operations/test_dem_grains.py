"""Grain sizes side by side, from the command line."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from cathodelab.apps.cli import main
from cathodelab.core.errors import CathodelabError
from cathodelab.operations.dem_grains import Grains, alike

_SIZES = ((300.0, 0.1), (424.0, 0.13), (600.0, 0.14))


def _silent(items: Iterable[Any], _count: int, _what: str) -> Iterable[Any]:
    return items


def test_grain_sizes_stand_side_by_side(run_file: Path) -> None:
    """Coarser grains are fewer in the same volume."""
    import csv

    from cathodelab.operations.dem_grains import compare_grains

    table, picture = compare_grains(run_file, [300, 424], _silent).paths
    rows = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
    assert [row["particles"] for row in rows] == ["60", "21"]
    assert all(float(row["stress_intensity_j_kg"]) > 0 for row in rows)
    assert [float(row["grains_in_gap"]) for row in rows] == pytest.approx([0.7 / 0.3, 0.7 / 0.424])
    assert picture.stat().st_size > 1000
    assert (table.parent / "424um" / "stress.csv").exists()


def test_a_gap_too_narrow_and_a_stress_that_depends_on_the_size_are_said(
    run_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The rotor of 0.7 mm gap is no place for grains of 600 µm."""
    assert main(["dem", "grains", str(run_file), "--diameters", "300,600"]) == 0
    said = capsys.readouterr().out
    assert "note (grains_in_gap): 600 µm: The gap of 0.7 mm is 1.2 grains" in said
    assert "300 µm: 60 grains, stress intensity" in said


def test_sameness_of_the_stress_is_a_check() -> None:
    """Against the finest grains, within 35 %."""
    sizes = [Grains(one, 9, 4.0, (intensity, 0.0), (1.0, 0.0), (1.0, 0.0)) for one, intensity in _SIZES]
    assert [check.passed for check in alike(sizes)] == [True, False]
    assert "1.40 times that at 300 µm" in alike(sizes)[1].sentence


@pytest.mark.parametrize(
    ("diameters", "match"),
    [
        ("300,300", "positive and different"),
        ("-1", "each 0.001 or more"),
        ("a", "numbers in µm"),
        ("300,inf", "inf is none"),
    ],
)
def test_diameters_that_are_none_are_refused(
    run_file: Path, capsys: pytest.CaptureFixture[str], diameters: str, match: str
) -> None:
    """Before anything is run."""
    assert main(["dem", "grains", str(run_file), f"--diameters={diameters}"]) == 2
    assert match in capsys.readouterr().err
    assert not run_file.with_name("mixer_grains").exists()


def test_a_size_that_does_not_fit_is_named_before_the_others_are_run(
    run_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Grains of 2 mm in a slice of 1 mm."""
    assert main(["dem", "grains", str(run_file), "--diameters", "300,2000"]) == 2
    assert "grains of 2000 µm" in capsys.readouterr().err
    assert not run_file.with_name("mixer_grains").exists()


def test_a_dask_cluster_gives_the_runs_of_this_machine(run_file: Path) -> None:
    """The same table, bit for bit; where nobody answers it is said."""
    distributed = pytest.importorskip("distributed")
    from cathodelab.operations.dem_grains import compare_grains

    here, _ = compare_grains(run_file, [300, 424], _silent).paths
    table = here.read_bytes()
    shutil.rmtree(here.parent)
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None
    ) as cluster:
        there, _ = compare_grains(run_file, [300, 424], _silent, 1, cluster.scheduler_address).paths
    assert there.read_bytes() == table


def test_without_dask_the_error_names_the_extra(run_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing is run."""
    from cathodelab.operations.dem_grains import compare_grains

    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(CathodelabError, match="distributed") as raised:
        compare_grains(run_file, [300], _silent, 1, "tcp://127.0.0.1:8786")
    assert "cathodelab[dask]" in raised.value.what_to_do
    assert not run_file.with_name("mixer_grains").exists()
