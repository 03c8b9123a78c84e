"""Causes of loss: shared out by resistances of known truth, with their errors, or said to be unknown."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "techniques" / "cycling"))
sys.path.insert(0, str(Path(__file__).parents[1] / "techniques" / "utilization"))
sys.path.insert(0, str(Path(__file__).parents[1] / "techniques" / "impedance"))
import cells as titrations
from cycling_cells import cell, generated, record
from spectra import FREQUENCIES, exact, noisy

from cathodelab.analyses.active import ActiveSettings, active_capacities
from cathodelab.analyses.causes.loss_shares import SharingInputs, shared_out
from cathodelab.analyses.causes.method import CauseResult, CauseSettings, causes_of_loss
from cathodelab.core.samples import Cell
from cathodelab.techniques.cycling.method import cycling_metrics
from cathodelab.techniques.cycling.model import CyclingSettings
from cathodelab.techniques.impedance.method import resistances
from cathodelab.techniques.impedance.model import ImpedanceResult, ImpedanceSettings
from cathodelab.techniques.impedance.spectrum import Spectrum
from cathodelab.techniques.utilization.method import static_utilization
from cathodelab.techniques.utilization.model import UtilizationSettings
from cathodelab_validation.cycler import CyclingTruth, Recording

SEPARATOR, CATHODE, ANODE = 40.0, 105.0, 10.0
"""Ohm, as set in the spectra."""
EXPECTED = 218.0


def _inputs(theta: float = 0.9, volt_hour: float = 0.36) -> tuple[Cell, Any, Any, Any]:
    one = cell()
    truth = CyclingTruth(utilization=theta, resistance_volt_hour=volt_hour)
    cycling = cycling_metrics(one, record(generated((0.1, 0.3), truth, Recording(rows=80))), CyclingSettings(), 200.0)
    utilization = static_utilization(
        one, titrations.solid(theta), titrations.reference_cell(), titrations.reference(), UtilizationSettings(), 200.0
    )
    active = active_capacities(
        one, cycling, utilization, None, ActiveSettings(expected_active_capacity_mAh_g=EXPECTED), 200.0
    )
    return one, cycling, utilization, active


@pytest.fixture(scope="module")
def measured() -> tuple[Cell, Any, Any, Any]:
    """Results of one cell without spectra."""
    return _inputs()


def _impedance(one: Cell, *volts: float) -> ImpedanceResult:
    """Spectra at these potentials of the cell, all of the same resistances."""
    found = []
    for number, volt in enumerate(volts, 1):
        z = noisy(exact(), number)
        found.append(Spectrum(FREQUENCIES, z.real, z.imag, voltage_volt=np.full(z.size, volt), number=number))
    return resistances(one, found, ImpedanceSettings())


def _check(result: CauseResult, name: str) -> tuple[bool | None, str]:
    found = next(check for check in result.checks if check.name == name)
    return found.passed, found.sentence


def test_known_resistances_take_their_part_of_the_overpotential(measured: tuple[Cell, Any, Any, Any]) -> None:
    """At 0.3C, 0.6 mA: 24 mV separator, 63 mV cathode, 6 mV anode of what the cycles show."""
    one, cycling, *_ = measured
    result = causes_of_loss(*measured, _impedance(one, 3.25), None, CauseSettings())
    shares = result.shares[1]
    eta = cycling.estimates.estimate("overpotential_0.3C").value
    kinetic = EXPECTED - shares.static - shares.gross
    for part, ohm in (("separator", SEPARATOR), ("cathode", CATHODE), ("anode", ANODE)):
        truth = kinetic * 0.6e-3 * ohm / eta
        assert getattr(shares, part) == pytest.approx(truth, abs=3 * shares.standard[part])
        estimate = result.estimates.estimate(f"{part}_loss_0.3C")
        assert estimate.value == getattr(shares, part)
        assert estimate.plus > 0.005 * estimate.value
    total = sum(getattr(shares, name) for name in ("gross", "static", "separator", "cathode", "anode", "unexplained"))
    assert total == pytest.approx(EXPECTED)
    assert np.isnan(shares.cathode_and_anode)
    assert _check(result, "kinetic_loss_attributed")[0] is True
    assert _check(result, "resistances_within_overpotential")[0] is True


def test_errors_of_mass_utilization_and_resistance_are_all_in_it(measured: tuple[Cell, Any, Any, Any]) -> None:
    """Static knows the utilization and the expected capacity; the cathode's part is dominated by its state of charge."""
    result = causes_of_loss(*measured, _impedance(measured[0], 3.25), None, CauseSettings())
    static = {line.group for line in result.estimates.budget("static_loss_0.3C") if line.share > 1e-3}
    assert "weighing of the cell" in static
    assert "noise of the spectrum" not in static
    cathode = result.estimates.budget("cathode_loss_0.3C")
    assert "resistance changes over the discharge" in {line.group for line in cathode if line.share > 0.05}
    theta = measured[2].estimates
    expected = EXPECTED * theta.estimate("static_utilization").plus
    quiet = causes_of_loss(*measured, None, None, CauseSettings(expected_standard_uncertainty_mAh_g=0.0))
    assert quiet.estimates.estimate("static_loss_0.3C").minus == pytest.approx(expected, rel=1e-3)


