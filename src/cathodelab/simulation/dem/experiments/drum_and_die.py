"""The two experiments that particles are calibrated with, simulated: a rotating drum and a die."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.simulation.dem.case import Case, good_step, initial
from cathodelab.simulation.dem.engine.integrator import advance
from cathodelab.simulation.dem.equipment.bodies import Body, Vector
from cathodelab.simulation.dem.equipment.machines import Die, Drum
from cathodelab.simulation.dem.evaluation.bed_surface import Slope, mean_slope, slope
from cathodelab.simulation.dem.filling.lattice import lattice_fill
from cathodelab.simulation.dem.materials import Contact, Material
from cathodelab.simulation.dem.state import State


@dataclass(frozen=True)
class Powder:
    """What is calibrated: a material, its contacts with itself and with walls, and the grain radius in m."""

    material: Material
    inside: Contact
    wall: Contact
    radius: float

    def case(self, bodies: tuple[Body, ...], gravity: Vector, speed: float, *, smooth: bool = True) -> Case:
        """A case with walls of steel; ends without friction if ``smooth``."""
        steel = Material("steel", 7850.0, 200e9, 0.3)
        ends = replace(steel, name="ends")
        name = self.material.name
        sliding = replace(self.wall, static_friction=0.0, dynamic_friction=0.0) if smooth else self.wall
        contacts = {(name, name): self.inside, (name, "steel"): self.wall, (name, "ends"): sliding}
        case = Case((self.material, steel, ends), contacts, bodies, gravity=gravity, step=1.0)
        return replace(case, step=good_step(case, self.radius, speed))


@dataclass(frozen=True, eq=False)
class DrumRun(ReadOnlyArrays):
    """A drum run: the slope of the surface and where the particles were in the last picture."""

    slope: Slope
    pictures: tuple[Slope, ...]
    position: FloatArray


def drum_run(powder: Powder, drum: Drum, fill: float, duration: float, pictures: int, seed: int = 1) -> DrumRun:
    """Turn a drum that is filled to a share of its area; pictures are taken over the second half of the time."""
    speed = max(0.5, 3 * drum.speed_rpm * np.pi / 30 * drum.radius)
    case = powder.case(drum.bodies("steel", "ends"), (0.0, -9.81, 0.0), speed)
    volume = np.pi * drum.radius**2 * drum.length * fill
    count = int(0.56 * volume / (4 / 3 * np.pi * powder.radius**3))
    low, high = (-drum.radius, -drum.radius, 0.0), (drum.radius, drum.radius, drum.length)
    state = initial(case, lattice_fill(case, count, powder.radius, low, high, seed), powder.radius)
    state = advance(state, case, round(0.5 * duration / case.step))
    slopes = []
    for _ in range(pictures):
        state = advance(state, case, max(round(0.5 * duration / pictures / case.step), 1))
        slopes.append(slope(state.particles.position, powder.radius, 0.6 * drum.radius))
    # a drum that turns anticlockwise lifts the bed at the right
    return DrumRun(mean_slope(slopes), tuple(slopes), state.particles.position)


@dataclass(frozen=True, eq=False)
class DieRun(ReadOnlyArrays):
    """A compaction: piston height (m) and force (N) while loading and while unloading; ``start`` is the first touch."""

    loading: FloatArray
    unloading: FloatArray
    start: float


def die_run(
    powder: Powder, die: Die, count: int, force: float, points: int = 40, seed: int = 1, lowest: float = 0.0
) -> DieRun:
    """Press a bed with a piston of constant speed up to ``force`` or down to ``lowest`` (m), then draw it back.

    The force is the mean over each stretch of the piston's way.
    """
    case = powder.case(die.bodies("steel", "steel"), (0.0, 0.0, -9.81), max(die.speed, 0.3), smooth=False)
    low, high = (-die.radius, -die.radius, 0.0), (die.radius, die.radius, die.height)
    places = lattice_fill(case, count, powder.radius, low, high, seed)
    state = initial(case, places, powder.radius)
    settling = replace(case, bodies=replace(die, speed=0.0).bodies("steel", "steel"))
    falling = 1.5 * np.sqrt(2 * 0.5 * die.height / 9.81)
    state = advance(state, settling, round(falling / case.step))
    top = float(state.particles.position[:, 2].max()) + powder.radius
    state = replace(state, poses=replace(state.poses, origin=_piston_at(state.poses.origin, top + 1e-6)))
    loading = _pressed(state, case, (top - 2 * powder.radius) / points, lambda pushed: pushed >= force, lowest)
    state, curve = loading
    back = replace(case, bodies=replace(die, speed=-die.speed).bodies("steel", "steel") if die.speed else case.bodies)
    lowest = curve[-1, 0]
    way = max((top - lowest) / points / 8, powder.radius / 200)
    _, release = _pressed(state, back, way, lambda pushed: pushed <= 0.02 * force)
    return DieRun(curve, release, top)


def _piston_at(origin: FloatArray, height: float) -> FloatArray:
    moved = np.array(origin)
    moved[-1, 2] = height
    return moved


def _pressed(
    state: State, case: Case, way: float, done: Callable[[float], bool], lowest: float = 0.0
) -> tuple[State, FloatArray]:
    """Move the piston stretch by stretch until ``done(force)`` or below ``lowest``; mean height and force of each."""
    piston = len(case.bodies) - 1
    speed = abs(case.bodies[piston].motion.velocity[2])
    steps = max(round(way / speed / case.step), 1)
    rows = []
    for _ in range(4000):
        before = state
        state = advance(state, case, steps)
        time = state.time - before.time
        pushed = float(state.poses.sums[piston, 2] - before.poses.sums[piston, 2]) / time
        height = 0.5 * float(state.poses.origin[piston, 2] + before.poses.origin[piston, 2])
        rows.append((height, pushed))
        if done(pushed) or height < lowest:
            break
    return state, np.array(rows)
