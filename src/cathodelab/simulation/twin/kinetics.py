"""Charge transfer at the surfaces and the one potential that all particles of a cell share.

Butler-Volmer with equal transfer coefficients: ``i = 2 i0 sinh(F eta / 2RT)``, ``i0 = i00 2 sqrt(x (1 - x))`` at the surface. For
a time step the surface of population k is ``x_k = base_k + reach_k i_k`` (its diffusion, exactly), so that potential and
currents follow from

    phi = U(x_k) + h_k + eta(i_k, x_k)      for every population,
    hold_phi phi + hold_current (sum_k a_k i_k + i_ox(phi) + leak) = target,

solved by Newton's method; the matrix is an arrow and needs no factorization. ``hold_phi = 0, hold_current = 1`` sets the
current, ``hold_phi = 1, hold_current = R`` the potential of the cell.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cathodelab.core.arrays import FloatArray, OwnArrays
from cathodelab.simulation.twin.open_circuit import LEAST, MOST, THERMAL_VOLT, potential, slope

_ITERATIONS, _TOLERANCE_VOLT = 60, 1e-12
_OXIDATION_AT_VOLT = 4.0
_LARGEST_MOVE_VOLT = 0.3


@dataclass(frozen=True, eq=False)
class Balance(OwnArrays):
    """What holds during one time step. Arrays over populations have shape (cell, population), others (cell,)."""

    base: FloatArray
    reach: FloatArray
    exchange: FloatArray
    weight: FloatArray
    shift: FloatArray
    oxidation: FloatArray
    oxidation_volt: FloatArray
    leak: FloatArray
    hold_phi: FloatArray
    hold_current: FloatArray
    target: FloatArray


def oxidation_current(balance: Balance, phi: FloatArray) -> FloatArray:
    """Oxidation of the electrolyte, mA per g weighed in: grows by e every ``oxidation_volt``."""
    return np.asarray(balance.oxidation * np.exp((phi - _OXIDATION_AT_VOLT) / balance.oxidation_volt))


def exchange_current(exchange: FloatArray, x: FloatArray) -> FloatArray:
    """i0 at the extracted fraction of the surface, mA/g."""
    return np.asarray(exchange * 2 * np.sqrt(x * (1 - x)))


def overpotential(current: FloatArray, exchange: FloatArray) -> FloatArray:
    """Overpotential of a current at an exchange current, V: the inverse of Butler-Volmer."""
    return np.asarray(2 * THERMAL_VOLT * np.arcsinh(current / (2 * exchange)))


def common_potential(balance: Balance, phi: FloatArray, current: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Potential of the material vs. Li+/Li and the current of every population, mA per g of it; starts from a guess."""
    current = _possible(balance, current)
    for _ in range(_ITERATIONS):
        x = balance.base + balance.reach * current
        exchange = exchange_current(balance.exchange, x)
        root = np.sqrt(current**2 + 4 * exchange**2)
        eta = overpotential(current, exchange)
        by_exchange = -2 * THERMAL_VOLT * current / root * (1 - 2 * x) / (2 * x * (1 - x))  # d eta/d ln i0 · d ln i0/dx
        steep = (slope(x) + by_exchange) * balance.reach + 2 * THERMAL_VOLT / root
        steep = np.maximum(steep, 1e-12)
        gap = phi[:, None] - potential(x) - balance.shift - eta
        oxidation = oxidation_current(balance, phi)
        total = np.sum(balance.weight * (current + gap / steep), axis=1) + oxidation + balance.leak
        stiffness = np.sum(balance.weight / steep, axis=1) + oxidation / balance.oxidation_volt
        move = (balance.target - balance.hold_phi * phi - balance.hold_current * total) / (
            balance.hold_phi + balance.hold_current * stiffness
        )
        limited = np.clip(move, -_LARGEST_MOVE_VOLT, _LARGEST_MOVE_VOLT)
        phi = phi + limited
        current = _possible(balance, current + (gap + limited[:, None]) / steep)
        if np.max(np.abs(move)) < _TOLERANCE_VOLT and np.max(np.abs(gap)) < _TOLERANCE_VOLT:
            break
    return phi, current


def _possible(balance: Balance, current: FloatArray) -> FloatArray:
    """Currents at which every surface stays between empty and full."""
    low, high = (LEAST - balance.base) / balance.reach, (MOST - balance.base) / balance.reach
    return np.asarray(np.clip(current, low + 1e-9 * np.abs(low), high - 1e-9 * np.abs(high)))
