"""Spectra of known truth, written without the fit's code: the source's circuit with its 28 cathode resistances.

Ranges of the other parameters (uniform; logarithms for frequencies and Q), wider than in any published comparison:
separator 15-80 ohm cm2; cathode peak 80-6,300 Hz, exponent 0.62-0.95; anode 3-25 ohm cm2, peak 0.8-12.6 Hz, exponent 0.66-1;
tail Q 0.05-1 F s^(n-1), exponent 0.35-0.8. 76 frequencies, 3 MHz to 0.1 Hz.
"""

from __future__ import annotations

import numpy as np

CATHODE_RESISTANCES = np.array(
    (
        (22.0, 37.0, 105.0, 146.2),
        (27.5, 41.2, 114.2, 147.1),
        (19.4, 26.8, 96.3, 120.2),
        (13.3, 17.6, 44.5, 53.6),
        (71.4, 98.7, 269.5, 353.6),
        (49.5, 72.6, 296.6, 415.7),
        (17.5, 21.9, 55.4, 64.1),
    )
).ravel()
"""Table S1 of the source, ohm cm2: at 3.1 V start and end of the programme, at 3.7 V start and end of the hold."""
FREQUENCIES = np.logspace(np.log10(3e6), -1, 76)
NAMES = ("R_1", "R_2", "tau_2", "n_2", "R_3", "tau_3", "n_3", "Q_4", "n_4")


def drawn(count: int, seed: int) -> np.ndarray:
    """Parameters, shape (count, 9), in the order of ``NAMES``."""
    chance = np.random.default_rng(seed)

    def uniform(low: float, high: float) -> np.ndarray:
        return chance.uniform(low, high, count)

    cathode = CATHODE_RESISTANCES[np.arange(count) % 28]
    separator, peak, n_cathode = uniform(15, 80), 10 ** uniform(1.9, 3.8), uniform(0.62, 0.95)
    anode, peak_anode, n_anode = uniform(3, 25), 10 ** uniform(-0.1, 1.1), uniform(0.66, 1.0)
    tail, n_tail = 10 ** uniform(-1.3, 0), uniform(0.35, 0.8)
    times = 1 / (2 * np.pi * peak), 1 / (2 * np.pi * peak_anode)
    return np.stack([separator, cathode, times[0], n_cathode, anode, times[1], n_anode, tail, n_tail], axis=1)


def impedance(parameters: np.ndarray, frequencies: np.ndarray = FREQUENCIES) -> np.ndarray:
    """``R-(RQ)-(RQ)-Q`` in ohm cm2, shape (count, frequencies)."""
    turn = 2j * np.pi * frequencies
    r1, r2, t2, n2, r3, t3, n3, q4, n4 = (column[:, None] for column in parameters.T)
    return r1 + r2 / (1 + (turn * t2) ** n2) + r3 / (1 + (turn * t3) ** n3) + 1 / (q4 * turn**n4)


def measured(truth: np.ndarray, noise: float, seed: int) -> np.ndarray:
    """The same with independent normal noise on real and imaginary part, relative to the modulus."""
    chance = np.random.default_rng(seed)
    random = chance.standard_normal(truth.shape) + 1j * chance.standard_normal(truth.shape)
    return truth + noise * np.abs(truth) * random
