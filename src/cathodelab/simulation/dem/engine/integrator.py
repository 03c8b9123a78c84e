"""A state goes forward: steps are taken, and lists are made again when something has moved too far."""

from __future__ import annotations

import numpy as np

from cathodelab.core.errors import CathodelabError
from cathodelab.simulation.dem.case import Case
from cathodelab.simulation.dem.engine.parts import parts_of
from cathodelab.simulation.dem.engine.read_back import state_of
from cathodelab.simulation.dem.engine.steppers import CpuStepper, CudaStepper
from cathodelab.simulation.dem.state import State


def advance(state: State, case: Case, steps: int) -> State:
    """The state ``steps`` later. Takes (steps x particles) / (some million a second and core), see benchmarks/dem.

    Raises:
        CathodelabError: ``dem-lost`` if positions are no longer finite, ``extra-missing`` without Warp.
    """
    if steps <= 0 or len(state.particles) == 0:
        return state
    integrator = Integrator(state, case)
    try:
        integrator.run(steps)
        return integrator.state()
    finally:
        integrator.close()


class Integrator:
    """A state on a device, ready to go forward. :func:`advance` is the usual way to use it."""

    def __init__(self, state: State, case: Case) -> None:
        self.parts = parts_of(state, case)
        self.stepper: CpuStepper | CudaStepper = (
            CudaStepper(self.parts) if self.parts.device.is_cuda else CpuStepper(self.parts)
        )
        self.time, self.steps, self.rebuilt, self.gone_on = state.time, state.steps, 0, False
        self.relist()

    def close(self) -> None:
        """End the threads. The arrays are freed with the integrator: no part refers back to another."""
        self.parts.device.close()

    def run(self, steps: int) -> None:
        """Take so many steps.

        Raises:
            CathodelabError: ``dem-lost``.
        """
        self.parts.particles.clear_loads()
        left = steps
        while left:
            # not after the last step: rows that are made again would lose what their contacts have stored
            if self.gone_on:
                self._renew_lists()
            last = left == 1
            left -= self.stepper.go(1 if last else left - 1, last=last)
            self.gone_on = True
        self.steps += steps
        self.time = self.parts.accounts.time
        if not np.isfinite(self.parts.particles.position.numpy()).all():
            raise CathodelabError(
                "dem-lost",
                f"Positions of particles are not finite any more before {self.time:g} s",
                where="simulation",
                why="Their forces grew without limit: the step is too large or something was pressed into a wall.",
                what_to_do="Use a smaller step, or look for overlaps at the start.",
            )

    def _renew_lists(self) -> None:
        """Make those lists again that are outdated."""
        parts, travel = self.parts, self.parts.travel
        everything, near, surfaces = travel.outdated()
        if everything:
            self.relist()
            return
        if near:
            parts.pairs.pick()
        if surfaces:
            parts.walls.relist()
            self._surfaces_listed(travel.way)
        if near or surfaces:
            self.stepper.rebind_rows()

    def relist(self) -> None:
        """Sort the particles and make all lists again."""
        parts, cells = self.parts, self.parts.cells
        cells.sort(parts.particles.position, parts.blocks.cuts)
        parts.blocks.balance(cells.order, (parts.pairs.now, parts.walls.now))
        parts.particles.sort(cells.order, parts.blocks.cuts)
        parts.travel.farthest.zero_()
        parts.pairs.relist(cells)
        if parts.bodies:
            parts.walls.relist(cells.order)
            self._surfaces_listed(0.0)
        self.rebuilt += 1
        self.stepper.rebind()

    def _surfaces_listed(self, way: float) -> None:
        """From here on ways are counted again; particles have gone ``way`` since all lists were made."""
        self.parts.accounts.driven.travelled.zero_()
        self.parts.travel.trek, self.parts.travel.way_then = 0.0, way

    def state(self) -> State:
        """The state as it is now."""
        return state_of(self.parts, self.time, self.steps)
