"""Conductivity from resistance and geometry: sources of error, separators, contacts, bounds and refusals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from staircases import CONDUCTANCE, CONDUCTIVITY, SETTINGS, TAU, changed, pellet, record

from cathodelab.core.checks import Check
from cathodelab.core.errors import CathodelabError
from cathodelab.core.estimate import Estimate, covariance
from cathodelab.techniques.conduction.method import partial_conductivity
from cathodelab.techniques.conduction.results import ConductionResult

NAN = float("nan")
SIGMA = "electronic_conductivity"


def check(result: ConductionResult, name: str) -> Check:
    """The check of a name."""
    return next(one for one in result.checks if one.name == name)


def test_the_conductivity_is_thickness_over_area_and_resistance() -> None:
    """Of both branches too; the electrodes say whose it is."""
    result = partial_conductivity(pellet(), record(), SETTINGS)
    for name in (SIGMA, f"{SIGMA}_away", f"{SIGMA}_back"):
        assert result.estimates.estimate(name).value == pytest.approx(CONDUCTIVITY, rel=2e-3)
    assert result.estimates.estimate("total_resistance").value == pytest.approx(1 / CONDUCTANCE, rel=1e-3)
    assert result.estimates.estimate("areal_resistance").value == pytest.approx(0.785 / CONDUCTANCE, rel=1e-3)
    assert result.estimates.estimate("time_constant").value == pytest.approx(TAU, rel=0.01)
    assert "25 °C" in result.estimates.estimate(SIGMA).how
    assert "ionic_conductivity" not in result.estimates


def test_thickness_area_and_instrument_are_in_the_interval_as_they_are_stated() -> None:
    """2 % and 1 % make 2.24 %, and the gains of the instrument a tenth of a per cent each."""
    known = replace(
        pellet(), thickness=Estimate(500.0, 10.0, 10.0, "um"), area=Estimate(0.785, 0.00785, 0.00785, "cm2")
    )
    result = partial_conductivity(known, record(), SETTINGS)
    relative = result.estimates.estimate(SIGMA).plus / CONDUCTIVITY
    assert relative == pytest.approx(np.sqrt(0.02**2 + 0.01**2 + 2 * 0.001**2 / 3), rel=0.01)
    assert [line.group for line in result.estimates.budget(SIGMA)][:2] == ["thickness", "area"]
    assert not any(one.name == "stated uncertainties" for one in result.checks)


def test_uncertainties_that_are_not_stated_come_from_the_settings_and_are_said() -> None:
    """Never zero for unknown."""
    unknown = replace(pellet(), thickness=Estimate(500.0), area=Estimate(0.785), temperature_degC=NAN)
    result = partial_conductivity(unknown, record(), SETTINGS)
    assert result.estimates.estimate(SIGMA).plus / CONDUCTIVITY == pytest.approx(np.hypot(0.02, 0.01), rel=0.01)
    assert "thickness ± 2 %, area ± 1 %" in check(result, "stated uncertainties").sentence
    assert "temperature_degC" in check(result, "temperature").sentence


def test_pellets_of_one_die_share_the_error_of_its_area() -> None:
    """Their conductivities are correlated by it, and by nothing else."""
    first, second, alone = (
        replace(pellet(die=die), id=name, area=Estimate(0.785, 0.01, 0.01))
        for name, die in (("a", "die 1"), ("b", "die 1"), ("c", "die 2"))
    )
    sets = [partial_conductivity(one, record(), SETTINGS).estimates for one in (first, second, alone)]
    shared = covariance(sets, SIGMA)
    assert shared[0, 1] == pytest.approx((0.01 / 0.785 * CONDUCTIVITY) ** 2, rel=0.01)
    assert shared[0, 2] == 0


def test_separators_are_subtracted_with_their_error() -> None:
    """100 of 400 ohm, known to 3 %: 1 % of the composite."""
    result = partial_conductivity(pellet("electrons", separator=Estimate(100.0, 3.0, 3.0, "ohm")), record(), SETTINGS)
    one = result.estimates.estimate("ionic_conductivity")
    assert one.value == pytest.approx(CONDUCTIVITY * 400 / 300, rel=2e-3)
    assert one.plus / one.value == pytest.approx(0.01, rel=0.05)
    assert check(result, "share of the separators").passed
    assert "25 %" in check(result, "share of the separators").sentence


def test_a_separator_cell_is_evaluated_like_any_and_its_error_is_shared_by_all_pellets_beside_it() -> None:
    """Two pellets beside one separator cell of 80 ohm."""
    beside = changed(record(), current=5 * record().current_ampere)
    sets = []
    for name in ("a", "b"):
        one = replace(pellet("electrons"), id=name)
        result = partial_conductivity(one, record(), SETTINGS, ("separators", beside))
        assert result.estimates.estimate("separator_resistance").value == pytest.approx(80.0, rel=2e-3)
        assert result.estimates.estimate("ionic_conductivity").value == pytest.approx(
            CONDUCTIVITY * 400 / 320, rel=3e-3
        )
        assert result.separator is not None
        sets.append(result.estimates)
    assert covariance(sets, "ionic_conductivity")[0, 1] > 0
    twice = partial_conductivity(
        replace(pellet("electrons"), separator_ratio=2.0), record(), SETTINGS, ("separators", beside)
    )
    assert twice.estimates.estimate("separator_resistance").value == pytest.approx(160.0, rel=2e-3)


@pytest.mark.parametrize("share", [0.91, 1.0, 1.3])
def test_separators_of_more_than_nine_tenths_are_refused(share: float) -> None:
    """The composite would be the error of the separators."""
    with pytest.raises(CathodelabError, match="difference of two large numbers") as caught:
        partial_conductivity(pellet("electrons", separator=Estimate(share * 400, 1.0, 1.0)), record(), SETTINGS)
    assert caught.value.code == "separators-dominate"
    assert f"{100 * share:.0f} %" in caught.value.what


def test_separators_of_nearly_nine_tenths_are_a_number_with_a_wide_interval() -> None:
    """Their error counts six times."""
    result = partial_conductivity(pellet("electrons", separator=Estimate(344.0, 3.44, 3.44)), record(), SETTINGS)
    one = result.estimates.estimate("ionic_conductivity")
    assert one.plus / one.value == pytest.approx(0.01 * 344 / 56, rel=0.05)
    assert "counts 6.1 times" in check(result, "share of the separators").sentence


def test_an_ionic_conductivity_without_separators_is_refused() -> None:
    """What to state is said."""
    with pytest.raises(CathodelabError, match="separator_cell") as caught:
        partial_conductivity(pellet("electrons"), record(), SETTINGS)
    assert caught.value.code == "separator-missing"


def test_a_separator_cell_that_is_not_steady_is_no_number_to_subtract() -> None:
    """The error names the cell."""
    beside = record(hold=200, interval=2, ratio=20)
    with pytest.raises(CathodelabError, match="separators") as caught:
        partial_conductivity(pellet("electrons"), record(), SETTINGS, ("separators", beside))
    assert caught.value.code == "separator-not-steady"


def test_a_faulty_separator_cell_is_named_in_the_error() -> None:
    """It is not the pellet's own record."""
    beside = record((0.02,))
    with pytest.raises(CathodelabError, match="separator cell separators"):
        partial_conductivity(pellet("electrons"), record(), SETTINGS, ("separators", beside))


