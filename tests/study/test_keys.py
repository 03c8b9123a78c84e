"""What is evaluated again after a change: exactly what depends on it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cathodelab.core.method import AnyMethod
from cathodelab.study import evaluate
from cathodelab.study.run import run_study


@pytest.fixture
def small(known_truth: Path) -> Path:
    """Three cells of two batches and their reference, evaluated once."""
    path = known_truth / "cells.csv"
    head, *rows = path.read_text().splitlines()[:5]
    batches = ["", "b1", "b1", "b2"]
    lines = [f"{row},{batch}" for row, batch in zip(rows, batches, strict=True)]
    path.write_text("\n".join([f"{head},batch", *lines]) + "\n")
    (known_truth / "composites.csv").write_text("composite,mixing_time_min\nb1,10\nb2,20\n")
    run_study(known_truth)
    return known_truth


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """(sample, method) of everything that is computed."""
    called: list[tuple[str, str]] = []
    run = evaluate._run

    def counted(method: AnyMethod, given: dict[str, Any], settings: object) -> object:
        cell = given.get("cell")
        called.append((cell.id if cell is not None else "", method.id))
        return run(method, given, settings)

    monkeypatch.setattr(evaluate, "_run", counted)
    return called


def test_nothing_changed_evaluates_nothing(small: Path, ran: list[tuple[str, str]]) -> None:
    """Everything comes from the cache."""
    run_study(small)
    assert ran == []


def test_a_setting_evaluates_the_methods_that_depend_on_it_and_no_others(
    small: Path, ran: list[tuple[str, str]]
) -> None:
    """Of utilization: itself and the losses, not the record; of a method without result: nothing that has one."""
    (small / "study.toml").write_text("schema_version = 1\n[methods.utilization]\ncurrent_gain_limit = 0.001\n")
    run_study(small)
    assert {method for _, method in ran} == {"utilization", "losses"}
    assert {cell for cell, _ in ran} == {"ssb-01", "ssb-02", "ssb-03"}
    ran.clear()
    (small / "study.toml").write_text(
        "schema_version = 1\n[methods.utilization]\ncurrent_gain_limit = 0.001\n[methods.losses]\n"
    )
    run_study(small)
    assert ran == []


def test_a_changed_parent_evaluates_its_children_and_only_them(small: Path, ran: list[tuple[str, str]]) -> None:
    """The row of composite b2 is part of the key of the cell made from it."""
    (small / "composites.csv").write_text("composite,mixing_time_min\nb1,10\nb2,25\n")
    run_study(small)
    assert {cell for cell, _ in ran if cell} == {"ssb-03"}


def test_a_changed_file_evaluates_its_sample_and_only_it(small: Path, ran: list[tuple[str, str]]) -> None:
    """One row less at the end."""
    path = small / "ssb-02.csv"
    path.write_text("\n".join(path.read_text().splitlines()[:-1]) + "\n")
    run_study(small)
    assert {cell for cell, _ in ran if cell} == {"ssb-02"}
