"""States, segments and charge of a record."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cathodelab.core.records import CyclingRecord
from cathodelab.core.steps import charge_in_gaps, charge_of, row_states, segments_of, unrecorded_changes


def _record(time: list[float], current: list[float], step: list[float] | None = None) -> CyclingRecord:
    return CyclingRecord(
        voltage_volt=np.zeros(len(time)),
        test_time_second=np.array(time),
        current_ampere=np.array(current),
        step_count=None if step is None else np.array(step),
    )


def test_interval_across_a_step_border_belongs_to_the_later_row() -> None:
    """A rest row 300 s after the pulse's last row adds no charge; a pulse row after a rest adds its whole interval."""
    record = _record([0, 3600, 3900, 7500], [1.0, 1.0, 0.0, 2.0], [1, 1, 2, 3])
    charge = charge_of(record, row_states(record))
    np.testing.assert_allclose(charge, [0, 1000, 1000, 3000])


def test_inside_a_step_the_mean_of_both_rows_counts() -> None:
    """A falling current of a hold."""
    record = _record([0, 3600], [2.0, 1.0], [1, 1])
    assert charge_of(record, row_states(record))[-1] == pytest.approx(1500)


def test_small_currents_count_as_rest() -> None:
    """Less than one per cent of the typical current is noise of the instrument."""
    record = _record([0, 1, 2, 3, 4], [1.0, 1.0, 0.005, -0.005, -1.0])
    assert row_states(record).tolist() == [1, 1, 0, 0, -1]
    assert segments_of(row_states(record)) == [(0, 2, 1), (2, 4, 0), (4, 5, -1)]


def test_no_segment_goes_on_where_a_record_was_parted() -> None:
    """Before the row itself, in the middle of one state and at its border."""
    states = np.array([1.0, 1, 1, 1, 0, 0])
    assert segments_of(states, (2,)) == [(0, 2, 1), (2, 4, 1), (4, 6, 0)]
    assert segments_of(states, (4, 5)) == [(0, 4, 1), (4, 5, 0), (5, 6, 0)]


@pytest.mark.parametrize(
    ("current", "jump", "changed"),
    [
        ((0.0, 0.0), 0.01, False),
        ((0.0, 0.0), 0.2, True),
        ((0.0, 0.0), -0.2, True),
        ((1.0, 1.0), 0.2, False),
        ((0.0, 1.0), 0.2, False),
        ((1.0, 1.0), 0.9, True),
        ((1.0, 1.0), -0.9, True),
    ],
)
def test_a_file_that_begins_in_another_state_than_the_last_one_ended_in_is_seen(
    current: tuple[float, float], jump: float, *, changed: bool
) -> None:
    """By its potential at the border of the files alone; with current, overpotentials are allowed for."""
    volt = np.array([3.0, 3.4, 3.4 + jump, 3.9])
    amperes = np.array([1.0, current[0], current[1], 1.0])
    record = CyclingRecord(volt, np.arange(4.0), amperes, part_rows=(0, 2))
    assert unrecorded_changes(record, row_states(record)) == ((2,) if changed else ())


@given(st.lists(st.tuples(st.floats(1, 1e3), st.floats(-5, 5)), min_size=2, max_size=40))
def test_charge_of_a_joined_record_is_the_sum_of_its_parts(rows: list[tuple[float, float]]) -> None:
    """Cutting a record at any row and adding the charges changes nothing."""
    time = np.cumsum([step for step, _ in rows]).tolist()
    record = _record(time, [current for _, current in rows], list(range(len(rows))))
    states = row_states(record)
    whole = charge_of(record, states)
    middle = len(rows) // 2
    tail = _record(time[middle:], [c for _, c in rows][middle:], list(range(len(rows) - middle)))
    assert whole[-1] == pytest.approx(whole[middle] + charge_of(tail, states[middle:])[-1], abs=1e-6)


def test_charge_across_missing_rows_is_told() -> None:
    """Ten minutes of rows, then a hole of ten hours with the same current on both sides."""
    time = [*np.arange(0, 660, 60.0), 36_600.0, 36_660.0]
    record = _record(time, [1.0] * len(time))
    states = row_states(record)
    assert charge_in_gaps(record, states, charge_of(record, states)) == pytest.approx(36_000 / 36_660, rel=1e-3)
    whole = _record(time[:11], [1.0] * 11)
    assert charge_in_gaps(whole, row_states(whole), charge_of(whole, row_states(whole))) == 0.0
