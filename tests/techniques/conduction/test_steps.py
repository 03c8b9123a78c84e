"""Steps are found from the voltage alone: clean, noisy, with ramps, rests and short levels."""

from __future__ import annotations

import numpy as np
import pytest
from staircases import SETTINGS, UP_AND_DOWN, changed, record

from cathodelab.core.errors import CathodelabError
from cathodelab.techniques.conduction.model import Staircase
from cathodelab.techniques.conduction.steps import steps_of

ROWS = 120  # of each step of the default record


def test_every_step_of_a_staircase_is_found_with_its_start() -> None:
    """Rows, voltage, and the time of the change: that of the last row before."""
    steps = steps_of(record(), SETTINGS)
    assert [step.voltage_volt for step in steps] == pytest.approx(UP_AND_DOWN)
    assert [step.first for step in steps] == list(range(0, ROWS * len(UP_AND_DOWN), ROWS))
    assert [step.start_second for step in steps] == pytest.approx([3000.0 * n for n in range(len(UP_AND_DOWN))])
    assert all(step.hold_second == pytest.approx(3000.0) and not step.dropped for step in steps)


@pytest.mark.parametrize("noise", [1e-4, 1e-3, 3e-3])
def test_noise_of_the_voltage_hides_no_step(noise: float) -> None:
    """Up to a third of a step; where the voltage is too noisy for the row, the current shows it."""
    clean = record()
    noisy = clean.voltage_volt + noise * np.random.default_rng(2).standard_normal(clean.rows)
    steps = steps_of(changed(clean, voltage=noisy), SETTINGS)
    assert [step.first for step in steps] == list(range(0, ROWS * len(UP_AND_DOWN), ROWS))


def test_steps_of_unequal_length_and_of_few_rows_are_steps() -> None:
    """Four rows are enough, three are left out with the reason."""
    found = steps_of(record((0, 0.02, 0.04, 0.02), hold=(100, 3000, 75, 500)), SETTINGS)
    assert [step.last - step.first for step in found] == [4, 120, 3, 20]
    assert [step.dropped for step in found] == ["", "", "it has 3 rows", ""]


def test_rows_of_a_transition_belong_to_no_step() -> None:
    """A ramp of three rows between two levels."""
    staircase = record((0, 0.02, 0.04))
    voltage = staircase.voltage_volt.copy()
    voltage[118:121] = 0.005, 0.011, 0.016
    used = [step for step in steps_of(changed(staircase, voltage=voltage), SETTINGS) if not step.dropped]
    assert [step.first for step in used] == [0, 121, 240]
    assert [step.last for step in used] == [117, 240, 360]  # a row beside the ramp may go with it
    assert [step.voltage_volt for step in used] == pytest.approx([0, 0.02, 0.04])


def test_a_rest_at_open_circuit_is_left_out_but_no_step_at_zero_volts_is() -> None:
    """Exactly no current away from 0 V means that nothing was connected; a coarse instrument reads 0 at 0 V."""
    staircase = record((0, 0.02, 0.013, 0.04))
    current = staircase.current_ampere.copy()
    current[:120] = 0.0
    current[240:360] = 0.0
    steps = steps_of(changed(staircase, current=current), SETTINGS)
    assert [bool(step.dropped) for step in steps] == [False, False, True, False]
    assert "at rest" in steps[2].dropped


def test_a_coarse_voltage_that_flickers_between_two_values_is_one_step() -> None:
    """A last digit of 1 mV."""
    staircase = record((0, 0.01, 0.02))
    flicker = np.where(np.random.default_rng(3).random(staircase.rows) < 0.3, 1e-3, 0.0)
    assert len(steps_of(changed(staircase, voltage=staircase.voltage_volt + flicker), SETTINGS)) == 3


@pytest.mark.parametrize("shape", ["sweep", "wave", "relaxing"])
def test_a_voltage_that_never_stays_is_refused(shape: str) -> None:
    """Sweeps, and records at constant current."""
    time = np.arange(1000.0)
    voltage = {
        "sweep": 1e-4 * time,
        "wave": 0.05 * np.sin(time / 50),
        "relaxing": 0.5 * np.exp(-time / 400),
    }[shape]
    with pytest.raises(CathodelabError, match="does not stay at levels") as caught:
        steps_of(Staircase(time, voltage, np.full(1000, 1e-5)), SETTINGS)
    assert caught.value.code == "not-a-staircase"


def test_a_column_of_zeros_is_no_current() -> None:
    """It is not a current below the noise."""
    staircase = record()
    with pytest.raises(CathodelabError, match="exactly 0"):
        steps_of(changed(staircase, current=np.zeros(staircase.rows)), SETTINGS)
