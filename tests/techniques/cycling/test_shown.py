"""What cycling brings into overviews and tables."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from cycling_cells import cell, evaluated, generated

from cathodelab.techniques.cycling.model import CyclingResult
from cathodelab.techniques.cycling.overview import common_rates, headline
from cathodelab.techniques.cycling.tables import tables


@pytest.fixture(scope="module")
def result() -> CyclingResult:
    """Three cycles at three rates."""
    return evaluated(generated((0.1, 0.3, 1.0)))


def test_the_slowest_and_the_fastest_rate_open_a_study_of_cycles(result: CyclingResult) -> None:
    """With the first efficiency and what is left, in per cent."""
    shown = headline([result])
    assert [one.title for one in shown] == ["Capacity at 0.1C", "Capacity at 1C", "First efficiency", "Retention"]
    numbers = {one.title: one.of(result.estimates) for one in shown}
    slow, efficiency = numbers["Capacity at 0.1C"], numbers["First efficiency"]
    assert slow is not None
    assert slow.value == result.estimate("gross_discharge_capacity_0.1C").value
    assert efficiency is not None
    assert efficiency.value == pytest.approx(100 * result.estimate("initial_coulombic_efficiency").value)


def test_rates_count_that_two_cells_have(result: CyclingResult) -> None:
    """In the order of the rate; those of one cell alone where there is no other."""
    slow = replace(result, rates=tuple(one for one in result.rates if one.label == "0.1C"))
    assert common_rates([result]) == ["0.1C", "0.3C", "1C"]
    assert common_rates([result, slow]) == ["0.1C"]
    formed = replace(result, rates=tuple(replace(one, block="formation") for one in result.rates))
    assert common_rates([formed]) == []
    assert [one.title for one in headline([formed])][:2] == ["First discharge", "First efficiency"]
    assert [one.title for one in headline([result, slow])][:2] == ["First discharge", "Capacity at 0.1C"]


def test_tables_hold_the_values_of_the_arrays(result: CyclingResult) -> None:
    """Every cycle with its standard uncertainty; steps count rows from 1."""
    named = {table.name: table for table in tables([(cell(), result)])}
    rows = named["cycles"].records
    assert [row["cycle"] for row in rows] == [1.0, 2.0, 3.0]
    label = "gross_discharge_capacity / mAh/g"
    np.testing.assert_allclose([row[label] for row in rows], result.cycles.of("gross_discharge_capacity"))  # type: ignore[arg-type]
    np.testing.assert_allclose([row[f"± {label}"] for row in rows], result.cycles.standard("gross_discharge_capacity"))  # type: ignore[arg-type]
    assert {row["discharge whole"] for row in rows} == {"yes"}
    steps = named["steps"].records
    assert (steps[0]["step"], steps[0]["first row"]) == (1.0, 1.0)
    assert steps[-1]["last row"] == float(result.steps.end_row[-1])
    charges = [step["charge / mAh"] for step in steps if step["kind"] == "discharge"]
    assert all(isinstance(one, float) and one < 0 for one in charges)
    features = named["features"].records
    assert {row["direction"] for row in features} == {"charge", "discharge"}
    first = features[0]
    assert (
        first["position / V"] == pytest.approx(float(result.features.position_volt[0]), nan_ok=True)
        or first["position / V"] is None
    )
