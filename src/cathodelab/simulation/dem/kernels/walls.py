# mypy: ignore-errors
# the bodies below are Warp's language, compiled by Warp with its own strict types; Python's types do not describe them
"""Forces between particles and bodies, candidates of each particle, and what the bodies feel in a step.

A particle touches a surface at its nearest point. Where that point lies on an edge or corner it counts only if no other
surface of the body that holds this point is nearer, and of several that share it only the first: one contact for one
feature. When the nearest surface of a body changes (a sphere rolling over an edge), the history goes along.
"""

import warp as wp

from cathodelab.simulation.dem.kernels.contact import finished, rolled, stored_in, thrust, touched
from cathodelab.simulation.dem.kernels.law import ONE, ZERO, Law, plastic_work, real, recoverable
from cathodelab.simulation.dem.kernels.pairs import PLACE, Block, Booked, Common, Events, Moving, Rows, record_event
from cathodelab.simulation.dem.kernels.shapes import TRIANGLE, Surface, nearest


@wp.struct
class Pose:
    """Where a body is and how it moves: a point of its frame at ``origin``, turned by ``turn``."""

    origin: wp.vec3d
    turn: wp.quatd
    velocity: wp.vec3d
    spin: wp.vec3d


@wp.struct
class MeshGrid:
    """Cells over the triangles of one body, each with the triangles that may be near."""

    body: wp.int32
    low: wp.vec3d
    size: real
    nx: wp.int32
    ny: wp.int32
    nz: wp.int32
    first: wp.int32  # place of this grid in the starts of cells


@wp.struct
class Felt:
    """What the particles did to the bodies in this step: one place for each thread and body."""

    force: wp.array(dtype=wp.vec3d)
    torque: wp.array(dtype=wp.vec3d)


@wp.func
def in_frame(pose: Pose, x: wp.vec3d) -> wp.vec3d:
    """A place in the body's own frame."""
    return wp.quat_rotate_inv(pose.turn, x - pose.origin)


@wp.func
def element_of(code: wp.int32) -> wp.int32:
    """The surface a code means, touching or not."""
    element = code
    if code < 0:
        element = -1 - code
    return element


@wp.func
def counts(
    k: wp.int32,
    first: wp.int32,
    last: wp.int32,
    x: wp.vec3d,
    radius: real,
    rows: Rows,
    surfaces: wp.array(dtype=Surface),
    poses: wp.array(dtype=Pose),
) -> bool:
    """Whether candidate k is a contact of its own (see the module)."""
    e = element_of(rows.code[k])
    s = surfaces[e]
    xb = in_frame(poses[s.body], x)
    point, gap, n, face = nearest(s, xb)
    return is_contact(k, first, last, xb, radius, rows, surfaces, e, s.kind, s.body, point, gap, face)


@wp.func
def is_contact(
    k: wp.int32,
    first: wp.int32,
    last: wp.int32,
    xb: wp.vec3d,
    radius: real,
    rows: Rows,
    surfaces: wp.array(dtype=Surface),
    e: wp.int32,
    kind: wp.int32,
    body: wp.int32,
    point: wp.vec3d,
    gap: real,
    face: wp.int32,
) -> bool:
    """As :func:`counts`, with the nearest point known."""
    if gap >= radius or (gap < -real(2.0) * radius and kind != 0):
        return False
    # a face seen from behind: only the nearest face of the body may push out
    if face == 1 and (gap >= ZERO or kind != TRIANGLE):
        return True
    near = radius * real(1e-6)
    for m in range(first, last):
        if m != k:
            e2 = element_of(rows.code[m])
            s2 = surfaces[e2]
            if s2.body == body:
                p2, gap2, n2, face2 = nearest(s2, xb)
                if face == 1:
                    # inside the solid: the face with the smallest depth
                    if face2 == 1 and gap2 < ZERO and (gap2 > gap or (gap2 == gap and e2 < e)):
                        return False
                elif face2 == 1 and gap2 < ZERO and gap2 > -radius:
                    # the centre is inside: edges are silent
                    return False
                elif wp.length(p2 - point) < near:
                    # the same edge or corner: the first counts
                    if e2 < e or face2 == 1:
                        return False
                elif wp.abs(gap2) < gap:
                    # a nearer surface: does it hold the point itself?
                    p3, gap3, n3, face3 = nearest(s2, point)
                    if wp.length(p3 - point) < near:
                        return False
    return True


