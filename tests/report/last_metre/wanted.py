"""What the results of a run hold, for comparison with what its files show.

The only place of these tests that knows how results are kept in memory.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cathodelab.core.checks import Check
from cathodelab.core.errors import CathodelabError
from cathodelab.core.estimate import Estimate, EstimateSet
from cathodelab.study.batches import batches_of
from cathodelab.study.pairs import pairs_of


@dataclass(frozen=True)
class OneEstimate:
    """An estimate with whose it is."""

    cell: str
    batch: str
    method: str
    name: str
    estimate: Estimate


@dataclass(frozen=True)
class OneCheck:
    """A check with whose it is."""

    cell: str
    method: str
    check: Check


@dataclass(frozen=True)
class OneOutcome:
    """What came of a method: its status, and the error where there is one."""

    cell: str
    method: str
    status: str
    error: CathodelabError | None


@dataclass(frozen=True)
class Part:
    """A piece of a result with the cell that it is of."""

    cell: str
    piece: Any
    more: Any = None


@dataclass(frozen=True)
class Wanted:
    """All numbers of a run, as its results hold them."""

    results: Any
    sets: Mapping[tuple[str, str], EstimateSet] = field(init=False)

    def __post_init__(self) -> None:
        found = {(one.cell, one.method): one.result.estimates for one in self.results.outcomes if one.status == "ok"}
        object.__setattr__(self, "sets", found)

    @property
    def cells(self) -> list[str]:
        """The cells in the order of the manifest, references left out."""
        return [cell.id for cell in self.results.study.cells if cell.role == "cell"]

    def batch(self, cell: str) -> str:
        """Its batch."""
        return str(self.results.study.cell(cell).batch)

    def result(self, cell: str, method: str) -> Any:
        """A method's result of a cell, ``None`` without one."""
        found = self.results.cell(cell).outcomes.get(method)
        return found.result if found is not None and found.status == "ok" else None

    @property
    def estimates(self) -> list[OneEstimate]:
        """Every estimate in the order of cells and methods."""
        return [
            OneEstimate(cell, self.batch(cell), method, name, estimates.estimate(name))
            for (cell, method), estimates in self.sets.items()
            for name in estimates.names
        ]

    @property
    def checks(self) -> list[OneCheck]:
        """Every check of every result."""
        return [
            OneCheck(one.cell, one.method, check)
            for one in self.results.outcomes
            if one.status == "ok"
            for check in one.result.checks
        ]

    @property
    def outcomes(self) -> list[OneOutcome]:
        """What came of every method on every cell."""
        return [OneOutcome(one.cell, one.method, one.status, one.error) for one in self.results.outcomes]

    @property
    def windows(self) -> list[Part]:
        """Every window, with the estimate that is its utilization."""
        return [
            Part(cell, window, self.sets[cell, method].estimate(f"window_{window.number}_utilization"))
            for cell, method in self.sets
            if method == "utilization"
            for window in self.result(cell, method).windows
        ]

    @property
    def budgets(self) -> list[Part]:
        """The lines of the budget of every utilization."""
        return [
            Part(cell, line)
            for (cell, method), estimates in self.sets.items()
            if method == "utilization"
            for line in estimates.budget("static_utilization")
        ]

    def own(self, cell: str) -> float:
        """Standard uncertainty of its utilization from sources of the cell alone, squared and added one by one."""
        effects = self.sets[cell, "utilization"].effect("static_utilization")
        return math.sqrt(sum(effect**2 for source, effect in effects.items() if source.split("/")[0] == cell))

    def covariance(self, method: str, name: str) -> dict[tuple[str, str], float]:
        """Of an estimate, by pairs of cells: products of the effects of shared sources, half of them where one-sided."""
        found: dict[str, dict[str, tuple[float, float]]] = {}
        for (cell, other), estimates in self.sets.items():
            if other == method:
                effects = estimates.effect(name)
                weights = {one.id: 0.5 if one.kind == "one-sided limit" else 1.0 for one in estimates.sources}
                found[cell] = {source: (effect, weights[source]) for source, effect in effects.items()}
        return {
            (a, b): math.fsum(
                effect * found[b][source][0] * weight
                for source, (effect, weight) in found[a].items()
                if source in found[b]
            )
            for a in found
            for b in found
        }

    def failed_checks(self, cell: str, *methods: str) -> list[str]:
        """Names of the checks that failed."""
        return [
            one.check.name
            for one in self.checks
            if one.cell == cell and one.check.passed is False and (not methods or one.method in methods)
        ]

    @property
    def pairs(self) -> Sequence[Any]:
        """Cathode resistances of the cells beside each other."""
        return pairs_of(self.results)

    @property
    def batches(self) -> Any:
        """What the batches show."""
        return batches_of(self.results)

    @property
    def cycling(self) -> list[tuple[str, Any]]:
        """(cell, result) of every cell with cycles."""
        return [(cell, self.result(cell, method)) for cell, method in self.sets if method == "cycling"]

    @property
    def cycles(self) -> list[Part]:
        """One entry a cycle: table and row."""
        return [Part(cell, found.cycles, i) for cell, found in self.cycling for i in range(len(found.cycles.number))]

    @property
    def features(self) -> list[Part]:
        """One entry a feature."""
        return [
            Part(cell, found.features, i) for cell, found in self.cycling for i in range(len(found.features.feature))
        ]

    @property
    def steps(self) -> list[Part]:
        """One entry a step of the record."""
        return [Part(cell, found.steps, i) for cell, found in self.cycling for i in range(len(found.steps.kind))]

    @property
    def losses(self) -> list[Part]:
        """Causes of loss of every cell at every rate."""
        return [Part(cell, one) for cell, shares in self.batches.losses.items() for one in shares]
