"""Heckel's line and where it is straight; Kawakita's constants; which law fits."""

from __future__ import annotations

import numpy as np
import pytest
from compaction_pellets import (
    COMPLIANCE,
    PRESSURES,
    SOLID_UM,
    evaluated,
    heckel_um,
    in_die,
    kawakita_um,
    value,
    verdict,
)

from cathodelab.techniques.compaction.laws import HECKEL, KAWAKITA, REARRANGEMENT
from cathodelab.techniques.compaction.settings import CompactionSettings


def rearranged_um(pressure: np.ndarray = PRESSURES, amplitude: float = 0.08, width: float = 8.0) -> np.ndarray:
    """A line of 180 MPa after rearrangement."""
    logarithm = 0.7 + amplitude * (1 - np.exp(-pressure / width)) + pressure / 180.0
    return SOLID_UM / (1 - np.exp(-logarithm))


def test_an_exact_line_is_found_exactly_and_straight_from_the_first_point() -> None:
    """Slope, intercept, a third of the slope's inverse, and all points in the window."""
    found = evaluated(in_die(heckel_um(heckel=180.0, intercept=0.7)))
    assert value(found, "heckel_pressure_in_die") == pytest.approx(180.0, rel=1e-6)
    assert value(found, "heckel_intercept_in_die") == pytest.approx(0.7, rel=1e-6)
    assert value(found, "yield_strength_in_die") == pytest.approx(60.0, rel=1e-6)
    branch = found.branch("in_die")
    assert branch is not None
    assert branch.window is not None
    assert (branch.window.low_MPa, branch.window.high_MPa, branch.window.points) == (0.5, 375.0, 14)
    assert branch.best == HECKEL


def test_rearrangement_stays_outside_the_window_which_is_stated() -> None:
    """The slope of exp(-P/8) is below 1 % of the line's from about 42 MPa on."""
    found = evaluated(in_die(rearranged_um()))
    how = found.estimates.estimate("heckel_pressure_in_die").how
    assert "60 to 375 MPa, 8 points" in how or "40 to 375 MPa, 9 points" in how
    assert value(found, "heckel_pressure_in_die") == pytest.approx(180.0, rel=1e-3)
    branch = found.branch("in_die")
    assert branch is not None
    assert branch.best == REARRANGEMENT
    fit = branch.law(REARRANGEMENT)
    assert fit is not None
    assert fit.parameters["P_r_MPa"] == pytest.approx(8.0, rel=0.1)
    assert fit.parameters["B"] == pytest.approx(0.08, rel=0.1)


def test_weights_follow_the_thickness_so_that_a_dense_point_counts_little() -> None:
    """5 um at D = 0.99 move ln(1/(1-D)) by half, and the line hardly."""
    dense = heckel_um(heckel=95.0, intercept=0.65)
    moved = dense.copy()
    moved[-1] -= 5.0
    change = value(evaluated(in_die(moved)), "heckel_pressure_in_die") / 95.0 - 1
    assert abs(change) < 0.01
    logarithm = -np.log(1 - SOLID_UM / np.array([dense[-1], moved[-1]]))
    assert logarithm[1] - logarithm[0] > 0.4


def test_a_bent_plot_has_no_straight_part_and_no_number() -> None:
    """Kawakita's law, and ln(1/(1-D)) that goes with the root of the pressure."""
    root = SOLID_UM / (1 - np.exp(-(0.4 + 0.11 * np.sqrt(PRESSURES))))
    for thickness in (kawakita_um(), root):
        found = evaluated(in_die(thickness))
        assert "heckel_pressure_in_die" not in found.estimates
        passed, sentence = verdict(found, "straight_part_in_die")
        assert passed is not True
        assert "No Heckel pressure in die" in sentence


def test_nothing_is_fitted_where_nothing_happens() -> None:
    """Thicknesses that do not change have no slope and no law."""
    found = evaluated(in_die(np.full(PRESSURES.size, 900.0) + COMPLIANCE * PRESSURES * 0))
    assert "heckel_pressure_in_die" not in found.estimates
    assert "kawakita_a_in_die" not in found.estimates