@wp.kernel
def wall_forces(
    block: Block,
    common: Common,
    laws: wp.array(dtype=Law),
    moving: Moving,
    rows: Rows,
    surfaces: wp.array(dtype=Surface),
    poses: wp.array(dtype=Pose),
    bodies: wp.int32,
    push: wp.array(dtype=wp.spatial_vectord),
    booked: Booked,
    events: Events,
    felt: Felt,
):
    """Add the forces of all surfaces on the particles of a block and what the bodies feel."""
    begin = block.offset + wp.tid() * block.share
    for item in range(begin, wp.min(begin + block.share, block.end)):
        i = item & PLACE
        first = rows.start[i]
        last = rows.start[i + 1]
        if first == last:
            continue
        place = moving.position[i]
        x = wp.vec3d(place[0], place[1], place[2])
        r = place[3]
        motion = moving.velocity[i]
        v = wp.vec3d(motion[0], motion[1], motion[2])
        mass = motion[3]
        turning = moving.spin[i]
        w = wp.vec3d(turning[0], turning[1], turning[2])
        alive = wp.int64(0)  # which of the row touch now
        for k in range(first, last):
            code = rows.code[k]
            e = element_of(code)
            s = surfaces[e]
            pose = poses[s.body]
            xb = in_frame(pose, x)
            point, gap, nb, face = nearest(s, xb)
            touches = bool(False)
            if gap < r:
                touches = is_contact(k, first, last, xb, r, rows, surfaces, e, s.kind, s.body, point, gap, face)
            if touches:
                alive = alive | (wp.int64(1) << wp.int64(wp.min(k - first, 62)))
                spring = wp.vec4d()
                kept = wp.vec2d()
                spun = wp.vec4d()
                damped = ZERO
                heir = wp.int32(k)  # where the history is
                if code >= 0:
                    heir = wp.int32(-1)
                    rows.code[k] = -1 - e
                    for m in range(first, last):
                        other = rows.code[m]
                        if other < 0 and m != k and heir < 0:
                            if surfaces[-1 - other].body == s.body:
                                if not counts(m, first, last, x, r, rows, surfaces, poses):
                                    rows.code[m] = -1 - other
                                    heir = m
                if heir < 0:
                    booked.begun[i] = booked.begun[i] + 1
                else:
                    spring = rows.spring[heir]
                    kept = rows.memory[heir]
                    if common.rolling > 0:
                        spun = rows.roll[heir]
                    if common.damped > 0:
                        damped = rows.damped[heir]
                n = wp.quat_rotate(pose.turn, nb)
                law = laws[moving.material[i] * bodies + s.body]
                overlap = r - gap
                arm = wp.max(gap, ZERO)
                spot = x - n * arm
                lever = spot - pose.origin
                surface = pose.velocity + wp.cross(pose.spin, lever)
                f, after, kept, more, normal, stiffness = touched(
                    law, n, overlap, r, mass, v - surface, arm * w, spring, kept, common.dt
                )
                moment = -arm * wp.cross(n, f)
                twist = wp.vec3d()
                if common.rolling > 0:
                    twist, spun, lost = rolled(law, n, w - pose.spin, spun, stiffness, normal, r, common.dt)
                    rows.roll[k] = spun
                    kept[1] = kept[1] + lost
                if common.damped > 0:
                    rows.damped[k] = damped + more
                rows.spring[k] = after
                rows.memory[k] = kept
                if common.ledger > 0:
                    rows.stored[k] = recoverable(law, overlap, kept[0], r)
                push[i] = push[i] + thrust(f, moment + twist)
                place_felt = block.lane * bodies + s.body
                wp.atomic_add(felt.force, place_felt, -f)
                wp.atomic_add(felt.torque, place_felt, -wp.cross(lever, f) - twist)
        for k in range(first, last):
            code = rows.code[k]
            if code < 0 and (alive >> wp.int64(wp.min(k - first, 62))) & wp.int64(1) == wp.int64(0):
                if k - first < 62 or not counts(k, first, last, x, r, rows, surfaces, poses):
                    law = laws[moving.material[i] * bodies + surfaces[-1 - code].body]
                    damped = ZERO
                    if common.damped > 0:
                        damped = rows.damped[k]
                    kept = rows.memory[k]
                    gone = finished(law, kept, r, rows.spring[k], damped)
                    if common.rolling > 0:
                        gone = gone + wp.vec3d(ZERO, stored_in(rows.roll[k]), ZERO)
                    rows.code[k] = -1 - code
                    booked.work[i] = booked.work[i] + gone
                    booked.ended[i] = booked.ended[i] + 1
                    record_event(events, block.lane, gone[0] + gone[1] + gone[2], ONE / mass, kept[0], r, ONE)


