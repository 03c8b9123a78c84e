"""A record as means of few rows: dense after each change of the voltage, wide where the current is nearly steady."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.techniques.conduction.model import IntArray, Staircase, Step

_MEANS_A_STEP = 18
_PARTS_OF_A_MEAN = 4
_JITTER_ROWS = 0.05
_ALIKE_NOISE = 3.0
_NUMERIC = 1e-6


@dataclass(frozen=True, eq=False)
class Means(ReadOnlyArrays):
    """Mean currents and what a model needs to give the same means.

    Args:
        step: number of the step (from 0, all steps counted), shape (b,).
        current_ampere: shape (b,).
        rows: rows of each mean, shape (b,).
        noise_ampere: standard deviation of a single row, shape (b,).
        jitter_ampere: what a small error of the time of the step does to each mean, shape (b,).
        part_second: times since the step began that stand for the rows of a mean: two for each of up to four parts, a
            standard deviation of the rows' times before and after their middle (exact for cubic courses), shape (c,).
        part_rows: rows that each stands for, shape (c,).
        part_step: step of each, shape (c,).
        first_part: the first of each mean, shape (b,).
        voltage_volt, start_second: of all steps, shape (k,).
        record_second: length of the whole record.
        interval_second: shortest interval between rows.
    """

    step: IntArray
    current_ampere: FloatArray
    rows: FloatArray
    noise_ampere: FloatArray
    jitter_ampere: FloatArray
    part_second: FloatArray
    part_rows: FloatArray
    part_step: IntArray
    first_part: IntArray
    voltage_volt: FloatArray
    start_second: FloatArray
    record_second: float
    interval_second: float

    @property
    def elapsed(self) -> FloatArray:
        """Time of each mean as a part of the record, 0 to 1, shape (b,)."""
        middle = self.of_parts(self.start_second[self.part_step] + self.part_second)
        return np.asarray(np.clip((middle - self.start_second[0]) / self.record_second, 1e-9, 1.0))

    @property
    def volts(self) -> FloatArray:
        """Voltage of each mean, shape (b,)."""
        return np.asarray(self.voltage_volt[self.step])

    def of_parts(self, values: FloatArray) -> FloatArray:
        """Means of a model that was evaluated for all parts, shape (b, ...)."""
        weighted = values * self.part_rows.reshape(-1, *[1] * (values.ndim - 1))
        sums = np.add.reduceat(weighted, self.first_part, axis=0)
        return np.asarray(sums / self.rows.reshape(-1, *[1] * (values.ndim - 1)))


def means_of(
    staircase: Staircase, steps: Sequence[Step], left_out: NDArray[np.bool_], noise: FloatArray | None = None
) -> Means:
    """Means of the steps that are used, without the rows that are left out.

    Args:
        staircase: the record.
        steps: its steps.
        left_out: rows that do not count, shape (rows,).
        noise: standard deviation of a single row in each step; found by :func:`row_noise` where it is not given.
    """
    time, current = staircase.time_second, staircase.current_ampere
    noise = row_noise(staircase, steps, left_out) if noise is None else noise
    rows: list[IntArray] = []
    numbers: list[int] = []
    for number, step in enumerate(steps):
        if step.dropped:
            continue
        kept = np.arange(step.first, step.last)[~left_out[step.first : step.last]]
        edges = np.unique(np.round(np.geomspace(1, kept.size + 1, _MEANS_A_STEP + 1)).astype(np.int64)) - 1
        pieces = [kept[a:b] for a, b in pairwise(edges.tolist())]
        rows += pieces
        numbers += [number] * len(pieces)
    points = [_points(time, piece) for piece in rows]
    counts = np.array([len(several) for several in points])
    start = np.array([step.start_second for step in steps])
    part_step = np.repeat(np.array(numbers), counts)
    at, standing_for = np.concatenate(points).T
    means = np.array([float(np.mean(current[piece])) for piece in rows])
    middles = np.array([float(np.mean(time[piece])) for piece in rows])
    intervals = np.diff(time)
    return Means(
        step=np.array(numbers, dtype=np.int64),
        current_ampere=means,
        rows=np.array([piece.size for piece in rows], dtype=float),
        noise_ampere=noise[numbers],
        jitter_ampere=_jitter(means, middles, np.array(numbers), rows, time),
        part_second=at - start[part_step],
        part_rows=standing_for,
        part_step=part_step,
        first_part=np.concatenate([[0], np.cumsum(counts)[:-1]]),
        voltage_volt=np.array([step.voltage_volt for step in steps]),
        start_second=start,
        record_second=float(time[-1] - start[0]),
        interval_second=float(np.min(intervals[intervals > 0])),
    )


def with_starts(means: Means, start_second: FloatArray) -> Means:
    """The same means with other starts of the steps, shape (k,)."""
    delay = (start_second - means.start_second)[means.part_step]
    return replace(means, start_second=start_second, part_second=means.part_second - delay)


def _points(time: FloatArray, rows: IntArray) -> FloatArray:
    """Times that stand for the rows of a mean, and for how many each, shape (n, 2)."""
    found: list[tuple[float, float]] = []
    for part in np.array_split(rows, min(_PARTS_OF_A_MEAN, rows.size)):
        middle, width = float(np.mean(time[part])), float(np.std(time[part]))
        if width:
            found += [(middle - width, part.size / 2), (middle + width, part.size / 2)]
        else:
            found.append((middle, float(part.size)))
    return np.array(found)


def row_noise(staircase: Staircase, steps: Sequence[Step], left_out: NDArray[np.bool_]) -> FloatArray:
    """Standard deviation of a single current in each step, A, shape (k,); that of all where the steps are alike.

    From second differences of neighbouring rows (no slope of the relaxation is in them) in the last three quarters of a step,
    at least what the resolution of the instrument does.
    """
    current = staircase.current_ampere
    seconds = []
    for step in steps:
        rows = np.arange(step.first, step.last)
        rows = rows[rows.size // 4 :][~left_out[rows[rows.size // 4 :]]]
        seconds.append(np.diff(current[rows], 2) if not step.dropped and rows.size > 2 else np.zeros(0))
    all_differences = np.concatenate([*seconds, np.zeros(1)])
    floor = max(_resolution(current) / np.sqrt(12), _NUMERIC * float(np.max(np.abs(current))))
    pooled = max(_robust(all_differences), floor)
    single = np.array([max(_robust(one), floor) if one.size > 3 else pooled for one in seconds])
    used = np.array([not step.dropped for step in steps])
    if single[used].max() < _ALIKE_NOISE * single[used].min():
        return np.full(single.size, pooled)
    return single


def _robust(differences: FloatArray) -> float:
    """Standard deviation behind second differences: their median, but not below what the middle nine tenths scatter."""
    if not differences.size:
        return 0.0
    sizes = np.sort(np.abs(differences))
    inner = sizes[: max(int(0.9 * sizes.size), 1)]
    # nine tenths of a normal distribution have 0.62 of its variance
    return float(max(1.4826 * np.median(sizes), np.sqrt(np.mean(inner**2) / 0.62)) / np.sqrt(6))


def _resolution(current: FloatArray) -> float:
    """Smallest difference between two currents of the record where many repeat; 0 where hardly any does."""
    values = np.unique(current)
    if values.size < 2 or values.size > 0.5 * current.size:
        return 0.0
    return float(np.median(np.diff(values)))


def _jitter(
    means: FloatArray, middles: FloatArray, numbers: IntArray, rows: Sequence[IntArray], time: FloatArray
) -> FloatArray:
    """Slope of the current at each mean times a twentieth of a row's interval: times of steps are no better known."""
    jitter = np.zeros(means.size)
    for number in np.unique(numbers):
        place = np.flatnonzero(numbers == number)
        if place.size < 3:
            continue
        first = rows[int(place[0])][0]
        interval = float(time[first + 1] - time[first]) if first + 1 < time.size else 0.0
        distance = np.maximum(np.diff(middles[place]), 1e-12)
        slope = np.abs(np.diff(means[place]) / distance)
        jitter[place] = _JITTER_ROWS * interval * np.concatenate([slope, slope[-1:]])
    return jitter
