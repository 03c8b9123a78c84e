"""What a method made of a sample in an earlier run from the same inputs; see decisions 15 and 24.

One entry a sample and method. Its key holds everything that the evaluation is given: the sample's row and its ancestors', the
content of the files of its measurements with their readers, the same of its companions, its own settings, the keys of the methods
that it requires, the code of its package where that is not this one, and the versions of the libraries that its technique names;
the program's digest names the folder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from cathodelab.core.errors import CathodelabError, error_of
from cathodelab.core.method import AnyMethod, AnyStudyMethod, Outcome, Status, StudyOutcome
from cathodelab.core.samples import Sample
from cathodelab.study.cache import FileCache, key_of
from cathodelab.study.fence import NOT_KEPT
from cathodelab.study.files import StudyFiles
from cathodelab.study.links import SampleName
from cathodelab.study.manifest import Study
from cathodelab.study.packed import packed, unpacked
from cathodelab.study.plan import Plan


def method_keys(study: Study, plan: Plan, sample: Sample, files: StudyFiles) -> dict[str, str]:
    """Name of each evaluation of a sample; those that are not to be kept are missing.

    An evaluation is not kept where a file is missing or of no known format: it may be put right before the next run.
    """
    keys: dict[str, str] = {}
    about = [asdict(sample), asdict(study.view(sample))]
    for method in plan.methods_of(sample):
        try:
            parts = [about, *_inputs(study, plan, method, sample, files)]
        except CathodelabError:
            continue
        required = [name for name in (*method.requires, *method.optional) if plan.is_method_of(sample, name)]
        if any(name not in keys for name in required):
            continue
        parts.append([keys[name] for name in required])
        keys[method.id] = key_of(parts)
    return keys


def _inputs(study: Study, plan: Plan, method: AnyMethod, sample: Sample, files: StudyFiles) -> list[Any]:
    """What a method is given besides results of other methods."""
    measured = [name for name in method.requires if plan.is_measurement(name)]
    beside = []
    for companion in method.beside.values():
        other = plan.companion(sample, companion)
        if other is not None:
            source = [asdict(one) for one in files.sources(other, [companion.measurement])]
            beside.append([asdict(other), asdict(study.view(other)), source, _settings(plan, [companion.measurement])])
    return [
        method.id,
        plan.code_of(method.id),
        asdict(plan.settings_of(method.id)),
        [asdict(one) for one in files.sources(sample, measured)],
        _settings(plan, measured),
        beside,
        study.c_rate.basis_mAh_g,
    ]


def _settings(plan: Plan, measurements: list[str]) -> list[Any]:
    """Settings that measurements depend on."""
    return [asdict(plan.settings_of(name)) for one in measurements for name in plan.measurement(one).settings]


def study_method_key(
    plan: Plan,
    method: AnyStudyMethod,
    keys: Mapping[SampleName, Mapping[str, str]],
    study: Study,
    above: Mapping[str, str],
    besides: object,
) -> str | None:
    """Name of the evaluation of a study method; ``None`` where one of its inputs has none.

    ``besides``: what its findings hold besides samples, results and settings: known truth, samples with failed checks.
    """
    parts: list[Any] = [method.id, plan.code_of(method.id), asdict(plan.settings_of(method.id)), besides]
    for sample in study.samples:
        if sample.excluded:
            continue
        own = keys.get((sample.kind, sample.id), {})
        applying = {one.id for one in plan.methods_of(sample)}
        wanted = [name for name in method.requires if name in applying]
        if any(name not in own for name in wanted):
            return None
        parts.append([asdict(sample), asdict(study.view(sample)), [own[name] for name in wanted]])
    others = [name for name in method.requires if any(one.id == name for one in plan.study_methods)]
    if any(name not in above for name in others):
        return None
    parts.append([above[name] for name in others])
    return key_of(parts)


class Evaluations:
    """The evaluations of one study folder."""

    def __init__(self, study: Study) -> None:
        self._cache = FileCache(study.folder, "evaluations")

    def has(self, key: str | None) -> bool:
        """Whether there is an earlier evaluation (it may still be broken)."""
        return key is not None and self._cache.has(key)

    def get(self, key: str | None) -> Outcome | StudyOutcome | None:
        """An earlier evaluation, or ``None``."""
        content = self._cache.get(key) if key else None
        if content is None:
            return None
        try:
            return _outcome(*unpacked(content))
        except (ValueError, TypeError):
            return None  # broken: it is made anew

    def store(self, key: str | None, outcome: Outcome | StudyOutcome) -> None:
        """Keep it for the next run, unless the program failed or a result would not come back as it is."""
        if key is None or (outcome.error is not None and outcome.error.code in NOT_KEPT):
            return
        name = (outcome.kind, outcome.sample) if isinstance(outcome, Outcome) else ("", "")
        error = None if outcome.error is None else outcome.error.kept()
        try:
            content = packed((*name, outcome.method, outcome.status, outcome.result, error))
        except TypeError:
            return
        self._cache.store(key, content)


def _outcome(kind: str, sample: str, method: str, status: Status, result: Any, record: Any) -> Outcome | StudyOutcome:  # noqa: ANN401
    error = None if record is None else error_of(record)
    if not kind:
        return StudyOutcome(method, status, result, error)
    return Outcome(kind, sample, method, status, result, error)
