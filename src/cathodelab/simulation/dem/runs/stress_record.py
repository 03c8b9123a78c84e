"""Stress record of a run for the process model, and a run against a measured power log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from cathodelab.core.arrays import FloatArray
from cathodelab.core.errors import CathodelabError
from cathodelab.core.stress import GrainScatter, StressRecord
from cathodelab.simulation.dem.evaluation.stress_tally import (
    COLLISION_READINGS,
    WORK_READINGS,
    CollisionReading,
    GrainSums,
    Interval,
    WorkReading,
    grain_stress,
    grain_sums,
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
        raise _too_short(run, since)
    return chosen


def _too_short(run: Run, since: float) -> CathodelabError:
    return CathodelabError(
        "dem-too-short",
        f"No output interval begins after {since:g} s",
        where=run.plan.title,
        why=f"The run has come to {run.state.time:g} s.",
        what_to_do="Let it run on, or take an earlier time.",
    )


def power(run: Run, since: float) -> float:
    """Mean power of the driven body from ``since`` on, W."""
    chosen = steady(run, since)
    work = sum(float(one.body_work[_driven(run)]) for one in chosen)
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


def settled(run: Run) -> tuple[Interval, ...]:
    """The intervals from which means are taken.

    Raises:
        CathodelabError: ``dem-too-short`` if the run has not come to them yet.
    """
    return steady(run, run.settled.time if run.settled else run.plan.settles)


def stress_record(run: Run, collision: CollisionReading = "ended", work: WorkReading = "half") -> StressRecord:
    """Stress of the grains in the settled time, in one reading.

    Raises:
        CathodelabError: ``dem-too-short`` if the run has not come to its settled time yet.
    """
    chosen = settled(run)
    if run.settled is None:
        raise _too_short(run, run.plan.settles)
    whole = stress(chosen, collision, work)
    parts = [stress([one], collision, work) for one in chosen]
    mass = chosen[-1].mass
    times = np.array([one.end - one.begin for one in chosen])
    powers = np.array([one.body_work[_driven(run)] for one in chosen]) / times / mass
    single = np.asarray(sum((one.events for one in chosen), np.zeros(len(chosen[0].events))))
    edges = intensity_edges()
    met = np.flatnonzero(single)
    normal, wall = _shares(chosen, work)
    return StressRecord(
        speed_rpm=speed_of(run),
        time_s=whole.duration,
        collision=collision,
        work=work,
        stress_intensity_j_kg=whole.intensity,
        stress_intensity_error_j_kg=scatter([one.intensity for one in parts]),
        stress_number=whole.number,
        stress_number_error=scatter(np.array([one.number for one in parts]) / times) * whole.duration,
        specific_power_w_kg=power(run, chosen[0].begin) / mass,
        specific_power_error_w_kg=scatter(powers),
        edges_j_kg=edges,
        frequency_per_s=whole.curve,
        single_frequency_per_s=single / whole.duration,
        normal_share=normal,
        wall_share=wall,
        hardest_j_kg=float(edges[met.max() + 1]) if len(met) else 0.0,
        grains=_grain_scatter(run, run.settled, collision, work),
        source=run.plan.title,
        doubts=tuple(one.sentence for one in run.checks if one.passed is False),
    )


def stress_records(run: Run) -> tuple[StressRecord, ...]:
    """The record in every reading."""
    return tuple(stress_record(run, one, other) for one in COLLISION_READINGS for other in WORK_READINGS)


def speed_of(run: Run) -> float:
    """Speed of the driven body, 1/min; ``nan`` if it does not turn."""
    rate = abs(run.plan.case.bodies[_driven(run)].motion.rate)
    return rate * 30 / np.pi if rate else float("nan")


def _driven(run: Run) -> int:
    return [body.name for body in run.plan.case.bodies].index(run.plan.rotor)


def _shares(chosen: Sequence[Interval], work: WorkReading) -> tuple[float, float]:
    """Normal work and work against bodies over all work that particles are charged with."""
    kinds = np.sum([one.kinds for one in chosen], axis=0) * np.array([[2.0 if work == "full" else 1.0], [1.0]])
    total = float(kinds.sum())
    if not total:
        return float("nan"), float("nan")
    return float(kinds[:, [0, 2]].sum()) / total, float(kinds[1].sum()) / total


def _grain_scatter(run: Run, first: GrainSums, collision: CollisionReading, work: WorkReading) -> GrainScatter:
    grains = grain_stress(first, grain_sums(run.state))
    number, lost = grains.collisions[COLLISION_READINGS.index(collision)], grains.charged(work)
    hit = number > 0
    intensity = lost[hit] / (number[hit] * grains.mass[hit])
    return GrainScatter(
        len(number),
        1e6 * run.plan.diameter,
        float(grains.mass.sum()),
        float(1 - hit.mean()),
        _quantiles(number),
        _quantiles(intensity),
    )


def _quantiles(values: FloatArray) -> tuple[float, float, float]:
    low, middle, high = np.quantile(values, [0.05, 0.5, 0.95]) if len(values) else (np.nan, np.nan, np.nan)
    return float(low), float(middle), float(high)


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
