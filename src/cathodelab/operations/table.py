"""What a user can do, one table: every door (command line, later the web) is made from it.

The functions load their heavy parts when they are called, so that a door can list them quickly.
"""

from __future__ import annotations

from typing import Any

from cathodelab.catalogue import techniques
from cathodelab.core.operation import Operation, Output, Progress
from cathodelab.formats.technique import Look, loaded
from cathodelab.operations.model import (
    AnimationInput,
    CompareInput,
    DemoInput,
    FileInput,
    FolderInput,
    GrainsInput,
    InitInput,
    PagesInput,
    PlanInput,
    RunInput,
    SimulationInput,
    SpeedsInput,
    SweepInput,
    WrittenFiles,
)


def _init(inputs: InitInput, progress: Progress) -> Output:
    from cathodelab.operations.more_tables import write_tables
    from cathodelab.operations.template import write_template

    del progress
    if inputs.tables:
        paths, said = write_tables(inputs.folder)
        return WrittenFiles(paths, said=said)
    return WrittenFiles(write_template(inputs.folder))


def _reference(inputs: PagesInput, progress: Progress) -> Output:
    from cathodelab.operations.reference import write_reference

    del progress
    return WrittenFiles(write_reference(inputs.folder))


def _check(inputs: FolderInput, progress: Progress) -> Output:
    from cathodelab.operations.study import checked

    del progress
    return checked(inputs)


def _run(inputs: RunInput, progress: Progress) -> Output:
    from cathodelab.operations.study import evaluated

    return evaluated(inputs, progress)


def _demo(inputs: DemoInput, progress: Progress) -> Output:
    from cathodelab.operations.demo import write_demo_study

    write_demo_study(inputs.folder, inputs.seed)
    return _run(RunInput(inputs.folder, pdf=inputs.pdf, paper=inputs.paper), progress)


def _plan(inputs: PlanInput, progress: Progress) -> Output:
    from cathodelab.operations.plan import planned

    del progress
    return planned(inputs)


def _compare(inputs: CompareInput, progress: Progress) -> Output:
    from cathodelab.operations.compare import compared

    del progress
    return compared(inputs)


def _dem_init(inputs: FileInput, progress: Progress) -> Output:
    from cathodelab.operations.dem_template import write_run_file

    del progress
    return WrittenFiles((write_run_file(inputs.file),))


def _look(name: str, look: Look) -> Operation:
    """A quick look that a technique declares; its code is loaded when it is called."""

    def run(inputs: Any, progress: Progress) -> Any:  # noqa: ANN401 - each look has its own types
        return loaded(look.run)(inputs, progress)

    return Operation(name, look.sentence, loaded(look.inputs), run)


def _dem_run(inputs: SimulationInput, progress: Progress) -> Output:
    from cathodelab.operations.dem import run_file

    return run_file(inputs.file, inputs.outputs, progress)


def _dem_report(inputs: FileInput, progress: Progress) -> Output:
    from cathodelab.operations.dem import report_on

    del progress
    return report_on(inputs.file)


def _dem_animate(inputs: AnimationInput, progress: Progress) -> Output:
    from cathodelab.operations.dem import animate

    return WrittenFiles(animate(inputs.file, inputs.pictures, progress))


def _dem_calibrate(inputs: SweepInput, progress: Progress) -> Output:
    from cathodelab.operations.dem_calibration import calibrate

    del progress
    return calibrate(inputs.file, inputs.jobs, inputs.dask)


def _dem_grains(inputs: GrainsInput, progress: Progress) -> Output:
    from cathodelab.operations.dem_grains import compare_grains

    return compare_grains(inputs.file, inputs.diameters, progress, inputs.jobs, inputs.dask)


def _dem_speeds(inputs: SpeedsInput, progress: Progress) -> Output:
    from cathodelab.operations.dem_speeds import compare_speeds

    return compare_speeds(inputs.file, inputs.speeds, progress, inputs.jobs, inputs.dask)


OPERATIONS: tuple[Operation, ...] = (
    Operation("init", "Write a commented template of a study folder.", InitInput, _init),
    Operation(
        "reference",
        "Write reference pages: kinds of samples, columns, settings, methods, checks, error codes, formats.",
        PagesInput,
        _reference,
    ),
    Operation("check", "Check the manifest and list what is missing; evaluates nothing.", FolderInput, _check),
    Operation("run", "Evaluate a study and write its results.", RunInput, _run),
    Operation("report", "Write the report anew and open it in the browser.", RunInput, _run),
    Operation("plan", "Say which potentials and rests give a wanted uncertainty.", PlanInput, _plan),
    Operation("demo", "Generate a synthetic study, evaluate it and write its report.", DemoInput, _demo),
    Operation("compare", "List what moved, appeared or went between two results.", CompareInput, _compare),
    *(_look(name, look) for technique in techniques() for name, look in technique.looks.items()),
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
    Operation(
        "dem speeds", "The same run at several speeds: the table of stress over speed.", SpeedsInput, _dem_speeds
    ),
)
