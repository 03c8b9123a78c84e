"""Metrics of a cycle against the closed form that made it, one by one."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from cycling_cells import cell, evaluated, generated, record

from cathodelab.techniques.cycling.features import NOT_RESOLVED, RESOLVED
from cathodelab.techniques.cycling.method import cycle_summary
from cathodelab.techniques.cycling.model import CyclingSettings
from cathodelab.techniques.cycling.plot import figures
from cathodelab.techniques.cycling.quantities import NAMES
from cathodelab_validation.cycler import NCM, CyclingTruth, Peak, Recording, overpotential


def test_mean_potentials_and_energies_are_integrals_over_charge() -> None:
    """Both means lie one overpotential beside the same equilibrium; energy is mean potential times charge."""
    truth = CyclingTruth()
    table = evaluated(generated((0.1, 0.1), truth)).cycles
    up, down = (table.of(f"mean_{way}_potential")[1] for way in ("charge", "discharge"))
    assert up - down == pytest.approx(2 * overpotential(truth, 0.1), abs=1.5e-3)
    assert table.of("charge_energy")[1] == pytest.approx(up * table.of("charge")[1])
    assert table.of("discharge_energy")[1] == pytest.approx(down * table.of("discharge")[1])
    assert table.of("energy_efficiency")[1] == pytest.approx(down / up, rel=1e-3)
    composite_g, hours = 0.010 / 0.7, table.of("discharge")[1] / (0.1 * 0.010 * 200)
    energy = table.of("cathode_specific_energy")[1]
    assert energy == pytest.approx(table.of("discharge_energy")[1] / composite_g)
    assert table.of("cathode_specific_power")[1] == pytest.approx(energy / hours, rel=1e-6)


def test_relaxed_potentials_follow_the_relaxation_of_the_truth() -> None:
    """An hour after the current the exponential of 300 s has left nothing of the overpotential."""
    truth = CyclingTruth()
    table = evaluated(generated((0.3, 0.3), truth)).cycles
    eta = overpotential(truth, 0.3)
    assert table.of("relaxed_after_charge")[1] == pytest.approx(3.68 - eta, abs=1e-5)
    assert table.of("relaxed_after_discharge")[1] == pytest.approx(1.98 + eta, abs=1e-5)
    early = evaluated(generated((0.3, 0.3), truth, Recording(rest_rows=2000)), relaxation_hours=0.1).cycles
    left = eta * np.exp(-360 / 300)
    assert early.of("relaxed_after_charge")[1] == pytest.approx(3.68 - eta + left, abs=1e-3)


def test_the_leakage_current_is_what_the_hold_ends_with() -> None:
    """5 µA that never decay."""
    columns = generated((0.5, 0.5), recording=Recording(rows=4000), hold_hours=2.0)
    held = (columns["step_count"] % 4 == 1) & (columns["voltage_volt"] == 3.68)
    leaking = {**columns, "current_ampere": columns["current_ampere"] + 5e-6 * held}
    result = evaluated(leaking)
    assert result.cycles.of("hold_end_current")[1] == pytest.approx(5.0, abs=0.1)
    assert result.cycles.of("gross_charge_capacity_cv")[1] > 0
    assert result.estimates.estimate("initial_hold_end_current").unit == "µA"


def test_retention_refers_to_the_cycle_that_is_named() -> None:
    """A cell that loses capacity by rate: relative to cycle 2, cycle 2 is one; without such a cycle the first whole one."""
    columns = generated((0.1, 0.5, 1.0))
    named = evaluated(columns, retention_cycle=2).cycles
    discharge = named.of("discharge")
    np.testing.assert_allclose(named.of("retention"), discharge / discharge[1])
    absent = evaluated(columns, retention_cycle=99).cycles
    np.testing.assert_allclose(absent.of("retention"), discharge / discharge[0])


def test_initial_and_cumulative_efficiency_are_estimates() -> None:
    """The first cycle's, and the last one's within its block, with what they are."""
    result = evaluated(generated((0.1,) * 5, CyclingTruth(parasitic=0.02)))
    first = result.estimates.estimate("initial_coulombic_efficiency")
    assert first.value == pytest.approx(float(result.cycles.of("coulombic_efficiency")[0]))
    assert first.how == "first cycle"
    last = result.estimates.estimate("last_cumulative_efficiency")
    block = slice(int(result.sums.block_first[-1]), None)
    total = np.sum(result.cycles.of("discharge")[block]) / np.sum(result.cycles.of("charge")[block])
    assert last.value == pytest.approx(float(total))


def test_the_two_electrode_warning_comes_with_the_rate() -> None:
    """From 0.3C on; not at a twentieth."""
    for rate, passed in ((0.05, True), (0.5, None)):
        check = next(one for one in evaluated(generated((rate,))).checks if one.name == "two_electrode_cell")
        assert check.passed is passed
    assert "anode, separator and cathode together" in check.sentence


def test_kinetic_hindrance_is_placed_on_discharge_or_said_not_to_be_resolved() -> None:
    """A shoulder of 12 mAh/g at 3.49 V vs. Li⁺/Li on top of the oxide; without it there is none."""
    hindered = CyclingTruth(peaks=(*NCM, Peak(12.0, 3.49, 0.012)), resistance_volt_hour=0.02)
    for truth, status in ((hindered, RESOLVED), (CyclingTruth(resistance_volt_hour=0.02), NOT_RESOLVED)):
        table = evaluated(generated((0.05, 0.05), truth, Recording(noise_volt=1e-4))).features
        rows = table.of("KH", -1).astype(int)
        assert set(table.status[rows]) == {status}
        if status == RESOLVED:
            true = 3.49 - 0.62 - overpotential(truth, 0.05)
            assert np.all(np.abs(table.position_volt[rows] - true) < 4 * table.position_standard_volt[rows] + 1e-3)
            assert np.all(table.charge_mAh[rows] > 0.5 * 12.0 * 0.9 * 0.010)


@pytest.mark.parametrize("source", ["cycler", "integral"])
def test_sums_in_blocks_are_those_of_the_whole_record(monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    """Steps and holds that reach over several blocks of rows, two files, potentials that cross the shoulder often."""
    made = record(generated((0.2, 0.5), recording=Recording(noise_volt=3e-4), hold_hours=1.0), part_rows=(0, 700))
    settings = CyclingSettings(charge_source=source)
    whole = cycle_summary(cell(), made, settings, 200.0).values
    monkeypatch.setattr("cathodelab.techniques.cycling.intervals.BLOCK", 37)
    monkeypatch.setattr("cathodelab.techniques.cycling.steps.BLOCK", 37)
    assert made.voltage_volt.size > 40 * 37
    assert np.isfinite(whole[NAMES.index("hold_end_current")]).any()
    again = cycle_summary(cell(), made, settings, 200.0)
    assert again.number.tolist() == [1, 2]
    assert again.values == pytest.approx(whole, rel=1e-11, nan_ok=True)


def test_the_features_course_is_drawn_where_there_are_cycles_for_one() -> None:
    """Of three cycles the curves show all; of ten, positions and heights over the cycles."""
    few, many = (evaluated(generated((0.2,) * count, recording=Recording(rows=150))) for count in (3, 10))
    assert [spec.id for spec in figures(cell(), few)] == ["cycles-ssb-01", "potential-ssb-01"]
    assert [spec.id for spec in figures(cell(), many)][2:] == ["features-ssb-01"]
