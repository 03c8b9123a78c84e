"""The bed all engines are timed on: spheres settled in an upright cylinder, then agitated.

Written once to a folder; every engine reads the same coordinates and velocities.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from cathodelab.simulation.dem.bodies import Body, Motion, Plane, chamber
from cathodelab.simulation.dem.case import Case, initial
from cathodelab.simulation.dem.machine import advance
from cathodelab.simulation.dem.materials import Contact, Material

RADIUS = 150e-6
STEP = 4e-7
SKIN = 0.3 * 2 * RADIUS
AGITATION = 0.15  # m/s
WALL_RATE = 100.0  # rad/s of the cylinder
CYLINDERS = {20_000: 4.03e-3, 50_000: 5.47e-3, 113_500: 8.06e-3, 250_000: 10.5e-3, 500_000: 13.2e-3}


def bed_case(cylinder: float, threads: int = 1, *, law: str = "thornton_ning", turning: bool = True) -> Case:
    """Thesis materials in a turning cylinder with a floor."""
    powder = Material("powder", 2417.0, 228e6, 0.3)
    # the peers know one material for particles and walls: the same here
    inside = {"static_friction": 0.46, "dynamic_friction": 0.31, "tangential_damping": 0.3}
    if law == "thornton_ning":
        inside["yield_ratio"] = 0.00756
    contact = Contact(law, **inside)  # type: ignore[arg-type]
    drum = Body("drum", "powder", (chamber(cylinder),), Motion(rate=WALL_RATE if turning else 0.0))
    floor = Body("floor", "powder", (Plane((0, 0, 0), (0, 0, 1)),))
    return Case((powder,), {("powder", "powder"): contact}, (drum, floor), step=STEP, skin=SKIN, threads=threads)


def settled(count: int, folder: Path, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Positions and velocities; made on the first call (a jittered lattice falls at 200 g, then rests at 1 g)."""
    path = folder / f"bed_{count}.npz"
    if path.exists():
        with np.load(path) as kept:
            return kept["position"], kept["velocity"]
    rng = np.random.default_rng(seed)
    cylinder = CYLINDERS[count]
    spacing = 2.04 * RADIUS
    side = int(2 * cylinder / spacing) + 2
    x, y = np.meshgrid(*[(np.arange(side) - side / 2) * spacing] * 2, indexing="ij")
    inside = np.hypot(x, y) < cylinder - 1.05 * RADIUS
    layer = np.column_stack([x[inside], y[inside]])
    layers = -(-count // len(layer))
    height = (np.repeat(np.arange(layers), len(layer)) + 0.55) * spacing * 1.02
    place = np.column_stack([np.tile(layer, (layers, 1)), height])[:count]
    place += rng.uniform(-0.015, 0.015, place.shape) * RADIUS
    case = bed_case(cylinder, turning=False)
    falling = Case(**{**vars(case), "gravity": (0.0, 0.0, -2000.0), "threads": 1})
    state = initial(falling, place, RADIUS, velocity=rng.normal(0, 0.3, (count, 3)))
    state = advance(state, falling, 4000)
    resting = Case(**{**vars(case), "threads": 1})
    state = advance(state, resting, 500)
    position = np.array(state.particles.position)
    velocity = rng.normal(0, AGITATION / np.sqrt(3), position.shape)
    order = rng.permutation(count)  # no engine gets sorted particles for nothing
    position, velocity = position[order], velocity[order]
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(path, position=position, velocity=velocity)
    return position, velocity
