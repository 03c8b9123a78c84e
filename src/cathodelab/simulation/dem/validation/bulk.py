"""Beds: Janssen's silo, the drum's angle against friction, compaction, the source's evaluation, coarse grains."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cathodelab.core.figure import Axis, FigureSpec, Panel, Series
from cathodelab.simulation.dem.bodies import Body, Motion, Plane, chamber
from cathodelab.simulation.dem.case import Case as Simulated
from cathodelab.simulation.dem.case import initial
from cathodelab.simulation.dem.experiments import Powder, die_run, drum_run
from cathodelab.simulation.dem.filling import lattice_fill
from cathodelab.simulation.dem.ledger import ledger
from cathodelab.simulation.dem.machine import advance
from cathodelab.simulation.dem.machines import Die, Drum, Mixer
from cathodelab.simulation.dem.materials import Contact, Material
from cathodelab.simulation.dem.tally import COLLISION_READINGS, WORK_READINGS, interval, stress
from cathodelab.simulation.dem.validation.model import (
    CHAMBER,
    POWDER,
    POWDER_POWDER,
    POWDER_WALL,
    RADIUS,
    ROTOR,
    Case,
    Row,
)
from cathodelab.simulation.dem.validation.motion import stirred_case

SOFT = Material("soft", 2500.0, 1e7, 0.3)
BEAD = 5e-4


def janssen(heights: tuple[int, ...] = (250, 500, 1000), settle: float = 0.06) -> Case:
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
    loads, weights, levels = [], [], []
    for count in heights:
        places = lattice_fill(case, count, BEAD, (-tube, -tube, 0), (tube, tube, 1.0), seed=3, spacing=2.04)
        state = advance(initial(case, places, BEAD), case, round((settle + 0.02) / case.step))
        before = state
        state = advance(state, case, 2500)
        loads.append(-float(state.poses.sums[1, 2] - before.poses.sums[1, 2]) / (state.time - before.time))
        weights.append(9.81 * float(state.particles.mass.sum()))
        levels.append(float(np.percentile(state.particles.position[:, 2], 99)) + BEAD)
    # one length from the two lower columns, then the highest is predicted
    lengths = np.linspace(1, 60, 2000) * BEAD
    saturated = 1 - np.exp(-np.array(levels)[:, None] / lengths)
    predicted = np.array(weights)[:, None] / np.array(levels)[:, None] * lengths * saturated
    best = int(np.argmin(np.sum((predicted[:-1] / np.array(loads[:-1])[:, None] - 1) ** 2, axis=0)))
    length = float(lengths[best])
    coefficient = 2 * tube / (4 * 0.4 * length)
    rows = (
        Row("load of the highest column, from the two others", predicted[-1, best], loads[-1], 0.15, "N"),
        Row("ratio of stresses K between 0.2 and 1.2", 0.7, coefficient, 0.5, absolute=True),
        Row("share of the weight on the floor, below 0.6", 0.3, loads[-1] / weights[-1], 0.3, absolute=True),
    )
    axis = np.linspace(0, max(levels) * 1.1, 80)
    per_height = weights[-1] / levels[-1]
    panel = Panel(
        Axis("height of the bed", "mm"),
        Axis("load on the floor", "mN"),
        (
            Series("points", 1e3 * np.array(levels), 1e3 * np.array(loads), "simulated", 1),
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
    figure = FigureSpec("janssen", "Load on the floor of a silo of 6 grain diameters; one bed each.", (panel,), 8.4)
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
    angles = np.array([one.angle for one in slopes])
    rows = [
        Row(f"angle rises from μ = {a:g} to {b:g} (degrees, above 0)", 8.0, float(rise), 7.99, absolute=True)
        for a, b, rise in zip(frictions, frictions[1:], np.diff(angles), strict=False)
    ]
    rows.append(
        Row("angle of spheres at the highest friction, 20° to 45°", 32.5, float(angles[-1]), 12.5, "°", absolute=True)
    )
    rows.append(Row("scatter of the mean (degrees)", 0.0, max(one.error for one in slopes), 2.0, absolute=True))
    errors = np.array([one.error for one in slopes])
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


def small_mixer(diameter: float, rpm: float, revolutions: float, discard: float) -> tuple[float, float, float]:
    """Mean stress intensity (J/kg), stress number a second and particle, and rotor power (W/kg) of a small mixer."""
    # the bed, pressed against the chamber, is thicker than the gap: a rotor that does not reach it stirs nothing
    mixer = Mixer(5e-3, 0.8e-3, 2e-3, 4, 1e-3, 0.0, 1.8e-3, rpm, 0.0, 1e-4)
    ends = replace(CHAMBER, name="ends")
    contacts = {
        ("powder", "powder"): POWDER_POWDER,
        ("powder", "rotor"): POWDER_WALL,
        ("powder", "chamber"): POWDER_WALL,
        ("powder", "ends"): Contact("thornton_ning", yield_ratio=0.0256),
    }
    case = Simulated(
        (POWDER, ROTOR, CHAMBER, ends), contacts, mixer.bodies("chamber", "rotor", "ends"), gravity=(0, -9.81, 0)
    )
    case = replace(case, step=2.75e-7 * diameter / 300e-6)
    volume = 0.21 * mixer.free_volume()
    count = int(volume / (np.pi / 6 * diameter**3))
    r = mixer.chamber_radius
    places = lattice_fill(case, count, diameter / 2, (-r, -r, 0), (r, r, mixer.length), 1)
    state = initial(case, places, diameter / 2)
    period = 60 / rpm
    state = advance(state, case, round(discard * period / case.step))
    after = advance(state, case, round((revolutions - discard) * period / case.step))
    part = interval(state, after)
    one = stress([part])
    rotor = part.body_work[1] / (after.time - state.time) / part.mass
    return one.intensity, one.number / one.duration, float(rotor)


def coarse_grains(diameters: tuple[float, ...] = (300e-6, 424e-6, 600e-6), rpm: float = 5000.0) -> Case:
    """Case 12: stress intensity and number at three grain sizes, in a small mixer with the same mass."""
    found = [small_mixer(one, rpm, 4, 1.5) for one in diameters]
    intensity, number, power = (np.array(one) for one in zip(*found, strict=True))
    rows = []
    for name, values in (("stress intensity", intensity), ("stress number", number), ("power", power)):
        for diameter, value in zip(diameters[1:], values[1:], strict=True):
            rows.append(
                Row(
                    f"{name} at {1e6 * diameter:.0f} µm over {1e6 * diameters[0]:.0f} µm",
                    1.0,
                    float(value / values[0]),
                    0.35,
                )
            )
    axis = Axis("grain diameter", "µm")
    panels = tuple(
        Panel(axis, Axis(name, unit), (Series("points", 1e6 * np.array(diameters), values, "", 1),))
        for name, unit, values in (
            ("stress intensity", "J/kg", intensity),
            ("stress number", "1/s", number),
            ("rotor power", "W/kg", power),
        )
    )
    figure = FigureSpec(
        "coarse_grains",
        "Small mixer (radius 5.8 mm) at three grain sizes, two and a half revolutions after one and a half; one run each.",
        panels,
    )
    note = "The stress number is that of one particle. A limit of 35 %: the gap is only 1.5 to 3 grains wide."
    return Case("12 coarse grains", f"{rpm:g} rpm, the source's materials.", tuple(rows), (figure,), (note,))


def speed_exponent(speeds: tuple[float, ...] = (1000.0, 2500.0, 5000.0)) -> Case:
    """Case 13: stress intensity grows as a power of the speed near two (the source: 1.88)."""
    found = [small_mixer(600e-6, rpm, 4, 1.5)[0] for rpm in speeds]
    exponent = float(np.polyfit(np.log(speeds), np.log(found), 1)[0])
    row = Row("exponent of stress intensity over speed", 1.88, exponent, 0.25, absolute=True)
    axis = np.array(speeds)
    panel = Panel(
        Axis("speed", "1/min", logarithmic=True),
        Axis("stress intensity", "J/kg", logarithmic=True),
        (
            Series("points", axis, np.array(found), "simulated", 1),
            Series("line", axis, found[0] * (axis / axis[0]) ** 1.88, "exponent 1.88", 0),
        ),
    )
    figure = FigureSpec(
        "exponent", "Stress intensity over speed in the small mixer, 600 µm; one run each.", (panel,), 8.4
    )
    note = (
        "A first small mixer with a gap of 1.8 mm gave 0.0005, 0.0026 and 0.0016 J/kg: at 5000 rpm its bed lay on the wall, "
        "thinner than the gap, and the rotor passed over it. The gap was then made smaller than the bed. What the rotor "
        "reaches decides the exponent."
    )
    sentence = "The exponent is compared, not the size: not the source's rotor."
    return Case("13 speed", sentence, (row,), (figure,), (note,))
