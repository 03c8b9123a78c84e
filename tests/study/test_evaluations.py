"""Evaluations are taken from the cache for the same inputs, and only for the same."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cathodelab.study.run as runs
from cathodelab.core.method import AnyMethod
from cathodelab.study import evaluate
from cathodelab.study.cache import FOLDER, cache_folder
from cathodelab.study.fence import own_fault
from cathodelab.study.packed import unpacked
from cathodelab.study.seal import unsealed
from cathodelab.study.store import results_record


@pytest.fixture
def small(known_truth: Path) -> Path:
    """Two cells and their reference."""
    rows = (known_truth / "cells.csv").read_text().splitlines()
    (known_truth / "cells.csv").write_text("\n".join(rows[:4]) + "\n")
    return known_truth


def _numbers(folder: Path) -> str:
    record = results_record(runs.run_study(folder))
    del record["provenance"]["created"]
    return json.dumps(record)


def _entry(cell: str, column: str, value: str) -> Callable[[Path], object]:
    def change(folder: Path) -> None:
        with (folder / "cells.csv").open(newline="") as lines:
            head, *rows = csv.reader(lines)
        if column not in head:
            head, rows = [*head, column], [[*row, ""] for row in rows]
        next(row for row in rows if row[0] == cell)[head.index(column)] = value
        with (folder / "cells.csv").open("w", newline="") as lines:
            csv.writer(lines).writerows([head, *rows])

    return change


def _setting(text: str) -> Callable[[Path], object]:
    return lambda folder: (folder / "study.toml").write_text(f"schema_version = 1\n{text}\n")


def _file(name: str, other: str) -> Callable[[Path], object]:
    return lambda folder: shutil.copy(folder / other, folder / name)


CHANGES = {
    "mass of the cell": _entry("ssb-01", "cam_mass_mg", "14.0"),
    "its uncertainty": _entry("ssb-01", "cam_mass_standard_uncertainty_mg", "0.3"),
    "mass of the reference": _entry("liquid-01", "cam_mass_mg", "5.5"),
    "uncertainty of the reference": _entry("liquid-01", "cam_mass_standard_uncertainty_mg", "0.2"),
    "offset of one cell": _entry("ssb-01", "reference_offset_volt", "0.61"),
    "counter electrode": _setting("[reference_electrode]\noffset_volt = 0.625"),
    "C-rate": _setting("[c_rate]\nbasis_mAh_g = 190.0"),
    "a setting": _setting("[methods.utilization]\nrelaxation_factor_cell = 0.7"),
    "file of the cell": _file("ssb-01.csv", "ssb-03.csv"),
    "file of the reference": lambda folder: (folder / "liquid-01.csv").write_text(
        "\n".join((folder / "liquid-01.csv").read_text().splitlines()[:-2000]) + "\n"
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_a_changed_input_gives_what_a_run_without_cache_gives(small: Path, change: Callable[[Path], object]) -> None:
    """Nothing is stale, whatever was changed; and the change does change something."""
    before = _numbers(small)
    change(small)
    after = _numbers(small)
    shutil.rmtree(small / FOLDER)
    assert after == _numbers(small)
    assert after != before


def test_nothing_is_evaluated_twice(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second run calls no method."""
    before = _numbers(small)

    def fails(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(evaluate, "_run", fails)
    assert _numbers(small) == before


def test_a_file_that_comes_back_is_evaluated(small: Path) -> None:
    """The error of the run without it is not remembered."""
    (small / "ssb-01.csv").rename(small / "away.csv")
    assert runs.run_study(small).failed
    (small / "away.csv").rename(small / "ssb-01.csv")
    assert not runs.run_study(small).failed


@pytest.mark.own_fault
def test_a_fault_of_ours_takes_no_other_cell_with_it_and_is_not_remembered(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said as what it is; the mended program evaluates the cell."""
    run = evaluate._run

    def broken(method: AnyMethod, given: dict[str, Any], settings: object) -> object:
        if method.id == "utilization" and given["cell"].id == "ssb-01":
            raise IndexError("list index out of range")
        return run(method, given, settings)

    with monkeypatch.context() as patched:
        patched.setattr(evaluate, "_run", broken)
        results = runs.run_study(small)
    assert [outcome.sample for outcome in results.failed] == ["ssb-01"]
    assert "fault in cathodelab" in str(results.failed[0].error)
    assert results.cell("ssb-02").outcomes["utilization"].status == "ok"
    kept = [unpacked(unsealed(one.read_bytes()) or b"") for one in cache_folder(small, "evaluations").iterdir()]
    assert {one[1] for one in kept if one[2] == "utilization"} == {"ssb-02"}
    assert not runs.run_study(small).failed


@pytest.mark.own_fault
def test_a_fault_of_ours_names_the_innermost_place() -> None:
    """However deep it lies."""

    def three() -> None:
        raise ZeroDivisionError("nothing to divide by")

    def two() -> None:
        three()

    def one() -> None:
        two()

    try:
        one()
    except ZeroDivisionError as error:
        found = own_fault("made", "cell a", error)
    line = three.__code__.co_firstlineno + 1
    assert found.where == f"cell a, {Path(__file__).name} line {line}"
    assert "made met what it is not made for: ZeroDivisionError, nothing to divide by" in found.what
