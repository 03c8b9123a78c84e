"""The reference curve against scipy's."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.interpolate import PchipInterpolator

from cathodelab.techniques.utilization.curve import ReferenceCurve

_STEPS = st.floats(1e-3, 1.0)
_RISES = st.one_of(st.just(0.0), st.floats(-1.0, 1.0).filter(lambda rise: abs(rise) > 1e-6))


@settings(max_examples=100, deadline=None)
@given(
    widths=arrays(float, (4, 7), elements=_STEPS),
    rises=arrays(float, (4, 7), elements=_RISES),
)
def test_the_cubic_is_that_of_scipy(widths: np.ndarray, rises: np.ndarray) -> None:
    """Values inside for four curves at once, with turns and flat pieces; slopes where they are not cut at the least."""
    x = 3.0 + np.cumsum(widths, axis=1)
    y = np.cumsum(rises, axis=1)
    places = np.linspace(x[:, 0], x[:, -1], 50, axis=1)
    curve = ReferenceCurve(x, y)
    charge, slope = curve.charge_and_slope(places)
    for row in range(4):
        theirs = PchipInterpolator(x[row], y[row])
        np.testing.assert_allclose(charge[row], theirs(places[row]), rtol=1e-9, atol=1e-11)
        least = 1e-6 * (y[row, -1] - y[row, 0]) / (x[row, -1] - x[row, 0])
        np.testing.assert_allclose(slope[row], np.maximum(theirs(places[row], 1), least), rtol=1e-6, atol=1e-7)


def test_many_curves_give_what_each_gives_alone() -> None:
    """Also where one of them needs mending, with shares of linear interpolation, inside and outside."""
    x = np.array([[3.0, 3.2, 3.3, 3.6], [3.0, 3.31, 3.3, 3.6], [3.1, 3.2, 3.4, 3.5]])
    y = np.array([0.0, 0.4, 0.5, 1.0])
    blend = np.array([0.0, 0.5, 1.0])
    places = np.linspace(2.9, 3.8, 31)
    together = ReferenceCurve(x, y, blend).charge_and_slope(places)
    for row in range(3):
        alone = ReferenceCurve(x[row], y, blend[row]).charge_and_slope(places)
        np.testing.assert_allclose(together[0][row], alone[0], rtol=1e-15)
        np.testing.assert_allclose(together[1][row], alone[1], rtol=1e-15)


def test_the_linear_share_is_linear_interpolation() -> None:
    """At a share of 1."""
    x, y = np.array([3.0, 3.2, 3.3, 3.6]), np.array([0.0, 0.4, 0.5, 1.0])
    places = np.linspace(3.0, 3.6, 40)
    np.testing.assert_allclose(
        ReferenceCurve(x, y, 1.0).charge(places), np.interp(places, x, y), rtol=1e-12, atol=1e-15
    )
