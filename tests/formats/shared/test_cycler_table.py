"""Clocks, counters and signs of a test from what a cycler writes."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from cathodelab.core.errors import CathodelabError
from cathodelab.formats.shared.cycler_table import Cycler, cycler_table

STEP = np.repeat([0.0, 1.0, 2.0], 4)
WITHIN = np.tile([0.0, 1200.0, 2400.0, 3600.0], 3)
CURRENT = np.repeat([0.0, 0.1, -0.1], 4)
RAW = {"voltage_volt": np.full(12, 3.7), "current_ampere": CURRENT, "step_time_second": WITHIN}
STATES = pl.Series(["Rest"] * 4 + ["Charge"] * 4 + ["Discharge"] * 4)
OURS = Cycler("Ours")


def test_a_clock_is_made_from_dates_and_clocks_of_steps_with_the_pauses_between() -> None:
    """Dates are whole seconds; a step never begins before the one before it ends."""
    dates = WITHIN + np.repeat([0.0, 3600.0, 7260.0], 4)
    table = cycler_table(OURS, {**RAW, "unix_time_second": np.floor(1.8e9 + dates)}, STATES)
    np.testing.assert_allclose(table.column("test_time_second"), dates)
    bare = cycler_table(OURS, RAW, STATES)
    assert bare.column("test_time_second")[-1] == pytest.approx(3 * 3600)
    alone = cycler_table(
        OURS, {name: RAW[name] for name in RAW if name != "step_time_second"} | {"unix_time_second": dates}, STATES
    )
    np.testing.assert_allclose(alone.column("test_time_second"), dates)
    with pytest.raises(CathodelabError, match="has no clock"):
        cycler_table(OURS, {"voltage_volt": RAW["voltage_volt"], "current_ampere": CURRENT}, STATES)


def test_one_count_without_direction_two_counts_and_a_net_charge_give_the_same() -> None:
    size = np.abs(CURRENT) * WITHIN / 3600
    up, down = np.where(CURRENT > 0, size, 0.0), np.where(CURRENT < 0, size, 0.0)
    single = cycler_table(OURS, {**RAW, "counter_ampere_hour": size}, STATES)
    pair = {"charging_capacity_ampere_hour": up, "discharging_capacity_ampere_hour": down}
    both = cycler_table(OURS, {**RAW, **pair}, STATES)
    net = np.concatenate([np.zeros(4), up[4:8], 0.1 - down[8:]])
    given = cycler_table(OURS, {**RAW, "net_charge_ampere_hour": net + 5}, STATES)
    for table in (single, both, given):
        np.testing.assert_allclose(table.column("net_charge_ampere_hour"), net, atol=1e-12)
        assert any("agree" in note for note in table.notes)


def test_the_counters_give_a_sign_that_current_and_states_lack() -> None:
    size = np.abs(CURRENT) * WITHIN / 3600
    pair = {
        "charging_capacity_ampere_hour": np.where(CURRENT > 0, size, 0.0),
        "discharging_capacity_ampere_hour": np.where(CURRENT < 0, size, 0.0),
    }
    table = cycler_table(OURS, {**RAW, **pair, "current_ampere": np.abs(CURRENT)}, None)
    np.testing.assert_allclose(table.column("current_ampere"), CURRENT)


def test_a_maker_whose_positive_current_discharges_is_turned() -> None:
    table = cycler_table(Cycler("Ours", turned=True), {**RAW, "current_ampere": -CURRENT}, None)
    np.testing.assert_allclose(table.column("current_ampere"), CURRENT)
