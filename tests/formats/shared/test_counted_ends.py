"""Charge that only the cycler's counter tells: before the first row, and between two files of one test."""

from __future__ import annotations

import numpy as np
import pytest

from cathodelab.core.arrays import FloatArray
from cathodelab.core.records import Provenance
from cathodelab.formats.cell_records import cycling_record
from cathodelab.formats.shared.counted_ends import CountedEnds, charge_before, counted_ends, ends_of_list
from cathodelab.formats.table import Table


def _columns(
    current: float, step: float = 2.0, cycle: float = 1.0, clock: float = 0.0, rows: int = 3
) -> dict[str, FloatArray]:
    return {
        "test_time_second": np.arange(rows) * 60.0,
        "voltage_volt": np.full(rows, 3.2),
        "current_ampere": np.full(rows, current),
        "net_charge_ampere_hour": np.arange(rows) * current / 60.0,
        "step_count": np.full(rows, 1.0),
        "step_id": np.full(rows, step),
        "cycle_count": np.full(rows, cycle),
        "step_time_second": clock + np.arange(rows) * 60.0,
    }


def test_how_often_counters_start_anew_is_seen_where_they_fall() -> None:
    """At each step, in each cycle, or never."""
    changed = np.array([False, False, True, False, True, False])
    by_step = counted_ends(np.array([0.0, 2, 0, 1, 0, 2]), np.zeros(6), changed)
    assert (by_step.every, by_step.last) == ("step", (2.0, 0.0))
    by_cycle = counted_ends(np.array([1.0, 2, 2, 3, 0, 1]), np.array([0.0, 0, 1, 2, 0, 0]), changed)
    assert by_cycle.every == "cycle"
    assert counted_ends(np.arange(6.0), np.zeros(6), changed).every == ""
    assert ends_of_list(by_cycle.as_list()) == by_cycle
    assert ends_of_list([]) is None


def test_a_file_that_begins_within_a_charge_has_what_was_counted_before() -> None:
    """Signed as its current; nothing at rest, and nothing of a counter that may count the whole test."""
    assert charge_before(_columns(2e-4), CountedEnds((4e-4, 9e-4), (1e-3, 9e-4), "cycle")) == pytest.approx(4e-4)
    assert charge_before(_columns(-2e-4), CountedEnds((4e-4, 9e-4), (1e-3, 9e-4), "cycle")) == pytest.approx(-9e-4)
    assert charge_before(_columns(0.0), CountedEnds((4e-4, 9e-4), (1e-3, 9e-4), "cycle")) == 0.0
    assert charge_before(_columns(2e-4), CountedEnds((0.5, 0.4), (0.6, 0.4), "")) == 0.0
    clock = _columns(2e-4, clock=7200.0)
    assert charge_before(clock, CountedEnds((4e-4, 0.0), (1e-3, 0.0), "")) == pytest.approx(4e-4)
    assert charge_before(clock, None) == 0.0


def test_between_two_files_the_counter_goes_on_or_starts_anew() -> None:
    """The same step: the difference; another step or a fallen counter: all that it reads."""
    before = (_columns(2e-4), CountedEnds((0.0, 0.0), (8e-4, 0.0), "step"))
    goes_on = CountedEnds((9e-4, 0.0), (1.6e-3, 0.0), "step")
    assert charge_before(_columns(2e-4), goes_on, before) == pytest.approx(1e-4)
    assert charge_before(_columns(2e-4, step=5.0), goes_on, before) == pytest.approx(9e-4)
    anew = CountedEnds((1e-5, 0.0), (8e-4, 0.0), "step")
    assert charge_before(_columns(2e-4), anew, before) == pytest.approx(1e-5)


def test_the_record_goes_on_with_what_came_between() -> None:
    """The joined net charge holds it, and the record says how much of each file no row shows."""
    first = Table("cycling", _columns(2e-4), counted=CountedEnds((0.0, 0.0), (8e-4, 0.0), "step"))
    later = {**_columns(2e-4), "test_time_second": 600.0 + np.arange(3) * 60.0}
    second = Table("cycling", later, counted=CountedEnds((9e-4, 0.0), (1.6e-3, 0.0), "step"))
    record = cycling_record([first, second], [Provenance(name, name, "", "") for name in "ab"])
    assert record.counted_before_ampere_hour == pytest.approx((0.0, 1e-4))
    net = record.net_charge_ampere_hour
    assert net is not None
    assert net[3] - net[2] == pytest.approx(1e-4)


def test_a_discharge_that_restarts_goes_on_from_where_it_was() -> None:
    """A net charge below zero at the end of the first file is no reason to jump back to zero."""
    first = Table("cycling", _columns(-2e-4), counted=CountedEnds((0.0, 0.0), (0.0, 8e-4), "step"))
    later = {**_columns(-2e-4), "test_time_second": 600.0 + np.arange(3) * 60.0}
    second = Table("cycling", later, counted=CountedEnds((0.0, 0.0), (0.0, 8e-4), "step"))
    record = cycling_record([first, second], [Provenance(name, name, "", "") for name in "ab"])
    net = record.net_charge_ampere_hour
    assert net is not None
    assert np.all(np.diff(net) <= 0)
