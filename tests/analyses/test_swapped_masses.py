"""Swapped masses are named, and nobody is where nothing was swapped."""

from __future__ import annotations

import numpy as np

from cathodelab.analyses.swapped_masses import swapped_masses

BATCHES = [name for name in ("A", "B", "C") for _ in range(3)]


def _study(random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Utilizations of 70 to 90 % with 5 between and 2 within batches, and masses that scatter by 6 %."""
    batch = np.repeat(random.normal(80.0, 5.0, 3), 3)
    return batch + random.normal(0.0, 2.0, 9), random.normal(10.0, 0.6, 9)


def test_of_four_hundred_studies_without_a_swap_hardly_one_names_a_pair() -> None:
    """Level 1 % of the studies."""
    random = np.random.default_rng(3)
    assert sum(bool(swapped_masses(*_study(random), BATCHES)) for _ in range(400)) <= 8


def test_two_cells_whose_masses_differ_by_a_quarter_are_named_when_swapped() -> None:
    """9 and 11.5 mg: capacities are off by +28 and -22 %."""
    random, found = np.random.default_rng(4), 0
    for _ in range(50):
        values, mass = _study(random)
        mass[:2] = 9.0, 11.5
        values[:2] *= mass[:2] / mass[1::-1]
        wrong = mass.copy()
        wrong[:2] = mass[1::-1]
        pairs = swapped_masses(values, wrong, BATCHES)
        assert pairs is not None
        found += any((one.first, one.second) == (0, 1) for one in pairs)
    assert found >= 45


def test_a_study_of_one_batch_of_three_cells_is_not_judged() -> None:
    """One other cell has no scatter."""
    assert swapped_masses(np.array([70.0, 95.0, 80.0]), np.array([9.0, 11.0, 10.0]), ["A"] * 3) is None
