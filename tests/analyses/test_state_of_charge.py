"""Same state of charge or no comparison."""

from __future__ import annotations

import numpy as np
import pytest

from cathodelab.analyses.state_of_charge import ResistanceCurve, State, aged, compared, resistance_curve
from cathodelab.core.errors import NotInRecord

STATES = np.linspace(40, 210, 10)


def by_state(charge: np.ndarray) -> np.ndarray:
    value: np.ndarray = 25 * np.exp(2e-4 * (charge - 120) ** 2)
    return value


@pytest.fixture
def curve() -> ResistanceCurve:
    """A U-curve with its minimum at 120 mAh/g, points known to 1 %."""
    return resistance_curve(STATES, by_state(STATES), np.full(10, 0.01))


def test_the_curve_goes_through_its_points_and_never_beyond(curve: ResistanceCurve) -> None:
    """Interpolated; followed a little beyond where that is asked for, with an uncertainty that says so."""
    value, _ = curve.at(np.array([75.0, 120.0, 200.0]))
    np.testing.assert_allclose(value, by_state(np.array([75.0, 120.0, 200.0])), rtol=1e-6)
    with pytest.raises(NotInRecord, match="not followed far beyond"):
        curve.at(np.array([230.0]))
    near = np.array([215.0, 230.0])
    beyond, covariance = curve.at(near, 0.25)
    standard = np.sqrt(np.diag(covariance))
    assert np.all(np.abs(beyond - by_state(near)) < 2 * standard)
    assert standard[1] > 5 * np.sqrt(curve.at(np.array([205.0]))[1][0, 0])


def test_an_aged_cell_keeps_the_shape_and_gets_its_own_factor(curve: ResistanceCurve) -> None:
    """Half as much again at one anchor is half as much again everywhere; its uncertainty is that of the anchor."""
    later = aged(curve, 100.0, 1.5 * float(by_state(np.array([100.0]))[0]), 0.02)
    value, covariance = later.at(np.array([100.0, 190.0]))
    np.testing.assert_allclose(value, 1.5 * by_state(np.array([100.0, 190.0])), rtol=1e-6)
    assert np.sqrt(covariance[0, 0]) / value[0] == pytest.approx(0.02, rel=0.01)
    assert covariance[1, 1] / value[1] ** 2 > 0.02**2


def test_equal_states_are_comparable(curve: ResistanceCurve) -> None:
    """The ratio as it stands."""
    found = compared((100.0, 0.01), (120.0, 0.01), (State(190, 0.5), State(190.2, 0.5)), curve)
    assert found.verdict == "comparable"
    assert found.ratio == pytest.approx(1.2)


def test_different_states_are_corrected_with_the_curves_uncertainty(curve: ResistanceCurve) -> None:
    """20 mAh/g further up the curve: the correction brings the ratio of the same cell back to one."""
    charge = np.array([180.0, 200.0])
    first, second = by_state(charge)
    found = compared((first, 0.01), (second, 0.01), (State(180, 0.5), State(200, 0.5)), curve)
    assert found.verdict == "corrected"
    assert found.ratio == pytest.approx(1.0, abs=1e-3)
    assert found.ratio_standard > 0.014


def _slope(charge: float) -> float:
    """D ln R / dq of the curve that was set."""
    return 4e-4 * (charge - 120)


@pytest.mark.parametrize(("first", "second"), [(0.0, 6.0), (6.0, 0.0), (4.0, 3.0)])
def test_the_state_of_both_spectra_counts_with_the_slope_at_it(
    curve: ResistanceCurve, first: float, second: float
) -> None:
    """Root sum of squares of slope times the error of the charge, of either spectrum, whichever knows its state worse."""
    places = 60.0, 200.0
    values = by_state(np.array(places))
    pairs = [(float(one), 0.0) for one in values]

    def standard(*errors: float) -> float:
        states = State(places[0], errors[0]), State(places[1], errors[1])
        return compared(pairs[0], pairs[1], states, curve).ratio_standard

    by_state_alone = np.sqrt(standard(first, second) ** 2 - standard(0.0, 0.0) ** 2)
    assert by_state_alone == pytest.approx(np.hypot(_slope(places[0]) * first, _slope(places[1]) * second), rel=1e-4)


def test_errors_of_the_state_widen_a_comparison_at_equal_states_too(curve: ResistanceCurve) -> None:
    """Comparable as they stand: both states' errors are in the interval."""
    known = compared((30.0, 0.01), (33.0, 0.01), (State(190, 0.0), State(190, 0.0)), curve)
    for errors in ((5.0, 0.0), (0.0, 5.0)):
        found = compared((30.0, 0.01), (33.0, 0.01), (State(190, errors[0]), State(190, errors[1])), curve)
        assert found.verdict == "comparable"
        expected = np.hypot(known.ratio_standard, 5.0 * _slope(190))
        assert found.ratio_standard == pytest.approx(expected, rel=1e-6)


def test_unknown_states_and_missing_curves_are_refused(curve: ResistanceCurve) -> None:
    """No charge since an anchor, no comparison; different charge without a curve, none either."""
    unknown = compared((100.0, 0.01), (120.0, 0.01), (State(190, 0.5), State(float("nan"), 0.5)), curve)
    assert unknown.verdict == "refused"
    apart = compared((100.0, 0.01), (120.0, 0.01), (State(150, 0.5), State(190, 0.5)), None)
    assert apart.verdict == "refused"
    outside = compared((100.0, 0.01), (120.0, 0.01), (State(150, 0.5), State(260, 0.5)), curve)
    assert outside.verdict == "refused"
    assert np.isnan(outside.ratio)


def test_three_states_make_no_curve() -> None:
    """A parabola through three points has no scatter."""
    with pytest.raises(NotInRecord, match="3 states"):
        resistance_curve(STATES[:3], by_state(STATES[:3]), np.full(3, 0.01))
