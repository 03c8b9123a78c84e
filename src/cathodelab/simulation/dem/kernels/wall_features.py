# mypy: ignore-errors
# Warp compiles the functions below with strict types of its own, which Python's types do not describe
"""Which of the surfaces near a particle are contacts of their own, and where the history of a contact is.

A particle touches a surface at its nearest point. If that point is on an edge or corner, it counts only if no surface of
the same body that holds this point is nearer, and of several surfaces that share it only the first: one contact for one
feature. The nearest feature of a mesh decides on which side of it the centre is: a face acts from behind only on a centre
in the solid, so a plate may be thinner than a grain. When the nearest surface of a body changes (a sphere rolls over an
edge), the history goes along.
"""

import warp as wp

from cathodelab.simulation.dem.kernels.normal_laws import ONE, PI, ZERO, real
from cathodelab.simulation.dem.kernels.pairs import ContactRows
from cathodelab.simulation.dem.kernels.surface_distance import TRIANGLE, Surface, nearest, nearest_on_triangle


@wp.struct
class Pose:
    """Where a body is and how it moves: its frame is at ``origin``, turned by ``turn``."""

    origin: wp.vec3d
    turn: wp.quatd
    velocity: wp.vec3d
    spin: wp.vec3d


@wp.func
def in_frame(pose: Pose, x: wp.vec3d) -> wp.vec3d:
    """A place in the body's own frame."""
    return wp.quat_rotate_inv(pose.turn, x - pose.origin)


@wp.func
def element_of(code: wp.int32) -> wp.int32:
    """The surface that a code means, touching or not."""
    element = code
    if code < 0:
        element = -1 - code
    return element


@wp.func
def is_own_contact(
    k: wp.int32,
    first: wp.int32,
    last: wp.int32,
    x: wp.vec3d,
    radius: real,
    rows: ContactRows,
    surfaces: wp.array(dtype=Surface),
    poses: wp.array(dtype=Pose),
) -> bool:
    """Whether candidate k is a contact of its own (see the module)."""
    e = element_of(rows.code[k])
    s = surfaces[e]
    xb = in_frame(poses[s.body], x)
    point, gap, n, face = nearest(s, xb)
    return side_of_contact(k, first, last, xb, radius, rows, surfaces, e, s.kind, s.body, point, gap, face) != ZERO


@wp.func
def side_of_contact(
    k: wp.int32, first: wp.int32, last: wp.int32, xb: wp.vec3d, radius: real, rows: ContactRows,
    surfaces: wp.array(dtype=Surface), e: wp.int32, kind: wp.int32, body: wp.int32, point: wp.vec3d, gap: real,
    face: wp.int32,
) -> real:  # fmt: skip
    """0 if candidate k is no contact of its own; else 1, or -1 if the centre is in the solid behind an edge or corner."""
    if gap >= radius or (gap < -real(2.0) * radius and kind != 0):
        return ZERO
    if face == 1 and (gap >= ZERO or kind != TRIANGLE):
        return ONE
    near = radius * real(1e-6)
    least = wp.abs(gap)  # distance of the nearest surface of the body, and whether the centre is behind that
    hidden = bool(False)
    for m in range(first, last):
        if m != k:
            e2 = element_of(rows.code[m])
            s2 = surfaces[e2]
            if s2.body == body:
                p2, gap2, n2, face2 = nearest(s2, xb)
                if face == 1:
                    # behind this face: in the solid only if nothing is nearer; of faces equally near the first counts
                    if face2 == 1 and (wp.abs(gap2) < -gap or (gap2 == gap and e2 < e)):
                        return ZERO
                    if face2 == 0 and gap2 < -gap - near:
                        return ZERO
                elif wp.length(p2 - point) < near:
                    # the same edge or corner: the first counts
                    if e2 < e or face2 == 1:
                        return ZERO
                elif wp.abs(gap2) < gap:
                    # a nearer surface: does it hold the point itself?
                    p3, gap3, n3, face3 = nearest(s2, point)
                    if wp.length(p3 - point) < near:
                        return ZERO
                    if wp.abs(gap2) < least:
                        least = wp.abs(gap2)
                        hidden = face2 == 1 and gap2 < ZERO
    if face == 1:
        return ONE
    if kind == TRIANGLE and is_behind(first, last, xb, rows, surfaces, body, point, near):
        # in the solid, from which only the nearest feature pushes out
        return wp.where(least < gap, ZERO, -ONE)
    return wp.where(hidden, ZERO, ONE)


@wp.func
def is_behind(
    first: wp.int32, last: wp.int32, xb: wp.vec3d, rows: ContactRows, surfaces: wp.array(dtype=Surface), body: wp.int32,
    point: wp.vec3d, near: real,
) -> bool:  # fmt: skip
    """Whether a centre whose nearest point is on an edge or corner of a closed mesh is in its solid.

    By the mean normal of the faces that meet there, weighted by their angles (Baerentzen and Aanaes, IEEE Trans. Vis.
    Comput. Graph. 11 (2005) 243).
    """
    normal = wp.vec3d()
    for m in range(first, last):
        s = surfaces[element_of(rows.code[m])]
        if s.body == body and s.kind == TRIANGLE:
            c = wp.vec3d(s.c[0], s.c[1], s.c[2])
            held, face = nearest_on_triangle(xb, s.a, s.b, c)
            if wp.length(held - point) < near:
                angle = real(PI)
                if wp.length(s.a - point) < near:
                    angle = angle_between(s.b - s.a, c - s.a)
                elif wp.length(s.b - point) < near:
                    angle = angle_between(c - s.b, s.a - s.b)
                elif wp.length(c - point) < near:
                    angle = angle_between(s.a - c, s.b - c)
                normal = normal + angle * wp.normalize(wp.cross(s.b - s.a, c - s.a))
    return wp.dot(xb - point, normal) < ZERO


@wp.func
def angle_between(one: wp.vec3d, other: wp.vec3d) -> real:
    """Angle between two vectors, rad."""
    return wp.atan2(wp.length(wp.cross(one, other)), wp.dot(one, other))


@wp.func
def heir_of(
    k: wp.int32, first: wp.int32, last: wp.int32, body: wp.int32, x: wp.vec3d, radius: real, rows: ContactRows,
    surfaces: wp.array(dtype=Surface), poses: wp.array(dtype=Pose),
) -> wp.int32:  # fmt: skip
    """Place of the history of candidate k, which touches now.

    Its own, or that of a surface of the body that no longer touches, or -1 if a collision begins.
    """
    code = rows.code[k]
    heir = wp.int32(k)
    if code >= 0:
        heir = wp.int32(-1)
        rows.code[k] = -1 - code
        for m in range(first, last):
            other = rows.code[m]
            if other < 0 and m != k and heir < 0:
                if surfaces[-1 - other].body == body:
                    if not is_own_contact(m, first, last, x, radius, rows, surfaces, poses):
                        rows.code[m] = -1 - other
                        heir = m
    return heir
