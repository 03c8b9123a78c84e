"""Intervals of a rectangle blurred by a normal distribution."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest

from cathodelab.core.rectangle_and_normal import ONE_SIGMA, blurred_half_width, blurred_level

TWO_SIGMA = 2 * NormalDist().cdf(2) - 1


def test_without_a_limit_it_is_the_standard_uncertainty() -> None:
    """One and two of them."""
    assert blurred_half_width(0.3, 0.0) == pytest.approx(0.3)
    assert blurred_half_width(0.3, 1e-9, TWO_SIGMA) == pytest.approx(0.6)


def test_a_bare_limit_holds_in_proportion() -> None:
    """68.27 % of the rectangle, wider than its standard uncertainty; never beyond the limit."""
    assert blurred_half_width(0.0, 2.0) == pytest.approx(2 * ONE_SIGMA)
    assert blurred_half_width(1e-9, 2.0, TWO_SIGMA) == pytest.approx(2 * TWO_SIGMA)
    assert blurred_half_width(0.0, 0.0) == 0


@pytest.mark.parametrize("limit", [0.3, 1.0, 5.0])
@pytest.mark.parametrize("level", [ONE_SIGMA, TWO_SIGMA])
def test_the_half_width_holds_what_it_claims(limit: float, level: float) -> None:
    """Against a million draws."""
    random = np.random.default_rng(3)
    drawn = random.standard_normal(1_000_000) + random.uniform(-limit, limit, 1_000_000)
    half = blurred_half_width(1.0, -limit, level)
    assert float(np.mean(np.abs(drawn) <= half)) == pytest.approx(level, abs=2e-3)
    assert blurred_level(1.0, limit, half) == pytest.approx(level, abs=1e-12)


@pytest.mark.parametrize("scale", [1e-6, 1e-3, 0.2, 7.0, 1e6])
def test_all_in_another_unit_is_the_same(scale: float) -> None:
    """Half-widths scale with standard uncertainty and limit, levels stay."""
    half = blurred_half_width(1.0, 1.5, TWO_SIGMA)
    assert blurred_half_width(scale, 1.5 * scale, TWO_SIGMA) == pytest.approx(scale * half, rel=1e-9)
    assert blurred_level(scale, 1.5 * scale, 0.8 * scale) == pytest.approx(blurred_level(1.0, 1.5, 0.8), abs=1e-12)
    assert blurred_level(1e-3 * scale, scale, 1.001 * scale) == pytest.approx(
        blurred_level(1e-3, 1.0, 1.001), abs=1e-12
    )
