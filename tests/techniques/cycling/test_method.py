"""Metrics of generated tests against what was set; damaged tests and their outcomes."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from cycling_cells import cell, evaluated, generated, record

from cathodelab.core.errors import CathodelabError, NotInRecord
from cathodelab.core.records import CyclingRecord, ImpedanceSpectrum
from cathodelab.techniques.cycling.method import cycling_metrics
from cathodelab.techniques.cycling.model import BLOCKS, KINDS, CyclingResult, CyclingSettings
from cathodelab_validation.cycler import CyclingTruth, Phase, Recording, cycles_of, overpotential


def _check(result: CyclingResult, name: str) -> tuple[bool | None, str]:
    found = next(check for check in result.checks if check.name == name)
    return found.passed, found.sentence


def test_capacities_rates_and_overpotentials_are_those_that_were_set() -> None:
    """Rate test without noise: every number is known."""
    truth = CyclingTruth()
    table = evaluated(generated((0.1, 0.3, 1.0), truth)).cycles
    np.testing.assert_allclose(table.of("discharge_c_rate"), [0.1, 0.3, 1.0], rtol=1e-6)
    expected = [overpotential(truth, rate) for rate in (0.3, 1.0)]
    np.testing.assert_allclose(table.of("overpotential")[1:], expected, rtol=0.02)
    assert np.all(np.diff(table.of("gross_discharge_capacity")) < 0)
    np.testing.assert_allclose(table.of("coulombic_efficiency")[1:], 1.0, atol=2e-4)


def test_the_four_frames_differ_by_their_masses_and_area() -> None:
    """One charge, per active material, composite and area."""
    table = evaluated(generated((0.1,))).cycles
    gross, composite, areal = (
        float(table.of(f"{frame}_discharge_capacity")[0]) for frame in ("gross", "composite", "areal")
    )
    assert composite == pytest.approx(0.7 * gross)
    assert areal == pytest.approx(gross * 0.010 / 0.785)


def test_errors_of_gain_and_mass_cancel_where_they_are_common() -> None:
    """The mass is the error of a capacity; efficiency and retention know neither mass nor gain."""
    result = evaluated(generated((0.1, 0.1)), current_offset_limit_of_range=0.0)
    table = result.cycles
    capacity = table.names.index("gross_discharge_capacity")
    relative = table.standard("gross_discharge_capacity") / table.of("gross_discharge_capacity")
    np.testing.assert_allclose(relative, np.hypot(0.01, 5e-4 / np.sqrt(3)), rtol=1e-3)
    assert [one.id for one in table.sources][int(np.argmax(np.abs(table.effects[capacity, 0])))] == "ssb-01/mass"
    assert np.all(table.standard("coulombic_efficiency") < 1e-9)
    assert np.all(table.standard("retention") < 1e-9)
    assert result.estimates.budget("initial_discharge_capacity")[0].group == "weighing of the cell"


def test_a_hold_after_a_charge_is_told_apart_in_one_step_and_in_two() -> None:
    """Charge at constant current and at constant potential, whether the cycler counts one step or two."""
    columns = generated((0.5,), hold_hours=3.0)
    together = evaluated(columns)
    decayed = (columns["current_ampere"] > 0) & (columns["current_ampere"] < columns["current_ampere"].max())
    apart = evaluated({**columns, "step_count": 2 * columns["step_count"] + decayed})
    without = evaluated({name: values for name, values in columns.items() if name != "step_count"})
    charging = columns["step_count"] == 1
    full = charging & (columns["current_ampere"] == columns["current_ampere"].max())
    net = columns["net_charge_ampere_hour"]
    held = (net[charging][-1] - net[full][-1]) * 1e3 / 0.010
    assert held > 1.0
    tail = 0.03  # without steps, what flows below one per cent of the current looks like rest
    for result, tolerance in ((together, 1e-6), (apart, 1e-6), (without, tail)):
        table = result.cycles
        assert KINDS[int(result.steps.kind[2])] == "hold"
        assert table.of("gross_charge_capacity_cv")[0] == pytest.approx(held, rel=tolerance)
        assert table.of("hold_end_current")[0] < 50.0


def test_parasitic_charge_shows_as_efficiency() -> None:
    """Two per cent more charge than is kept; the block's cumulative efficiency agrees."""
    table = evaluated(generated((0.1,) * 4, CyclingTruth(parasitic=0.02))).cycles
    np.testing.assert_allclose(table.of("coulombic_efficiency")[1:], 1 / 1.02, rtol=1e-3)
    np.testing.assert_allclose(table.of("cumulative_efficiency")[1:], 1 / 1.02, rtol=1e-3)


def test_relaxed_potentials_are_read_after_the_set_time() -> None:
    """A rest that is too short gives none."""
    assert np.isfinite(evaluated(generated((0.1,))).cycles.of("relaxed_after_charge")[0])
    assert np.isnan(evaluated(generated((0.1,)), relaxation_hours=3.0).cycles.of("relaxed_after_charge")[0])


