"""Impossible scales are refused."""

from __future__ import annotations

import numpy as np
import pytest

from cathodelab.core.arrays import frozen
from cathodelab.core.errors import CathodelabError
from cathodelab.formats.shared.impossible_scales import refuse_impossible
from cathodelab.formats.table import Table

GOOD = {
    "test_time_second": np.linspace(0, 530_000, 5),
    "voltage_volt": np.linspace(2.9, 3.5, 5),
    "current_ampere": np.full(5, 1e-4),
    "step_count": np.arange(5.0),
}


def _table(**changed: np.ndarray) -> Table:
    return Table("cycling", {name: frozen(values) for name, values in {**GOOD, **changed}.items()})


def test_a_sound_table_passes() -> None:
    """Nothing is raised, and nothing is changed."""
    table = _table()
    refuse_impossible(table)
    assert all((table.columns[name] == values).all() for name, values in GOOD.items())


@pytest.mark.parametrize(
    ("changed", "code", "words"),
    [
        ({"test_time_second": GOOD["test_time_second"] * 1000}, "impossible-scale", "147,222 h"),
        ({"voltage_volt": GOOD["voltage_volt"] * 1000}, "impossible-scale", "mV were taken for V"),
        ({"current_ampere": GOOD["current_ampere"] * 1e6}, "impossible-scale", "µA were taken for A"),
        ({"test_time_second": np.array([0.0, 2, 1, 3, 4])}, "time-backwards", "data row 3"),
        ({"step_count": np.array([1.0, 2, 1, 3, 4])}, "step-backwards", "falls from 2 to 1"),
    ],
)
def test_impossible_scales_are_refused(changed: dict[str, np.ndarray], code: str, words: str) -> None:
    """A test of 147,000 h is milliseconds taken for seconds."""
    with pytest.raises(CathodelabError) as caught:
        refuse_impossible(_table(**changed))
    assert caught.value.code == code
    assert words in str(caught.value)


@pytest.mark.parametrize(("wrong", "factor"), [("mA for A", 1e3), ("h for s", 3600.0), ("A for mA", 1e-3)])
def test_current_and_charge_in_different_units_are_refused(wrong: str, factor: float) -> None:
    """The charge that passed is counted twice, by the cycler and by current and time: they cannot be a unit apart."""
    charge = np.linspace(0, 530_000, 5) * 1e-4 / 3600
    refuse_impossible(_table(net_charge_ampere_hour=charge))
    with pytest.raises(CathodelabError) as caught:
        refuse_impossible(_table(net_charge_ampere_hour=charge * factor))
    assert caught.value.code == "units-contradict", wrong


@pytest.mark.parametrize("name", ["voltage_volt", "current_ampere"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_no_number_has_no_possible_scale(name: str, value: float) -> None:
    """Damage that overflows while something is rebuilt ends here."""
    with pytest.raises(CathodelabError):
        refuse_impossible(_table(**{name: np.array([0.0, 1, 1, 1, value])}))


def test_missing_rows_are_no_other_unit() -> None:
    """Gaps of hours under current, whose charge the counter does not have: the ratio is chance."""
    time = np.concatenate([np.arange(100) * 10.0, 22_000.0 + np.arange(100) * 10.0])
    current = np.full(200, 1e-3)
    charge = np.concatenate([np.arange(100), 100 + np.arange(100)]) * 10.0 * 1e-3 / 3600
    assert np.sum(current[1:] * np.diff(time)) / 3600 > 10 * charge[-1]
    columns = {"voltage_volt": np.full(200, 3.0), "step_count": np.ones(200), "net_charge_ampere_hour": charge}
    refuse_impossible(_table(test_time_second=time, current_ampere=current, **columns))


@pytest.mark.parametrize("factor", [60.0, 1e3, 1 / 3600])
def test_a_clock_that_contradicts_the_dates_is_refused(factor: float) -> None:
    """Minutes, milliseconds or hours taken for seconds; a clock that counts the time of the test alone is none of them."""
    dates = 1.7e9 + GOOD["test_time_second"] * 0.02
    sound = GOOD["test_time_second"] * 0.02
    refuse_impossible(_table(test_time_second=sound, unix_time_second=dates))
    refuse_impossible(_table(test_time_second=sound * 0.4, unix_time_second=dates))
    with pytest.raises(CathodelabError) as caught:
        refuse_impossible(_table(test_time_second=sound * factor, unix_time_second=dates))
    assert caught.value.code == "clocks-contradict"


def test_one_of_two_counters_in_another_unit_is_refused() -> None:
    """The charging capacity is right and the discharging one a thousand times too small: their sum would hide it."""
    time = np.arange(40) * 60.0
    current = np.concatenate([np.full(20, 1e-3), np.full(20, -1e-3)])
    moved = current * 60 / 3600
    columns = {"voltage_volt": np.full(40, 3.0), "step_count": np.repeat([1.0, 2.0], 20), "current_ampere": current}
    refuse_impossible(_table(test_time_second=time, net_charge_ampere_hour=np.cumsum(moved), **columns))
    wrong = np.cumsum(np.where(current < 0, moved / 1000, moved))
    with pytest.raises(CathodelabError, match="Of the discharge, current and time give") as caught:
        refuse_impossible(_table(test_time_second=time, net_charge_ampere_hour=wrong, **columns))
    assert caught.value.code == "units-contradict"


@pytest.mark.parametrize("factor", [1e3, 1e-9])
def test_frequencies_that_no_instrument_has_are_refused(factor: float) -> None:
    """Kilohertz in a column of hertz, and the other way round."""
    hertz = np.geomspace(1e6, 1e-2, 5)
    columns = {"frequency_hertz": hertz, "real_impedance_ohm": np.ones(5), "imaginary_impedance_ohm": -np.ones(5)}
    refuse_impossible(Table("impedance spectra", {name: frozen(values) for name, values in columns.items()}))
    columns["frequency_hertz"] = hertz * factor
    with pytest.raises(CathodelabError, match="frequency reaches") as caught:
        refuse_impossible(Table("impedance spectra", {name: frozen(values) for name, values in columns.items()}))
    assert caught.value.code == "impossible-scale"
