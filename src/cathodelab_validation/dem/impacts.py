"""Two bodies meet: restitution, contact times, peak forces, oblique impacts; against closed forms and Chung and Ooi."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.figure import Axis, FigureSpec, Panel, Series
from cathodelab.simulation.dem.case import Case as Simulated
from cathodelab.simulation.dem.case import initial
from cathodelab.simulation.dem.engine.integrator import advance
from cathodelab.simulation.dem.equipment.bodies import Body, Plane
from cathodelab.simulation.dem.materials import (
    Contact,
    Material,
    hertz_time,
    plastic_loading_time,
    thornton_ning_restitution,
    yield_speed,
)
from cathodelab_validation.dem.model import POWDER, POWDER_POWDER, POWDER_WALL, RADIUS, ROTOR, Case, Row

_FLOOR = (Plane((0, 0, 0), (0, 0, 1)),)


def against_each_other(
    material: Material, contact: Contact, radius: float, speeds: Sequence[float], step: float, steps: int
) -> FloatArray:
    """Separation speed over approach speed of pairs that meet head-on, all in one run."""
    v = np.asarray(speeds, float)
    side = np.arange(len(v)) * 6 * radius
    gap = np.where(v > 0, 1e-3 * v * step, 0)
    first = np.column_stack([np.zeros(len(v)), side, np.zeros(len(v))])
    second = first + np.column_stack([2 * radius + gap, np.zeros(len(v)), np.zeros(len(v))])
    case = Simulated((material,), {(material.name, material.name): contact}, gravity=(0, 0, 0), step=step)
    velocity = np.zeros((2 * len(v), 3))
    velocity[: len(v), 0], velocity[len(v) :, 0] = v / 2, -v / 2
    state = advance(initial(case, np.concatenate([first, second]), radius, velocity), case, steps)
    out = np.empty_like(velocity)
    out[state.particles.identity] = state.particles.velocity
    return np.asarray((out[len(v) :, 0] - out[: len(v), 0]) / v)


def against_floor(
    material: Material, wall: Material, contact: Contact, radius: float, velocity: FloatArray, step: float, steps: int,
    spin: FloatArray | None = None,
) -> tuple[FloatArray, FloatArray]:  # fmt: skip
    """Velocities and spins after spheres hit a floor (z = 0), all in one run."""
    count = len(velocity)
    place = np.column_stack([np.arange(count) * 6 * radius, np.zeros(count), radius - 1e-3 * velocity[:, 2] * step])
    # the particle's own contact is never used: the spheres stand apart
    contacts = {(material.name, wall.name): contact, (material.name, material.name): contact}
    case = Simulated((material, wall), contacts, (Body("floor", wall.name, _FLOOR),), gravity=(0, 0, 0), step=step)
    state = advance(initial(case, place, radius, velocity, 0.0 if spin is None else spin), case, steps)
    out, turning = np.empty_like(velocity), np.empty_like(velocity)
    out[state.particles.identity], turning[state.particles.identity] = state.particles.velocity, state.particles.spin
    return out, turning


def restitution(ratios: Sequence[float] = (0.5, 1.5, 2, 5, 10, 100, 1000, 1e4), steps_per_contact: int = 1000) -> Case:
    """Case 1: restitution of Thornton and Ning between two particles and against the rotor."""
    rows = []
    mass = 4 / 3 * math.pi * RADIUS**3 * POWDER.density
    found_by_place = []
    for wall in (False, True):
        law = Simulated((POWDER, ROTOR), {("powder", "rotor"): POWDER_WALL, ("powder", "powder"): POWDER_POWDER}).law(
            "powder", "rotor" if wall else "powder", wall=wall
        )
        effective, reduced = (RADIUS, mass) if wall else (RADIUS / 2, mass / 2)
        slowest = yield_speed(law, effective, reduced)
        speeds = np.array(ratios) * slowest
        # every impact its own step: the same number of steps in its shortest stage
        found = []
        for speed in speeds:
            step = (
                min(hertz_time(law, effective, reduced, speed), plastic_loading_time(law, effective, reduced))
                / steps_per_contact
            )
            steps = int(
                2.6
                * max(hertz_time(law, effective, reduced, speed), plastic_loading_time(law, effective, reduced))
                / step
            )
            if wall:
                out, _ = against_floor(POWDER, ROTOR, POWDER_WALL, RADIUS, np.array([[0, 0, -speed]]), step, steps)
                found.append(out[0, 2] / speed)
            else:
                found.append(float(against_each_other(POWDER, POWDER_POWDER, RADIUS, [speed], step, steps)[0]))
        found_by_place.append(np.array(found))
        name = "particle on rotor" if wall else "two particles"
        rows += [
            Row(f"{name}, v = {ratio:g} v_y", thornton_ning_restitution(ratio), value, 1e-4)
            for ratio, value in zip(ratios, found, strict=True)
        ]
    axis = np.logspace(np.log10(0.4), 4, 200)
    closed = np.array([thornton_ning_restitution(float(one)) for one in axis])
    panel = Panel(
        Axis("impact speed over yield speed", logarithmic=True),
        Axis("restitution", logarithmic=True),
        (
            Series("line", axis, closed, "closed form", 0),
            Series("points", np.array(ratios), found_by_place[0], "two particles", 1),
            Series("points", np.array(ratios), found_by_place[1], "particle on rotor", 2, open_marks=True),
        ),
    )
    figure = FigureSpec(
        "restitution",
        "Restitution against Thornton and Ning's closed form; the points of both places coincide.",
        (panel,),
        8.4,
    )
    return Case(
        "1 restitution", f"{steps_per_contact} steps in the shortest stage of a contact.", tuple(rows), (figure,)
    )


def coarse_restitution() -> Case:
    """Case 1 with the step of a real run, 20 steps a contact."""
    fine = restitution((2, 10, 100, 1000), 20)
    rows = tuple(Row(row.what, row.expected, row.found, 5e-3) for row in fine.rows)
    return Case("1 restitution, coarse", "20 steps in the shortest stage of a contact.", rows)


def plastic_time(speeds: Sequence[float] = (1.0, 10.0)) -> Case:
    """Case 3: a plastic contact comes to rest after (π/2)√(m*/(π p_y R*)) at every speed."""
    mass = 4 / 3 * math.pi * RADIUS**3 * POWDER.density / 2
    case = Simulated((POWDER,), {("powder", "powder"): POWDER_POWDER}, gravity=(0, 0, 0))
    law = case.law("powder", "powder", wall=False)
    expected = plastic_loading_time(law, RADIUS / 2, mass)
    rows = []
    for speed in speeds:
        step = expected / 4000
        moving = Simulated((POWDER,), {("powder", "powder"): POWDER_POWDER}, gravity=(0, 0, 0), step=step)
        place = np.array([[0, 0, 0], [2 * RADIUS, 0, 0]])
        state = initial(moving, place, RADIUS, np.array([[speed / 2, 0, 0], [-speed / 2, 0, 0]]))
        state = advance(state, moving, 3700)
        for _ in range(120):
            before = _approach(state)
            state = advance(state, moving, 5)
            after = _approach(state)
            if after <= 0:
                break
        turned = state.time - 0.5 * step - 5 * step * after / (after - before)
        rows.append(Row(f"time to rest at {speed:g} m/s", expected, turned, 5e-3, "s"))
    note = "The elastic beginning (δ < δ_y) makes the first microseconds softer; its share falls with the speed."
    return Case(
        "3 plastic contact", "Time from touch to rest does not depend on the speed.", tuple(rows), notes=(note,)
    )


def _approach(state) -> float:  # type: ignore[no-untyped-def] # noqa: ANN001
    order = np.argsort(state.particles.identity)
    v = state.particles.velocity[order, 0]
    return float(v[0] - v[1])


def chung_ooi_1_and_2() -> tuple[Case, Case]:
    """Cases 2: elastic normal impact of two spheres and of a sphere on a rigid plane (Chung and Ooi, tests 1 and 2)."""
    printed = {
        "glass": (Material("glass", 2800, 48e9, 0.20), 0.01, 20.0, (274.1e-6, 10.697e3, 40.34e-6)),
        "limestone": (Material("limestone", 2500, 20e9, 0.25), 0.01, 20.0, (368.3e-6, 7.108e3, 54.20e-6)),
        "aluminium alloy": (Material("aluminium", 2699, 70e9, 0.30), 0.1, 0.2, (49.72e-6, 11.370e3, 731.6e-6)),
        "magnesium alloy": (Material("magnesium", 1800, 40e9, 0.35), 0.1, 0.2, (52.12e-6, 7.233e3, 767.0e-6)),
    }
    cases = []
    rigid = Material("rigid", 1.0, 1e20, 0.3)
    for test, names in ((1, ("glass", "limestone")), (2, ("aluminium alloy", "magnesium alloy"))):
        rows = []
        for name in names:
            material, radius, speed, (overlap, force, duration) = printed[name]
            found = _elastic(material, rigid if test == 2 else None, radius, speed, duration / 4000)
            limits = (1e-3, 1e-3, 2e-3)
            for what, expected, value, limit, unit in zip(
                ("deepest overlap", "peak force", "duration"),
                (overlap, force, duration),
                found,
                limits,
                ("m", "N", "s"),
                strict=True,
            ):
                rows.append(Row(f"{name}: {what}", expected, value, limit, unit))
        what = "two spheres" if test == 1 else "sphere on a rigid plane"
        cases.append(Case(f"Chung-Ooi {test}", f"Elastic normal impact, {what}.", tuple(rows)))
    return cases[0], cases[1]


def _elastic(
    material: Material, wall: Material | None, radius: float, speed: float, step: float
) -> tuple[float, float, float]:
    """Deepest overlap, peak force and duration, followed in a run."""
    contact = Contact("hertz")
    if wall is None:
        case = Simulated((material,), {(material.name, material.name): contact}, gravity=(0, 0, 0), step=step)
        ways = np.array([[speed / 2, 0.0, 0.0], [-speed / 2, 0.0, 0.0]])
        state = initial(case, np.array([[0, 0, 0], [2 * radius, 0, 0]]), radius, ways)
        law, effective = case.law(material.name, material.name, wall=False), radius / 2
    else:
        contacts = {(material.name, wall.name): contact, (material.name, material.name): contact}
        case = Simulated((material, wall), contacts, (Body("floor", wall.name, _FLOOR),), gravity=(0, 0, 0), step=step)
        state = initial(case, np.array([[0, 0, radius]]), radius, np.array([[0, 0, -speed]]))
        law, effective = case.law(material.name, wall.name, wall=True), radius
    state = advance(state, case, 3000)
    touching = state.pairs if wall is None else state.walls
    deepest = float(touching.memory[:, 0].max())
    while state.sums.ended.sum() == 0 and state.steps < 6000:
        state = advance(state, case, 4)
    force = 4 / 3 * law.modulus * math.sqrt(effective) * deepest**1.5
    return deepest, force, state.time - 2 * step


def chung_ooi_3(restitutions: Sequence[float] = (0.2, 0.4, 0.6, 0.8, 1.0)) -> Case:
    """Chung and Ooi, test 3: a sphere on a plane comes back with the restitution that was asked for."""
    rows = []
    for name, material in (
        ("aluminium oxide", Material("oxide", 4000, 380e9, 0.23)),
        ("cast iron", Material("iron", 7000, 100e9, 0.25)),
    ):
        rigid = Material("rigid", 1.0, 1e20, 0.3)
        for wanted in restitutions:
            contact = Contact("hertz", restitution=wanted)
            law = Simulated((material, rigid), {(material.name, "rigid"): contact}).law(
                material.name, "rigid", wall=True
            )
            mass = 4 / 3 * math.pi * 2.5e-3**3 * material.density
            step = hertz_time(law, 2.5e-3, mass, 3.9) / 1000
            out, _ = against_floor(material, rigid, contact, 2.5e-3, np.array([[0, 0, -3.9]]), step, 4000)
            rows.append(Row(f"{name}, e = {wanted:g}", wanted, out[0, 2] / 3.9, 2e-3))
    return Case(
        "Chung-Ooi 3", "The dashpot never attracts; its size is found from the equation of motion.", tuple(rows)
    )


def chung_ooi_4(angles: Sequence[float] = (5, 10, 20, 30, 45, 60, 75, 85)) -> Case:
    """Chung and Ooi, test 4: oblique impacts at constant speed, e = 0.98, μ = 0.092."""
    rows, figure_series = [], []
    rigid = Material("rigid", 1.0, 1e20, 0.3)
    for number, (name, material) in enumerate(
        (
            ("aluminium oxide", Material("oxide", 4000, 380e9, 0.23)),
            ("aluminium alloy", Material("alloy", 2700, 70e9, 0.33)),
        )
    ):
        contact = Contact("hertz", 0.092, 0.092, restitution=0.98)
        law = Simulated((material, rigid), {(material.name, "rigid"): contact}).law(material.name, "rigid", wall=True)
        mass = 4 / 3 * math.pi * 2.5e-3**3 * material.density
        theta = np.radians(np.asarray(angles, float))
        velocity = 3.9 * np.column_stack([np.sin(theta), np.zeros(len(theta)), -np.cos(theta)])
        step = hertz_time(law, 2.5e-3, mass, 3.9) / 1000
        out, spin = against_floor(material, rigid, contact, 2.5e-3, velocity, step, 3500)
        tangential = out[:, 0] / velocity[:, 0]
        figure_series.append(
            Series("points", np.asarray(angles, float), tangential, name, number + 1, open_marks=number == 1)
        )
        for k, angle in enumerate(angles):
            if angle <= 32.5:
                continue
            expected = 1 - 0.092 * 1.98 / math.tan(theta[k])
            rows.append(Row(f"{name}, {angle:g}°: tangential restitution", expected, tangential[k], 2e-3))
            turning = 5 / 2 * 0.092 * 1.98 * 3.9 * math.cos(theta[k]) / 2.5e-3
            rows.append(Row(f"{name}, {angle:g}°: spin", turning, spin[k, 1], 5e-3, "rad/s"))
    axis = np.linspace(33, 88, 60)
    figure_series.append(Series("line", axis, 1 - 0.092 * 1.98 / np.tan(np.radians(axis)), "rigid body, sliding", 0))
    panel = Panel(Axis("impact angle", "°"), Axis("tangential restitution"), tuple(figure_series))
    figure = FigureSpec(
        "oblique",
        "Oblique impacts (Chung and Ooi, test 4); the line holds where the whole impact slides.",
        (panel,),
        8.4,
    )
    notes = (
        "Below about 32° the contact sticks part of the time; the published curve is not at hand as numbers.",
        "The rigid-body spin has the whole radius as its lever, the engine the radius less the overlap (0.2 to 0.3 % here).",
    )
    return Case("Chung-Ooi 4", "Oblique impact, sliding branch.", tuple(rows), (figure,), notes)


def linear_hysteretic() -> Case:
    """The linear hysteretic law gives the square root of its stiffnesses' ratio at every speed."""
    rows = []
    for wanted in (0.3, 0.8):
        contact = Contact("linear_hysteretic", restitution=wanted, stiffness=1e4)
        mass = 4 / 3 * math.pi * RADIUS**3 * POWDER.density / 2
        step = math.pi * math.sqrt(mass / (1e4 / wanted**2)) / 2000
        found = against_each_other(POWDER, contact, RADIUS, [0.01, 1.0], step, int(4000 / wanted))
        rows += [Row(f"e = {wanted:g} at {v:g} m/s", wanted, e, 1e-3) for v, e in zip((0.01, 1.0), found, strict=True)]
    return Case("linear hysteretic", "Restitution is the same at every speed.", tuple(rows))
