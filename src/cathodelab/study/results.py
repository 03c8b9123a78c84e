"""Everything that came of a study: outcomes of samples by method, and of the study methods."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from importlib.metadata import version
from typing import Any

from cathodelab import __version__
from cathodelab.core.errors import CathodelabError, OtherData
from cathodelab.core.estimate import Estimate
from cathodelab.core.method import AnyMethod, AnyStudyMethod, Outcome, Shown, StudyOutcome, failed_checks
from cathodelab.core.records import Provenance
from cathodelab.core.samples import Sample
from cathodelab.study.fence import NotShown, to_show
from cathodelab.study.manifest import Study

_version = cache(version)  # it reads a file
_LIBRARIES = ("numpy", "scipy", "polars", "matplotlib")
SampleName = tuple[str, str]
"""Kind and id of a sample: ids are unique within a kind."""


@dataclass(frozen=True, eq=False)
class SampleResults:
    """Outcomes of one sample by method; ``view`` is the sample as its methods see it."""

    sample: Sample
    view: Any
    outcomes: Mapping[str, Outcome]

    def estimate(self, method: str, name: str) -> Estimate:
        """An estimate of a method; raises the error of the outcome where the method did not give one."""
        outcome = self.outcomes[method]
        if outcome.error is not None:
            raise outcome.error
        found: Estimate = outcome.result.estimates.estimate(name)
        return found

    @property
    def failed_checks(self) -> list[str]:
        """Names of checks that failed, in any method; one rule for terminal, page, workbook, figures and JSON."""
        return failed_checks(
            check for outcome in self.outcomes.values() if outcome.status == "ok" for check in outcome.result.checks
        )


@dataclass(frozen=True)
class Said:
    """A fault, or why methods were skipped if a user may want to change it; methods that met the same stand together."""

    kind: str
    sample: str
    methods: tuple[str, ...]
    status: str
    error: CathodelabError


@dataclass(frozen=True, eq=False)
class StudyResults:
    """Everything that came of a study.

    Args:
        study: the checked study.
        outcomes: one for every sample and every method that applies to it, in the order of the tables.
        studies: outcomes of the study methods, in the order in which they ran.
        files: kind and id of the sample, and the file; each file once a sample.
        created: when, ISO 8601, UTC.
        methods: methods that applied to some sample, in the order of the catalogue.
        study_methods: those that ran.
        read_anew: samples whose files were read; what was taken from all others came from the cache.
        truth: sample -> estimate -> value that a generated study states.
    """

    study: Study
    outcomes: tuple[Outcome, ...]
    studies: tuple[StudyOutcome, ...]
    files: tuple[tuple[SampleName, Provenance], ...]
    created: str
    methods: tuple[AnyMethod, ...] = ()
    study_methods: tuple[AnyStudyMethod, ...] = ()
    read_anew: tuple[SampleName, ...] = ()
    truth: Mapping[str, Mapping[str, float]] | None = None

    def sample(self, kind: str, name: str) -> SampleResults:
        """Results of one sample."""
        found = {one.method: one for one in self._by_sample.get((kind, name), ())}
        sample = self.study.sample(kind, name)
        return SampleResults(sample, self.study.view(sample), found)

    def cell(self, name: str) -> SampleResults:
        """Results of one cell."""
        return self.sample("cell", name)

    def of(self, method: str) -> list[tuple[Any, Any]]:
        """(sample as its methods see it, result) of every sample for which the method gave a result."""
        return [
            (self.study.view(self.study.sample(one.kind, one.sample)), one.result)
            for one in self.outcomes
            if one.method == method and one.status == "ok"
        ]

    def study_result(self, method: str) -> Any | None:  # noqa: ANN401 - each study method has its own result
        """What a study method found, ``None`` where it found nothing."""
        return next((one.result for one in self.studies if one.method == method and one.status == "ok"), None)

    @cached_property
    def headlines(self) -> dict[str, tuple[Shown, ...]]:
        """Method -> numbers for overviews, of the methods that have a result."""
        found = {method.id: [result for _, result in self.of(method.id)] for method in self.methods}
        named = {
            method.id: to_show(partial(method.shown, found[method.id]), ("", "", method.id))
            for method in self.methods
            if found[method.id]
        }
        return {name: numbers for name, numbers in named.items() if numbers}

    def without(self, fault: NotShown) -> StudyResults:
        """The results where something failed that was to be shown: that fault is the outcome of its method.

        Where it belongs to no one sample, it is that of the method for all of them.
        """
        kind, sample, method = fault.place

        def is_meant(one: Outcome) -> bool:
            return (
                one.method == method and one.status == "ok" and (not kind or (one.kind, one.sample) == (kind, sample))
            )

        if any(map(is_meant, self.outcomes)):
            failed = tuple(
                Outcome(one.kind, one.sample, method, "failed", error=fault.error) if is_meant(one) else one
                for one in self.outcomes
            )
            return replace(self, outcomes=failed)
        others = tuple(one for one in self.studies if one.method != method)
        return replace(self, studies=(*others, StudyOutcome(method, "failed", error=fault.error)))

    @property
    def failed(self) -> tuple[Outcome | StudyOutcome, ...]:
        """Outcomes that are faults."""
        of_samples = tuple(one for one in self.outcomes if one.status == "failed")
        return (*of_samples, *(one for one in self.studies if one.status == "failed"))

    @property
    def to_be_said(self) -> tuple[Said, ...]:
        """Faults, and why methods were skipped if a user may want to change it."""
        met: dict[tuple[str, str, str, str], tuple[list[str], CathodelabError]] = {}
        for one in self.outcomes:
            error = one.error
            if error is None or error.code == NEEDS_OTHER:
                continue
            met.setdefault((one.kind, one.sample, one.status, str(error)), ([], error))[0].append(one.method)
        of_samples = [Said(*key[:2], tuple(methods), key[2], error) for key, (methods, error) in met.items()]
        of_study = [
            Said("", "", (one.method,), one.status, one.error)
            for one in self.studies
            if one.error is not None and not isinstance(one.error, OtherData)
        ]
        return (*of_samples, *of_study)

    @property
    def said_together(self) -> tuple[tuple[Said, ...], ...]:
        """The same in groups: faults and exclusions alone, several samples that skipped for one reason together."""
        groups: dict[tuple[str, ...], list[Said]] = {}
        for one in self.to_be_said:
            lone = one.status == "failed" or one.error.code == f"{one.kind}-excluded"
            alone = f"{one.kind} {one.sample}" if lone else ""
            groups.setdefault((", ".join(one.methods), one.status, one.error.code, alone), []).append(one)
        return tuple(map(tuple, groups.values()))

    @property
    def versions(self) -> dict[str, str]:
        """Versions of what computed it."""
        own = {"cathodelab": __version__, "python": platform.python_version(), "system": sys.platform}
        return own | {name: _version(name) for name in _LIBRARIES}

    @cached_property
    def _by_sample(self) -> dict[SampleName, list[Outcome]]:
        found: dict[SampleName, list[Outcome]] = {}
        for one in self.outcomes:
            found.setdefault((one.kind, one.sample), []).append(one)
        return found


def applying(outcomes: Iterable[Outcome]) -> tuple[Outcome, ...]:
    """Without the outcomes of methods that do not apply: a sample with other data needs no words.

    They stay where no method gives a number for the sample: then they say why.
    """
    listed = tuple(outcomes)
    numbers = {(one.kind, one.sample) for one in listed if one.status == "ok" and one.result.estimates.names}
    return tuple(one for one in listed if not isinstance(one.error, OtherData) or (one.kind, one.sample) not in numbers)


NEEDS_OTHER = "needs-other-method"
"""Code where a method starts from another one that gave no result: the other's error says why."""
