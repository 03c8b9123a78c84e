"""The source's stress intensities of its simulated mixer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

# printed: mean stress intensity in J/kg at 1000, 2500 and 5000 rpm
PRINTED = {1000.0: 0.006, 2500.0: 0.033, 5000.0: 0.123}
REPOSITORY = Path(__file__).resolve().parents[2]


def test_the_printed_intensities_grow_with_the_power_1_88_of_the_speed() -> None:
    """The text says about two; the numbers give a little less."""
    exponent = np.polyfit(np.log(list(PRINTED)), np.log(list(PRINTED.values())), 1)[0]
    assert exponent == pytest.approx(1.876, abs=0.002)


def test_the_sources_case_has_its_number_of_particles_and_tip_speed() -> None:
    """3.88 g of 300 µm grains are 113,551 particles; 40 m/s at 10,000 rpm."""
    pytest.importorskip("warp")
    from cathodelab.simulation.dem.runs.run_file import read_run_file

    for speed in (1000, 2500, 5000, 7500, 10000):
        plan = read_run_file(REPOSITORY / "benchmarks" / "dem" / "mixer" / f"source_300um_{speed}rpm.toml")
        assert sum(one.count for one in plan.inlets) == pytest.approx(113_551, abs=1)
        assert plan.fastest == pytest.approx(40 * speed / 10_000, rel=1e-3)
