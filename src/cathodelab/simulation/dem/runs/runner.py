"""Runs a plan: fills, goes from output to output, lets grains in, writes a restart file each time; or goes on from one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.simulation.dem.case import initial
from cathodelab.simulation.dem.engine.integrator import advance
from cathodelab.simulation.dem.equipment.kinematics import moved_alone
from cathodelab.simulation.dem.evaluation.energy_ledger import ledger
from cathodelab.simulation.dem.evaluation.stress_tally import grain_sums, interval
from cathodelab.simulation.dem.filling.inlets import joined, let_in
from cathodelab.simulation.dem.filling.lattice import lattice_fill
from cathodelab.simulation.dem.runs.plan import Plan, checked
from cathodelab.simulation.dem.runs.run import Run
from cathodelab.simulation.dem.runs.run_lock import alone_in
from cathodelab.simulation.dem.runs.run_store import keep, kept
from cathodelab.simulation.dem.state import State

Progress = Callable[[Iterable[Any], int, str], Iterable[Any]]


def plain(items: Iterable[Any], _count: int, _what: str) -> Iterable[Any]:
    """Shows no progress."""
    return items


def start(plan: Plan) -> State:
    """The state at time zero."""
    balls = _balls(plan)
    if plan.count == 0:
        return _begun(plan, balls, np.zeros((0, 3)), np.zeros(0))
    largest = plan.diameter / 2 * (1 + plan.spread)
    beside = (balls, plan.balls.radius) if plan.balls else None
    places = lattice_fill(plan.case, plan.count, largest, plan.low, plan.high, plan.seed, beside=beside)
    return _begun(plan, balls, places, plan.radii()[: plan.count])


def _balls(plan: Plan) -> FloatArray:
    if plan.balls is None:
        return np.zeros((0, 3))
    return lattice_fill(plan.case, plan.balls.count, plan.balls.radius, plan.low, plan.high, plan.seed)


def _begun(plan: Plan, balls: FloatArray, places: FloatArray, radius: FloatArray) -> State:
    sizes = np.full(len(balls), plan.balls.radius if plan.balls else 0.0)
    kind = np.repeat([1, 0], [len(balls), len(places)])
    return initial(plan.case, np.concatenate([balls, places]), np.concatenate([sizes, radius]), material=kind)


def run(plan: Plan, folder: Path, progress: Progress = plain, outputs: int | None = None) -> Run:
    """Run the plan in a folder, or go on where it stopped; ``outputs`` stops after so many more.

    Raises:
        CathodelabError: what :func:`plan.checked` refuses; ``dem-other-plan`` if the folder holds another run;
            ``dem-running`` if another process runs in it.
    """
    checked(plan)
    folder.mkdir(parents=True, exist_ok=True)
    with alone_in(folder):
        done = resumed(plan, folder)
        total = round(plan.duration / plan.interval)
        ahead = range(len(done.intervals), total if outputs is None else min(total, len(done.intervals) + outputs))
        for _ in progress(ahead, len(ahead), "intervals"):
            done = _one_more(done)
            keep(done, folder)
    return done


def resumed(plan: Plan, folder: Path) -> Run:
    """The run that the folder holds, or its start."""
    arrived = np.zeros(sum(one.count for one in plan.inlets), bool)
    return kept(plan, folder) or Run(plan, start(plan), (), (), (), arrived)


def _one_more(done: Run) -> Run:
    """The run one output later. Grains come in between, at times of their own."""
    plan, step = done.plan, done.plan.case.step
    end = round((len(done.intervals) + 1) * plan.interval / step)
    used = time.process_time()
    settled = done.settled
    if settled is None and done.state.time >= plan.settles - 0.5 * step:
        settled = grain_sums(done.state)
    before = after = done.state
    arrived = np.array(done.arrived)
    arrivals = [round(at / step) for one in plan.inlets for at in one.times(plan.diameter)]
    stops = sorted({at for at in arrivals if after.steps <= at < end} | {end})
    for stop in stops:
        after = _advanced(after, plan, stop - after.steps)
        if stop < end:
            for more in _arriving(plan, after, arrived):
                before, after = joined(before, more), joined(after, more)
    used = time.process_time() - used
    return Run(
        plan,
        after,
        (*done.intervals, interval(before, after)),
        (*done.ledgers, ledger(before, after)),
        (*done.cpu_seconds, used),
        arrived,
        settled,
    )


def _advanced(state: State, plan: Plan, steps: int) -> State:
    """The state so many steps later; without particles bodies move alone."""
    if steps <= 0 or len(state.particles):
        return advance(state, plan.case, steps)
    step = plan.case.step
    poses = moved_alone(plan.case.bodies, state.poses, state.time, step, steps)
    return replace(state, poses=poses, steps=state.steps + steps, time=state.time + steps * step)


def _arriving(plan: Plan, state: State, arrived: np.ndarray) -> Iterable[State]:
    """What comes in now, inlet by inlet; ``arrived`` is kept up to date."""
    radii, first, now = plan.radii()[plan.count :], 0, state
    for number, inlet in enumerate(plan.inlets):
        own = slice(first, first + inlet.count)
        first += inlet.count
        if not inlet.begin - 0.5 * plan.case.step <= state.time <= inlet.end + 0.5 * plan.case.step:
            continue
        waiting = np.flatnonzero(~arrived[own][: inlet.due(state.time)])
        if not len(waiting):
            continue
        rng = np.random.default_rng([plan.seed, number + 2, state.steps])
        more, taken = let_in(now, plan.case, inlet, radii[own][waiting], rng)
        if more is not None:
            arrived[own.start + waiting[taken]] = True
            now = joined(now, more)
            yield more
