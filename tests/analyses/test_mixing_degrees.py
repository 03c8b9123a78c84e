"""Both degrees of mixing on cells whose rate behaviour is known by construction."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "techniques" / "cycling"))
from cycling_cells import cell, evaluated, made

from cathodelab.analyses.active import ActiveSettings, active_capacities
from cathodelab.analyses.mixing_degrees import MixingDegreesSettings, mixing_degrees, page, tables
from cathodelab.analyses.secondary_mixing import (
    CAPACITY,
    RATE,
    SecondaryMixingResult,
    SecondaryMixingSettings,
    secondary_mixing,
)
from cathodelab.core.errors import OtherData
from cathodelab.core.estimate import EstimateSet
from cathodelab.core.method import Finding, Findings
from cathodelab.core.sources import Source
from cathodelab.techniques.cycling.model import CyclingResult
from cathodelab.techniques.utilization.model import UtilizationSettings

LOSS = 0.15


@dataclass(frozen=True)
class Utilization:
    """What active capacities need of a utilization."""

    estimates: EstimateSet
    settings: UtilizationSettings = field(default_factory=UtilizationSettings)


def _utilization(theta: float, standard: float = 0.01) -> Utilization:
    source = Source("reference/mass", "weighing of the reference", "standard", "weigh")
    names, pers, hows = ("static_utilization",), ("mass",), ("titration",)
    return Utilization(EstimateSet(names, np.array([theta]), ("1",), pers, hows, (source,), np.array([[standard]])))


def _cycled(theta: float, slowest: float = 0.125, nominal: Sequence[float] = (0.1, 1.0, 2.0)) -> CyclingResult:
    """Cycles whose capacity per connected mass falls by 15 % for every factor e in the rate per connected mass."""
    steps = []
    for rate in nominal:
        charge = 2.0 * theta * (1 - LOSS * np.log(rate / theta / slowest))
        steps += [(2.0 * rate, charge, 2.6, 3.6), (-2.0 * rate, charge, 3.5, 2.2)] * 3
    return evaluated(made(*steps, rows=12), current_offset_limit_of_range=0.0)


def _secondary(theta: float, **knobs: float) -> SecondaryMixingResult:
    cycling = _cycled(theta)
    active = active_capacities(cell(), cycling, _utilization(theta), None, ActiveSettings(), 200.0)
    return secondary_mixing(cycling, active, SecondaryMixingSettings(**{"c_rate": 1.0, **knobs}))


def _moved_by_theta(rate: float) -> float:
    """What one standard uncertainty of theta (0.01 of 0.8) does: every rate is over theta, the slow rate stays where it is.

    From ln r = c + (1 - 0.8 q(0.2)) / k with all points moved along by d = d ln r = -0.01 / 0.8: d ln r_80 = d (1 - 0.8).
    """
    return rate * -0.01 / 0.8 * (1 - 0.8)


def test_the_rate_at_which_a_share_is_left_is_that_of_the_law() -> None:
    """q(r) = 1 - 0.15 ln(r / 0.125): 80 % of q(0.2) are left at q^-1(0.8 q(0.2)); at 1C per connected mass q(1) / q(0.2)."""
    found = _secondary(0.8).estimates
    rate, share = found.estimate(RATE), found.estimate(CAPACITY)
    slow = 1 - LOSS * np.log(0.2 / 0.125)
    assert rate.value == pytest.approx(0.125 * np.exp((1 - 0.8 * slow) / LOSS), rel=1e-6)
    assert share.value == pytest.approx((1 - LOSS * np.log(8)) / slow, rel=1e-6)
    assert (rate.unit, share.unit) == ("1/h", "1")
    effect = found.effect(RATE)
    assert effect["reference/mass"] == pytest.approx(_moved_by_theta(rate.value), rel=1e-3)
    assert effect["ssb-01/mass"] == pytest.approx(0.0, abs=0.02 * rate.value)
    assert 0 < effect["ssb-01/bend between rates"] < 0.5 * rate.value


def test_it_does_not_know_the_utilization() -> None:
    """Half as much material takes part, as well connected: the same law per connected mass gives the same degree."""
    good, poor = (_secondary(theta, c_rate=1.5).estimates for theta in (0.9, 0.6))
    for name in (RATE, CAPACITY):
        assert good.estimate(name).value == pytest.approx(poor.estimate(name).value, rel=1e-6)
    nominal = [_cycled(theta).estimates.estimate("rate_retention_1C").value for theta in (0.9, 0.6)]
    assert nominal[0] - nominal[1] > 0.02  # without the normalization the cell of which less takes part looks worse


def test_what_is_beyond_the_measured_rates_is_not_given() -> None:
    """A share that no rate reaches, and a rate that no cycle has; the check says it."""
    result = _secondary(0.8, share_left=0.2, c_rate=5.0)
    assert result.estimates.names == ()
    (check,) = result.checks
    assert check.passed is None
    assert "the rate at which 20 % are left is faster" in check.sentence


def test_one_rate_tells_nothing() -> None:
    """Nothing is said of such a cell."""
    cycling = evaluated(made(*((0.2, 1.8, 2.6, 3.6), (-0.2, 1.8, 3.5, 2.2)) * 3))
    active = active_capacities(cell(), cycling, _utilization(0.8), None, ActiveSettings(), 200.0)
    with pytest.raises(OtherData):
        secondary_mixing(cycling, active, SecondaryMixingSettings())


def test_batches_have_means_of_both_degrees_and_of_the_shoulder() -> None:
    """Three cells of 70, 80 and 90 %; what they share is not averaged away, their scatter is by the root of three."""
    thetas = (0.7, 0.8, 0.9)
    cells = [replace(cell(), id=f"c{number}", batch="b1") for number in range(3)]
    found: dict[str, list[Finding]] = {"utilization": [], "cycling": [], "secondary_mixing": []}
    for one, theta in zip(cells, thetas, strict=True):
        results = {"utilization": _utilization(theta), "cycling": _cycled(theta), "secondary_mixing": _secondary(theta)}
        for name, result in results.items():
            found[name].append(Finding(one, result.estimates, (), lambda result=result: result))
    result = mixing_degrees(
        Findings(tuple(cells), {name: tuple(of) for name, of in found.items()}), MixingDegreesSettings()
    )
    by_name = {one.quantity.name: one for one in result.means}
    primary = by_name["primary degree of mixing (utilization)"]
    assert primary.mean == pytest.approx(80.0)
    assert primary.sd == pytest.approx(10.0)
    assert primary.standard == pytest.approx(np.hypot(1.0, 10 / np.sqrt(3)))
    assert by_name["secondary degree of mixing (rate)"].cells == ("c0", "c1", "c2")
    shoulder = by_name["shoulder charge"]
    expected = [one.estimates.estimate("initial_shoulder_charge").value for one in found["cycling"]]
    assert shoulder.mean == pytest.approx(np.mean(expected))
    (table,) = tables(result)
    assert [row[1] for row in table.rows] == list(by_name)
    assert page(result, {})[1].rows[0][0].text == "b1"
