"""Figures of a run."""

from __future__ import annotations

import numpy as np

from cathodelab.core.figure import Axis, FigureSpec, Panel, Series
from cathodelab.simulation.dem.evaluation.stress_tally import COLLISION_READINGS, intensity_edges, stress
from cathodelab.simulation.dem.runs.run import Run
from cathodelab.simulation.dem.runs.stress_record import steady


def run_figures(run: Run, since: float) -> tuple[FigureSpec, ...]:
    """Power and stress over time; the stress frequency-stress intensity curve from ``since`` on."""
    names = [body.name for body in run.plan.case.bodies]
    rotor = names.index(run.plan.rotor)
    ends = np.array([one.end for one in run.intervals])
    power = np.array([one.body_work[rotor] / (one.end - one.begin) for one in run.intervals])
    lost = np.array([one.work[0] / (one.end - one.begin) for one in run.intervals])
    intensity = np.array([stress([one]).intensity for one in run.intervals])
    time = Axis("time", "ms")
    over_time = FigureSpec(
        f"{run.plan.rotor}_over_time",
        f"{run.plan.title}: each point is one output interval of {1e3 * run.plan.interval:g} ms.",
        (
            Panel(
                time,
                Axis("power", "W"),
                (
                    Series("line", 1e3 * ends, power, f"work of the {run.plan.rotor}", 1),
                    Series("line", 1e3 * ends, lost, "lost in contacts", 2),
                ),
            ),
            Panel(
                time,
                Axis("stress intensity", "J/kg", logarithmic=True),
                (Series("line", 1e3 * ends, intensity, "", 1),),
            ),
        ),
    )
    edges = intensity_edges()
    middle = np.sqrt(edges[1:] * edges[:-1])
    chosen = steady(run, since)
    curves = [stress(chosen, reading).curve for reading in COLLISION_READINGS]
    met = np.flatnonzero(np.sum(curves, axis=0))
    shown = slice(met.min(), met.max() + 1) if len(met) else slice(None)
    series = tuple(
        Series("line", middle[shown], curve[shown], f"collision {reading}", number)
        for number, (reading, curve) in enumerate(zip(COLLISION_READINGS, curves, strict=True), 1)
    )
    panel = Panel(
        Axis("stress intensity", "J/kg", logarithmic=True),
        Axis("collisions a second and bin", "1/s", logarithmic=True),
        series,
    )
    curve = FigureSpec(
        "stress_curve", f"{run.plan.title}: from {1e3 * since:g} ms on, eight bins a decade.", (panel,), 8.4
    )
    return over_time, curve
