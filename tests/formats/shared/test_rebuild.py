"""Counters that reset are put together; differences are explained."""

import numpy as np
import pytest

from cathodelab.formats.shared.rebuild import accumulated, agreement_note, anew_note, counted, net_of_pair, step_changes


def test_a_step_repeated_at_once_is_a_new_step() -> None:
    changed = step_changes(np.array([1.0, 1.0, 1.0, 2.0]), np.array([0.0, 5.0, 0.0, 0.0]))
    assert counted(changed).tolist() == [1, 1, 2, 3]


def test_a_counter_that_resets_at_cycles_only_is_not_reset_at_steps() -> None:
    charging = np.array([0.0, 1.0, 1.0, 1.0, 0.0, 1.0])
    discharging = np.array([0.0, 0.0, 0.5, 0.9, 0.0, 0.0])
    changed = np.array([False, False, True, False, True, False])
    assert net_of_pair(charging, discharging, changed).tolist() == pytest.approx([0, 1, 0.5, 0.1, 0.1, 1.1])


def test_a_counter_that_starts_anew_within_a_step_keeps_the_charge_before() -> None:
    counter = np.array([0.0, 1.0, 2.0, 0.0, 1.0])
    changed = np.zeros(5, dtype=bool)
    assert np.cumsum(accumulated(counter, changed)).tolist() == [0, 1, 2, 2, 3]
    assert "1 rows (4)" in anew_note(changed, counter)


def _columns(current: list[float], time: list[float], net: list[float]) -> dict[str, np.ndarray]:
    return {
        "voltage_volt": np.full(len(time), 3.5),
        "current_ampere": np.array(current),
        "test_time_second": np.array(time),
        "net_charge_ampere_hour": np.array(net),
    }


def test_agreement_is_said() -> None:
    columns = _columns([1, 1, 1], [0, 1800, 3600], [0, 0.5, 1.0])
    assert "agree within" in agreement_note(columns)


def test_records_too_far_apart_explain_a_difference() -> None:
    columns = _columns([1, 1, 0.2, 0.2], [0, 1800, 3600, 3700], [0, 0.5, 0.7, 0.7056])
    assert "too far apart" in agreement_note(columns)


def test_a_difference_that_nothing_explains_is_said() -> None:
    columns = _columns([1] * 101, list(range(0, 10100, 100)), [1.2 * row * 100 / 3600 for row in range(101)])
    assert "check the export" in agreement_note(columns)
