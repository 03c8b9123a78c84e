"""A cell and a cycler that keeps a list of what it did: every half cycle, its charge, and the limit that ended it.

The cell is a rest potential over its state of charge behind a resistance, with an optional leak. A step at constant current
ends where the potential reaches its limit, or after a time or a charge; what counts as a half cycle is said by the programme
that asks for it, never found in the data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

_GRID = np.linspace(-0.05, 1.05, 8801)
_ENDLESS = 1e9
_EMPTY = -0.012


def _layered(x: np.ndarray) -> np.ndarray:
    return 2.95 + 0.62 * x + 0.05 * np.tanh((x - 0.75) / 0.05) - 0.9 * np.exp(-x / 0.012) + 0.5 * np.exp((x - 1) / 0.02)


def _plateau(x: np.ndarray) -> np.ndarray:
    return 3.42 + 0.01 * x - 0.9 * np.exp(-x / 0.02) + 0.6 * np.exp((x - 1) / 0.015)


def _spinel(x: np.ndarray) -> np.ndarray:
    return (
        4.05 + 0.30 / (1 + np.exp(-(x - 0.5) / 0.02)) + 0.3 * x - 1.2 * np.exp(-x / 0.02) + 0.4 * np.exp((x - 1) / 0.02)
    )


def _graphite(x: np.ndarray) -> np.ndarray:
    return 0.09 + 0.12 * x + 1.2 * np.exp((x - 1) / 0.04) - 0.12 * np.exp(-x / 0.02)


class Chemistry(NamedTuple):
    """Rest potential (V against the counter electrode) over the state of charge, and the usual limits."""

    rest_volt: np.ndarray
    low_volt: float
    high_volt: float


CHEMISTRIES = {
    "layered oxide": Chemistry(_layered(_GRID), 2.0, 3.7),
    "phosphate": Chemistry(_plateau(_GRID), 2.5, 3.8),
    "spinel": Chemistry(_spinel(_GRID), 3.2, 4.9),
    "graphite": Chemistry(_graphite(_GRID), 0.02, 1.0),
}


@dataclass
class Half:
    """A half cycle of the programme.

    Args:
        way: +1 charge, -1 discharge.
        charge_mAh: net, + = charge.
        ended: whether a limit of potential or charge ended it; ``None`` where a time did, or where the record ends while it
            holds its limit.
        loose_mAh: charge of pulses beside its ends.
        counted_mAh: counted in the step that the record begins in, before its first row.
    """

    way: int
    charge_mAh: float = 0.0
    ended: bool | None = True
    loose_mAh: float = 0.0
    counted_mAh: float = 0.0


@dataclass
class Recorded:
    """One step as recorded: its rows, what the cycler counted in it, its number in the programme and the cycle it stands in."""

    second: np.ndarray
    volt: np.ndarray
    current_mA: np.ndarray
    charge_mAh: np.ndarray
    step: int
    cycle: int
    half: int


@dataclass
class Cycler:
    """A cell under test.

    Args:
        chemistry: one of ``CHEMISTRIES``.
        capacity_mAh: between states of charge 0 and 1.
        resistance_ohm: all of it.
        state: of charge at the beginning.
        leak_mA: flows beside the electrodes at any time.
        rows: rows of a step, about.
    """

    chemistry: Chemistry
    capacity_mAh: float
    resistance_ohm: float
    state: float
    chance: np.random.Generator
    leak_mA: float = 0.0
    rows: int = 40
    noise_volt: float = 1e-4
    cycle: int = 1
    counts: bool = True
    steps: list[Recorded] = field(default_factory=list)
    halves: list[Half] = field(default_factory=list)

    @property
    def volt(self) -> float:
        """Rest potential."""
        return float(np.interp(self.state, _GRID, self.chemistry.rest_volt))

    def half(self, way: int) -> Half:
        """A half cycle begins here."""
        self.halves.append(Half(way))
        return self.halves[-1]

    def next_cycle(self) -> None:
        """The cycler's own count rises, where the programme has it count."""
        self.cycle += self.counts

    def constant_current(
        self, current_mA: float, limit_volt: float = np.nan, hours: float = _ENDLESS, charge_mAh: float = _ENDLESS
    ) -> bool:
        """Until the potential reaches its limit; returns whether it did, and not time or charge ended the step."""
        most = min(hours, charge_mAh / abs(current_mA))
        flow = (current_mA - self.leak_mA) / self.capacity_mAh
        against = (
            flow * current_mA < 0
        )  # a leak larger than the current empties the cell, and then nothing changes any more
        last = (
            most
            if against
            else min(most, (1.05 - self.state if flow > 0 else self.state + 0.05) / max(abs(flow), 1e-12))
        )
        time = np.concatenate([[0.0], np.geomspace(1e-7, 1, 4000)]) * last
        drop = current_mA * 1e-3 * self.resistance_ohm * (1 - 0.4 * np.exp(-time * 3600 / 20))
        volt = np.interp(np.maximum(self.state + flow * time, _EMPTY), _GRID, self.chemistry.rest_volt) + drop
        beyond = np.flatnonzero(np.sign(current_mA) * (volt - limit_volt) >= 0)
        reached = bool(beyond.size)
        if reached:
            at = int(beyond[0])
            last = self._crossing(time, volt, limit_volt, at) if at else 0.2 / 3600
        when = np.linspace(0, last, max(min(self.rows, int(last * 3600 / 0.2)), 1) + 1)
        seen = np.interp(when, time, volt)
        if reached:
            way = np.sign(current_mA)  # what has hardly begun is beyond its limit when the cycler sees it first
            seen = np.clip(seen, -0.5, 5.5)
            seen[-1] = limit_volt + way * abs(self.chance.normal(0, 2e-4)) if at else seen[-1]
        self._write(when * 3600, seen, np.full(when.size, current_mA), current_mA * when)
        self.state = float(np.clip(self.state + flow * last, _EMPTY, 1.0))
        return reached

    @staticmethod
    def _crossing(time: np.ndarray, volt: np.ndarray, limit: float, at: int) -> float:
        share = (limit - volt[at - 1]) / (volt[at] - volt[at - 1])
        return float(time[at - 1] + share * (time[at] - time[at - 1]))

    def hold(self, current_mA: float, limit_volt: float, part: float) -> None:
        """Hold the potential until the current has fallen to a part of what it was."""
        goal = float(np.interp(limit_volt, self.chemistry.rest_volt, _GRID))
        left = abs(goal - self.state) * self.capacity_mAh
        decay = max(left / abs(current_mA), 1e-4)
        when = np.linspace(0, -decay * np.log(part), self.rows + 1)
        shape = np.exp(-when / decay)
        self._write(when * 3600, np.full(when.size, limit_volt), current_mA * shape, current_mA * decay * (1 - shape))
        self.state = min(self.state + current_mA * decay * (1 - shape[-1]) / self.capacity_mAh, 1.0)

    def rest(self, hours: float) -> None:
        """No current."""
        when = np.linspace(0, hours, 12)
        before = self.steps[-1].volt[-1] if self.steps else self.volt
        self.state = max(self.state - self.leak_mA * hours / self.capacity_mAh, _EMPTY)
        volt = self.volt + (before - self.volt) * np.exp(-when * 3600 / 200)
        self._write(when * 3600, volt, np.zeros(when.size), np.zeros(when.size))

    def pulse(self, current_mA: float, seconds: float) -> None:
        """A short current, whatever the potential does."""
        self.constant_current(current_mA, hours=seconds / 3600)

    def _write(self, second: np.ndarray, volt: np.ndarray, current: np.ndarray, charge: np.ndarray) -> None:
        noisy = volt + self.noise_volt * self.chance.standard_normal(volt.size) * (current != 0)
        self.steps.append(Recorded(second, noisy, current, charge, len(self.steps), self.cycle, len(self.halves) - 1))
        if self.halves:
            self.halves[-1].charge_mAh += float(charge[-1])


