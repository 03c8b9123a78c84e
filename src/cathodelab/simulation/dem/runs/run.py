"""A run as far as it has come, and what can be checked of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cathodelab.core.arrays import ReadOnlyArrays
from cathodelab.core.checks import Check
from cathodelab.simulation.dem.equipment.bodies import Mesh
from cathodelab.simulation.dem.equipment.distances import signed_gap
from cathodelab.simulation.dem.evaluation.energy_ledger import Ledger
from cathodelab.simulation.dem.evaluation.stress_tally import GrainSums, Interval, overlap_check
from cathodelab.simulation.dem.runs.plan import Plan, gap_check
from cathodelab.simulation.dem.state import State

ACCOUNT_LIMIT = 1e-3
"""Share of the energy turned over that may be missing from the account."""


@dataclass(frozen=True, eq=False)
class Run(ReadOnlyArrays):
    """State, all intervals, energy accounts and CPU seconds of each.

    Args:
        plan: what is run.
        state: as far as it has come.
        intervals: one an output.
        ledgers: energy account of each interval.
        cpu_seconds: of each interval.
        arrived: which of the grains that are to come through inlets have come, in the order of the inlets.
        settled: sums of each grain at the time from which means are taken (:attr:`Plan.settles`), or None before it.
    """

    plan: Plan
    state: State
    intervals: tuple[Interval, ...]
    ledgers: tuple[Ledger, ...]
    cpu_seconds: tuple[float, ...]
    arrived: np.ndarray
    settled: GrainSums | None = None

    @property
    def checks(self) -> tuple[Check, ...]:
        """Energy account over the whole run, overlaps, lost particles, width of the gap, grains that came."""
        came = (came_check(self),) if self.plan.inlets else ()
        return (
            account_check(self.ledgers),
            overlap_check(self.state),
            lost_check(self.plan, self.state),
            gap_check(self.plan),
            *came,
        )


def account_check(ledgers: tuple[Ledger, ...]) -> Check:
    """Whether the energy account of a whole run closes."""
    worst = max(ledgers, key=lambda one: abs(one.missing), default=None)
    put_in = sum(one.put_in for one in ledgers)
    missing = sum(one.missing for one in ledgers)
    turned = max(put_in, max((one.turnover for one in ledgers), default=0.0))
    share = abs(missing) / turned if turned else 0.0
    sentence = f"Of {turned:.4g} J turned over in the whole run {100 * share:.2g} % are missing from the account"
    sentence += f"; worst interval: {worst.missing:.2g} J." if worst else "."
    return Check("energy_ledger", share <= ACCOUNT_LIMIT, share, ACCOUNT_LIMIT, sentence)


def lost_check(plan: Plan, state: State) -> Check:
    """Whether all particles are still inside the bodies' round walls and planes."""
    deepest = 0.0
    for number, body in enumerate(plan.case.bodies):
        local = state.particles.position - state.poses.origin[number]
        if not len(local) or (body.motion.rate and any(isinstance(one, Mesh) for one in body.surfaces)):
            continue
        for surface in (one for one in body.surfaces if not isinstance(one, Mesh)):
            deepest = max(deepest, -float(signed_gap(surface, local).min()))
    lost = int((~np.isfinite(state.particles.position).all(axis=1)).sum())
    share = deepest / plan.diameter
    sentence = f"{lost} particles lost; the deepest centre behind a wall: {share:.2g} diameters."
    return Check("no_particle_lost", lost == 0 and share < 1, share, 1.0, sentence)


def came_check(run: Run) -> Check:
    """Whether as many grains came through the inlets as were asked for."""
    asked, came = len(run.arrived), int(run.arrived.sum())
    powder = run.state.particles.material == 0
    mass = 1e3 * float(run.state.particles.mass[powder].sum())
    last = max(one.end for one in run.plan.inlets)
    missing = asked - came
    sentence = f"Through the inlets {came} of {asked} grains came in; the charge is {mass:.4g} g"
    if run.state.time < last:
        sentence += f" so far (the inlets close at {last:.3g} s)."
    elif missing:
        sentence += (
            f" and not what the run file asks for: {missing} grains found no free place. Results hold for the grains that came; "
            "larger inlets, a longer time, or inlets away from moving parts let all in."
        )
    else:
        sentence += ", as the run file asks for."
    open_still = run.state.time < last
    return Check("grains_came", None if open_still else missing == 0, float(came), float(asked), sentence)
