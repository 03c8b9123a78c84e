"""Samples x methods, then the methods of the whole study."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain, islice
from pathlib import Path
from typing import Any, Protocol

from cathodelab.core.columns import number_of
from cathodelab.core.errors import CathodelabError
from cathodelab.core.records import Provenance
from cathodelab.core.samples import Sample
from cathodelab.study.cache import RESULTS
from cathodelab.study.evaluate import Beside, Done, Task, evaluated, excluded, lost, measured_beside
from cathodelab.study.evaluations import Evaluations, method_keys
from cathodelab.study.files import StudyFiles, touched_samples
from cathodelab.study.links import SampleName
from cathodelab.study.manifest import Study, load_study
from cathodelab.study.plan import Plan
from cathodelab.study.results import StudyResults, applying
from cathodelab.study.study_methods import study_outcomes

_MOST_LINES = 100_000  # of truth.csv
Progress = Callable[[Iterable[Any], int, str], Iterable[Any]]
"""Wraps pieces of work as they are done; the number says how many will come, the text what they are."""


class Workers(Protocol):
    """Where work is done beside this process."""

    def map(self, function: Callable[[Any], Any], tasks: Sequence[Any], /) -> Iterable[Any]:
        """What the function gives for each task, in their order; an error in place of what a process died of, twice."""

    def start(self, tasks: int) -> None:
        """There will be about so many pieces of work beside what this process does itself."""


def run_study(
    folder: str | Path,
    progress: Progress | None = None,
    workers: Workers | None = None,
    at_once: Callable[[StudyResults], None] | None = None,
) -> StudyResults:
    """Evaluate a study folder; writes nothing but the cache.

    What an earlier run made of the same files, rows and settings is taken from the cache (every file's content is hashed); all
    else is read and evaluated.

    Args:
        folder: the study.
        progress: wraps the samples that are read, e.g. in a progress bar.
        workers: where samples are read and evaluated; in this process without.
        at_once: is given the results of each sample that is read, alone and as soon as they are there.

    Raises:
        StudyInvalid: problems of the manifest. Faults of single files are outcomes, not exceptions.
    """
    study = load_study(Path(folder))
    touched = touched_samples(study, study.folder / RESULTS / "results.json")
    if workers and touched:
        workers.start(touched - 1)
    plan = Plan(study)
    files = {(one.kind, one.id): StudyFiles(study, plan) for one in study.samples}
    samples = [one for one in study.samples if plan.methods_of(one)]
    taking_part = [one for one in samples if not one.excluded]
    keys = {(one.kind, one.id): method_keys(study, plan, one, files[one.kind, one.id]) for one in taking_part}
    kept = Evaluations(study)
    rest = [
        one
        for one in taking_part
        if not all(kept.has(keys[one.kind, one.id].get(method.id)) for method in plan.methods_of(one))
    ]
    beside = _beside(plan, rest, files)
    anew = [one for one in rest if files[one.kind, one.id].are_new(one, _measurements(plan, one))]
    done = _shared_out(
        [Task(study, one, keys[one.kind, one.id], beside) for one in anew], workers
    )  # workers begin at once
    found: dict[SampleName, Done] = {}
    for sample, one in zip(anew, (progress or _unwatched)(done, len(anew), "samples"), strict=True):
        own = lost(plan, sample, one) if isinstance(one, CathodelabError) else one
        found[sample.kind, sample.id] = own
        if at_once:
            at_once(_results(study, plan, [own]))
    for sample in samples:
        name = sample.kind, sample.id
        if name not in found:
            found[name] = (
                excluded(study, plan, sample)
                if sample.excluded
                else evaluated(Task(study, sample, keys[name], _OnDemand(study, files)), plan, files[name])
            )
    results = _results(
        study, plan, [found[one.kind, one.id] for one in samples], _read(found, files), _sources(plan, samples, files)
    )
    return study_outcomes(results, plan, keys)


def _read(found: Mapping[SampleName, Done], files: Mapping[SampleName, StudyFiles]) -> tuple[SampleName, ...]:
    """Samples whose files were read, in this process or another."""
    names = [name for one in found.values() for name in one.read]
    return tuple(dict.fromkeys([*(name for one in files.values() for name in one.read), *names]))


def _results(
    study: Study,
    plan: Plan,
    done: Sequence[Done],
    read: tuple[SampleName, ...] = (),
    sources: tuple[tuple[SampleName, Provenance], ...] = (),
) -> StudyResults:
    return StudyResults(
        study=study,
        outcomes=applying(outcome for one in done for outcome in one.outcomes),
        studies=(),
        files=sources,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        methods=plan.methods_used,
        read_anew=read,
        truth=known_truth(study) if study.synthetic else None,
    )


def known_truth(study: Study) -> dict[str, dict[str, float]]:
    """What a generated study states in ``truth.csv``: sample -> estimate -> value."""
    path = study.folder / "truth.csv"
    if not path.is_file():
        return {}
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            rows = [list(row.items()) for row in csv.DictReader(islice(lines, _MOST_LINES), restval="")]
        named = [(str(name[1]), values) for name, *values in rows]
        return {name: {str(key): number_of(value) for key, value in values if value} for name, values in named}
    except (OSError, ValueError, TypeError, AttributeError, csv.Error) as error:
        raise CathodelabError(
            "truth-unreadable",
            "truth.csv cannot be read",
            where=str(study.folder),
            why=f"It is no table of a sample's name and numbers: {str(error)[:200]}.",
            what_to_do="Make the synthetic study again, or remove truth.csv.",
        ) from error


def _measurements(plan: Plan, sample: Sample) -> list[str]:
    """Measurements that some method of a sample requires."""
    names = (name for method in plan.methods_of(sample) for name in method.requires if plan.is_measurement(name))
    return list(dict.fromkeys(names))


def _companions(plan: Plan, sample: Sample) -> list[tuple[Sample, str]]:
    """Samples beside a sample, with the measurement that is wanted of each."""
    found = []
    for method in plan.methods_of(sample):
        for companion in method.beside.values():
            other = plan.companion(sample, companion)
            if other is not None:
                found.append((other, companion.measurement))
    return found


def _beside(plan: Plan, samples: Sequence[Sample], files: Mapping[SampleName, StudyFiles]) -> Beside:
    """Measurements of all companions of these samples, each once."""
    found: dict[tuple[SampleName, str], Any] = {}
    for sample in samples:
        for other, name in _companions(plan, sample):
            place = (other.kind, other.id), name
            if place not in found:
                found[place] = measured_beside(other, name, files[place[0]])
    return found


class _OnDemand(Mapping[tuple[SampleName, str], Any]):
    """Measurements of companions, taken when they are asked for: evaluations of an earlier run need none."""

    def __init__(self, study: Study, files: Mapping[SampleName, StudyFiles]) -> None:
        self._study, self._files = study, files

    def __getitem__(self, place: tuple[SampleName, str]) -> Any:  # noqa: ANN401 - each measurement has its own type
        name, measurement = place
        return measured_beside(self._study.sample(*name), measurement, self._files[name])

    def __iter__(self) -> Iterator[tuple[SampleName, str]]:
        return iter(())

    def __len__(self) -> int:
        return 0


def _sources(
    plan: Plan, samples: Sequence[Sample], files: Mapping[SampleName, StudyFiles]
) -> tuple[tuple[SampleName, Provenance], ...]:
    """Every file that was evaluated: of companions first, then of samples; missing ones have outcomes that say so."""
    wanted: dict[SampleName, tuple[Sample, list[str]]] = {}
    for sample in samples:
        if not sample.excluded:
            for other, name in _companions(plan, sample):
                wanted.setdefault((other.kind, other.id), (other, []))[1].append(name)
    for sample in samples:
        if not sample.excluded:
            wanted.setdefault((sample.kind, sample.id), (sample, []))[1].extend(_measurements(plan, sample))
    found: dict[tuple[SampleName, Provenance], None] = {}
    for owner, (sample, measurements) in wanted.items():
        for one in dict.fromkeys(measurements):
            try:
                found |= dict.fromkeys((owner, source) for source in files[owner].sources(sample, [one]))
            except CathodelabError:
                continue
    return tuple(found)


def _shared_out(tasks: Sequence[Task], workers: Workers | None) -> Iterable[Done | CathodelabError]:
    """What comes of each; this process takes the first, as it would only wait."""
    first, others = tasks[:1], tasks[1:]
    if not workers or not first:
        return map(evaluated, tasks)
    workers.start(len(others))
    elsewhere = workers.map(evaluated, others)
    return chain(map(evaluated, first), elsewhere)


def _unwatched(items: Iterable[Any], count: int, what: str) -> Iterable[Any]:
    del count, what
    return items
