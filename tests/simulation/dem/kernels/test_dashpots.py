"""Friction and dashpots: what is booked is what is lost, and nothing makes energy."""

from __future__ import annotations

import numpy as np
import pytest

from cathodelab.simulation.dem.case import Case, initial
from cathodelab.simulation.dem.engine.integrator import advance
from cathodelab.simulation.dem.materials import Contact
from cathodelab_validation.dem.model import POWDER, RADIUS
from cathodelab_validation.dem.random_impacts import random_contact, random_impacts


@pytest.mark.parametrize("kind", ["equal", "unequal", "wall"])
def test_what_is_booked_of_random_impacts_is_what_they_lose_and_none_gains(kind: str) -> None:
    """Friction 0.01 to 10, any damping; 432 oblique impacts with spins, 100 steps each (10,044 in the benchmark)."""
    rng = np.random.default_rng(2026)
    found = [random_impacts(random_contact(rng), 36, kind, 100, seed) for seed in range(12)]
    assert max(one.misbooked for one in found) < 1e-3
    assert max(one.made for one in found) < 1e-6
    assert sum(float((one.lost / one.before > 0.1).sum()) for one in found) > 100


@pytest.mark.parametrize(("friction", "damping"), [(0.5, 0.05), (0.5, 0.5), (1.0, 0.05), (2.0, 0.05), (10.0, 0.2)])
def test_a_tangential_dashpot_is_booked_in_full_and_loses_more_than_none(friction: float, damping: float) -> None:
    """Two spheres, 1 m/s towards each other and 0.6 m/s aside: the ratio was 0.67 to -12.7 once, and energy was made."""
    lost, booked = _oblique(Contact("hertz", friction, friction, tangential_damping=damping))
    assert booked / lost == pytest.approx(1.0, abs=1e-2)
    assert lost > 0
    if friction >= 1:
        assert lost > 0.9 * _oblique(Contact("hertz", friction, friction))[0]


def _oblique(contact: Contact) -> tuple[float, float]:
    """Energy lost in a collision and what is booked of it, J."""
    case = Case((POWDER,), {("powder", "powder"): contact}, step=1e-8, gravity=(0, 0, 0))
    speed = np.array([0.5, 0.3, 0.0])
    place = [[0, 0, 0], [2 * RADIUS * (1 + 1e-9), 0, 0]]
    before = initial(case, place, RADIUS, [speed, -speed])
    after = advance(before, case, 4000)
    assert after.sums.ended.sum() == 2
    energy = [
        0.5 * float(np.sum(p.mass * (np.sum(p.velocity**2, axis=1) + 0.4 * p.radius**2 * np.sum(p.spin**2, axis=1))))
        for p in (before.particles, after.particles)
    ]
    return energy[0] - energy[1], float(after.sums.pair_work.sum())
