"""Cells x methods: every cell gets an outcome from every method, whatever happens to the others."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from cathodelab import __version__
from cathodelab.core.errors import CathodelabError, NotInRecord
from cathodelab.core.estimate import Estimate
from cathodelab.core.method import Method, Outcome
from cathodelab.core.records import Provenance
from cathodelab.core.samples import Cell
from cathodelab.study.files import StudyFiles
from cathodelab.study.manifest import Study, load_study
from cathodelab.study.methods import all_methods
from cathodelab.techniques.utilization.model import Titration

Progress = Callable[[Iterable[Any], int], Iterable[Any]]
"""Wraps the cells as they are done; the number says how many will come."""
_LIBRARIES = ("numpy", "scipy", "polars", "matplotlib")


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
    """Everything that came of a study."""

    study: Study
    outcomes: tuple[Outcome, ...]
    files: tuple[tuple[str, Provenance], ...]
    created: str
    methods: tuple[Method, ...] = field(default=())

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
    def versions(self) -> dict[str, str]:
        """Versions of what computed it."""
        libraries = {name: version(name) for name in _LIBRARIES}
        return {"cathodelab": __version__, "python": platform.python_version(), "system": sys.platform, **libraries}


def run_study(folder: str | Path, progress: Progress | None = None, executor: Executor | None = None) -> StudyResults:
    """Evaluate a study folder; writes nothing but the cache.

    Args:
        folder: the study.
        progress: wraps the cells as they are done, e.g. in a progress bar.
        executor: where the cells are evaluated (the interface of :mod:`concurrent.futures`); in this process without.

    Raises:
        StudyInvalid: problems of the manifest. Faults of single files are outcomes, not exceptions.
    """
    study = load_study(Path(folder))
    files = StudyFiles(study)
    used = {cell.reference for cell in study.cells if cell.role == "cell" and not cell.excluded}
    references = {cell.id: _reference(cell, files) for cell in study.cells if cell.id in used}
    cells = [cell for cell in study.cells if cell.role == "cell"]
    tasks = [_Task(study, cell, references.get(cell.reference)) for cell in cells]
    done = executor.map(_evaluated, tasks) if executor else map(_evaluated, tasks)
    outcomes: list[Outcome] = []
    sources = list(files.seen)
    for found, seen in (progress or _unwatched)(done, len(tasks)):
        outcomes += found
        sources += seen
    return StudyResults(
        study=study,
        outcomes=tuple(outcomes),
        files=tuple(sources),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        methods=all_methods(),
    )


@dataclass(frozen=True, eq=False)
class _Task:
    """One cell with what it is compared with: a reference titration, or why there is none."""

    study: Study
    cell: Cell
    reference: Titration | CathodelabError | None


def _evaluated(task: _Task) -> tuple[list[Outcome], list[tuple[str, Provenance]]]:
    """All outcomes of one cell and the files that were read for it."""
    files = StudyFiles(task.study)
    return _outcomes(task, files), files.seen


def _unwatched(items: Iterable[Any], count: int) -> Iterable[Any]:
    del count
    return items


def _outcomes(task: _Task, files: StudyFiles) -> list[Outcome]:
    """One outcome for each method."""
    study, cell, methods = task.study, task.cell, all_methods()
    if cell.excluded:
        reason = CathodelabError(
            "cell-excluded",
            "The cell is excluded in the manifest",
            where=f"cell {cell.id}",
            why=f"Reason given: {cell.excluded}.",
            what_to_do="Nothing, or set excluded to false.",
        )
        return [Outcome(cell.id, method.id, "skipped", error=reason) for method in methods]
    inputs: dict[str, Any] = {"cell": cell, "c_rate_basis_mAh_g": study.c_rate.basis_mAh_g}
    outcomes: list[Outcome] = []
    for method in methods:
        try:
            if "titration" in method.requires:
                inputs["titration"] = files.titration(cell)
            if "reference" in method.requires:
                inputs["reference_cell"] = study.cell(cell.reference)
                if isinstance(task.reference, CathodelabError):
                    raise task.reference
                inputs["reference"] = task.reference
            missing = [name for name in method.requires if name not in inputs]
            if missing:
                raise _needs(cell, method, missing)
            result = method.run({name: inputs[name] for name in method.requires}, study.settings[method.id])
            inputs[method.id] = result
            outcomes.append(Outcome(cell.id, method.id, "ok", result=result))
        except NotInRecord as error:
            outcomes.append(Outcome(cell.id, method.id, "skipped", error=error))
        except CathodelabError as error:
            outcomes.append(Outcome(cell.id, method.id, "failed", error=error))
    return outcomes


def _reference(cell: Cell, files: StudyFiles) -> Titration | CathodelabError:
    """The reference titration, or the error that all cells that use it get."""
    try:
        return files.titration(cell)
    except CathodelabError as error:
        found = error.at(f"reference {cell.id}")
        # without its reference a cell has failed, whatever the record of the reference lacks
        return CathodelabError(found.code, found.what, where=found.where, why=found.why, what_to_do=found.what_to_do)


def _needs(cell: Cell, method: Method, missing: list[str]) -> NotInRecord:
    return NotInRecord(
        "needs-other-method",
        f"{method.id} needs {', '.join(missing)}, which has no result",
        where=f"cell {cell.id}",
        why=f"{method.id} starts from it.",
        what_to_do="See the error of that method.",
    )
