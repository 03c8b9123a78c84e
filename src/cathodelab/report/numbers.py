"""The numbers for overviews, sample by sample: what page and workbook show of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from cathodelab.core.estimate import Estimate
from cathodelab.core.method import Shown
from cathodelab.study.results import SampleResults, StudyResults


@dataclass(frozen=True)
class Column:
    """A number for overviews of the samples of one kind, with the method that gives it.

    ``stated`` says that a generated study states its true value.
    """

    method: str
    shown: Shown
    stated: bool = False

    def of(self, found: SampleResults) -> Estimate | None:
        """The number of a sample in the unit in which it is shown."""
        outcome = found.outcomes.get(self.method)
        return None if outcome is None or outcome.status != "ok" else self.shown.of(outcome.result.estimates)

    def own_part(self, found: SampleResults) -> float:
        """Its uncertainty from the sample's own sources; ``nan`` where there is no number."""
        if self.of(found) is None:
            return math.nan
        return self.shown.own_part_of(found.outcomes[self.method].result.estimates, found.sample.id)

    def truth(self, found: SampleResults, truth: Mapping[str, Mapping[str, float]]) -> float:
        """What a generated study states; ``nan`` where it states nothing."""
        return self.shown.scale * truth.get(found.sample.id, {}).get(self.shown.estimate, math.nan)


def kinds_shown(results: StudyResults) -> list[str]:
    """Kinds of samples that methods apply to."""
    return list(dict.fromkeys(one.kind for one in results.outcomes))


def samples_of(results: StudyResults, kind: str) -> list[SampleResults]:
    """The samples of a kind that methods apply to, in the order of their table."""
    names = dict.fromkeys(one.sample for one in results.outcomes if one.kind == kind)
    return [results.sample(kind, name) for name in names]


def columns_of(results: StudyResults, kind: str) -> list[Column]:
    """The numbers for overviews that any sample of a kind has, method by method."""
    samples = samples_of(results, kind)
    truth = results.truth or {}
    columns = []
    for method, numbers in results.headlines.items():
        for shown in numbers:
            one = Column(method, shown)
            if shown.in_overview and any(one.of(sample) is not None for sample in samples):
                stated = any(math.isfinite(one.truth(sample, truth)) for sample in samples)
                columns.append(Column(method, shown, stated))
    return columns
