"""What the comparison of batches finds: no more than its tables, figures and page show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from cathodelab.analyses.causes.loss_shares import LossShares
from cathodelab.analyses.correlation import Correlation
from cathodelab.analyses.differences import Difference
from cathodelab.analyses.variance import UNKNOWN, GroupDifference, Interval, VarianceComponents
from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.core.checks import Check

NO_BATCH = "(no batch)"


@dataclass(frozen=True)
class Member:
    """One cell as the comparison sees it.

    Args:
        id: its name.
        group: name of its batch, empty where not given.
        procedure: how its composite was mixed, as the manifest says.
        colour: of its batch in figures.
    """

    id: str
    group: str
    procedure: str
    colour: int = 0

    @property
    def batch(self) -> str:
        """Its batch; a cell without one counts as a batch of its own."""
        return self.group or f"{NO_BATCH} {self.id}"


@dataclass(frozen=True, eq=False)
class Metric(ReadOnlyArrays):
    """One number for every cell that has it.

    Args:
        name, unit: of the number.
        rate: C-rate label, empty where it has none.
        cells: the cells.
        values, own: the number and its standard uncertainty from the cell's own sources, shape (cells,).
        weighing: the part of ``own`` that comes from weighing.
        unusable: of each cell, whether a fatal check failed: it takes no part in means.
        shared: effects of the sources of error that are not the cell's own (of its reference), shape (cells, sources).
    """

    name: str
    unit: str
    rate: str
    cells: tuple[Member, ...]
    values: FloatArray
    own: FloatArray
    weighing: FloatArray
    unusable: tuple[bool, ...]
    shared: FloatArray

    def common(self, rows: Sequence[int]) -> float:
        """Standard uncertainty that errors shared by these cells give their mean over batches."""
        names = [self.cells[i].batch for i in rows]
        weights = np.array([1 / (len(set(names)) * names.count(name)) for name in names])
        return float(np.linalg.norm(weights @ self.shared[list(rows)]))

    def split(self, procedure: str) -> tuple[list[int], list[int]]:
        """Positions of the cells of a procedure (of all where it is empty): those that count, and those left out."""
        rows = [i for i, one in enumerate(self.cells) if procedure in ("", one.procedure)]
        return [i for i in rows if not self.unusable[i]], [i for i in rows if self.unusable[i]]

    @property
    def batches(self) -> tuple[str, ...]:
        """Batch of each cell."""
        return tuple(one.batch for one in self.cells)

    @property
    def label(self) -> str:
        """Name with rate."""
        return f"{self.name}, {self.rate}" if self.rate else self.name


@dataclass(frozen=True)
class Scatter:
    """Scatter of one metric over the batches of a procedure, and the scatter that weighing alone causes.

    ``outliers`` are far out and kept; ``left_out`` are cells of which a fatal check failed, and ``mean_of_all`` is the mean with
    them (``nan`` where none is left out).
    """

    metric: str
    unit: str
    rate: str
    procedure: str
    components: VarianceComponents
    weighing_sd: float
    outliers: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    mean_of_all: Interval = UNKNOWN


@dataclass(frozen=True)
class Comparison:
    """Two procedures in one metric; ``batches_needed``: for each difference, the batches of three cells on each side (95 %)."""

    metric: str
    rate: str
    first: str
    second: str
    difference: GroupDifference
    batches_needed: tuple[tuple[float, Interval], ...]


@dataclass(frozen=True)
class ProcedureDifference:
    """Two procedures in one number, at the level that the study allows, with the errors that their cells share."""

    metric: str
    rate: str
    unit: str
    first: str
    second: str
    found: Difference


@dataclass(frozen=True, eq=False)
class RateLines(ReadOnlyArrays):
    """Rate capability of one cell, each of shape (2, rates): C-rates (1/h) above, discharge capacities (mAh/g) below.

    Args:
        cell: whose.
        nominal: per weighed material, over the nominal rate; no rates where it has fewer than two.
        effective: per connected material, over the rate at which it really works.
    """

    cell: Member
    nominal: FloatArray
    effective: FloatArray


@dataclass(frozen=True, eq=False)
class BatchReport:
    """Everything about the batches of a study.

    Args:
        cells: that are compared.
        metrics, scatter, comparisons: of every number that at least two of them have.
        correlations: (metric, rate, correlation with the static utilization).
        losses: cell -> its losses at every rate by cause.
        told_apart: cell -> what its losses were told apart by, and checks of them that failed, in words; that first.
        checks: what may be claimed.
        rates: lines of the cells.
        utilizations: cell -> static utilization and its standard uncertainty from the cell's own sources, %.
        cycled: whether any cell was cycled.
        differences: of every pair of procedures in utilization and capacities.
    """

    cells: tuple[Member, ...]
    metrics: tuple[Metric, ...]
    scatter: tuple[Scatter, ...]
    comparisons: tuple[Comparison, ...]
    correlations: tuple[tuple[str, str, Correlation], ...]
    losses: Mapping[str, tuple[LossShares, ...]]
    told_apart: Mapping[str, tuple[str, ...]]
    checks: tuple[Check, ...]
    rates: tuple[RateLines, ...] = ()
    utilizations: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    cycled: bool = True
    differences: tuple[ProcedureDifference, ...] = ()
