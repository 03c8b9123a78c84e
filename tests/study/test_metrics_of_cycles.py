"""Metrics of cycling on cells whose values are known by construction, as a study delivers them: csv, workbook and JSON."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "techniques" / "cycling"))
from cycling_cells import made

from cathodelab.formats.bdf import write_bdf_text
from cathodelab.operations.model import RunInput
from cathodelab.operations.study import evaluated

AREA_CM2, CAM_MG, COMPOSITE_MG = 0.785, 10.0, 14.0
FADES = {"c1": 0.001, "c2": 0.001, "c3": 0.006}
CYCLES = 20
DECIMALS = {
    "test_time_second": 3,
    "voltage_volt": 6,
    "current_ampere": 12,
    "step_count": 0,
    "net_charge_ampere_hour": 14,
}


def _test(fade: float) -> Mapping[str, np.ndarray]:
    """20 cycles at 0.1C, each with a constant part of the first less; then half of it at 1C; one rest of an hour and more."""
    steps = []
    for number in range(CYCLES):
        charge = 1.8 * (1 - fade * number)
        steps += [(0.2, 1.02 * charge if not number else charge, 2.6, 3.6), (-0.2, charge, 3.5, 2.2)]
    steps += [(2.0, 0.9, 2.6, 3.6), (-2.0, 0.9, 3.5, 2.2)] * 4
    return made(*steps, rest_hours=3.2, rows=25)


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of a batch of three cells, of which the third fades six times as fast."""
    folder = tmp_path_factory.mktemp("metrics")
    rows = [
        "cell,role,cam_mass_mg,cam_mass_standard_uncertainty_mg,counter_electrode,batch,composite_mass_mg,area_cm2,file"
    ]
    for name, fade in FADES.items():
        write_bdf_text(folder / f"{name}.bdf.csv", _test(fade), DECIMALS)
        rows.append(f"{name},cell,{CAM_MG},0.1,In/InLi,b1,{COMPOSITE_MG},{AREA_CM2},{name}.bdf.csv")
    (folder / "cells.csv").write_text("\n".join([*rows, ""]))
    evaluated(RunInput(folder, jobs=1), lambda work, *_: work)
    return folder / "results"


def _sheet(delivered: Path, name: str) -> list[dict[Any, Any]]:
    """Rows of a sheet of the workbook, by the heads below its first line of text."""
    from openpyxl import load_workbook

    book = load_workbook(delivered / "report.xlsx", read_only=True)
    rows = list(book[name].iter_rows(values_only=True))
    book.close()
    head = next(place for place, row in enumerate(rows) if row.count(None) < len(row) - 1)
    return [dict(zip(rows[head], row, strict=True)) for row in rows[head + 1 :]]


def _numbers(delivered: Path, name: str, cell: str = "c1") -> list[float]:
    """An estimate of a cell in the csv table, the workbook and the JSON."""
    with (delivered / "tables" / "estimates.csv").open(newline="") as lines:
        (of_table,) = [row for row in csv.DictReader(lines) if (row["sample"], row["estimate"]) == (cell, name)]
    (of_sheet,) = [row for row in _sheet(delivered, "estimates") if name in row.values() and cell in row.values()]
    record = json.loads((delivered / "results.json").read_text())
    of_record = record["cells"][cell]["cycling"]["estimates"][name]
    return [float(of_table["value"]), float(of_sheet["value"]), float(of_record["value"])]


KNOWN = {
    "areal_loading": CAM_MG / AREA_CM2,
    "composite_areal_loading": COMPOSITE_MG / AREA_CM2,
    "initial_areal_discharge_capacity": 1.8 / AREA_CM2,
    "initial_composite_discharge_capacity": 1.8 / COMPOSITE_MG * 1e3,
    "discharge_current_density_0.1C": 0.2 / AREA_CM2,
    "rate_retention_1C": 0.9 / (1.8 * (1 - 0.001 * 9.5)),
    "initial_charge_capacity_cc": 1.02 * 1.8 / CAM_MG * 1e3,
    "initial_charge_capacity_cv": 0.0,
    "initial_coulombic_efficiency": 1 / 1.02,
    "overall_cumulative_efficiency": (1.8 * (20 - 0.001 * 190) + 3.6) / (1.8 * (20.02 - 0.001 * 190) + 3.6),
    "fade_per_cycle": 0.001,
    "initial_relaxed_after_charge": 3.1,
    "initial_late_relaxed_after_charge": 3.1,
}
"""Of the first cell: name of the estimate -> its value."""


@pytest.mark.parametrize("name", KNOWN)
def test_a_metric_is_what_the_cell_was_made_with(delivered: Path, name: str) -> None:
    """In all three files."""
    assert _numbers(delivered, name) == pytest.approx([KNOWN[name]] * 3, rel=1e-4, abs=1e-4 if not KNOWN[name] else 0)


def test_cells_that_drift_apart_are_said_with_their_numbers(delivered: Path) -> None:
    """After 19 cycles 98.1, 98.1 and 88.6 % are left; the table, the workbook and the JSON have the same rows."""
    with (delivered / "tables" / "cells over cycles.csv").open(newline="") as lines:
        of_table: list[dict[str, Any]] = list(csv.DictReader(lines))
    of_sheet = _sheet(delivered, "cells over cycles")
    record = json.loads((delivered / "results.json").read_text())
    for found in (of_table, of_sheet, record["cells_over_cycles"]):
        assert [row["cell"] for row in found] == list(FADES)
        left = [1 - 19 * fade for fade in FADES.values()]
        assert [float(row["left in the last cycle"]) for row in found] == pytest.approx(left, rel=1e-6)
        assert [float(row["fade per cycle"]) for row in found] == pytest.approx(list(FADES.values()), rel=1e-6)
        assert float(found[2]["beside the other cells"]) == pytest.approx(left[2] - left[0], rel=1e-6)
        assert float(found[0]["sd between cells"]) == pytest.approx(np.std(left, ddof=1), rel=1e-6)
    (check,) = [one for one in record["checks"] if one["name"] == "cells_stay_together"]
    assert check["passed"] is False
    assert "farthest c3 with 88.6 % left" in (delivered / "report.html").read_text()
