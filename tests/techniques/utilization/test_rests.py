"""Relaxed points of a raw record."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cathodelab.core.errors import CathodelabError, NotInRecord
from cathodelab.core.records import CyclingRecord
from cathodelab.techniques.utilization.model import UtilizationSettings
from cathodelab.techniques.utilization.read import reference_from_record, slow_charge_from_record
from cathodelab.techniques.utilization.rests import titration_from_record


def _record(parts: list[tuple[float, float, float, float]], sampling: float = 60.0) -> CyclingRecord:
    """Parts of (hours, current A, first V, last V) in a row; each goes on after the last row of the one before."""
    time, voltage, current = [0.0], [parts[0][2]], [parts[0][1]]
    for hours, amperes, first, last in parts:
        t = np.arange(sampling, hours * 3600 + 1, sampling)
        voltage += list(first + (last - first) * t / (hours * 3600))
        current += [amperes] * t.size
        time += list(time[-1] + t)
    return CyclingRecord(np.array(voltage), np.array(time), np.array(current))


FORMATION = [(6, 0.0, 2.0, 2.0), (10, 1e-4, 2.9, 3.7), (1, 0.0, 3.69, 3.68), (10, -1e-4, 3.5, 1.9), (1, 0.0, 2.1, 2.2)]
TITRATION = [
    (2, 1e-4, 2.9, 3.1),
    (8, 0.0, 3.09, 3.08),
    (2, 1e-4, 3.1, 3.2),
    (8, 0.0, 3.19, 3.18),
    (1, 1e-4, 3.2, 3.3),
    (8, 0.0, 3.29, 3.28),
]


def test_the_titration_after_a_formation_cycle_is_found() -> None:
    """Four rests joined by charges alone; charge counts from the start of that branch."""
    found = titration_from_record(_record(FORMATION + TITRATION), UtilizationSettings())
    np.testing.assert_allclose(found.potential_volt, [2.2, 3.08, 3.18, 3.28], atol=1e-4)
    np.testing.assert_allclose(found.charge_mAh, [0, 0.2, 0.4, 0.5], atol=1e-6)
    assert found.cut_off is not None
    assert found.cut_off.potential_volt == pytest.approx(3.3)
    assert found.cut_off.current_mA == pytest.approx(0.1)


def test_a_charge_that_turns_round_at_its_limit_ends_there() -> None:
    """Without a rest at the top the loss belongs to that limit, with the charge up to it; a record that breaks off has none."""
    on, back = (4, 1e-4, 3.3, 3.7), (4, -1e-4, 3.6, 3.2)
    found = titration_from_record(_record([*TITRATION, on, back]), UtilizationSettings()).cut_off
    assert found is not None
    assert found.potential_volt == pytest.approx(3.7)
    assert found.beyond == pytest.approx(0.4 / 0.5, rel=1e-6)
    broken = titration_from_record(_record([*TITRATION, on]), UtilizationSettings()).cut_off
    assert broken is not None
    assert (broken.potential_volt, broken.beyond) == (pytest.approx(3.3), 0.0)


def test_the_rate_of_a_charge_with_a_hold_is_that_at_constant_current() -> None:
    """A hold of ten hours at a falling current does not lower it."""
    held = [(10 / 60, 1e-4 * np.exp(-k / 10), 3.3, 3.3) for k in range(1, 61)]
    found = titration_from_record(_record([*TITRATION[:4], TITRATION[4], *held, TITRATION[5]]), UtilizationSettings())
    assert found.cut_off is not None
    assert found.cut_off.current_mA == pytest.approx(0.1, rel=0.05)


def test_slopes_and_lengths_of_rests_are_measured() -> None:
    """-10 mV over 8 h is -0.347 µV/s."""
    found = titration_from_record(_record(TITRATION), UtilizationSettings())
    np.testing.assert_allclose(found.slope_volt_per_second * 1e6, -0.3472, rtol=1e-3)
    np.testing.assert_allclose(found.rest_second, 8 * 3600)
    np.testing.assert_allclose(found.polarization_second, [7200, 14_400, 18_000])


def test_the_discharge_branch_is_taken_when_asked_for() -> None:
    """Charge falls from rest to rest."""
    parts = [(1, 0.0, 3.5, 3.5), (2, -1e-4, 3.4, 3.3), (8, 0.0, 3.35, 3.35), (2, -1e-4, 3.3, 3.1), (8, 0.0, 3.15, 3.15)]
    found = titration_from_record(_record(parts), UtilizationSettings(direction="discharge"))
    assert found.direction == "discharge"
    assert np.all(np.diff(found.charge_mAh) < 0)


def test_a_file_that_begins_elsewhere_ends_the_titration() -> None:
    """The cell was discharged between two files: neither its rests nor its next cut-off belong to the titration."""
    cycle = [(1, 0.0, 2.2, 2.2), (5, 1e-4, 3.2, 3.7), (8, 0.0, 3.68, 3.66), (5, -1e-4, 3.6, 2.2)]
    whole = _record(TITRATION + cycle)
    first = _record(TITRATION).voltage_volt.size
    found = titration_from_record(replace(whole, part_rows=(0, first)), UtilizationSettings())
    alone = titration_from_record(_record(TITRATION), UtilizationSettings())
    np.testing.assert_allclose(found.potential_volt, alone.potential_volt, atol=1e-9)
    np.testing.assert_allclose(found.charge_mAh, alone.charge_mAh, atol=1e-9)
    assert found.cut_off == alone.cut_off
    resumed = _record([*TITRATION, (8, 0.0, 3.28, 3.28), (1, 1e-4, 3.3, 3.4), (8, 0.0, 3.39, 3.38)])
    on = titration_from_record(replace(resumed, part_rows=(0, first)), UtilizationSettings())
    assert on.potential_volt.size == alone.potential_volt.size + 1


def test_a_record_of_cycles_holds_no_titration() -> None:
    """Said as what it is, not as a fault; a titration with the sign reversed stays one."""
    cycles = [(5, 1e-4, 3.2, 3.7), (0.1, 0.0, 3.68, 3.66), (5, -1e-4, 3.6, 2.2), (0.1, 0.0, 2.3, 2.4)] * 3
    with pytest.raises(NotInRecord) as caught:
        titration_from_record(_record(cycles), UtilizationSettings())
    assert caught.value.code == "no-titration"
    reversed_sign = [(hours, -current, start, end) for hours, current, start, end in TITRATION]
    with pytest.raises(CathodelabError, match="opposite direction") as fault:
        titration_from_record(_record([*reversed_sign, (3, 1e-4, 3, 2)]), UtilizationSettings())
    assert fault.value.code == "too-few-relaxed-points"


def test_short_rests_are_no_relaxed_points_and_too_few_are_refused() -> None:
    """The message says how many there are and what a rest needs."""
    with pytest.raises(CathodelabError) as caught:
        titration_from_record(_record(TITRATION), UtilizationSettings(minimum_rest_hours=9))
    assert caught.value.code == "too-few-relaxed-points"
    assert "0 rests of at least 9 h" in caught.value.what


def test_hours_taken_for_seconds_are_suspected() -> None:
    """A whole record of 29 s."""
    record = _record(TITRATION)
    assert record.test_time_second is not None
    short = CyclingRecord(record.voltage_volt, record.test_time_second / 3600, record.current_ampere)
    with pytest.raises(CathodelabError, match="Are the times in hours or minutes"):
        titration_from_record(short, UtilizationSettings())


def test_a_reversed_sign_of_the_current_is_suspected() -> None:
    """The same titration with charge counted negative."""
    record = _record(TITRATION)
    assert record.current_ampere is not None
    reversed_sign = CyclingRecord(record.voltage_volt, record.test_time_second, -record.current_ampere)
    with pytest.raises(CathodelabError, match="is the sign of the current reversed"):
        titration_from_record(reversed_sign, UtilizationSettings())


def test_a_discharge_is_told_from_a_reversed_sign() -> None:
    """The potential falls while the current is negative: the same rests in the opposite order."""
    record = _record(TITRATION)
    assert record.test_time_second is not None
    assert record.current_ampere is not None
    back = record.test_time_second[-1] - record.test_time_second[::-1]
    discharged = CyclingRecord(record.voltage_volt[::-1], back, -record.current_ampere[::-1])
    with pytest.raises(CathodelabError, match="so this is a discharge titration") as caught:
        titration_from_record(discharged, UtilizationSettings())
    assert "reversed" not in str(caught.value)
    assert titration_from_record(discharged, UtilizationSettings(direction="discharge")).direction == "discharge"


def test_a_hold_before_the_rest_adds_its_charge() -> None:
    """Charge, hold with falling current, rest: the hold belongs to the charge."""
    time = np.arange(0, 4 * 3600 + 1, 60.0)
    current = np.where(time <= 3600, 1e-4, np.where(time <= 7200, 1e-4 * (1 - (time - 3600) / 4000), 0.0))
    parts = CyclingRecord(np.linspace(3, 3.1, time.size), time, current)
    later = _record([(1, 1e-4, 3.1, 3.2), (2, 0.0, 3.19, 3.19)])
    assert later.test_time_second is not None
    assert later.current_ampere is not None
    record = CyclingRecord(
        np.concatenate([parts.voltage_volt, later.voltage_volt[1:]]),
        np.concatenate([time, time[-1] + later.test_time_second[1:]]),
        np.concatenate([current, later.current_ampere[1:]]),
    )
    found = titration_from_record(record, UtilizationSettings())
    hold = 0.1 * (1 - 3600 / 8000)
    np.testing.assert_allclose(found.charge_mAh, [0.1 + hold, 0.2 + hold], rtol=5e-3)


def test_a_record_without_clock_uses_runs_of_constant_charge() -> None:
    """Slopes stay unknown."""
    charge = np.concatenate([np.linspace(0, 1, 50), np.full(40, 1.0), np.linspace(1.02, 2, 50), np.full(40, 2.0)])
    voltage = np.concatenate([np.linspace(3, 3.2, 50), np.full(40, 3.15), np.linspace(3.2, 3.4, 50), np.full(40, 3.35)])
    record = CyclingRecord(voltage, net_charge_ampere_hour=charge / 1000)
    found = titration_from_record(record, UtilizationSettings())
    np.testing.assert_allclose(found.potential_volt, [3.15, 3.35])
    np.testing.assert_allclose(np.diff(found.charge_mAh), 1.0)
    assert np.all(np.isnan(found.slope_volt_per_second))


def test_a_reference_without_rests_becomes_a_slow_charge() -> None:
    """One charge of 20 h: at most 200 points, rising."""
    record = _record([(20, 1e-4, 3.5, 4.2)])
    found = reference_from_record(record, UtilizationSettings())
    assert found.kind == "slow charge"
    assert found.potential_volt.size <= 200
    assert np.all(np.diff(found.potential_volt) > 0)
    with pytest.raises(CathodelabError) as caught:
        slow_charge_from_record(_record([(20, -1e-4, 4.2, 3.5)]))
    assert caught.value.code == "no-charge"


def test_pulses_that_had_reached_the_limit_are_left_out_and_it_is_said() -> None:
    """Two last pulses of a minute each, cut by the limit: the potential falls back to where it was."""
    pulses = [
        part
        for k in range(6)
        for part in ((1, 1e-4, 3.5 + 0.1 * k, 3.6 + 0.1 * k), (2, 0.0, 3.58 + 0.1 * k, 3.58 + 0.1 * k))
    ]
    cut = [(1 / 60, 1e-4, 4.1, 4.11), (2, 0.0, 4.08, 4.08)] * 2
    found = reference_from_record(_record([*pulses, *cut]), UtilizationSettings())
    assert found.potential_volt.size == 6
    assert found.notes[-1].startswith("The 2 last points of the titration had reached the limit")
    assert np.all(np.diff(found.potential_volt) > 0)
