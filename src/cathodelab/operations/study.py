"""Check a study and run it."""

from __future__ import annotations

import os
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cathodelab.core.errors import CathodelabError
from cathodelab.core.operation import Output, Progress
from cathodelab.operations.model import FolderInput, RunInput

if TYPE_CHECKING:
    from cathodelab.study.manifest import Study
    from cathodelab.study.run import StudyResults

_MOST_LINES = 3  # of one reason to skip a method


@dataclass(frozen=True, eq=False)
class Checked(Output):
    """A valid manifest and the raw files that are missing, as (cell, file)."""

    study: Study
    missing_files: tuple[tuple[str, str], ...]

    @property
    def complete(self) -> bool:
        """Whether every raw file is there."""
        return not self.missing_files

    def lines(self) -> list[str]:
        """Counts, checklist, columns that nothing reads, files that are missing."""
        study, score = self.study, self.study.completeness
        cells, references, excluded = self._counts
        required, recommended = f"{score.required_percent:.0f} %", f"{score.recommended_percent:.0f} %"
        lines = [
            f"{study.title}: {cells} cells, {references} references, {excluded} excluded. The manifest is valid.",
            f"Reporting checklist: {required} of the required entries, {recommended} of the recommended.",
        ]
        if score.missing_required:
            lines.append("  missing required: " + ", ".join(score.missing_required))
        if score.missing_recommended:
            lines.append("  missing recommended: " + ", ".join(score.missing_recommended))
        if study.unknown_columns:
            lines.append("Columns kept as they are: " + ", ".join(study.unknown_columns))
        return lines + [f"Missing file: {name} (cell {cell})" for cell, name in self.missing_files]

    def record(self) -> dict[str, Any]:
        """The same as plain data."""
        cells, references, excluded = self._counts
        return {
            "schema_version": 1,
            "title": self.study.title,
            "cells": cells,
            "references": references,
            "excluded": excluded,
            "checklist": asdict(self.study.completeness),
            "unknown_columns": list(self.study.unknown_columns),
            "missing_files": [{"cell": cell, "file": name} for cell, name in self.missing_files],
        }

    @property
    def _counts(self) -> tuple[int, int, int]:
        """Cells, references, excluded ones among both."""
        roles = [cell.role for cell in self.study.cells]
        excluded = sum(bool(cell.excluded) for cell in self.study.cells)
        return roles.count("cell"), len(roles) - roles.count("cell"), excluded


@dataclass(frozen=True, eq=False)
class Evaluated(Output):
    """Results and the report's path."""

    results: StudyResults
    report: Path

    @property
    def page(self) -> Path:
        """The report."""
        return self.report

    @property
    def complete(self) -> bool:
        """Whether no method failed."""
        return not self.results.failed

    def lines(self) -> list[str]:
        """Numbers of each cell, what was not evaluated, what was read, where the report is."""
        return _summary(self)

    def record(self) -> dict[str, Any]:
        """What ``results.json`` holds."""
        from cathodelab.study.store import results_record

        return results_record(self.results)


def checked(inputs: FolderInput) -> Checked:
    """Check the manifest and list what is missing; evaluates nothing."""
    from cathodelab.study.manifest import load_study

    study = load_study(inputs.folder)
    missing = tuple(
        (cell.id, name)
        for cell in study.cells
        if not cell.excluded
        for name in cell.files
        if not (inputs.folder / name).is_file()
    )
    return Checked(study, missing)


def evaluated(inputs: RunInput, progress: Progress) -> Evaluated:
    """Evaluate a study and write its results."""
    from cathodelab.operations.workers import Processes, load_meanwhile, no_search_for_cycles
    from cathodelab.report.drawings import Drawings
    from cathodelab.report.write import drawn_at_once, write_results
    from cathodelab.study.cache import FOLDER as CACHE
    from cathodelab.study.cache import RESULTS, forget_other_versions, remove_half_written
    from cathodelab.study.lock import study_lock
    from cathodelab.study.manifest import load_study
    from cathodelab.study.run import run_study

    if inputs.pdf:
        from cathodelab.report.pdf import require_typst

        require_typst()
    load_study(inputs.folder)  # before anything is written: there is a valid study
    jobs = inputs.jobs or os.cpu_count() or 1
    # figures are full of cycles, and are drawn by this process where there is no other
    collector = no_search_for_cycles() if jobs > 1 else nullcontext()
    with study_lock(inputs.folder), Processes(jobs) as workers, collector:
        forget_other_versions(inputs.folder)
        for kept in (CACHE, RESULTS):
            remove_half_written(inputs.folder / kept)
        load_meanwhile(("scipy.special",))
        drawings = Drawings(inputs.folder, workers)
        results = run_study(inputs.folder, progress, workers, drawn_at_once(drawings, paper=inputs.paper))
        return Evaluated(results, write_results(results, progress, drawings, pdf=inputs.pdf, paper=inputs.paper))


def _summary(output: Evaluated) -> list[str]:
    results = output.results
    lines = []
    if results.study.synthetic:
        lines.append("SYNTHETIC DATA: generated, not measured.")
    found = results.of("utilization")
    width = max((len(cell.id) for cell in results.study.cells), default=4)
    if found:
        lines.append(f"{'cell':{width}}  utilization / %       checks")
    for cell, result in found:
        theta = result.estimates.estimate("static_utilization")
        failed = [check.name for check in result.checks if check.passed is False]
        number = f"{100 * theta.value:5.1f}  +{100 * theta.plus:.1f} -{100 * theta.minus:.1f}"
        lines.append(f"{cell.id:{width}}  {number:20}  {'failed: ' + ', '.join(failed) if failed else 'none failed'}")
    lines += _said(results)
    taking_part = sum(not cell.excluded for cell in results.study.cells)
    if taking_part:
        anew = len(set(results.read_anew))
        others = ", all others known from before" if anew < taking_part else ""
        lines.append(f"Files of {anew} of {taking_part} cells and references read anew{others}.")
    lines.append(f"Report: {output.report}")
    return lines


def _said(results: StudyResults) -> list[str]:
    """What was not evaluated and why; a reason that many cells share once, with their number and the first of them."""
    groups: dict[tuple[str, ...], list[tuple[str, CathodelabError]]] = {}
    for cell, names, status, error in results.to_be_said:
        alone = cell if status == "failed" or error.code == "cell-excluded" else ""
        groups.setdefault((", ".join(names), status, error.code, alone), []).append((cell, error))
    lines = []
    for (methods, status, *_), group in groups.items():
        if len(group) > _MOST_LINES:
            cell, error = group[0]
            lines.append(f"{len(group)} cells, {methods}: {status}. The first, {cell}: {error}")
        else:
            lines += [f"{cell}, {methods}: {status}. {error}" for cell, error in group]
    return lines
