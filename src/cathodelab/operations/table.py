"""What a user can do, one table: every door (command line, later the web) is made from it.

The functions load their heavy parts when they are called, so that a door can list them quickly.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cathodelab.core.errors import CathodelabError

if TYPE_CHECKING:
    from cathodelab.operations.cycles import SummarizedFile
    from cathodelab.operations.impedance import LookedAtFile
    from cathodelab.study.manifest import Study
    from cathodelab.study.run import StudyResults
    from cathodelab.techniques.utilization.plan import PlannedTitration


Progress = Callable[[Iterable[Any], int, str], Iterable[Any]]


def _said(meaning: str, default: Any = ...) -> Any:  # noqa: ANN401 - as dataclasses.field
    metadata = {"help": meaning}
    return field(metadata=metadata) if default is ... else field(default=default, metadata=metadata)


@dataclass(frozen=True)
class FolderInput:
    """A study folder."""

    folder: Path = _said("the study folder")


@dataclass(frozen=True)
class RunInput(FolderInput):
    """A study folder and how many processes work on it."""

    jobs: int = _said("processes beside this one, started when there is work for them; 0: one a core, 1: none", 0)
    pdf: bool = _said("write report.pdf too (needs the extra `pdf`)", False)  # noqa: FBT003 - a default


@dataclass(frozen=True)
class DemoInput:
    """Where the demonstration goes, and its seed."""

    folder: Path = _said("folder to make")
    seed: int = _said("seed of the generated data", 1)
    pdf: bool = _said("write report.pdf too (needs the extra `pdf`)", False)  # noqa: FBT003 - a default


@dataclass(frozen=True)
class PlanInput(FolderInput):
    """A study with a reference, and what is wanted of the next titration."""

    uncertainty: float = _said("wanted standard uncertainty of the utilization, percent", 1.5)
    own: bool = _said("count the cell's potentials, channel and rests only, without weighing and reference", False)  # noqa: FBT003
    utilization: float = _said("utilization that is expected, percent", 80.0)
    low: float = _said("lowest relaxed potential, V vs. Li⁺/Li", 3.7)
    high: float = _said("highest relaxed potential, V vs. Li⁺/Li", 4.15)
    relaxation: float = _said("time constant of the relaxation, h", 0.4)


@dataclass(frozen=True)
class FileInput:
    """A file that says what to do."""

    file: Path = _said("the file")


@dataclass(frozen=True)
class SimulationInput(FileInput):
    """A run file and how far it is taken."""

    outputs: int = _said("stop after so many more output intervals; 0: run to the end", 0)


@dataclass(frozen=True)
class AnimationInput(FileInput):
    """A run file and the number of pictures."""

    pictures: int = _said("output intervals to go on for, one picture each", 12)


@dataclass(frozen=True)
class SweepInput(FileInput):
    """A file that asks for several runs, and who works on them."""

    jobs: int = _said("processes", 1)
    dask: str = _said("address of a Dask scheduler whose workers do the runs instead; they see the same folders", "")


@dataclass(frozen=True)
class GrainsInput(SweepInput):
    """A run file and grain diameters."""

    diameters: str = _said("grain diameters in µm, separated by commas", "300,424,600")


@dataclass(frozen=True)
class SpectraInput:
    """Files with impedance spectra, each of one cell, and what is known of them."""

    files: tuple[Path, ...] = _said("files with impedance spectra, each of one cell")
    folder: Path = _said("folder for the figures", Path("impedance"))
    area: float = _said("electrode area, cm²; 0: not stated, that of a 10 mm die is assumed", 0.0)
    circuit: str = _said("circuit in Boukamp's notation; empty: that of the source, then others", "")
    charge: str = _said("state of charge of each file, mAh per g of active material, separated by commas", "")
    counter: str = _said("counter electrode that potentials are against", "counter electrode")


@dataclass(frozen=True)
class CyclesInput:
    """Files of cycling tests, each of one cell, and what is known of them."""

    files: tuple[Path, ...] = _said("files of cycling tests, each of one cell")
    folder: Path = _said("folder for the tables", Path("cycles"))
    mass: float = _said("mass of active material, mg; 0: not stated, nothing is given per gram", 0.0)
    basis: float = _said("capacity that defines 1C, mAh per g of active material", 200.0)


@dataclass(frozen=True)
class Written:
    """Files that were written."""

    paths: tuple[Path, ...]


@dataclass(frozen=True, eq=False)
class Checked:
    """A valid manifest and the raw files that are missing."""

    study: Study
    missing_files: tuple[tuple[str, str], ...]


@dataclass(frozen=True, eq=False)
class Evaluated:
    """Results and the report's path."""

    results: StudyResults
    report: Path


@dataclass(frozen=True, eq=False)
class LookedAt:
    """What each file of spectra gave, and whether their resistances may be compared."""

    files: tuple[LookedAtFile, ...]
    comparison: tuple[str, ...]

    @property
    def failed(self) -> bool:
        """Whether a file has a fault."""
        return any(one.error is not None for one in self.files)


@dataclass(frozen=True, eq=False)
class Summarized:
    """The cycles of each file."""

    files: tuple[SummarizedFile, ...]


@dataclass(frozen=True, eq=False)
class Planned:
    """Titrations that could be done, the shortest first; the one to do, if any meets the wish; for which cell."""

    cell: str
    reference: str
    uncertainty: float
    plans: tuple[PlannedTitration, ...]
    chosen: PlannedTitration | None


@dataclass(frozen=True)
class Operation:
    """Name, one sentence, typed input, function of (input, progress)."""

    name: str
    sentence: str
    inputs: type[Any]
    run: Callable[[Any, Progress], Any]


