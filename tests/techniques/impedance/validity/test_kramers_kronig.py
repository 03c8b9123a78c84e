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
