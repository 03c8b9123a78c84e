"""Stress record of a run for the process model, and a run against a measured power log."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from cathodelab.core.errors import CathodelabError
from cathodelab.core.stress import StressRecord
from cathodelab.simulation.dem.evaluation.stress_tally import (
    CollisionReading,
    Interval,
    WorkReading,
    intensity_edges,
    stress,
)
from cathodelab.simulation.dem.runs.run import Run


def steady(run: Run, since: float) -> tuple[Interval, ...]:
    """The intervals that begin at ``since`` (s) or later.

    Raises:
        CathodelabError: ``dem-too-short`` if there are none.
    """
    chosen = tuple(one for one in run.intervals if one.begin >= since - 1e-12)
    if not chosen:
        raise CathodelabError(
            "dem-too-short",
            f"No output interval begins after {since:g} s",
            where=run.plan.title,
            why=f"The run has come to {run.state.time:g} s.",
            what_to_do="Let it run on, or take an earlier time.",
        )
    return chosen


def power(run: Run, since: float) -> float:
    """Mean power of the driven body from ``since`` on, W."""
    names = [body.name for body in run.plan.case.bodies]
    chosen = steady(run, since)
    work = sum(float(one.body_work[names.index(run.plan.rotor)]) for one in chosen)
    return work / sum(one.end - one.begin for one in chosen)


def scatter(values: ArrayLike) -> float:
    """Standard error of the mean of successive values, widened by the correlation r of each with the next.

    s/√n · √((1 + r)/(1 - r)), r limited to 0 to 0.9; ``nan`` for fewer than three values.
    """
    x = np.asarray(values, float)
    if len(x) < 3:
        return float("nan")
    off = x - x.mean()
    square = float(off @ off)
    r = min(max(float(off[1:] @ off[:-1]) / square, 0.0), 0.9) if square else 0.0
    return float(x.std(ddof=1) / np.sqrt(len(x)) * np.sqrt((1 + r) / (1 - r)))


def stress_record(
    run: Run, speed_rpm: float, since: float, collision: CollisionReading = "ended", work: WorkReading = "half"
) -> StressRecord:
    """Stress of the particles from ``since`` on, in one reading."""
    one = stress(steady(run, since), collision, work)
    mass = float(run.state.particles.mass.sum())
    reading = f"collision: {collision}; work: {work}"
    return StressRecord(
        speed_rpm, one.duration, one.intensity, one.number, power(run, since) / mass, intensity_edges(), one.curve,
        reading, run.plan.title,
    )  # fmt: skip


@dataclass(frozen=True)
class PowerComparison:
    """Specific energy of a run and of a power log over the same time, J/kg."""

    simulated: float
    measured: float

    @property
    def ratio(self) -> float:
        """Simulated over measured; ``nan`` if the log holds no energy."""
        return self.simulated / self.measured if self.measured else float("nan")


def against_power_log(
    run: Run, since: float, time_s: ArrayLike, net_power_w: ArrayLike, charge_kg: float
) -> PowerComparison:
    """Specific rotor energy over the steady time, beside that of a measured net power.

    The log's mean power over its whole time is scaled to the run's time; ``charge_kg`` is the charge of the whole mixer.
    """
    time, net = np.asarray(time_s, float), np.asarray(net_power_w, float)
    chosen = steady(run, since)
    duration = sum(one.end - one.begin for one in chosen)
    mean = float(np.trapezoid(net, time) / (time[-1] - time[0]))
    return PowerComparison(
        power(run, since) * duration / float(run.state.particles.mass.sum()), mean * duration / charge_kg
    )
