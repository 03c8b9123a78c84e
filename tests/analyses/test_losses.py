"""Static and kinetic loss."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "techniques" / "utilization"))
import cells

from cathodelab.analyses.losses import losses
from cathodelab.core.errors import NotInRecord
from cathodelab.techniques.utilization.method import static_utilization
from cathodelab.techniques.utilization.model import CutOff, Titration, UtilizationResult, UtilizationSettings

CUT_OFF = CutOff(potential_volt=4.15 - 0.62, current_mA=0.1, rests_before=4)


def _utilization(titration: Titration) -> UtilizationResult:
    return static_utilization(
        cells.cell(), titration, cells.reference_cell(), cells.reference(), UtilizationSettings(), 200.0
    )


def test_losses_of_an_exact_cell() -> None:
    """Relaxed at 4.10 V after a charge to 4.15 V: static (1 - theta) q_eq, kinetic theta (q(4.15) - q(4.10))."""
    result = losses(cells.cell(), _utilization(cells.solid(0.8, cut_off=CUT_OFF)), 200.0)
    value = {name: one.value for name, one in result.estimates.as_mapping().items()}
    q = cells.q_reference
    assert value["equilibrium_capacity"] == pytest.approx(q(4.15), rel=1e-3)
    assert value["static_loss"] == pytest.approx(0.2 * q(4.15), rel=2e-3)
    assert value["kinetic_loss"] == pytest.approx(0.8 * (q(4.15) - q(4.10)), rel=2e-3)
    assert value["gross_specific_capacity"] == pytest.approx(0.8 * q(4.10), rel=1e-3)
    assert value["effective_c_rate"] == pytest.approx(0.1 / (0.8 * 10e-3 * 200), rel=1e-3)


def test_a_discharge_has_positive_capacities_and_losses() -> None:
    """Relaxed at 3.70 V after a discharge from 4.10 V to 3.66 V; the reference is a charge curve, and a check says so."""
    points = cells.solid(0.8, potentials=(4.10, 4.00, 3.90, 3.80, 3.70))
    cut_off = CutOff(potential_volt=3.66 - 0.62, current_mA=-0.1, rests_before=4)
    discharge = replace(
        points, charge_mAh=points.charge_mAh - points.charge_mAh[0], direction="discharge", cut_off=cut_off
    )
    utilization = _utilization(discharge)
    result = losses(cells.cell(), utilization, 200.0)
    value = {name: one.value for name, one in result.estimates.as_mapping().items()}
    q = cells.q_reference
    assert value["gross_specific_capacity"] == pytest.approx(0.8 * (q(4.10) - q(3.70)), rel=1e-3)
    assert value["static_loss"] == pytest.approx(0.2 * (q(4.10) - q(3.66)), rel=2e-3)
    assert value["kinetic_loss"] == pytest.approx(0.8 * (q(3.70) - q(3.66)), rel=5e-3)
    assert value["effective_c_rate"] > 0
    assert next(check.passed for check in utilization.checks if check.name == "same_direction") is False


def test_capacity_of_the_connected_mass_does_not_know_the_mass_of_the_cell() -> None:
    """It cancels; the error of the reference's mass stays."""
    estimates = losses(cells.cell(), _utilization(cells.solid(0.8, cut_off=CUT_OFF)), 200.0).estimates
    effects = estimates.effect("active_specific_capacity")
    active = estimates.estimate("active_specific_capacity").value
    assert abs(effects["ssb-01/mass"]) < 1e-9 * active
    assert effects["liquid-01/mass"] == pytest.approx(-0.01 * active, rel=1e-3)


def test_parasitic_charge_shows_as_negative_kinetic_loss() -> None:
    """Shown, not clipped, and a failed check."""
    cut_off = CutOff(potential_volt=4.06 - 0.62, current_mA=0.1, rests_before=4)
    result = losses(cells.cell(), _utilization(cells.solid(0.8, cut_off=cut_off)), 200.0)
    assert result.estimates.estimate("kinetic_loss").value < 0
    assert next(check for check in result.checks if check.name == "kinetic_loss_not_negative").passed is False


@pytest.mark.parametrize(
    ("cut_off", "code"),
    [(None, "no-cut-off"), (CutOff(4.4 - 0.62, 0.1, 0), "cut-off-outside-reference")],
)
def test_what_the_record_does_not_hold_is_skipped(cut_off: CutOff | None, code: str) -> None:
    """Relaxed points alone; a cut-off beyond the reference."""
    with pytest.raises(NotInRecord) as caught:
        losses(cells.cell(), _utilization(cells.solid(0.8, cut_off=cut_off)), 200.0)
    assert caught.value.code == code
