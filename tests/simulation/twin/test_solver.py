"""Cells that go through protocols: what physics demands of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cathodelab.core.arrays import FloatArray
from cathodelab.simulation.twin.model import Population, Step, TwinCell, TwinRecord
from cathodelab.simulation.twin.open_circuit import FULL_CHARGE_mAh_g, fraction, potential
from cathodelab.simulation.twin.protocols import cycles, pulse_titration, slow_charge, stepped_titration
from cathodelab.simulation.twin.solver import simulate

SHORT = stepped_titration((3.1, 3.25, 3.4), rest_second=4 * 3600)
CELL = TwinCell(utilization=0.764, offset_volt=0.62, series_ohm=60.0)
TWO = (Population(0.7), Population(0.3, diffusion_second=2.7e6))


def run(cell: TwinCell, steps: tuple[Step, ...] = SHORT, refinement: float = 1.0) -> TwinRecord:
    """One cell through one protocol."""
    return simulate([cell], [steps], refinement=refinement)[0]


def ends(record: TwinRecord, kind: str) -> list[int]:
    """Last row of every step of a kind."""
    wanted = [number for number, step in enumerate(record.steps, start=1) if step.kind == kind]
    return [int(np.flatnonzero(record.step == number)[-1]) for number in wanted if np.any(record.step == number)]


def window_utilizations(record: TwinRecord) -> FloatArray:
    """Charge between relaxed potentials over that of the material."""
    rows = ends(record, "rest")
    charge = np.diff(record.charge_mAh[rows]) / record.cell.cam_mass_mg * 1000
    x = fraction(record.potential_volt[rows] + record.cell.offset_volt)
    return np.asarray(charge / np.diff(x) / FULL_CHARGE_mAh_g)


def test_charge_is_conserved_to_round_off() -> None:
    """What passed outside is in the particles, for charges, holds, discharges, rests and two populations."""
    steps = (*stepped_titration((3.2, 3.4), rest_second=3600, hold_second=3600, back=True),)
    record = run(replace(CELL, populations=TWO), steps)
    np.testing.assert_allclose(record.stored_mAh, record.charge_mAh, atol=1e-12)
    assert record.charge_mAh.max() > 0.5


def test_self_discharge_takes_its_current_times_time() -> None:
    """The difference of outside and inside charge, and a falling potential at rest."""
    record = run(replace(CELL, self_discharge_mA_g=0.25))
    lost = (record.charge_mAh - record.stored_mAh)[-1]
    assert lost == pytest.approx(0.25 * 0.764 * 0.010 * record.time_second[-1] / 3600, rel=1e-10)
    row = ends(record, "rest")[1]
    slope = (record.potential_volt[row] - record.potential_volt[row - 3]) / np.ptp(
        record.time_second[row - 3 : row + 1]
    )
    x = float(record.fraction[row, 0])
    steepness = float(potential(np.array(x + 1e-5)) - potential(np.array(x - 1e-5))) / 2e-5 / FULL_CHARGE_mAh_g
    assert slope == pytest.approx(-0.25 / 3600 * steepness, rel=0.02)


@pytest.mark.parametrize("utilization", [1.0, 0.764, 0.5])
def test_one_population_gives_its_utilization_in_every_window(utilization: float) -> None:
    """Relaxed charge between potentials is that of the connected part."""
    np.testing.assert_allclose(window_utilizations(run(replace(CELL, utilization=utilization))), utilization, rtol=1e-6)


def test_slow_particles_look_unconnected_and_then_catch_up() -> None:
    """A thousand times slower diffusion is missed in part; a ten thousand times smaller exchange current overshoots."""
    slow = window_utilizations(run(replace(CELL, utilization=1.0, populations=TWO)))
    assert np.all(slow < 0.97)
    lazy = (Population(0.7), Population(0.3, exchange_mA_g=60e-4))
    full = stepped_titration()
    assert np.max(window_utilizations(run(replace(CELL, utilization=1.0, populations=lazy), full))) > 1.03


def test_current_between_populations_at_rest_adds_up_to_nothing_and_ends_in_equilibrium() -> None:
    """The fast particles give what the slow ones take, until both are equally charged."""
    medium = (Population(0.7), Population(0.3, diffusion_second=2.7e4))
    record = run(replace(CELL, populations=medium), (Step("charge", 5 * 3600, 0.1), Step("rest", 100 * 3600)))
    rest = np.flatnonzero(record.step == 2)
    share = np.array([0.7, 0.3])
    np.testing.assert_allclose(record.fraction[rest] @ share, record.fraction[rest[0]] @ share, atol=1e-13)
    assert np.ptp(record.fraction[rest[0]]) > 0.01
    assert np.ptp(record.fraction[-1]) < 1e-6


def test_potential_under_current_is_equilibrium_diffusion_charge_transfer_and_resistance() -> None:
    """Quasi-steady state of a sphere: surface ahead of the mean by tau rate / 15."""
    cell = TwinCell(series_ohm=100.0, populations=(Population(1.0, 2700.0, 60.0),))
    record = run(cell, (Step("charge", 6 * 3600, 0.05),))
    x = record.fraction[-1, 0]
    surface = np.array(x + 2700.0 * 10 / FULL_CHARGE_mAh_g / 3600 / 15)
    transfer = 2 * 0.0256926 * np.arcsinh(10 / (2 * 60 * 2 * np.sqrt(surface * (1 - surface))))
    expected = float(potential(surface)) + transfer + 100e-6 * 100
    assert record.potential_volt[-1] == pytest.approx(expected, abs=5e-5)


def test_less_contact_is_less_exchange_current_and_nothing_else() -> None:
    """Half the surface: the charge-transfer overpotential of twice the current density, the same relaxed charge."""
    cell = TwinCell(populations=(Population(1.0, 100.0, 60.0),))
    whole, half = (run(replace(cell, contact=one), (Step("charge", 6 * 3600, 0.05),)) for one in (1.0, 0.5))
    surface = float(whole.fraction[-1, 0])
    exchange = 60 * 2 * np.sqrt(surface * (1 - surface))
    apart = 2 * 0.0256926 * (np.arcsinh(10 / exchange) - np.arcsinh(5 / exchange))
    assert half.potential_volt[-1] - whole.potential_volt[-1] == pytest.approx(apart, abs=2e-5)
    np.testing.assert_allclose(window_utilizations(run(replace(CELL, contact=0.3))), 0.764, rtol=1e-6)


def test_the_counter_electrode_shifts_every_potential_by_its_own() -> None:
    """The cell's potential is that of the material less that of the counter electrode."""
    steps = (Step("rest", 600.0), Step("charge", 3 * 3600.0, 0.05), Step("rest", 3600.0))
    lithium, alloy = run(replace(CELL, offset_volt=0.0), steps), run(replace(CELL, offset_volt=0.615), steps)
    np.testing.assert_allclose(lithium.potential_volt - alloy.potential_volt, 0.615, atol=1e-12)
    np.testing.assert_array_equal(lithium.stored_mAh, alloy.stored_mAh)


