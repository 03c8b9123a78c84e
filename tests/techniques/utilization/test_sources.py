"""Sources of error as perturbations: each moves the inputs as far, and to that side, as the thing itself would."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
import cells

from cathodelab.techniques.utilization.branches import current_range_mA, self_discharge_of, without_self_discharge
from cathodelab.techniques.utilization.fit import joint_fit
from cathodelab.techniques.utilization.method import static_utilization
from cathodelab.techniques.utilization.model import Titration, UtilizationResult, UtilizationSettings

SETTINGS = UtilizationSettings()
CURRENT_MA = 2e-4
"""Self-discharge of the reference in both branches."""


def _effect(result: UtilizationResult, source: str) -> float:
    """Effect of one standard uncertainty on the utilization."""
    return result.estimates.effect("static_utilization")[source]


def _evaluated(reference: Titration) -> UtilizationResult:
    return static_utilization(
        cells.cell(), cells.solid(0.8), cells.reference_cell(), reference, UtilizationSettings(), 200.0
    )


def _branches(offset_mA: float = 0.0) -> tuple[Titration, Titration]:
    """Forth and back at one self-discharge; rests grow longer, so that time under current is no fixed part of all time.

    Args:
        offset_mA: what the channel counts too much whenever current flows.
    """
    volt = np.linspace(3.55, 4.28, 40)
    hours = np.cumsum(np.linspace(3.0, 11.0, 79))
    polarized = np.linspace(3600.0, 3600.0 * 79, 79)
    held = cells.q_reference(volt) * cells.REFERENCE_MASS * 1e-3
    recorded = np.concatenate([held, held[-2::-1]]) + CURRENT_MA * hours + offset_mA * polarized / 3600
    forth = cells.titration(volt, recorded[:40], elapsed_hour=hours[:40], polarization_second=polarized[:40])
    back = cells.titration(
        volt[::-1], recorded[39:] - recorded[39], elapsed_hour=hours[39:], polarization_second=polarized[39:]
    )
    return forth, back


def _reference(offset_mA: float = 0.0) -> Titration:
    """The charge branch with what both branches say about self-discharge."""
    forth, back = _branches(offset_mA)
    found = self_discharge_of(forth, back, SETTINGS)
    assert found is not None
    return replace(forth, self_discharge=found)


def test_the_branches_know_the_current_that_was_set() -> None:
    """To a ten-thousandth of it, without noise."""
    found = _reference().self_discharge
    assert found is not None
    assert found.current_mA == pytest.approx(CURRENT_MA, rel=1e-4)


def test_an_offset_of_the_current_is_counted_and_taken_for_self_discharge_at_the_same_time() -> None:
    """A channel that really has the offset at its limit moves the corrected charge just as the source of error does.

    Most of it cancels: what is counted too much comes back as self-discharge that is taken off.
    """
    offset = SETTINGS.current_offset_limit_of_range * current_range_mA(_reference(), SETTINGS)
    exact, moved = (without_self_discharge(_reference(one)) for one in (0.0, offset))
    really = moved.charge_mAh - exact.charge_mAh
    result = _evaluated(_reference())
    source = next(one for one in result.sources if one.source.id == "liquid-01/current offset")
    perturbed = source.apply(result.comparison, 1.0).reference_charge_mAh - result.comparison.reference_charge_mAh
    assert source.source.kind == "limit"
    np.testing.assert_allclose(perturbed, really, atol=0.01 * float(np.max(np.abs(really))))
    assert np.max(np.abs(really)) < 0.6 * offset * 40


def test_an_offset_of_the_current_moves_the_utilization_as_a_channel_with_it_would() -> None:
    """The effect is that of the limit over the square root of three, sign included."""
    offset = SETTINGS.current_offset_limit_of_range * current_range_mA(_reference(), SETTINGS)
    values = [
        _evaluated(_reference(one)).estimates.estimate("static_utilization").value for one in (-offset, 0.0, offset)
    ]
    effect = _effect(_evaluated(_reference()), "liquid-01/current offset")
    assert effect == pytest.approx((values[2] - values[0]) / 2 / np.sqrt(3), rel=0.02)


def test_the_interpolation_may_be_wrong_by_half_of_what_cubic_and_straight_lines_differ() -> None:
    """A limit to either side: fits with the curve half-way to straight lines, and as far beyond the cubic, show it."""
    result = _evaluated(cells.reference(7))
    beyond, half_way = (joint_fit(replace(result.comparison, linear_blend=blend)).utilization for blend in (-0.5, 0.5))
    expected = (half_way - beyond) / 2 / np.sqrt(3)
    assert abs(expected) > 1e-4
    assert _effect(result, "liquid-01/interpolation") == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize("points", [6, 7, 9, 12])
def test_the_interpolation_error_of_a_coarse_reference_lies_within_its_limit(points: int) -> None:
    """Each window's utilization, which is 0.8 exactly: off by less than the limit, and not by a tenth of it only."""
    result = _evaluated(cells.reference(points))
    names = [window.estimate_name for window in result.windows if not window.dropped]
    off = [result.estimates.estimate(name).value - 0.8 for name in names]
    limits = [np.sqrt(3) * abs(result.estimates.effect(name)["liquid-01/interpolation"]) for name in names]
    assert np.linalg.norm(off) < np.linalg.norm(limits)
    assert np.linalg.norm(limits) < 30 * np.linalg.norm(off)
