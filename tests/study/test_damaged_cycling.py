"""Damaged inputs of cycling cells, from the files to the outcome: put right, said, or refused, and never silently wrong."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from cathodelab.core.arrays import FloatArray
from cathodelab.core.method import Outcome
from cathodelab.formats.bdf import write_bdf_text
from cathodelab.study.run import run_study
from cathodelab_validation.cycler import CyclingTruth, Phase, Recording, cycles_of, cycling_columns

DECIMALS = {"test_time_second": 1, "voltage_volt": 6, "current_ampere": 9, "step_count": 0}
HEADER = ["cell", "role", "cam_mass_mg", "cam_mass_standard_uncertainty_mg", "counter_electrode", "file"]
Columns = Mapping[str, FloatArray]


def _columns(protocol: list[Phase] | None = None, start_volt: float = 3.0) -> dict[str, FloatArray]:
    truth = CyclingTruth(start_volt=start_volt)
    steps = protocol or cycles_of((0.1, 0.1, 0.1))
    return cycling_columns(truth, steps, Recording(rows=80, noise_volt=1e-4), np.random.default_rng(1))


def _evaluated(folder: Path, parts: list[Columns], mass: str = "10") -> Outcome:
    """The outcome of one cell whose files hold these columns."""
    folder.mkdir()
    names = [f"part-{number}.bdf.csv" for number in range(len(parts))]
    for name, part in zip(names, parts, strict=True):
        write_bdf_text(folder / name, {one: part[one] for one in DECIMALS}, DECIMALS)
    with (folder / "cells.csv").open("w", newline="", encoding="utf-8") as lines:
        csv.writer(lines).writerows([HEADER, ["a", "cell", mass, f"{float(mass) / 100:g}", "In/InLi", ";".join(names)]])
    return run_study(folder).cell("a").outcomes["cycling"]


def _said(outcome: Outcome) -> str:
    return " ".join(check.sentence for check in outcome.result.checks if check.passed is not True)


def _cut(columns: Columns, rows: object) -> dict[str, FloatArray]:
    return {name: values[rows] for name, values in columns.items()}


def _halves(columns: Columns) -> list[dict[str, FloatArray]]:
    middle = int(np.flatnonzero(columns["step_count"] == 5)[40])
    return [_cut(columns, slice(None, middle)), _cut(columns, slice(middle, None))]


def _jumped(columns: Columns) -> list[dict[str, FloatArray]]:
    later = np.arange(columns["test_time_second"].size) >= np.flatnonzero(columns["step_count"] == 5)[40]
    return [{**columns, "test_time_second": columns["test_time_second"] + 36000.0 * later}]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> FloatArray:
    """Discharges of the undamaged record, mAh."""
    outcome = _evaluated(tmp_path_factory.mktemp("whole") / "study", [_columns()])
    found: FloatArray = outcome.result.cycles.of("discharge")
    return found


@pytest.mark.parametrize(
    ("damaged", "words"),
    [
        pytest.param(_halves, "joined from 2 files", id="interrupted"),
        pytest.param(
            lambda one: _halves(one)[::-1], "put in the order of their test clocks", id="files in wrong order"
        ),
        pytest.param(lambda one: [one, _cut(one, slice(None, None))], None, id="the same file twice"),
        pytest.param(
            lambda one: [_cut(one, np.repeat(np.arange(one["step_count"].size), 2))], "repeat", id="rows twice"
        ),
        pytest.param(
            lambda one: [_cut(one, slice(None, 300)), one],
            "the rows count once",
            id="a later export beside the earlier",
        ),
        pytest.param(_jumped, "the potential stood still", id="clock set forward"),
    ],
)
def test_damage_that_is_put_right_and_said(
    tmp_path: Path, whole: FloatArray, damaged: Callable[[Columns], list[Columns]], words: str | None
) -> None:
    """The discharges are those of the undamaged record; the one case that cannot be right is refused."""
    outcome = _evaluated(tmp_path / "study", damaged(_columns()))
    if words is None:
        assert outcome.error is not None
        assert outcome.error.code == "file-twice"
        return
    np.testing.assert_allclose(outcome.result.cycles.of("discharge"), whole, rtol=0.01)
    assert words in _said(outcome)


def test_rows_in_another_order_are_refused_or_put_right(tmp_path: Path, whole: FloatArray) -> None:
    """A block of rows that was moved to the end: the clock runs back there."""
    columns = _columns()
    rows = np.arange(columns["step_count"].size)
    moved = np.concatenate([rows[:100], rows[150:], rows[100:150]])
    outcome = _evaluated(tmp_path / "study", [_cut(columns, moved)])
    if outcome.error is None:
        np.testing.assert_allclose(outcome.result.cycles.of("discharge"), whole, rtol=0.01)
        assert "order" in _said(outcome)
    else:
        assert "time" in str(outcome.error)


def test_a_half_cycle_at_the_start_is_cycle_zero(tmp_path: Path) -> None:
    """Discharged first: said, numbered 0, without efficiency."""
    columns = _columns([Phase("discharge", 0.1, 2.5), *cycles_of((0.1, 0.1))], start_volt=4.2)
    outcome = _evaluated(tmp_path / "study", [columns])
    assert outcome.result.cycles.number.tolist() == [0, 1, 2]
    assert "begins with a half cycle" in _said(outcome)


@pytest.mark.parametrize(("mass", "status"), [("6", "doubted"), ("1000", "doubted"), ("0.01", "refused")])
def test_a_wrong_mass_is_doubted_or_refused(tmp_path: Path, mass: str, status: str) -> None:
    """Another cell's mass and micrograms are doubted; grams for milligrams are refused, with what to do."""
    outcome = _evaluated(tmp_path / "study", [_columns()], mass)
    if status == "refused":
        assert outcome.error is not None
        assert "cam_mass_mg" in outcome.error.what_to_do
    else:
        assert any(check.name == "capacity_plausible" and check.passed is False for check in outcome.result.checks)
