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
from cathodelab.study.results import StudyResults


@dataclass(frozen=True)
class OneEstimate:
    """An estimate with whose it is."""

    kind: str
    sample: str
    group: str
    method: str
    name: str
    estimate: Estimate


@dataclass(frozen=True)
class OneCheck:
    """A check with whose it is; kind and sample are empty for one of the whole study."""

    kind: str
    sample: str
    method: str
    check: Check


@dataclass(frozen=True)
class OneOutcome:
    """What came of a method: its status, and the error where there is one."""

    kind: str
    sample: str
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
class Headline:
    """A number for overviews: title and unit as they are shown, the method and the names of its estimate."""

    title: str
    unit: str
    method: str
    names: tuple[str, ...]
    own_part: bool
    interval: bool


@dataclass(frozen=True)
class Wanted:
    """All numbers of a run, as its results hold them."""

    results: StudyResults
    sets: Mapping[tuple[str, str], EstimateSet] = field(init=False)

    def __post_init__(self) -> None:
        found = {(one.sample, one.method): one.result.estimates for one in self.results.outcomes if one.status == "ok"}
        object.__setattr__(self, "sets", found)

    @property
    def cells(self) -> list[str]:
        """The cells in the order of the manifest, references left out."""
        return [one.id for one in self.results.study.samples if one.kind == "cell"]

    def batch(self, cell: str) -> str:
        """Its batch."""
        return self.results.study.sample("cell", cell).group

    def cell(self, cell: str) -> Any:
        """The cell as its methods see it."""
        return self.results.cell(cell).view

    def result(self, cell: str, method: str) -> Any:
        """A method's result of a cell, ``None`` without one."""
        found = self.results.cell(cell).outcomes.get(method)
        return found.result if found is not None and found.status == "ok" else None

    @property
    def estimates(self) -> list[OneEstimate]:
        """Every estimate in the order of cells and methods."""
        return [
            OneEstimate("cell", cell, self.batch(cell), method, name, estimates.estimate(name))
            for (cell, method), estimates in self.sets.items()
            for name in estimates.names
        ]

    @property
    def checks(self) -> list[OneCheck]:
        """Every check of every result, then those of the whole study."""
        found = [
            OneCheck(one.kind, one.sample, one.method, check)
            for one in self.results.outcomes
            if one.status == "ok"
            for check in one.result.checks
        ]
        studies = [
            OneCheck("", "", one.method, check)
            for one in self.results.studies
            if one.status == "ok"
            for check in one.result.checks
        ]
        return found + studies

    @property
    def outcomes(self) -> list[OneOutcome]:
        """What came of every method on every cell."""
        return [OneOutcome(one.kind, one.sample, one.method, one.status, one.error) for one in self.results.outcomes]

    @property
    def study_outcomes(self) -> list[OneOutcome]:
        """What came of the methods of the whole study."""
        return [OneOutcome("", "", one.method, one.status, one.error) for one in self.results.studies]

    @property
    def headlines(self) -> list[Headline]:
        """Numbers for overviews in their order."""
        return [
            Headline(
                one.title,
                one.unit,
                method,
                (one.estimate, *one.otherwise),
                own_part=one.own_part,
                interval=one.interval,
            )
            for method, shown in self.results.headlines.items()
            for one in shown
            if one.in_overview
        ]

    def headline(self, cell: str, one: Headline) -> Estimate | None:
        """A number for overviews of a cell, in the unit in which it is shown: percent are a hundred times a fraction."""
        estimates = self.sets.get((cell, one.method))
        name = next((name for name in one.names if estimates is not None and name in estimates), "")
        if estimates is None or not name:
            return None
        found = estimates.estimate(name)
        scale = 100.0 if (found.unit, one.unit) == ("1", "%") else 1.0
        assert scale == 100.0 or found.unit in (one.unit, one.unit or "1")
        return Estimate(
            scale * found.value, scale * found.minus, scale * found.plus, one.unit, found.per, found.level, found.how
        )

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
            Part(cell, line, "static_utilization")
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

    def failed_checks(self, cell: str) -> list[str]:
        """Names of the checks that failed, in any method, in words and once each; fatal ones first, and marked."""
        failed = [one.check for one in self.checks if one.sample == cell and one.check.passed is False]
        names = [f"{one.name} (fatal)" for one in failed if one.fatal] + [one.name for one in failed if not one.fatal]
        return list(dict.fromkeys(name.replace("_", " ") for name in names))

    def study_result(self, method: str) -> Any:
        """What a method of the whole study found."""
        return self.results.study_result(method)

    @property
    def pairs(self) -> Sequence[Any]:
        """Cathode resistances of the cells beside each other."""
        found: Sequence[Any] = self.study_result("resistances_compared").pairs
        return found

    @property
    def degrees(self) -> Sequence[Any]:
        """Degrees of mixing and shoulder charge, batch by batch."""
        found: Sequence[Any] = self.study_result("mixing_degrees").means
        return found

    @property
    def stack_steps(self) -> Sequence[tuple[str, str, Any]]:
        """(cell, step, stack) of the series of every cell whose stack has masses."""
        return [
            (series[0].name, "as measured" if step is series[0] else step.name, step)
            for series in self.study_result("worth").series
            for step in series
        ]

    @property
    def batches(self) -> Any:
        """What the batches show."""
        return self.study_result("batches")

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
    def parameters(self) -> list[Part]:
        """One entry a parameter of the circuit of every spectrum; that of Q after the exponent of its arc."""
        found = []
        for cell in self.cells:
            outcome = next((one for one in self.outcomes if (one.sample, one.method) == (cell, "impedance")), None)
            if outcome is None or outcome.status != "ok":
                continue
            for one in self.result(cell, "impedance").spectra:
                arcs = {row.start + 2: row for _, row in one.chosen.fit.circuit.arcs()}
                for place in range(one.chosen.fit.theta.size):
                    found.append(Part(cell, one, place))
                    found += [Part(cell, one, arcs[place])] if place in arcs else []
        return found

    @property
    def losses(self) -> list[Part]:
        """Causes of loss of every cell at every rate."""
        return [
            Part(cell, one, self._told_apart(cell)) for cell, shares in self.batches.losses.items() for one in shares
        ]

    def _told_apart(self, cell: str) -> str:
        """What the check of the method says of the parts of the loss."""
        checks = self.result(cell, "causes").checks
        return next(check.sentence for check in checks if check.name == "kinetic_loss_attributed")
