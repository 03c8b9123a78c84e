"""Impossible scales are refused."""

from __future__ import annotations

import numpy as np
import pytest

from cathodelab.core.arrays import frozen
from cathodelab.core.errors import CathodelabError
from cathodelab.formats.shared.scale import refuse_impossible
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
