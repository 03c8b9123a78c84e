"""Static utilization from titrations."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
import cells

from cathodelab.core.errors import CathodelabError
from cathodelab.techniques.utilization.method import static_utilization
from cathodelab.techniques.utilization.model import UtilizationResult, UtilizationSettings
from cathodelab.techniques.utilization.tables import tables


def _result(theta: float = 0.8, settings: UtilizationSettings | None = None, **more: Any) -> UtilizationResult:
    return static_utilization(
        more.pop("cell", cells.cell()),
        more.pop("titration", None) or cells.solid(theta, **more),
        cells.reference_cell(),
        cells.reference(),
        settings or UtilizationSettings(),
        200.0,
    )


def _value(result: UtilizationResult, name: str = "static_utilization") -> float:
    return result.estimates.estimate(name).value


def _passed(result: UtilizationResult, name: str) -> bool | None:
    return next(check.passed for check in result.checks if check.name == name)


@settings(max_examples=15, deadline=None)
@given(theta=st.floats(0.05, 1.3), offset=st.floats(0.616, 0.624))
def test_exact_points_give_the_exact_utilization_whatever_the_counter_electrode(theta: float, offset: float) -> None:
    """Noise-free points: utilization to 1e-3, the offset to 0.15 mV: what the prior at 4 mV pulls."""
    result = _result(theta, offset=offset)
    assert _value(result) == pytest.approx(theta, rel=1e-3)
    assert _value(result, "reference_offset") == pytest.approx(offset, abs=1.5e-4)


def test_weighing_dominates_and_says_so() -> None:
    """0.05 of 5 mg and 0.1 of 10 mg are 1 % each: together 1.41 %; upwards one branch leaves self-discharge open."""
    estimates = _result(0.8).estimates
    theta = estimates.estimate("static_utilization")
    assert theta.minus == pytest.approx(0.8 * np.hypot(0.01, 0.01), rel=0.06)
    assert theta.plus > theta.minus
    groups = {line.group for line in estimates.budget("static_utilization")[:2]}
    assert groups == {"weighing of the cell", "weighing of the reference (common to all its cells)"}


def test_two_potentials_are_enough_and_carry_the_counter_electrode() -> None:
    """Two-potential form: the plain ratio; the offset cannot be tested."""
    result = _result(0.7, potentials=(3.72, 4.02))
    assert _value(result) == pytest.approx(0.7, rel=1e-6)
    assert _passed(result, "reference_offset") is None
    assert _passed(result, "windows_agree") is None
    by_group = {line.group: line.plus for line in result.estimates.budget("static_utilization")}
    change = abs(_value(_result(0.7, potentials=(3.72, 4.02), cell=cells.cell(offset=(0.624, 0.004)))) - 0.7)
    assert by_group["potential of the counter electrode"] == pytest.approx(change, rel=0.05)


def test_a_counter_electrode_beyond_two_standard_uncertainties_fails_its_check() -> None:
    """12 mV at a prior of 4 mV: never silently corrected."""
    result = _result(0.8, offset=0.632)
    assert _passed(result, "reference_offset") is False
    assert _passed(_result(0.8, offset=0.624), "reference_offset") is True


def test_scattered_points_fail_windows_agree_and_widen_the_interval() -> None:
    """The disagreement becomes a line of the budget."""
    exact = cells.solid(0.8)
    moved = replace(exact, potential_volt=exact.potential_volt + np.array([0, 8e-3, -8e-3, 8e-3, 0]))
    result = _result(titration=moved)
    assert _passed(result, "windows_agree") is False
    assert result.comparison.scatter_volt > 3e-3
    assert (
        result.estimates.estimate("static_utilization").plus
        > 1.2 * _result(0.8).estimates.estimate("static_utilization").plus
    )
    assert any(
        line.group == "disagreement between the windows" for line in result.estimates.budget("static_utilization")
    )


def test_slopes_at_the_end_of_a_rest_fail_the_check_and_drop_the_window() -> None:
    """A relaxed point that still moves is not used while others are left."""
    slope = np.array([0, 0, 0, 0, -4e-7])
    result = _result(0.8, slope_volt_per_second=slope)
    assert _passed(result, "end_of_rest") is False
    assert "not relaxed" in result.windows[-1].dropped
    assert not result.windows[0].dropped
    all_bad = _result(0.8, slope_volt_per_second=np.full(5, -4e-7))
    assert _passed(all_bad, "windows_left") is False
    assert not any(window.dropped for window in all_bad.windows)


def test_noisy_rests_cannot_tell() -> None:
    """A slope that is drowned in noise is no proof of relaxation."""
    noisy = _result(0.8, slope_volt_per_second=np.full(5, 1e-7), slope_noise_volt_per_second=np.full(5, 5e-7))
    assert _passed(noisy, "end_of_rest") is None
    no_clock = _result(0.8, slope_volt_per_second=np.full(5, np.nan))
    assert _passed(no_clock, "end_of_rest") is None


def test_incomplete_relaxation_widens_one_side_only() -> None:
    """A falling potential at both ends: one-sided and signed, not an error bar on both sides."""
    quiet = _result(0.8, potentials=(3.72, 4.02)).estimates.estimate("static_utilization")
    moving = _result(
        0.8,
        potentials=(3.72, 4.02),
        slope_volt_per_second=np.array([0, -1.4e-7]),
        slope_noise_volt_per_second=np.zeros(2),
    ).estimates.estimate("static_utilization")
    assert moving.plus > quiet.plus * 1.02
    assert moving.minus == pytest.approx(quiet.minus, rel=1e-6)


def test_utilization_above_one_is_reported_not_clipped() -> None:
    """Information, not an error."""
    result = _result(1.2)
    assert _value(result) == pytest.approx(1.2, rel=1e-3)
    assert _passed(result, "utilization_at_most_one") is False


def test_nothing_is_extrapolated() -> None:
    """The error names what the reference covers."""
    with pytest.raises(CathodelabError, match=r"covers 3\.550-4\.200 V") as caught:
        _result(0.8, potentials=(4.30, 4.40))
    assert caught.value.code == "outside-reference"


def test_windows_are_dropped_for_stated_reasons() -> None:
    """Edge of the reference, upper limit; the numbers stay."""
    result = _result(
        0.8, potentials=(3.555, 3.70, 3.90, 4.10, 4.17), settings=UtilizationSettings(upper_potential_volt=4.15)
    )
    reasons = [window.dropped for window in result.windows]
    assert "outermost points" in reasons[0]
    assert reasons[1] == reasons[2] == ""
    assert "above the limit of 4.15 V" in reasons[3]


def test_chosen_windows_replace_the_criteria_and_unknown_numbers_are_refused() -> None:
    """The argument of the published script."""
    result = _result(0.8, settings=UtilizationSettings(windows=(2, 3)))
    assert [bool(window.dropped) for window in result.windows] == [True, False, False, True]
    with pytest.raises(CathodelabError) as caught:
        _result(0.8, settings=UtilizationSettings(windows=(9,)))
    assert caught.value.code == "window-unknown"


def test_a_plateau_is_dropped_because_a_millivolt_moves_it_too_far() -> None:
    """Steepness: 1 mV at both ends may change a window by at most 5 %."""
    result = _result(
        0.8, potentials=(3.70, 3.80, 3.81, 4.0), settings=UtilizationSettings(window_sensitivity_limit=0.05)
    )
    assert "too flat or too narrow" in result.windows[1].dropped


def test_a_whole_titration_is_compared_curve_against_curve() -> None:
    """Forty close points: all enter the fit, windows reach over as many as they need, and a factor that drifts is seen."""
    dense = tuple(np.linspace(3.62, 4.16, 41))
    result = _result(0.83, potentials=dense)
    assert _value(result) == pytest.approx(0.83, rel=1e-3)
    assert int(result.comparison.used.sum()) == 41
    assert _passed(result, "windows_left")
    assert _passed(result, "windows_agree")
    spans = [(window.first_point, window.last_point) for window in result.windows]
    assert spans[0][0] == 0
    assert spans[-1][1] == 40
    assert [first for first, _ in spans[1:]] == [last for _, last in spans[:-1]]
    assert 5 < len(spans) < 40
    assert not any(window.dropped for window in result.windows)
    for window in result.windows:
        assert result.estimates.estimate(window.estimate_name).value == pytest.approx(0.83, rel=2e-3)
    sound = cells.solid(0.83, potentials=dense)
    drifting = replace(sound, charge_mAh=sound.charge_mAh * np.linspace(1, 1.05, 41))
    assert _passed(_result(titration=drifting), "windows_agree") is False


def test_a_moving_rest_in_a_whole_titration_leaves_its_windows_out() -> None:
    """Windows do not reach over a point that is not relaxed."""
    slope = np.zeros(41)
    slope[20] = -4e-7
    result = _result(0.83, potentials=tuple(np.linspace(3.62, 4.16, 41)), slope_volt_per_second=slope)
    dropped = [(window.first_point, window.last_point) for window in result.windows if window.dropped]
    assert dropped == [(19, 20), (20, 21)]
    assert result.comparison.used[20] == 0
    assert int(result.comparison.used.sum()) == 40


def test_a_window_of_hardly_any_charge_whose_potential_fell_meanwhile_is_left_out() -> None:
    """Two tenths of a millivolt of relaxation against the charge refuse nothing: the window is dropped, with its reason."""
    u = np.array([3.70, 3.80, 3.90, 4.00, 4.10, 4.0998])
    charge = 0.83 * cells.q_reference(np.array([3.70, 3.80, 3.90, 4.00, 4.10, 4.1001])) * cells.CELL_MASS * 1e-3
    result = _result(titration=cells.titration(u - 0.62, charge))
    assert "too narrow" in result.windows[-1].dropped
    assert result.estimates.estimate("static_utilization").value == pytest.approx(0.83, abs=2e-3)


def test_wrong_sign_wrong_scale_and_falling_reference_are_refused() -> None:
    """The most likely wrong inputs."""
    u = np.array([3.70, 3.80, 3.90])
    backwards = cells.titration(u - 0.62, -cells.q_reference(u) * 8e-3)
    with pytest.raises(CathodelabError) as caught:
        _result(titration=backwards)
    assert caught.value.code == "not-monotonic"
    hours_as_seconds = cells.titration(u - 0.62, cells.q_reference(u) * 8e-3 / 3600)
    with pytest.raises(CathodelabError) as caught:
        _result(titration=hours_as_seconds)
    assert caught.value.code == "impossible-scale"
    falling = replace(cells.reference(), potential_volt=cells.reference().potential_volt[::-1])
    with pytest.raises(CathodelabError) as caught:
        static_utilization(
            cells.cell(), cells.solid(0.8), cells.reference_cell(), falling, UtilizationSettings(), 200.0
        )
    assert caught.value.code == "reference-not-monotonic"


def test_a_slow_charge_serves_as_reference_with_its_polarization_as_a_one_sided_error() -> None:
    """And a fast one is refused."""
    slow = replace(cells.reference(), kind="slow charge", pulse_mA=np.full(66, 0.02))
    result = static_utilization(
        cells.cell(), cells.solid(0.8), cells.reference_cell(), slow, UtilizationSettings(), 200.0
    )
    assert any(
        line.group == "polarization of the slow charge" for line in result.estimates.budget("static_utilization")
    )
    assert _passed(result, "reference_relaxed") is False
    fast = replace(slow, pulse_mA=np.full(66, 0.2))
    with pytest.raises(CathodelabError) as caught:
        static_utilization(cells.cell(), cells.solid(0.8), cells.reference_cell(), fast, UtilizationSettings(), 200.0)
    assert caught.value.code == "reference-too-fast"


def test_modes_differ_in_the_interval_not_in_the_value() -> None:
    """The worst case is wider and claims no level."""
    default = _result(0.8).estimates.estimate("static_utilization")
    worst = _result(0.8, settings=UtilizationSettings(mode="worst_case")).estimates.estimate("static_utilization")
    assert worst.value == default.value
    assert worst.plus > 1.3 * default.plus
    assert np.isnan(worst.level)


def test_coating_free_mass_is_what_counts() -> None:
    """Half the mass, twice the utilization: the mass enters as given."""
    assert _value(_result(0.4, cell=cells.cell(mass=5.0, uncertainty=0.05))) == pytest.approx(0.8, rel=1e-3)


def test_a_window_that_reaches_outside_the_reference_is_listed_with_its_reason_and_its_charge() -> None:
    """Its row has a number, both potentials and no utilization; the check names the point and the share of the charge."""
    result = static_utilization(
        cells.cell(),
        cells.solid(0.8, (3.547, 3.65, 3.75, 3.90, 4.00, 4.10)),
        cells.reference_cell(),
        cells.reference(),
        UtilizationSettings(),
        200.0,
    )
    assert [window.number for window in (*result.windows, *result.outside)] == [1, 2, 3, 4, 5]
    table = tables([(cells.cell(), result)])[0]
    row = table.records[-1]
    assert (row["window"], row["used"], row["utilization"], row["reference_charge_mAh_g"]) == (5, False, None, None)
    assert row["potential_1_volt_vs_lithium"] == pytest.approx(3.547)
    assert "3.547 V lies outside the reference" in str(row["dropped_because"])
    check = next(one for one in result.checks if one.name == "windows_left")
    whole = result.cell.charge_mAh[-1] - result.cell.charge_mAh[0]
    share = 100 * (result.cell.charge_mAh[1] - result.cell.charge_mAh[0]) / whole
    assert check.passed
    assert f"1 more, with {share:.0f} % of the charge, reaches outside the reference" in check.sentence
