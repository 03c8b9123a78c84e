"""Contact laws and what holds for all contacts of a step, as kernels take them."""

from __future__ import annotations

from cathodelab.simulation.dem.case import Case
from cathodelab.simulation.dem.engine.device import Device, WarpStruct
from cathodelab.simulation.dem.materials import LawNumbers


class Laws:
    """Laws between particles by both materials, and against bodies by material and body.

    ``damped`` and ``rolling`` say whether any contact has a dashpot or rolling resistance; ``constants[1]`` belongs to the
    last step of a run, which also stores what contacts can give back.
    """

    def __init__(self, device: Device, case: Case) -> None:
        from cathodelab.simulation.dem.kernels import normal_laws, pairs

        movable = case.materials[: case.particle_materials]
        between = [_filled(case.law(a.name, b.name, wall=False)) for a in movable for b in movable]
        against = [_filled(case.law(a.name, b.material, wall=True)) for a in movable for b in case.bodies]
        self.pairs = device.given(between, normal_laws.Law)
        self.walls = device.given(against or between[:1], normal_laws.Law)
        self.damped = any(one.restitution < 1 or one.tangential_damping > 0 for one in case.contacts.values())
        self.rolling = any(one.rolling_friction > 0 for one in case.contacts.values())
        self.constants = []
        for ledger in (0, 1):
            constants: WarpStruct = pairs.StepConstants()
            constants.dt, constants.gravity = case.step, device.wp.vec3d(*case.gravity)
            constants.materials, constants.rolling = case.particle_materials, int(self.rolling)
            constants.damped, constants.ledger = int(self.damped), ledger
            self.constants.append(constants)


def _filled(numbers: LawNumbers) -> WarpStruct:
    from cathodelab.simulation.dem.kernels import normal_laws

    law = normal_laws.Law()
    for name, value in vars(numbers).items():
        setattr(law, name, value)
    return law
