# mypy: ignore-errors
# Warp compiles the functions below with strict types of its own, which Python's types do not describe
"""Surfaces of bodies in the body's own frame: nearest point, signed distance and normal.

``PLANE``: all space behind it is solid. ``REVOLVED``: a straight line turned about an axis, that is a cylinder (seen from
inside or outside), a cone, a frustum, a disc or a ring. ``TRIANGLE``: a face of a mesh, solid behind it.
"""

import warp as wp

from cathodelab.simulation.dem.kernels.normal_laws import ONE, ZERO, real

PLANE = wp.constant(0)
REVOLVED = wp.constant(1)
TRIANGLE = wp.constant(2)

TINY = wp.constant(wp.float64(1e-30))
FAR = wp.constant(wp.float64(1e30))


@wp.struct
class Surface:
    """One surface; the meaning of ``a``, ``b``, ``c`` depends on the kind.

    PLANE: point a, normal b. REVOLVED: point on the axis a, direction b,
    (radius, height) of both ends in c; the order of the
    ends says which side is free, unless ``two_sided``. TRIANGLE: corners a, b, c.
    """

    kind: wp.int32
    body: wp.int32
    two_sided: wp.int32
    a: wp.vec3d
    b: wp.vec3d
    c: wp.vec4d


@wp.func
def nearest_on_triangle(x: wp.vec3d, a: wp.vec3d, b: wp.vec3d, c: wp.vec3d):
    """Nearest point, and whether it is inside the face (not on an edge or corner)."""
    ab = b - a
    ac = c - a
    ax = x - a
    d1 = wp.dot(ab, ax)
    d2 = wp.dot(ac, ax)
    point = a
    face = wp.int32(0)
    if d1 > ZERO or d2 > ZERO:
        bx = x - b
        d3 = wp.dot(ab, bx)
        d4 = wp.dot(ac, bx)
        cx = x - c
        d5 = wp.dot(ab, cx)
        d6 = wp.dot(ac, cx)
        vc = d1 * d4 - d3 * d2
        vb = d5 * d2 - d1 * d6
        va = d3 * d6 - d5 * d4
        if d3 >= ZERO and d4 <= d3:
            point = b
        elif d6 >= ZERO and d5 <= d6:
            point = c
        elif vc <= ZERO and d1 >= ZERO and d3 <= ZERO:
            point = a + ab * (d1 / (d1 - d3))
        elif vb <= ZERO and d2 >= ZERO and d6 <= ZERO:
            point = a + ac * (d2 / (d2 - d6))
        elif va <= ZERO and d4 >= d3 and d5 >= d6:
            point = b + (c - b) * ((d4 - d3) / ((d4 - d3) + (d5 - d6)))
        else:
            whole = va + vb + vc
            point = a + ab * (vb / whole) + ac * (vc / whole)
            face = wp.int32(1)
    return point, face


@wp.func
def nearest(s: Surface, x: wp.vec3d):
    """Nearest point, signed distance (negative inside the solid), unit normal towards the free side, face or edge."""
    point = s.a
    n = s.b
    gap = ZERO
    face = wp.int32(1)
    if s.kind == PLANE:
        gap = wp.dot(x - s.a, s.b)
        point = x - gap * s.b
    elif s.kind == REVOLVED:
        rel = x - s.a
        height = wp.dot(rel, s.b)
        outward = rel - height * s.b
        radius = wp.length(outward)
        if radius > TINY:
            outward = outward / radius
        else:
            # on the axis any direction serves
            outward = wp.cross(s.b, wp.vec3d(ONE, ZERO, ZERO))
            if wp.length_sq(outward) < real(1e-6):
                outward = wp.cross(s.b, wp.vec3d(ZERO, ONE, ZERO))
            outward = wp.normalize(outward)
        r0 = s.c[0]
        z0 = s.c[1]
        dr = s.c[2] - r0
        dz = s.c[3] - z0
        length = wp.sqrt(dr * dr + dz * dz)
        along = ((radius - r0) * dr + (height - z0) * dz) / length
        beside = ((radius - r0) * dz - (height - z0) * dr) / length
        if along >= ZERO and along <= length:
            side = ONE
            if s.two_sided > 0 and beside < ZERO:
                side = -ONE
            gap = beside * side
            n = (outward * (dz / length) - s.b * (dr / length)) * side
            point = x - gap * n
        else:
            end = wp.clamp(along, ZERO, length) / length
            pr = r0 + dr * end
            pz = z0 + dz * end
            point = s.a + outward * pr + s.b * pz
            way = x - point
            gap = wp.length(way)
            n = way / wp.max(gap, TINY)
            face = wp.int32(0)
    else:
        c = wp.vec3d(s.c[0], s.c[1], s.c[2])
        point, face = nearest_on_triangle(x, s.a, s.b, c)
        way = x - point
        if face == 1:
            n = wp.normalize(wp.cross(s.b - s.a, c - s.a))
            gap = wp.dot(way, n)
        else:
            gap = wp.length(way)
            n = way / wp.max(gap, TINY)
    return point, gap, n, face
