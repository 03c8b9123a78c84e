"""Counts that never reset, rebuilt from what cyclers restart at every step or cycle.

For each rebuilt column there is a sentence for ``Table.notes``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays, frozen
from cathodelab.core.records import CyclingRecord
from cathodelab.core.steps import charge_of, current_signs

AGREEMENT = 1e-3
"""Relative difference between the cycler's charge and the integral of the current up to which both agree."""

STEP_NOTE = (
    "The step count was rebuilt: it grows by one wherever the cycler's step number changes or its step clock restarts."
)


def step_changes(step_id: FloatArray, step_time: FloatArray | None) -> NDArray[np.bool_]:
    """Rows that begin a step: the step number changed, or the step clock restarted (a step repeated at once)."""
    changed = np.zeros(step_id.size, dtype=bool)
    changed[1:] = step_id[1:] != step_id[:-1]
    if step_time is not None:
        changed[1:] |= step_time[1:] < step_time[:-1]
    return changed


def counted(changed: NDArray[np.bool_]) -> FloatArray:
    """Step count from 1, growing by one at each row that begins a step."""
    return frozen(np.cumsum(changed) + 1)


@np.errstate(all="ignore")  # as in agreement_note
def accumulated(counter: FloatArray, changed: NDArray[np.bool_], *, every_step: bool | None = None) -> FloatArray:
    """Increments per row of a counter that resets at steps or cycles.

    A fall to less than half within a step is a reset too: cyclers restart their count after a pause.

    Args:
        counter: the cycler's count, Ah; its size grows within a step.
        changed: rows that begin a step.
        every_step: whether each step starts at zero; ``None``: only where the counter falls, or at every step if it falls
            at most of the steps that follow a counted charge.
    """
    size = np.abs(counter)
    falls = np.zeros(counter.size, dtype=bool)
    if every_step is not True:
        falls[1:] = changed[1:] & (size[1:] < size[:-1])
    if every_step is None:
        follows = changed[1:] & (size[:-1] > 0)
        every_step = bool(follows.any()) and int(falls[1:].sum()) > int(follows.sum()) / 2
    falls |= counted_anew(counter, changed)
    begins = np.flatnonzero(changed | falls if every_step else falls)
    moved = np.empty_like(size)
    moved[:1] = counter[:1]
    np.subtract(counter[1:], counter[:-1], out=moved[1:])
    moved[begins] = counter[begins]
    return moved


