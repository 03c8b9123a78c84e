"""Input and result of the comparison of batches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cathodelab.analyses.active import ActiveResult
from cathodelab.analyses.causes.loss_shares import LossShares
from cathodelab.analyses.causes.method import CauseResult
from cathodelab.analyses.correlation import Correlation
from cathodelab.analyses.variance import GroupDifference, VarianceComponents
from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.core.checks import Check
from cathodelab.core.samples import Cell
from cathodelab.techniques.cycling.model import CyclingResult
from cathodelab.techniques.utilization.model import UtilizationResult

NO_BATCH = "(no batch)"


@dataclass(frozen=True, eq=False)
class CellData:
    """Results of one cell, each ``None`` where there is none."""

    cell: Cell
    cycling: CyclingResult | None = None
    utilization: UtilizationResult | None = None
    active: ActiveResult | None = None
    causes: CauseResult | None = None

    @property
    def batch(self) -> str:
        """Its batch; a cell without one counts as a batch of its own."""
        return self.cell.batch or f"{NO_BATCH} {self.cell.id}"

    @property
    def procedure(self) -> str:
        """Mixing procedure of its composite, from the manifest."""
        return self.cell.details.get("mixing_method", "").strip() or "mixing not stated"


@dataclass(frozen=True, eq=False)
class Metric(ReadOnlyArrays):
    """One number for every cell that has it.

    Args:
        name, unit: of the number.
        rate: C-rate label, empty where it has none.
        cells: the cells.
        values, own: the number and its standard uncertainty from the cell's own sources, shape (cells,).
        weighing: the part of ``own`` that comes from weighing.
    """

    name: str
    unit: str
    rate: str
    cells: tuple[CellData, ...]
    values: FloatArray
    own: FloatArray
    weighing: FloatArray

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
    """Scatter of one metric over the batches of a procedure, and the scatter that weighing alone causes."""

    metric: str
    unit: str
    rate: str
    procedure: str
    components: VarianceComponents
    weighing_sd: float
    outliers: tuple[str, ...]


@dataclass(frozen=True)
class Comparison:
    """Two procedures in one metric; ``batches_needed``: for each difference, the batches of three cells on each side."""

    metric: str
    rate: str
    first: str
    second: str
    difference: GroupDifference
    batches_needed: tuple[tuple[float, int], ...]


@dataclass(frozen=True, eq=False)
class BatchReport:
    """Result for all batches of a study."""

    cells: tuple[CellData, ...]
    metrics: tuple[Metric, ...]
    scatter: tuple[Scatter, ...]
    comparisons: tuple[Comparison, ...]
    correlations: tuple[tuple[str, str, Correlation], ...]
    losses: Mapping[str, tuple[LossShares, ...]]
    checks: tuple[Check, ...]
