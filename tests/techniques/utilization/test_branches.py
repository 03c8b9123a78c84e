"""Self-discharge from charge and discharge of a reference of known current."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from cathodelab.core.arrays import FloatArray
from cathodelab.core.estimate import Estimate
from cathodelab.core.records import CyclingRecord
from cathodelab.core.samples import Cell
from cathodelab.simulation.twin.instrument import Measurement, drawn_channel, measured
from cathodelab.simulation.twin.model import Population, TwinCell
from cathodelab.simulation.twin.protocols import pulse_titration, stepped_titration
from cathodelab.simulation.twin.solver import simulate
from cathodelab.techniques.utilization.branches import self_discharge_of, without_self_discharge
from cathodelab.techniques.utilization.checks import self_discharge_separated
from cathodelab.techniques.utilization.method import static_utilization
from cathodelab.techniques.utilization.model import Titration, UtilizationSettings
from cathodelab.techniques.utilization.read import reference_from_record
from cathodelab.techniques.utilization.rests import titration_from_record

SETTINGS = UtilizationSettings()
CURRENTS = (0.0, 0.01, 0.02, 0.04)


@cache
def records(*, hysteresis: float = 0.0) -> tuple[CyclingRecord, ...]:
    """References of 5 mg with known self-discharge, poorly relaxed (R²/D 20,000 s), forth and back in pulses of 40 min."""
    random = np.random.default_rng(4)
    cells = [
        TwinCell(
            cam_mass_mg=5.0,
            self_discharge_mA_g=current,
            populations=(Population(1.0, 20_000.0),),
            hysteresis_volt=hysteresis,
        )
        for current in CURRENTS
    ]
    found = simulate(cells, [pulse_titration(pulse_second=2400.0, low_volt=3.45)] * len(cells))
    return tuple(_record(measured(one, Measurement(drawn_channel(random, range_mA=0.1)), random)) for one in found)


def _record(columns: dict[str, FloatArray]) -> CyclingRecord:
    names = ("voltage_volt", "test_time_second", "current_ampere", "step_count")
    return CyclingRecord(**{name: columns[name] for name in names})


def both(record: CyclingRecord) -> tuple[Titration, Titration]:
    """Charge and discharge branch."""
    forth = titration_from_record(record, SETTINGS)
    return forth, titration_from_record(record, replace(SETTINGS, direction="discharge"))


@pytest.mark.parametrize("number", range(len(CURRENTS)))
def test_the_known_current_is_found_within_its_uncertainty(number: int) -> None:
    """Within 3.5 standard uncertainties and 1 µA/g, whatever the relaxation."""
    found = self_discharge_of(*both(records()[number]), SETTINGS)
    assert found is not None
    off = found.current_mA - CURRENTS[number] * 5e-3
    assert abs(off) < 3.5 * found.half_width_mA()
    assert found.half_width_mA() < 1e-3 * 5e-3


def test_hysteresis_is_told_apart_from_self_discharge() -> None:
    """Five millivolts of it do not move the current."""
    found = self_discharge_of(*both(records(hysteresis=0.005)[2]), SETTINGS)
    assert found is not None
    assert found.hysteresis_volt == pytest.approx(0.005, abs=5e-4)
    assert abs(found.current_mA - 1e-4) < 2.5 * found.half_width_mA()
    assert found.half_width_mA() < 1.5e-5


def test_the_corrected_charge_is_that_of_a_cell_without_self_discharge() -> None:
    """Over the whole branch within 0.3 %."""
    curves = []
    for record in (records()[0], records()[3]):
        reference = without_self_discharge(reference_from_record(record, SETTINGS))
        inside = np.interp([3.7, 4.15], reference.potential_volt, reference.charge_mAh)
        curves.append(float(inside[1] - inside[0]))
    assert curves[1] == pytest.approx(curves[0], rel=3e-3)


def test_one_branch_identifies_nothing_and_says_so() -> None:
    """No number but a range that holds the truth, and the words."""
    record = records()[2]
    back = int(np.argmax(record.current_ampere < 0)) if record.current_ampere is not None else 0
    columns = {
        name: getattr(record, name)[:back]
        for name in ("voltage_volt", "test_time_second", "current_ampere", "step_count")
    }
    reference = reference_from_record(CyclingRecord(**columns), SETTINGS)
    assert reference.self_discharge is None
    check = self_discharge_separated(reference, SETTINGS)
    assert check.passed is None
    assert "not identifiable" in check.sentence
    assert CURRENTS[2] * 5e-3 < check.value < 20 * CURRENTS[2] * 5e-3
    two = self_discharge_separated(reference_from_record(record, SETTINGS), SETTINGS)
    assert two.passed
    assert "µA" in two.sentence


def test_hysteresis_of_thirty_millivolts_invents_no_leak_and_hides_none() -> None:
    """The branches are compared at their full distance; a resting cell takes no charge, so the leak is never below zero."""
    for number, found in enumerate(self_discharge_of(*both(one), SETTINGS) for one in records(hysteresis=0.03)):
        assert found is not None
        assert found.hysteresis_volt == pytest.approx(0.03, abs=1.5e-3)
        assert found.current_mA >= 0
        assert abs(found.current_mA - CURRENTS[number] * 5e-3) < max(3.5 * found.half_width_mA(), 2e-6)


def test_a_discharge_is_compared_with_the_discharge_branch_of_the_reference() -> None:
    """Of rising potential, with the charges of the record; the branches lie apart by twice the hysteresis."""
    record = records(hysteresis=0.015)[0]
    forth = reference_from_record(record, SETTINGS)
    back = reference_from_record(record, replace(SETTINGS, direction="discharge"))
    assert (forth.direction, back.direction) == ("charge", "discharge")
    assert np.all(np.diff(back.potential_volt) > 0)
    assert np.all(np.diff(back.charge_mAh) > 0)
    spans = [
        float(np.diff(np.interp([3.7 + shift, 4.1 + shift], one.potential_volt, one.charge_mAh))[0])
        for one, shift in ((forth, 0.015), (back, -0.015))
    ]
    assert spans[1] == pytest.approx(spans[0], rel=3e-3)
    assert back.self_discharge is not None


def test_points_on_the_way_to_the_other_branch_are_told_by_the_charge_of_the_cell() -> None:
    """Sixty millivolts between the branches: the first window of the discharge is mostly that, and is left out."""
    random = np.random.default_rng(1)
    about = {"hysteresis_volt": 0.03, "hysteresis_fraction": 0.01}
    parts = (Population(1.0, 1300.0, 60.0),)
    known = simulate([TwinCell(cam_mass_mg=5.6, populations=parts, **about)], [pulse_titration(low_volt=3.45)])[0]
    steps = stepped_titration((3.1, 3.2, 3.3, 3.4, 3.5, 3.6), back=True)
    cell = TwinCell(
        cam_mass_mg=10.4,
        utilization=0.73,
        populations=parts,
        contact=0.67,
        series_ohm=100.0,
        offset_volt=0.612,
        **about,
    )
    settings = UtilizationSettings(direction="discharge")
    reference = reference_from_record(_record(measured(known, Measurement(), random)), settings)
    titration = titration_from_record(_record(measured(simulate([cell], [steps])[0], Measurement(), random)), settings)
    weighed = Estimate(10.4, 0.1, 0.1, "mg"), Estimate(5.6, 0.05, 0.05, "mg")
    samples = [
        Cell(
            id="c",
            role="cell",
            cam_mass=weighed[0],
            counter_electrode="In/InLi",
            offset=Estimate(0.62, 0.004, 0.004, "V"),
            files=("x",),
        ),
        Cell(
            id="r",
            role="reference",
            cam_mass=weighed[1],
            counter_electrode="Li",
            offset=Estimate(0.0, 0.0, 0.0, "V"),
            files=("x",),
        ),
    ]
    result = static_utilization(samples[0], titration, samples[1], reference, settings, 200.0)
    assert result.estimates.estimate("static_utilization").value == pytest.approx(0.73, abs=2e-3)
    assert "still goes over from the charge branch" in result.windows[1].dropped