@wp.kernel
def wall_plastic(
    laws: wp.array(dtype=Law),
    moving: Moving,
    rows: Rows,
    surfaces: wp.array(dtype=Surface),
    bodies: wp.int32,
    plastic: wp.array(dtype=real),
):
    """Plastic work of the contacts that last, from their largest overlaps."""
    i = wp.tid()
    for k in range(rows.start[i], rows.start[i + 1]):
        code = rows.code[k]
        if code < 0:
            law = laws[moving.material[i] * bodies + surfaces[-1 - code].body]
            plastic[k] = plastic_work(law, rows.memory[k][0], moving.position[i][3])


@wp.func
def triangle_cell(grid: MeshGrid, x: wp.vec3d) -> wp.int32:
    """Cell of a point in the body's frame, -1 outside."""
    a = (x[0] - grid.low[0]) / grid.size
    b = (x[1] - grid.low[1]) / grid.size
    c = (x[2] - grid.low[2]) / grid.size
    cell = wp.int32(-1)
    if a >= ZERO and b >= ZERO and c >= ZERO:
        ia = wp.int32(a)
        ib = wp.int32(b)
        ic = wp.int32(c)
        if ia < grid.nx and ib < grid.ny and ic < grid.nz:
            cell = grid.first + (ic * grid.ny + ib) * grid.nx + ia
    return cell


@wp.func
def is_near(s: Surface, x: wp.vec3d, reach: real) -> bool:
    """Whether a surface is within reach, on either side unless it is a plane."""
    point, gap, n, face = nearest(s, x)
    return gap < reach and (s.kind == 0 or gap > -reach)


@wp.kernel
def find_surfaces(
    margins: wp.array(dtype=real),
    plain: wp.int32,
    width: wp.int32,
    position: wp.array(dtype=wp.vec4d),
    surfaces: wp.array(dtype=Surface),
    poses: wp.array(dtype=Pose),
    grids: wp.array(dtype=MeshGrid),
    cells: wp.array(dtype=wp.int32),
    members: wp.array(dtype=wp.int32),
    found: wp.array(dtype=wp.int32),
    count: wp.array(dtype=wp.int32),
):
    """Surfaces within reach plus their body's margin: the first ``plain`` one by one, triangles through their grid."""
    i = wp.tid()
    p = position[i]
    x = wp.vec3d(p[0], p[1], p[2])
    total = wp.int32(0)
    for e in range(plain):
        s = surfaces[e]
        if is_near(s, in_frame(poses[s.body], x), p[3] + margins[s.body]):
            if total < width:
                found[i * width + total] = e
            total += 1
    for g in range(grids.shape[0]):
        grid = grids[g]
        xb = in_frame(poses[grid.body], x)
        cell = triangle_cell(grid, xb)
        if cell >= 0:
            for m in range(cells[cell], cells[cell + 1]):
                e = members[m]
                if is_near(surfaces[e], xb, p[3] + margins[grid.body]):
                    if total < width:
                        found[i * width + total] = e
                    total += 1
    count[i] = total


@wp.kernel
def fill_surface_rows(
    width: wp.int32,
    common: Common,
    order: wp.array(dtype=wp.int32),
    found: wp.array(dtype=wp.int32),
    old: Rows,
    fresh: Rows,
):
    """Copy the rows to their places with the histories of those that touch."""
    i = wp.tid()
    before = order[i]
    first = fresh.start[i]
    for k in range(fresh.start[i + 1] - first):
        e = found[i * width + k]
        code = e
        for m in range(old.start[before], old.start[before + 1]):
            if old.code[m] == -1 - e:
                code = -1 - e
                fresh.spring[first + k] = old.spring[m]
                fresh.memory[first + k] = old.memory[m]
                if common.damped > 0:
                    fresh.damped[first + k] = old.damped[m]
                if common.rolling > 0:
                    fresh.roll[first + k] = old.roll[m]
        fresh.code[first + k] = code
