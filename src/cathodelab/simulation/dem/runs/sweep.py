"""Several runs at once: speeds, grain sizes, seeds; in processes, or on a Dask cluster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path

from cathodelab.core.errors import CathodelabError
from cathodelab.simulation.dem.runs.plan import Plan
from cathodelab.simulation.dem.runs.run import Run
from cathodelab.simulation.dem.runs.runner import Progress, plain, run


def coarser(plan: Plan, diameter: float) -> Plan:
    """The same run with grains of another diameter (m): mass kept, step and lists scaled with the grain."""
    scale = diameter / plan.diameter
    case = replace(plan.case, step=plan.case.step * scale, skin=plan.case.skin * scale)
    inlets = tuple(replace(one, count=round(one.count / scale**3)) for one in plan.inlets)
    title = f"{plan.title}, {1e6 * diameter:.0f} µm"
    return replace(plan, title=title, case=case, diameter=diameter, count=round(plan.count / scale**3), inlets=inlets)


def run_all(
    plans: Mapping[str, Plan], folder: Path, executor: Executor | None = None, progress: Progress = plain
) -> list[Run]:
    """Run every plan in a folder of its own, named by its key; each goes on where it stopped.

    ``executor`` is a process pool, or what ``dask.distributed.Client.get_executor()`` gives; progress is shown only without one.
    """
    folders = [folder / name for name in plans]
    if executor is None:
        return [run(plan, place, progress) for plan, place in zip(plans.values(), folders, strict=True)]
    waiting = [executor.submit(run, plan, place) for plan, place in zip(plans.values(), folders, strict=True)]
    return [one.result() for one in waiting]


@contextmanager
def workers(jobs: int, dask: str = "") -> Iterator[Executor | None]:
    """An executor: of the Dask cluster at an address, else of so many processes; None for this process alone.

    The workers of a cluster need cathodelab with Warp, and must see the folder of the run under the same path.

    Raises:
        CathodelabError: ``extra-missing`` without Dask, ``dem-cluster`` if no scheduler answers.
    """
    if dask:
        with _client(dask) as client:
            yield client.get_executor()
    elif jobs > 1:
        with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as executor:
            yield executor
    else:
        yield None


def _client(address: str):  # type: ignore[no-untyped-def] # noqa: ANN202 - Dask's client
    try:
        distributed = import_module("distributed")
    except ImportError as error:
        raise CathodelabError(
            "extra-missing",
            "A Dask cluster needs the library distributed",
            where="--dask",
            why=f"It is not installed ({error}).",
            what_to_do='Install it with: pip install "cathodelab[dask]".',
        ) from error
    try:
        return distributed.Client(address, timeout="10s")
    except (OSError, ValueError) as error:
        raise CathodelabError(
            "dem-cluster",
            f"No Dask scheduler answers at {address}",
            where="--dask",
            why=str(error),
            what_to_do="Start one (dask scheduler, dask worker ADDRESS) and give its address, e.g. tcp://127.0.0.1:8786.",
        ) from error
