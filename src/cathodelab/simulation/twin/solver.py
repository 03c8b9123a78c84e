"""Many twins through their protocols at once, each with its own clock.

In every round each cell takes one time step of its own length: short after a change of the current, growing afterwards.
A step that would pass a limit of the potential is taken again, shorter. Cost grows with the number of rounds of the
longest protocol (about 1,000 for 60 h) and, above some hundred cells, with the number of cells.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.simulation.twin.model import Step, TwinCell, TwinRecord
from cathodelab.simulation.twin.protocol_position import Places
from cathodelab.simulation.twin.time_step import Command, Fleet


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
    fleet, everyone = Fleet(cells), np.arange(len(cells))
    start = fleet.volt(fleet.phi, np.zeros(len(cells)), fleet.time)
    places = Places(steps, start, refinement)
    owners, rows = [everyone], [_rows(fleet, everyone, places.at, start, np.zeros(len(cells)))]
    while places.runs.any():
        command = Command(holds=places.holds, current_mA_g=places.current_mA_g, volt=places.held)
        taken = fleet.take(command, places.length(fleet.utilization))
        accepted = places.accepts(taken.volt)
        fleet.accept(taken, accepted)
        owners.append(np.flatnonzero(accepted))
        rows.append(_rows(fleet, owners[-1], places.at, taken.volt, taken.outside_mA_g))
        fleet.lose_contact(places.go_on(accepted, taken.volt, taken.outside_mA_g))
    return _records(cells, steps, np.concatenate(owners), np.concatenate(rows))


def _rows(fleet: Fleet, which: np.ndarray, at: np.ndarray, volt: FloatArray, outside_mA_g: FloatArray) -> FloatArray:
    """What happened in the cells ``which`` at the end of a time step, shape (cell, column)."""
    columns = (
        fleet.time,
        volt,
        outside_mA_g * fleet.mass_gram,
        at + 1.0,
        fleet.charge,
        fleet.stored,
        fleet.utilization,
        *fleet.mean_fraction.T,
    )
    return np.stack([column[which] for column in columns], axis=1)


def _records(
    cells: Sequence[TwinCell], steps: tuple[Step, ...], owners: np.ndarray, rows: FloatArray
) -> tuple[TwinRecord, ...]:
    """The rows of every cell in the order in which they happened."""
    order = np.argsort(owners, kind="stable")
    counts = np.bincount(owners, minlength=len(cells))
    records = []
    for cell, own in zip(cells, np.split(rows[order], np.cumsum(counts)[:-1]), strict=True):
        time, volt, current, step, charge, stored, utilization = own.T[:7]
        fraction = own[:, 7 : 7 + len(cell.populations)]
        records.append(TwinRecord(cell, steps, time, volt, current, step, charge, stored, utilization, fraction))
    return tuple(records)