def test_shoulder_charge_is_what_passed_below_the_limit() -> None:
    """More of it with a higher limit; its interval holds the counter electrode's."""
    low, high = (
        evaluated(generated((0.1,)), shoulder_potential_volt=limit).estimates.estimate("initial_shoulder_charge")
        for limit in (3.62, 3.70)
    )
    assert 2.0 < low.value < 6.0
    assert high.value > 2 * low.value
    assert low.plus > 0.01 * low.value


def test_blocks_are_named() -> None:
    """Formation, a titration, a rate test, a titration."""
    titration = [Phase("charge", 0.1, 3.1), Phase("rest", hours=4), Phase("charge", 0.05, 3.4), Phase("rest", hours=4)]
    titration += [Phase("discharge", 0.1, 1.98), Phase("rest", hours=1)]
    rates = cycles_of((0.1,) * 3 + (0.3,) * 5 + (1.0,) * 5 + (0.1,))
    result = evaluated(generated(protocol=[*cycles_of((0.1,)), *titration, *rates[1:], *titration]))
    names = [BLOCKS[int(one)] for one in result.cycles.block]
    assert names == ["formation", "check-up", *["rate test"] * 14, "check-up"]
    assert [level.label for level in result.rates][:5] == ["formation 0.1C", "check-up 0.1C", "0.1C", "0.3C", "1C"]


def test_a_check_up_between_blocks_is_found_by_its_rate() -> None:
    """Two long blocks at 1C with one slow cycle between them; efficiencies above one are explained."""
    result = evaluated(generated((1.0,) * 20 + (0.1,) + (1.0,) * 20, recording=Recording(rows=60)))
    assert [BLOCKS[int(one)] for one in result.cycles.block][19:22] == ["cycling", "check-up", "cycling"]
    assert result.estimates.estimate("last_retention").value == pytest.approx(1.0, abs=1e-3)


def test_a_pause_and_a_spectrum_are_no_rests() -> None:
    """Flags name what the data alone would call a rest."""
    protocol = [
        Phase("charge", 0.1, 3.3),
        Phase("rest", hours=0.2),
        Phase("charge", 0.1, 3.68),
        Phase("rest", hours=1.0),
    ]
    columns = generated(protocol=protocol)
    columns["step_count"] = np.where(columns["step_count"] <= 2, 0.0, 1.0)
    end = float(columns["test_time_second"][-1])
    points = np.ones(5)
    spectrum = ImpedanceSpectrum(points, points, -points, test_time_second=np.linspace(end - 3000.0, end, 5))
    result = evaluated(columns, spectra=(spectrum,))
    assert [KINDS[int(kind)] for kind in result.steps.kind] == ["charge", "pause", "charge", "impedance"]


def test_the_cyclers_counter_is_compared() -> None:
    """A counter that rises at a hold or spans cycles is reported, one that begins with the discharge is explained."""
    columns = generated((0.1, 0.1, 0.1))
    step = columns["step_count"]
    agreeing = np.floor((step - 1) / 4)
    passed, sentence = _check(evaluated(columns, cycle_count=np.maximum(agreeing, 0)), "cycle_counter")
    assert passed is True, sentence
    shifted = np.floor((step + 1) / 4)
    passed, sentence = _check(evaluated(columns, cycle_count=shifted), "cycle_counter")
    assert passed is False
    assert "begins with the other half" in sentence
    passed, sentence = _check(evaluated(columns, cycle_count=(step > 5).astype(float)), "cycle_counter")
    assert "spans two cycles" in sentence


def test_a_record_that_begins_with_a_discharge_counts_it_as_cycle_zero() -> None:
    """Half-cycle start: said, and no efficiency is made of it."""
    protocol = [Phase("discharge", 0.1, 2.5), *cycles_of((0.1, 0.1))]
    columns = generated(protocol=protocol, truth=CyclingTruth(start_volt=4.2))
    result = evaluated(columns)
    assert result.cycles.number.tolist() == [0, 1, 2]
    assert np.isnan(result.cycles.of("coulombic_efficiency")[0])
    assert _check(result, "starts_with_whole_cycle")[0] is False
    assert evaluated(columns, cycle_begins_with="first").cycles.number.tolist() == [1, 2, 3]


def test_an_interrupted_test_goes_on_where_it_ended() -> None:
    """Split into two files, a cycle keeps its charge, and the joint adds none."""
    columns = generated((0.1, 0.1))
    whole = evaluated(columns).cycles.of("discharge")
    cut = columns["voltage_volt"].size // 2 + 150
    joined = dict(columns)
    later = np.arange(columns["voltage_volt"].size) >= cut
    joined["test_time_second"] = columns["test_time_second"] + np.where(later, 7200.0, 0.0)
    result = evaluated(joined, part_rows=(0, cut))
    np.testing.assert_allclose(result.cycles.of("discharge"), whole, rtol=4e-3)
    assert _check(result, "test_uninterrupted")[0] is None
    assert "each goes on where the last ended" in _check(result, "test_uninterrupted")[1]
    assert _check(result, "clock_continuous")[0] is True


