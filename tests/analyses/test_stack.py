"""Stack energies and the assembly record."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "techniques" / "cycling"))
from cycling_cells import cell, generated, record

from cathodelab.analyses.stack import (
    SOURCE_PRESS_CELL,
    Foil,
    StackSettings,
    development_series,
    stack_of,
)
from cathodelab.analyses.stack_plot import ragone_figure, ragone_line, stack_figure
from cathodelab.core.errors import CathodelabError
from cathodelab.techniques.cycling.method import cycling_metrics
from cathodelab.techniques.cycling.model import CyclingSettings
from cathodelab_validation.cycler import CyclingTruth

_FOILS = {
    "indium_diameter_mm": "9",
    "indium_thickness_um": "100",
    "lithium_diameter_mm": "6",
    "lithium_thickness_um": "100",
    "separator_mass_mg": "80",
}


def _result(**details: str):  # noqa: ANN202 - a pair for the tests below
    one = cell(**details)
    return one, cycling_metrics(one, record(generated((0.1, 0.3))), CyclingSettings(), 200.0)


def test_a_stack_is_worth_its_discharge_over_its_masses() -> None:
    """48 mg anode, 80 mg separator, 14.3 mg composite."""
    one, cycling = _result(**_FOILS)
    found = stack_of(one, cycling, StackSettings())
    assert found.stack is not None
    assert found.stack.mass_mg == pytest.approx(48.0 + 80 + 10 / 0.7, abs=0.1)
    energy = found.estimates.estimate("stack_specific_energy")
    assert energy.value == pytest.approx(found.stack.specific_energy_Wh_kg, rel=1e-6)
    expected = float(cycling.cycles.of("discharge_energy")[0]) / found.stack.mass_mg * 1e3
    assert energy.value == pytest.approx(expected)
    assert energy.plus < 0.01 * energy.value
    power = found.estimates.estimate("stack_specific_power")
    hours = float(cycling.sums.discharge_seconds[0]) / 3600
    assert power.value == pytest.approx(energy.value / hours)
    assert power.plus / power.value == pytest.approx(energy.plus / energy.value)


def test_the_assembly_is_judged() -> None:
    """Atomic ratio, open circuit, pressures, masses."""
    one, cycling = _result(**_FOILS, fabrication_pressure_MPa="375", stack_pressure_MPa="80")
    checks = {check.name: check for check in stack_of(one, cycling, StackSettings()).checks}
    assert checks["anode_atomic_ratio"].value == pytest.approx(1.86, abs=0.005)
    assert checks["pressures_recorded"].passed is True
    assert checks["open_circuit_in_band"].passed is False  # the generated cell starts at 2.38 V
    assert "short circuit" in checks["open_circuit_in_band"].sentence
    fresh = cycling_metrics(one, record(generated((0.1,), CyclingTruth(start_volt=2.65))), CyclingSettings(), 200.0)
    band = next(c for c in stack_of(one, fresh, StackSettings()).checks if c.name == "open_circuit_in_band")
    assert (band.passed, round(band.value, 2)) == (True, 2.03)
    assert checks["stack_masses_known"].passed is True
    thick, _ = _result(**{**_FOILS, "lithium_thickness_um": "250"})
    checks = {check.name: check for check in stack_of(thick, cycling, StackSettings()).checks}
    assert checks["anode_atomic_ratio"].passed is False


def test_without_masses_there_is_no_stack_energy() -> None:
    """And it is said what is missing."""
    one, cycling = _result()
    found = stack_of(one, cycling, StackSettings())
    assert found.stack is None
    assert "stack_specific_energy" not in found.estimates
    missing = next(check for check in found.checks if check.name == "stack_masses_known")
    assert "separator_mass_mg" in missing.sentence


def test_a_mass_with_its_unit_behind_it_is_one_clear_error() -> None:
    """Not a crash: which entry, and how to write it."""
    one, cycling = _result(**{**_FOILS, "separator_mass_mg": "80 mg"})
    with pytest.raises(CathodelabError) as caught:
        stack_of(one, cycling, StackSettings())
    assert "separator_mass_mg is '80 mg'" in str(caught.value)


def test_figures_show_the_series_and_the_cells() -> None:
    """One bar a step, one line a cell, targets."""
    series = development_series(SOURCE_PRESS_CELL)
    figure = stack_figure(series)
    assert "first whole discharge" in figure.caption
    masses = sum(one.y for one in figure.panels[1].series)
    np.testing.assert_allclose(masses, [one.mass_mg for one in series])
    assert figure.panels[0].series[0].y.size == 6
    assert np.all(np.diff(figure.panels[0].series[0].y) > 0)
    one, cycling = _result()
    ragone = ragone_figure([ragone_line(one, cycling)])
    assert ragone is not None
    assert ragone.panels[0].series[0].x.size == 2
    (nominal,) = (series for series in ragone.panels[1].series if series.open_marks)
    assert float(nominal.y[0]) == pytest.approx(200 * 0.010 / 0.785)
    no_area = cell(area_cm2="")
    metrics = cycling_metrics(no_area, record(generated((0.1, 0.3))), CyclingSettings(), 200.0)
    bare = ragone_figure([ragone_line(no_area, metrics)])
    assert bare is not None
    assert len(bare.panels) == 1  # energies do not need the area
    massless = cell(composite_mass_mg="")
    metrics = cycling_metrics(massless, record(generated((0.1,))), CyclingSettings(), 200.0)
    assert ragone_figure([ragone_line(massless, metrics)]) is None


def test_foils_weigh_what_their_volume_says() -> None:
    """Lithium of 9 mm and 100 µm: 3.4 mg."""
    assert Foil("Li", 9, 100).mass_mg == pytest.approx(3.397, abs=0.001)


@pytest.mark.parametrize("factor", [0.2, 1.0, 5.0])
def test_cells_that_differ_in_size_alone_have_one_series(factor: float) -> None:
    """Layers have their thickness on the cell's own area."""
    scaled = replace(
        SOURCE_PRESS_CELL,
        **{
            name: factor * getattr(SOURCE_PRESS_CELL, name)
            for name in ("anode_mg", "separator_mg", "composite_mg", "charge_mAh", "area_cm2", "foil_cm2")
        },
    )
    for one, other in zip(development_series(scaled), development_series(SOURCE_PRESS_CELL), strict=True):
        assert one.specific_energy_Wh_kg == pytest.approx(other.specific_energy_Wh_kg, rel=1e-9)


def test_the_series_of_the_source_comes_from_a_study_that_states_its_charge_and_potential() -> None:
    """Figure 7a: about 40, 86, 261, 289, 297 and above 370 Wh/kg; the first is printed as "about"."""
    details = {
        **_FOILS,
        "composite_mass_mg": "15",
        "series_discharge_mAh": "1.9752",
        "series_mean_potential_volt": "3.14",
    }
    one, cycling = _result(**details)
    found = stack_of(one, cycling, StackSettings()).stack
    assert found is not None
    first, *steps = [step.specific_energy_Wh_kg for step in development_series(found)]
    assert first == pytest.approx(40, abs=4)
    assert steps[:4] == pytest.approx([86, 261, 289, 297], rel=0.015)
    assert steps[4] > 370
