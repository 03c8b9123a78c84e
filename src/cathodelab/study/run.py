"""Cells x methods: every cell gets an outcome from every method, whatever happens to the others."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterable, Mapping
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

Progress = Callable[[Iterable[Cell]], Iterable[Cell]]
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


def run_study(folder: str | Path, progress: Progress | None = None) -> StudyResults:
    """Evaluate a study folder; writes nothing but the cache.

    Raises:
        StudyInvalid: problems of the manifest. Faults of single files are outcomes, not exceptions.
    """
    study = load_study(Path(folder))
    methods = all_methods()
    read = StudyFiles(study)
    references: dict[str, Titration | CathodelabError] = {}
    outcomes: list[Outcome] = []
    for cell in (progress or iter)(study.cells):
        if cell.role == "reference":
            continue
        outcomes += _outcomes(cell, study, methods, read, references)
    return StudyResults(
        study=study,
        outcomes=tuple(outcomes),
        files=tuple(read.seen),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        methods=methods,
    )


def _outcomes(
    cell: Cell,
    study: Study,
    methods: tuple[Method, ...],
    read: StudyFiles,
    references: dict[str, Titration | CathodelabError],
) -> list[Outcome]:
    """One outcome for each method."""
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
                inputs["titration"] = read.titration(cell)
            if "reference" in method.requires:
                inputs["reference_cell"] = study.cell(cell.reference)
                inputs["reference"] = _reference(study.cell(cell.reference), read, references)
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


def _reference(cell: Cell, read: StudyFiles, references: dict[str, Titration | CathodelabError]) -> Titration:
    """The reference titration, read once; its error is that of every cell that uses it."""
    if cell.id not in references:
        try:
            references[cell.id] = read.titration(cell)
        except CathodelabError as error:
            references[cell.id] = error
    found = references[cell.id]
    if isinstance(found, CathodelabError):
        raise found.at(f"reference {cell.id}") if not found.where.startswith("reference") else found
    return found


def _needs(cell: Cell, method: Method, missing: list[str]) -> NotInRecord:
    return NotInRecord(
        "needs-other-method",
        f"{method.id} needs {', '.join(missing)}, which has no result",
        where=f"cell {cell.id}",
        why=f"{method.id} starts from it.",
        what_to_do="See the error of that method.",
    )
