"""A validation case: what was expected, what came out, and a figure where one helps."""

from __future__ import annotations

from dataclasses import dataclass, field

from cathodelab.core.figure import FigureSpec
from cathodelab.simulation.dem.materials import Contact, Material

POWDER = Material("powder", 2417.0, 228e6, 0.3)
"""The source's particles."""
ROTOR = Material("rotor", 4510.0, 120e9, 0.3)
CHAMBER = Material("chamber", 7850.0, 200e9, 0.3)
POWDER_POWDER = Contact("thornton_ning", 0.46, 0.31, yield_ratio=0.00756)
POWDER_WALL = Contact("thornton_ning", 0.45, 0.25, yield_ratio=0.0256)
RADIUS = 150e-6


@dataclass(frozen=True)
class Row:
    """One comparison. ``error`` is relative unless ``absolute`` and must stay within ``limit``."""

    what: str
    expected: float
    found: float
    limit: float
    unit: str = ""
    absolute: bool = False

    @property
    def error(self) -> float:
        """Deviation from what is expected."""
        return abs(self.found - self.expected) / (1.0 if self.absolute else abs(self.expected))

    @property
    def passed(self) -> bool:
        """Whether it is within the limit."""
        return bool(self.error <= self.limit)


@dataclass(frozen=True)
class Case:
    """A case of the report. ``number`` is the one in the list of thirteen, Chung-Ooi cases have a name."""

    name: str
    sentence: str
    rows: tuple[Row, ...]
    figures: tuple[FigureSpec, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def passed(self) -> bool:
        """Whether all rows are within their limits."""
        return all(row.passed for row in self.rows)
