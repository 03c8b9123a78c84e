"""What the comparison of batches is given and what comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cathodelab.analyses.active import ActiveResult
from cathodelab.analyses.causes.loss_shares import LossShares
from cathodelab.analyses.causes.method import CauseResult
from cathodelab.analyses.correlation import Correlation
from cathodelab.analyses.variance import GroupDifference, VarianceComponents
from cathodelab.core.arrays import FloatArray
from cathodelab.core.checks import Check
from cathodelab.core.samples import Cell
from cathodelab.techniques.cycling.model import CyclingResult
from cathodelab.techniques.utilization.model import UtilizationResult

NO_BATCH = "(no batch)"


@dataclass(frozen=True, eq=False)
class CellData:
    """All that is known of one cell; what has no result is ``None``."""

    cell: Cell
    cycling: CyclingResult | None = None
    utilization: UtilizationResult | None = None
    active: ActiveResult | None = None
    causes: CauseResult | None = None

    @property
    def batch(self) -> str:
        """Its batch; cells without one are batches of their own."""
        return self.cell.batch or f"{NO_BATCH} {self.cell.id}"

    @property
    def procedure(self) -> str:
        """How its composite was mixed, as the manifest says."""
        return self.cell.details.get("mixing_method", "").strip() or "mixing not stated"


@dataclass(frozen=True, eq=False)
class Metric:
    """One number of every cell that has it.

    Args:
        name, unit: what it is.
        rate: C-rate label, empty where the number has none.
        cells: the cells.
        values, own: the number and its standard uncertainty from the cell's own sources, shape (cells,).
        weighing: the part of ``own`` that the weighing makes.
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
    """Scatter of one metric over the batches of one procedure, and what weighing alone would make of identical cells."""

    metric: str
    unit: str
    rate: str
    procedure: str
    components: VarianceComponents
    weighing_sd: float
    outliers: tuple[str, ...]


@dataclass(frozen=True)
class Comparison:
    """Two procedures in one metric; ``batches_needed``: for each difference, batches of three cells a side."""

    metric: str
    rate: str
    first: str
    second: str
    difference: GroupDifference
    batches_needed: tuple[tuple[float, int], ...]


@dataclass(frozen=True, eq=False)
class BatchReport:
    """Everything about the batches of a study."""

    cells: tuple[CellData, ...]
    metrics: tuple[Metric, ...]
    scatter: tuple[Scatter, ...]
    comparisons: tuple[Comparison, ...]
    correlations: tuple[tuple[str, str, Correlation], ...]
    losses: Mapping[str, tuple[LossShares, ...]]
    checks: tuple[Check, ...]