def _init(inputs: FolderInput, progress: Progress) -> Written:
    from cathodelab.operations.template import write_template

    del progress
    return Written(write_template(inputs.folder))


def _check(inputs: FolderInput, progress: Progress) -> Checked:
    from cathodelab.study.manifest import load_study

    del progress
    study = load_study(inputs.folder)
    missing = tuple(
        (cell.id, name)
        for cell in study.cells
        if not cell.excluded
        for name in cell.files
        if not (inputs.folder / name).is_file()
    )
    return Checked(study, missing)


def _run(inputs: RunInput, progress: Progress) -> Evaluated:
    from cathodelab.operations.workers import Processes, load_meanwhile
    from cathodelab.study.cache import FOLDER as CACHE
    from cathodelab.study.cache import RESULTS, forget_other_versions, remove_half_written
    from cathodelab.study.lock import study_lock
    from cathodelab.study.manifest import load_study
    from cathodelab.study.run import run_study

    if inputs.pdf:
        from cathodelab.report.pdf import require_typst

        require_typst()
    load_study(inputs.folder)  # before anything is written: there is a valid study
    with study_lock(inputs.folder), Processes(inputs.jobs or os.cpu_count() or 1) as workers:
        forget_other_versions(inputs.folder)
        for kept in (CACHE, RESULTS):
            remove_half_written(inputs.folder / kept)
        load_meanwhile(("cathodelab.report.write", "scipy.special", "jinja2", "xlsxwriter"))
        results = run_study(inputs.folder, progress, workers)
        from cathodelab.report.write import write_results

        return Evaluated(results, write_results(results, progress, workers, pdf=inputs.pdf))


def _demo(inputs: DemoInput, progress: Progress) -> Evaluated:
    from cathodelab.operations.demo import write_demo_study

    write_demo_study(inputs.folder, inputs.seed)
    return _run(RunInput(inputs.folder, pdf=inputs.pdf), progress)


def _plan(inputs: PlanInput, progress: Progress) -> Planned:
    from cathodelab.operations.plan import planned

    del progress
    return planned(inputs)


def _dem_init(inputs: FileInput, progress: Progress) -> Written:
    from cathodelab.operations.dem_template import write_run_file

    del progress
    return Written((write_run_file(inputs.file),))


def _impedance(inputs: SpectraInput, progress: Progress) -> LookedAt:
    from cathodelab.operations.impedance import looked_at

    return looked_at(inputs, progress)


def _cycles(inputs: CyclesInput, progress: Progress) -> Summarized:
    from cathodelab.operations.cycles import summarized

    return summarized(inputs, progress)


def _dem_run(inputs: SimulationInput, progress: Progress) -> Written:
    from cathodelab.operations.dem import run_file

    return Written(run_file(inputs.file, inputs.outputs, progress))


def _dem_report(inputs: FileInput, progress: Progress) -> Written:
    from cathodelab.operations.dem import report_on

    del progress
    return Written(report_on(inputs.file))


def _dem_animate(inputs: AnimationInput, progress: Progress) -> Written:
    from cathodelab.operations.dem import animate

    return Written(animate(inputs.file, inputs.pictures, progress))


def _dem_calibrate(inputs: SweepInput, progress: Progress) -> Written:
    from cathodelab.operations.dem import calibrate

    del progress
    return Written(calibrate(inputs.file, inputs.jobs, inputs.dask))


def _dem_grains(inputs: GrainsInput, progress: Progress) -> Written:
    from cathodelab.operations.dem import compare_grains

    del progress
    try:
        diameters = [float(one) for one in inputs.diameters.split(",")]
    except ValueError as error:
        raise CathodelabError(
            "dem-diameters",
            f"The diameters are {inputs.diameters!r}",
            where="--diameters",
            why="They have to be numbers in µm, separated by commas.",
            what_to_do="Write for example --diameters 300,424,600.",
        ) from error
    return Written(compare_grains(inputs.file, diameters, inputs.jobs, inputs.dask))


OPERATIONS: tuple[Operation, ...] = (
    Operation("init", "Write a commented template of a study folder.", FolderInput, _init),
    Operation("check", "Check the manifest and list what is missing; evaluates nothing.", FolderInput, _check),
    Operation("run", "Evaluate a study and write its results.", RunInput, _run),
    Operation("report", "Write the report anew and open it in the browser.", RunInput, _run),
    Operation("plan", "Say which potentials and rests give a wanted uncertainty.", PlanInput, _plan),
    Operation("demo", "Generate a synthetic study, evaluate it and write its report.", DemoInput, _demo),
    Operation(
        "impedance",
        "Look at files of impedance spectra without a study: validity, circuit, resistances, figures.",
        SpectraInput,
        _impedance,
    ),
    Operation(
        "cycles",
        "Tables of the cycles in files of cycling tests, without a study and without uncertainties.",
        CyclesInput,
        _cycles,
    ),
    Operation("dem init", "Write a commented run file of a small mixer to start from.", FileInput, _dem_init),
    Operation(
        "dem run",
        "Simulate particles in a machine as a run file says; goes on where it stopped.",
        SimulationInput,
        _dem_run,
    ),
    Operation("dem report", "Tables, figures and a snapshot of a run as far as it has come.", FileInput, _dem_report),
    Operation("dem animate", "Go on with a run and make an animation of it.", AnimationInput, _dem_animate),
    Operation(
        "dem calibrate",
        "Find friction or yield ratio from a measured drum angle or compaction.",
        SweepInput,
        _dem_calibrate,
    ),
    Operation("dem grains", "The same run at several grain sizes.", GrainsInput, _dem_grains),
)