def test_more_misfit_than_noise_is_said_and_widens_the_interval() -> None:
    """Readings that scatter by 4 um and are stated within 0.5: the line is an approximation."""
    scatter = np.random.default_rng(3).normal(0, 4.0, PRESSURES.size)
    content = in_die(heckel_um() + scatter)
    narrow, wide = (evaluated(content, thickness_standard_um=one) for one in (0.5, 4.0))
    assert verdict(narrow, "straight_part_in_die")[0] is None
    assert verdict(wide, "straight_part_in_die")[0] is True
    one = narrow.estimates.effect("heckel_pressure_in_die")
    assert one["p1/misfit of line in die"] > 0
    half = [found.estimates.estimate("heckel_pressure_in_die").plus for found in (narrow, wide)]
    assert half[0] > 0.5 * half[1]


def test_the_window_of_the_settings_is_used_and_said_or_refused() -> None:
    """Between 50 and 300 MPa; and a window that holds nothing."""
    content = in_die(rearranged_um())
    found = evaluated(content, CompactionSettings(window_low_MPa=50, window_high_MPa=300))
    assert "asked for by the settings" in verdict(found, "straight_part_in_die")[1]
    assert "60 to 300 MPa" in found.estimates.estimate("heckel_pressure_in_die").how
    for low, high in ((500.0, 0.0), (300.0, 100.0)):
        empty = evaluated(content, CompactionSettings(window_low_MPa=low, window_high_MPa=high))
        assert "heckel_pressure_in_die" not in empty.estimates
        assert "holds 0 points" in verdict(empty, "straight_part_in_die")[1]
    whole = evaluated(content, CompactionSettings(window_low_MPa=0.1, window_high_MPa=375))
    assert "heckel_pressure_in_die" not in whole.estimates


def test_exact_constants_of_kawakita_are_found_exactly() -> None:
    """a, b and the height of the powder, whatever the density of the solid."""
    for density in (1.0, 1.2):
        found = evaluated(in_die(kawakita_um(a=0.5, b=0.02, h0=1900.0)), mass=evaluated_mass(density))
        assert value(found, "kawakita_a_in_die") == pytest.approx(0.5, rel=1e-6)
        assert value(found, "kawakita_b_in_die") == pytest.approx(0.02, rel=1e-6)
        branch = found.branch("in_die")
        assert branch is not None
        assert branch.best == KAWAKITA
        effect = found.estimates.effect("kawakita_a_in_die")
        assert abs(effect["p1/mass"]) < 1e-9
        assert abs(effect["powder/density"]) < 1e-9


def evaluated_mass(factor: float) -> object:
    """A mass that is off by a factor."""
    from compaction_pellets import known

    return known(200.0 * factor, 0.1, "mg")


def test_constants_of_kawakita_are_within_three_percent() -> None:
    """Forty curves with readings within 1 um, a from 0.35 to 0.6, b from 0.01 to 0.05; each inside its interval."""
    random = np.random.default_rng(4)
    for _ in range(40):
        a, b = random.uniform(0.35, 0.6), random.uniform(0.01, 0.05)
        h0 = SOLID_UM / (0.9 * (1 - a))
        content = in_die(kawakita_um(a=a, b=b, h0=h0) + random.normal(0, 1.0, PRESSURES.size))
        found = evaluated(content, thickness_standard_um=1.0)
        assert value(found, "kawakita_a_in_die") == pytest.approx(a, rel=0.03)
        assert value(found, "kawakita_b_in_die") == pytest.approx(b, rel=0.03)
        half = found.estimates.estimate("kawakita_b_in_die").plus
        assert abs(value(found, "kawakita_b_in_die") - b) < 4 * half


def test_kawakita_has_no_constants_where_it_does_not_fit() -> None:
    """A Heckel powder: a and b would mean nothing, and that is said."""
    found = evaluated(in_die(heckel_um(heckel=95.0)))
    assert "kawakita_a_in_die" not in found.estimates
    assert "would mean nothing" in verdict(found, "kawakita_in_die")[1]
