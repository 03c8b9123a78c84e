"""Cells of a batch over their cycles, with fades that are known by construction."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "techniques" / "cycling"))
from cycling_cells import cell, evaluated, made

from cathodelab.analyses.drift_apart import DriftApartSettings, drift_apart, page, tables
from cathodelab.core.errors import OtherData
from cathodelab.core.method import Finding, Findings
from cathodelab.techniques.cycling.model import CyclingResult

CYCLES = 25


def _cycled(fade: float, *, noise: float = 0.0, seed: int = 0, cycles: int = CYCLES) -> CyclingResult:
    """A cell that loses a constant part of its first capacity in every cycle."""
    chance = np.random.default_rng(seed)
    steps = []
    for number in range(cycles):
        charge = 1.8 * (1 - fade * number + noise * chance.standard_normal())
        steps += [(0.2, charge, 2.6, 3.6), (-0.2, charge, 3.5, 2.2)]
    return evaluated(made(*steps, rows=12))


def _findings(results: Sequence[CyclingResult], batch: str = "b1") -> Findings:
    cells = [replace(cell(), id=f"c{number}", batch=batch) for number in range(1, len(results) + 1)]
    found = tuple(
        Finding(one, result.estimates, result.checks, lambda result=result: result)
        for one, result in zip(cells, results, strict=True)
    )
    return Findings(tuple(cells), {"cycling": found})


def test_a_cell_that_fades_twice_as_fast_is_named() -> None:
    """Two cells lose 0.1 % a cycle, the third 0.5 %: after 24 cycles 97.6 and 88.0 % are left."""
    result = drift_apart(_findings([_cycled(0.001), _cycled(0.001), _cycled(0.005)]), DriftApartSettings())
    (batch,) = result.batches
    assert (batch.first, batch.last) == (1, CYCLES)
    assert [one.fade for one in batch.courses] == pytest.approx([0.001, 0.001, 0.005], rel=1e-9)
    assert [one.left for one in batch.courses] == pytest.approx([0.976, 0.976, 0.880], rel=1e-9)
    assert batch.farthest.cell == "c3"
    assert batch.farthest.beside == pytest.approx(0.880 - 0.976, rel=1e-9)
    assert batch.sd == pytest.approx(np.std([0.976, 0.976, 0.880], ddof=1), rel=1e-9)
    (check,) = result.checks
    assert check.passed is False
    assert "farthest c3 with 88.0 % left (-9.6 % beside the others)" in check.sentence
    (table,) = tables(result)
    assert [row[1] for row in table.rows] == ["c1", "c2", "c3"]
    assert table.rows[2][6] == pytest.approx(0.880, rel=1e-9)
    assert page(result, {})[0].text == check.sentence


def test_cells_of_one_fade_stay_together() -> None:
    """Scatter of 0.3 % about one line: of 100 batches of three at most a few are below the limit, and none is worth saying."""
    probabilities = []
    for number in range(20):
        results = [_cycled(0.002, noise=0.003, seed=10 * number + place) for place in range(3)]
        result = drift_apart(_findings(results), DriftApartSettings())
        probabilities.append(result.batches[0].probability)
        assert result.checks[0].passed is True
    assert 0.2 < np.mean(probabilities) < 0.8
    assert np.sum(np.array(probabilities) < 0.05) <= 4


def test_what_is_too_small_to_matter_is_no_failure() -> None:
    """Fades that differ for certain, by half a percent over the whole test."""
    result = drift_apart(_findings([_cycled(0.0010), _cycled(0.0012)]), DriftApartSettings())
    assert result.batches[0].probability < 1e-6
    assert result.checks[0].passed is True


@pytest.mark.parametrize("cycles", [4, 9])
def test_few_cycles_and_nameless_batches_are_not_compared(cycles: int) -> None:
    """Ten cycles of one rate in two cells of a batch are needed."""
    with pytest.raises(OtherData):
        drift_apart(_findings([_cycled(0.001, cycles=cycles)] * 2), DriftApartSettings())
    with pytest.raises(OtherData):
        drift_apart(_findings([_cycled(0.001)] * 2, batch=""), DriftApartSettings())
