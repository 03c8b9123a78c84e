"""One sample by all methods that apply to it: every method gets an outcome, whatever happens to the others."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cathodelab.core.errors import CathodelabError, NotInRecord, OtherData
from cathodelab.core.method import AnyMethod, Companion, Outcome, Status
from cathodelab.core.samples import Sample
from cathodelab.study.evaluations import Evaluations
from cathodelab.study.fence import fenced
from cathodelab.study.files import StudyFiles
from cathodelab.study.links import SampleName
from cathodelab.study.manifest import Study
from cathodelab.study.places import in_study
from cathodelab.study.plan import Plan
from cathodelab.study.results import NEEDS_OTHER

Beside = Mapping[tuple[SampleName, str], Any]
"""Measurements of companions, or the errors why there are none, by sample and measurement."""


@dataclass(frozen=True, eq=False)
class Task:
    """One sample, with the names of its evaluations (see ``method_keys``) and what was measured of the samples beside it."""

    study: Study
    sample: Sample
    keys: Mapping[str, str]
    beside: Beside


@dataclass(frozen=True, eq=False)
class Done:
    """All outcomes of one sample, and whether its files were read anew."""

    outcomes: tuple[Outcome, ...]
    read: tuple[SampleName, ...] = ()


def evaluated(task: Task, plan: Plan | None = None, files: StudyFiles | None = None) -> Done:
    """The outcomes of one sample: those of an earlier run from the same inputs, else made now and kept for the next run."""
    plan = plan or Plan(task.study)
    files = files or StudyFiles(task.study, plan)
    kept = Evaluations(task.study)
    view = task.study.view(task.sample)
    inputs: dict[str, Any] = {
        "sample": task.sample,
        task.sample.kind: view,
        "c_rate_basis_mAh_g": task.study.c_rate.basis_mAh_g,
    }
    outcomes = []
    for method in plan.methods_of(task.sample):
        key = task.keys.get(method.id)
        known = kept.get(key)
        outcome = known if isinstance(known, Outcome) else _outcome(method, inputs, task, plan, files)
        if outcome.status == "ok":
            inputs[method.id] = outcome.result
        if known is None and not files.unreadable:
            kept.store(key, outcome)
        outcomes.append(outcome)
    return Done(tuple(outcomes), tuple(files.read))


def lost(plan: Plan, sample: Sample, error: CathodelabError) -> Done:
    """Outcomes of a sample whose process ended."""
    placed = error.at(f"{sample.kind} {sample.id}")
    methods = plan.methods_of(sample)
    return Done(tuple(Outcome(sample.kind, sample.id, method.id, "failed", error=placed) for method in methods))


def excluded(study: Study, plan: Plan, sample: Sample) -> Done:
    """Outcomes of a sample that is left out."""
    del study
    reason = CathodelabError(
        f"{sample.kind}-excluded",
        f"The {sample.kind} is excluded in the manifest",
        where=f"{sample.kind} {sample.id}",
        why=f"Reason given: {sample.excluded}.",
        what_to_do="Nothing, or set excluded to false.",
    )
    return Done(
        tuple(Outcome(sample.kind, sample.id, method.id, "skipped", error=reason) for method in plan.methods_of(sample))
    )


def measured_beside(other: Sample, name: str, files: StudyFiles) -> Any:  # noqa: ANN401 - each measurement has its own type
    """A companion's measurement, or the error that all samples beside it get."""
    where = f"{other.kind} {other.id}"
    found = fenced(lambda: files.measurement(other, name), name, where)
    # without its companion a sample has failed, whatever the record of the companion lacks
    return found.at(where).as_failure() if isinstance(found, CathodelabError) else found


