"""Spectra of known truth for the tests, written out without the technique's own code."""

from __future__ import annotations

import numpy as np

FREQUENCIES = np.logspace(np.log10(3e6), -1, 76)
TRUTH = np.array([40.0, 105.0, 1.6e-4, 0.85, 10.0, 0.05, 0.85, 0.3, 0.55])
"""Separator, cathode (R, tau, n), anode (R, tau, n), tail (Q, n): the source's uncoated reference at 3.7 V."""


def exact(parameters: np.ndarray = TRUTH, frequencies: np.ndarray = FREQUENCIES) -> np.ndarray:
    """``R-(RQ)-(RQ)-Q`` in ohm."""
    turn = 2j * np.pi * frequencies
    r1, r2, t2, n2, r3, t3, n3, q4, n4 = parameters
    z: np.ndarray = r1 + r2 / (1 + (turn * t2) ** n2) + r3 / (1 + (turn * t3) ** n3) + 1 / (q4 * turn**n4)
    return z


def noisy(z: np.ndarray, seed: int, noise: float = 0.005) -> np.ndarray:
    """With independent noise on both parts relative to the modulus."""
    chance = np.random.default_rng(seed)
    random: np.ndarray = chance.standard_normal(z.shape) + 1j * chance.standard_normal(z.shape)
    result: np.ndarray = z + noise * np.abs(z) * random
    return result


def with_truth(**changed: float) -> np.ndarray:
    """The truth with some of its parameters changed."""
    names = ("R_1", "R_2", "tau_2", "n_2", "R_3", "tau_3", "n_3", "Q_4", "n_4")
    return np.array([changed.get(name, value) for name, value in zip(names, TRUTH, strict=True)])
