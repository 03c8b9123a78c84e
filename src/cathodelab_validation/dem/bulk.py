"""Beds: Janssen's silo, the drum's angle against friction, compaction, the source's evaluation."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np

from cathodelab.core.figure import Axis, FigureSpec, Panel, Series
from cathodelab.simulation.dem.case import Case as Simulated
from cathodelab.simulation.dem.case import initial
from cathodelab.simulation.dem.engine.integrator import advance
from cathodelab.simulation.dem.equipment.bodies import Body, Motion, Plane, chamber
from cathodelab.simulation.dem.equipment.machines import Die, Drum
from cathodelab.simulation.dem.evaluation.energy_ledger import ledger
from cathodelab.simulation.dem.evaluation.stress_tally import COLLISION_READINGS, WORK_READINGS, interval, stress
from cathodelab.simulation.dem.experiments.drum_and_die import Powder, die_run, drum_run
from cathodelab.simulation.dem.filling.lattice import lattice_fill
from cathodelab.simulation.dem.materials import Contact, Material
from cathodelab_validation.dem.model import (
    POWDER,
    POWDER_POWDER,
    POWDER_WALL,
    RADIUS,
    Case,
    Row,
)
from cathodelab_validation.dem.motion import stirred_case

SOFT = Material("soft", 2500.0, 1e7, 0.3)
BEAD = 5e-4


def _silo(case: Simulated, tube: float, count: int, seed: int, settle: float) -> tuple[float, float, float]:
    """Load on the floor (N), weight (N) and height (m) of a bed of so many grains."""
    places = lattice_fill(case, count, BEAD, (-tube, -tube, 0), (tube, tube, 1.0), seed=seed, spacing=2.04)
    before = advance(initial(case, places, BEAD), case, round((settle + 0.02) / case.step))
    state = advance(before, case, 2500)
    load = -float(state.poses.sums[1, 2] - before.poses.sums[1, 2]) / (state.time - before.time)
    height = float(np.percentile(state.particles.position[:, 2], 99)) + BEAD
    return load, 9.81 * float(state.particles.mass.sum()), height


def janssen(
    heights: tuple[int, ...] = (250, 500, 1000), settle: float = 0.06, fillings: tuple[int, ...] = (3, 4, 5)
) -> Case:
    """Case 7: the floor of a narrow silo carries ρgAλ(1 - exp(-H/λ)), λ = D/(4 μ_w K)."""
    tube = 6 * BEAD
    grain = Contact("hertz", 0.4, 0.4, restitution=0.3, tangential_damping=0.3)
    # the tube goes up slowly, so that all of the wall's friction is called upon
    rising = Motion(begin=settle, velocity=(0.0, 0.0, 0.03))
    bodies = (
        Body("tube", "soft", (chamber(tube),), rising),
        Body("floor", "soft", (Plane((0, 0, 0), (0, 0, 1)),)),
    )
    case = Simulated((SOFT,), {("soft", "soft"): grain}, bodies, step=6e-6)
    beds = np.array([[_silo(case, tube, count, seed, settle) for seed in fillings] for count in heights])
    loads, weights, levels = beds.mean(axis=1).T
    errors = beds[:, :, 0].std(axis=1, ddof=1) / np.sqrt(len(fillings))
    # one length from the two lower columns, then the highest is predicted
    lengths = np.linspace(1, 60, 2000) * BEAD
    saturated = 1 - np.exp(-levels[:, None] / lengths)
    predicted = weights[:, None] / levels[:, None] * lengths * saturated
    best = int(np.argmin(np.sum((predicted[:-1] / loads[:-1, None] - 1) ** 2, axis=0)))
    length = float(lengths[best])
    coefficient = 2 * tube / (4 * 0.4 * length)
    rows = (
        Row(
            f"load of the highest column, from the two others (± {1e2 * errors[-1] / loads[-1]:.0f} %)",
            predicted[-1, best],
            loads[-1],
            0.15,
            "N",
        ),
        Row("ratio of stresses K between 0.2 and 1.2", 0.7, coefficient, 0.5, absolute=True),
        Row("share of the weight on the floor, below 0.6", 0.3, loads[-1] / weights[-1], 0.3, absolute=True),
    )
    axis = np.linspace(0, levels.max() * 1.1, 80)
    per_height = weights[-1] / levels[-1]
    panel = Panel(
        Axis("height of the bed", "mm"),
        Axis("load on the floor", "mN"),
        (
            Series("points", 1e3 * levels, 1e3 * loads, "simulated", 1, y_minus=1e3 * errors, y_plus=1e3 * errors),
            Series(
                "line",
                1e3 * axis,
                1e3 * per_height * length * (1 - np.exp(-axis / length)),
                f"Janssen, K = {coefficient:.2f}",
                0,
            ),
            Series("line", 1e3 * axis, 1e3 * per_height * axis, "whole weight", -1),
        ),
    )
    figure = FigureSpec(
        "janssen",
        f"Load on the floor of a silo of 6 grain diameters; {len(fillings)} fillings each, bars: standard error.",
        (panel,),
        8.4,
    )
    return Case(
        "7 Janssen",
        "Soft spheres of 1 mm in a rough tube of 6 mm that rises slowly (friction fully called upon).",
        rows,
        (figure,),
    )


def drum_angle(frictions: tuple[float, ...] = (0.1, 0.3, 0.6), duration: float = 0.5) -> Case:
    """Case 8: the dynamic angle of repose grows with friction; the drum is steady."""
    drum = Drum(radius=12e-3, length=3e-3, speed_rpm=45.0)
    slopes = []
    for friction in frictions:
        grain = Contact("hertz", friction, friction, restitution=0.4, tangential_damping=0.3)
        wall = replace(grain, static_friction=0.6, dynamic_friction=0.6)
        slopes.append(drum_run(Powder(SOFT, grain, wall, BEAD), drum, 0.45, duration, 16).slope)
    angles, errors = (np.array([getattr(one, name) for one in slopes]) for name in ("angle", "error"))
    rows = []
    for k, (a, b) in enumerate(itertools.pairwise(frictions)):
        rise, error = float(angles[k + 1] - angles[k]), float(np.hypot(errors[k], errors[k + 1]))
        what = f"rise from μ = {a:g} to {b:g} is {rise:.1f}° ± {error:.1f}°: what it lacks of two standard errors"
        rows.append(Row(what, 0.0, max(2 * error - rise, 0.0), 0.0, "°", absolute=True))
    rows.append(
        Row("angle of spheres at the highest friction, 20° to 45°", 32.5, float(angles[-1]), 12.5, "°", absolute=True)
    )
    rows.append(Row("scatter of the mean (degrees)", 0.0, max(one.error for one in slopes), 2.0, absolute=True))
    series = Series("points", np.array(frictions), angles, "", 1, y_minus=errors, y_plus=errors)
    panel = Panel(Axis("friction between particles"), Axis("dynamic angle of repose", "°"), (series,))
    caption = f"Drum of 24 mm at 45 rpm (Froude number {drum.froude:.3f}), spheres of 1 mm; bars: standard error, 16 pictures."
    figure = FigureSpec("drum", caption, (panel,), 8.4)
    return Case("8 drum", "Rolling friction off, ends smooth.", tuple(rows), (figure,))


def compaction(count: int = 300) -> Case:
    """Case 9: pressing a plastic powder: the force rises with every stretch, unloading is stiffer."""
    powder = Powder(POWDER, POWDER_POWDER, POWDER_WALL, RADIUS)
    pressed = die_run(powder, Die(radius=1.0e-3, height=6e-3, speed=0.5), count, 5.0)
    loading, unloading = pressed.loading, pressed.unloading
    firm = loading[loading[:, 1] > 0.1]
    falls = float(np.minimum(np.diff(firm[:, 1]), 0).min(initial=0.0)) / firm[-1, 1]
    slope = np.polyfit(firm[-6:, 0], firm[-6:, 1], 1)[0]
    back = np.polyfit(unloading[:4, 0], unloading[:4, 1], 1)[0]
    rows = (
        Row("largest fall of the force while loading, share of the peak", 0.0, falls, 0.02, absolute=True),
        Row("unloading over loading stiffness, at least 3", 1.0, min(float(back / slope) / 3, 1.0), 1e-9),
    )
    panel = Panel(
        Axis("piston height", "mm"),
        Axis("force", "N"),
        (
            Series("line", 1e3 * loading[:, 0], loading[:, 1], "loading", 1),
            Series("line", 1e3 * unloading[:, 0], unloading[:, 1], "unloading", 2),
        ),
    )
    figure = FigureSpec(
        "compaction", f"Compaction of {count} particles in a die of 2 mm at 0.5 m/s; one run.", (panel,), 8.4
    )
    return Case("9 compaction", "The source's powder, Thornton-Ning.", rows, (figure,))


def evaluation() -> Case:
    """Case 11: mean stress intensity times stress number is the work lost over the mass, for every reading."""
    case, start = stirred_case()
    start = advance(start, case, 8000)
    after = advance(start, case, 4000)
    part = interval(start, after)
    account = ledger(start, after)
    rows = []
    for collision in COLLISION_READINGS:
        for work in WORK_READINGS:
            one = stress([part], collision, work)
            wanted = part.work[WORK_READINGS.index(work)] / part.mass
            rows.append(
                Row(
                    f"intensity x number, {collision}, {work}", float(wanted), one.intensity * one.number, 1e-10, "J/kg"
                )
            )
    rows.append(
        Row("work of all particles (half each) is the ledger's loss", account.lost, float(part.work[0]), 1e-9, "J")
    )
    kept = account.put_in - account.kinetic - account.potential - account.stored
    rows.append(Row("work of the bodies less what is kept is what was lost", kept, float(part.work[0]), 5e-3, "J"))
    return Case("11 evaluation", "The source's identity E = SI · SN_p and its meaning.", tuple(rows))
