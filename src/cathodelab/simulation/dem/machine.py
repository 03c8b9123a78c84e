"""States go forward: arrays on a device, kernels in their order, lists made anew when something has moved too far."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.errors import CathodelabError
from cathodelab.simulation.dem.backend import checked_device, warp
from cathodelab.simulation.dem.case import Case
from cathodelab.simulation.dem.lists import Pairs, Rows, Walls
from cathodelab.simulation.dem.state import (
    EVENT_BINS,
    OVERLAP_BINS,
    SUMS,
    Energy,
    Particles,
    Poses,
    State,
    Sums,
    Touching,
)
from cathodelab.simulation.dem.surfaces import surface_arrays

Stage = list[list[Callable[[], None]]]


def advance(state: State, case: Case, steps: int) -> State:
    """The state ``steps`` later. Takes (steps x particles) / (some million a second and core), see benchmarks/dem.

    Raises:
        CathodelabError: ``dem-lost`` where positions are no longer numbers, ``extra-missing`` without Warp.
    """
    if steps <= 0 or len(state.particles) == 0:
        return state
    machine = Machine(state, case)
    machine.run(steps)
    return machine.state()


class Machine:
    """A state on a device, with everything that is derived from it. :func:`advance` is the door."""

    def __init__(self, state: State, case: Case) -> None:
        self.wp = warp()
        from cathodelab.simulation.dem import kernels  # noqa: F401 - the package marks the place
        from cathodelab.simulation.dem.kernels import bodies, law, motion, pairs, walls

        self.case, self.before, self.count = case, state, len(state.particles)
        self.cuda = checked_device(case.device).startswith("cuda")
        self.blocks = 1 if self.cuda else case.blocks or case.threads
        self.kernels = {"pairs": pairs, "walls": walls, "motion": motion, "law": law, "bodies": bodies}
        self.time, self.steps, self.rebuilt = state.time, state.steps, 0
        # ways since the near pairs were picked, and up to when surfaces were listed
        self.gone, self.way_then = 0.0, 0.0
        self.width = 2 * float(state.particles.radius.max())
        self.skin = case.skin or 0.3 * self.width
        self.margin = max(case.wall_margin or self.width, self.skin)
        self._put(state)
        self._laws()
        self._structs()
        self.speed = float(np.sqrt(np.sum(state.particles.velocity**2, axis=1).max()))
        self.pairs = Pairs(self, state.pairs)
        self.walls = Walls(self, state.walls, surface_arrays(case.bodies, self.margin + 0.5 * self.width))
        self.reach = self.given(np.append(self.walls.reach, 0.0), self.wp.float64)
        self.relist()

    def zeros(self, count: int, kind: Any) -> Any:  # noqa: ANN401 - Warp's types
        """An array of zeros on the device."""
        return self.wp.zeros(count, dtype=kind, device=self.case.device)

    def given(self, values: Any, kind: Any) -> Any:  # noqa: ANN401 - as zeros
        """An array with these values on the device."""
        return self.wp.array(values, dtype=kind, device=self.case.device)

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
        self.push = self.zeros(count, wp.spatial_vectord)
        self.listed = self.zeros(count, wp.vec3d)
        self.farthest = self.zeros(2 * self.blocks, wp.float64)
        self.clock = self.given([state.time], wp.float64)
        bodies = max(len(self.case.bodies), 1)
        self.felt_force = self.zeros(self.blocks * bodies, wp.vec3d)
        self.felt_torque = self.zeros(self.blocks * bodies, wp.vec3d)
        self.sums = self.given(np.append(state.poses.sums.ravel(), np.zeros(SUMS)), wp.float64)
        self.travelled = self.zeros(2 * bodies, wp.float64)
        self.latest = self.zeros(3, wp.float64)
        for name, size in (("event_count", EVENT_BINS), ("event_work", EVENT_BINS), ("event_overlap", OVERLAP_BINS)):
            setattr(self, name, self.zeros(self.blocks * size, wp.float64))
        self.peak = self.zeros(self.blocks, wp.float64)

    def _laws(self) -> None:
        law, case = self.kernels["law"], self.case
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
        wp, pairs, walls, case = self.wp, self.kernels["pairs"], self.kernels["walls"], self.case
        self.commons = []
        for ledger in (0, 1):
            common = pairs.Common()
            common.dt, common.gravity = case.step, wp.vec3d(*case.gravity)
            common.materials, common.rolling = case.particle_materials, int(self.rolling)
            common.damped, common.ledger = int(self.damped), ledger
            self.commons.append(common)
        self.events = pairs.Events()
        self.events.count, self.events.work = self.event_count, self.event_work  # type: ignore[attr-defined]
        self.events.overlap, self.events.peak = self.event_overlap, self.peak  # type: ignore[attr-defined]
        self.felt = walls.Felt()
        self.felt.force, self.felt.torque = self.felt_force, self.felt_torque
        size = (self.count + self.blocks - 1) // self.blocks
        self.ranges = []
        for lane in range(self.blocks):
            block = pairs.Block()
            block.offset, block.lane, block.end = lane * size, lane, min((lane + 1) * size, self.count)
            block.share = 1 if self.cuda else size
            block.low, block.high = (0, 0) if self.cuda else (lane * size, min((lane + 1) * size, self.count))
            if block.end > block.offset:
                self.ranges.append((block, self.count if self.cuda else 1))

    def _record(self) -> None:
        """Launches with their arguments bound, one list for each stage and block."""
        pairs, walls, motion = self.kernels["pairs"], self.kernels["walls"], self.kernels["motion"]
        bodies = len(self.case.bodies)
        self.moving = moving = pairs.Moving()
        moving.position, moving.velocity, moving.spin = self.position, self.velocity, self.spin
        moving.material = self.material
        by_pairs, by_walls = pairs.Booked(), pairs.Booked()
        for booked, work in ((by_pairs, self.pair_work), (by_walls, self.wall_work)):
            booked.work, booked.begun, booked.ended = work, self.begun, self.ended
        # the last step of a run also says what energy is stored: its launches are others
        self.forces: list[Stage] = [[], []]
        self.moves: list[Stage] = [[], []]
        for last, common in enumerate(self.commons):
            for block, size in self.ranges:
                given = [block, common, self.pair_laws, moving, self.pairs.now, self.pairs.notes]
                given += [self.push, by_pairs, self.events]
                stage = [self._bound(pairs.pair_forces, size, given)]
                if bodies:
                    given = [block, common, self.wall_laws, moving, self.walls.now, self.walls.surfaces]
                    given += [self.walls.poses, bodies, self.push, by_walls, self.events, self.felt]
                    stage.append(self._bound(walls.wall_forces, size, given))
                self.forces[last].append(stage)
                given = [block, common, moving, self.push, self.listed, self.farthest]
                self.moves[last].append([self._bound(motion.kick_and_drift, size, given)])
        ends = []
        if bodies:
            given = [self.case.step, self.blocks, bodies, self.clock, self.walls.drives, self.walls.poses, self.felt]
            ends.append(self._bound(self.kernels["bodies"].move_bodies, bodies, [*given, self.sums, self.travelled]))
        given = [
            self.case.step,
            self.blocks,
            bodies,
            self.reach,
            self.travelled,
            self.farthest,
            self.clock,
            self.latest,
        ]
        ends.append(self._bound(self.kernels["bodies"].tick, 1, given))
        self.ends = ends

    def _bound(self, kernel: Any, size: int, given: list[Any]) -> Callable[[], None]:  # noqa: ANN401 - a Warp kernel
        launch = self.wp.launch(kernel, dim=size, inputs=given, device=self.case.device, record_cmd=True)
        bound: Callable[[], None] = launch.launch
        return bound

    def run(self, steps: int) -> None:
        """So many steps."""
        blocks = len(self.ranges)
        if self.case.threads > 1 and blocks > 1:
            with ThreadPoolExecutor(self.case.threads - 1) as pool:
                self._loop(steps, lambda stage: _together(pool, stage))
        else:
            self._loop(steps, _in_turn)
        if not np.isfinite(self.position.numpy()).all():
            raise CathodelabError(
                "dem-lost",
                f"Particles left the numbers before {self.time:g} s",
                where="simulation",
                why="Their forces grew without limit: the step is too large or something was pressed into a wall.",
                what_to_do="Use a smaller step, or look at the start for overlaps.",
            )

    def _loop(self, steps: int, work: Callable[[Stage], None]) -> None:
        self.push.zero_()
        for step in range(steps):
            last = step == steps - 1
            work(self.forces[last])
            work(self.moves[last])
            for launch in self.ends:
                launch()
            self._listed_anew()
        self.steps += steps
        self.time = float(self.clock.numpy()[0])

    def _listed_anew(self) -> None:
        """Make those lists anew that something has left."""
        way2, speed2, moved = self.latest.numpy().tolist()
        way, self.speed = way2**0.5, speed2**0.5
        self.gone += self.speed * self.case.step
        if way > 0.5 * self.skin:
            self.relist()
            return
        picked, left = self.gone > self.pairs.allowed, way + self.way_then + moved > self.margin
        if picked:
            self.pairs.pick(self.speed)
            self.gone = 0.0
        if left:
            self.walls.relist(None)
            self.way_then = way
        if picked or left:
            self._record()

    def relist(self) -> None:
        """Sort the particles and make all lists anew."""
        order = self.pairs.relist(self.speed)
        self.walls.relist(order)
        self.gone, self.way_then = 0.0, 0.0
        self.rebuilt += 1
        self._record()

    def state(self) -> State:
        """The state as it stands."""
        position, velocity, spin = (one.numpy() for one in (self.position, self.velocity, self.spin))
        old, bodies = self.before.sums, len(self.case.bodies)
        particles = Particles(
            position=position[:, :3],
            velocity=velocity[:, :3],
            spin=spin[:, :3],
            radius=position[:, 3],
            mass=velocity[:, 3],
            material=self.material.numpy(),
            identity=self.identity.numpy(),
        )
        sums = Sums(
            pair_work=self.pair_work.numpy(),
            wall_work=self.wall_work.numpy(),
            begun=self.begun.numpy(),
            ended=self.ended.numpy(),
            event_count=old.event_count + self._over_lanes("event_count"),
            event_work=old.event_work + self._over_lanes("event_work"),
            event_overlap=old.event_overlap + self._over_lanes("event_overlap"),
            peak_overlap=max(old.peak_overlap, float(self.peak.numpy().max())),
        )
        origin, turn, speed, turning = self.walls.pose_arrays()
        poses = Poses(origin, turn, speed, turning, self.sums.numpy()[: SUMS * bodies].reshape(bodies, SUMS))
        given = [self.commons[0], self.pair_laws, self.moving, self.pairs.now]
        pairs = _active(self.pairs, self._plastic(self.pairs, self.kernels["pairs"].pair_plastic, given))
        given = [self.wall_laws, self.moving, self.walls.now, self.walls.surfaces, bodies]
        walls = _active(self.walls, self._plastic(self.walls, self.kernels["walls"].wall_plastic, given))
        energy = self._energy(pairs, walls)
        return State(particles, pairs, walls, poses, sums, energy, self.time, self.steps)

    def _plastic(self, rows: Rows, kernel: Any, given: list[Any]) -> FloatArray:  # noqa: ANN401 - a Warp kernel
        lost = self.zeros(len(rows.now.code), self.wp.float64)
        self.wp.launch(kernel, self.count, inputs=[*given, lost], device=self.case.device)
        plastic: FloatArray = lost.numpy()
        return plastic

    def _energy(self, pairs: Touching, walls: Touching) -> Energy:
        kinetic, potential = (self.zeros(self.count, self.wp.float64) for _ in range(2))
        given = [self.commons[0], self.moving, self.push, kinetic, potential]
        kernel = self.kernels["motion"].energies
        self.wp.launch(kernel, self.count, inputs=given, device=self.case.device)
        shares = np.ones(len(pairs.other))
        if self.cuda or self.blocks > 1:
            # a pair across blocks is listed by both
            size = 1 if self.cuda else (self.count + self.blocks - 1) // self.blocks
            owner = np.repeat(np.arange(self.count), np.diff(pairs.start))
            shares[owner // size != pairs.other // size] = 0.5
        springs = float(shares @ _stored(pairs.spring, pairs.roll) + _stored(walls.spring, walls.roll).sum())
        normal = float(shares @ pairs.stored + walls.stored.sum())
        return Energy(float(kinetic.numpy().sum()), float(potential.numpy().sum()), normal, springs)

    def _over_lanes(self, name: str) -> Any:  # noqa: ANN401 - an array
        return getattr(self, name).numpy().reshape(self.blocks, -1).sum(axis=0)


def _stored(*springs: FloatArray) -> FloatArray:
    """Energy of springs kept as (displacement, stiffness)."""
    return sum(
        (0.5 * np.abs(one[:, 3]) * np.sum(one[:, :3] ** 2, axis=1) for one in springs), np.zeros(len(springs[0]))
    )


def _in_turn(stage: Stage) -> None:
    for block in stage:
        for launch in block:
            launch()


def _together(pool: ThreadPoolExecutor, stage: Stage) -> None:
    """The first block here, the others in the pool; a launch lets go of Python's lock."""
    waiting = [pool.submit(_in_turn, [block]) for block in stage[1:]]
    _in_turn(stage[:1])
    for one in waiting:
        one.result()


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
