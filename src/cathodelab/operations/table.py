"""What a user can do, one table: every door (command line, later the web) is made from it.

The functions load their heavy parts when they are called, so that a door can list them quickly.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from cathodelab.core.errors import CathodelabError
from cathodelab.operations.model import (
    AnimationInput,
    Checked,
    Compared,
    CompareInput,
    CyclesInput,
    DemoInput,
    Evaluated,
    FileInput,
    FolderInput,
    GrainsInput,
    LookedAt,
    PlanInput,
    Planned,
    Progress,
    RunInput,
    SimulationInput,
    SpectraInput,
    Summarized,
    SweepInput,
    Written,
)


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


def _demo(inputs: DemoInput, progress: Progress) -> Evaluated:
    from cathodelab.operations.demo import write_demo_study

    write_demo_study(inputs.folder, inputs.seed)
    return _run(RunInput(inputs.folder, pdf=inputs.pdf, paper=inputs.paper), progress)


def _plan(inputs: PlanInput, progress: Progress) -> Planned:
    from cathodelab.operations.plan import planned

    del progress
    return planned(inputs)


def _compare(inputs: CompareInput, progress: Progress) -> Compared:
    from cathodelab.operations.compare import compare

    del progress
    return compare(inputs)


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

    return run_file(inputs.file, inputs.outputs, progress)


def _dem_report(inputs: FileInput, progress: Progress) -> Written:
    from cathodelab.operations.dem import report_on

    del progress
    return report_on(inputs.file)


def _dem_animate(inputs: AnimationInput, progress: Progress) -> Written:
    from cathodelab.operations.dem import animate

    return Written(animate(inputs.file, inputs.pictures, progress))


def _dem_calibrate(inputs: SweepInput, progress: Progress) -> Written:
    from cathodelab.operations.dem_calibration import calibrate

    del progress
    return calibrate(inputs.file, inputs.jobs, inputs.dask)


def _dem_grains(inputs: GrainsInput, progress: Progress) -> Written:
    from cathodelab.operations.dem_grains import compare_grains

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
    return compare_grains(inputs.file, diameters, progress, inputs.jobs, inputs.dask)


OPERATIONS: tuple[Operation, ...] = (
    Operation("init", "Write a commented template of a study folder.", FolderInput, _init),
    Operation("check", "Check the manifest and list what is missing; evaluates nothing.", FolderInput, _check),
    Operation("run", "Evaluate a study and write its results.", RunInput, _run),
    Operation("report", "Write the report anew and open it in the browser.", RunInput, _run),
    Operation("plan", "Say which potentials and rests give a wanted uncertainty.", PlanInput, _plan),
    Operation("demo", "Generate a synthetic study, evaluate it and write its report.", DemoInput, _demo),
    Operation("compare", "List what moved, appeared or went between two results.", CompareInput, _compare),
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
    Operation(
        "dem grains", "The same run at several grain sizes: does the stress depend on them?", GrainsInput, _dem_grains
    ),
)