def test_the_area_cancels(measured: tuple[Cell, Any, Any, Any]) -> None:
    """Current times resistance is a potential; the areal resistance beside it has the area's error."""
    result = causes_of_loss(*measured, _impedance(measured[0], 3.25), None, CauseSettings())
    assert abs(result.estimates.effect("separator_loss_0.3C")["ssb-01/area"]) < 1e-9
    separator = result.estimates.estimate("separator_resistance")
    assert separator.value == pytest.approx(SEPARATOR * 0.785, abs=4 * separator.plus)
    assert result.estimates.effect("separator_resistance")["ssb-01/area"] == pytest.approx(0.01 * separator.value)


def test_without_spectra_the_kinetic_loss_is_not_told_apart(measured: tuple[Cell, Any, Any, Any]) -> None:
    """Static and the rest; no part is nothing, and it is said what is missing."""
    result = causes_of_loss(*measured, None, None, CauseSettings())
    shares = result.shares[1]
    assert np.isnan([shares.cathode, shares.anode, shares.separator]).all()
    assert shares.static + shares.unexplained + shares.gross == pytest.approx(EXPECTED)
    assert "cathode_loss_0.3C" not in result.estimates
    passed, sentence = _check(result, "kinetic_loss_attributed")
    assert passed is None
    assert "cathode, anode, separator (no impedance spectra" in sentence


def test_a_spectrum_of_another_state_of_charge_says_nothing_of_the_cathode(
    measured: tuple[Cell, Any, Any, Any],
) -> None:
    """Charged to 3.68 V: separator and anode are known, the cathode is not; without potential likewise."""
    for volt, words in ((3.68, "taken at 3.68 V"), (np.nan, "state of charge of the spectra is unknown")):
        result = causes_of_loss(*measured, _impedance(measured[0], volt), None, CauseSettings())
        shares = result.shares[1]
        assert np.isnan(shares.cathode)
        assert shares.separator > 0
        assert shares.anode > 0
        passed, sentence = _check(result, "kinetic_loss_attributed")
        assert passed is None
        assert words in sentence
    wide = causes_of_loss(*measured, _impedance(measured[0], 3.68), None, CauseSettings(like_potential_volt=1.0))
    assert np.isfinite(wide.shares[1].cathode)


def test_spectra_that_differ_widen_the_interval(measured: tuple[Cell, Any, Any, Any]) -> None:
    """The mean of two with their difference as an error of its own."""
    one = measured[0]
    alike = causes_of_loss(*measured, _impedance(one, 3.25, 3.26), None, CauseSettings())
    assert "mean of 2 spectra" in alike.resistances["cathode"].source
    larger = noisy(exact(np.array([40.0, 210.0, 1.6e-4, 0.85, 10.0, 0.05, 0.85, 0.3, 0.55])), 3)
    pair = [
        Spectrum(FREQUENCIES, z.real, z.imag, voltage_volt=np.full(z.size, 3.25), number=number)
        for number, z in enumerate((noisy(exact(), 1), larger), 1)
    ]
    apart = causes_of_loss(*measured, resistances(one, pair, ImpedanceSettings()), None, CauseSettings())
    assert apart.resistances["cathode"].value == pytest.approx(1.5 * CATHODE, rel=0.05)
    assert apart.shares[1].standard["cathode"] > 1.5 * alike.shares[1].standard["cathode"]


def test_stated_resistances_stand_in_and_their_unknown_error_is_not_nothing(
    measured: tuple[Cell, Any, Any, Any],
) -> None:
    """An anode of 5 ohm cm2 in cells.csv: without uncertainty its part has no interval, with one it has."""
    one, *rest = measured
    stated = replace(one, details={**one.details, "anode_resistance_ohm_cm2": "5"})
    result = causes_of_loss(stated, *rest, None, None, CauseSettings())
    assert result.shares[1].anode > 0
    assert np.isnan(result.shares[1].standard["anode"])
    assert np.isfinite(result.shares[1].standard["static"])
    known = replace(stated, details={**stated.details, "anode_resistance_standard_uncertainty_ohm_cm2": "1"})
    half = causes_of_loss(known, *rest, None, None, CauseSettings())
    effect = half.estimates.effect("anode_loss_0.3C")["ssb-01/anode resistance"]
    assert effect == pytest.approx(0.2 * half.shares[1].anode, rel=1e-6)
    assert half.shares[1].standard["anode"] > effect


def test_resistances_that_ask_for_too_much_share_in_their_ratio() -> None:
    """Twice the overpotential asked: everything kinetic is given out; nothing kinetic, nothing given."""
    one = SharingInputs(
        np.array([0.9]), 200.0, np.array([160.0]), np.array([0.010]), np.array([2.0]), np.array([0, 5.0, 10.0, 0])
    )
    static, cathode, anode, separator, _, rest = shared_out(one)[:, 0]
    assert (static, cathode, anode, separator, rest) == pytest.approx((20.0, 0.0, 20 / 3, 40 / 3, 0.0))
    for changed in (replace(one, overpotential=np.array([np.nan])), replace(one, gross=np.array([183.0]))):
        parts = shared_out(changed)[:, 0]
        assert not parts[1:5].any()
        assert parts[5] == pytest.approx(180.0 - changed.gross[0])


def test_too_large_resistances_fail_their_check() -> None:
    """Spectra of a hot or an aged cell beside these cycles: said."""
    fast = _inputs(volt_hour=0.05)
    passed, sentence = _check(
        causes_of_loss(*fast, _impedance(fast[0], 3.25), None, CauseSettings()), "resistances_within_overpotential"
    )
    assert passed is False
    assert "share it in their ratio" in sentence
