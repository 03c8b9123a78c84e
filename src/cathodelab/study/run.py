"""Cells x methods: every cell gets an outcome from every method, whatever happens to the others."""

from __future__ import annotations

import platform
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Any, Protocol

from cathodelab import __version__
from cathodelab.core.errors import CathodelabError, NotInRecord
from cathodelab.core.estimate import Estimate
from cathodelab.core.method import AnyMethod, Outcome
from cathodelab.core.records import Provenance
from cathodelab.core.samples import Cell
from cathodelab.study.cache import RESULTS
from cathodelab.study.evaluations import OWN_FAULT, Evaluated, Evaluations, evaluation_key
from cathodelab.study.extraction import EXTRACTIONS
from cathodelab.study.files import StudyFiles, touched_cells
from cathodelab.study.manifest import Study, load_study
from cathodelab.study.methods import all_methods
from cathodelab.techniques.utilization.model import Titration

_version = cache(version)  # it reads a file
Progress = Callable[[Iterable[Any], int, str], Iterable[Any]]
"""Wraps pieces of work as they are done; the number says how many will come, the text what they are."""
OTHER_DATA = frozenset({"needs-other-method", "no-spectra", "no-hold", "no-cycles", "no-second-titration"})
"""Reasons for a skipped method that say only that a cell has other data: no fault and no lack, they need no words."""
_LIBRARIES = ("numpy", "scipy", "polars", "matplotlib")


class Workers(Protocol):
    """Where work is done beside this process."""

    def map(self, function: Callable[[Any], Any], tasks: Sequence[Any], /) -> Iterable[Any]:
        """What the function gives for each task, in their order."""

    def start(self, tasks: int) -> None:
        """There will be about so many pieces of work beside what this process does itself."""


@dataclass(frozen=True, eq=False)
class CellResults:
    """Outcomes of one cell by method."""

    cell: Cell
    outcomes: Mapping[str, Outcome]

    def estimate(self, method: str, name: str) -> Estimate:
        """An estimate of a method; raises the error of the outcome where the method did not give one."""
        outcome = self.outcomes[method]
        if outcome.error is not None:
            raise outcome.error
        found: Estimate = outcome.result.estimates.estimate(name)
        return found


