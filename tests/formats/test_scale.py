"""The list of contradictions: limits, known materials, and what a check says."""

from __future__ import annotations

import math

import pytest

from cathodelab.formats.scale import (
    CAPACITY,
    CONTRADICTIONS,
    LAYERED,
    OLIVINE,
    RATE,
    SPINEL,
    Scales,
    judged,
    scales_of,
    unit_factor,
)


@pytest.mark.parametrize(
    ("name", "scales"),
    [
        ("LiNi0.82Co0.11Mn0.07O2", LAYERED),
        ("Li(Ni0.8Co0.1Mn0.1)O2", LAYERED),
        ("NCM811, single crystals", LAYERED),
        ("LiCoO2", LAYERED),
        ("LiFePO4", OLIVINE),
        ("carbon-coated LFP", OLIVINE),
        ("LiNi0.5Mn1.5O4", SPINEL),
        ("TiS2", Scales(200.0, 0.3, 5.7)),
        ("", Scales(200.0, 0.3, 5.7)),
        ("Li1.2Mn0.54Ni0.13Co0.13O2", Scales(200.0, 0.3, 5.7)),
    ],
)
def test_materials_are_known_by_their_usual_names(name: str, scales: Scales) -> None:
    """What is not known has the limits of any material and the capacity that defines 1C."""
    assert scales_of(name, 200.0) == scales


def test_theoretical_capacities_are_those_of_faradays_law() -> None:
    """One lithium a formula unit: 26,801 mAh/mol over the molar mass."""
    assert pytest.approx(26_801 / 97.28, rel=0.02) == LAYERED.theory_mAh_g  # LiNi0.8Co0.1Mn0.1O2
    assert pytest.approx(26_801 / 157.76, rel=0.02) == OLIVINE.theory_mAh_g
    assert pytest.approx(26_801 / 180.8, rel=0.02) == SPINEL.theory_mAh_g


def test_every_entry_has_a_lower_and_an_upper_limit() -> None:
    """And a name of its own; numbers on a limit are inside."""
    assert len({one.check for one in CONTRADICTIONS}) == len(CONTRADICTIONS) == 7
    for one in CONTRADICTIONS:
        assert 0 <= one.low < one.high < math.inf
        assert judged(one, (one.low, one.high), "It is so").passed is True
        assert judged(one, (one.high * 1.01,), "It is so").passed is False
        assert judged(one, (math.nan,), "It is so").passed is None
        if one.low:
            assert judged(one, (one.low * 0.99,), "It is so").passed is False


def test_a_check_judges_the_number_that_is_farthest_outside() -> None:
    """And says what it is, which limit it passes, and what was most likely mistaken."""
    check = judged(RATE, (2e-5, 150.0), "Half cycles go at 2e-05C to 150C")
    assert (check.value, check.limit) == (2e-5, RATE.low)
    assert "2e-05 1/h is below 0.0001 1/h. Most likely the mass of active material is not in mg" in check.sentence
    assert judged(CAPACITY, (0.9,), "It moves 0.9").sentence == "It moves 0.9."


def test_too_much_charge_is_fatal_and_too_little_is_not() -> None:
    """No material holds it; a dead cell belongs into the mean."""
    assert judged(CAPACITY, (1.4,), "It moves 1.4").fatal
    assert not judged(CAPACITY, (0.005,), "It moves 0.005").fatal
    assert not judged(RATE, (1e3,), "It goes at 1000C").fatal


@pytest.mark.parametrize(("ratio", "factor"), [(60.5, 60.0), (1 / 1002, 1e3), (3500, 3600.0), (1.0, 0.0), (30.0, 0.0)])
def test_factors_between_units_are_recognised(ratio: float, factor: float) -> None:
    """Within 10 %."""
    assert unit_factor(ratio) == factor
