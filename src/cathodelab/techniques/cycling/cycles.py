"""Cycles from half cycles; formation, rate test and check-ups by their rates and rests."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cathodelab.core.arrays import FloatArray, OwnArrays
from cathodelab.techniques.cycling.halves import HalfCycles
from cathodelab.techniques.cycling.intervals import end_rows
from cathodelab.techniques.cycling.model import BLOCKS, REST, CyclingSettings, IntArray, Steps

_LONGEST_FORMATION = 3
_LONGEST_CHECK_UP = 2
_LONGEST_RATE_STEP = 15
_FEWEST_RATES = 3


@dataclass(frozen=True, eq=False)
class Cycles(OwnArrays):
    """Cycles in their order: half cycles of charge and discharge (-1 where missing), first and last step."""

    number: IntArray
    charge: IntArray
    discharge: IntArray
    first_step: IntArray
    end_step: IntArray


def cycles_of(steps: Steps, halves: HalfCycles, settings: CyclingSettings) -> Cycles:
    """A cycle is a charge and the discharge after it (or as set). A half at the start that fits no cycle is number 0."""
    begin = {"charge": 1, "discharge": -1}.get(settings.cycle_begins_with, 0)
    if not begin and halves.count:
        begin = int(halves.direction[0])
    begins = halves.direction == begin
    follows = np.zeros_like(begins)
    follows[1:] = begins[:-1] & ~begins[1:]  # it ends the cycle that the one before begins
    half = (~follows).nonzero()[0]
    first = halves.first_step[half]
    first[:1] = 0
    ended = np.append(follows[1:], [False])[half]
    one, other = np.where(begins[half], half, -1), np.where(begins[half], np.where(ended, half + 1, -1), half)
    number = np.arange(first.size) + (0 if begins.size and not begins[0] else 1)
    charge, discharge = (one, other) if begin >= 0 else (other, one)
    return Cycles(number, charge, discharge, first, end_rows(first, steps.count) if first.size else first)


def inner_rests(steps: Steps, halves: HalfCycles, settings: CyclingSettings) -> IntArray:
    """Number of long rests inside each half cycle: from one on it was interrupted for a titration or a check-up."""
    inside = np.arange(steps.count) < halves.last_step[halves.of_step]
    inside &= np.arange(steps.count) > halves.first_step[halves.of_step]
    long = (steps.kind == REST) & (steps.seconds >= settings.titration_rest_hours * 3600) & inside
    return np.asarray(np.bincount(halves.of_step[long], minlength=halves.count), dtype=np.int64)


def rate_groups(c_rate: FloatArray, interrupted: NDArray[np.bool_], tolerance: float) -> IntArray:
    """Number of the run of neighbouring cycles with one C-rate; interrupted cycles stand for themselves."""
    group = np.zeros(c_rate.size, dtype=np.int64)
    level = 0.0
    for i in range(c_rate.size):
        rate = float(c_rate[i])
        known = np.isfinite(rate) and rate > 0
        same = known and level > 0 and abs(np.log(rate / level)) < np.log1p(tolerance)
        apart = bool(interrupted[i]) or (i > 0 and bool(interrupted[i - 1]))
        new = i == 0 or apart or (known and not same)
        group[i] = group[i - 1] + 1 if new and i else group[max(i - 1, 0)]
        if new:
            level = rate if known else 0.0
    return group


def blocks_of(
    c_rate: FloatArray, group: IntArray, interrupted: NDArray[np.bool_], whole: NDArray[np.bool_]
) -> IntArray:
    """Name of the block of every cycle, as index into ``BLOCKS``.

    Check-up: interrupted by long rests, or at most two cycles slower than both neighbours. Rate test: neighbouring runs of at
    least three rates, none longer than fifteen cycles. Formation: else the first run of at most three cycles, where
    something else follows. Partial: without one of its halves. All else is cycling.
    """
    names = np.full(c_rate.size, BLOCKS.index("cycling"), dtype=np.int64)
    if not c_rate.size:
        return names
    members = [np.flatnonzero(group == one) for one in range(int(group[-1]) + 1)]
    rates = [float(np.nanmedian(c_rate[one])) if np.isfinite(c_rate[one]).any() else 0.0 for one in members]
    broken = [bool(interrupted[one].any()) for one in members]
    kind = ["check-up" if apart else "" for apart in broken]
    first = next((i for i, apart in enumerate(broken) if not apart), None)
    _mark_rate_tests(members, rates, kind)
    few = first == 0 and len(members[0]) <= _LONGEST_FORMATION and len(members) > 1
    if few and not kind[0] and rates[0] <= 1.5 * rates[1]:
        kind[0] = "formation"
    for i in range(1, len(members) - 1):
        slower = rates[i] < rates[i - 1] / 1.5 and rates[i] < rates[i + 1] / 1.5
        if not kind[i] and slower and len(members[i]) <= _LONGEST_CHECK_UP:
            kind[i] = "check-up"
    for one, name in zip(members, kind, strict=True):
        names[one] = BLOCKS.index(name or "cycling")
    names[~whole & (names == BLOCKS.index("cycling"))] = BLOCKS.index("partial")
    return names


def _mark_rate_tests(members: list[IntArray], rates: list[float], kind: list[str]) -> None:
    start = 0
    while start < len(members):
        end = start
        while end < len(members) and not kind[end] and len(members[end]) <= _LONGEST_RATE_STEP:
            end += 1
        levels = {round(float(np.log(rate)), 1) for rate in rates[start:end] if rate > 0}
        if len(levels) >= _FEWEST_RATES:
            kind[start:end] = ["rate test"] * (end - start)
        start = end + 1


def of_kind(steps: Steps, *kinds: int) -> NDArray[np.bool_]:
    """Which steps are of one of the given kinds."""
    chosen: NDArray[np.bool_] = steps.kind == kinds[0]
    for kind in kinds[1:]:
        chosen |= steps.kind == kind
    return chosen


def half_sums(steps: Steps, halves: HalfCycles, *summed: tuple[FloatArray, NDArray[np.bool_]]) -> FloatArray:
    """Sums of values over the chosen steps of every half cycle, shape (number of sums, half cycles)."""
    table = np.zeros((len(summed), steps.count))
    for row, (values, chosen) in zip(table, summed, strict=True):
        np.copyto(row, values, where=chosen)
    first = halves.first_step.copy()
    first[:1] = 0
    return np.add.reduceat(table, first, axis=1)
