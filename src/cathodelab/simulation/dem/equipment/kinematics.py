"""How bodies move while nothing touches them: as the kernels move them, in numpy."""

from __future__ import annotations

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.simulation.dem.equipment.bodies import Body, Motion
from cathodelab.simulation.dem.state import Poses


def rotation_of(turn: FloatArray) -> FloatArray:
    """The rotation matrix of a quaternion (x, y, z, w): from the frame of a body to that of the machine."""
    x, y, z, w = turn
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )


def moved_alone(bodies: tuple[Body, ...], poses: Poses, time: float, step: float, steps: int) -> Poses:
    """Poses after so many steps (s) from ``time`` (s) on, without any particle."""
    times = np.asarray(time + step * np.arange(steps), float)
    origin, turn, velocity, spin, sums = (
        np.array(one) for one in (poses.origin, poses.turn, poses.velocity, poses.spin, poses.sums)
    )
    for number, body in enumerate(bodies):
        axis = np.array(body.motion.axis) / np.linalg.norm(body.motion.axis)
        speeds, rates = _speeds(body.motion, times)
        origin[number] += speeds.sum(axis=0) * step
        turn[number] = _turned(turn[number], axis, float(rates.sum()) * step)
        velocity[number], spin[number] = speeds[-1], rates[-1] * axis
        sums[number, 7] += steps * step
    return Poses(origin, turn, velocity, spin, sums)


def _speeds(motion: Motion, times: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Velocity (time, axis) in m/s and rate (time) in rad/s of a body that feels no force."""
    since = times - motion.begin
    share = np.where(since >= 0, np.minimum(since / motion.ramp, 1.0) if motion.ramp > 0 else 1.0, 0.0)
    velocity = share[:, None] * np.array(motion.velocity)
    if motion.swing_rate > 0:
        angle = motion.swing_rate * since[:, None]
        swing = np.cos(angle) * np.array(motion.swing_sine) - np.sin(angle) * np.array(motion.swing_cosine)
        velocity += motion.swing_rate * share[:, None] * swing
    if motion.gain > 0:
        size = float(np.linalg.norm(motion.push))
        push = np.array(motion.push) / (size or 1.0)
        velocity += np.where(since >= 0, min(motion.gain * motion.target, motion.fastest), 0.0)[:, None] * push
    return velocity, motion.rate * share


def _turned(turn: FloatArray, axis: FloatArray, angle: float) -> FloatArray:
    """A quaternion (x, y, z, w) turned about an axis."""
    x, y, z = (float(one) for one in np.sin(0.5 * angle) * axis)
    w = float(np.cos(0.5 * angle))
    a, b, c, d = (float(one) for one in turn)
    product = np.array(
        [
            w * a + x * d + y * c - z * b,
            w * b - x * c + y * d + z * a,
            w * c + x * b - y * a + z * d,
            w * d - x * a - y * b - z * c,
        ]
    )
    return np.asarray(product / np.linalg.norm(product))
