"""The methods of a whole study: run after the samples, each fenced, in the order of what they require."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from cathodelab.core.errors import CathodelabError, NotInRecord, OtherData
from cathodelab.core.method import AnyStudyMethod, Finding, Findings, Status, StudyOutcome
from cathodelab.study.evaluations import Evaluations, study_method_key
from cathodelab.study.fence import fenced
from cathodelab.study.links import SampleName
from cathodelab.study.places import in_study
from cathodelab.study.plan import Plan
from cathodelab.study.results import StudyResults


def study_outcomes(results: StudyResults, plan: Plan, keys: Mapping[SampleName, Mapping[str, str]]) -> StudyResults:
    """The results with what the study methods make of them.

    Args:
        results: outcomes of all samples.
        plan: what the study uses.
        keys: of each sample, the keys of its evaluations.
    """
    kept = Evaluations(results.study)
    own_keys: dict[str, str] = {}
    outcomes: list[StudyOutcome] = []
    found: dict[str, Any] = {}
    failing = _failing(results)
    besides = results.truth, sorted(failing)
    for method in plan.study_methods:
        key = study_method_key(plan, method, keys, results.study, own_keys, besides)
        known = kept.get(key)
        outcome = known if isinstance(known, StudyOutcome) else _outcome(method, results, plan, found, failing)
        if key is not None:
            own_keys[method.id] = key
            if known is None:
                kept.store(key, outcome)
        if outcome.status == "ok":
            found[method.id] = outcome.result
        outcomes.append(outcome)
    return replace(results, studies=tuple(outcomes), study_methods=plan.study_methods)


def _failing(results: StudyResults) -> frozenset[SampleName]:
    """Samples of which a check failed, in any method."""
    names = dict.fromkeys((one.kind, one.sample) for one in results.outcomes)
    return frozenset(name for name in names if results.sample(*name).failed_checks)


def _outcome(
    method: AnyStudyMethod,
    results: StudyResults,
    plan: Plan,
    found: Mapping[str, Any],
    failing: frozenset[SampleName],
) -> StudyOutcome:
    result = fenced(
        lambda: method.run(_findings(method, results, found, failing), plan.settings_of(method.id)), method.id, "study"
    )
    if isinstance(result, CathodelabError):
        status: Status = "skipped" if isinstance(result, NotInRecord) else "failed"
        return StudyOutcome(method.id, status, error=result.shown_at(in_study(results.study)))
    return StudyOutcome(method.id, "ok", result=result)


def _findings(
    method: AnyStudyMethod, results: StudyResults, found: Mapping[str, Any], failing: frozenset[SampleName]
) -> Findings:
    """Estimates and checks of the methods that it requires; whole results only when they are asked for."""
    of: dict[str, tuple[Finding[Any], ...]] = {}
    for name in method.requires:
        pairs = results.of(name)
        if pairs:
            of[name] = tuple(
                Finding(sample, result.estimates, result.checks, partial(_same, result)) for sample, result in pairs
            )
    studies = {name: found[name] for name in method.requires if name in found}
    if not of and not studies:
        raise OtherData(
            "nothing-to-compare",
            "No sample has a result to compare",
            where="study",
            why=f"{method.id} starts from {', '.join(method.requires)}.",
            what_to_do="See the outcomes of these methods.",
        )
    study = results.study
    return Findings(
        samples=tuple(study.view(one) for one in study.samples if not one.excluded and one.entries),
        of=of,
        studies=studies,
        headlines={name: shown for name, shown in results.headlines.items() if name in of},
        truth=results.truth or {},
        failing=failing,
    )


def _same(result: Any) -> Any:  # noqa: ANN401 - each method has its own result
    return result