def counted_anew(counter: FloatArray, changed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Rows within a step at which the counter restarts."""
    size = np.abs(counter)
    anew = np.zeros(counter.size, dtype=bool)
    rows = np.flatnonzero((size[1:] < size[:-1]) & ~changed[1:]) + 1  # few
    anew[rows] = (size[rows] < 0.5 * size[rows - 1]) & (size[rows - 1] > 1e-4 * size.max(initial=0.0))
    return anew


def anew_note(changed: NDArray[np.bool_], *counters: FloatArray) -> str:
    """Note on counters that restarted within a step; empty where none did."""
    rows = np.unique(np.concatenate([np.flatnonzero(counted_anew(counter, changed)) for counter in counters]))
    if not rows.size:
        return ""
    listed = ", ".join(str(row + 1) for row in rows[:5]) + (", ..." if rows.size > 5 else "")
    return (
        f"The cycler's capacity starts anew within a step at {rows.size} rows ({listed}), as after a pause; the charge before "
        "was kept. The cycler's own value of this step is too small."
    )


def net_of_pair(charging: FloatArray, discharging: FloatArray, changed: NDArray[np.bool_]) -> FloatArray:
    """Net charge from the cycler's counters for charging and discharging, each of which its schedule may reset."""
    moved = accumulated(charging, changed, every_step=False) - accumulated(discharging, changed, every_step=False)
    moved[0] = 0.0  # each part of a test begins at zero
    return frozen(np.cumsum(moved))


def net_of_counter(
    counter: FloatArray, direction: FloatArray, changed: NDArray[np.bool_], *, every_step: bool | None = None
) -> FloatArray:
    """Net charge from one unsigned counter and the direction (+1, 0, -1) of every row."""
    moved = accumulated(counter, changed, every_step=every_step) * direction
    moved[0] = 0.0
    return frozen(np.cumsum(moved))


@dataclass(frozen=True)
class HalfCycles(ReadOnlyArrays):
    """Charges of the half cycles of a record, Ah: runs of one direction, including rests within them.

    Args:
        cycler: by the cycler's own count.
        integral: of the recorded current over time.
        open: uncertainty of the integral from the spacing of the records: half the sum of the changes of the current between
            records times their distances, as any current between two recorded ones is possible.
        flowing_seconds: duration of current flow.
    """

    cycler: FloatArray
    integral: FloatArray
    open: FloatArray
    flowing_seconds: FloatArray

    def only(self, kept: NDArray[np.bool_]) -> HalfCycles:
        """A selection of the half cycles."""
        return HalfCycles(self.cycler[kept], self.integral[kept], self.open[kept], self.flowing_seconds[kept])


def half_cycles(columns: dict[str, FloatArray]) -> HalfCycles:
    """The half cycles of a table with time, current and net charge."""
    record = CyclingRecord(
        voltage_volt=columns["voltage_volt"],
        test_time_second=columns["test_time_second"],
        current_ampere=columns["current_ampere"],
        step_count=columns.get("step_count"),
    )
    current, time, net = columns["current_ampere"], columns["test_time_second"], columns["net_charge_ampere_hour"]
    states = current_signs(current)
    flows = np.flatnonzero(states)
    turns = states[flows[1:]] != states[flows[:-1]]
    before = np.maximum(flows[np.concatenate([[True], turns])[: flows.size]] - 1, 0)
    last = flows[np.concatenate([turns, [True]])[: flows.size]]
    del flows, turns  # each of these is as long as a column

    def passed(total: FloatArray, unit: float) -> FloatArray:
        moved: FloatArray = (total[last] - total[before]) * unit
        return moved

    integral = passed(charge_of(record, states), 1e-3)
    interval, open_ = np.zeros(
        (2, time.size)
    )  # one buffer, reused: allocating large memory costs more than the arithmetic
    np.subtract(time[1:], time[:-1], out=interval[1:])
    np.subtract(current[1:], current[:-1], out=open_[1:])
    np.abs(open_, out=open_)
    open_ *= interval
    np.cumsum(open_, out=open_)
    interval *= states != 0
    flowing = np.cumsum(interval, out=interval)
    return HalfCycles(passed(net, 1.0), integral, passed(open_, 1 / 7200), passed(flowing, 1.0))


@np.errstate(all="ignore")  # numbers of a damaged file may overflow here; the check of scales refuses them afterwards
def agreement_note(columns: dict[str, FloatArray]) -> str:
    """Note on the agreement of the cycler's charge and the integral of the current, half cycle by half cycle."""
    halves = half_cycles(columns)
    if not halves.cycler.size or not np.abs(halves.cycler).max() > 0:
        return ""
    halves = halves.only(np.abs(halves.cycler) >= 0.01 * np.abs(halves.cycler).max())
    relative = np.abs(halves.integral / halves.cycler - 1)
    apart = relative > AGREEMENT
    if not apart.any():
        return (
            f"The cycler's own charge and the integral of the current agree within {max(relative.max(), 1e-6):.2g} in all "
            f"{relative.size} half cycles (those with at least 1 % of the largest charge)."
        )
    worst = int(np.argmax(relative))
    reason = _reason(halves.only(apart), columns)
    return (
        f"The integral of the current differs from the cycler's own charge by more than 0.1 % in {int(apart.sum())} of "
        f"{relative.size} half cycles, at most by {100 * relative[worst]:.2g} % ({halves.integral[worst]:.5g} Ah "
        f"against {halves.cycler[worst]:.5g} Ah). {reason}"
    )


def _reason(halves: HalfCycles, columns: dict[str, FloatArray]) -> str:
    """Explanation of the differences: spacing of the records, ends of the steps, the cycler's digits, or none."""
    moved, intervals = np.abs(np.diff(columns["net_charge_ampere_hour"])), np.diff(columns["test_time_second"])
    digit = float(moved[moved > 0].min())
    charge, open_ = np.abs(halves.cycler), halves.open
    difference = np.abs(halves.integral - halves.cycler)
    seconds = difference / charge * halves.flowing_seconds
    if (difference <= open_ + AGREEMENT * charge).all():
        return (
            "The records are too far apart for the changing current between them: this alone allows the difference, and "
            "the cycler's charge is the better one."
        )
    if (difference <= open_ + digit + AGREEMENT * charge).all():
        return f"The cycler's charge is written in steps of about {digit:.2g} Ah: this allows the difference."
    spacing = float(np.median(intervals[intervals > 0])) if (intervals > 0).any() else 0.0
    if (seconds <= max(spacing, 1.0)).all():
        return (
            f"It is what flows in at most {seconds.max():.2g} s: the cycler counts at the ends of a step what lies between "
            "its records, and its charge is the better one."
        )
    return "Neither the spacing of the records nor the ends of the steps explain it: check the export."
