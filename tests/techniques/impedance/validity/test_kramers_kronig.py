"""The linear test: the noise as it is, structure where the spectrum is inconsistent."""

from __future__ import annotations

import numpy as np
import pytest
from spectra import FREQUENCIES, TRUTH, exact, noisy, with_truth

from cathodelab.techniques.impedance.validity.kramers_kronig import kramers_kronig


def test_the_noise_is_the_noise() -> None:
    """0.2 % in, 0.2 % out: the degrees of freedom are counted; no false alarm in 40 spectra."""
    found = kramers_kronig(FREQUENCIES, np.array([noisy(exact(), seed, 0.002) for seed in range(40)]))
    assert np.mean([one.noise for one in found]) == pytest.approx(0.002, rel=0.03)
    assert all(one.valid for one in found)


@pytest.mark.parametrize("mistake", [np.conj, lambda z: z.imag + 1j * z.real])
def test_what_is_not_causal_is_seen(mistake: object) -> None:
    """Wrong sign of the imaginary part, swapped parts."""
    z = mistake(noisy(exact(), 1, 0.002))  # type: ignore[operator]
    assert not kramers_kronig(FREQUENCIES, z[None])[0].valid


def test_an_outlier_is_named_and_only_it() -> None:
    """One point 5 % off."""
    z = noisy(exact(), 1, 0.002)
    z[30] *= 1.05
    assert kramers_kronig(FREQUENCIES, z[None])[0].outliers == (30,)


def test_a_slow_drift_passes() -> None:
    """3 % of growth within the sweep is invisible: the method card says so, and here is the proof."""
    clock = np.cumsum(3 / FREQUENCIES + 0.5)
    grown = TRUTH[1] * (1 + 0.03 * np.sqrt(clock / clock[-1]))
    z = np.array([exact(with_truth(R_2=r), FREQUENCIES[[i]])[0] for i, r in enumerate(grown)])
    assert kramers_kronig(FREQUENCIES, noisy(z, 1, 0.002)[None])[0].valid


def test_a_jump_in_the_middle_of_the_sweep_is_seen() -> None:
    """10 % from one frequency to the next is no noise."""
    z = noisy(exact(), 1, 0.002)
    z[40:] *= 1.1
    assert not kramers_kronig(FREQUENCIES, z[None])[0].valid


def test_inductance_and_capacitance_are_allowed() -> None:
    """A cable and a blocking electrode are consistent."""
    omega = 2 * np.pi * FREQUENCIES
    z = noisy(exact() + 1j * omega * 1e-6 + 1 / (1j * omega * 0.01), 4, 0.002)
    assert kramers_kronig(FREQUENCIES, z[None])[0].valid


def drifting(size: float, seed: int) -> np.ndarray:
    """The impedance grows evenly over the sweep of three periods a frequency."""
    clock = np.cumsum(3 / FREQUENCIES)
    return noisy(exact() * (1 + size * clock / clock[-1]), seed, 0.003)


def test_a_drift_of_five_per_cent_is_found_and_measured() -> None:
    """At 0.3 % noise in nine of ten spectra at least, and one in a hundred without a drift: 40 and 300 spectra."""
    z = np.array([drifting(0.05, seed) for seed in range(40)])
    found = kramers_kronig(FREQUENCIES, z)
    assert np.mean([one.drifts for one in found]) > 0.85
    away = [(one.drift - 0.05) / one.drift_standard for one in found]
    assert abs(np.mean(away)) < 0.8
    assert all(one.valid for one in found)
    assert all(0.03 < one.drift_found_mostly < 0.09 for one in found)
    still = kramers_kronig(FREQUENCIES, np.array([noisy(exact(), seed, 0.003) for seed in range(300)]))
    assert np.mean([one.drifts for one in still]) < 0.035


def test_the_clock_of_the_sweep_decides_what_a_drift_looks_like() -> None:
    """With the clock as recorded a drift is found that the assumed one does not fit."""
    clock = np.linspace(0, 1, FREQUENCIES.size)
    z = np.array([noisy(exact() * (1 + 0.05 * clock), seed, 0.003) for seed in range(10)])
    known = kramers_kronig(FREQUENCIES, z, np.tile(clock, (10, 1)))
    away = [(one.drift - 0.05) / one.drift_standard for one in known]
    assert abs(np.mean(away)) < 1.5


def test_a_drift_is_found_beside_an_outlier() -> None:
    """One point 20 % off takes no part."""
    z = drifting(0.10, 1)
    z[20] *= 1.2
    (found,) = kramers_kronig(FREQUENCIES, z[None])
    assert found.outliers == (20,)
    assert found.drifts
