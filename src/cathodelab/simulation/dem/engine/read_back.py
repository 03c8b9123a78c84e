"""From arrays on a device to a state: particles, contacts, sums, energies."""

from __future__ import annotations

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.simulation.dem.engine.device import Values, WarpKernel
from cathodelab.simulation.dem.engine.parts import Parts
from cathodelab.simulation.dem.engine.rows import RowStore
from cathodelab.simulation.dem.state import ContactRows, Energy, Poses, State


def state_of(parts: Parts, time: float, steps: int) -> State:
    """The state on the device; ``time`` in s and the number of steps since the start go with it."""
    from cathodelab.simulation.dem.kernels import energies

    particles, pairs, walls, laws = parts.particles, parts.pairs, parts.walls, parts.laws
    arrays, accounts = particles.arrays(), parts.accounts
    columns = {name: getattr(particles, name).numpy() for name in ("pair_work", "wall_work", "begun", "ended")}
    origin, turn, velocity, spin = walls.pose_arrays()
    inputs = [laws.constants[0], laws.pairs, arrays, pairs.now]
    pair_rows = pairs.read_back(_plastic(parts, pairs, energies.pair_plastic, inputs))
    inputs = [laws.walls, arrays, walls.now, walls.surfaces, parts.bodies]
    wall_rows = walls.read_back(_plastic(parts, walls, energies.wall_plastic, inputs))
    return State(
        particles.read_back(),
        pair_rows,
        wall_rows,
        Poses(origin, turn, velocity, spin, accounts.body_sums()),
        accounts.collision_sums(columns),
        _energy(parts, pair_rows, wall_rows),
        time,
        steps,
    )


def _plastic(parts: Parts, rows: RowStore, kernel: WarpKernel, inputs: list[Values]) -> FloatArray:
    """Plastic work (J) of every entry that touches."""
    lost = parts.device.zeros(len(rows.now.code), parts.device.wp.float64)
    parts.device.launch(kernel, parts.particles.count, [*inputs, lost])
    plastic: FloatArray = lost.numpy()
    return plastic


def _energy(parts: Parts, pairs: ContactRows, walls: ContactRows) -> Energy:
    from cathodelab.simulation.dem.kernels import energies

    particles, device = parts.particles, parts.device
    kinetic, potential = (device.zeros(particles.count, device.wp.float64) for _ in range(2))
    inputs = [parts.laws.constants[0], particles.arrays(), particles.loads, kinetic, potential]
    device.launch(energies.energies, particles.count, inputs)
    shares = np.ones(len(pairs.other))
    if device.is_cuda or parts.blocks.count > 1:
        # a pair of two blocks is listed by both
        block = parts.blocks.block_of_each()
        shares[np.repeat(block, np.diff(pairs.start)) != block[pairs.other]] = 0.5
    springs = float(shares @ _spring_energy(pairs.spring, pairs.roll) + _spring_energy(walls.spring, walls.roll).sum())
    normal = float(shares @ pairs.stored + walls.stored.sum())
    return Energy(float(kinetic.numpy().sum()), float(potential.numpy().sum()), normal, springs)


def _spring_energy(*springs: FloatArray) -> FloatArray:
    """Energy (J) of springs that are kept as displacement and stiffness."""
    return sum(
        (0.5 * np.abs(one[:, 3]) * np.sum(one[:, :3] ** 2, axis=1) for one in springs), np.zeros(len(springs[0]))
    )
