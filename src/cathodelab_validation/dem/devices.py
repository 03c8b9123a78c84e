"""A CPU against CUDA: the same beds, the same steps; what may differ is how rounding grows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.simulation.dem.case import Case as Simulated
from cathodelab.simulation.dem.case import initial
from cathodelab.simulation.dem.engine.integrator import advance
from cathodelab.simulation.dem.engine.warp_library import warp
from cathodelab.simulation.dem.equipment.bodies import Body, Motion, box, chamber
from cathodelab.simulation.dem.equipment.machines import Die
from cathodelab.simulation.dem.evaluation.energy_ledger import ledger
from cathodelab.simulation.dem.evaluation.stress_tally import work_of
from cathodelab.simulation.dem.filling.lattice import lattice_fill
from cathodelab.simulation.dem.materials import Contact
from cathodelab.simulation.dem.state import State
from cathodelab_validation.dem.model import CHAMBER, POWDER, POWDER_WALL, RADIUS, Case, Row
from cathodelab_validation.dem.motion import stirred_case

LIMIT = 1e-8
"""Of what is measured: one step of rounding in the positions grows to 1e-11 radii in 2000 steps of the stirred bed."""


def devices() -> Case:
    """Case 10, CPU against CUDA: positions, collisions, work and forces on bodies; then what CUDA says by itself.

    Raises:
        CathodelabError: ``dem-no-cuda``.
    """
    rows = [
        *_compared("stirred", *stirred_case(), 2000),
        *_compared("two materials", *mixed_case(), 2000),
        *_compared("piston", *pressed_case(), 1500),
        *_alone(),
    ]
    note = (
        "MixerMeans: the bed of the energy account (mesh rotor, two bodies that turn). Two materials: powder and balls with "
        "rolling resistance and dashpots over a mesh block that swings. Piston: driven by its force. Work is relative to "
        "the largest work of a particle; force, torque and work of bodies to the largest of their kind. Sums over bodies "
        "and classes of collisions are added up by CUDA in any order, so their last digits, and with them the way of a "
        "force-controlled body, differ from run to run. A collision of unlike partners counts half at the intensity of "
        "each on CUDA and across blocks of a CPU, but inside a block at that of the partner with the higher number: the "
        "table of collisions over intensity is compared for like ones only."
    )
    sentence = f"The same bed and steps on a CPU and on an {warp().get_device('cuda').name}; positions in radii."
    return Case("10 invariance, CPU against CUDA", sentence, tuple(rows), notes=(note,))


def mixed_case() -> tuple[Simulated, State]:
    """Powder and balls of twice its size fall on a block that swings, in a tube: all that a contact can do is on."""
    tube = 1.5e-3
    ball = replace(POWDER, name="ball", density=7850.0)
    rough = Contact("thornton_ning", 0.46, 0.31, 0.1, yield_ratio=0.00756, restitution=0.7, tangential_damping=0.2)
    hard = Contact("linear_hysteretic", 0.3, 0.2, 0.05, restitution=0.6, stiffness=2e3)
    contacts = {
        ("powder", "powder"): rough,
        ("powder", "ball"): replace(rough, rolling_friction=0.05),
        ("ball", "ball"): hard,
        ("powder", "chamber"): POWDER_WALL,
        ("ball", "chamber"): hard,
    }
    bodies = (
        Body("tube", "chamber", (chamber(tube),)),
        Body(
            "block",
            "chamber",
            (box((4e-3, 4e-3, 1e-3), (0, 0, -0.5e-3)),),
            Motion(swing_sine=(0, 0, 2e-4), swing_rate=6000.0),
        ),
    )
    case = Simulated((POWDER, ball, CHAMBER), contacts, bodies, step=2.5e-7, particle_materials=2)
    balls = lattice_fill(case, 12, 2 * RADIUS, (-tube, -tube, 3e-4), (tube, tube, 3e-3), seed=1)
    beside = (balls, 2 * RADIUS)
    grains = lattice_fill(case, 150, RADIUS, (-tube, -tube, 3e-4), (tube, tube, 4e-3), seed=2, beside=beside)
    radius, kind = np.repeat([2 * RADIUS, RADIUS], [12, 150]), np.repeat([1, 0], [12, 150])
    return case, initial(case, np.concatenate([balls, grains]), radius, [[0, 0, -1.0]], material=kind)


def pressed_case() -> tuple[Simulated, State]:
    """A piston that pushes with 0.02 N on eight spheres in a die."""
    die = Die(radius=3 * RADIUS, height=6 * RADIUS, speed=0.2, force=0.02, gain=10.0)
    soft = Contact("hertz", 0.3, 0.3, restitution=0.2, tangential_damping=0.3)
    case = Simulated((POWDER,), {("powder", "powder"): soft}, die.bodies("powder", "powder"), step=1e-6)
    place = [[x * RADIUS, y * RADIUS, z * RADIUS] for z in (1.01, 3.03) for x in (-1.02, 1.02) for y in (-1.02, 1.02)]
    return case, initial(case, place, RADIUS)


def _compared(name: str, case: Simulated, start: State, steps: int) -> list[Row]:
    cpu, cuda = (advance(start, replace(case, device=device), steps) for device in ("cpu", "cuda"))
    first, second = np.argsort(cpu.particles.identity), np.argsort(cuda.particles.identity)
    way = cuda.particles.position[second] - cpu.particles.position[first]
    begun, ended = (
        float((getattr(cpu.sums, what)[first] != getattr(cuda.sums, what)[second]).sum()) for what in ("begun", "ended")
    )
    lost = [np.hstack(work_of(one))[order] for one, order in ((cpu, first), (cuda, second))]
    found = {
        f"farthest position after {steps} steps": (float(np.abs(way).max() / RADIUS), LIMIT),
        f"particles with other numbers of collisions ({int(cpu.sums.begun.sum())} begun)": (begun + ended, 0.0),
        "touching pairs and surfaces": (float(_touching(cpu) != _touching(cuda)), 0.0),
        "work lost by each particle": (_apart(lost[0].ravel(), lost[1].ravel()), LIMIT),
        "force, torque, work of each body": (_apart(cpu.poses.sums[:, :7], cuda.poses.sums[:, :7]), LIMIT),
        "collisions over overlap": (float(np.abs(cpu.sums.event_overlap - cuda.sums.event_overlap).max()), 0.0),
        "energies": (_apart(_energies(cpu), _energies(cuda)), LIMIT),
    }
    if np.ptp(cpu.particles.mass) == 0:
        # of unlike partners each may stand for the collision, see the note
        other = np.abs(cpu.sums.event_count - cuda.sums.event_count).max()
        found["collisions over intensity"] = (float(other), 0.0)
    return [Row(f"{name}: {what}", 0.0, off, limit, absolute=True) for what, (off, limit) in found.items()]


def _alone() -> list[Row]:
    case, start = stirred_case()
    case = replace(case, device="cuda")
    half = advance(start, case, 6000)
    runs = [advance(half, case, 6000) for _ in range(2)]
    account = ledger(start, runs[0])
    share = account.missing / account.turnover
    differing = float((runs[0].particles.position != runs[1].particles.position).sum())
    return [
        Row("CUDA alone: missing share of the energy account after 12000 steps", 0.0, share, 1e-3, absolute=True),
        Row("CUDA alone: numbers that differ between two runs (driven by time)", 0.0, differing, 0.0, absolute=True),
    ]


def _touching(state: State) -> tuple[int, int]:
    owner = np.repeat(state.particles.identity, np.diff(state.pairs.start))
    pairs = np.sort(np.column_stack([owner, state.particles.identity[state.pairs.other]]), axis=1)
    return len(np.unique(pairs, axis=0)), len(state.walls.other)


def _energies(state: State) -> FloatArray:
    return np.array([state.energy.kinetic, state.energy.normal, state.energy.tangential])


def _apart(one: FloatArray, other: FloatArray) -> float:
    """Largest difference in a column over the largest value in it; columns of zeros agree."""
    size = np.maximum(np.abs(one).max(axis=0), 1e-300)
    return float((np.abs(one - other).max(axis=0) / size).max())
