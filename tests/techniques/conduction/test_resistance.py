"""One record: steady or not, straight or not, and everything that a user has to be told."""

from __future__ import annotations

import numpy as np
import pytest
from staircases import CONDUCTANCE, SETTINGS, TAU, changed, record, stretched

from cathodelab.core.checks import Check
from cathodelab.core.errors import CathodelabError
from cathodelab.techniques.conduction.model import Staircase
from cathodelab.techniques.conduction.resistance import resistance_of
from cathodelab.techniques.conduction.results import Resistance


def check(found: Resistance, name: str) -> Check:
    """The check of a name."""
    return next(one for one in found.checks if one.name == name)


def test_a_steady_record_passes_and_says_how_long_it_held() -> None:
    """Six time constants."""
    found = resistance_of(record(), SETTINGS)
    assert found.state == "steady"
    assert found.is_number
    assert "6 time constants" in check(found, "steadiness").sentence
    assert all(one.passed for one in found.checks)


@pytest.mark.parametrize(
    ("hold", "state"), [(0.5, "not steady"), (0.8, "not steady"), (1.0, "extrapolated"), (2.0, "extrapolated")]
)
def test_below_one_time_constant_a_bound_is_given(hold: float, state: str) -> None:
    """Which time constant, and how long to hold, is said."""
    found = resistance_of(record(hold=hold * TAU, interval=5, ratio=20), SETTINGS)
    assert found.state == state
    steadiness = check(found, "steadiness")
    assert steadiness.passed is (False if state == "not steady" else None)
    if state == "not steady":
        assert "Not steady" in steadiness.sentence
        assert "at least 25 min" in steadiness.sentence
        assert found.highest_siemens >= CONDUCTANCE


def test_a_bound_holds_for_an_unfinished_stretched_exponential_too() -> None:
    """The upper end of what any sum of exponentials allows."""
    for seed in range(5):
        found = resistance_of(record(fade=stretched, hold=250, interval=2.5, ratio=20, seed=seed), SETTINGS)
        assert found.state == "not steady"
        assert found.highest_siemens >= CONDUCTANCE


def test_a_current_below_its_noise_is_a_bound() -> None:
    """Not a number, and not zero."""
    noise = np.random.default_rng(6).standard_normal(record().rows) * 1e-8
    found = resistance_of(changed(record(), current=noise), SETTINGS)
    assert found.below_noise
    assert not found.is_number
    assert 0 < found.highest_siemens < 1e-7
    assert "upper limit" in check(found, "steadiness").sentence


def test_an_offset_is_no_part_of_the_slope_and_is_said() -> None:
    """Half of the current of the first step: V/I would be wrong by half."""
    found = resistance_of(record(offset=0.5 * 0.01 * CONDUCTANCE), SETTINGS)
    assert found.relaxation.conductance_siemens == pytest.approx(CONDUCTANCE, rel=1e-3)
    offset = check(found, "offset of the current")
    assert offset.passed is None
    assert offset.value == pytest.approx(0.5, rel=0.01)
    assert "V/I of a single step" in offset.sentence


def test_without_a_step_at_zero_the_offset_follows_from_the_line_and_that_is_said() -> None:
    """It cannot be called measured."""
    found = resistance_of(record((0.01, 0.02, 0.03, 0.04)), SETTINGS)
    assert found.relaxation.conductance_siemens == pytest.approx(CONDUCTANCE, rel=1e-3)
    offset = check(found, "offset of the current")
    assert offset.passed is None
    assert "no step at 0 V" in offset.sentence
    assert "not stepped back" in check(found, "branches agree").sentence


def test_a_line_that_bends_is_found() -> None:
    """A conductance that rises by a fifth."""
    staircase = record()
    bent = staircase.current_ampere * (1 + 0.2 * staircase.voltage_volt / 0.05)
    found = resistance_of(changed(staircase, current=bent), SETTINGS)
    straight = check(found, "straight line")
    assert straight.passed is False
    assert "not proportional" in straight.sentence


@pytest.mark.parametrize("loss", [0.1, 0.25])
def test_a_cell_that_changes_is_found_and_its_interval_holds_what_it_was_on_average(loss: float) -> None:
    """The conductance falls all the time; no linear relaxation does that."""
    staircase = record()
    fading = 1 - loss * np.arange(staircase.rows) / staircase.rows
    found = resistance_of(changed(staircase, current=staircase.current_ampere * fading), SETTINGS)
    assert check(found, "record described").passed is False
    assert found.relaxation.beyond_noise == "wander"
    off = found.relaxation.conductance_siemens - (1 - loss / 2) * CONDUCTANCE
    assert abs(off) < found.relaxation.standard_siemens