def _outcome(method: AnyMethod, inputs: dict[str, Any], task: Task, plan: Plan, files: StudyFiles) -> Outcome:
    sample = task.sample
    name = sample.kind, sample.id, method.id
    where = f"{sample.kind} {sample.id}"
    found = fenced(
        lambda: _bounded(_run(method, _given(method, inputs, task, plan, files), plan.settings_of(method.id)), where),
        method.id,
        where,
    )
    if isinstance(found, CathodelabError):
        status: Status = "skipped" if isinstance(found, NotInRecord) else "failed"
        return Outcome(*name, status, error=found.shown_at(in_study(task.study, sample.kind)))
    return Outcome(*name, "ok", result=found)


def _bounded(result: Any, where: str) -> Any:  # noqa: ANN401 - as below
    """A result whose estimates every source of error changes by a finite amount.

    Raises:
        CathodelabError: one does not; it would spoil budgets and covariances of all samples.
    """
    estimates = result.estimates
    endless = np.isinf(estimates.effects)
    if endless.any():
        row, column = np.argwhere(endless)[0]
        raise CathodelabError(
            "uncertainty-without-end",
            f"The uncertainty of {estimates.names[row]} has no end",
            where=where,
            why=f"Moved by its uncertainty, {estimates.sources[column].id} makes the number infinite.",
            what_to_do="State a smaller uncertainty of it: it must be below the value itself.",
        )
    return result


def _run(method: AnyMethod, given: dict[str, Any], settings: Any) -> Any:  # noqa: ANN401 - each method has its own types
    """Call a method; plug-ins of before this wave take all inputs as one mapping."""
    if next(iter(inspect.signature(method.run).parameters), "") == "inputs":
        return method.run({name: one for name, one in given.items() if one is not None}, settings)
    return method.run(**given, settings=settings)


def _given(method: AnyMethod, inputs: dict[str, Any], task: Task, plan: Plan, files: StudyFiles) -> dict[str, Any]:
    """What a method is given, or why that is not there."""
    missing = [name for name in method.requires if plan.is_method(name) and name not in inputs]
    if missing:  # first: whatever else it lacks, the other's error says more
        raise _needs(task.sample, method, missing)
    for name in method.requires:
        if plan.is_measurement(name) and name not in inputs:
            inputs[name] = files.measurement(task.sample, name)
    for base, companion in method.beside.items():
        _add_companion(base, companion, inputs, task, plan)
    return {name: inputs[name] for name in method.requires} | {name: inputs.get(name) for name in method.optional}


def _add_companion(base: str, companion: Companion, inputs: dict[str, Any], task: Task, plan: Plan) -> None:
    other = plan.companion(task.sample, companion)
    if other is None:
        if companion.optional:
            inputs[base] = inputs[f"{base}_sample"] = None
            return
        raise _alone(task, companion)
    found = task.beside[(other.kind, other.id), companion.measurement]
    if isinstance(found, CathodelabError):
        raise found
    inputs[base] = found
    inputs[f"{base}_sample"] = task.study.view(other)


def _alone(task: Task, companion: Companion) -> NotInRecord:
    study, sample = task.study, task.sample
    column = next(one for one in study.kinds[sample.kind].columns if one.name == companion.column)
    kind = study.kinds[column.names]
    name = kind.several.removesuffix("s")
    there = any(one.kind == kind.id and not one.excluded for one in study.samples)
    return NotInRecord(
        f"no-{companion.column}",
        f"The {sample.kind} names no {name}" if there else f"The study has no {name}",
        where=f"{sample.kind} {sample.id}",
        why=f"The result is a comparison with it: {column.meaning}.",
        what_to_do=f"Add a {name} to the table {kind.table} and name it in the column {column.name}; everything else is "
        "evaluated without it.",
    )


def _needs(sample: Sample, method: AnyMethod, missing: Sequence[str]) -> OtherData:
    return OtherData(
        NEEDS_OTHER,
        f"{method.id} needs {', '.join(missing)}, which has no result",
        where=f"{sample.kind} {sample.id}",
        why=f"{method.id} starts from it.",
        what_to_do="See the error of that method.",
    )
