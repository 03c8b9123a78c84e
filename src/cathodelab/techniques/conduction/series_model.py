"""Types of a series of compositions."""

from __future__ import annotations

from dataclasses import dataclass

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.core.checks import Check
from cathodelab.core.estimate import EstimateSet
from cathodelab.techniques.conduction.percolation import PowerLaw, Series, Threshold


@dataclass(frozen=True, eq=False)
class CompositionSeries(ReadOnlyArrays):
    """One series.

    Args:
        name: as the table states it, empty where the study has one series.
        pellets: their names, in the order of the arrays.
        series: shares and conductivities.
        half_width_S_cm: standard uncertainty of each conductivity, ``nan`` for limits, shape (n,).
        threshold: between which compositions it lies; ``None`` where there is none.
        law: the law above it; ``None`` where there are too few compositions.
        estimates: threshold, exponent, factor; ``None`` where there is no threshold.
        checks: what may be claimed.
    """

    name: str
    pellets: tuple[str, ...]
    series: Series
    half_width_S_cm: FloatArray
    threshold: Threshold | None
    law: PowerLaw | None
    estimates: EstimateSet | None
    checks: tuple[Check, ...]


@dataclass(frozen=True, eq=False)
class PercolationResult:
    """All series of a study."""

    series: tuple[CompositionSeries, ...]
    checks: tuple[Check, ...]
