"""Sequences: drift inside a sweep taken out, joint fits with and without continuity."""

from __future__ import annotations

import numpy as np
import pytest
from spectra import FREQUENCIES, TRUTH, exact, noisy, with_truth

from cathodelab.techniques.impedance.circuits.expression import parsed
from cathodelab.techniques.impedance.fitting.fit import fitted
from cathodelab.techniques.impedance.fitting.sequence import continued_fit, sequence_fit
from cathodelab.techniques.impedance.validity.drift import at_one_time, drift_within

CIRCUIT = parsed("R-(RQ)-(RQ)-Q")
SWEEP = np.cumsum(3 / FREQUENCIES + 0.5)
CLOCK = 3600 * np.geomspace(0.12, 10, 8)[:, None] + SWEEP


def growing(rate: float) -> np.ndarray:
    """Spectra whose cathode grows with the square root of time, within the sweeps too."""
    resistance = 100 + rate * np.sqrt(CLOCK / 3600)
    rows = [[exact(with_truth(R_2=r), FREQUENCIES[[i]])[0] for i, r in enumerate(sweep)] for sweep in resistance]
    return np.array(rows)


def test_sweeps_brought_to_one_moment_are_spectra_of_that_moment() -> None:
    """20 ohm cm2 h^-0.5: about 1 % within the first sweep, a thirtieth of it afterwards."""
    z = growing(20.0)
    moment = CLOCK[:, 30]
    wanted = np.array([exact(with_truth(R_2=100 + 20 * np.sqrt(t / 3600))) for t in moment])
    before = np.max(np.abs(z / wanted - 1))
    after = np.max(np.abs(at_one_time(CLOCK, z, moment, 0.0) / wanted - 1))
    assert before > 0.005
    assert after < before / 30
    assert drift_within(CLOCK, z, 0.0)[0] > 0.005


def test_without_continuity_the_joint_fit_is_that_of_the_single_spectra() -> None:
    """Same coordinates, block-diagonal covariance."""
    z = np.array([noisy(exact(), seed) for seed in range(3)])
    single = fitted(CIRCUIT, FREQUENCIES, z)
    joint = sequence_fit(CIRCUIT, FREQUENCIES, z, np.full(3, 0.005))
    np.testing.assert_allclose(joint.theta[:, 1], [fit.theta[1] for fit in single], atol=1e-4)
    assert abs(joint.of("R_2")[1][0, 1]) < 1e-12


def test_continuity_narrows_what_is_badly_determined_and_leaves_the_rest() -> None:
    """The anode of eight equal spectra: its scatter falls by more than two, the cathode's stays unbiased."""
    z = np.array([noisy(exact(), seed) for seed in range(8)])
    starts = np.array([fit.theta for fit in fitted(CIRCUIT, FREQUENCIES, z)])
    joint, _ = continued_fit(CIRCUIT, FREQUENCIES, z, np.full(8, 0.005), ("R_2", "tau_2"), starts)
    values, covariance = joint.of("R_3")
    assert np.std(values) < np.std(starts[:, 4]) / 2
    assert abs(np.mean(values) - np.log(TRUTH[4])) < 4 * np.sqrt(np.mean(covariance))
    cathode, uncertain = joint.of("R_2")
    assert abs(np.mean(cathode) - np.log(TRUTH[1])) < 4 * np.sqrt(np.mean(uncertain))


def test_the_strength_of_continuity_follows_the_data() -> None:
    """Cells that stand still are held tighter than cells whose separator moves by 5 % a spectrum."""
    still = np.array([noisy(exact(), seed) for seed in range(6)])
    moves = np.cumsum(0.05 * np.random.default_rng(1).standard_normal(6))
    moving = np.array([noisy(exact(with_truth(R_1=40 * np.exp(m))), seed) for seed, m in enumerate(moves)])
    found = []
    for z in (still, moving):
        starts = np.array([fit.theta for fit in fitted(CIRCUIT, FREQUENCIES, z)])
        found.append(continued_fit(CIRCUIT, FREQUENCIES, z, np.full(6, 0.005), ("R_2", "tau_2"), starts)[1])
    assert found[0] < found[1]


def test_circuits_without_changing_parameters_are_held_as_a_whole() -> None:
    """All parameters under continuity: neighbours become correlated."""
    z = np.array([noisy(exact(), seed) for seed in range(3)])
    joint = sequence_fit(CIRCUIT, FREQUENCIES, z, np.full(3, 0.005), per_step=0.01)
    covariance = joint.of("R_3")[1]
    assert covariance[0, 1] / covariance[0, 0] == pytest.approx(1.0, abs=0.3)