def cut(cycler: Cycler, first_row: int, last_row: int) -> tuple[list[Recorded], list[Half]]:
    """The steps and half cycles that are left where only some rows of a test are kept; cut ones have not ended at a limit.

    What was charged before the first row kept is left out of the charge of its half cycle; of the step that the row is in it is
    its ``counted_mAh``.
    """
    halves = [Half(one.way, 0.0, one.ended, one.loose_mAh) for one in cycler.halves]
    kept: list[Recorded] = []
    row = 0
    for one in cycler.steps:
        begin, end = max(first_row - row, 0), min(last_row - row, one.second.size)
        row += one.second.size
        if one.half >= 0 and end < one.second.size and one.charge_mAh[-1]:
            held = bool(np.ptp(one.current_mA))
            halves[one.half].ended = None if held and halves[one.half].ended is not False else False
        if begin >= end:
            continue
        part = slice(begin, end)
        kept.append(
            Recorded(
                one.second[part],
                one.volt[part],
                one.current_mA[part],
                one.charge_mAh[part],
                one.step,
                one.cycle,
                one.half,
            )
        )
        if one.half >= 0:
            halves[one.half].charge_mAh += float(one.charge_mAh[end - 1] - one.charge_mAh[begin])
            if len(kept) == 1:
                halves[one.half].counted_mAh = float(one.charge_mAh[begin])
    present = {one.half for one in kept if one.current_mA.any()}
    return kept, [half for place, half in enumerate(halves) if place in present]


def chosen(chance: np.random.Generator, among: Sequence[float]) -> float:
    """One of several, drawn."""
    return float(among[int(chance.integers(len(among)))])
