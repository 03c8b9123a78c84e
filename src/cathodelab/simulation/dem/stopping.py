"""From arrays on a device to a state: what touches, sums over blocks, energies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.simulation.dem.lists import Rows
from cathodelab.simulation.dem.state import SUMS, Energy, Particles, Poses, State, Sums, Touching

if TYPE_CHECKING:
    from cathodelab.simulation.dem.machine import Machine


def state_of(machine: Machine) -> State:
    """The state as it stands on the device."""
    from cathodelab.simulation.dem.kernels import ending

    moving, _, _ = machine.movers()
    position, velocity, spin = (one.numpy() for one in (machine.position, machine.velocity, machine.spin))
    old, bodies = machine.before.sums, len(machine.case.bodies)
    particles = Particles(
        position=position[:, :3],
        velocity=velocity[:, :3],
        spin=spin[:, :3],
        radius=position[:, 3],
        mass=velocity[:, 3],
        material=machine.material.numpy(),
        identity=machine.identity.numpy(),
    )
    sums = Sums(
        pair_work=machine.pair_work.numpy(),
        wall_work=machine.wall_work.numpy(),
        begun=machine.begun.numpy(),
        ended=machine.ended.numpy(),
        event_count=old.event_count + _over_lanes(machine, "event_count"),
        event_work=old.event_work + _over_lanes(machine, "event_work"),
        event_overlap=old.event_overlap + _over_lanes(machine, "event_overlap"),
        peak_overlap=max(old.peak_overlap, float(machine.peak.numpy().max())),
    )
    origin, turn, speed, turning = machine.walls.pose_arrays()
    poses = Poses(origin, turn, speed, turning, machine.sums.numpy()[: SUMS * bodies].reshape(bodies, SUMS))
    given = [machine.commons[0], machine.pair_laws, moving, machine.pairs.now]
    pairs = _active(machine.pairs, _plastic(machine, machine.pairs, ending.pair_plastic, given))
    given = [machine.wall_laws, moving, machine.walls.now, machine.walls.surfaces, bodies]
    walls = _active(machine.walls, _plastic(machine, machine.walls, ending.wall_plastic, given))
    energy = _energy(machine, moving, pairs, walls)
    return State(particles, pairs, walls, poses, sums, energy, machine.time, machine.steps)


def _plastic(machine: Machine, rows: Rows, kernel: Any, given: list[Any]) -> FloatArray:  # noqa: ANN401 - a Warp kernel
    lost = machine.zeros(len(rows.now.code), machine.wp.float64)
    machine.wp.launch(kernel, machine.count, inputs=[*given, lost], device=machine.case.device)
    plastic: FloatArray = lost.numpy()
    return plastic


def _energy(machine: Machine, moving: Any, pairs: Touching, walls: Touching) -> Energy:  # noqa: ANN401 - a Warp struct
    from cathodelab.simulation.dem.kernels import ending

    kinetic, potential = (machine.zeros(machine.count, machine.wp.float64) for _ in range(2))
    given = [machine.commons[0], moving, machine.push, kinetic, potential]
    machine.wp.launch(ending.energies, machine.count, inputs=given, device=machine.case.device)
    shares = np.ones(len(pairs.other))
    if machine.cuda or machine.blocks.count > 1:
        # a pair across blocks is listed by both
        every = np.arange(machine.count)
        block = every if machine.cuda else np.searchsorted(machine.blocks.edges, every, side="right")
        shares[np.repeat(block, np.diff(pairs.start)) != block[pairs.other]] = 0.5
    springs = float(shares @ _stored(pairs.spring, pairs.roll) + _stored(walls.spring, walls.roll).sum())
    normal = float(shares @ pairs.stored + walls.stored.sum())
    return Energy(float(kinetic.numpy().sum()), float(potential.numpy().sum()), normal, springs)


def _over_lanes(machine: Machine, name: str) -> Any:  # noqa: ANN401 - an array
    return getattr(machine, name).numpy().reshape(machine.blocks.places, -1).sum(axis=0)


def _stored(*springs: FloatArray) -> FloatArray:
    """Energy of springs kept as (displacement, stiffness)."""
    return sum(
        (0.5 * np.abs(one[:, 3]) * np.sum(one[:, :3] ** 2, axis=1) for one in springs), np.zeros(len(springs[0]))
    )


def _active(rows: Rows, plastic: FloatArray) -> Touching:
    """Only what touches, in rows."""
    now = rows.now
    starts, codes = now.start.numpy(), now.code.numpy()
    codes = codes[: starts[-1]]
    touching = codes < 0
    kept = np.concatenate([[0], np.cumsum(touching)])[starts]

    def chosen(name: str, shape: tuple[int, ...]) -> FloatArray:
        if rows.unused.get(name):
            return np.zeros((int(kept[-1]), *shape))
        values: FloatArray = getattr(now, name).numpy()[: len(codes)][touching]
        return values

    largest, friction = chosen("memory", (2,)).T
    memory = np.column_stack([largest, plastic[: len(codes)][touching], friction, chosen("damped", ())])
    return Touching(
        start=kept.astype(np.int32),
        other=(-1 - codes[touching]).astype(np.int32),
        spring=chosen("spring", (4,)),
        memory=memory,
        roll=chosen("roll", (4,)),
        stored=chosen("stored", ()),
    )
