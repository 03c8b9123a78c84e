"""Draws of estimates from the distributions of their sources of error, shared by all that share a source.

A standard uncertainty is drawn from a normal distribution, a limit from a rectangle, a one-sided limit from a rectangle that
starts at zero, a range (nothing is known inside it) evenly from end to end; the effects of
:class:`~cathodelab.core.estimate.EstimateSet` turn them into deviations. The stream of a source
follows from one seed and its id alone: cells that share a reference get the same draws of its mass, in whatever order, process
or run they are drawn, so that differences, means and rankings of cells keep their correlations. Linear in the sources, as the
effects are; the cost is one stream of numbers for each source.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256

import numpy as np

from cathodelab.core.arrays import FloatArray, read_only
from cathodelab.core.sources import SQRT3, Kind, Source

SEED, COUNT = 1, 10_000
"""Default seed and number of draws."""


@lru_cache(maxsize=512)
def source_draws(name: str, kind: Kind, count: int = COUNT, seed: int = SEED) -> FloatArray:
    """Deviations of one source in units of its standard uncertainty, (count,).

    In units of its root mean square where one-sided, of its length where a range.
    """
    words = np.frombuffer(sha256(name.encode()).digest(), dtype=np.uint32).tolist()
    random = np.random.Generator(np.random.SFC64(np.random.SeedSequence([seed, *words])))
    if kind == "standard":
        values = random.standard_normal(count)
    elif kind == "range":
        values = random.uniform(0.0, 1.0, count)
    else:
        values = SQRT3 * random.uniform(-1.0 if kind == "limit" else 0.0, 1.0, count)
    return read_only(values)


def deviations(sources: Sequence[Source], effects: FloatArray, count: int = COUNT, seed: int = SEED) -> FloatArray:
    """Draws of the total deviation of one value, shape (count,); ``effects`` has one entry for each source."""
    drawn = np.zeros(count)
    for source, effect in zip(sources, effects, strict=True):
        if effect:
            drawn += effect * source_draws(source.id, source.kind, count, seed)
    return drawn


def drawn_half_widths(sources: Sequence[Source], effects: FloatArray) -> tuple[float, float]:
    """Distances from the value down to the 15.87 % quantile of the draws and up to the 84.13 % quantile; never negative."""
    low, high = np.quantile(deviations(sources, effects), [0.158655, 0.841345])
    return max(-float(low), 0.0), max(float(high), 0.0)
