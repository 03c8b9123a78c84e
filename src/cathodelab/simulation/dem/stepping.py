"""Steps on a device: on a CPU many in one launch and on several threads, on CUDA in stages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cathodelab.simulation.dem.backend import give_way

if TYPE_CHECKING:
    from cathodelab.simulation.dem.machine import Machine

MOST_STEPS = 2000
"""In one launch, so that a run can be interrupted from the keyboard."""


class March:
    """Steps until lists must be made anew, without coming back to Python in between."""

    def __init__(self, machine: Machine) -> None:
        from cathodelab.simulation.dem.kernels import march, team

        self.machine, self.kernel, self.kinds = machine, march.march, march
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
        watch: Any = self.kinds.Watch()
        watch.way, watch.margin, watch.way_then = 0.5 * machine.skin, machine.margin, machine.way_then
        watch.trek, watch.room = machine.trek, machine.pairs.turn
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
        given = [team, self.kinds.Watch(), 0, m.commons[last], m.blocks.lanes, moving, m.push, m.events]
        given += [m.pair_laws, *m.pairs.room, m.pairs.picking, m.pairs.notes, by_pairs]
        given += [m.wall_laws, m.walls.now, m.walls.surfaces, m.walls.poses, len(m.case.bodies), by_walls]
        given += [m.felt, m.driven, m.listed, m.farthest, m.since, m.latest, self.gate]
        return m.wp.launch(self.kernel, dim=1, inputs=given, device=m.case.device, record_cmd=True)


class Staged:
    """One step in some launches, each over all particles."""

    def __init__(self, machine: Machine) -> None:
        from cathodelab.simulation.dem.kernels import staged

        self.machine, self.kernels = machine, staged
        self.stages: dict[bool, list[Any]] = {}

    def renew(self) -> None:
        """All arrays may be others now."""
        self.stages = {}

    renew_rows = renew

    def go(self, steps: int, *, last: bool) -> int:  # noqa: ARG002 - as on a CPU
        """One step."""
        if last not in self.stages:
            self.stages[last] = self._bound(last=last)
        for stage in self.stages[last]:
            stage.launch()
        return 1

    def _bound(self, *, last: bool) -> list[Any]:
        m, kernels = self.machine, self.kernels
        moving, by_pairs, by_walls = m.movers()
        bodies, common, block, step = len(m.case.bodies), m.commons[last], m.blocks.table[0], m.case.step
        pairs = [block, common, m.pair_laws, moving, m.pairs.now, m.push, by_pairs, m.events]
        stages = [(kernels.pair_forces, m.count, pairs)]
        if bodies:
            walls = [block, common, m.wall_laws, moving, m.walls.now, m.walls.surfaces, m.walls.poses, bodies]
            stages.append((kernels.wall_forces, m.count, [*walls, m.push, by_walls, m.events, m.felt]))
        stages.append((kernels.moves, m.count, [common, moving, m.push, m.listed, m.farthest]))
        if bodies:
            stages.append((kernels.drives, bodies, [step, m.driven, m.walls.poses, m.felt]))
        ticked = [step, bodies, m.driven, m.farthest, m.pairs.picking, m.pairs.turn, m.since, m.latest]
        stages.append((kernels.tick, 1, ticked))
        device = m.case.device
        return [
            m.wp.launch(kernel, size, inputs=given, device=device, record_cmd=True) for kernel, size, given in stages
        ]