@dataclass(frozen=True, eq=False)
class StudyResults:
    """Everything that came of a study.

    ``read_anew`` names the cells and references whose files were read; what was extracted from all others came from the cache.
    """

    study: Study
    outcomes: tuple[Outcome, ...]
    files: tuple[tuple[str, Provenance], ...]
    created: str
    methods: tuple[AnyMethod, ...] = field(default=())
    read_anew: tuple[str, ...] = ()

    def cell(self, name: str) -> CellResults:
        """Results of one cell."""
        found = {outcome.method: outcome for outcome in self.outcomes if outcome.cell == name}
        return CellResults(self.study.cell(name), found)

    def of(self, method: str) -> list[tuple[Cell, Any]]:
        """(cell, result) of every cell for which the method gave a result, in the order of the manifest."""
        return [
            (self.study.cell(outcome.cell), outcome.result)
            for outcome in self.outcomes
            if outcome.method == method and outcome.status == "ok"
        ]

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """Outcomes that are faults."""
        return tuple(outcome for outcome in self.outcomes if outcome.status == "failed")

    @property
    def to_be_said(self) -> tuple[tuple[str, tuple[str, ...], str, CathodelabError], ...]:
        """(cell, methods, status, error): faults, and why methods were skipped if a user may want to change it.

        Methods of a cell that met the same stand together.
        """
        evaluated = {outcome.cell for outcome in self.outcomes if outcome.status == "ok"}
        met: dict[tuple[str, str, str], tuple[list[str], CathodelabError]] = {}
        for outcome in self.outcomes:
            error = outcome.error
            if error is None or (error.code in OTHER_DATA and outcome.cell in evaluated):
                continue
            if error.code != "needs-other-method":
                met.setdefault((outcome.cell, outcome.status, str(error)), ([], error))[0].append(outcome.method)
        return tuple((cell, tuple(methods), status, error) for (cell, status, _), (methods, error) in met.items())

    @property
    def versions(self) -> dict[str, str]:
        """Versions of what computed it."""
        own = {"cathodelab": __version__, "python": platform.python_version(), "system": sys.platform}
        return own | {name: _version(name) for name in _LIBRARIES}


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
        progress: wraps the cells that are read, e.g. in a progress bar.
        workers: where cells are read and evaluated; in this process without.
        at_once: is given the results of each cell that is read, alone and as soon as they are there.

    Raises:
        StudyInvalid: problems of the manifest. Faults of single files are outcomes, not exceptions.
    """
    study = load_study(Path(folder))
    touched = touched_cells(study, study.folder / RESULTS / "results.json")
    if workers and touched:
        workers.start(touched - 1)
    files = StudyFiles(study)
    used = {cell.reference for cell in study.cells if cell.role == "cell" and not cell.excluded}
    references = {cell.id: _reference(cell, files) for cell in study.cells if cell.id in used}
    tasks = [_Task(study, cell, references.get(cell.reference)) for cell in study.cells if cell.role == "cell"]
    files_of = {task.cell.id: StudyFiles(study) for task in tasks}
    keys = {task.cell.id: _key(task, files_of[task.cell.id]) for task in tasks if not task.cell.excluded}
    evaluations = Evaluations(study.folder)
    rest = [task for task in tasks if task.cell.id in keys and not evaluations.has(keys[task.cell.id])]
    anew = [task for task in rest if files_of[task.cell.id].are_new(task.cell, _wanted())]
    done = _shared_out(anew, workers)  # workers begin at once
    found: dict[str, _Done] = {}
    for task, one in zip(anew, (progress or _unwatched)(done, len(anew), "cells"), strict=True):
        found[task.cell.id] = one
        if at_once:
            at_once(_results(study, files, [one]))
    for task in tasks:
        if task.cell.id not in found:
            found[task.cell.id] = _known(task, keys.get(task.cell.id), files_of[task.cell.id])
    return _results(study, files, [found[task.cell.id] for task in tasks])


@dataclass(frozen=True, eq=False)
class _Task:
    """One cell with what it is compared with: a reference titration, or why there is none."""

    study: Study
    cell: Cell
    reference: Titration | CathodelabError | None


@dataclass(frozen=True, eq=False)
class _Done:
    """All outcomes of one cell, its files, and its name where they were read anew."""

    outcomes: Sequence[Outcome]
    seen: Sequence[tuple[str, Provenance]]
    read: Sequence[str] = ()


def _results(study: Study, references: StudyFiles, done: Sequence[_Done]) -> StudyResults:
    return StudyResults(
        study=study,
        outcomes=tuple(outcome for one in done for outcome in one.outcomes),
        files=(*references.seen, *(source for one in done for source in one.seen)),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        methods=all_methods(),
        read_anew=(*references.read, *(cell for one in done for cell in one.read)),
    )


def _wanted() -> list[str]:
    """Measurements that some method requires."""
    required = {name for method in all_methods() for name in method.requires}
    return [name for name in EXTRACTIONS if name in required]


def _shared_out(tasks: Sequence[_Task], workers: Workers | None) -> Iterable[_Done]:
    """What comes of each; this process takes the first, as it would only wait."""
    first, others = tasks[:1], tasks[1:]
    if not workers or not first:
        return map(_evaluated, tasks)
    workers.start(len(others))
    elsewhere = workers.map(_evaluated, others)
    return chain(map(_evaluated, first), elsewhere)


def _known(task: _Task, key: str | None, files: StudyFiles) -> _Done:
    """What an earlier run made of the same inputs, that the cell is excluded, or what comes of measurements known already."""
    if task.cell.excluded:
        return _Done(_excluded(task.cell), ())
    known = Evaluations(task.study.folder).get(key)
    return (
        _evaluated(task, files)
        if known is None
        else _Done(known.outcomes, [(task.cell.id, one) for one in known.files])
    )


def _key(task: _Task, files: StudyFiles) -> str | None:
    study, cell = task.study, task.cell
    try:
        sources = files.sources(cell, _wanted())
    except CathodelabError:
        return None  # said when the measurement is asked for
    reference_cell = study.cell(cell.reference) if cell.reference else None
    return evaluation_key(cell, sources, reference_cell, task.reference, study.c_rate.basis_mAh_g, study.plain_settings)


def _evaluated(task: _Task, files: StudyFiles | None = None) -> _Done:
    """What comes of one cell, kept for the next run; ``files`` may hold its titration already."""
    files = files or StudyFiles(task.study)
    outcomes = _outcomes(task, files)
    kept = Evaluated(tuple(outcomes), tuple(source for _, source in files.seen))
    if not files.unreadable:
        Evaluations(task.study.folder).store(_key(task, files), kept)
    return _Done(outcomes, files.seen, files.read)


def _unwatched(items: Iterable[Any], count: int, what: str) -> Iterable[Any]:
    del count, what
    return items


def _excluded(cell: Cell) -> list[Outcome]:
    reason = CathodelabError(
        "cell-excluded",
        "The cell is excluded in the manifest",
        where=f"cell {cell.id}",
        why=f"Reason given: {cell.excluded}.",
        what_to_do="Nothing, or set excluded to false.",
    )
    return [Outcome(cell.id, method.id, "skipped", error=reason) for method in all_methods()]


def _outcomes(task: _Task, files: StudyFiles) -> list[Outcome]:
    """One outcome for each method."""
    study, cell, methods = task.study, task.cell, all_methods()
    inputs: dict[str, Any] = {"cell": cell, "c_rate_basis_mAh_g": study.c_rate.basis_mAh_g}
    outcomes: list[Outcome] = []
    for method in methods:
        try:
            _read_for(method, inputs, task, files)
            given = {name: inputs[name] for name in (*method.requires, *method.optional) if name in inputs}
            result = method.run(given, study.settings[method.id])
            inputs[method.id] = result
            outcomes.append(Outcome(cell.id, method.id, "ok", result=result))
        except NotInRecord as error:
            outcomes.append(Outcome(cell.id, method.id, "skipped", error=error))
        except CathodelabError as error:
            outcomes.append(Outcome(cell.id, method.id, "failed", error=error))
        except Exception as error:  # noqa: BLE001 - a fault of ours in one cell does not take the others with it
            outcomes.append(Outcome(cell.id, method.id, "failed", error=_own_fault(method, cell, error)))
    return outcomes


def _own_fault(method: AnyMethod, cell: Cell, error: Exception) -> CathodelabError:
    place = traceback.extract_tb(error.__traceback__)[-1]
    return CathodelabError(
        OWN_FAULT,
        f"{method.id} met what it is not made for: {type(error).__name__}, {error}",
        where=f"cell {cell.id}, {Path(place.filename).name} line {place.lineno}",
        why="This is a fault in cathodelab, not in your data; all other results are as they would be without it.",
        what_to_do="Please report it with this message and, if you can, the file.",
    )


def _read_for(method: AnyMethod, inputs: dict[str, Any], task: _Task, files: StudyFiles) -> None:
    """Put what a method requires of the files into the inputs, or raise why it is not there."""
    cell, needed = task.cell, method.requires
    if "reference" in needed and not cell.reference:
        raise _no_reference(cell)
    for name in needed:
        if name in EXTRACTIONS and name not in inputs:
            inputs[name] = files.measurement(cell, name)
    if "reference" in needed:
        inputs["reference_cell"] = task.study.cell(cell.reference)
        if isinstance(task.reference, CathodelabError):
            raise task.reference
        inputs["reference"] = task.reference
    missing = [name for name in needed if name not in inputs]
    if missing:
        raise _needs(cell, method, missing)


def _reference(cell: Cell, files: StudyFiles) -> Titration | CathodelabError:
    """The reference titration, or the error that all cells that use it get."""
    try:
        titration: Titration = files.measurement(cell, "titration")
    except CathodelabError as error:
        found = error.at(f"reference {cell.id}")
        # without its reference a cell has failed, whatever the record of the reference lacks
        return CathodelabError(found.code, found.what, where=found.where, why=found.why, what_to_do=found.what_to_do)
    return titration


def _no_reference(cell: Cell) -> NotInRecord:
    return NotInRecord(
        "no-reference",
        "The study has no reference cell",
        where=f"cell {cell.id}",
        why="How much takes part comes from a comparison with the titration of a liquid cell.",
        what_to_do="Add a row with role = reference to cells.csv; everything else is evaluated without it.",
    )


def _needs(cell: Cell, method: AnyMethod, missing: list[str]) -> NotInRecord:
    return NotInRecord(
        "needs-other-method",
        f"{method.id} needs {', '.join(missing)}, which has no result",
        where=f"cell {cell.id}",
        why=f"{method.id} starts from it.",
        what_to_do="See the error of that method.",
    )
