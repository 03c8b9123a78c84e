"""Printed numbers of Publication II, of Table S4 of Publication III and of Figure 7a, from what they are made of."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "techniques" / "cycling"))
from cycling_cells import cell

from cathodelab.analyses.correlation import Correlation
from cathodelab.analyses.stack import SOURCE_PRESS_CELL, Foil, Stack, atomic_ratio, development_series
from cathodelab.analyses.variance import Interval, VarianceComponents, variance_components
from cathodelab.core.propagation import effects_of
from cathodelab.core.samples import Cell
from cathodelab.techniques.cycling.model import CycleSums, CyclingSettings
from cathodelab.techniques.cycling.quantities import NAMES, quantities_of
from cathodelab.techniques.cycling.sources import perturbations

_ARRAYS = (
    "charge_cc_mAh", "charge_cv_mAh", "discharge_cc_mAh", "discharge_cv_mAh", "charge_energy_mWh",
    "discharge_energy_mWh", "charge_seconds", "discharge_seconds", "charge_current_mA", "discharge_current_mA",
    "relaxed_after_charge_volt", "relaxed_after_discharge_volt", "late_relaxed_after_charge_volt",
    "late_relaxed_after_discharge_volt", "hold_end_current_mA", "shoulder_mAh", "shoulder_slope",
)  # fmt: skip


def _sums(mass: float, composite: float, **given: float) -> CycleSums:
    """One cycle with these sums; everything that is not given is nothing."""
    arrays = {name: np.array([given.get(name, 0.0)]) for name in _ARRAYS}
    return CycleSums(
        **arrays,
        **dict.fromkeys(("closed", "charge_whole", "discharge_whole"), np.ones(1, dtype=bool)),
        block_first=np.zeros(1),
        retention_index=0,
        cam_mass_mg=mass,
        composite_mass_mg=composite,
        area_cm2=float(np.pi / 4),
        c_rate_basis_mAh_g=200.0,
    )


def _weighed() -> Cell:
    """12 mg of composite with a share of 0.6931; dm = 0.1 mg, dx = 0.0005."""
    relative = float(np.hypot(0.1 / 12, 0.0005 / 0.6931))
    return cell(12 * 0.6931, 12 * 0.6931 * relative, composite_mass_mg="12", cam_mass_fraction="0.6931")


def test_dq_cam_is_1_5() -> None:
    """Id dq_CAM: equation 2 of Publication II, 1.5 mAh/g for 1.5 mAh on 12 mg; the charge is taken as exact there."""
    one = _weighed()
    sums = _sums(one.cam_mass.value, 12.0, discharge_cc_mAh=1.5, charge_cc_mAh=1.5)
    exact = CyclingSettings(current_gain_limit=0, current_offset_limit_of_range=0, clock_gain_limit=0)
    nothing = np.zeros(1)
    _, effects = effects_of(
        lambda inputs: quantities_of(inputs).ravel(), sums, perturbations(sums, one, (nothing, nothing), exact)
    )
    row = effects[NAMES.index("gross_discharge_capacity")]
    half = float(np.sqrt(np.sum(row**2)))
    assert half == pytest.approx(1.50853, abs=2e-4)
    assert round(half, 1) == 1.5


@pytest.mark.parametrize(("composite", "printed"), [(12.0, 2.0), (15.0, 2.5)])
def test_areal_capacities(composite: float, printed: float) -> None:
    """Ids areal12 and areal15: 190 mAh/g on a die of 10 mm."""
    charge = composite * 0.6931 * 0.190
    sums = _sums(composite * 0.6931, composite, discharge_cc_mAh=charge, charge_cc_mAh=charge)
    areal = float(quantities_of(sums)[NAMES.index("areal_discharge_capacity"), 0])
    assert round(areal, 1) == printed


def test_atomic_ratio_of_the_foils_is_1_86() -> None:
    """Id In_Li: 9 mm and 6 mm discs of 100 µm."""
    assert atomic_ratio(Foil("In", 9, 100), Foil("Li", 6, 100)) == pytest.approx(1.861693, abs=2e-3)


@pytest.mark.parametrize(
    ("constant", "held", "discharge", "printed"),
    [
        pytest.param(85.3, 7.5, 78.3, 84.4, id="ICE_80:20:0"),
        pytest.param(85.2, 5.3, 76.2, 84.2, id="ICE_80:20:0.2"),
        pytest.param(113.0, 4.8, 102.6, 87.1, id="ICE_80:20:0.5"),
        pytest.param(75.4, 8.3, 70.4, 84.1, id="ICE_80:20:1"),
        pytest.param(102.1, 10.5, 94.1, 83.6, id="ICE_80:20:2"),
        pytest.param(142.0, 10.3, 129.4, 85.0, id="ICE_80:20:3"),
    ],
)
def test_table_s4_efficiencies(constant: float, held: float, discharge: float, printed: float) -> None:
    """Both parts of the charge count; capacities per composite mass (1 g here)."""
    sums = _sums(800.0, 1000.0, charge_cc_mAh=constant, charge_cv_mAh=held, discharge_cc_mAh=discharge)
    values = quantities_of(sums)[:, 0]
    assert round(100 * float(values[NAMES.index("coulombic_efficiency")]), 1) == printed
    assert values[NAMES.index("composite_charge_capacity")] == pytest.approx(constant + held)


@pytest.mark.parametrize(
    ("mean", "sd", "printed", "agrees"),
    [
        pytest.param(178.0, 9.0, 5.1, True, id="CV_hand_0.1C"),
        pytest.param(162.6, 9.7, 5.6, False, id="CV_hand_0.3C"),
        pytest.param(133.3, 10.8, 8.1, True, id="CV_hand_1C"),
        pytest.param(179.5, 2.4, 1.4, True, id="CV_machine_0.1C"),
        pytest.param(164.9, 3.0, 1.8, True, id="CV_machine_0.3C"),
        pytest.param(138.5, 4.3, 3.1, True, id="CV_machine_1C"),
    ],
)
def test_coefficients_of_variation(mean: float, sd: float, printed: float, agrees: bool) -> None:  # noqa: FBT001
    """Our formula on the printed mean and sd; hand at 0.3C is 5.97 %, not the printed 5.6 %, and the formula wins."""
    exact = Interval(sd, sd, sd)
    found = VarianceComponents(9, 3, Interval(mean, mean, mean), exact, exact, exact, sd, ()).variation("total").value
    assert (abs(100 * found - printed) < 0.07) is agrees
    if not agrees:
        assert 100 * found == pytest.approx(5.96556, abs=1e-4)


@pytest.mark.parametrize(
    ("r", "printed"),
    [
        pytest.param(0.95, 0.90, id="R2_0.1C"),
        pytest.param(0.89, 0.80, id="R2_0.3C"),
        pytest.param(0.73, 0.53, id="R2_1C"),
    ],
)
def test_determination_is_the_square_of_the_correlation(r: float, printed: float) -> None:
    """R² = r² to the printed digits (0.89² = 0.792 is printed as 0.80)."""
    assert Correlation(18, r, 0.0, r, 0.0, 0.0).determination == pytest.approx(printed, abs=0.0085)


def test_the_hand_made_batches_scatter_between_persons() -> None:
    """Printed batch means 187.0 ± 0.8 and 166.9 ± 3.8, nine cells of mean 178.0: the third batch follows, and with it
    that nearly all scatter is between batches."""  # noqa: D205, D209
    third = 3 * 178.0 - 187.0 - 166.9
    pattern = np.array([-1.0, 0.0, 1.0])
    values = np.concatenate([187.0 + 0.8 * pattern, 166.9 + 3.8 * pattern, third + 2.2 * pattern])
    found = variance_components(values, ["1"] * 3 + ["2"] * 3 + ["3"] * 3)
    assert found.mean.value == pytest.approx(178.0)
    assert found.sd_between.value > 3 * found.sd_within.value
    assert found.sd_pooled == pytest.approx(9.0, abs=0.3)


def test_the_energy_series_of_figure_7a() -> None:
    """Ids Em_40 to Em_370, m_anode, m_LMA, with 190 mAh/g and 3.76 V vs. Li⁺/Li as stated inputs (not printed)."""
    assert Foil("In", 9, 100).mass_mg + Foil("Li", 6, 100).mass_mg == pytest.approx(48, abs=0.5)  # m_anode
    assert Foil("Li", 9, 100).mass_mg == pytest.approx(3.4, abs=0.05)  # m_LMA
    series = [one.specific_energy_Wh_kg for one in development_series(SOURCE_PRESS_CELL)]
    assert series[0] == pytest.approx(40, abs=4)  # "about 40"
    for value, printed in zip(series[1:5], (86, 261, 289, 297), strict=True):
        assert value == pytest.approx(printed, rel=0.015)
    assert series[5] > 370


def test_the_steps_of_the_series_need_no_charge_or_potential() -> None:
    """Ids Em_261, Em_289 and Em_370 follow from Em_297 by the masses alone."""
    base = Stack("no excess Li", 0.0, 10.0, 15.0, 7.425, 1.0, area_cm2=0.785, foil_cm2=0.636)
    assert base.specific_energy_Wh_kg == pytest.approx(297.0)
    assert 7425 / (25 + Foil("Li", 9, 100).mass_mg) == pytest.approx(261.44, abs=0.1)
    assert 7425 / (25 + Foil("Li", 9, 20).mass_mg) == pytest.approx(289.14, abs=0.1)
    double = Stack("double", 0.0, 10.0, 30.0, 14.85, 1.0, area_cm2=0.785, foil_cm2=0.636)
    assert double.specific_energy_Wh_kg == pytest.approx(371.25)


def test_the_cumulative_efficiency_of_a_block_of_twenty_cycles_is_99_32_though_single_ones_exceed_100() -> None:
    """CEcum, SI Note 4 of Publication III: the first cycle of a block is far below, later ones fill the sites that it left."""
    charges = np.full(20, 110.0)
    discharges = np.concatenate([[0.836 * 110.0], np.full(19, (0.9932 * 20 - 0.836) / 19 * 110.0)])
    one = _sums(800.0, 1000.0)
    twenty = replace(
        one,
        **{name: np.zeros(20) for name in _ARRAYS if name not in ("charge_cc_mAh", "discharge_cc_mAh")},
        charge_cc_mAh=charges,
        discharge_cc_mAh=discharges,
        **dict.fromkeys(("closed", "charge_whole", "discharge_whole"), np.ones(20, dtype=bool)),
        block_first=np.zeros(20),
    )
    values = quantities_of(twenty)
    efficiency, cumulative = (values[NAMES.index(name)] for name in ("coulombic_efficiency", "cumulative_efficiency"))
    assert round(100 * float(cumulative[-1]), 2) == 99.32
    assert (efficiency[1:] > 1).all()
    assert efficiency[0] < 0.85
    assert (cumulative < 1).all()
