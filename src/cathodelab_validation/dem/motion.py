"""Sliding to rolling, energy and momentum, cooling, and what must not change: turning, names, threads."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.figure import Axis, FigureSpec, Panel, Series
from cathodelab.simulation.dem.case import Case as Simulated
from cathodelab.simulation.dem.case import initial
from cathodelab.simulation.dem.engine.integrator import advance
from cathodelab.simulation.dem.equipment.bodies import Body, Motion, Plane, box, chamber
from cathodelab.simulation.dem.evaluation.energy_ledger import ledger
from cathodelab.simulation.dem.filling.lattice import lattice_fill
from cathodelab.simulation.dem.materials import Contact, Material
from cathodelab.simulation.dem.state import State
from cathodelab_validation.dem.model import (
    CHAMBER,
    POWDER,
    POWDER_POWDER,
    POWDER_WALL,
    RADIUS,
    Case,
    Row,
)

SOFT = Material("soft", 2500.0, 1e7, 0.3)


def _on_floor(friction: float, tilt: float, speed: float, duration: float) -> State:
    """A sphere of 1 mm laid on a floor (gravity tilted) with a speed along x."""
    contact = Contact("hertz", friction, friction, restitution=0.5, tangential_damping=0.3)
    floor = Body("floor", "soft", (Plane((0, 0, 0), (0, 0, 1)),))
    gravity = (9.81 * math.sin(tilt), 0.0, -9.81 * math.cos(tilt))
    case = Simulated((SOFT,), {("soft", "soft"): contact}, (floor,), step=5e-6, gravity=gravity)
    law = case.law("soft", "soft", wall=True)
    mass = 4 / 3 * math.pi * 1e-9 * SOFT.density
    sunk = (0.75 * mass * 9.81 * math.cos(tilt) / (law.modulus * math.sqrt(1e-3))) ** (2 / 3)
    state = initial(case, [[0, 0, 1e-3 - sunk]], 1e-3, [[speed, 0, 0]])
    return advance(state, case, round(duration / case.step))


def sliding_to_rolling() -> Case:
    """Case 4: a sliding sphere rolls after 2v₀/(7μg) with 5/7 of its speed; on a slope it rolls up to tan θ = 7μ/2."""
    rows = []
    v0, mu = 0.2, 0.3
    begin = 2 * v0 / (7 * mu * 9.81)
    rolling = _on_floor(mu, 0.0, v0, 1.5 * begin)
    rows.append(Row("speed when rolling", 5 / 7 * v0, float(rolling.particles.velocity[0, 0]), 2e-3, "m/s"))
    rows.append(Row("spin times radius", 5 / 7 * v0, float(rolling.particles.spin[0, 1]) * 1e-3, 2e-3, "m/s"))
    halfway = _on_floor(mu, 0.0, v0, 0.5 * begin)
    slowed = float(halfway.particles.velocity[0, 0])
    rows.append(
        Row("begin of rolling, from the deceleration", begin, 2 * v0 / 7 / ((v0 - slowed) / (0.5 * begin)), 5e-3, "s")
    )
    for tilt in (20.0, 60.0):
        angle = math.radians(tilt)
        state = _on_floor(mu, angle, 0.0, 0.02)
        rolls = math.tan(angle) <= 3.5 * mu
        expected = 5 / 7 * 9.81 * math.sin(angle) if rolls else 9.81 * (math.sin(angle) - mu * math.cos(angle))
        found = float(state.particles.velocity[0, 0]) / 0.02
        rows.append(Row(f"acceleration at {tilt:g}° ({'rolls' if rolls else 'slides'})", expected, found, 5e-3, "m/s²"))
    return Case("4 sliding to rolling", "Sphere of 1 mm on a plane, μ = 0.3.", tuple(rows))


def _cloud(count: int, spacing: float, seed: int, speed: float) -> tuple[FloatArray, FloatArray]:
    side = math.ceil(count ** (1 / 3))
    grid = np.stack(np.meshgrid(*[np.arange(side)] * 3, indexing="ij"), -1).reshape(-1, 3)[:count] * spacing
    rng = np.random.default_rng(seed)
    return grid + rng.uniform(-0.02, 0.02, grid.shape) * spacing, rng.normal(0, speed, grid.shape)


def momentum() -> Case:
    """Case 5: an isolated cluster that falls together keeps momentum and angular momentum to round-off."""
    place, speed = _cloud(64, 2.05 * RADIUS, 3, 0.0)
    speed = -60.0 * (place - place.mean(axis=0)) + np.cross([0, 0, 300.0], place)
    contact = replace(POWDER_POWDER, tangential_damping=0.2, rolling_friction=0.1, restitution=0.7)
    rows = []
    for blocks in (1, 2, 0):
        name = {1: "one block", 2: "two blocks", 0: "every particle a block"}[blocks]
        case = Simulated((POWDER,), {("powder", "powder"): contact}, gravity=(0, 0, 0), step=2e-7, blocks=blocks or 64)
        before = initial(case, place, RADIUS, speed)
        after = advance(before, case, 3000)
        for what, index in (("momentum", 0), ("angular momentum", 1)):
            old, new = _momenta(before)[index], _momenta(after)[index]
            scale = _momenta(before)[index + 2]
            rows.append(
                Row(f"change of {what}, {name}", 0.0, float(np.abs(new - old).max() / scale), 1e-11, absolute=True)
            )
    note = (
        "Round-off, relative to the sum of the particles' own amounts; friction, rolling resistance and damping are on."
    )
    return Case("5 momentum", "64 particles fall together and turn.", tuple(rows), notes=(note,))


def _momenta(state: State) -> tuple[FloatArray, FloatArray, float, float]:
    p = state.particles
    push = p.mass[:, None] * p.velocity
    own = 0.4 * (p.mass * p.radius**2)[:, None] * p.spin
    # positions half a step back, where the velocities are
    turned = np.cross(p.position, push) + own
    return push.sum(axis=0), turned.sum(axis=0), float(np.abs(push).sum()), float(np.abs(turned).sum())


def elastic_gas(steps: int = 20_000) -> Case:
    """Case 5: frictionless elastic spheres in a box keep their energy."""
    place, speed = _cloud(216, 3.0 * RADIUS, 4, 0.5)
    contact = Contact("hertz")
    low, high = place.min() - 1.6 * RADIUS, place.max() + 1.6 * RADIUS
    walls = tuple(
        Plane(tuple(point), tuple(normal))
        for point, sign in (((low,) * 3, 1.0), ((high,) * 3, -1.0))
        for normal in (sign * np.eye(3)).tolist()
    )
    case = Simulated(
        (POWDER,), {("powder", "powder"): contact}, (Body("box", "powder", walls),), gravity=(0, 0, 0), step=2.5e-7
    )
    before = initial(case, place, RADIUS, speed)
    after = advance(before, case, steps)
    old = before.energy.kinetic
    new = after.energy.kinetic + after.energy.normal
    row = Row(f"energy after {steps} steps", 1.0, new / old, 1e-4)
    hits = Row("collisions (at least)", 1.0, float(min(after.sums.ended.sum() / 1000, 1.0)), 1e-12)
    return Case("5 elastic gas", "216 frictionless spheres in a box.", (row, hits))


def stirred(steps: int = 16_000) -> Case:
    """Case 5: the account of a stirred bed: work of the bodies against everything that was lost or stored."""
    case, before = stirred_case()
    rows = []
    state = before
    for part in range(4):
        state = advance(state, case, steps // 4)
        account = ledger(before, state)
        if part == 0:
            continue  # so far almost nothing was turned over
        what = f"missing share after {1e3 * state.time:.3g} ms ({account.turnover:.2e} J turned over)"
        rows.append(Row(what, 0.0, account.missing / account.turnover, 1e-3, absolute=True))
    return Case("5 energy account", "A block rotor at 7 m/s in a drum with 380 particles, step 0.25 µs.", tuple(rows))


def stirred_case(threads: int = 1, blocks: int = 0) -> tuple[Simulated, State]:
    """A small drum with a block as rotor (mesh), full physics; used where any stirred bed will do."""
    size = 1.9e-3
    drum = Body("drum", "chamber", (chamber(size),), Motion(rate=100.0))
    floor = Body("floor", "chamber", (Plane((0, 0, 0), (0, 0, 1)),))
    block = box((1.4e-3, 5e-4, 1.2e-3), (0.8e-3, 0, 0.8e-3))
    rotor = Body("rotor", "chamber", (block,), Motion(rate=4000.0, ramp=1e-3))
    contacts = {("powder", "powder"): POWDER_POWDER, ("powder", "chamber"): POWDER_WALL}
    case = Simulated((POWDER, CHAMBER), contacts, (drum, floor, rotor), step=2.5e-7, threads=threads, blocks=blocks)
    places = lattice_fill(case, 380, RADIUS, (-size, -size, 0), (size, size, 4e-3), seed=2)
    return case, initial(case, places, RADIUS, [[0, 0, -0.05]])


def cooling(steps: int = 24_000) -> Case:
    """Case 6: a gas with constant restitution cools by Haff's law, √(T₀/T) linear in time; a plastic one slower."""
    place, speed = _cloud(343, 2.9 * RADIUS, 5, 0.3)
    low, high = place.min() - 1.6 * RADIUS, place.max() + 1.6 * RADIUS
    walls = tuple(
        Plane(tuple(point), tuple(normal))
        for point, sign in (((low,) * 3, 1.0), ((high,) * 3, -1.0))
        for normal in (sign * np.eye(3)).tolist()
    )
    curves: list[FloatArray] = []
    times = np.zeros(0)
    # the plastic gas begins with the same restitution and gets more elastic as it slows down
    for contact in (
        Contact("linear_hysteretic", restitution=0.8, stiffness=2e3),
        Contact("thornton_ning", yield_ratio=0.045),
    ):
        smooth = Contact("hertz")
        case = Simulated(
            (POWDER, replace(POWDER, name="box")), {("powder", "powder"): contact, ("powder", "box"): smooth},
            (Body("box", "box", walls),), gravity=(0, 0, 0), step=1e-6,
        )  # fmt: skip
        state = initial(case, place, RADIUS, speed)
        energy, clock = [state.energy.kinetic], [0.0]
        for _ in range(12):
            state = advance(state, case, steps // 12)
            energy.append(state.energy.kinetic)
            clock.append(state.time)
        curves.append(np.sqrt(energy[0] / np.array(energy)))
        times = np.array(clock)
    first = np.polyfit(times[:5], curves[0][:5], 1)[0]
    last = np.polyfit(times[-5:], curves[0][-5:], 1)[0]
    plastic = np.polyfit(times[-5:], curves[1][-5:], 1)[0] / np.polyfit(times[:5], curves[1][:5], 1)[0]
    rows = (
        Row("constant restitution: late over early slope", 1.0, last / first, 0.15),
        Row("plastic: late over early slope, below 0.8", 0.4, plastic, 0.4, absolute=True),
    )
    panel = Panel(
        Axis("time", "ms"),
        Axis("√(T₀/T)"),
        (
            Series("points", 1e3 * times, curves[0], "constant restitution 0.8", 1),
            Series("points", 1e3 * times, curves[1], "Thornton-Ning", 2, open_marks=True),
            Series("line", 1e3 * times, 1 + first * times, "Haff's law", 0),
        ),
    )
    figure = FigureSpec("cooling", "Cooling of 343 spheres in an elastic box; one run each.", (panel,), 8.4)
    return Case(
        "6 cooling", "Haff's law for constant restitution; slower where slow impacts are more elastic.", rows, (figure,)
    )


def invariance() -> Case:
    """Case 10: turning everything, renaming the particles, and the number of threads."""
    rows = []
    place, speed = _cloud(64, 2.05 * RADIUS, 6, 0.05)
    speed = speed - 80.0 * (place - place.mean(axis=0))
    case = Simulated((POWDER,), {("powder", "powder"): POWDER_POWDER}, gravity=(0, 0, 0), step=2e-7)
    plain = _by_name(advance(initial(case, place, RADIUS, speed), case, 1500))
    turn = _rotation((1, 2, 3), 0.7)
    turned = _by_name(advance(initial(case, place @ turn.T, RADIUS, speed @ turn.T), case, 1500))
    rows.append(
        Row(
            "turned by 40°: farthest position",
            0.0,
            float(np.abs(turned - plain @ turn.T).max() / RADIUS),
            1e-8,
            absolute=True,
        )
    )
    order = np.random.default_rng(7).permutation(64)
    renamed = _by_name(advance(initial(case, place[order], RADIUS, speed[order]), case, 1500))
    rows.append(
        Row(
            "renamed: farthest position", 0.0, float(np.abs(renamed - plain[order]).max() / RADIUS), 1e-8, absolute=True
        )
    )
    results = []
    for threads in (1, 2):
        two, start = stirred_case(threads, blocks=2)
        results.append(advance(start, two, 3000).particles.position)
    rows.append(
        Row("one and two threads: differing numbers", 0.0, float((results[0] != results[1]).sum()), 0.0, absolute=True)
    )
    return Case("10 invariance", "Positions in radii; threads compared bit by bit.", tuple(rows))


def _by_name(state: State) -> FloatArray:
    out = np.empty_like(state.particles.position)
    out[state.particles.identity] = state.particles.position
    return np.asarray(out)


def _rotation(axis: tuple[float, float, float], angle: float) -> FloatArray:
    x, y, z = np.array(axis) / np.linalg.norm(axis)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.asarray(np.eye(3) + math.sin(angle) * cross + (1 - math.cos(angle)) * cross @ cross)
