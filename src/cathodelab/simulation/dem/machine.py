"""States go forward: arrays on a device, steps taken, lists made anew when something has moved too far."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np

from cathodelab.core.errors import CathodelabError
from cathodelab.simulation.dem.backend import checked_device, warp
from cathodelab.simulation.dem.blocks import Blocks
from cathodelab.simulation.dem.case import Case
from cathodelab.simulation.dem.lists import Pairs, Walls
from cathodelab.simulation.dem.state import EVENT_BINS, OVERLAP_BINS, SUMS, State
from cathodelab.simulation.dem.stepping import March, Staged
from cathodelab.simulation.dem.stopping import state_of
from cathodelab.simulation.dem.surfaces import surface_arrays

# places between the sums of two blocks, so that no line of the cache belongs to two threads
_APART = 8


def advance(state: State, case: Case, steps: int) -> State:
    """The state ``steps`` later. Takes (steps x particles) / (some million a second and core), see benchmarks/dem.

    Raises:
        CathodelabError: ``dem-lost`` where positions are no longer numbers, ``extra-missing`` without Warp.
    """
    if steps <= 0 or len(state.particles) == 0:
        return state
    machine = Machine(state, case)
    try:
        machine.run(steps)
        return machine.state()
    finally:
        machine.close()


class Machine:
    """A state on a device, with everything that is derived from it. :func:`advance` is the door."""

    def __init__(self, state: State, case: Case) -> None:
        self.wp = warp()
        self.case, self.before, self.count = case, state, len(state.particles)
        self.cuda = checked_device(case.device).startswith("cuda")
        self.blocks = Blocks(self)
        self.threads = self.blocks.threads
        self.pool = ThreadPoolExecutor(self.threads - 1) if self.threads > 1 else None
        self.time, self.steps, self.rebuilt = state.time, state.steps, 0
        # ways up to when surfaces were listed, and since
        self.way_then, self.trek, self.gone_on = 0.0, 0.0, False
        self.width = 2 * float(state.particles.radius.max())
        self.skin = case.skin or 0.3 * self.width
        self.margin = max(case.wall_margin or self.width, self.skin)
        self._put(state)
        self._laws()
        self._structs()
        self.speed = float(np.sqrt(np.sum(state.particles.velocity**2, axis=1).max()))
        self.pairs = Pairs(self, state.pairs)
        self.walls = Walls(self, state.walls, surface_arrays(case.bodies, self.margin + 0.5 * self.width))
        self.driven.drives, self.driven.reach = (
            self.walls.drives,
            self.given(np.append(self.walls.reach, 0.0), self.wp.float64),
        )
        self.steps_on: March | Staged = Staged(self) if self.cuda else March(self)
        self.relist()

    def close(self) -> None:
        """Give back its arrays and threads at once.

        It and its lists know each other, so only Python's collector would, which counts objects and not bytes: over ten
        outputs of 100,000 particles a gigabyte.
        """
        if self.pool:
            self.pool.shutdown()
        vars(self).clear()

    def zeros(self, count: int, kind: Any) -> Any:  # noqa: ANN401 - Warp's types
        """An array of zeros on the device."""
        return self.wp.zeros(count, dtype=kind, device=self.case.device)

    def given(self, values: Any, kind: Any) -> Any:  # noqa: ANN401 - as zeros
        """An array with these values on the device."""
        return self.wp.array(values, dtype=kind, device=self.case.device)

    def spread(self, kernel: Any, given: list[Any], count: int = 0) -> None:  # noqa: ANN401 - a Warp kernel
        """Launch a kernel whose first argument is the first place, over all particles or ``count`` places, on all threads."""
        ends = [*self.blocks.cuts[:-1], count or self.count]
        device = self.case.device
        parts = [
            self.wp.launch(kernel, dim=end - begin, inputs=[begin, *given], device=device, record_cmd=True)
            for begin, end in pairwise(ends)
        ]
        self.together([part.launch for part in parts])

    def together(self, parts: list[Any]) -> None:
        """Call all of them, the first here and the others in the pool; a launch lets go of Python's lock."""
        waiting = [self.pool.submit(part) for part in parts[1:]] if self.pool else []
        parts[0]()
        for one in waiting:
            one.result()

    def _put(self, state: State) -> None:
        wp, p, count = self.wp, state.particles, self.count
        inertia = 0.4 * p.mass * p.radius**2
        self.position = self.given(np.column_stack([p.position, p.radius]), wp.vec4d)
        self.velocity = self.given(np.column_stack([p.velocity, p.mass]), wp.vec4d)
        self.spin = self.given(np.column_stack([p.spin, inertia]), wp.vec4d)
        self.material = self.given(p.material, wp.int32)
        self.identity = self.given(p.identity, wp.int32)
        self.pair_work = self.given(state.sums.pair_work, wp.vec3d)
        self.wall_work = self.given(state.sums.wall_work, wp.vec3d)
        self.begun = self.given(state.sums.begun, wp.int32)
        self.ended = self.given(state.sums.ended, wp.int32)
        self.force, self.torque = self.zeros(count, wp.vec4d), self.zeros(count, wp.vec4d)
        self.listed = self.zeros(count, wp.vec3d)
        self.farthest = self.zeros(2 * self.blocks.places, wp.float64)
        self.clock = self.given([state.time], wp.float64)
        bodies = max(len(self.case.bodies), 1)
        self.felt_stride: Any = bodies + _APART
        self.felt_force = self.zeros(self.blocks.places * self.felt_stride, wp.vec3d)
        self.felt_torque = self.zeros(self.blocks.places * self.felt_stride, wp.vec3d)
        self.sums = self.given(np.append(state.poses.sums.ravel(), np.zeros(SUMS)), wp.float64)
        self.travelled = self.zeros(2 * bodies, wp.float64)
        self.latest, self.since = self.zeros(7, wp.float64), self.zeros(2, wp.float64)
        self.event_count = self.zeros(self.blocks.places * EVENT_BINS, wp.float64)
        self.event_work = self.zeros(self.blocks.places * EVENT_BINS, wp.float64)
        self.event_overlap = self.zeros(self.blocks.places * OVERLAP_BINS, wp.float64)
        self.peak = self.zeros(self.blocks.places, wp.float64)

    def _laws(self) -> None:
        from cathodelab.simulation.dem.kernels import law

        case = self.case
        movable = case.materials[: case.particle_materials]

        def filled(numbers: object) -> Any:  # noqa: ANN401 - a Warp struct
            struct = law.Law()
            for name, value in vars(numbers).items():
                setattr(struct, name, value)
            return struct

        between = [filled(case.law(a.name, b.name, wall=False)) for a in movable for b in movable]
        against = [filled(case.law(a.name, b.material, wall=True)) for a in movable for b in case.bodies]
        self.pair_laws = self.given(between, law.Law)
        self.wall_laws = self.given(against or between[:1], law.Law)
        self.damped = any(one.restitution < 1 or one.tangential_damping > 0 for one in case.contacts.values())
        self.rolling = any(one.rolling_friction > 0 for one in case.contacts.values())

    def _structs(self) -> None:
        from cathodelab.simulation.dem.kernels import bodies, pairs, walls

        wp, case = self.wp, self.case
        self.commons = []
        # the last step of a run also says what energy is stored
        for ledger in (0, 1):
            common: Any = pairs.Common()
            common.dt, common.gravity = case.step, wp.vec3d(*case.gravity)
            common.materials, common.rolling = case.particle_materials, int(self.rolling)
            common.damped, common.ledger = int(self.damped), ledger
            self.commons.append(common)
        self.events: Any = pairs.Events()
        self.events.count, self.events.work = self.event_count, self.event_work
        self.events.overlap, self.events.peak = self.event_overlap, self.peak
        self.push: Any = pairs.Push()
        self.push.force, self.push.torque = self.force, self.torque
        self.felt: Any = walls.Felt()
        self.felt.force, self.felt.torque, self.felt.stride = self.felt_force, self.felt_torque, self.felt_stride
        self.driven: Any = bodies.Driven()
        self.driven.sums, self.driven.travelled, self.driven.clock = self.sums, self.travelled, self.clock

    def movers(self) -> tuple[Any, Any, Any]:
        """The particles as they are sorted now, and where work on pairs and on walls is booked."""
        from cathodelab.simulation.dem.kernels import pairs

        moving: Any = pairs.Moving()
        moving.position, moving.velocity, moving.spin = self.position, self.velocity, self.spin
        moving.material = self.material
        by_pairs, by_walls = pairs.Booked(), pairs.Booked()
        for booked, work in ((by_pairs, self.pair_work), (by_walls, self.wall_work)):
            booked.work, booked.begun, booked.ended = work, self.begun, self.ended
        return moving, by_pairs, by_walls

    def still(self) -> None:
        """No forces yet."""
        self.force.zero_()
        self.torque.zero_()

    def run(self, steps: int) -> None:
        """So many steps."""
        self.still()
        left = steps
        while left:
            # not after the last step: rows that are made anew would lose what its contacts have stored
            if self.gone_on:
                self._listed_anew()
            last = left == 1
            left -= self.steps_on.go(1 if last else left - 1, last=last)
            self.gone_on = True
        self.steps += steps
        self.time = float(self.clock.numpy()[0])
        if not np.isfinite(self.position.numpy()).all():
            raise CathodelabError(
                "dem-lost",
                f"Particles left the numbers before {self.time:g} s",
                where="simulation",
                why="Their forces grew without limit: the step is too large or something was pressed into a wall.",
                what_to_do="Use a smaller step, or look at the start for overlaps.",
            )

    def _listed_anew(self) -> None:
        """Make those lists anew that something has left."""
        way, self.speed, moved, walked, _, picked, _ = self.latest.numpy().tolist()
        self.trek += walked
        if way > 0.5 * self.skin:
            self.relist()
            return
        left = way + self.way_then + moved > self.margin
        if picked:
            self.pairs.pick(self.speed)
        if left:
            self.walls.relist(None)
            self.way_then = way
        if picked or left:
            self.steps_on.renew_rows()

    def relist(self) -> None:
        """Sort the particles and make all lists anew."""
        order = self.pairs.relist(self.speed)
        self.walls.relist(order)
        self.way_then = 0.0
        self.rebuilt += 1
        self.steps_on.renew()

    def state(self) -> State:
        """The state as it stands."""
        return state_of(self)
