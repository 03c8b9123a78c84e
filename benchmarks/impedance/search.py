"""The best known sum of squares of each spectrum: an independent global search with scipy and numeric derivatives."""

from __future__ import annotations

import numpy as np
from generator import FREQUENCIES, drawn
from scipy.optimize import least_squares

LOW = np.array([1e-3, 1e-3, 1e-10, 0.5, 1e-3, 1e-10, 0.5, 1e-6, 0.15])
HIGH = np.array([1e5, 1e5, 1e3, 1.0, 1e5, 1e3, 1.0, 1e3, 1.0])
POSITIVE = [0, 1, 2, 4, 5, 7]


def _coordinates(values: np.ndarray) -> np.ndarray:
    moved = np.array(values, dtype=float)
    moved[POSITIVE] = np.log(moved[POSITIVE])
    return moved


def _residuals(x: np.ndarray, z: np.ndarray) -> np.ndarray:
    values = x.copy()
    values[POSITIVE] = np.exp(values[POSITIVE])
    r1, r2, t2, n2, r3, t3, n3, q4, n4 = values
    turn = 2j * np.pi * FREQUENCIES
    model = r1 + r2 / (1 + (turn * t2) ** n2) + r3 / (1 + (turn * t3) ** n3) + 1 / (q4 * turn**n4)
    away = (model - z) / np.abs(z)
    return np.concatenate([away.real, away.imag])


def best_known(z: np.ndarray, truth: np.ndarray, starts: int, seed: int) -> float:
    """Lowest sum of squares from the truth and from random draws of the generator's ranges."""
    low, high = _coordinates(LOW), _coordinates(HIGH)
    best = np.inf
    for start in [truth, *drawn(starts, seed)]:
        x = np.clip(_coordinates(start), low + 1e-6, high - 1e-6)
        found = least_squares(_residuals, x, bounds=(low, high), args=(z,), x_scale="jac", max_nfev=150)
        best = min(best, 2 * found.cost)
    return float(best)
