"""Check a study and run it."""

from __future__ import annotations

import os
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cathodelab.core.operation import Output, Progress
from cathodelab.operations.model import FolderInput, RunInput

if TYPE_CHECKING:
    from cathodelab.study.manifest import Study
    from cathodelab.study.results import StudyResults
    from cathodelab.study.seen_files import SeenFile


@dataclass(frozen=True, eq=False)
class CheckedStudy(Output):
    """A valid manifest, the raw files that are missing, as (sample, file), and what the others are, by their first megabyte."""

    study: Study
    missing_files: tuple[tuple[str, str], ...]
    files: tuple[SeenFile, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every raw file is there, and a reader takes it."""
        return not self.missing_files and all(one.found.error is None for one in self.files)

    def lines(self) -> list[str]:
        """Counts, doubts, checklist, columns that nothing reads, files that are missing."""
        from cathodelab.operations.study_words import lines_of_check

        return lines_of_check(self.study, self.missing_files, self.files)

    def record(self) -> dict[str, Any]:
        """The same as plain data."""
        own = [one for one in self.study.samples if one.entries]
        kinds = {kind: sum(one.kind == kind for one in own) for kind in self.study.kinds}
        return {
            "schema_version": 2,
            "title": self.study.title,
            "samples": {kind: number for kind, number in kinds.items() if number},
            "samples_without_data": [[one.kind, one.id] for one in self.study.nameless],
            "excluded": sum(bool(one.excluded) for one in own),
            "checklist": asdict(self.study.completeness),
            "doubts": [asdict(one) for one in self.study.doubts],
            "unknown_columns": list(self.study.unknown_columns),
            "missing_files": [{"sample": sample, "file": name} for sample, name in self.missing_files],
            "files": [one.record() for one in self.files],
        }


@dataclass(frozen=True, eq=False)
class StudyRun(Output):
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
        """Numbers of each sample, what was not evaluated, what was read, where the report is."""
        from cathodelab.operations.study_words import lines_of_run

        return lines_of_run(self.results, self.report)

    def record(self) -> dict[str, Any]:
        """What ``results.json`` holds."""
        from cathodelab.study.store import results_record

        return results_record(self.results)


def checked(inputs: FolderInput) -> CheckedStudy:
    """Check the manifest, list what is missing, and say what every file is; evaluates nothing."""
    from cathodelab.study.manifest import load_study
    from cathodelab.study.seen_files import seen_files

    study = load_study(inputs.folder)
    named = [(sample, one) for sample in study.samples if not sample.excluded for one in sample.files]
    # false for a name that no system takes
    missing = [(sample, one) for sample, one in named if not os.path.isfile(inputs.folder / one.file)]  # noqa: PTH113
    return CheckedStudy(
        study,
        tuple((f"{sample.kind} {sample.id}", one.file) for sample, one in missing),
        seen_files(study, [one for one in named if one not in missing]),
    )


def evaluated(inputs: RunInput, progress: Progress) -> StudyRun:
    """Evaluate a study and write its results."""
    from cathodelab.operations.workers import Processes, garbage_collector_paused, load_meanwhile
    from cathodelab.report.drawings import Drawings
    from cathodelab.report.write import drawn_at_once, written_results
    from cathodelab.study.cache import RESULTS, adopt_all, forget_all, forget_other_versions, remove_half_written
    from cathodelab.study.lock import study_lock
    from cathodelab.study.manifest import load_study
    from cathodelab.study.run import run_study

    if inputs.pdf:
        from cathodelab.report.pdf import require_typst

        require_typst()
    load_study(inputs.folder)  # before anything is written: there is a valid study
    jobs = inputs.jobs or os.cpu_count() or 1
    # figures are full of cycles, and are drawn by this process where there is no other
    collector = garbage_collector_paused() if jobs > 1 else nullcontext()
    with study_lock(inputs.folder), Processes(jobs) as workers, collector:
        forget_other_versions(inputs.folder)
        remove_half_written(inputs.folder)
        if inputs.fresh:
            forget_all(inputs.folder)
        elif inputs.trust_cache:
            adopt_all(inputs.folder)
        if not (
            inputs.folder / RESULTS / "results.json"
        ).is_file():  # a first run evaluates; a later one may need nothing
            load_meanwhile(("scipy.special",))
        drawings = Drawings(inputs.folder, workers)
        results = run_study(inputs.folder, progress, workers, drawn_at_once(drawings, paper=inputs.paper))
        results = written_results(results, progress, drawings, pdf=inputs.pdf, paper=inputs.paper)
        return StudyRun(results, inputs.folder / RESULTS / "report.html")