def test_a_separator_cell_has_a_resistance_and_no_conductivity() -> None:
    """It needs neither thickness nor area."""
    bare = replace(pellet("separator cell"), thickness=Estimate(NAN), area=Estimate(NAN))
    result = partial_conductivity(bare, record(), SETTINGS)
    assert result.estimates.estimate("total_resistance").value == pytest.approx(400, rel=2e-3)
    assert not any("conductivity" in name for name in result.estimates.names)


def test_contacts_smaller_than_the_pellet_leave_a_range() -> None:
    """The truth lies between the area of the contacts and that of the pellet."""
    result = partial_conductivity(pellet(whole_area=0.9), record(), SETTINGS)
    one = result.estimates.estimate(SIGMA)
    assert one.value == pytest.approx(CONDUCTIVITY, rel=2e-3)
    assert one.value - one.minus == pytest.approx(CONDUCTIVITY * 0.785 / 0.9, rel=3e-3)
    assert one.plus < 0.01 * one.value
    area = check(result, "area of the contacts")
    assert area.passed is False
    assert "factor of 1.15" in area.sentence


def test_a_record_that_is_not_steady_has_a_bound_and_no_number() -> None:
    """From nothing to the limit, and the limit holds."""
    result = partial_conductivity(pellet(), record(hold=200, interval=2, ratio=20), SETTINGS)
    assert SIGMA not in result.estimates
    assert "total_resistance" not in result.estimates
    limit = result.estimates.estimate(f"{SIGMA}_upper_limit")
    assert limit.value >= CONDUCTIVITY
    assert (limit.minus, limit.plus) == (limit.value, 0.0)
    assert "not steady" in limit.how


def test_a_current_below_the_noise_is_an_upper_limit() -> None:
    """Of the noise that was there."""
    noise = np.random.default_rng(8).standard_normal(record().rows) * 1e-9
    result = partial_conductivity(pellet(), changed(record(), current=noise), SETTINGS)
    limit = result.estimates.estimate(f"{SIGMA}_upper_limit")
    assert 0 < limit.value < 1e-7 * CONDUCTIVITY / CONDUCTANCE
    assert "below its uncertainty" in limit.how


def test_one_thickness_bounds_the_contacts_by_the_whole_resistance() -> None:
    """And says how to tell them apart."""
    result = partial_conductivity(pellet(), record(), SETTINGS)
    one = result.estimates.estimate("contact_resistance_upper_limit")
    assert one.value == pytest.approx(0.785 / CONDUCTANCE, rel=2e-3)
    assert one.minus == one.value
    assert "two thicknesses" in check(result, "contact resistance").sentence


@pytest.mark.parametrize(("factor", "word"), [(1e6, "more"), (1e-9, "less")])
def test_a_conductivity_that_no_composite_has_is_doubted(factor: float, word: str) -> None:
    """A current of mA that is taken for A is 1000 times too large; only where that is impossible does it show."""
    staircase = record(noise=1e-12)
    result = partial_conductivity(pellet(), changed(staircase, current=factor * staircase.current_ampere), SETTINGS)
    scale = check(result, "scale")
    assert scale.passed is False
    assert word in scale.sentence
    assert "mA for A" in scale.sentence or "mV for V" in scale.sentence


def test_a_conductivity_that_no_solid_has_is_refused() -> None:
    """A thickness in nm, an area in m2."""
    huge = replace(pellet(), thickness=Estimate(5e13, 1.0, 1.0))
    with pytest.raises(CathodelabError, match="No solid conducts better") as caught:
        partial_conductivity(huge, record(), SETTINGS)
    assert caught.value.code == "impossible-scale"


def test_a_pellet_thicker_than_wide_is_doubted() -> None:
    """500 mm for 500 um."""
    thick = replace(pellet(), thickness=Estimate(5e5, 1.0, 1.0))
    assert "times as thick as wide" in check(partial_conductivity(thick, record(), SETTINGS), "shape").sentence
