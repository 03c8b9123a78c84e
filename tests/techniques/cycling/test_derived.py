"""Estimates of several cycles together, each on a cell whose value is known by construction."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from cycling_cells import evaluated, generated, made

from cathodelab_validation.cycler import CyclingTruth, Phase, Recording

WHOLE = ((0.2, 1.8, 2.6, 3.6), (-0.2, 1.8, 3.5, 2.2))
AREA_CM2 = 0.785


def test_loadings_are_the_masses_over_the_area() -> None:
    """10 mg of active material, 14.29 mg of composite; the uncertainties of mass and area together."""
    estimates = evaluated(made(*WHOLE)).estimates
    loading = estimates.estimate("areal_loading")
    assert loading.value == pytest.approx(10.0 / AREA_CM2)
    assert loading.unit == "mg/cm2"
    assert loading.plus / loading.value == pytest.approx(np.hypot(0.01, 0.005), rel=1e-3)
    composite = estimates.estimate("composite_areal_loading")
    assert composite.value == pytest.approx(10.0 / 0.7 / AREA_CM2)


def test_current_density_is_current_over_area() -> None:
    """0.2 mA on 0.785 cm2, of charge and discharge, and by rate."""
    result = evaluated(made(*WHOLE))
    table = result.cycles
    np.testing.assert_allclose(table.of("charge_current_density"), 0.2 / AREA_CM2)
    assert result.estimates.estimate("discharge_current_density_0.1C").value == pytest.approx(0.2 / AREA_CM2)
    assert table.units[table.names.index("charge_current_density")] == "mA/cm2"


def test_retention_by_rate_is_capacity_over_that_at_the_slowest() -> None:
    """Two thirds at 1C and a third at 2C; mass and gain cancel."""
    half = ((2.0, 1.2, 2.6, 3.6), (-2.0, 1.2, 3.5, 2.2))
    third = ((4.0, 0.6, 2.6, 3.6), (-4.0, 0.6, 3.5, 2.2))
    result = evaluated(made(*WHOLE * 4, *half * 4, *third * 4), current_offset_limit_of_range=0.0)
    found = {
        name: result.estimates.estimate(name) for name in result.estimates.names if name.startswith("rate_retention")
    }
    assert sorted(found) == ["rate_retention_1C", "rate_retention_2C"]
    assert found["rate_retention_1C"].value == pytest.approx(2 / 3)
    assert found["rate_retention_2C"].value == pytest.approx(1 / 3)
    assert found["rate_retention_2C"].plus < 1e-9


def test_relaxed_potentials_are_read_at_two_times() -> None:
    """An hour and three hours after the current; of a rest of two hours only the first."""
    rests = [Phase("charge", 0.1, 3.68), Phase("rest", hours=4), Phase("discharge", 0.1, 1.98), Phase("rest", hours=2)]
    estimates = evaluated(generated(protocol=rests, recording=Recording(rest_rows=400))).estimates
    early = estimates.estimate("initial_relaxed_after_charge")
    late = estimates.estimate("initial_late_relaxed_after_charge")
    assert late.value == pytest.approx(early.value, abs=1e-5)
    assert (early.how, late.how) == ("first cycle; 1 h after the current", "first cycle; 3 h after the current")
    assert "initial_relaxed_after_discharge" in estimates
    assert "initial_late_relaxed_after_discharge" not in estimates


def test_fade_is_the_slope_of_a_straight_line() -> None:
    """A thousandth of the first capacity a cycle; a day has 24 h over the hours of a cycle of them."""
    steps = []
    for number in range(30):
        charge = 1.8 * (1 - 0.001 * number)
        steps += [(0.2, charge, 2.6, 3.6), (-0.2, charge, 3.5, 2.2)]
    result = evaluated(made(*steps))
    cycle, day = (result.estimates.estimate(f"fade_per_{unit}") for unit in ("cycle", "day"))
    assert cycle.value == pytest.approx(1e-3, rel=1e-9)
    hours = result.cycles.start_hour
    assert day.value == pytest.approx(29e-3 / ((hours[-1] - hours[0]) / 24), rel=2e-2)
    assert cycle.plus < 1e-5
    assert "30 cycles (1 to 30)" in cycle.how


def test_time_above_a_stated_potential_stands_beside_the_fade() -> None:
    """Charges go straight from 2.6 to 3.6 V: half of their nine hours above 3.1 V, and most of the discharge down to it."""
    result = evaluated(made(*WHOLE * 12, rows=400), stated_potential_volt=3.1 + 0.62)
    above = result.estimates.estimate("time_above_stated_potential")
    discharge = 9.0 * (3.5 - 3.1) / (3.5 - 2.2)
    assert above.value == pytest.approx(12 * (4.5 + discharge), rel=0.01)
    assert above.unit == "h"
    assert "above 3.72 V vs. Li" in above.how


def test_efficiency_over_all_holds_check_ups() -> None:
    """Fast cycles keep a tenth back that the slow one returns: above 100 % in the check-up, as it should be over all."""
    fast, slow = ((1.0, 1.5, 2.6, 3.6), (-1.0, 1.49, 3.5, 2.2)), ((0.1, 1.6, 2.6, 3.6), (-0.1, 1.65, 3.5, 2.2))
    result = evaluated(made(*fast * 6, *slow, *fast * 6))
    overall = result.estimates.estimate("overall_cumulative_efficiency")
    assert overall.value == pytest.approx((12 * 1.49 + 1.65) / (12 * 1.5 + 1.6))
    assert "1 of them above 100 %" in overall.how


def test_the_upper_transition_is_given_by_rate() -> None:
    """Each rate's overpotential apart; the interval holds the truth."""
    truth = CyclingTruth(resistance_volt_hour=0.1)
    protocol = [Phase("rest", hours=1.0)]
    for rate in (0.05, 0.05, 0.05, 0.2, 0.2, 0.2):
        protocol += [
            Phase("charge", rate, 3.75),
            Phase("rest", hours=1.2),
            Phase("discharge", rate, 1.98),
            Phase("rest", hours=1.2),
        ]
    result = evaluated(generated(truth=truth, protocol=protocol, recording=Recording(rows=800, noise_volt=1e-4)))
    found = [name for name in result.estimates.names if name.startswith("h2_h3_potential")]
    assert len(found) == 2
    slow, fast = (result.estimates.estimate(name) for name in found)
    assert fast.value - slow.value == pytest.approx(0.1 * 0.15 / 0.9, abs=3 * (slow.plus + fast.plus))
    assert slow.unit == "V"
    assert 0 < slow.plus < 0.02
