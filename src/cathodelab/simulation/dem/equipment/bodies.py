"""Bodies: surfaces that move together, and how they move. Surfaces are given in the frame of their body."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated

import numpy as np

from cathodelab.core.arrays import FloatArray, In, ReadOnlyArrays

Vector = tuple[float, float, float]
PLANE, REVOLVED, TRIANGLE = range(3)


@dataclass(frozen=True)
class Plane:
    """All space behind the plane is solid; ``normal`` points to the free side."""

    point: Vector
    normal: Vector


@dataclass(frozen=True)
class Revolved:
    """A straight line turned about an axis: cylinder, cone, disc or ring.

    ``ends`` are (radius, height) of both ends of the line, in m. Walking from the first to the second with the axis on
    the left and upwards ahead, the free side is on the right: a line going up is free outside (a shaft), a line going
    down is free inside (a chamber), a line going inwards is free above (a floor).
    """

    point: Vector
    axis: Vector
    ends: tuple[tuple[float, float], tuple[float, float]]
    two_sided: bool = False


@dataclass(frozen=True, eq=False)
class Mesh(ReadOnlyArrays):
    """Triangles, corners anticlockwise seen from the free side; solid behind them."""

    corners: Annotated[FloatArray, In("m", "triangle corner axis")]


Surface = Plane | Revolved | Mesh


@dataclass(frozen=True)
class Motion:
    """How a body is driven from ``begin`` on; speeds rise linearly over ``ramp``.

    Args:
        begin: s.
        ramp: s.
        velocity: straight, m/s.
        axis: of turning, through the body's origin.
        rate: rad/s about the axis.
        swing_sine: displacement along A·sin(ωt), m; with ``swing_cosine`` (A·(cos(ωt) - 1)) an ellipse.
        swing_cosine: see ``swing_sine``.
        swing_rate: ω in rad/s.
        push: direction of a force-controlled body.
        target: force with which it pushes, N.
        gain: m/s per N of missing force.
        fastest: limit of the controlled speed, m/s.
    """

    begin: float = 0.0
    ramp: float = 0.0
    velocity: Vector = (0.0, 0.0, 0.0)
    axis: Vector = (0.0, 0.0, 1.0)
    rate: float = 0.0
    swing_sine: Vector = (0.0, 0.0, 0.0)
    swing_cosine: Vector = (0.0, 0.0, 0.0)
    swing_rate: float = 0.0
    push: Vector = (0.0, 0.0, 0.0)
    target: float = 0.0
    gain: float = 0.0
    fastest: float = 0.0


@dataclass(frozen=True)
class Body:
    """Surfaces of one material that move together."""

    name: str
    material: str
    surfaces: tuple[Surface, ...]
    motion: Motion = field(default_factory=Motion)
    origin: Vector = (0.0, 0.0, 0.0)


def chamber(radius: float, axis: Vector = (0.0, 0.0, 1.0), point: Vector = (0.0, 0.0, 0.0)) -> Revolved:
    """The inside of a long cylinder."""
    return Revolved(point, axis, ((radius, 1e3), (radius, -1e3)))


def shaft(radius: float, axis: Vector = (0.0, 0.0, 1.0), point: Vector = (0.0, 0.0, 0.0)) -> Revolved:
    """The outside of a long cylinder."""
    return Revolved(point, axis, ((radius, -1e3), (radius, 1e3)))


def capped_cylinder(radius: float, low: float, high: float, axis: Vector = (0.0, 0.0, 1.0)) -> tuple[Revolved, ...]:
    """A solid cylinder between two heights on the axis: mantle and both ends."""
    zero = (0.0, 0.0, 0.0)
    return (
        Revolved(zero, axis, ((radius, low), (radius, high))),
        Revolved(zero, axis, ((radius, high), (0.0, high))),
        Revolved(zero, axis, ((0.0, low), (radius, low))),
    )


def disc(radius: float, height: float, axis: Vector = (0.0, 0.0, 1.0), *, two_sided: bool = True) -> Revolved:
    """A thin disc at a height on the axis; free above, or on both sides."""
    return Revolved((0.0, 0.0, 0.0), axis, ((radius, height), (0.0, height)), two_sided=two_sided)


def cone(
    low_radius: float,
    low: float,
    high_radius: float,
    high: float,
    axis: Vector = (0.0, 0.0, 1.0),
    *,
    hollow: bool = True,
) -> Revolved:
    """A frustum between two heights; hollow: the free side is inside."""
    ends = ((high_radius, high), (low_radius, low)) if hollow else ((low_radius, low), (high_radius, high))
    return Revolved((0.0, 0.0, 0.0), axis, ends)


def box(size: Vector, centre: Vector = (0.0, 0.0, 0.0), turn: FloatArray | None = None) -> Mesh:
    """A solid block as twelve triangles; ``turn`` is a rotation matrix about its centre."""
    half = 0.5 * np.array(size)
    corner = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) * half
    if turn is not None:
        corner = corner @ np.asarray(turn).T
    corner = corner + np.array(centre)
    faces = (
        (0, 1, 3), (0, 3, 2), (4, 6, 7), (4, 7, 5), (0, 4, 5), (0, 5, 1),
        (2, 3, 7), (2, 7, 6), (0, 2, 6), (0, 6, 4), (1, 5, 7), (1, 7, 3),
    )  # fmt: skip
    return Mesh(corner[np.array(faces)])


def joined(meshes: Sequence[Mesh]) -> Mesh:
    """Several meshes as one."""
    return Mesh(np.concatenate([one.corners for one in meshes]))
