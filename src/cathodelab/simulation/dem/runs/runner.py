"""Runs a plan: fills, goes from output to output, writes a restart file each time; or goes on from one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.checks import Check
from cathodelab.core.errors import CathodelabError
from cathodelab.simulation.dem.case import initial
from cathodelab.simulation.dem.engine.integrator import advance
from cathodelab.simulation.dem.evaluation.energy_ledger import Ledger, ledger
from cathodelab.simulation.dem.evaluation.stress_tally import Interval, interval, overlap_check
from cathodelab.simulation.dem.filling.inlets import let_in
from cathodelab.simulation.dem.filling.lattice import lattice_fill
from cathodelab.simulation.dem.runs.plan import Plan, checked, gap_check
from cathodelab.simulation.dem.runs.restart import load_state, save_state
from cathodelab.simulation.dem.state import State

Progress = Callable[[Iterable[Any], int, str], Iterable[Any]]
RESTART = "restart.npz"
_ARRAYS = ("counts", "collisions", "work", "kinds", "events", "body_work")


def plain(items: Iterable[Any], _count: int, _what: str) -> Iterable[Any]:
    """Shows no progress."""
    return items


@dataclass(frozen=True, eq=False)
class Run:
    """A run as far as it has come: state, all intervals, energy accounts and CPU seconds of each."""

    plan: Plan
    state: State
    intervals: tuple[Interval, ...]
    ledgers: tuple[Ledger, ...]
    cpu_seconds: tuple[float, ...]

    @property
    def checks(self) -> tuple[Check, ...]:
        """Energy account over the whole run, overlaps, lost particles, width of the gap."""
        worst = max(self.ledgers, key=lambda one: abs(one.missing), default=None)
        put_in = sum(one.put_in for one in self.ledgers)
        missing = sum(one.missing for one in self.ledgers)
        turned = max(put_in, max((one.turnover for one in self.ledgers), default=0.0))
        share = abs(missing) / turned if turned else 0.0
        account = Check(
            "energy_ledger",
            share <= 1e-3,
            share,
            1e-3,
            f"Of {turned:.4g} J turned over in the whole run {100 * share:.2g} % are missing from the account"
            + (f"; worst interval: {worst.missing:.2g} J." if worst else "."),
        )
        return account, overlap_check(self.state), lost_check(self.plan, self.state), gap_check(self.plan)


def lost_check(plan: Plan, state: State) -> Check:
    """Whether all particles are still inside the bodies' round walls and planes."""
    from cathodelab.simulation.dem.equipment.bodies import Mesh
    from cathodelab.simulation.dem.equipment.distances import signed_gap

    deepest = 0.0
    for number, body in enumerate(plan.case.bodies):
        local = state.particles.position - state.poses.origin[number]
        if body.motion.rate and any(isinstance(one, Mesh) for one in body.surfaces):
            continue
        for surface in (one for one in body.surfaces if not isinstance(one, Mesh)):
            deepest = max(deepest, -float(signed_gap(surface, local).min()))
    lost = int((~np.isfinite(state.particles.position).all(axis=1)).sum())
    share = deepest / plan.diameter
    sentence = f"{lost} particles lost; the deepest centre behind a wall: {share:.2g} diameters."
    return Check("no_particle_lost", lost == 0 and share < 1, share, 1.0, sentence)


