"""A run in its folder: everything that has been counted goes into the restart file and comes back from it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from cathodelab.core.errors import CathodelabError
from cathodelab.simulation.dem.evaluation.energy_ledger import Ledger
from cathodelab.simulation.dem.evaluation.stress_tally import GrainSums, Interval
from cathodelab.simulation.dem.runs.plan import Plan
from cathodelab.simulation.dem.runs.restart import load_state, save_state
from cathodelab.simulation.dem.runs.run import Run

RESTART = "restart.npz"
_ARRAYS = ("counts", "collisions", "work", "kinds", "events", "body_work")
_SUMS = ("ended", "begun", "touching", "pair_work", "wall_work", "mass")


def keep(run: Run, folder: Path) -> None:
    """Write the restart file with all that has been counted."""
    stacked = {name: np.array([getattr(one, name) for one in run.intervals]) for name in _ARRAYS}
    heads = np.array([(one.begin, one.end, one.particles, one.mass) for one in run.intervals])
    accounts = np.array(
        [
            (*one.bodies, one.kinetic, one.potential, one.stored, one.plastic, one.friction, one.damping)
            for one in run.ledgers
        ]
    )
    if run.settled:
        stacked |= {f"settled_{name}": getattr(run.settled, name) for name in _SUMS}
        stacked["settled_time"] = np.array(run.settled.time)
    save_state(
        folder / RESTART,
        run.state,
        plan=run.plan.digest(),
        heads=heads,
        ledgers=accounts,
        cpu=np.array(run.cpu_seconds),
        arrived=run.arrived,
        **stacked,
    )


def kept(plan: Plan, folder: Path) -> Run | None:
    """The run that the folder holds, or None.

    Raises:
        CathodelabError: ``dem-other-plan`` if it is that of another plan, ``dem-restart-damaged``.
    """
    path = folder / RESTART
    if not path.exists():
        return None
    state, beside = load_state(path)
    if str(beside["plan"]) != plan.digest():
        raise CathodelabError(
            "dem-other-plan",
            "The folder holds a run of another plan",
            where=str(folder),
            why="Its restart file was written with other settings.",
            what_to_do="Use another folder, or delete the restart file to begin again.",
        )
    intervals, ledgers = tuple(_intervals(beside)), tuple(_ledgers(beside))
    return Run(plan, state, intervals, ledgers, tuple(map(float, beside["cpu"])), beside["arrived"], _settled(beside))


def _settled(beside: Any) -> GrainSums | None:  # noqa: ANN401 - a mapping of arrays
    if "settled_time" not in beside:
        return None
    return GrainSums(float(beside["settled_time"]), **{name: beside[f"settled_{name}"] for name in _SUMS})


def _intervals(beside: Any) -> Iterator[Interval]:  # noqa: ANN401 - a mapping of arrays
    for number, (begin, end, particles, mass) in enumerate(beside["heads"]):
        yield Interval(
            float(begin), float(end), int(particles), float(mass), **{name: beside[name][number] for name in _ARRAYS}
        )


def _ledgers(beside: Any) -> Iterator[Ledger]:  # noqa: ANN401 - a mapping of arrays
    for row in beside["ledgers"]:
        yield Ledger(tuple(float(one) for one in row[:-6]), *(float(one) for one in row[-6:]))