def test_branches_that_differ_are_found() -> None:
    """The cell loses a tenth of its conductance at the top of the staircase."""
    staircase = record(ratio=1.0, noise=1e-6)
    fading = np.where(staircase.time_second > 18_000, 0.9, 1.0)
    found = resistance_of(changed(staircase, current=staircase.current_ampere * fading), SETTINGS)
    assert check(found, "branches agree").passed is False
    assert found.line.falling_siemens == pytest.approx(0.9 * found.line.rising_siemens, rel=0.03)
    assert found.line.misfit_siemens > 0.02 * CONDUCTANCE


def test_spikes_are_told_and_do_not_move_the_result() -> None:
    """One row in a hundred is wrong by half of the largest current."""
    staircase = record()
    spikes = np.where(np.random.default_rng(7).random(staircase.rows) < 0.01, 6e-5, 0.0)
    found = resistance_of(changed(staircase, current=staircase.current_ampere + spikes), SETTINGS)
    assert check(found, "spikes").value == pytest.approx(np.count_nonzero(spikes), abs=3)
    assert found.relaxation.conductance_siemens == pytest.approx(CONDUCTANCE, rel=2e-3)


def test_a_current_of_the_other_sign_is_turned_and_said() -> None:
    """Some instruments count the other way."""
    staircase = record()
    found = resistance_of(changed(staircase, current=-staircase.current_ampere), SETTINGS)
    assert found.relaxation.conductance_siemens == pytest.approx(CONDUCTANCE, rel=1e-3)
    assert "turned" in check(found, "sign of the current").sentence


def test_a_saturated_top_is_left_out_with_its_count() -> None:
    """The rest is a number."""
    staircase = record()
    found = resistance_of(changed(staircase, current=np.minimum(staircase.current_ampere, 1.15e-4)), SETTINGS)
    assert found.relaxation.conductance_siemens == pytest.approx(CONDUCTANCE, rel=2e-3)
    assert check(found, "range of the current").passed is False
    assert "end of the range" in check(found, "steps left out").sentence


def test_voltages_in_millivolt_that_claim_to_be_volt_are_doubted() -> None:
    """A staircase of 10 to 50 "V" is refused by the reader, one of 3 V is said here."""
    staircase = record((0, 0.001, 0.002, 0.003))
    found = resistance_of(changed(staircase, voltage=1e3 * staircase.voltage_volt), SETTINGS)
    doubt = check(found, "size of the voltage")
    assert doubt.passed is False
    assert "mV" in doubt.sentence


def test_volts_that_claim_to_be_millivolt_have_no_step() -> None:
    """The error says what it may be."""
    staircase = record()
    with pytest.raises(CathodelabError, match="1000 times too small") as caught:
        resistance_of(changed(staircase, voltage=1e-3 * staircase.voltage_volt), SETTINGS)
    assert caught.value.code == "one-voltage"


def test_one_voltage_is_no_slope() -> None:
    """V/I has the offset in it."""
    with pytest.raises(CathodelabError, match="has the offset of the instrument in it"):
        resistance_of(record((0.02,)), SETTINGS)


@pytest.mark.parametrize("rows", [0, 1, 3])
def test_a_record_of_hardly_any_rows_is_refused(rows: int) -> None:
    """With its number of rows."""
    with pytest.raises(CathodelabError, match=f"has {rows} rows"):
        resistance_of(Staircase(np.arange(float(rows)), np.zeros(rows), np.ones(rows)), SETTINGS)


@pytest.mark.parametrize("column", ["time", "voltage", "current"])
def test_an_entry_that_is_no_number_is_refused(column: str) -> None:
    """In whichever column."""
    staircase = record()
    values = {"time": staircase.time_second, "voltage": staircase.voltage_volt, "current": staircase.current_ampere}
    broken = values[column].copy()
    broken[7] = np.nan
    with pytest.raises(CathodelabError, match="1 entries in them are no numbers"):
        resistance_of(changed(staircase, **{column: broken}), SETTINGS)


def test_a_clock_that_starts_anew_at_each_step_is_refused() -> None:
    """Step time for test time."""
    staircase = record()
    with pytest.raises(CathodelabError, match="not the step time"):
        resistance_of(changed(staircase, time=staircase.time_second % 3000), SETTINGS)


@pytest.mark.parametrize("factor", [1 / 3600, 1e3])
def test_the_unit_of_the_time_does_not_matter_for_the_conductance(factor: float) -> None:
    """Only the time constant moves."""
    staircase = record()
    found = resistance_of(changed(staircase, time=factor * staircase.time_second), SETTINGS)
    assert found.relaxation.conductance_siemens == pytest.approx(CONDUCTANCE, rel=1e-3)
    assert found.relaxation.law is not None
    assert found.relaxation.law.time_constant_second == pytest.approx(factor * TAU, rel=0.02)
