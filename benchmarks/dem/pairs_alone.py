# mypy: ignore-errors
"""The forces between particles alone, on one thread: what the roofline table measures."""

import warp as wp

from cathodelab.simulation.dem.engine.integrator import Machine
from cathodelab.simulation.dem.kernels.normal_laws import Law
from cathodelab.simulation.dem.kernels.pairs import Block, Booked, Common, Events, Moving, Push, Rows
from cathodelab.simulation.dem.kernels.pairs_vectorised import Notes, push_pairs


@wp.kernel
def pair_forces(
    block: Block, common: Common, laws: wp.array(dtype=Law), moving: Moving, rows: Rows, notes: Notes,
    push: Push, booked: Booked, events: Events,
) -> None:  # fmt: skip
    """Forces of all pairs of a block."""
    push_pairs(block, common, laws, moving, rows, notes, push, booked, events)


def bound(machine: Machine) -> wp.Launch:
    """A launch over the machine's first block."""
    moving, by_pairs, _ = machine.movers()
    given = [
        machine.blocks.table[0],
        machine.commons[0],
        machine.pair_laws,
        moving,
        machine.pairs.now,
        machine.pairs.notes,
    ]
    return wp.launch(pair_forces, 1, [*given, machine.push, by_pairs, machine.events], record_cmd=True, device="cpu")
