"""Contact loss between two check-ups of one cycling test."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "techniques" / "cycling"))
sys.path.insert(0, str(Path(__file__).parents[1] / "techniques" / "utilization"))
import cells as titrations
from cycling_cells import cell, record

from cathodelab.analyses.ageing import AgeingResult, contact_loss
from cathodelab.core.errors import NotInRecord
from cathodelab.techniques.cycling.method import cycling_metrics
from cathodelab.techniques.cycling.model import CyclingSettings
from cathodelab.techniques.utilization.method import static_utilization
from cathodelab.techniques.utilization.model import UtilizationSettings
from cathodelab.techniques.utilization.rests import titration_from_record
from cathodelab_validation.cycler import (
    CyclingTruth,
    Phase,
    Recording,
    cycles_of,
    cycling_columns,
    equilibrium_charge,
)

CHECK_UP = [
    phase
    for limit in (3.05, 3.12, 3.22, 3.32, 3.42)
    for phase in (Phase("charge", 0.05, limit), Phase("rest", hours=4))
] + [Phase("discharge", 0.1, 1.98), Phase("rest", hours=1)]


def _aged(utilizations: tuple[float, ...]) -> AgeingResult:
    """One test with a check-up at each utilization and some cycles between them."""
    parts = []
    for number, theta in enumerate(utilizations):
        protocol = [*CHECK_UP, *cycles_of((0.5,) * 4)]
        parts.append(
            cycling_columns(
                CyclingTruth(utilization=theta), protocol, Recording(60, 5e-5, 120), np.random.default_rng(number)
            )
        )
    columns: dict[str, np.ndarray] = {}
    for name in parts[0]:
        end, joined = 0.0, []
        for part in parts:
            shift = end if name in ("test_time_second", "step_count", "net_charge_ampere_hour") else 0.0
            joined.append(part[name] + shift + (1.0 if name == "step_count" and end else 0.0))
            end = float(joined[-1][-1])
        columns[name] = np.concatenate(joined)
    whole, one = record(columns), cell()
    reference_cell = titrations.reference_cell()
    u = np.linspace(3.56, 4.2, 130)
    reference = titrations.titration(u, equilibrium_charge(u) * reference_cell.cam_mass.value * 1e-3)
    settings = UtilizationSettings()
    first = titration_from_record(record(parts[0]), settings)
    utilization = static_utilization(one, first, reference_cell, reference, settings, 200.0)
    cycling = cycling_metrics(one, whole, CyclingSettings(), 200.0)
    return contact_loss(one, whole, cycling, utilization, reference_cell, reference, 200.0)


def test_what_was_lost_is_found_with_less_error_than_either_utilization() -> None:
    """Weighing, reference and counter electrode cancel in the ratio."""
    found = _aged((0.90, 0.81))
    assert len(found.cycles) == 2
    later = found.cycles[1]
    ratio = found.estimates.estimate(f"connected_since_first_cycle_{later}")
    assert ratio.value == pytest.approx(0.9, abs=3 * ratio.plus)
    alone = found.estimates.estimate(f"utilization_cycle_{later}")
    assert alone.value == pytest.approx(0.81, abs=3 * alone.plus)
    assert ratio.plus / ratio.value < 0.5 * alone.plus / alone.value
    assert found.estimates.effect(f"connected_since_first_cycle_{later}")["ssb-01/mass"] == pytest.approx(0, abs=1e-9)
    assert found.checks[0].passed is False
    rate = found.estimates.estimate("contact_loss_per_cycle")
    assert rate.value == pytest.approx((1 - ratio.value) / (later - found.cycles[0]))
    assert rate.plus == pytest.approx(ratio.plus / (later - found.cycles[0]), rel=0.01)
    hourly = found.estimates.estimate("contact_loss_per_hour")
    assert hourly.unit == "1/h"
    assert 0 < hourly.value < rate.value


def test_without_a_second_titration_there_is_no_contact_loss() -> None:
    """Skipped, with the reason."""
    with pytest.raises(NotInRecord) as caught:
        _aged((0.9,))
    assert caught.value.code == "no-second-titration"
