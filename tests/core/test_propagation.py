"""Effects of sources by evaluating the chain again."""

from __future__ import annotations

import numpy as np
import pytest

from cathodelab.core.estimate import Source
from cathodelab.core.propagation import Perturbation, effects_of


def _of(kind: str, size: float) -> Perturbation[float]:
    return Perturbation(Source(kind, kind, kind), lambda x, k: x + k * size)  # type: ignore[arg-type]


def test_linear_chain_gives_exact_effects_for_each_kind() -> None:
    """Standard uncertainties as they are, limits and one-sided limits divided by the square root of 3."""
    sources = [_of("standard", 0.1), _of("limit", 0.1), _of("one-sided limit", -0.1)]
    values, effects = effects_of(lambda x: np.array([2 * x, -x]), 1.0, sources)
    np.testing.assert_allclose(values, [2.0, -1.0])
    third = 0.1 / np.sqrt(3)
    np.testing.assert_allclose(effects, [[0.2, 2 * third, -2 * third], [-0.1, -third, third]])


def test_central_difference_removes_the_curvature() -> None:
    """The effect on x**2 at 1 is 2 dx, not 2 dx + dx**2."""
    _, effects = effects_of(lambda x: np.array([x * x]), 1.0, [_of("standard", 0.1)])
    assert effects[0, 0] == pytest.approx(0.2)
