"""The overpotential of the discharge at each rate, of cells with one constant resistance."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "techniques" / "cycling"))
from cycling_cells import evaluated, made

from cathodelab.analyses.causes.overpotentials import overpotentials_of

OHM = 100.0


def _cycle(charge_mA: float, discharge_mA: float, charge_mAh: float = 1.8) -> tuple[tuple[float, ...], ...]:
    """Both halves between 2.6 and 3.6 V at equilibrium, apart by the resistance."""
    up, down = 1e-3 * OHM * charge_mA, 1e-3 * OHM * discharge_mA
    return ((charge_mA, charge_mAh, 2.6 + up, 3.6 + up), (-discharge_mA, charge_mAh, 3.6 - down, 2.6 - down))


def test_a_slow_charge_leaves_the_discharge_its_own_overpotential() -> None:
    """Half the difference of the mean potentials would be 0.6 of it."""
    found = evaluated(made(*_cycle(0.2, 0.2) * 3, *_cycle(0.2, 1.0) * 3, rows=40))
    levels = [level for level in found.rates if level.block != "check-up"]
    eta = overpotentials_of(found, levels)
    by_rate = dict(zip([round(level.c_rate / levels[0].c_rate) for level in levels], eta.volt.tolist(), strict=True))
    assert by_rate[1] == pytest.approx(0.2e-3 * OHM, rel=0.02)
    assert by_rate[5] == pytest.approx(1.0e-3 * OHM, rel=0.02)
    assert "unequal currents" in eta.sentence


def test_the_first_cycle_of_a_rate_is_left_out_and_one_alone_is_wide() -> None:
    """Said, and in the limit where charge and discharge differ."""
    found = evaluated(made(*_cycle(0.2, 0.2) * 3, *_cycle(1.0, 1.0), rows=40))
    eta = overpotentials_of(found, found.rates)
    sizes = [rows.size for rows in eta.rows]
    assert sizes == [max(level.cycles.size - 1, 1) for level in found.rates]
    assert "is left out" in eta.sentence
    assert np.all(eta.states_limit_volt >= 0)
