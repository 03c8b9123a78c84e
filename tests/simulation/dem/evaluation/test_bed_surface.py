"""The slope of a bed."""

from __future__ import annotations

import numpy as np
import pytest

from cathodelab.simulation.dem.evaluation.bed_surface import mean_slope, slope


@pytest.mark.parametrize("angle", [-30.0, 0.0, 35.0])
def test_the_slope_of_a_tilted_block_is_found(angle: float) -> None:
    """A lattice below a tilted line."""
    rng = np.random.default_rng(0)
    x, y = rng.uniform(-1, 1, 40_000), rng.uniform(-2, 2, 40_000)
    below = y < np.tan(np.radians(angle)) * x
    found = slope(np.column_stack([x, y, 0 * x])[below], 0.01, 0.8)
    assert found.angle == pytest.approx(angle, abs=1.0)


def test_the_error_of_a_mean_is_that_of_its_pictures() -> None:
    """Standard error of the mean; nan for fewer than two."""
    from cathodelab.simulation.dem.evaluation.bed_surface import Slope

    one = mean_slope([Slope(30.0, 1.0), Slope(32.0, 1.0), Slope(34.0, 1.0)])
    assert (one.angle, one.error) == (pytest.approx(32.0), pytest.approx(2 / 3**0.5))
    assert np.isnan(mean_slope([Slope(30.0, 1.0)]).angle)
