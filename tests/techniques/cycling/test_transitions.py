"""Names of features: phase transitions of layered nickel oxides for these alone, else peaks at potentials."""

from __future__ import annotations

import numpy as np
import pytest
from cycling_cells import cell, generated, record

from cathodelab.core.arrays import FloatArray
from cathodelab.techniques.cycling.features import RESOLVED
from cathodelab.techniques.cycling.method import cycling_metrics
from cathodelab.techniques.cycling.model import CyclingResult, CyclingSettings
from cathodelab.techniques.cycling.transitions import WINDOWS, has_their_names

OFFSET_VOLT = 0.62


@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("NCM811", True), ("NMC 622", True), ("NCA", True), ("LiNi0.8Co0.1Mn0.1O2", True), ("LiNiO2", True),
        ("LiCoO2", False), ("LiFePO4", False), ("LiNi0.5Mn1.5O4", False), ("LNMO", False), ("LFP", False), ("", False),
    ],
)  # fmt: skip
def test_a_name_of_a_layered_nickel_oxide_is_known(name: str, *, theirs: bool) -> None:
    """LCO, LFP and LNMO get no name that is not theirs; what is not named gets none either."""
    assert has_their_names(name, "by cam_name") is theirs
    assert has_their_names(name, "layered nickel oxide")
    assert not has_their_names(name, "none")


def _with_peaks(volts: tuple[float, ...]) -> dict[str, FloatArray]:
    """A slow charge and discharge of narrow peaks at these potentials against Li+/Li, 0.3 mAh each."""
    potential = np.linspace(2.6, 4.35, 1600)
    charge = 0.05 * (potential - 2.6) + sum(
        0.3 / (1 + np.exp(-(potential - (volt - OFFSET_VOLT)) / 0.008)) for volt in volts
    )
    both, current = np.concatenate([charge, charge[::-1]]), 0.1
    flow = np.concatenate([np.full(potential.size, current), np.full(potential.size, -current)])
    passed = np.abs(np.diff(both, prepend=both[0]))
    return {
        "test_time_second": np.cumsum(3600 * passed / current + 1e-3),
        "voltage_volt": np.concatenate([potential, potential[::-1]]),
        "current_ampere": 1e-3 * flow,
        "net_charge_ampere_hour": 1e-3 * both,
        "step_count": np.repeat([1.0, 2.0], potential.size),
    }


def _evaluated(volts: tuple[float, ...], **details: str) -> CyclingResult:
    return cycling_metrics(cell(**details), record(_with_peaks(volts)), CyclingSettings(), 150.0)


def test_peaks_of_another_material_are_called_by_their_potential() -> None:
    """LNMO's pair at 4.70 and 4.75 V and its manganese at 4.05 V are there, in both directions, and no name of NCM."""
    table = _evaluated((4.05, 4.62, 4.76), cam_name="LiNi0.5Mn1.5O4").features
    resolved = {table.feature[row] for row in np.flatnonzero(table.status == RESOLVED)}
    assert resolved == {"peak at 4.05 V", "peak at 4.62 V", "peak at 4.76 V"}
    rows = np.flatnonzero(table.status == RESOLVED)
    true = np.array([float(table.feature[row].split()[2]) for row in rows]) - OFFSET_VOLT
    np.testing.assert_allclose(table.position_volt[rows], true, atol=2e-3)


def test_a_nickel_oxide_keeps_its_transitions() -> None:
    """By its name, and by the setting where it has none."""
    result = cycling_metrics(
        cell(cam_name=""), record(generated()), CyclingSettings(transition_names="layered nickel oxide"), 200.0
    )
    assert set(result.features.feature) == {window.name for window in WINDOWS}
