"""One sample by all methods that apply to it: every method gets an outcome, whatever happens to the others."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cathodelab.core.errors import CathodelabError, NotInRecord, OtherData
from cathodelab.core.method import AnyMethod, Companion, Outcome
from cathodelab.core.samples import Sample
from cathodelab.study.evaluations import OWN_FAULT, Evaluations, method_keys
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
    """One sample, with what was measured of the samples beside it."""

    study: Study
    sample: Sample
    beside: Beside = field(default_factory=dict)


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
    keys = method_keys(task.study, plan, task.sample, files)
    view = task.study.view(task.sample)
    inputs: dict[str, Any] = {
        "sample": task.sample,
        task.sample.kind: view,
        "c_rate_basis_mAh_g": task.study.c_rate.basis_mAh_g,
    }
    outcomes = []
    for method in plan.methods_of(task.sample):
        key = keys.get(method.id)
        known = kept.get(key)
        outcome = known if isinstance(known, Outcome) else _outcome(method, inputs, task, plan, files)
        if outcome.status == "ok":
            inputs[method.id] = outcome.result
        if known is None and not files.unreadable:
            kept.store(key, outcome)
        outcomes.append(outcome)
    return Done(tuple(outcomes), tuple(files.read))


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
    try:
        return files.measurement(other, name)
    except CathodelabError as error:
        # without its companion a sample has failed, whatever the record of the companion lacks
        return error.at(f"{other.kind} {other.id}").as_failure()


def own_fault(method: str, where: str, error: Exception) -> CathodelabError:
    """The error for a fault of the program in one method, with the place in the code."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return CathodelabError(
        OWN_FAULT,
        f"{method} met what it is not made for: {type(error).__name__}, {error}",
        where=f"{where}, {Path(place.filename).name} line {place.lineno}",
        why="This is a fault in cathodelab, not in your data; all other results are as they would be without it.",
        what_to_do="Please report it with this message and, if you can, the file.",
    )


def _outcome(method: AnyMethod, inputs: dict[str, Any], task: Task, plan: Plan, files: StudyFiles) -> Outcome:
    sample = task.sample
    name = sample.kind, sample.id, method.id
    try:
        given = _given(method, inputs, task, plan, files)
        result = _run(method, given, plan.settings_of(method.id))
    except NotInRecord as error:
        return Outcome(*name, "skipped", error=error.shown_at(in_study(task.study, sample.kind)))
    except CathodelabError as error:
        return Outcome(*name, "failed", error=error.shown_at(in_study(task.study, sample.kind)))
    except Exception as error:  # noqa: BLE001 - a fault of ours in one sample does not take the others with it
        return Outcome(*name, "failed", error=own_fault(method.id, f"{sample.kind} {sample.id}", error))
    return Outcome(*name, "ok", result=result)


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
