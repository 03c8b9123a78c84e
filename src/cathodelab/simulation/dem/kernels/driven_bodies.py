# mypy: ignore-errors
# Warp compiles the functions below with strict types of its own, which Python's types do not describe
"""Bodies move straight, turn, swing, or follow a force; the loads on them are booked. When lists must be made again."""

import warp as wp

from cathodelab.simulation.dem.kernels.normal_laws import ONE, ZERO, real
from cathodelab.simulation.dem.kernels.wall_features import Pose
from cathodelab.simulation.dem.kernels.walls import BodyLoads

SUMS = wp.constant(9)


@wp.struct
class Drive:
    """How a body is moved: a straight path, a turn, a swing, or towards a force (SI units)."""

    begin: real  # s
    ramp: real  # s over which speeds rise linearly
    velocity: wp.vec3d
    axis: wp.vec3d
    rate: real  # rad/s about the axis through the body's origin
    swing_sine: wp.vec3d  # m
    swing_cosine: wp.vec3d
    swing_rate: real  # rad/s
    push: wp.vec3d  # direction of the servo
    target: real  # N, wanted force against the push
    gain: real  # m/s per N
    fastest: real  # m/s


@wp.struct
class DrivenBodies:
    """Moving bodies and their sums.

    ``sums`` holds nine numbers a body: force times time (3), torque about the body's origin times time (3), work done on
    the particles, time, work of this step alone. ``travelled`` is the way since surfaces were listed: straight (m), turned
    (rad).
    """

    drives: wp.array(dtype=Drive)
    sums: wp.array(dtype=real)
    travelled: wp.array(dtype=real)
    reach: wp.array(dtype=real)  # of each body from its origin, m
    clock: wp.array(dtype=real)


@wp.struct
class RelistLimits:
    """When lists must be made again (m): farthest way of a particle, way of particle and surface together.

    ``way_then`` is the farthest way of a particle when surfaces were listed, ``trek`` the sum of highest speeds times step
    since then; ``room`` says in which of the two rooms the rows of near pairs are.
    """

    way: real
    margin: real
    way_then: real
    trek: real
    room: wp.int32


@wp.func
def drive_body(
    b: wp.int32,
    lanes: wp.int32,
    dt: real,
    driven: DrivenBodies,
    poses: wp.array(dtype=Pose),
    body_loads: BodyLoads,
):
    """Book force, torque and work of the step that ends, then move body b."""
    force = wp.vec3d()
    torque = wp.vec3d()
    for lane in range(lanes):
        place = lane * body_loads.stride + b
        force = force + body_loads.force[place]
        torque = torque + body_loads.torque[place]
    for lane in range(lanes):
        place = lane * body_loads.stride + b
        body_loads.force[place] = wp.vec3d()
        body_loads.torque[place] = wp.vec3d()
    pose = poses[b]
    for c in range(3):
        driven.sums[SUMS * b + c] = driven.sums[SUMS * b + c] + force[c] * dt
        driven.sums[SUMS * b + 3 + c] = driven.sums[SUMS * b + 3 + c] + torque[c] * dt
    power = wp.dot(force, pose.velocity) + wp.dot(torque, pose.spin)
    driven.sums[SUMS * b + 6] = driven.sums[SUMS * b + 6] - power * dt
    driven.sums[SUMS * b + 7] = driven.sums[SUMS * b + 7] + dt
    driven.sums[SUMS * b + 8] = -power * dt
    d = driven.drives[b]
    now = driven.clock[0]
    share = ZERO
    if now >= d.begin:
        share = ONE
        if d.ramp > ZERO:
            share = wp.min((now - d.begin) / d.ramp, ONE)
    velocity = d.velocity * share
    angle = d.swing_rate * (now - d.begin)
    if now >= d.begin and d.swing_rate > ZERO:
        velocity = velocity + (d.swing_sine * wp.cos(angle) - d.swing_cosine * wp.sin(angle)) * (d.swing_rate * share)
    if d.gain > ZERO and now >= d.begin:
        missing = d.target + wp.dot(force, d.push)
        velocity = velocity + d.push * wp.clamp(d.gain * missing, -d.fastest, d.fastest)
    spin = d.axis * (d.rate * share)
    pose.velocity = velocity
    pose.spin = spin
    pose.origin = pose.origin + velocity * dt
    turn = wp.length(spin) * dt
    if turn > ZERO:
        pose.turn = wp.normalize(wp.quat_from_axis_angle(wp.normalize(spin), turn) * pose.turn)
    poses[b] = pose
    driven.travelled[2 * b] = driven.travelled[2 * b] + wp.length(velocity) * dt
    driven.travelled[2 * b + 1] = driven.travelled[2 * b + 1] + turn


@wp.func
def travel(lanes: wp.int32, bodies: wp.int32, driven: DrivenBodies, farthest: wp.array(dtype=real)):
    """How far things have gone.

    Returns:
        squares of the farthest way of a particle since the list was made and of the highest speed in this step; the farthest
        way of a surface since surfaces were listed.
    """
    way2 = ZERO
    speed2 = ZERO
    for lane in range(lanes):
        way2 = wp.max(way2, farthest[2 * lane])
        speed2 = wp.max(speed2, farthest[2 * lane + 1])
    moved = ZERO
    for b in range(bodies):
        moved = wp.max(moved, driven.travelled[2 * b] + driven.travelled[2 * b + 1] * driven.reach[b])
    return way2, speed2, moved
