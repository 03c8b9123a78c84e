"""Truths and states of many twins as arrays of shape (cell,) or (cell, population), and one time step of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cathodelab.core.arrays import FloatArray, OwnArrays
from cathodelab.simulation.twin.kinetics import Balance, common_potential, oxidation_current
from cathodelab.simulation.twin.model import TwinCell
from cathodelab.simulation.twin.open_circuit import FULL_CHARGE_mAh_g, fraction
from cathodelab.simulation.twin.particle import advance, sphere_modes

_MODES = sphere_modes()
_PER_SECOND = 1 / (FULL_CHARGE_mAh_g * 3600)
_EMPTY_SHARE = 1000.0  # s and mA/g of populations that a cell does not have


@dataclass(frozen=True, eq=False)
class Command(OwnArrays):
    """What the cycler does in a time step: ``current_mA_g`` where ``holds`` is false, else the cell at ``volt``."""

    holds: np.ndarray
    current_mA_g: FloatArray
    volt: FloatArray


@dataclass(frozen=True, eq=False)
class Taken(OwnArrays):
    """A time step that was computed and may still be refused."""

    seconds: FloatArray
    amplitudes: FloatArray
    phi: FloatArray
    current: FloatArray
    outside_mA_g: FloatArray
    oxidation_mA_g: FloatArray
    volt: FloatArray


class Fleet:
    """The cells; changed in place by :meth:`accept`, as a simulation of a thousand steps is."""

    def __init__(self, cells: Sequence[TwinCell]) -> None:
        count, most = len(cells), max(len(cell.populations) for cell in cells)
        self.share = np.zeros((count, most))
        self.tau = np.full((count, most), _EMPTY_SHARE)
        self.exchange = np.full((count, most), _EMPTY_SHARE)
        for row, cell in enumerate(cells):
            for column, population in enumerate(cell.populations):
                self.share[row, column] = population.share
                self.tau[row, column] = population.diffusion_second
                self.exchange[row, column] = population.exchange_mA_g * cell.contact
        self.mass_gram = _of(cells, "cam_mass_mg") * 1e-3
        self.utilization = _of(cells, "utilization")
        self.series = _of(cells, "series_ohm") * self.mass_gram * 1e-3  # V per mA/g
        self.offset = _of(cells, "offset_volt")
        self.drift = _of(cells, "offset_drift_volt_per_hour") / 3600
        self.leak = _of(cells, "self_discharge_mA_g")
        self.oxidation = _of(cells, "oxidation_mA_g")
        self.oxidation_volt = _of(cells, "oxidation_volt")
        pool = _of(cells, "oxidation_pool_mAh_g")
        self.pool = np.where(pool > 0, pool, np.inf)
        self.loss = _of(cells, "contact_loss")
        self.hysteresis = _of(cells, "hysteresis_volt")
        self.growth = _of(cells, "hysteresis_growth")
        self.turn = _of(cells, "hysteresis_fraction")
        self.phi = _of(cells, "start_potential_volt")
        self.branch = np.full((count, most), -1.0)  # the last that happened before was a discharge
        self.amplitudes = np.zeros((count, most, _MODES.decay.size))
        self.amplitudes[:, :, 0] = fraction((self.phi + self.hysteresis)[:, None])  # on the lower branch
        self.current = np.zeros((count, most))
        self.oxidized = np.zeros(count)
        self.time, self.charge, self.stored = np.zeros(count), np.zeros(count), np.zeros(count)

    @property
    def mean_fraction(self) -> FloatArray:
        """Extracted fraction of every population, shape (cell, population)."""
        return np.asarray(self.amplitudes[:, :, 0])

    def volt(self, phi: FloatArray, outside: FloatArray, time: FloatArray) -> FloatArray:
        """Potential of the cells against their counter electrodes."""
        return np.asarray(phi + self.series * outside - self.offset - self.drift * time)

    def take(self, command: Command, seconds: FloatArray) -> Taken:
        """One time step of every cell from its present state."""
        ahead = advance(_MODES, self.amplitudes, self.tau, np.broadcast_to(seconds[:, None], self.tau.shape))
        counter = self.offset + self.drift * (self.time + seconds)
        holds = command.holds
        balance = Balance(
            base=ahead.base,
            reach=ahead.reach * _PER_SECOND,
            exchange=self.exchange,
            weight=self.utilization[:, None] * self.share,
            shift=self.hysteresis[:, None] * (1 + self.growth[:, None] * self.mean_fraction) * self.branch,
            oxidation=self.utilization * self.oxidation * np.exp(-self.oxidized / self.pool),
            oxidation_volt=self.oxidation_volt,
            leak=self.utilization * self.leak,
            hold_phi=holds.astype(float),
            hold_current=np.where(holds, self.series, 1.0),
            target=np.where(holds, command.volt + counter, command.current_mA_g),
        )
        phi, current = common_potential(balance, self.phi, self.current)
        oxidation = oxidation_current(balance, phi)
        flowing = np.sum(balance.weight * current, axis=1) + oxidation + balance.leak
        outside = np.where(holds, flowing, command.current_mA_g)
        amplitudes = ahead.kept + (current * _PER_SECOND)[..., None] * ahead.driven
        volt = self.volt(phi, outside, self.time + seconds)
        return Taken(seconds, amplitudes, phi, current, outside, oxidation, volt)

    def accept(self, taken: Taken, which: np.ndarray) -> None:
        """Make a time step the present of the cells ``which``."""
        before = self.mean_fraction.copy()
        for name in ("phi", "current", "amplitudes"):
            getattr(self, name)[which] = getattr(taken, name)[which]
        moved = self.mean_fraction - before
        gone = -np.expm1(-np.abs(moved) / self.turn[:, None])
        self.branch += (np.sign(moved) - self.branch) * gone
        hours = np.where(which, taken.seconds, 0.0) / 3600
        self.time += hours * 3600
        self.charge += taken.outside_mA_g * hours * self.mass_gram
        self.stored += FULL_CHARGE_mAh_g * np.sum(self.share * moved, axis=1) * self.utilization * self.mass_gram
        self.oxidized += taken.oxidation_mA_g / self.utilization * hours

    def lose_contact(self, which: np.ndarray) -> None:
        """The part of the connected material that a cycle costs."""
        self.utilization[which] *= 1 - self.loss[which]


def _of(cells: Sequence[TwinCell], name: str) -> FloatArray:
    return np.array([getattr(cell, name) for cell in cells], dtype=float)
