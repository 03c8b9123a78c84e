"""The conductance after all relaxation: exact where the law is simple, honest where it is not known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from staircases import (
    CONDUCTANCE,
    SETTINGS,
    TAU,
    Fade,
    changed,
    one_process,
    power_law,
    record,
    series,
    stretched,
    two_processes,
)

from cathodelab.techniques.conduction.model import ConductionSettings, Staircase
from cathodelab.techniques.conduction.resistance import resistance_of
from cathodelab.techniques.conduction.results import Relaxation


def relaxation(staircase: Staircase, settings: ConductionSettings = SETTINGS) -> Relaxation:
    """Of a record."""
    return resistance_of(staircase, settings).relaxation


@pytest.mark.parametrize(
    ("fade", "name"),
    [
        (one_process, "one process"),
        (two_processes, "two processes"),
        (series, "diffusion (current)"),
        (stretched, "stretched exponential"),
    ],
)
@pytest.mark.parametrize("hold", [1000.0, 3000.0])
def test_law_time_constant_and_conductance_are_found(fade: Fade, name: str, hold: float) -> None:
    """From two time constants on, with a first current twenty times the steady one."""
    found = relaxation(record(fade=fade, hold=hold, interval=hold / 100, ratio=20))
    assert found.law is not None
    assert found.law.name == name
    assert found.law.adequate
    assert found.law.time_constant_second == pytest.approx(TAU, rel=0.02)
    assert found.conductance_siemens == pytest.approx(CONDUCTANCE, rel=0.02)
    assert found.lowest_siemens < CONDUCTANCE < found.highest_siemens
    assert found.history == "continued"


def test_the_exponent_of_a_stretched_exponential_is_told() -> None:
    """0.6."""
    found = relaxation(record(fade=stretched, ratio=20))
    assert found.law is not None
    assert found.law.exponent == pytest.approx(0.6, abs=0.01)


def test_an_unnamed_law_is_no_law_and_its_conductance_is_in_the_interval() -> None:
    """A power law is a sum of exponentials that no name fits."""
    found = relaxation(record(fade=power_law, ratio=50, hold=1500, interval=10))
    assert found.law is not None
    assert not found.law.adequate
    assert found.lowest_siemens < CONDUCTANCE < found.highest_siemens
    assert found.conductance_siemens == pytest.approx(CONDUCTANCE, abs=2 * found.standard_siemens)


def test_without_relaxation_there_is_no_law_and_the_line_is_the_answer() -> None:
    """No time constant is invented; the uncertainty is that of the noise."""
    staircase = record(ratio=1.0, noise=1e-6)
    found = relaxation(staircase)
    assert found.law is None
    volts = staircase.voltage_volt - staircase.voltage_volt.mean()
    plain = 1e-6 / np.sqrt(np.sum(volts**2))
    assert found.conductance_siemens == pytest.approx(CONDUCTANCE, abs=3 * plain)
    assert found.standard_siemens == pytest.approx(plain, rel=0.7)


def test_a_record_that_is_too_short_for_its_relaxation_has_a_wide_interval_with_the_truth() -> None:
    """Half a time constant of a stretched exponential: the law may go on beyond the record."""
    found = relaxation(record(fade=stretched, hold=250, interval=2.5, ratio=20))
    assert found.standard_siemens > 0.1 * CONDUCTANCE
    assert found.lowest_siemens < CONDUCTANCE < found.highest_siemens


def test_slower_relaxations_widen_the_interval() -> None:
    """What is thought possible is a setting."""
    staircase = record(fade=stretched, hold=1500, ratio=20)
    usual = relaxation(staircase)
    wider = relaxation(staircase, replace(SETTINGS, slowest_over_record=5.0))
    assert wider.standard_siemens > 1.5 * usual.standard_siemens


@pytest.mark.parametrize("ratio", [5.0, 20.0])
def test_steps_that_start_from_rest_are_known_by_their_shape(ratio: float) -> None:
    """The file leaves out that the cell rested between them."""
    staircase = record((0, 0.01, 0.03, 0.02, 0.05), from_rest=True, ratio=ratio)
    found = relaxation(staircase)
    assert found.history == "from rest"
    assert found.lowest_siemens < CONDUCTANCE < found.highest_siemens


def test_what_was_left_from_before_the_record_is_taken_away() -> None:
    """The cell stood at 50 mV until two minutes before."""
    staircase = record()
    left = -0.05 * 2 * CONDUCTANCE * np.exp(-(staircase.time_second + 120) / TAU)
    found = relaxation(changed(staircase, current=staircase.current_ampere + left))
    assert found.history == "from unknown state"
    assert found.conductance_siemens == pytest.approx(CONDUCTANCE, rel=0.001)


def test_a_current_that_wanders_slowly_is_no_better_known_by_more_rows() -> None:
    """Whole steps move together; how far, they show by their scatter about the line."""
    staircase = record(noise=1e-8)
    sigmas = []
    for seed in range(8):
        wander = np.cumsum(np.random.default_rng(seed).standard_normal(staircase.rows)) * 1e-8
        found = resistance_of(changed(staircase, current=staircase.current_ampere + wander), SETTINGS)
        sigmas.append((found.relaxation.conductance_siemens - CONDUCTANCE) / found.relaxation.standard_siemens)
    assert found.relaxation.beyond_noise == "wander"
    assert np.sum(np.abs(sigmas) < 2) >= 6


def test_what_is_left_at_the_end_of_each_step_is_that_of_the_model() -> None:
    """After a time constant a third is left, and less of the steps before."""
    found = relaxation(record(hold=TAU, interval=5, ratio=3))
    first = 0.01 * 2 * CONDUCTANCE * np.exp(-1)
    assert found.remaining_ampere[1] == pytest.approx(first, rel=0.01)
    assert found.remaining_ampere[2] == pytest.approx(first * (1 + np.exp(-1)), rel=0.01)


def test_a_logger_with_a_clock_of_its_own_is_no_misfit() -> None:
    """Rows every 23 s, changes of the voltage every 997 s: each lies elsewhere between two rows."""
    levels = np.array([0, 0.01, 0.02, 0.03, 0.02, 0.01, 0])
    time = np.arange(11.0, 997.0 * levels.size, 23.0)
    number = (time // 997.0).astype(int)
    current = CONDUCTANCE * levels[number]
    for place, change in enumerate(np.diff(levels, prepend=0)):
        since = time - 997.0 * place
        current += CONDUCTANCE * 9 * change * np.where(since > 0, two_processes(np.maximum(since, 0)), 0)
    noise = 2e-8 * np.random.default_rng(9).standard_normal(time.size)
    found = resistance_of(Staircase(time, levels[number], current + noise), SETTINGS)
    assert found.relaxation.beyond_noise == ""
    assert found.relaxation.conductance_siemens == pytest.approx(CONDUCTANCE, rel=0.01)
    assert abs(found.relaxation.conductance_siemens - CONDUCTANCE) < 3 * found.relaxation.standard_siemens
    assert any(one.name == "times of the steps" for one in found.checks)


def test_a_first_row_of_the_step_before_is_left_out() -> None:
    """The instrument writes the new voltage before it measures the new current."""
    staircase = record(ratio=10)
    current = staircase.current_ampere.copy()
    first = np.flatnonzero(np.diff(staircase.voltage_volt)) + 1
    current[first] = current[first - 1]
    found = resistance_of(changed(staircase, current=current), SETTINGS)
    assert found.relaxation.beyond_noise == ""
    assert found.relaxation.conductance_siemens == pytest.approx(CONDUCTANCE, rel=1e-3)
    assert next(one for one in found.checks if one.name == "first rows of steps").value == 11