def test_four_times_finer_steps_change_microvolts() -> None:
    """The resolution is enough, with two populations: below 30 µV and 0.06 µAh of 0.75 mAh."""
    cell = replace(CELL, populations=TWO)
    coarse, fine = run(cell), run(cell, refinement=4.0)
    rows, finer = ends(coarse, "rest"), ends(fine, "rest")
    np.testing.assert_allclose(coarse.potential_volt[rows], fine.potential_volt[finer], atol=3e-5)
    np.testing.assert_allclose(coarse.charge_mAh[rows], fine.charge_mAh[finer], atol=6e-5)


def test_cells_do_not_know_of_each_other() -> None:
    """A cell gives the same alone and among others."""
    other = TwinCell(populations=TWO, offset_volt=0.62)
    alone = run(CELL)
    together = simulate([other, CELL], [stepped_titration((3.3,)), SHORT])[1]
    np.testing.assert_allclose(together.potential_volt, alone.potential_volt, atol=1e-10)


def test_limits_end_steps_and_branches() -> None:
    """A titration forth and back stays within its potentials; a slow charge ends at its limit."""
    record = run(TwinCell(), pulse_titration(pulse_second=3600, rest_second=3600, high_volt=4.1, low_volt=3.62))
    assert record.potential_volt.max() < 4.1 + 1e-4
    kinds = [record.steps[int(number) - 1].kind for number in np.unique(record.step)]
    assert kinds.count("charge") < 62
    assert kinds[-1] == "rest"
    assert "discharge" in kinds
    slow = run(TwinCell(), slow_charge(c_rate=0.1))
    assert slow.potential_volt[-1] == pytest.approx(4.29, abs=1e-4)


def test_a_hold_keeps_the_potential_until_the_current_is_small() -> None:
    """Behind the series resistance too."""
    steps = cycles((0.5,), high_volt=3.4, low_volt=2.95, hold_until_c_rate=0.02)
    record = run(CELL, steps)
    hold = record.step == 2
    np.testing.assert_allclose(record.potential_volt[hold], 3.4, atol=1e-9)
    assert 0 < record.current_mA[hold][-1] < 0.02 * 200 * 0.01


def test_contact_lost_over_cycles_is_charge_lost() -> None:
    """Two per cent a cycle from the second on; capacities fall with rate."""
    steps = cycles((0.1, 0.1, 0.1, 1.0), high_volt=3.5, low_volt=2.95)
    record = run(replace(CELL, contact_loss=0.02), steps)
    assert record.utilization[-1] == pytest.approx(0.764 * 0.98**3)
    out = [np.ptp(record.charge_mAh[record.step == step]) for step in (3, 7, 11, 15)]
    assert out[1] / out[0] == pytest.approx(0.98, abs=0.003)
    assert out[3] < 0.95 * out[2]


def test_a_drifting_counter_electrode_and_hysteresis_move_the_rest_potential() -> None:
    """By their size."""
    still, drift = run(CELL), run(replace(CELL, offset_drift_volt_per_hour=1e-4))
    hours = still.time_second[-1] / 3600
    assert drift.potential_volt[-1] + 1e-4 * hours == pytest.approx(still.potential_volt[-1], abs=2e-3)
    record = run(replace(CELL, hysteresis_volt=0.005))
    row = ends(record, "rest")[-1]
    relaxed = record.potential_volt[row] + 0.62
    assert relaxed - float(potential(record.fraction[row, 0])) == pytest.approx(0.005, abs=1e-4)


def test_oxidation_adds_charge_that_is_not_in_the_particles() -> None:
    """More above 4 V than below, and less once its pool is used up."""
    steps = stepped_titration((3.2, 3.5), rest_second=3600)
    plain = run(replace(CELL, oxidation_mA_g=0.5), steps)
    passivated = run(replace(CELL, oxidation_mA_g=0.5, oxidation_pool_mAh_g=0.1), steps)
    lost, less = ((one.charge_mAh - one.stored_mAh)[-1] for one in (plain, passivated))
    assert lost > 0.005
    assert 0.001 < less < lost / 2
