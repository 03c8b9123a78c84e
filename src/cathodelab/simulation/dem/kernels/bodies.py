# mypy: ignore-errors
# the bodies below are Warp's language, compiled by Warp with its own strict types; Python's types do not describe them
"""Bodies move: straight, turning, swinging, or towards a force; what they felt is booked."""

import warp as wp

from cathodelab.simulation.dem.kernels.law import ONE, ZERO, real
from cathodelab.simulation.dem.kernels.walls import Felt, Pose

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


@wp.kernel
def move_bodies(
    dt: real,
    lanes: wp.int32,
    bodies: wp.int32,
    clock: wp.array(dtype=real),
    drives: wp.array(dtype=Drive),
    poses: wp.array(dtype=Pose),
    felt: Felt,
    sums: wp.array(dtype=real),
    travelled: wp.array(dtype=real),
):
    """Book force, torque and work of the step that ends, then move; ``sums`` holds nine numbers for each body.

    The nine: force times time (3), torque about the body's origin times time (3), work done on the particles, time,
    and the work of this step alone.
    """
    b = wp.tid()
    force = wp.vec3d()
    torque = wp.vec3d()
    for lane in range(lanes):
        force = force + felt.force[lane * bodies + b]
        torque = torque + felt.torque[lane * bodies + b]
        felt.force[lane * bodies + b] = wp.vec3d()
        felt.torque[lane * bodies + b] = wp.vec3d()
    pose = poses[b]
    for c in range(3):
        sums[SUMS * b + c] = sums[SUMS * b + c] + force[c] * dt
        sums[SUMS * b + 3 + c] = sums[SUMS * b + 3 + c] + torque[c] * dt
    power = wp.dot(force, pose.velocity) + wp.dot(torque, pose.spin)
    sums[SUMS * b + 6] = sums[SUMS * b + 6] - power * dt
    sums[SUMS * b + 7] = sums[SUMS * b + 7] + dt
    sums[SUMS * b + 8] = -power * dt
    d = drives[b]
    now = clock[0]
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
    # way since the candidates were listed: straight way (m) and angle (rad)
    travelled[2 * b] = travelled[2 * b] + wp.length(velocity) * dt
    travelled[2 * b + 1] = travelled[2 * b + 1] + turn


@wp.kernel
def tick(
    dt: real,
    lanes: wp.int32,
    bodies: wp.int32,
    reach: wp.array(dtype=real),
    travelled: wp.array(dtype=real),
    farthest: wp.array(dtype=real),
    clock: wp.array(dtype=real),
    latest: wp.array(dtype=real),
):
    """One step later; ``latest`` is what decides on new lists.

    It holds the square of the farthest way of a particle since the list was made, the square of the highest speed in this
    step and the farthest way of a surface since the surfaces near each particle were listed.
    """
    clock[0] = clock[0] + dt
    way2 = ZERO
    speed2 = ZERO
    for lane in range(lanes):
        way2 = wp.max(way2, farthest[2 * lane])
        speed2 = wp.max(speed2, farthest[2 * lane + 1])
        farthest[2 * lane + 1] = ZERO
    moved = ZERO
    for b in range(bodies):
        moved = wp.max(moved, travelled[2 * b] + travelled[2 * b + 1] * reach[b])
    latest[0] = way2
    latest[1] = speed2
    latest[2] = moved
