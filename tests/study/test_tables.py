"""Result tables of a study: their names, and samples that lack a number."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cathodelab.core.estimate import EstimateSet
from cathodelab.study.results import StudyResults
from cathodelab.study.run import run_study
from cathodelab.study.tables import budget_table, covariances, tables

CELLS = ("ssb-01", "ssb-02", "ssb-03")


@pytest.fixture
def results(known_truth: Path) -> StudyResults:
    """Three cells and their reference."""
    sheet = known_truth / "cells.csv"
    sheet.write_text("\n".join(sheet.read_text(encoding="utf-8").splitlines()[:5]) + "\n", encoding="utf-8")
    return run_study(known_truth)


def _without_number(results: StudyResults, cell: str) -> StudyResults:
    """The utilization of a cell gave some number, but not the one for overviews."""
    other = EstimateSet(("other",), np.ones(1), ("1",), ("",), ("",), (), np.zeros((1, 0)))
    outcomes = [
        replace(one, result=replace(one.result, estimates=other, windows=()))
        if (one.sample, one.method) == (cell, "utilization")
        else one
        for one in results.outcomes
    ]
    return replace(results, outcomes=tuple(outcomes))


def test_every_table_has_its_name_and_says_what_a_row_is(results: StudyResults) -> None:
    """Names are those of sheets and csv files; every table says in a sentence what it holds."""
    made = tables(results)
    names = [
        "estimates",
        "windows",
        "checks",
        "budget",
        "covariance",
        "covariance static loss",
        "covariance kinetic loss",
    ]
    assert [name for name in made if name in names] == names
    assert list(made)[-1] == "outcomes"
    assert all(table.name == name for name, table in made.items())
    assert all(table.about.endswith(".") for table in made.values())


def test_outcomes_stand_with_their_errors(results: StudyResults) -> None:
    """One row each, samples first."""
    made = tables(results)["outcomes"]
    assert [field.key for field in made.fields][:4] == ["kind", "sample", "method", "status"]
    listed = [(one.kind, one.sample, one.method, one.status) for one in results.outcomes]
    listed += [("", "", one.method, one.status) for one in results.studies]
    assert [row[:4] for row in made.rows] == listed


def test_budgets_are_those_of_the_numbers_for_overviews(results: StudyResults) -> None:
    """Of every cell that has the number; the others are left out."""
    rows = budget_table(results).records
    assert {row["estimate"] for row in rows} == {"static_utilization"}
    assert list(dict.fromkeys(row["sample"] for row in rows)) == list(CELLS)
    first = [row for row in rows if row["sample"] == CELLS[0]]
    assert sum(float(row["share"]) for row in first) == pytest.approx(1.0)  # type: ignore[arg-type]
    fewer = budget_table(_without_number(results, CELLS[1])).records
    assert list(dict.fromkeys(row["sample"] for row in fewer)) == [CELLS[0], CELLS[2]]


def test_covariances_are_those_of_the_samples_that_have_the_number(results: StudyResults) -> None:
    """The matrix of the others stays as it was."""
    found = {(method, shown.estimate): (names, matrix) for method, shown, names, matrix in covariances(results)}
    names, matrix = found["utilization", "static_utilization"]
    assert names == list(CELLS)
    one_less = {
        (method, shown.estimate): (names, matrix)
        for method, shown, names, matrix in covariances(_without_number(results, CELLS[1]))
    }
    assert one_less["utilization", "static_utilization"][0] == [CELLS[0], CELLS[2]]
    np.testing.assert_allclose(
        one_less["utilization", "static_utilization"][1], np.array(matrix)[np.ix_([0, 2], [0, 2])]
    )
    assert one_less["losses", "static_loss"][0] == list(CELLS)
