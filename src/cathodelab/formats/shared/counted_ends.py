"""What the cycler's counters of charge read in the first and in the last row of a file, and what that says of the charge before.

A file that begins within a step, as after a restart or where only some rows were exported, lacks charge that its own
counter knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cathodelab.core.arrays import FloatArray

Every = Literal["step", "cycle", ""]
_FLOWING = 1e-3
"""Part of the largest current from which a row is under current."""
_BY_CLOCK = 1.05
"""How far the charge of a step may exceed its current times its time: the record was thinned or the current fell."""


@dataclass(frozen=True)
class CountedEnds:
    """Counters of charging and discharging in the first and in the last row, Ah.

    Args:
        first: (charging, discharging) in the first row.
        last: the same in the last row.
        every: how often they start anew; empty where they never do in the file.
    """

    first: tuple[float, float]
    last: tuple[float, float]
    every: Every

    def as_list(self) -> list[float | str]:
        """Plain data, for a cache."""
        return [*self.first, *self.last, self.every]


def ends_of_list(plain: list[float | str]) -> CountedEnds | None:
    """The same again; ``None`` of an empty list."""
    if not plain:
        return None
    a, b, c, d = (float(one) for one in plain[:4])
    return CountedEnds((a, b), (c, d), "step" if plain[4] == "step" else "cycle" if plain[4] == "cycle" else "")


def counted_ends(
    charging: FloatArray, discharging: FloatArray, changed: NDArray[np.bool_], every: Every | None = None
) -> CountedEnds:
    """The ends of two counters, and how often they start anew, unless that is known.

    Args:
        charging: counter of that direction, Ah.
        discharging: the same of the other.
        changed: rows that begin a step.
        every: how often they start anew.
    """
    up, down = np.abs(charging), np.abs(discharging)
    if every is None:
        follows = changed[1:] & ((up[:-1] > 0) | (down[:-1] > 0))
        falls = changed[1:] & ((up[1:] < up[:-1]) | (down[1:] < down[:-1]))
        steps = bool(follows.any()) and int(falls.sum()) > int(follows.sum()) / 2
        every = "step" if steps else "cycle" if falls.any() else ""
    return CountedEnds((float(up[0]), float(down[0])), (float(up[-1]), float(down[-1])), every)


def ends_of_counter(counter: FloatArray, direction: FloatArray, changed: NDArray[np.bool_]) -> CountedEnds:
    """The ends of one counter of either direction that starts anew at each step."""
    return counted_ends(np.where(direction > 0, counter, 0.0), np.where(direction < 0, counter, 0.0), changed, "step")


def charge_before(
    columns: Mapping[str, FloatArray],
    ends: CountedEnds | None,
    earlier: tuple[Mapping[str, FloatArray], CountedEnds | None] | None = None,
) -> float:
    """Charge of the running half cycle that was counted before the first row and stands in no earlier row, Ah, + = charge.

    Zero where the first row is not under current, or where nothing shows that the counter counts this half cycle: it is
    known to start anew at each step or cycle, or the clock of the step agrees.

    Args:
        columns: of the file's table.
        ends: its counters.
        earlier: the same of the file before it, where there is one.
    """
    current = columns.get("current_ampere")
    if ends is None or current is None:
        return 0.0
    way = int(np.sign(current[0])) if abs(current[0]) > _FLOWING * float(np.abs(current).max()) else 0
    if not way:
        return 0.0
    side = 0 if way > 0 else 1
    counted, before = ends.first[side], 0.0
    if earlier is not None and earlier[1] is not None and _goes_on(columns, ends, earlier[0], earlier[1], side):
        before = earlier[1].last[side]
    elif not (ends.every or _by_clock(columns, float(current[0]), counted)):
        return 0.0
    return way * max(counted - before, 0.0)


def _goes_on(
    columns: Mapping[str, FloatArray],
    ends: CountedEnds,
    earlier: Mapping[str, FloatArray],
    earlier_ends: CountedEnds,
    side: int,
) -> bool:
    """Whether the counter of one direction goes on from the file before, rather than having started anew."""
    if ends.first[side] < earlier_ends.last[side]:
        return False
    every = ends.every or earlier_ends.every
    names = {"step": ("step_id", "cycle_count"), "cycle": ("cycle_count",), "": ()}[every]
    return all(
        float(columns[name][0]) == float(earlier[name][-1]) for name in names if name in columns and name in earlier
    )


def _by_clock(columns: Mapping[str, FloatArray], current: float, counted: float) -> bool:
    """Whether the clock of the step agrees with the charge that is counted."""
    clock = columns.get("step_time_second")
    return clock is not None and counted <= _BY_CLOCK * abs(current) * float(clock[0]) / 3600
