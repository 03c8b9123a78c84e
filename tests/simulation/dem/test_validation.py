"""The cases of the validation report, in a small form where the whole one takes long."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from cathodelab_validation.dem import bulk, impacts, mixers, motion, spinning
from cathodelab_validation.dem.model import Case


def _holds(case: Case) -> None:
    assert case.rows
    wrong = [f"{row.what}: {row.found} instead of {row.expected}" for row in case.rows if not row.passed]
    assert not wrong, "; ".join(wrong)


def test_restitution_follows_thornton_and_ning_to_a_ten_thousandth() -> None:
    """From half the yield speed to ten thousand times it, between particles and on the rotor."""
    _holds(impacts.restitution())


def test_restitution_is_good_to_half_a_percent_at_twenty_steps_a_contact() -> None:
    """The step of a real run."""
    _holds(impacts.coarse_restitution())


def test_a_plastic_contact_takes_the_same_time_at_every_speed() -> None:
    """(π/2)√(m*/(π p_y R*))."""
    _holds(impacts.plastic_time((10.0,)))


def test_elastic_impacts_are_those_of_chung_and_ooi() -> None:
    """Tests 1 and 2: overlap, force and duration."""
    for case in impacts.chung_ooi_1_and_2():
        _holds(case)


def test_a_sphere_comes_back_with_the_restitution_that_was_asked_for() -> None:
    """Chung and Ooi, test 3."""
    _holds(impacts.chung_ooi_3((0.2, 0.6, 1.0)))


def test_oblique_impacts_slide_as_a_rigid_sphere_does() -> None:
    """Chung and Ooi, test 4."""
    _holds(impacts.chung_ooi_4())


@pytest.mark.parametrize(
    "case", [spinning.chung_ooi_5, spinning.chung_ooi_6, spinning.chung_ooi_7, spinning.chung_ooi_8]
)
def test_impacts_with_spin_give_and_take_what_momentum_says(case: Callable[[], Case]) -> None:
    """Chung and Ooi, tests 5 to 8, where the whole impact slides."""
    _holds(case())


def test_the_linear_hysteretic_law_has_one_restitution() -> None:
    """At every speed."""
    _holds(impacts.linear_hysteretic())


def test_a_sliding_sphere_begins_to_roll_where_the_textbook_says() -> None:
    """2v₀/(7μg), 5/7 of the speed; slopes below and above the limit."""
    _holds(motion.sliding_to_rolling())


def test_an_isolated_cluster_keeps_momentum_and_angular_momentum() -> None:
    """To round-off, with every option on, however the particles are shared among threads."""
    _holds(motion.momentum())


def test_elastic_spheres_keep_their_energy() -> None:
    """In a box, frictionless."""
    _holds(motion.elastic_gas(6000))


def test_the_energy_account_of_a_stirred_bed_closes() -> None:
    """Work of the bodies against what was lost and stored."""
    _holds(motion.stirred(12_000))


def test_a_gas_cools_by_haffs_law_and_a_plastic_one_slower() -> None:
    """√(T₀/T) is linear in time for constant restitution."""
    _holds(motion.cooling())


def test_turning_renaming_and_threads_change_nothing() -> None:
    """Threads bit by bit."""
    _holds(motion.invariance())


def test_intensity_times_number_is_the_work_lost() -> None:
    """For every reading of a collision and of the work."""
    _holds(bulk.evaluation())


def test_a_floor_leaves_out_gentle_collisions_and_none_of_the_work_above_it() -> None:
    """A fast small mixer: the lowest edge leaves all, a higher one fewer and harder collisions; exponents of a power law."""
    found = mixers.stirred(mixers.SmallMixer(20_000.0, revolutions=0.75, discard=0.25), 600e-6)
    work, number = found.above(1e-8)
    assert number == pytest.approx(found.counts.sum())
    assert work * number == pytest.approx(found.work.sum())
    harder, fewer = found.above(1.0)
    assert fewer < number
    assert harder > work
    assert harder * fewer < work * number
    speeds = (1000.0, 2500.0, 5000.0)
    slope, error = mixers._exponent(speeds, 2.2 * np.log(speeds) + 1.0, np.full(3, 0.01))
    assert slope == pytest.approx(2.2)
    assert 0.005 < error < 0.02
