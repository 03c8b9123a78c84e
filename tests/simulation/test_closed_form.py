"""The generator of the demonstration."""

from __future__ import annotations

import numpy as np
import pytest

from cathodelab.simulation.closed_form import (
    Instrument,
    Truth,
    cell_titration,
    equilibrium_charge,
    equilibrium_potential,
)

IDEAL = Instrument(0.0, 0.0, 0.0, noise_volt=0.0, noise_relative_current=0.0)


def test_curve_and_inverse_belong_together() -> None:
    """Within the resolution of its grid."""
    u = np.linspace(3.5, 4.3, 200)
    np.testing.assert_allclose(equilibrium_potential(equilibrium_charge(u)), u, atol=5e-6)
    assert np.all(np.diff(equilibrium_charge(u)) > 0)


@pytest.mark.parametrize("utilization", [0.6, 1.0])
def test_an_ideal_record_holds_the_truth(utilization: float) -> None:
    """Charge between two relaxed potentials over that of the curve is the utilization."""
    truth = Truth(utilization=utilization, cam_mass_mg=10.0, offset_volt=0.62)
    record = cell_titration(truth, IDEAL, np.random.default_rng(0))
    ends = [np.flatnonzero(record["step_count"] == step)[-1] for step in (2, 10)]
    interval = np.diff(record["test_time_second"], prepend=0.0)
    charge = np.cumsum(record["current_ampere"] * interval) / 3.6
    passed = charge[ends[1]] - charge[ends[0]]
    relaxed = record["voltage_volt"][ends] + 0.62
    expected = utilization * 10e-3 * np.diff(equilibrium_charge(relaxed))[0]
    assert passed == pytest.approx(expected, rel=1e-3)
    assert np.all(np.diff(record["test_time_second"]) >= 0)
