"""Steps on a device: on a CPU many in one launch and on several threads, on CUDA in stages."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cathodelab.simulation.dem.backend import give_way

if TYPE_CHECKING:
    from cathodelab.simulation.dem.machine import Machine

MOST_STEPS = 2000
"""In one launch, so that a run can be interrupted from the keyboard."""


class March:
    """Steps until lists must be made anew, without coming back to Python in between."""

    def __init__(self, machine: Machine) -> None:
        from cathodelab.simulation.dem.kernels import bodies, march, team

        self.machine, self.kernel, self.watch = machine, march.march, bodies.Watch
        self.team = team.Team
        self.gate = machine.zeros(team.gate_size(machine.blocks.count), machine.wp.int32)
        self.launches: dict[bool, list[Any]] = {}

    def renew(self) -> None:
        """All arrays may be others now."""
        self.launches = {}

    def renew_rows(self) -> None:
        """The lists lie elsewhere now."""
        for launches in self.launches.values():
            for launch in launches:
                launch.set_param_by_name("first_room", self.machine.pairs.room[0])
                launch.set_param_by_name("second_room", self.machine.pairs.room[1])
                launch.set_param_by_name("notes", self.machine.pairs.notes)
                launch.set_param_by_name("wall_rows", self.machine.walls.now)

    def go(self, steps: int, *, last: bool) -> int:
        """At most so many steps, one if it is the ``last`` of a run; returns how many."""
        machine = self.machine
        if last not in self.launches:
            self.launches[last] = [self._bound(thread, last=last) for thread in range(machine.threads)]
        watch = watched(machine, self.watch)
        for launch in self.launches[last]:
            launch.set_param_by_name("watch", watch)
            launch.set_param_by_name("steps", min(steps, MOST_STEPS))
        machine.together([launch.launch for launch in self.launches[last]])
        done, _, room = machine.latest.numpy()[4:].astype(int)
        machine.pairs.stand(room)
        return int(done)

    def _bound(self, thread: int, *, last: bool) -> Any:  # noqa: ANN401 - a Warp launch
        m = self.machine
        team: Any = self.team()
        team.thread, team.threads, team.give_way = thread, m.threads, give_way()
        team.first = m.blocks.first[thread]
        moving, by_pairs, by_walls = m.movers()
        given = [team, self.watch(), 0, m.commons[last], m.blocks.lanes, moving, m.push, m.events]
        given += [m.pair_laws, *m.pairs.room, m.pairs.picking, m.pairs.notes, by_pairs]
        given += [m.wall_laws, m.walls.now, m.walls.surfaces, m.walls.poses, len(m.case.bodies), by_walls]
        given += [m.felt, m.driven, m.listed, m.farthest, m.since, m.latest, self.gate]
        return m.wp.launch(self.kernel, dim=1, inputs=given, device=m.case.device, record_cmd=True)


class Staged:
    """One step in some launches, each over all particles; many steps are one graph that goes on by itself."""

    def __init__(self, machine: Machine) -> None:
        from cathodelab.simulation.dem.kernels import bodies, staged

        self.machine, self.kernels, self.watch = machine, staged, bodies.Watch
        self.left = machine.zeros(1, machine.wp.int32)
        self.steps: dict[tuple[int, int, int, float], tuple[Callable[[], None], Any, Any]] = {}

    def renew(self) -> None:
        """All arrays may be others now."""
        self.steps = {}

    def renew_rows(self) -> None:
        """The lists lie elsewhere now: for each place there is a graph, which stays as long as that place does."""

    def go(self, steps: int, *, last: bool) -> int:
        """At most so many steps, one if it is the ``last`` of a run; returns how many."""
        machine = self.machine
        self.left.assign([min(steps, MOST_STEPS)])
        machine.latest.zero_()
        if last:
            for stage in self._bound(last=True):
                stage.launch()
        else:
            pairs, walls = machine.pairs.now, machine.walls.now
            key = id(pairs), id(walls), machine.walls.filled, machine.way_then
            if key not in self.steps:
                # with what it works on: so nothing else is ever named alike
                self.steps[key] = self._looped(), pairs, walls
            self.steps[key][0]()
        return int(machine.latest.numpy()[4])

    def _looped(self) -> Callable[[], None]:
        """Steps while some are left: a graph, where driver and device can ask in it (CUDA 12.4), else asked from here."""
        wp, device, stages = self.machine.wp, self.machine.case.device, self._bound(last=False)

        def step() -> None:
            for stage in stages:
                stage.launch()

        def asked() -> None:
            wp.capture_while(self.left, step)

        if not (wp.get_device(device).is_cuda and wp.is_conditional_graph_supported()):
            return asked
        with wp.ScopedCapture(device, force_module_load=False) as capture:
            asked()
        return lambda: wp.capture_launch(capture.graph)

    def _bound(self, *, last: bool) -> list[Any]:
        m, kernels = self.machine, self.kernels
        moving, by_pairs, by_walls = m.movers()
        bodies, common, step = len(m.case.bodies), m.commons[last], m.case.step
        pairs = [common, m.pair_laws, moving, m.pairs.now, m.push, by_pairs, m.events]
        stages = [(kernels.pair_forces, m.count, pairs)]
        if m.walls.filled:
            walls = [common, m.wall_laws, moving, m.walls.now, m.walls.surfaces, m.walls.poses, bodies]
            stages.append((kernels.wall_forces, m.walls.filled, [*walls, m.push, by_walls, m.events, m.felt]))
        stages.append((kernels.moves, m.count, [common, moving, m.push, m.listed, m.farthest]))
        if bodies:
            stages.append((kernels.drives, bodies, [step, m.driven, m.walls.poses, m.felt]))
        ticked = [step, bodies, m.driven, m.farthest, m.pairs.picking, watched(m, self.watch)]
        stages.append((kernels.tick, 1, [*ticked, m.since, m.latest, self.left]))
        device = m.case.device
        return [
            m.wp.launch(kernel, size, inputs=given, device=device, record_cmd=True) for kernel, size, given in stages
        ]


def watched(machine: Machine, kind: Any) -> Any:  # noqa: ANN401 - a Warp struct
    """When lists must be made anew, as kernels want it."""
    watch: Any = kind()
    watch.way, watch.margin, watch.way_then = 0.5 * machine.skin, machine.margin, machine.way_then
    watch.trek, watch.room = machine.trek, machine.pairs.turn
    return watch
