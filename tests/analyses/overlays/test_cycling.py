"""Cycles of all cells side by side."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "techniques" / "cycling"))
from cycling_cells import cell, evaluated, made

from cathodelab.analyses.overlays.cycling import CyclesSettings, cycles_overlaid, figures
from cathodelab.core.errors import OtherData
from cathodelab.core.method import Finding, Findings


def _findings(*charges: float, batch: str = "") -> Findings:
    """A cell for each charge / mAh, which loses a hundredth in every of four cycles."""
    cells, found = [], []
    for number, charge in enumerate(charges, start=1):
        steps = [
            step
            for k in range(4)
            for step in ((0.2, charge * (1 - 0.01 * k), 2.6, 3.6), (-0.2, charge * (1 - 0.01 * k), 3.5, 2.2))
        ]
        result = evaluated(made(*steps, rows=40))
        one = replace(cell(), id=f"c{number}", batch=batch)
        cells.append(one)
        found.append(Finding(one, result.estimates, result.checks, lambda result=result: result))
    return Findings(tuple(cells), {"cycling": tuple(found)})


def test_every_cell_has_its_capacities_and_one_cycle_of_its_curves() -> None:
    """Capacities per weighed mass; potential and dQ/dV of the first cycle that all show."""
    result = cycles_overlaid(_findings(1.8, 1.6), CyclesSettings())
    mass_g = cell().cam_mass.value * 1e-3
    np.testing.assert_allclose(result.cells[1].capacity.y, 1.6 / mass_g * (1 - 0.01 * np.arange(4)), rtol=1e-6)
    np.testing.assert_array_equal(result.cells[1].capacity.x, [1, 2, 3, 4])
    over, one = figures(result)
    assert [panel.y.label for panel in over.panels] == [
        "q (weighed CAM), discharge / mAh g⁻¹",
        "Coulombic efficiency / %",
    ]
    assert {series.sample for series in one.panels[0].series} == {"c1", "c2"}
    assert one.caption.startswith("Cycle 1 of all cells")
    assert "n = 2 cells" in over.caption


def test_a_batch_shows_its_mean() -> None:
    """The band of three cells is their mean and standard deviation."""
    result = cycles_overlaid(_findings(1.8, 1.6, 1.7, batch="hand"), CyclesSettings())
    band = next(series for series in figures(result)[0].panels[0].series if series.kind == "band")
    mass_g = cell().cam_mass.value * 1e-3
    assert band.y[0] == pytest.approx(1.7 / mass_g, rel=1e-6)
    assert band.y_plus is not None
    assert band.y_plus[0] == pytest.approx(0.1 / mass_g, rel=1e-6)


def test_a_cycle_can_be_chosen_and_one_cell_is_not_compared() -> None:
    """Cells without that cycle are named."""
    result = cycles_overlaid(_findings(1.8, 1.6), CyclesSettings(cycle=3))
    assert all(one.cycle == 3 for one in result.cells)
    with pytest.raises(OtherData):
        cycles_overlaid(_findings(1.8), CyclesSettings())
