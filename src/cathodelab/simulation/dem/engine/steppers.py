"""How steps are taken: on a CPU many in one launch on several threads, on CUDA each as some launches in a graph."""

from __future__ import annotations

from collections.abc import Callable

from cathodelab.simulation.dem.engine.device import WarpStruct
from cathodelab.simulation.dem.engine.parts import Parts
from cathodelab.simulation.dem.engine.warp_library import yield_address

MOST_STEPS = 2000
"""Steps in one launch, so that a run can be interrupted from the keyboard."""


class CpuStepper:
    """Takes steps until a list must be made again, without coming back to Python in between."""

    def __init__(self, parts: Parts) -> None:
        from cathodelab.simulation.dem.kernels import thread_barrier

        self.parts = parts
        self.gate = parts.device.zeros(thread_barrier.gate_size(parts.blocks.count), parts.device.wp.int32)
        self.launches: dict[bool, list[WarpStruct]] = {}

    def rebind(self) -> None:
        """Any array may be another one now."""
        self.launches = {}

    def rebind_rows(self) -> None:
        """The rows of the lists are in other arrays now."""
        pairs, walls = self.parts.pairs, self.parts.walls
        for launches in self.launches.values():
            for launch in launches:
                launch.set_param_by_name("first_room", pairs.room[0])
                launch.set_param_by_name("second_room", pairs.room[1])
                launch.set_param_by_name("scratch", pairs.scratch)
                launch.set_param_by_name("wall_rows", walls.now)

    def go(self, steps: int, *, last: bool) -> int:
        """Take at most so many steps, one if it is the ``last`` of a run; returns how many were taken."""
        parts = self.parts
        if last not in self.launches:
            self.launches[last] = [self._launch(thread, last=last) for thread in range(parts.device.threads)]
        limits = parts.travel.limits(parts.pairs.turn)
        for launch in self.launches[last]:
            launch.set_param_by_name("limits", limits)
            launch.set_param_by_name("steps", min(steps, MOST_STEPS))
        parts.device.together([launch.launch for launch in self.launches[last]])
        done, _, room = parts.travel.latest.numpy()[4:].astype(int)
        parts.pairs.use_room(room)
        return int(done)

    def _launch(self, thread: int, *, last: bool) -> WarpStruct:
        from cathodelab.simulation.dem.kernels import driven_bodies, many_steps_cpu, thread_barrier

        parts, pairs, walls = self.parts, self.parts.pairs, self.parts.walls
        team: WarpStruct = thread_barrier.ThreadTeam()
        team.thread, team.threads, team.give_way = thread, parts.device.threads, yield_address()
        team.first = parts.blocks.first[thread]
        by_pairs, by_walls = parts.particles.totals()
        accounts, travel, laws = parts.accounts, parts.travel, parts.laws
        inputs = [team, driven_bodies.RelistLimits(), 0, laws.constants[last], parts.blocks.lanes]
        inputs += [parts.particles.arrays(), parts.particles.loads, accounts.events]
        inputs += [laws.pairs, *pairs.room, pairs.near, pairs.scratch, by_pairs]
        inputs += [laws.walls, walls.now, walls.surfaces, walls.poses, parts.bodies, by_walls]
        inputs += [accounts.body_loads, accounts.driven, parts.particles.listed]
        inputs += [travel.farthest, travel.since, travel.latest, self.gate]
        return parts.device.recorded(many_steps_cpu.many_steps, 1, inputs)


class CudaStepper:
    """Takes one step as some launches, each over all particles; many steps are one graph that repeats itself."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.left = parts.device.zeros(1, parts.device.wp.int32)
        self.graphs: dict[tuple[int, int, int, float], tuple[Callable[[], None], WarpStruct, WarpStruct]] = {}

    def rebind(self) -> None:
        """Any array may be another one now."""
        self.graphs = {}

    def rebind_rows(self) -> None:
        """The rows of the lists are in other arrays now: each place has a graph of its own, kept until :meth:`rebind`."""

    def go(self, steps: int, *, last: bool) -> int:
        """Take at most so many steps, one if it is the ``last`` of a run; returns how many were taken."""
        parts = self.parts
        self.left.assign([min(steps, MOST_STEPS)])
        parts.travel.latest.zero_()
        if last:
            for stage in self._stages(last=True):
                stage.launch()
        else:
            pairs, walls = parts.pairs.now, parts.walls.now
            key = id(pairs), id(walls), parts.walls.filled, parts.travel.way_then
            if key not in self.graphs:
                # kept with the rows it works on, so that no other rows can get the same id
                self.graphs[key] = self._graph(), pairs, walls
            self.graphs[key][0]()
        return int(parts.travel.latest.numpy()[4])

    def _graph(self) -> Callable[[], None]:
        """Steps while some are left: a graph if driver and device can test in it (CUDA 12.4), else tested from here."""
        wp, name, stages, left = self.parts.device.wp, self.parts.device.name, self._stages(last=False), self.left

        def step() -> None:
            for stage in stages:
                stage.launch()

        def repeated() -> None:
            wp.capture_while(left, step)

        if not (wp.get_device(name).is_cuda and wp.is_conditional_graph_supported()):
            return repeated
        with wp.ScopedCapture(name, force_module_load=False) as capture:
            repeated()
        graph = capture.graph
        return lambda: wp.capture_launch(graph)

    def _stages(self, *, last: bool) -> list[WarpStruct]:
        from cathodelab.simulation.dem.kernels import one_step_cuda as kernels

        parts, count, bodies = self.parts, self.parts.particles.count, self.parts.bodies
        pairs, walls, accounts, travel, laws = parts.pairs, parts.walls, parts.accounts, parts.travel, parts.laws
        arrays, loads, constants = parts.particles.arrays(), parts.particles.loads, laws.constants[last]
        by_pairs, by_walls = parts.particles.totals()
        inputs = [constants, laws.pairs, arrays, pairs.now, loads, by_pairs, accounts.events]
        stages = [(kernels.pair_forces, count, inputs)]
        if walls.filled:
            inputs = [constants, laws.walls, arrays, walls.now, walls.surfaces, walls.poses, bodies]
            inputs += [loads, by_walls, accounts.events, accounts.body_loads]
            stages.append((kernels.wall_forces, walls.filled, inputs))
        stages.append((kernels.moves, count, [constants, arrays, loads, parts.particles.listed, travel.farthest]))
        if bodies:
            stages.append((kernels.drives, bodies, [parts.step, accounts.driven, walls.poses, accounts.body_loads]))
        limits = travel.limits(pairs.turn)
        inputs = [parts.step, bodies, accounts.driven, travel.farthest, pairs.near, limits]
        stages.append((kernels.tick, 1, [*inputs, travel.since, travel.latest, self.left]))
        return [parts.device.recorded(kernel, size, given) for kernel, size, given in stages]