def test_a_file_that_begins_elsewhere_is_said() -> None:
    """Discharged between two files: said, and the charges of both are two half cycles."""
    columns = generated((0.1, 0.1))
    half = 30 + 400 + 20  # within the rest after the first charge
    joined = {name: np.concatenate([values[:half], values + values[half]]) for name, values in columns.items()}
    for name in ("voltage_volt", "current_ampere"):
        joined[name] = np.concatenate([columns[name][:half], columns[name]])
    result = evaluated(joined, part_rows=(0, half))
    sentence = _check(result, "test_uninterrupted")[1]
    assert "not as it was left" in sentence
    assert "not in the files" in sentence
    charge, discharge = result.cycles.of("charge"), result.cycles.of("discharge")
    assert charge.size == 3
    assert charge[0] == pytest.approx(charge[1], rel=1e-3)  # two charges, not one of twice as much
    assert np.isnan(discharge[0])
    assert np.isfinite(discharge[1:]).all()
    assert np.isnan(result.cycles.of("relaxed_after_charge")[0])  # what the next file begins with is no relaxation


def test_a_record_that_ends_within_a_cycle_says_so() -> None:
    """The cut cycle is shown and left out of means per rate."""
    columns = generated((0.1, 0.1, 0.1))
    cut = {name: values[:-300] for name, values in columns.items()}
    result = evaluated(cut)
    assert _check(result, "cycles_complete")[0] is None
    assert "record ends before it does" in _check(result, "cycles_complete")[1]
    assert result.rates[0].cycles.size == 2


def test_a_clock_that_jumps_adds_no_charge() -> None:
    """Set forward by ten hours within a charge: without the cycler's own count the potential tells."""
    columns = generated((0.1, 0.1), recording=Recording(noise_volt=1e-4))
    whole = evaluated(columns, charge_source="integral").cycles.of("charge")
    row = int(np.flatnonzero(columns["step_count"] == 5)[150])
    later = np.arange(columns["voltage_volt"].size) >= row
    jumped = {**columns, "test_time_second": columns["test_time_second"] + 36000.0 * later}
    result = evaluated(jumped, charge_source="integral")
    np.testing.assert_allclose(result.cycles.of("charge"), whole, rtol=2e-3)
    passed, sentence = _check(result, "clock_continuous")
    assert passed is False
    assert "stood still" in sentence
    assert "cycler's own count" in _check(evaluated(jumped), "clock_continuous")[1]


def test_rows_that_are_missing_are_told_from_a_clock_that_jumps() -> None:
    """There the potential went on; the current is taken as constant."""
    columns = generated((0.1, 0.1), recording=Recording(rows=2000))
    rows = np.flatnonzero(columns["step_count"] == 5)[600:900]
    kept = np.ones(columns["voltage_volt"].size, dtype=bool)
    kept[rows] = False
    missing = {name: values[kept] for name, values in columns.items()}
    result = evaluated(missing, charge_source="integral")
    np.testing.assert_allclose(result.cycles.of("charge")[1], evaluated(columns).cycles.of("charge")[1], rtol=1e-3)
    assert "rows are missing" in _check(result, "clock_continuous")[1]


def test_a_mass_that_is_wrong_is_doubted_or_refused() -> None:
    """Composite for active mass is a doubt; grams for milligrams are refused."""
    columns = generated((0.1,))
    assert _check(evaluated(columns, mass=10.0), "capacity_plausible")[0] is True
    assert _check(evaluated(columns, mass=5.0), "capacity_plausible")[0] is False
    assert _check(evaluated(columns, mass=1000.0), "capacity_plausible")[0] is False
    with pytest.raises(CathodelabError) as caught:
        evaluated(columns, mass=0.010)
    assert caught.value.code == "impossible-scale"


def test_a_record_without_current_holds_no_cycles() -> None:
    """Open circuit alone, and a record without clock, are skipped, not failed."""
    resting = generated(protocol=[Phase("rest", hours=5)])
    with pytest.raises(NotInRecord):
        evaluated(resting)
    bare = CyclingRecord(voltage_volt=np.array([3.0, 3.1]), net_charge_ampere_hour=np.array([0.0, 1e-3]))
    with pytest.raises(NotInRecord):
        cycling_metrics(cell(), bare, CyclingSettings(), 200.0)


def test_missing_masses_and_areas_leave_their_frames_out() -> None:
    """No number is made of what cells.csv does not say."""
    plain = cell(composite_mass_mg="", area_cm2="")
    result = cycling_metrics(plain, record(generated((0.1,))), CyclingSettings(), 200.0)
    assert "initial_composite_discharge_capacity" not in result.estimates
    assert "initial_discharge_capacity" in result.estimates
    assert _check(result, "capacity_frames")[0] is None


def test_charge_counted_by_the_cycler_and_by_the_integral_are_compared() -> None:
    """A counter that is off by one per cent is in the interval."""
    columns = generated((0.1,))
    off = {**columns, "net_charge_ampere_hour": 1.01 * columns["net_charge_ampere_hour"]}
    result = evaluated(off)
    assert _check(result, "charge_counted")[0] is False
    groups = {line.group: line.share for line in result.estimates.budget("initial_discharge_capacity")}
    assert groups["the cycler's charge and the integral of the current disagree"] > 0.1
