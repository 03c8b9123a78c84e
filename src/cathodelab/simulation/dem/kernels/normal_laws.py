# mypy: ignore-errors
# Warp compiles the functions below with strict types of its own, which Python's types do not describe
"""Normal contact laws: from overlap and largest overlap so far to force, stiffnesses and plastic work. None attracts.

Hertz (elastic). Thornton and Ning, Powder Technol. 99 (1998) 154, without adhesion: elastic, then plastic at a limiting
pressure, unloading as Hertz with the enlarged radius of curvature. Linear hysteretic law of Walton and Braun.
"""

import math

import warp as wp

real = wp.float64

THORNTON_NING = wp.constant(1)
LINEAR_HYSTERETIC = wp.constant(2)

PI = wp.constant(wp.float64(math.pi))
ZERO = wp.constant(wp.float64(0.0))
HALF = wp.constant(wp.float64(0.5))
ONE = wp.constant(wp.float64(1.0))
TWO = wp.constant(wp.float64(2.0))
FOUR_THIRDS = wp.constant(wp.float64(4.0 / 3.0))
TINY = wp.constant(wp.float64(1e-290))
DAMPING = wp.constant(wp.float64(2.0 * math.sqrt(5.0 / 6.0)))


def gapless_code(*arrays: str) -> str:
    """C++ that promises the compiler that arrays have no gaps, so that it need not multiply by a stride."""
    return "".join(f"__builtin_assume({one}.strides[0] == sizeof(*{one}.data));" for one in arrays)


@wp.struct
class Law:
    """A contact law with the numbers of two materials (SI units)."""

    kind: wp.int32
    modulus: real  # effective E*
    shear: real  # effective G*
    pressure: real  # limiting contact pressure p_y
    yield_overlap: real  # of a sphere with effective radius 1; without yield infinite
    yield_force: real  # the same
    loading: real  # linear law: stiffnesses in N/m
    unloading: real
    tangential_ratio: real  # linear law: tangential over loading stiffness
    damping: real  # share of critical damping, normal
    tangential_damping: real
    static_friction: real
    dynamic_friction: real
    rolling_friction: real


@wp.func
def plastic_work(law: Law, overlap: real, radius: real) -> real:
    """Work (J) lost in a contact that was loaded to this overlap (m) and then unloaded."""
    lost = ZERO
    if law.kind == THORNTON_NING:
        at_yield = law.yield_overlap * radius
        if overlap > at_yield:
            yield_force = law.yield_force * radius * radius
            force = yield_force + PI * law.pressure * radius * (overlap - at_yield)
            contact_radius = wp.sqrt(radius * overlap)
            lost = (
                real(0.4) * yield_force * at_yield
                + HALF * (yield_force + force) * (overlap - at_yield)
                - real(0.3) * force * force / (law.modulus * contact_radius)
            )
    if law.kind == LINEAR_HYSTERETIC:
        lost = HALF * law.loading * overlap * overlap * (ONE - law.loading / law.unloading)
    return lost


@wp.func
def normal_force(law: Law, overlap: real, largest: real, radius: real):
    """Force (N), tangential stiffness, normal stiffness (N/m, for damping); ``largest`` includes the present overlap.

    Which branch a contact is on cannot be predicted from its neighbour's, so the code chooses between values. A law without
    yield has an infinite yield overlap.
    """
    force = ZERO
    tangential = ZERO
    stiffness = ZERO
    if law.kind == LINEAR_HYSTERETIC:
        force = wp.min(
            law.loading * overlap,
            wp.max(law.unloading * (overlap - largest) + law.loading * largest, ZERO),
        )
        stiffness = law.loading
        if force > ZERO:
            tangential = law.tangential_ratio * law.loading
    else:
        at_yield = law.yield_overlap * radius
        yielded = largest > at_yield
        depth = wp.where(yielded, largest, overlap)
        contact_radius = wp.sqrt(radius * depth)
        hertz = FOUR_THIRDS * law.modulus * contact_radius
        plastic = law.yield_force * radius * radius + PI * law.pressure * radius * (largest - at_yield)
        top = wp.max(wp.where(yielded, plastic, hertz * overlap), TINY)
        # 1 where the load is the highest so far, else what is left of it, as a share to the power 2/3
        share = wp.max(ONE + (overlap - depth) * hertz / top, ZERO)
        root = wp.sqrt(share)
        force = top * share * root
        contact_radius = contact_radius * root
        tangential = real(8.0) * law.shear * contact_radius
        stiffness = TWO * law.modulus * contact_radius
    return force, tangential, stiffness


@wp.func
def recoverable(law: Law, overlap: real, largest: real, radius: real) -> real:
    """Energy (J) that the normal contact gives back when it opens."""
    force, tangential, stiffness = normal_force(law, overlap, largest, radius)
    energy = ZERO
    if law.kind == LINEAR_HYSTERETIC:
        energy = HALF * force * force / law.unloading
    elif largest <= law.yield_overlap * radius:
        energy = real(0.4) * force * overlap
    elif force > ZERO:
        # a Hertz contact with the radius of curvature of the dent: F = top u^1.5, energy 0.4 F (overlap - dent)
        top, tangential, stiffness = normal_force(law, largest, largest, radius)
        depth = real(0.75) * top / (law.modulus * wp.sqrt(radius * largest))
        energy = real(0.4) * force * (overlap - largest + depth)
    return energy
