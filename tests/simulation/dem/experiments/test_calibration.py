"""Reading a parameter off simulated responses."""

from __future__ import annotations

import math

import pytest

from cathodelab.core.errors import CathodelabError
from cathodelab.simulation.dem.experiments.calibration import inverted_fit


def test_a_straight_response_gives_its_parameter_back() -> None:
    """Y = 10 + 40 x at 26 ± 2: 0.4 ± 0.05, to which the small errors of the trials add little."""
    trials = [0.1, 0.3, 0.5]
    found = inverted_fit("friction", trials, [10 + 40 * one for one in trials], [0.1] * 3, 26.0, 2.0)
    assert found.value == pytest.approx(0.4, abs=2e-4)
    assert found.standard_uncertainty == pytest.approx(math.hypot(2.0, 0.08) / 40, rel=0.01)
    assert found.checks[0].passed


def test_outside_the_trials_there_is_no_uncertainty() -> None:
    """The nearest end is given, the check fails, and no interval is claimed."""
    found = inverted_fit("friction", [0.1, 0.3, 0.5], [14.0, 22.0, 30.0], [0.1] * 3, 40.0, 2.0)
    assert found.value == pytest.approx(0.5)
    assert math.isnan(found.standard_uncertainty)
    assert found.checks[0].passed is False


def test_a_response_that_does_not_change_is_refused() -> None:
    """Nothing can be read off a flat line."""
    with pytest.raises(CathodelabError, match="hardly changes"):
        inverted_fit("friction", [0.1, 0.3, 0.5], [20.0, 20.1, 19.9], [1.0] * 3, 20.0, 1.0)
