"""Butler-Volmer and the potential that all particles share."""

from __future__ import annotations

import numpy as np
import pytest

from cathodelab.simulation.twin.kinetics import Balance, common_potential, overpotential
from cathodelab.simulation.twin.open_circuit import THERMAL_VOLT, potential


def test_small_overpotentials_are_ohmic_and_large_ones_follow_tafel() -> None:
    """Eta = RT/F i/i0, and 2 RT/F ln(i/i0)."""
    i0 = np.array(2.0)
    assert overpotential(np.array(0.01), i0) == pytest.approx(THERMAL_VOLT * 0.005, rel=1e-5)
    assert overpotential(np.array(2e4), i0) == pytest.approx(2 * THERMAL_VOLT * np.log(1e4), rel=1e-6)
    assert overpotential(np.array(-3.0), i0) == -overpotential(np.array(3.0), i0)


@pytest.mark.parametrize("hold", [False, True])
def test_currents_add_up_and_every_population_is_at_the_common_potential(*, hold: bool) -> None:
    """With a current set, or a potential behind a resistance, oxidation and leak included."""
    one = np.ones(1)
    balance = Balance(
        base=np.array([[0.3, 0.32]]),
        reach=np.array([[1e-4, 1e-3]]),
        exchange=np.array([[60.0, 0.5]]),
        weight=np.array([[0.6, 0.2]]),
        shift=np.array([[0.0, 0.002]]),
        oxidation=0.3 * one,
        oxidation_volt=0.05 * one,
        leak=0.1 * one,
        hold_phi=one * hold,
        hold_current=0.002 * one if hold else one,
        target=3.95 * one if hold else 10.0 * one,
    )
    phi, current = common_potential(balance, np.array([3.8]), np.zeros((1, 2)))
    x = balance.base + balance.reach * current
    eta = overpotential(current, balance.exchange * 2 * np.sqrt(x * (1 - x)))
    np.testing.assert_allclose(potential(x) + balance.shift + eta, np.broadcast_to(phi, (1, 2)), atol=1e-10)
    total = float(np.sum(balance.weight * current)) + 0.3 * np.exp((phi[0] - 4) / 0.05) + 0.1
    assert total == pytest.approx((3.95 - phi[0]) / 0.002 if hold else 10.0, rel=1e-9)
