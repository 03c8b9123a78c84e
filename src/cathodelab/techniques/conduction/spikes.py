"""Single rows that stand far away from their neighbours: switching, a touched cable, a lost digit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cathodelab.core.arrays import FloatArray
from cathodelab.techniques.conduction.model import Staircase, Step

_FAR = 10.0
_WINDOW = 5
_FAST = 6  # rows after a change in which a relaxation may be as steep as a spike
_LARGEST_PART = 0.05
_BESIDE = 0.3


def spikes_of(staircase: Staircase, steps: Sequence[Step], noise_ampere: FloatArray) -> NDArray[np.bool_]:
    """Rows that deviate from the median of themselves and two neighbours on both sides by far more than the noise; last rows too.

    No more than a twentieth of the rows: more are no spikes, but a current that is not understood.

    Args:
        staircase: the record.
        steps: its steps.
        noise_ampere: of a single row of each step, shape (k,).
    """
    found = np.zeros(staircase.rows, dtype=bool)
    for step, noise in zip(steps, noise_ampere, strict=True):
        current = staircase.current_ampere[step.first : step.last]
        if step.dropped or current.size < _WINDOW + _FAST:
            continue
        medians = np.median(np.lib.stride_tricks.sliding_window_view(current, _WINDOW), axis=1)
        inner = slice(_WINDOW // 2, current.size - _WINDOW // 2)
        deviation = np.abs(current[inner] - medians)
        # beside a spike, rows of a relaxation deviate by a row's slope
        padded = np.pad(deviation, _WINDOW // 2)
        farthest = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW).max(axis=1)
        far = (deviation > _FAR * noise) & (deviation > _BESIDE * farthest)
        rows = step.first + _WINDOW // 2 + np.flatnonzero(far)
        found[rows[rows >= step.first + _FAST]] = True
        # the last row may have been recorded when the voltage had changed already
        course = np.ptp(current[-_WINDOW - 1 : -1])
        found[step.last - 1] = np.abs(current[-1] - current[-2]) > max(_FAR * noise, 2 * course)
    return found if found.sum() <= _LARGEST_PART * staircase.rows else np.zeros_like(found)
