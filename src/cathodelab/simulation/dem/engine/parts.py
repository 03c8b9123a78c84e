"""A state on a device: its parts, of which none knows the whole."""

from __future__ import annotations

from dataclasses import dataclass

from cathodelab.simulation.dem.case import Case
from cathodelab.simulation.dem.engine.accounts import Accounts
from cathodelab.simulation.dem.engine.blocks import Blocks
from cathodelab.simulation.dem.engine.cell_sort import CellSort
from cathodelab.simulation.dem.engine.device import Device
from cathodelab.simulation.dem.engine.laws import Laws
from cathodelab.simulation.dem.engine.pair_list import PairList
from cathodelab.simulation.dem.engine.particles import ParticleColumns
from cathodelab.simulation.dem.engine.surface_arrays import surface_arrays
from cathodelab.simulation.dem.engine.travel import Travel
from cathodelab.simulation.dem.engine.wall_list import WallList
from cathodelab.simulation.dem.state import State


@dataclass(frozen=True, eq=False)
class Parts:
    """Everything that takes part in a step. Each part holds the device and the arrays that it works on."""

    device: Device
    step: float
    bodies: int
    blocks: Blocks
    particles: ParticleColumns
    laws: Laws
    travel: Travel
    cells: CellSort
    pairs: PairList
    walls: WallList
    accounts: Accounts


def parts_of(state: State, case: Case) -> Parts:
    """The parts of a state on the device that the case names; lists are still to be made.

    Raises:
        CathodelabError: ``extra-missing``, ``dem-no-cuda``, ``dem-no-contact``.
    """
    count, bodies = len(state.particles), len(case.bodies)
    wanted = min(case.blocks or case.threads, count)
    device = Device(case.device, min(case.threads, wanted))
    blocks = Blocks(device, count, wanted)
    particles, laws = ParticleColumns(device, state), Laws(device, case)
    travel = Travel(device, state, case, blocks.places)
    cells = CellSort(device, count, travel.width + travel.skin)
    pairs = PairList(device, particles, laws, blocks, travel, case.step, state.pairs)
    surfaces = surface_arrays(case.bodies, travel.margin + 0.5 * travel.width)
    walls = WallList(device, particles, laws, blocks, travel, surfaces, state.poses, state.walls)
    accounts = Accounts(device, state, bodies, blocks.places, walls.drives, surfaces.reach)
    return Parts(device, case.step, bodies, blocks, particles, laws, travel, cells, pairs, walls, accounts)
