"""Effects of sources by evaluating the chain again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from cathodelab.core.arrays import FloatArray
from cathodelab.core.propagation import Perturbation, Shift, effects_at_once, effects_of
from cathodelab.core.sources import Source


def _of(kind: str, size: float) -> Perturbation[float]:
    return Perturbation(Source(kind, kind, kind), lambda x, k: x + k * size)  # type: ignore[arg-type]


def test_linear_chain_gives_exact_effects_for_each_kind() -> None:
    """Standard uncertainties and ranges as they are, limits and one-sided limits divided by the square root of 3."""
    sources = [_of("standard", 0.1), _of("limit", 0.1), _of("one-sided limit", -0.1), _of("range", -0.1)]
    values, effects = effects_of(lambda x: np.array([2 * x, -x]), 1.0, sources)
    np.testing.assert_allclose(values, [2.0, -1.0])
    third = 0.1 / np.sqrt(3)
    np.testing.assert_allclose(effects, [[0.2, 2 * third, -2 * third, -0.2], [-0.1, -third, third, 0.1]])


def test_central_difference_removes_the_curvature() -> None:
    """The effect on x**2 at 1 is 2 dx, not 2 dx + dx**2."""
    _, effects = effects_of(lambda x: np.array([x * x]), 1.0, [_of("standard", 0.1)])
    assert effects[0, 0] == pytest.approx(0.2)


@dataclass(frozen=True, eq=False)
class _Line:
    points: FloatArray
    scale: float | FloatArray


def _curved(line: _Line) -> FloatArray:
    """Two numbers of a line, for any leading axes."""
    total = np.asarray(line.scale) * np.sum(line.points**2, axis=-1)
    return np.stack(np.broadcast_arrays(total, line.points[..., 0]), axis=-1)


def test_all_versions_at_once_give_the_effects_of_one_after_another() -> None:
    """Arrays and numbers moved together or alone, all three kinds, and a source that moves nothing."""
    line = _Line(np.array([1.0, 2.0, 4.0]), 3.0)
    moves = (
        ("standard", {"points": np.array([0.1, 0.0, -0.2])}),
        ("limit", {"scale": 0.5, "points": np.full(3, 0.3)}),
        ("one-sided limit", {"scale": -0.25}),
        ("standard", {"scale": 0.0}),
    )
    sources = [Perturbation[_Line](Source(str(i), "", kind), Shift(amounts)) for i, (kind, amounts) in enumerate(moves)]  # type: ignore[arg-type]
    singly, at_once = effects_of(_curved, line, sources), effects_at_once(_curved, line, sources)
    np.testing.assert_allclose(at_once[0], singly[0], rtol=1e-15)
    np.testing.assert_allclose(at_once[1], singly[1], rtol=1e-13)
    assert np.all(at_once[1][:, 3] == 0)


def test_without_sources_there_are_values_and_no_effects() -> None:
    """Shape (n, 0)."""
    values, effects = effects_at_once(_curved, _Line(np.array([1.0, 2.0]), 2.0), [])
    np.testing.assert_array_equal(values, [10.0, 1.0])
    assert effects.shape == (2, 0)


def test_a_move_that_is_no_shift_is_refused_at_once() -> None:
    """Its inputs could not be stacked."""
    with pytest.raises(TypeError, match="standard is no Shift"):
        effects_at_once(lambda x: np.array([x]), 1.0, [_of("standard", 0.1)])
