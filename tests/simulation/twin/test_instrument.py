"""What a cycler writes of a twin."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cathodelab.core.arrays import FloatArray
from cathodelab.simulation.twin.instrument import Channel, Faults, Measurement, Sampling, drawn_channel, measured
from cathodelab.simulation.twin.model import TwinCell, TwinRecord
from cathodelab.simulation.twin.protocols import stepped_titration
from cathodelab.simulation.twin.solver import simulate

IDEAL = Measurement()


@pytest.fixture(scope="module")
def record() -> TwinRecord:
    """Two charges with rests."""
    return simulate([TwinCell(offset_volt=0.62)], [stepped_titration((3.1, 3.3), rest_second=7200)])[0]


def rows(record: TwinRecord, how: Measurement) -> dict[str, FloatArray]:
    """Measured with a fixed stream of chance."""
    return measured(record, how, np.random.default_rng(5))


def test_an_ideal_instrument_writes_what_happened(record: TwinRecord) -> None:
    """Potentials of the ends of steps, charge from current and time, no negative interval."""
    found = rows(record, IDEAL)
    for step in np.unique(record.step):
        last = found["step_count"] == step
        assert found["voltage_volt"][last][-1] == record.potential_volt[record.step == step][-1]
    charge = np.sum(found["current_ampere"][1:] * np.diff(found["test_time_second"])) / 3.6
    assert charge == pytest.approx(record.charge_mAh[-1], rel=1e-9)
    assert found["net_charge_ampere_hour"][-1] == pytest.approx(record.charge_mAh[-1] * 1e-3)
    assert np.all(np.diff(found["test_time_second"]) > 0)


def test_gain_offset_and_resolution_are_those_stated(record: TwinRecord) -> None:
    """Rests have no current offset: the circuit is open."""
    channel = Channel(1e-3, 2e-3, 5e-3, 0.01, potential_resolution_volt=1e-4)
    ideal, found = rows(record, IDEAL), rows(record, replace(IDEAL, channel=channel))
    np.testing.assert_allclose(found["voltage_volt"], ideal["voltage_volt"] * 1.001 + 0.002, atol=5.1e-5)
    rest = ideal["current_ampere"] == 0
    np.testing.assert_allclose(found["current_ampere"][~rest], ideal["current_ampere"][~rest] * 1.005 + 1e-5)
    assert not found["current_ampere"][rest].any()
    np.testing.assert_allclose(found["voltage_volt"] / 1e-4, np.round(found["voltage_volt"] / 1e-4), atol=1e-6)


def test_noise_is_seeded_and_has_its_size(record: TwinRecord) -> None:
    """The same stream gives the same noise."""
    how = replace(IDEAL, channel=Channel(potential_noise_volt=1e-3), sampling=Sampling(10, 10))
    noise = rows(record, how)["voltage_volt"] - rows(record, replace(IDEAL, sampling=Sampling(10, 10)))["voltage_volt"]
    assert np.std(noise) == pytest.approx(1e-3, rel=0.05)
    np.testing.assert_array_equal(rows(record, how)["voltage_volt"], rows(record, how)["voltage_volt"])


def test_sampling_by_potential_writes_rows_where_it_moves(record: TwinRecord) -> None:
    """No two neighbouring rows of a charge differ by more than the stated change."""
    found = rows(record, replace(IDEAL, sampling=Sampling(1e9, 1e9, 0.5, every_volt=2e-3)))
    first = found["step_count"] == 1
    assert np.max(np.abs(np.diff(found["voltage_volt"][first]))) < 2.1e-3


def test_lost_rows_and_clock_jumps_are_where_they_were_set(record: TwinRecord) -> None:
    """One hour without rows; 300 s more from hour 5 on; a tenth of the rows."""
    ideal = rows(record, IDEAL)
    hole = rows(record, replace(IDEAL, faults=Faults(missing_from_hour=1.0, missing_hours=1.0)))
    assert 3500 < np.max(np.diff(hole["test_time_second"])) < 3800
    jump = rows(record, replace(IDEAL, faults=Faults(clock_jump_hour=5.0, clock_jump_second=300.0)))
    moved = jump["test_time_second"] - ideal["test_time_second"]
    np.testing.assert_array_equal(np.unique(moved), [0.0, 300.0])
    some = rows(record, replace(IDEAL, faults=Faults(missing_share=0.1)))
    assert 0.8 < some["voltage_volt"].size / ideal["voltage_volt"].size < 0.96


def test_a_drawn_channel_stays_inside_the_limits_of_its_makers() -> None:
    """0.01 % + 0.3 mV, 0.05 % + 0.015 % of the range."""
    random = np.random.default_rng(1)
    for _ in range(100):
        one = drawn_channel(random, range_mA=1.0)
        assert abs(one.potential_gain) <= 1e-4
        assert abs(one.potential_offset_volt) <= 3e-4
        assert abs(one.current_gain) <= 5e-4
        assert abs(one.current_offset_mA) <= 1.5e-4
