"""dQ/dV: conserves charge, states its smoothing, places features with honest intervals or says that it cannot."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
from cycling_cells import evaluated, generated

from cathodelab.core.arrays import FloatArray
from cathodelab.techniques.cycling.differential import LEVELS, Densities, densities_of
from cathodelab.techniques.cycling.features import NOT_REACHED, NOT_RESOLVED, RESOLVED
from cathodelab_validation.cycler import CyclingTruth, Peak, Recording, equilibrium_charge, true_feature

NEAR = {"H1-M": 3.74, "M-H2": 4.01, "H2-H3": 4.19}


def _densities(voltage: FloatArray, charge: FloatArray, **options: float) -> Densities:
    joined = np.ones(voltage.size)
    joined[0] = 0
    chosen = {"step_volt": 0.002, "noise_target": 0.01, "largest_smoothing_volt": 0.02, **options}
    return densities_of(voltage, charge, np.zeros(voltage.size), joined, 1, **chosen)


@given(seed=st.integers(0, 10_000), noise=st.sampled_from([0.0, 1e-4, 3e-3]), rows=st.integers(20, 400))
@settings(max_examples=40, deadline=None)
def test_the_integral_is_the_charge(seed: int, noise: float, rows: int) -> None:
    """Whatever the noise, the spacing and the way back: to one part in a million."""
    random = np.random.default_rng(seed)
    voltage = np.sort(random.uniform(2.5, 4.3, rows)) + noise * random.standard_normal(rows)
    charge = random.uniform(0, 1, rows)
    found = _densities(voltage, charge)
    for curve in (found.raw[0], *(found.level(level, 0) for level in range(LEVELS))):
        assert float(np.sum(curve)) * found.step == pytest.approx(charge.sum(), rel=1e-6)


def test_the_curves_kept_for_figures_hold_the_charge_at_constant_current() -> None:
    """Holds are left out; everything else is there."""
    result = evaluated(generated((0.1, 0.5), recording=Recording(noise_volt=3e-4), hold_hours=2.0))
    for curve in result.curves:
        step = curve.potential_volt[1] - curve.potential_volt[0]
        assert float(np.sum(curve.density_mAh_V) * step) == pytest.approx(curve.charge_mAh, rel=1e-6)
        row = result.cycles.index_of(curve.cycle)
        name = "gross_charge_capacity_cc" if curve.direction > 0 else "gross_discharge_capacity_cc"
        assert curve.charge_mAh == pytest.approx(result.cycles.of(name)[row] * 0.010, rel=1e-6)


def test_smoothing_grows_with_the_noise_and_is_stated() -> None:
    """Sharp where the data are sharp; the wanted noise is reached until the largest smoothing."""
    widths = []
    for noise in (1e-5, 1e-3, 3e-3):
        result = evaluated(generated((0.1,), recording=Recording(noise_volt=noise)))
        curve = result.curves[0]
        widths.append(curve.smoothing_volt)
        assert curve.noise_mAh_V <= 0.012 * curve.density_mAh_V.max() or curve.smoothing_volt == pytest.approx(0.02)
        assert "mV (standard deviation" in next(c for c in result.checks if c.name == "differential_smoothing").sentence
    assert widths == sorted(widths)
    assert widths[0] < widths[2]


def test_the_noise_of_the_potentials_is_found() -> None:
    """Within a tenth, from the rows alone."""
    random = np.random.default_rng(3)
    voltage = np.linspace(3.0, 4.2, 2000) + 0.05 * np.sin(np.linspace(0, 6, 2000)) + 4e-4 * random.standard_normal(2000)
    assert _densities(voltage, np.full(2000, 1e-3)).noise_volt[0] == pytest.approx(4e-4, rel=0.1)


def test_only_potentials_that_are_written_in_steps_have_the_noise_of_a_step() -> None:
    """The smallest difference of a smooth curve is no digit; a slow one written in millivolts has that of its digit."""
    voltage = np.linspace(3.0, 4.2, 400) + 0.05 * np.sin(np.linspace(0, 6, 400))
    charge = np.full(400, 1e-3)
    assert _densities(voltage, charge).noise_volt[0] < 1e-5
    slow = np.round(3.9 + 0.03 * (voltage - 3.0), 3)
    assert _densities(slow, charge).noise_volt[0] == pytest.approx(1e-3 / np.sqrt(12), rel=1e-6)


def test_features_are_where_the_truth_has_them() -> None:
    """Without noise, within a tenth of a millivolt, in both directions and at two rates."""
    truth = CyclingTruth()
    result = evaluated(generated((0.1, 0.5), truth))
    table = result.features
    for row in np.flatnonzero(table.status == RESOLVED):
        rate = 0.1 if table.cycle[row] == 1 else 0.5
        true = true_feature(truth, rate, int(table.direction[row]), NEAR[table.feature[row]])
        if result.cycles.of("gross_charge_capacity")[int(table.cycle[row]) - 1] > 190:
            assert table.position_volt[row] == pytest.approx(true, abs=2e-4)
    assert int(np.sum(table.status[table.cycle == 1] == RESOLVED)) == 6


def test_intervals_of_positions_hold_the_truth() -> None:
    """A small form of benchmarks/cycling_features.py: 99.9 % binomial limits around 68 and 95 %."""
    truth, scores = CyclingTruth(), []
    for seed in range(12):
        table = evaluated(generated((0.1,) * 4, truth, Recording(noise_volt=3e-4), seed=seed)).features
        for row in np.flatnonzero(table.status == RESOLVED):
            true = true_feature(truth, 0.1, int(table.direction[row]), NEAR[table.feature[row]])
            scores.append((table.position_volt[row] - true) / table.position_standard_volt[row])
    within = np.abs(np.array(scores))
    assert within.size > 250
    for level, width in ((0.683, 1.0), (0.95, 1.96)):
        limit = 3.29 * np.sqrt(level * (1 - level) / within.size)
        assert float(np.mean(within < width)) == pytest.approx(level, abs=limit + 0.01)


def test_an_upper_transition_that_was_not_reached_says_so() -> None:
    """A charge that ends at 3.45 V vs. In/InLi."""
    columns = generated((1.0, 1.0), CyclingTruth(resistance_volt_hour=0.3))
    table = evaluated(columns).features
    upper = table.of("H2-H3", 1).astype(int)
    assert set(table.status[upper]) == {NOT_REACHED}


def test_what_is_not_there_is_not_resolved() -> None:
    """One broad peak has no three features, and noise makes none."""
    truth = CyclingTruth(peaks=(Peak(220.0, 3.85, 0.12),))
    table = evaluated(generated((0.1,) * 3, truth, Recording(noise_volt=5e-4))).features
    upper = table.of("H2-H3", 1).astype(int)
    assert set(table.status[upper]) <= {NOT_RESOLVED, NOT_REACHED}


def test_charge_under_a_feature_and_its_height_shrink_with_the_cell() -> None:
    """Half the utilization, half the feature."""
    full, half = (
        evaluated(generated((0.05,), CyclingTruth(utilization=theta, resistance_volt_hour=0.0))).features
        for theta in (1.0, 0.5)
    )
    for name in ("height_mAh_V", "charge_mAh"):
        np.testing.assert_allclose(getattr(half, name)[:3], 0.5 * getattr(full, name)[:3], rtol=0.02)


def test_intervals_of_heights_hold_the_truth_however_a_cell_was_logged() -> None:
    """A small form of benchmarks/cycling/heights.py: quiet and coarse, noisy and fine."""
    truth = CyclingTruth()
    grid = np.linspace(2.6, 4.6, 100_001)
    density = np.gradient(equilibrium_charge(grid, truth.peaks) * truth.cam_mass_mg * 1e-3 * truth.utilization, grid)
    heights = {name: float(density[np.abs(grid - volt) < 0.04].max()) for name, volt in NEAR.items() if name != "KH"}
    for noise, rows in ((1e-4, 100), (1e-3, 800)):
        scores = []
        for seed in range(5):
            table = evaluated(generated((0.1,) * 4, truth, Recording(rows=rows, noise_volt=noise), seed=seed)).features
            for row in np.flatnonzero(table.status == RESOLVED):
                off = table.height_mAh_V[row] - heights[table.feature[row]]
                scores.append(abs(off) / table.height_standard_mAh_V[row])
        assert len(scores) > 80
        assert np.mean(np.array(scores) < 1) > 0.65
        assert np.mean(np.array(scores) < 2) > 0.93
