"""The bed all engines are timed on: spheres settled in an upright cylinder, then agitated.

Written once to a folder; every engine reads the same coordinates and velocities.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from cathodelab.simulation.dem.case import Case, initial
from cathodelab.simulation.dem.engine.integrator import advance
from cathodelab.simulation.dem.equipment.bodies import Body, Motion, Plane, chamber
from cathodelab.simulation.dem.materials import Contact, Material

RADIUS = 150e-6
STEP = 4e-7
SKIN = 0.3 * 2 * RADIUS
AGITATION = 0.15  # m/s
WALL_RATE = 100.0  # rad/s of the cylinder
CYLINDERS = {
    5_000: 4.03e-3,
    20_000: 4.03e-3,
    50_000: 5.47e-3,
    **dict.fromkeys((113_500, 250_000, 500_000, 2_000_000), 8.06e-3),
}


def bed_case(cylinder: float, threads: int = 1, *, law: str = "thornton_ning", turning: bool = True) -> Case:
    """The source's powder in a turning cylinder with a floor, walls of the same material (the peers know one)."""
    powder = Material("powder", 2417.0, 228e6, 0.3)
    friction = {"static_friction": 0.46, "dynamic_friction": 0.31}
    contact = {
        "thornton_ning": Contact("thornton_ning", **friction, yield_ratio=0.00756),
        "hertz": Contact("hertz", **friction),
        "settling": Contact("hertz", **friction, restitution=0.2, tangential_damping=0.3),
    }[law]
    drum = Body("drum", "powder", (chamber(cylinder),), Motion(rate=WALL_RATE if turning else 0.0))
    floor = Body("floor", "powder", (Plane((0, 0, 0), (0, 0, 1)),))
    return Case((powder,), {("powder", "powder"): contact}, (drum, floor), step=STEP, skin=SKIN, threads=threads)


def settled(count: int, folder: Path, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Positions and velocities; made on the first call.

    Up to 113,500: a jittered lattice falls at 50 g and comes to rest at 1 g, elastic and damped, so that no engine
    starts with stress it does not know. Larger beds are that bed stacked.
    """
    path = folder / f"bed_{count}.npz"
    if path.exists():
        with np.load(path) as kept:
            return kept["position"], kept["velocity"]
    rng = np.random.default_rng(seed)
    position = _fallen(count, rng) if count <= 113_500 else _stacked(count, folder)
    velocity = rng.normal(0, AGITATION / np.sqrt(3), position.shape)
    order = rng.permutation(count)  # no engine gets sorted particles for nothing
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(path, position=position[order], velocity=velocity[order])
    return position[order], velocity[order]


def _fallen(count: int, rng: np.random.Generator) -> np.ndarray:
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
    case = bed_case(cylinder, law="settling", turning=False)
    state = initial(case, place, RADIUS, velocity=rng.normal(0, 0.3, (count, 3)))
    for gravity, steps in ((500.0, 7000), (9.81, 4000)):
        pulled = replace(case, gravity=(0.0, 0.0, -gravity))
        state = advance(state, pulled, steps)
    print(
        f"bed of {count}: kinetic energy {state.energy.kinetic:.3g} J, stored {state.energy.normal:.3g} J", flush=True
    )
    return np.array(state.particles.position)


def _stacked(count: int, folder: Path) -> np.ndarray:
    one, _ = settled(113_500, folder)
    height = float(one[:, 2].max()) + RADIUS
    copies = -(-count // len(one))
    whole = np.concatenate([one + np.array([0, 0, k * height]) for k in range(copies)])
    return whole[np.argsort(whole[:, 2], kind="stable")[:count]]
