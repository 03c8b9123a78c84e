"""Materials and contacts as data sheets and calibrations give them; formulas in closed form."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from cathodelab.core.errors import CathodelabError

LawName = Literal["hertz", "thornton_ning", "linear_hysteretic"]
YieldReading = Literal["modulus", "contact_radius"]
LAWS: tuple[LawName, ...] = ("hertz", "thornton_ning", "linear_hysteretic")
YIELD_READINGS: tuple[YieldReading, ...] = ("modulus", "contact_radius")


@dataclass(frozen=True)
class Material:
    """Density in kg/m³, Young's modulus in Pa, Poisson's ratio."""

    name: str
    density: float
    young_modulus: float
    poisson_ratio: float


@dataclass(frozen=True)
class Contact:
    """How two materials act on each other in contact.

    Args:
        law: ``hertz`` (elastic, Mindlin), ``thornton_ning`` (elasto-plastic), ``linear_hysteretic`` (Walton-Braun).
        static_friction: coefficient until sliding begins.
        dynamic_friction: coefficient while sliding.
        rolling_friction: rolling resistance, model C of Ai et al. (2011); 0 is off.
        yield_ratio: of ``thornton_ning``; its meaning is given by ``yield_reading``.
        yield_reading: ``modulus``: limiting pressure = ratio times Young's modulus of the softer partner;
            ``contact_radius``: the contact yields when its radius is ratio times the particle's radius.
        restitution: normal, made by a dashpot; 1 is off. With ``thornton_ning`` it adds to the plastic loss;
            with ``linear_hysteretic`` it sets the unloading stiffness, without a dashpot.
        tangential_damping: share of critical damping of the tangential spring, 0 to 1.
        stiffness: of ``linear_hysteretic``, loading, N/m.
        tangential_ratio: of ``linear_hysteretic``, tangential over loading stiffness.

    Raises:
        CathodelabError: ``dem-contact``.
    """

    law: LawName = "thornton_ning"
    static_friction: float = 0.0
    dynamic_friction: float = 0.0
    rolling_friction: float = 0.0
    yield_ratio: float = 0.0
    yield_reading: YieldReading = "modulus"
    restitution: float = 1.0
    tangential_damping: float = 0.0
    stiffness: float = 0.0
    tangential_ratio: float = 2.0 / 7.0

    def __post_init__(self) -> None:
        wrong = (
            _outside("static_friction", self.static_friction, 0, 10)
            or _outside("dynamic_friction", self.dynamic_friction, 0, self.static_friction)
            or _outside("rolling_friction", self.rolling_friction, 0, 10)
            or _outside("restitution", self.restitution, 0.05, 1)
            or _outside("tangential_damping", self.tangential_damping, 0, 1)
            or (self.law == "thornton_ning" and _outside("yield_ratio", self.yield_ratio, 1e-6, 1))
            or (self.law == "linear_hysteretic" and _outside("stiffness", self.stiffness, 1e-6, 1e12))
        )
        if wrong:
            raise CathodelabError(
                "dem-contact",
                wrong,
                where="contact",
                why="With other values the contact would make energy or have no meaning.",
                what_to_do="Correct the value.",
            )


def _outside(name: str, value: float, low: float, high: float) -> str:
    if low <= value <= high:
        return ""
    return f"{name} is {value:g}; allowed are {low:g} to {high:g}"


@dataclass(frozen=True)
class LawNumbers:
    """A contact as the kernels need it (SI units)."""

    kind: int
    modulus: float
    shear: float
    pressure: float
    yield_overlap: float
    yield_force: float
    loading: float
    unloading: float
    tangential_ratio: float
    damping: float
    tangential_damping: float
    static_friction: float
    dynamic_friction: float
    rolling_friction: float


def law_numbers(contact: Contact, first: Material, second: Material, *, wall: bool) -> LawNumbers:
    """Effective moduli, limiting pressure and damping of a pair.

    1/E* = (1-ν₁²)/E₁ + (1-ν₂²)/E₂;  1/G* = (2-ν₁)/G₁ + (2-ν₂)/G₂;  yield overlap over radius (π p_y / 2E*)².
    The ``contact_radius`` reading, a_y = Y·R_i, gives p_y = 2 E* a_y/(π R*). R_i/R* is 2 between equal particles and 1 at a
    wall; the same is used for unequal particles.
    """
    modulus = effective_modulus(first, second)
    shear = 1 / sum(
        (2 - one.poisson_ratio) / (one.young_modulus / (2 * (1 + one.poisson_ratio))) for one in (first, second)
    )
    pressure = 0.0
    if contact.law == "thornton_ning":
        softer = min(first.young_modulus, second.young_modulus)
        per_effective = 1 if wall else 2
        by_radius = 2 * modulus * contact.yield_ratio * per_effective / math.pi
        pressure = contact.yield_ratio * softer if contact.yield_reading == "modulus" else by_radius
    at_yield = (math.pi * pressure / (2 * modulus)) ** 2 if pressure else 1e30  # never
    damping = 0.0
    unloading = contact.stiffness
    if contact.law == "linear_hysteretic":
        unloading = contact.stiffness / contact.restitution**2
    elif contact.restitution < 1:
        damping = damping_for(contact.restitution)
    return LawNumbers(
        kind=LAWS.index(contact.law),
        modulus=modulus,
        shear=shear,
        pressure=pressure,
        yield_overlap=at_yield,
        yield_force=4 / 3 * modulus * at_yield**1.5 if pressure else 0.0,
        loading=contact.stiffness,
        unloading=unloading,
        tangential_ratio=contact.tangential_ratio,
        damping=damping,
        tangential_damping=contact.tangential_damping,
        static_friction=contact.static_friction,
        dynamic_friction=contact.dynamic_friction,
        rolling_friction=contact.rolling_friction,
    )


def effective_modulus(first: Material, second: Material) -> float:
    """E* in Pa."""
    return 1 / sum((1 - one.poisson_ratio**2) / one.young_modulus for one in (first, second))


def restitution_of(damping: float) -> float:
    """Restitution of a Hertz contact with the dashpot 2·√(5/6)·β·√(S m*) whose total force never attracts.

    In reduced units the motion, x'' = -x^1.5 (1 + ...), has β as its only parameter; it is integrated here.
    """
    # x'' = -(4/3)·x^1.5 - 2·√(5/6)·β·√2·x^0.25·x', force clipped at 0
    x, v, dt = 0.0, 1.0, 2e-3
    c = 2 * math.sqrt(5 / 6) * damping * math.sqrt(2)

    def pull(x: float, v: float) -> float:
        if x <= 0:
            return 0.0
        return -max(float(4 / 3 * x**1.5 + c * x**0.25 * v), 0.0)

    while True:
        middle = v + 0.5 * dt * pull(x, v)
        x2 = x + 0.5 * dt * v
        x, v = x + dt * middle, v + dt * pull(x2, middle)
        if x <= 0 or (v < 0 and 4 / 3 * x**1.5 + c * x**0.25 * v <= 0):
            return -v


@lru_cache(maxsize=64)
def damping_for(restitution: float) -> float:
    """The damping of a Hertz contact that gives this restitution, by bisection of :func:`restitution_of`."""
    low, high = 0.0, 6.0
    for _ in range(48):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if restitution_of(middle) > restitution else (low, middle)
    return 0.5 * (low + high)


def yield_speed(law: LawNumbers, radius: float, mass: float) -> float:
    """Impact speed in m/s above which a Thornton-Ning contact yields.

    v_y = (π/2E*)² √(8π R*³ / 15 m*) p_y^{5/2} with the effective radius and mass.
    """
    inertia = math.sqrt(8 * math.pi * radius**3 / (15 * mass))
    return float((math.pi / (2 * law.modulus)) ** 2 * inertia * law.pressure**2.5)


def thornton_ning_restitution(ratio: float) -> float:
    """Restitution at ``ratio`` = v/v_y, Thornton and Ning (1998), without adhesion."""
    if ratio <= 1:
        return 1.0
    q = 1 / ratio
    return float(
        math.sqrt(6 * math.sqrt(3) / 5)
        * math.sqrt(1 - q * q / 6)
        * (q / (q + 2 * math.sqrt(1.2 - 0.2 * q * q))) ** 0.25
    )


def plastic_loading_time(law: LawNumbers, radius: float, mass: float) -> float:
    """Time from touch to rest of a plastic contact, (π/2)√(m*/(π p_y R*)): the same at every speed."""
    return math.pi / 2 * math.sqrt(mass / (math.pi * law.pressure * radius))


def hertz_time(law: LawNumbers, radius: float, mass: float, speed: float) -> float:
    """Duration of an elastic impact, 2.8683 (m*²/(R* E*² v))^{1/5}."""
    return float(2.8683 * (mass**2 / (radius * law.modulus**2 * speed)) ** 0.2)


def rayleigh_time(material: Material, radius: float) -> float:
    """Time (s) that a Rayleigh wave takes past a sphere, π R √(ρ/G) / (0.1631 ν + 0.8766)."""
    shear = material.young_modulus / (2 * (1 + material.poisson_ratio))
    return math.pi * radius * math.sqrt(material.density / shear) / (0.1631 * material.poisson_ratio + 0.8766)


def shortest_time(law: LawNumbers, radius: float, mass: float, speed: float) -> float:
    """Shortest duration of a contact at this speed, s; one twentieth of it is a good step."""
    if law.kind == LAWS.index("linear_hysteretic"):
        return math.pi * math.sqrt(mass / law.unloading)
    shortest = hertz_time(law, radius, mass, speed)
    if law.pressure > 0:
        shortest = min(shortest, plastic_loading_time(law, radius, mass))
    return shortest


def deepest_overlap(law: LawNumbers, radius: float, mass: float, speed: float) -> float:
    """Overlap (m) at rest of a head-on impact, from the energy alone: an upper bound where a dashpot acts.

    Hertz: (15 m* v²/(16 E* √R*))^{2/5}; beyond yield the force rises linearly by π p_y R*.
    """
    energy = 0.5 * mass * speed**2
    if law.kind == LAWS.index("linear_hysteretic"):
        return speed * math.sqrt(mass / law.loading)
    elastic: float = (15 * mass * speed**2 / (16 * law.modulus * math.sqrt(radius))) ** 0.4
    at_yield = law.yield_overlap * radius
    if elastic <= at_yield:
        return elastic
    force, slope = law.yield_force * radius**2, math.pi * law.pressure * radius
    left = energy - 0.4 * force * at_yield
    return at_yield + (math.sqrt(force**2 + 2 * slope * left) - force) / slope
