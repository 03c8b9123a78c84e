"""Many twins through their protocols at once, each with its own clock.

In every round each cell takes one time step of its own length: short after a change of the current, growing afterwards.
A step that would pass a limit of the potential is taken again, shorter. Cost grows with the number of rounds of the
longest protocol (about 1,000 for 60 h) and, above some ten cells, with the number of cells.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.simulation.twin.fleet import Command, Fleet, Taken
from cathodelab.simulation.twin.model import C_RATE_BASIS_mA_g, Step, TwinCell, TwinRecord
from cathodelab.simulation.twin.open_circuit import FULL_CHARGE_mAh_g

_FIRST_SECOND, _GROWTH, _LARGEST_SECOND = 1.0, 1.2, 600.0
_LARGEST_FRACTION = 1.5e-3
_LIMIT_VOLT, _LEAST_SECOND = 2e-5, 1e-3
_SIGN = {"charge": 1.0, "discharge": -1.0, "rest": 0.0, "hold": 0.0}


def simulate(
    cells: Sequence[TwinCell], protocols: Sequence[tuple[Step, ...]], *, refinement: float = 1.0
) -> tuple[TwinRecord, ...]:
    """Run every cell through its protocol; cells of the same protocol go together.

    Args:
        cells: the truths.
        protocols: one for each cell.
        refinement: 2 halves all time steps.
    """
    found: dict[int, TwinRecord] = {}
    for steps in dict.fromkeys(protocols):
        group = [i for i, own in enumerate(protocols) if own == steps]
        found.update(zip(group, _together([cells[i] for i in group], steps, refinement), strict=True))
    return tuple(found[i] for i in range(len(cells)))


def _together(cells: Sequence[TwinCell], steps: tuple[Step, ...], refinement: float) -> tuple[TwinRecord, ...]:
    fleet = Fleet(cells)
    start = fleet.volt(fleet.phi, np.zeros(len(cells)), fleet.time)
    places = [_Place(steps, float(volt), refinement) for volt in start]
    populations = [len(cell.populations) for cell in cells]
    rows = [[_row(fleet, i, place, place.volt, 0.0, populations[i])] for i, place in enumerate(places)]
    while any(place.runs for place in places):
        command = _command(places)
        seconds = np.array([place.length(float(fleet.utilization[i])) for i, place in enumerate(places)])
        taken = fleet.take(command, seconds)
        accepted = np.array([place.accepts(float(taken.volt[i])) for i, place in enumerate(places)])
        fleet.accept(taken, accepted)
        for i in np.flatnonzero(accepted):
            _go_on(fleet, int(i), places[i], taken, rows[i], populations[i])
    return tuple(_record(cell, steps, found) for cell, found in zip(cells, rows, strict=True))


class _Place:
    """Where one cell stands in its protocol."""

    def __init__(self, steps: tuple[Step, ...], volt: float, refinement: float) -> None:
        self.steps, self.at, self.volt, self.refinement = steps, 0, volt, refinement
        self.ended_branch = 0
        self._enter()

    def _enter(self) -> None:
        if self.runs:
            self.left, self.next = self.step.seconds, _FIRST_SECOND / self.refinement
            self.held = self.volt if self.step.limit_volt is None else self.step.limit_volt
            self.limited = False

    @property
    def runs(self) -> bool:
        return self.at < len(self.steps)

    @property
    def step(self) -> Step:
        return self.steps[self.at]

    @property
    def current_mA_g(self) -> float:
        return _SIGN[self.step.kind] * self.step.c_rate * C_RATE_BASIS_mA_g if self.runs else 0.0

    def length(self, utilization: float) -> float:
        """The next time step, s; 0 for a cell that has ended."""
        if not self.runs:
            self.trial = 0.0
            return 0.0
        rate = abs(self.current_mA_g) / utilization / FULL_CHARGE_mAh_g / 3600
        longest = min(_LARGEST_SECOND, _LARGEST_FRACTION / rate if rate else np.inf) / self.refinement
        self.trial = min(self.next, longest, self.left)
        return self.trial

    def accepts(self, volt: float) -> bool:
        """Whether the time step stays within the limit; else the next one is shorter."""
        if not self.runs:
            return False
        beyond = self._beyond(volt)
        if beyond > _LIMIT_VOLT and self.trial > _LEAST_SECOND:
            way = beyond - self._beyond(self.volt)
            share = -self._beyond(self.volt) / way if way > 0 else 0.5
            self.next, self.limited = self.trial * float(np.clip(share, 0.05, 0.95)), True
            return False
        return True

    def _beyond(self, volt: float) -> float:
        """How far a charge or discharge is past its limit, V."""
        sign = _SIGN[self.step.kind]
        if not sign or self.step.limit_volt is None:
            return -np.inf
        return sign * (volt - self.step.limit_volt)

    def passed(self, volt: float, outside_mA_g: float) -> tuple[bool, bool]:
        """After an accepted step: whether the protocol goes on to another step, and whether a new cycle starts."""
        self.volt = volt
        self.left -= self.trial
        at_limit = self._beyond(volt) >= -_LIMIT_VOLT
        small = self.step.kind == "hold" and abs(outside_mA_g) < self.step.c_rate * C_RATE_BASIS_mA_g
        if not (at_limit or small or self.left <= 1e-9):
            self.next = self.trial * (1.0 if self.limited else _GROWTH)
            return False, False
        old = self.step
        if at_limit and old.branch:
            self.ended_branch = old.branch
        self.at += 1
        if old.kind == "rest" and self.ended_branch:
            while self.runs and self.step.branch == self.ended_branch:
                self.at += 1
            self.ended_branch = 0
        self._enter()
        return True, self.runs and self.step.cycle > old.cycle


def _command(places: list[_Place]) -> Command:
    return Command(
        holds=np.array([place.runs and place.step.kind == "hold" for place in places]),
        current_mA_g=np.array([place.current_mA_g for place in places]),
        volt=np.array([place.held for place in places]),
    )


def _go_on(
    fleet: Fleet, cell: int, place: _Place, taken: Taken, rows: list[tuple[float, ...]], populations: int
) -> None:
    """Note the row and move on in the protocol."""
    volt, outside = float(taken.volt[cell]), float(taken.outside_mA_g[cell])
    rows.append(_row(fleet, cell, place, volt, outside, populations))
    _, new_cycle = place.passed(volt, outside)
    if new_cycle:
        fleet.lose_contact(cell)


def _row(
    fleet: Fleet, cell: int, place: _Place, volt: float, outside_mA_g: float, populations: int
) -> tuple[float, ...]:
    return (
        float(fleet.time[cell]),
        volt,
        outside_mA_g * float(fleet.mass_gram[cell]),
        float(place.at + 1),
        float(fleet.charge[cell]),
        float(fleet.stored[cell]),
        float(fleet.utilization[cell]),
        *fleet.mean_fraction[cell, :populations].tolist(),
    )


def _record(cell: TwinCell, steps: tuple[Step, ...], rows: list[tuple[float, ...]]) -> TwinRecord:
    columns: FloatArray = np.array(rows).T
    time, volt, current, step, charge, stored, utilization = columns[:7]
    return TwinRecord(cell, steps, time, volt, current, step, charge, stored, utilization, columns[7:].T)