def start(plan: Plan) -> State:
    """The state at time zero."""
    balls = _balls(plan)
    if plan.count == 0:
        return _begun(plan, balls, np.zeros((0, 3)), np.zeros(0))
    largest = plan.diameter / 2 * (1 + plan.spread)
    beside = (balls, plan.balls.radius) if plan.balls else None
    places = lattice_fill(plan.case, plan.count, largest, plan.low, plan.high, plan.seed, beside=beside)
    rng = np.random.default_rng([plan.seed, 1])
    radius = plan.diameter / 2 * (1 + plan.spread * rng.uniform(-1, 1, plan.count))
    return _begun(plan, balls, places, radius)


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
        CathodelabError: what :func:`plan.checked` refuses; ``dem-other-plan`` if the folder holds another run.
    """
    checked(plan)
    folder.mkdir(parents=True, exist_ok=True)
    done = resumed(plan, folder)
    total = round(plan.duration / plan.interval)
    ahead = range(len(done.intervals), total if outputs is None else min(total, len(done.intervals) + outputs))
    for _ in progress(ahead, len(ahead), "intervals"):
        done = _one_more(done)
        keep(done, folder)
    return done


def resumed(plan: Plan, folder: Path) -> Run:
    """The run that the folder holds, or its start."""
    path = folder / RESTART
    if not path.exists():
        return Run(plan, start(plan), (), (), ())
    state, beside = load_state(path)
    if str(beside["plan"]) != plan.digest():
        raise CathodelabError(
            "dem-other-plan",
            "The folder holds a run of another plan",
            where=str(folder),
            why="Its restart file was written with other settings.",
            what_to_do="Use another folder, or delete the restart file to begin again.",
        )
    return Run(plan, state, tuple(_intervals(beside)), tuple(_ledgers(beside)), tuple(map(float, beside["cpu"])))


def _one_more(done: Run) -> Run:
    plan = done.plan
    state = _let_in(plan, done.state)
    number = len(done.intervals)
    steps = round((number + 1) * plan.interval / plan.case.step) - state.steps
    begin = time.process_time()
    after = advance(state, plan.case, steps) if len(state.particles) else _waited(state, steps, plan)
    used = time.process_time() - begin
    return Run(
        plan,
        after,
        (*done.intervals, interval(state, after)),
        (*done.ledgers, ledger(state, after)),
        (*done.cpu_seconds, used),
    )


def _waited(state: State, steps: int, plan: Plan) -> State:
    """Only time goes on, because no particle is there yet. Bodies stay where they began."""
    import dataclasses

    return dataclasses.replace(state, steps=state.steps + steps, time=state.time + steps * plan.case.step)


def _let_in(plan: Plan, state: State) -> State:
    due = sum(one.due(state.time + plan.interval) for one in plan.inlets)
    there = len(state.particles) - plan.count - (plan.balls.count if plan.balls else 0)
    missing = due - there
    for inlet in plan.inlets:
        share = round(missing * inlet.count / sum(one.count for one in plan.inlets)) if missing > 0 else 0
        if share and state.time < inlet.end + 10 * plan.interval:
            state, _ = let_in(state, plan.case, inlet, share, plan.diameter / 2, plan.seed)
    return state


def keep(done: Run, folder: Path) -> None:
    """Write the restart file with all that has been counted."""
    stacked = {name: np.array([getattr(one, name) for one in done.intervals]) for name in _ARRAYS}
    heads = np.array([(one.begin, one.end, one.particles, one.mass) for one in done.intervals])
    accounts = np.array(
        [
            (*one.bodies, one.kinetic, one.potential, one.stored, one.plastic, one.friction, one.damping)
            for one in done.ledgers
        ]
    )
    save_state(
        folder / RESTART,
        done.state,
        plan=done.plan.digest(),
        heads=heads,
        ledgers=accounts,
        cpu=np.array(done.cpu_seconds),
        **stacked,
    )


def _intervals(beside: Any) -> Iterator[Interval]:  # noqa: ANN401 - a mapping of arrays
    for number, (begin, end, particles, mass) in enumerate(beside["heads"]):
        yield Interval(
            float(begin), float(end), int(particles), float(mass), **{name: beside[name][number] for name in _ARRAYS}
        )


def _ledgers(beside: Any) -> Iterator[Ledger]:  # noqa: ANN401 - a mapping of arrays
    for row in beside["ledgers"]:
        yield Ledger(tuple(float(one) for one in row[:-6]), *(float(one) for one in row[-6:]))
