"""Machines as bodies: high-intensity mixer, rotating drum, compaction die, vibration mill (SI units).

A machine is a few numbers from which surfaces are made; how they are simulated is not known here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from cathodelab.core.errors import CathodelabError
from cathodelab.simulation.dem.equipment.bodies import Body, Motion, Plane, box, chamber, joined, shaft


@dataclass(frozen=True)
class Mixer:
    """A slice of a mixer: a lying cylinder with a bladed rotor on its axis (z); gravity is along -y.

    Args:
        tip_radius: of the blades.
        gap: between blade tips and chamber.
        hub_radius: of the rotor's body.
        blades: number, evenly spaced.
        blade_thickness: in the direction of turning.
        blade_angle: of the blades' faces against the radius, degrees; positive leans the tip back.
        length: of the slice along the axis.
        speed_rpm: of the rotor.
        begin: when the rotor starts, s.
        ramp: in which it reaches its speed, s.
        smooth_ends: whether the two ends of the slice are without friction (a cut through the mixer, no wall).
    """

    tip_radius: float = 38.2e-3
    gap: float = 1.5e-3
    hub_radius: float = 25e-3
    blades: int = 4
    blade_thickness: float = 6e-3
    blade_angle: float = 0.0
    length: float = 3.9e-3
    speed_rpm: float = 5000.0
    begin: float = 0.0
    ramp: float = 0.0
    smooth_ends: bool = True

    def __post_init__(self) -> None:
        if self.gap <= 0:
            _refuse(
                "dem-gap",
                f"The gap is {1e3 * self.gap:g} mm",
                "The rotor would run in the wall.",
                "Give a gap above 0 mm.",
            )
        if not 0 < self.hub_radius < self.tip_radius:
            what = (
                f"The hub has a radius of {1e3 * self.hub_radius:g} mm, the blades reach {1e3 * self.tip_radius:g} mm"
            )
            _refuse("dem-rotor", what, "The blades stand on the hub.", "Give a hub smaller than the blades.")
        if self.blades < 0 or self.blade_thickness <= 0 or self.length <= 0:
            _refuse(
                "dem-rotor",
                "Blades, thickness and length of the rotor must be positive",
                "They are lengths.",
                "Correct them.",
            )
        if self.blades * self.blade_thickness >= 2 * math.pi * self.hub_radius:
            what = f"{self.blades} blades of {1e3 * self.blade_thickness:g} mm do not fit around the hub"
            _refuse("dem-overlap", what, "They would stand in one another.", "Use fewer or thinner blades.")

    @property
    def chamber_radius(self) -> float:
        """Inner radius of the chamber."""
        return self.tip_radius + self.gap

    @property
    def tip_speed(self) -> float:
        """Speed of the blade tips, m/s."""
        return self.tip_radius * self.speed_rpm * math.pi / 30

    def free_volume(self) -> float:
        """Volume between chamber and rotor, m³ (blades as blocks from hub to tip)."""
        ring = math.pi * (self.chamber_radius**2 - self.hub_radius**2)
        return (ring - self.blades * self.blade_thickness * (self.tip_radius - self.hub_radius)) * self.length

    def bodies(self, chamber_material: str, rotor_material: str, end_material: str) -> tuple[Body, ...]:
        """Chamber, rotor and the two ends."""
        turning = Motion(begin=self.begin, ramp=self.ramp, rate=self.speed_rpm * math.pi / 30)
        surfaces: tuple[object, ...] = (shaft(self.hub_radius),)
        if self.blades:
            surfaces = (*surfaces, joined([self._blade(number) for number in range(self.blades)]))
        ends = (Plane((0, 0, 0), (0, 0, 1)), Plane((0, 0, self.length), (0, 0, -1)))
        return (
            Body("chamber", chamber_material, (chamber(self.chamber_radius),)),
            Body("rotor", rotor_material, surfaces, turning),  # type: ignore[arg-type]
            Body("ends", end_material, ends),
        )

    def _blade(self, number: int):  # type: ignore[no-untyped-def] # noqa: ANN202
        """One blade: a block from inside the hub to the tip radius, longer than the slice at both ends."""
        lean = math.radians(self.blade_angle)
        inner = 0.9 * self.hub_radius
        # the outer corner, not the middle of the outer face, reaches the tip radius
        half = 0.5 * self.blade_thickness
        reach = math.sqrt(self.tip_radius**2 - half**2) if lean == 0 else self._reach(lean, inner, half)
        depth = reach - inner
        block = box((depth, self.blade_thickness, 3 * self.length), (0.5 * depth, 0, 0.5 * self.length))
        angle = 2 * math.pi * number / max(self.blades, 1)
        corners = block.corners @ _about_z(-lean).T + np.array([inner, 0, 0])
        return type(block)(corners @ _about_z(angle).T)

    def _reach(self, lean: float, inner: float, half: float) -> float:
        """Radius up to which a leaning block goes so that its farthest corner touches the tip radius."""
        low, high = inner, 2 * self.tip_radius
        for _ in range(80):
            middle = 0.5 * (low + high)
            corners = [
                _about_z(-lean) @ np.array([middle - inner, side, 0]) + np.array([inner, 0, 0])
                for side in (-half, half)
            ]
            far = max(float(np.hypot(one[0], one[1])) for one in corners)
            low, high = (middle, high) if far < self.tip_radius else (low, middle)
        return low


def source_mixer(speed_rpm: float, gap: float = 1.5e-3, begin: float = 0.0, blades: int = 4) -> Mixer:
    """The source's machine, **approximate**: only its tip speed (40 m/s at 10,000 rpm) and its fill are published.

    The tip radius follows from the tip speed. Hub, blades and gap are guesses; the length of the slice is chosen so
    that 3.88 g of true density 3.944 g/cm³ fill 10 % of the free volume, as the source says of its mixer.
    """
    tip = 40.0 / (10_000 * math.pi / 30)
    unit = Mixer(tip_radius=tip, gap=gap, blades=blades, length=1.0)
    length = 3.88e-3 / 3944 / 0.10 / unit.free_volume()
    return Mixer(tip_radius=tip, gap=gap, blades=blades, length=length, speed_rpm=speed_rpm, begin=begin, ramp=2e-3)


@dataclass(frozen=True)
class Drum:
    """A rotating drum seen along its axis (z); gravity is along -y. The ends are planes, with or without friction."""

    radius: float = 42e-3
    length: float = 3e-3
    speed_rpm: float = 20.0

    def __post_init__(self) -> None:
        if self.radius <= 0 or self.length <= 0:
            _refuse("dem-drum", "Radius and length of the drum must be positive", "They are lengths.", "Correct them.")

    @property
    def froude(self) -> float:
        """ω²R/g: below 1e-3 slumping, up to 0.1 rolling, above cascading."""
        return (self.speed_rpm * math.pi / 30) ** 2 * self.radius / 9.81

    def bodies(self, drum_material: str, end_material: str) -> tuple[Body, ...]:
        """Mantle (turning) and the two ends."""
        turning = Motion(rate=self.speed_rpm * math.pi / 30)
        ends = (Plane((0, 0, 0), (0, 0, 1)), Plane((0, 0, self.length), (0, 0, -1)))
        return (Body("drum", drum_material, (chamber(self.radius),), turning), Body("ends", end_material, ends))


@dataclass(frozen=True)
class Die:
    """A compaction die: an upright cylinder, a floor and a piston that comes down at a speed or pushes with a force."""

    radius: float = 2e-3
    height: float = 10e-3
    speed: float = 0.05
    force: float = 0.0
    gain: float = 1e-3
    begin: float = 0.0

    def __post_init__(self) -> None:
        if min(self.radius, self.height) <= 0 or self.force < 0:
            _refuse(
                "dem-die",
                "Radius and height of the die must be positive, the force not negative",
                "They are amounts.",
                "Correct them.",
            )

    def bodies(self, die_material: str, piston_material: str) -> tuple[Body, ...]:
        """Die, floor and piston."""
        if self.force > 0:
            motion = Motion(begin=self.begin, push=(0, 0, -1), target=self.force, gain=self.gain, fastest=self.speed)
        else:
            motion = Motion(begin=self.begin, velocity=(0, 0, -self.speed))
        return (
            Body("die", die_material, (chamber(self.radius),)),
            Body("floor", die_material, (Plane((0, 0, 0), (0, 0, 1)),)),
            Body("piston", piston_material, (Plane((0, 0, 0), (0, 0, -1)),), motion, (0, 0, self.height)),
        )


@dataclass(frozen=True)
class VibrationMill:
    """A closed upright cylinder that swings on an ellipse; powder and balls are particles of two materials."""

    radius: float = 5e-3
    height: float = 8e-3
    amplitude: float = 2e-3
    frequency: float = 25.0
    ellipse: float = 0.0

    def __post_init__(self) -> None:
        if min(self.radius, self.height, self.amplitude, self.frequency) <= 0 or not 0 <= self.ellipse <= 1:
            _refuse(
                "dem-mill",
                "Sizes, amplitude and frequency of the mill must be positive, the ellipse 0 to 1",
                "They are amounts.",
                "Correct them.",
            )

    def bodies(self, material: str) -> tuple[Body, ...]:
        """The vessel, one body."""
        swing = Motion(
            swing_sine=(0, 0, self.amplitude),
            swing_cosine=(self.ellipse * self.amplitude, 0, 0),
            swing_rate=2 * math.pi * self.frequency,
        )
        vessel = (chamber(self.radius), Plane((0, 0, 0), (0, 0, 1)), Plane((0, 0, self.height), (0, 0, -1)))
        return (Body("vessel", material, vessel, swing),)


def _about_z(angle: float) -> np.ndarray:
    return np.array([[math.cos(angle), -math.sin(angle), 0], [math.sin(angle), math.cos(angle), 0], [0, 0, 1]])


def _refuse(code: str, what: str, why: str, what_to_do: str) -> None:
    raise CathodelabError(code, what, where="machine", why=why, what_to_do=what_to_do)
