"""The cycler's own cycle counter beside the cycles that the data show."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cathodelab.core.records import CyclingRecord
from cathodelab.techniques.cycling.cycles import Cycles
from cathodelab.techniques.cycling.halves import HalfCycles
from cathodelab.techniques.cycling.model import Steps


@dataclass(frozen=True)
class CounterComparison:
    """How many cycles either counts, how often the counter rises inside one of ours, and where first (our number).

    ``between_halves`` of these rises are where one half goes over into the other: the cycler begins with the other half.
    ``inside_halves`` are inside one half cycle, the first in cycle ``first_inside``: cycles of the cycler were merged there.
    """

    ours: int
    cycler: int
    rises_inside: int
    spanning: int
    first_number: int
    between_halves: int
    inside_halves: int
    first_inside: int


def compared_counters(
    record: CyclingRecord, steps: Steps, halves: HalfCycles, cycles: Cycles
) -> CounterComparison | None:
    """Compare; ``None`` where the file has no counter or it never moves (a counter that the program does not use)."""
    counter = record.cycle_count
    if counter is None or not cycles.number.size or not np.diff(counter).any():
        return None
    rise = np.flatnonzero(np.diff(counter) != 0) + 1
    first = steps.first_row[cycles.first_step]
    # A counter that rises at the rest before or after a cycle agrees: only rows under current tell.
    flowing = np.flatnonzero(steps.direction != 0)
    starts = steps.first_row[flowing]
    step_of_cycle = np.searchsorted(cycles.first_step, flowing, side="right") - 1
    first_flow = np.full(first.size, np.iinfo(np.int64).max)
    np.minimum.at(first_flow, step_of_cycle, starts)
    last_flow = np.zeros(first.size, dtype=np.int64)
    np.maximum.at(last_flow, step_of_cycle, steps.end_row[flowing])
    cycle_of_rise = np.searchsorted(first, rise, side="right") - 1
    tolerance = 2  # the row at a border belongs to either side
    inside = (rise > first_flow[cycle_of_rise] + tolerance) & (rise < last_flow[cycle_of_rise] - tolerance)
    middle = counter[np.clip((first_flow + last_flow) // 2, 0, counter.size - 1)]
    spanning = int(np.sum(np.diff(middle) == 0))
    wrong = cycle_of_rise[inside]
    second = np.maximum(cycles.charge, cycles.discharge)
    turn = steps.first_row[halves.first_step[second]]
    # at a rest between the halves, or in the rows beside it
    last = steps.end_row[halves.last_step[np.maximum(second - 1, 0)]]
    at_turn = (rise[inside] >= last[wrong] - tolerance) & (rise[inside] <= turn[wrong] + tolerance)
    merged = wrong[~at_turn]
    return CounterComparison(
        ours=int(cycles.number.size),
        cycler=int(np.unique(counter).size),
        rises_inside=int(inside.sum()),
        spanning=spanning,
        first_number=int(cycles.number[wrong[0]]) if wrong.size else -1,
        between_halves=int(at_turn.sum()),
        inside_halves=int(merged.size),
        first_inside=int(cycles.number[merged[0]]) if merged.size else -1,
    )
