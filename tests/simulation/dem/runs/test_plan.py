"""Plans: sizes, width of the gap."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cathodelab.simulation.dem.runs.plan import Plan, gap_check
from cathodelab.simulation.dem.runs.runner import run


def test_sizes_are_spread_as_the_run_file_says(plan: Plan, tmp_path: Path) -> None:
    """Diameters between 0.8 and 1.2 of the middle one, masses with the third power."""
    particles = run(replace(plan, spread=0.2, count=800), tmp_path / "mixed", outputs=1).state.particles
    ratio = particles.radius / (plan.diameter / 2)
    assert 0.8 <= ratio.min() < 0.85
    assert 1.15 < ratio.max() <= 1.2
    assert particles.mass == pytest.approx(4 / 3 * np.pi * particles.radius**3 * 2417.0)


@pytest.mark.parametrize(("gap", "passed"), [(0.0, True), (1.1e-3, False), (1.2e-3, True)])
def test_a_gap_has_to_be_three_grains_wide(plan: Plan, gap: float, passed: bool) -> None:  # noqa: FBT001 - a parameter
    """400 µm grains; a machine without a gap has nothing to say."""
    check = gap_check(replace(plan, gap=gap))
    assert check.passed is passed
    assert passed or "2.8 grains of 400 µm" in check.sentence
