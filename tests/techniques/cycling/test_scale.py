"""Scales of records without cycles, and of finished titrations: what a study says of wrong units."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from cycling_cells import cell, evaluated, generated, record

from cathodelab.core.checks import Check
from cathodelab.core.records import CyclingRecord
from cathodelab.techniques.cycling.scale_checks import Extent, extent_of, scale_checks


def _titration(factor: float = 1.0, volt: float = 1.0) -> CyclingRecord:
    """Five pulses of charge (0.4 mAh each of a cell of 10 mg) with rests between them, and one pulse back in the third."""
    current = np.tile(np.repeat([2e-4, 0.0], [20, 5]), 5)
    current[52:54] *= -1
    time = np.arange(current.size) * 360.0
    return record(
        {
            "voltage_volt": volt * np.linspace(2.6, 3.7, current.size),
            "test_time_second": time,
            "current_ampere": factor * current,
        }
    )


def _failed(checks: tuple[Check, ...]) -> list[str]:
    return [one.name for one in checks if one.passed is False]


def test_a_sound_titration_has_no_doubt() -> None:
    """Rests do not part the half cycle: about 200 mAh/g at 0.1C."""
    extent = extent_of(_titration())
    checks = scale_checks(cell(), extent, 200.0)
    assert _failed(checks) == []
    assert extent.at_most_mAh == pytest.approx(1.92, rel=0.03)
    assert extent.most_mAh == pytest.approx(1.16, rel=0.05)  # the pulse back parts it
    assert extent.rates_mA == pytest.approx((0.2, 0.2), rel=0.1)


@pytest.mark.parametrize(
    ("mass", "factor", "volt", "doubted"),
    [
        (0.010, 1.0, 1.0, ["capacity_plausible"]),  # g for mg; 100C is on the limit
        (0.005, 1.0, 1.0, ["capacity_plausible", "rates_plausible"]),
        (10.0, 1e3, 1.0, ["capacity_plausible"]),  # mA for A
        (10.0, 1e-3, 1.0, ["capacity_plausible"]),  # A for mA: 0.0001C is on the limit
        (10.0, 1e-6, 1.0, ["capacity_plausible", "rates_plausible"]),
        (10.0, 1.0, 1e-3, ["potential_plausible"]),
        (1e4, 1.0, 1.0, ["capacity_plausible"]),
    ],
)
def test_other_units_are_doubted(mass: float, factor: float, volt: float, doubted: list[str]) -> None:
    """Of mass, current and potential, upwards and downwards."""
    checks = scale_checks(cell(mass), extent_of(_titration(factor, volt)), 200.0)
    assert _failed(checks) == doubted
    assert all("Most likely" in one.sentence for one in checks if one.passed is False)


def test_a_known_material_has_a_window_and_a_theoretical_capacity() -> None:
    """An olivine beyond 171 mAh/g times 1.3; a spinel that never goes above 3.5 V against Li."""
    extent = Extent(2.4, 2.4, (0.2, 0.2), (3.3, 3.7), (1.0, 1.0), 1.0)
    assert _failed(scale_checks(cell(10.0), extent, 200.0)) == []
    assert _failed(scale_checks(cell(10.0, cam_name="LiFePO4"), extent, 200.0)) == ["capacity_plausible"]
    low = Extent(1.0, 1.0, (0.2, 0.2), (2.6, 2.7), (1.0, 1.0), 1.0)
    assert _failed(scale_checks(cell(10.0, cam_name="LNMO"), low, 200.0)) == ["potential_plausible"]


def test_what_is_told_twice_is_compared() -> None:
    """A counter of another unit on one side, and a clock that runs twice as fast as the dates."""
    extent = Extent(1.6, 1.6, (0.2, 0.2), (3.3, 3.7), (1.0, 1 / 3), 2.0)
    checks = scale_checks(cell(10.0), extent, 200.0)
    assert _failed(checks) == ["counter_plausible", "clock_plausible"]
    assert "0.3333 times on discharge" in checks[3].sentence


def test_cycles_say_the_same() -> None:
    """The checks of half cycles have the same names; a sound cell passes or knows of nothing to compare."""
    checks = {one.name: one.passed for one in evaluated(generated((0.1, 0.1))).checks}
    assert [checks[name] for name in ("capacity_plausible", "rates_plausible", "potential_plausible")] == [True] * 3
    assert checks["counter_plausible"] is True
    assert "clock_plausible" not in checks  # the file has no dates
    assert _failed(evaluated(generated((0.1,)), mass=2000.0).checks)[:1] == ["capacity_plausible"]


def test_masses_in_grams_are_said_by_check_page_and_results(demo_study: Path) -> None:
    """Utilization is a ratio and cannot see it: the doubt stands in the tables, the terminal, the page and the JSON."""
    from cathodelab.operations.model import RunInput
    from cathodelab.operations.study import checked, evaluated

    rows = list(csv.DictReader(io.StringIO((demo_study / "cells.csv").read_text())))
    for row in rows:
        for name in ("cam_mass_mg", "cam_mass_standard_uncertainty_mg", "composite_mass_mg"):
            row[name] = str(float(row[name]) / 1000) if row[name] else ""
    with (demo_study / "cells.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, rows[0].keys())
        table.writeheader()
        table.writerows(rows)
    inputs = RunInput(demo_study, jobs=1)
    assert any("cam_mass_mg" in line and "Is the unit right" in line for line in checked(inputs).lines())
    run = evaluated(inputs, lambda work, *_: work)
    assert any("ssb-01" in line and "capacity plausible" in line for line in run.lines())
    assert "mAh per gram of active material" in (demo_study / "results" / "report.html").read_text()
    kept = json.loads((demo_study / "results" / "results.json").read_text())
    assert "capacity_plausible" in json.dumps(kept)
