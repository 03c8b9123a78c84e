"""Several runs at once: speeds, grain sizes, seeds; in processes, or on a cluster whose executor is given."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path

from cathodelab.simulation.dem.plan import Plan
from cathodelab.simulation.dem.runner import Run, run


def coarser(plan: Plan, diameter: float) -> Plan:
    """The same run with grains of another diameter: mass kept, step and lists scaled with the grain."""
    scale = diameter / plan.diameter
    case = replace(plan.case, step=plan.case.step * scale, skin=plan.case.skin * scale)
    inlets = tuple(replace(one, count=round(one.count / scale**3)) for one in plan.inlets)
    title = f"{plan.title}, {1e6 * diameter:.0f} µm"
    return replace(plan, title=title, case=case, diameter=diameter, count=round(plan.count / scale**3), inlets=inlets)


def run_all(plans: Sequence[Plan], folder: Path, executor: Executor | None = None) -> list[Run]:
    """Run every plan in a folder of its own; each goes on where it stopped.

    ``executor`` is a process pool, or what ``dask.distributed.Client.get_executor()`` gives.
    """
    folders = [folder / f"{number:02d}" for number in range(len(plans))]
    if executor is None:
        return [run(plan, place) for plan, place in zip(plans, folders, strict=True)]
    waiting = [executor.submit(run, plan, place) for plan, place in zip(plans, folders, strict=True)]
    return [one.result() for one in waiting]
