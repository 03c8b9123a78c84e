"""Diffusion in a sphere, against the textbook."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq

from cathodelab.core.arrays import FloatArray
from cathodelab.simulation.twin.particle import advance, sphere_modes

MODES = sphere_modes()


def surface(seconds: float, tau: float = 1.0, parts: int = 1) -> float:
    """Surface fraction after a flux of rate 1 into an empty sphere, in equal steps."""
    amplitudes = np.zeros((1, MODES.decay.size))
    one = None
    for _ in range(parts):
        one = advance(MODES, amplitudes, np.array([tau]), np.array([seconds / parts]))
        amplitudes = one.kept + one.driven
    assert one is not None
    return float((one.base + one.reach)[0])


@pytest.mark.parametrize("time", [1e-4, 1e-3, 1e-2, 0.1, 1.0])
def test_constant_flux_into_a_sphere_follows_the_series(time: float) -> None:
    """Carslaw and Jaeger 9.7: 3 t + 1/5 - 2 sum exp(-mu^2 t)/mu^2, tan mu = mu; here divided by 3."""
    roots = np.array([brentq(lambda m: np.sin(m) - m * np.cos(m), np.pi * n, np.pi * (n + 0.5)) for n in range(1, 400)])
    series = time + 1 / 15 - 2 / 3 * float(np.sum(np.exp(-(roots**2) * time) / roots**2))
    assert surface(time) == pytest.approx(series, rel=2.5e-3)


@pytest.mark.parametrize("time", [3e-6, 1e-5, 3e-5])
def test_short_pulses_obey_sand(time: float) -> None:
    """Before the centre is felt the surface rises as sqrt(t): Sand's law, 2 g sqrt(t / pi) with g = 1/3."""
    assert surface(time) == pytest.approx(2 / 3 * np.sqrt(time / np.pi), rel=0.02)


def test_the_mean_is_what_was_put_in_and_steps_may_be_cut() -> None:
    """Exactly; and thirty steps give what one gives, because a constant flux is integrated exactly."""
    tau, seconds = 2700.0, 1234.5
    assert surface(seconds, tau, parts=30) == pytest.approx(surface(seconds, tau), rel=1e-12)
    one = advance(MODES, np.zeros((1, MODES.decay.size)), np.array([tau]), np.array([seconds]))
    assert one.driven[0, 0] == seconds


def test_a_rest_decays_with_the_slowest_mode_of_the_sphere() -> None:
    """The relaxation law: exp(-20.19 t / tau) at the end (mu_1 = 4.4934)."""
    tau = 1000.0
    amplitudes: FloatArray = advance(MODES, np.zeros((1, MODES.decay.size)), np.array([tau]), np.array([500.0])).driven
    left = []
    for _ in range(2):
        amplitudes = advance(MODES, amplitudes, np.array([tau]), np.array([200.0])).kept
        left.append(float(amplitudes.sum() - amplitudes[0, 0]))
    assert np.log(left[0] / left[1]) == pytest.approx(4.493409**2 * 0.2, rel=2e-3)
