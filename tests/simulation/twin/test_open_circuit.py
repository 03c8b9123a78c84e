"""The material of the twin."""

from __future__ import annotations

import numpy as np

from cathodelab.simulation.twin.open_circuit import fraction, potential, slope


def test_the_curve_rises_everywhere_and_its_slope_is_its_derivative() -> None:
    """Central differences to seven digits."""
    x = np.linspace(0.005, 0.98, 400)
    assert np.all(slope(x) > 0)
    np.testing.assert_allclose((potential(x + 1e-6) - potential(x - 1e-6)) / 2e-6, slope(x), rtol=1e-6)


def test_the_inverse_gives_the_fraction_back() -> None:
    """To round-off."""
    x = np.linspace(0.01, 0.95, 50)
    np.testing.assert_allclose(fraction(potential(x)), x, atol=1e-12)
