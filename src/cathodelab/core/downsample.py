"""Thinning of long series for display: fewer points, with every extreme kept."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cathodelab.core.arrays import FloatArray


def kept_rows(x: FloatArray, y: FloatArray, longest: int = 2000) -> npt.NDArray[np.intp]:
    """Rows to show of a series, in order; all of them where there are no more than ``longest``.

    The rows are cut into runs of equal length; of each run the first and last row stay and those with the smallest and
    largest x and y. Nothing is averaged: every point shown was measured, no peak and no gap is lost, and a curve that runs
    back on itself (a cycle, an impedance arc) keeps its shape. There are as many runs as fit; costs O(n).
    """
    if x.size <= longest:
        return np.arange(x.size)
    for points_a_run in (2, 4):  # the first and last row are often the extremes
        kept = _extremes(x, y, max(longest // points_a_run, 1))
        if kept.size <= longest:
            return kept
    return _extremes(x, y, max(longest // 6, 1))


def _extremes(x: FloatArray, y: FloatArray, runs: int) -> npt.NDArray[np.intp]:
    edges = np.linspace(0, x.size, runs + 1).astype(np.intp)
    first, behind = edges[:-1], edges[1:]
    rows = first[:, None] + np.arange(np.diff(edges).max())  # first row of each run; lengths differ by one row at most
    outside, rows = rows >= behind[:, None], np.minimum(rows, x.size - 1)
    kept = [first, behind - 1]
    for values in (x, y):
        of_run = values[rows]
        unusable = outside | ~np.isfinite(of_run)
        for filled, places in ((np.inf, np.argmin), (-np.inf, np.argmax)):
            kept.append(first + places(np.where(unusable, filled, of_run), axis=1))
    return np.unique(np.concatenate(kept))
