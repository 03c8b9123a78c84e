"""What a cycler writes of a twin."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cathodelab.core.arrays import FloatArray
from cathodelab.core.records import CyclingRecord, Provenance
from cathodelab.formats.bdf import write_bdf_parquet, write_bdf_text
from cathodelab.formats.cell_records import cycling_record
from cathodelab.formats.readers import read_table
from cathodelab.simulation.twin.instrument import Channel, Faults, Measurement, Sampling, drawn_channel, measured
from cathodelab.simulation.twin.model import TwinCell, TwinRecord
from cathodelab.simulation.twin.protocols import stepped_titration
from cathodelab.simulation.twin.solver import simulate
from cathodelab.techniques.utilization.model import UtilizationSettings
from cathodelab.techniques.utilization.rests import titration_from_record
from cathodelab_validation.biologic_text import write_biologic_text

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


def test_noise_of_the_current_and_what_differs_from_step_to_step_have_their_size(record: TwinRecord) -> None:
    """Relative noise of the current; one shift of the potential for all rows of a step; no charge of its own if told so."""
    often = replace(IDEAL, sampling=Sampling(10, 10))
    ideal = rows(record, often)
    noisy = rows(record, replace(often, channel=Channel(current_noise=1e-3)))
    flows = ideal["current_ampere"] != 0
    assert np.std((noisy["current_ampere"] / np.where(flows, ideal["current_ampere"], 1))[flows] - 1) == pytest.approx(
        1e-3, rel=0.05
    )
    shifted = rows(record, replace(often, channel=Channel(potential_repeatability_volt=1e-3)))
    off = shifted["voltage_volt"] - ideal["voltage_volt"]
    levels = [np.unique(np.round(off[ideal["step_count"] == step], 12)) for step in np.unique(ideal["step_count"])]
    assert all(level.size == 1 for level in levels)
    assert 1e-4 < np.std(np.concatenate(levels)) < 5e-3
    coarse = rows(record, replace(often, channel=Channel(current_resolution_mA=1e-2)))["current_ampere"] * 1e5
    np.testing.assert_allclose(coarse, np.round(coarse), atol=1e-6)
    assert "net_charge_ampere_hour" not in rows(record, replace(IDEAL, own_charge=False))


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


@pytest.mark.parametrize("form", ["twin.mpt", "twin.bdf.csv", "twin.bdf.parquet"])
def test_a_measured_twin_goes_through_files_and_comes_back(record: TwinRecord, tmp_path: Path, form: str) -> None:
    """EC-Lab text and Battery Data Format, through our readers: the same relaxed points as from the columns."""
    columns = rows(record, replace(IDEAL, channel=drawn_channel(np.random.default_rng(2), range_mA=1.0)))
    decimals = {name: 0 if name == "step_count" else 12 for name in columns}
    path = tmp_path / form
    if form.endswith("mpt"):
        write_biologic_text(path, columns)
    elif form.endswith("csv"):
        write_bdf_text(path, columns, decimals)
    else:
        write_bdf_parquet(path, columns)
    table, _ = read_table(form, path.read_bytes())
    names = ("voltage_volt", "test_time_second", "current_ampere", "step_count", "net_charge_ampere_hour")
    direct = titration_from_record(CyclingRecord(**{name: columns[name] for name in names}), UtilizationSettings())
    read = titration_from_record(cycling_record([table], [Provenance(form, "", "", "")]), UtilizationSettings())
    np.testing.assert_allclose(read.potential_volt, direct.potential_volt, atol=2e-7)
    np.testing.assert_allclose(read.charge_mAh, direct.charge_mAh, rtol=1e-7)
    np.testing.assert_allclose(read.rest_second, direct.rest_second, rtol=1e-9)


def test_a_drawn_channel_stays_inside_the_limits_of_its_makers() -> None:
    """0.01 % + 0.3 mV, 0.05 % + 0.015 % of the range."""
    random = np.random.default_rng(1)
    for _ in range(100):
        one = drawn_channel(random, range_mA=1.0)
        assert abs(one.potential_gain) <= 1e-4
        assert abs(one.potential_offset_volt) <= 3e-4
        assert abs(one.current_gain) <= 5e-4
        assert abs(one.current_offset_mA) <= 1.5e-4
