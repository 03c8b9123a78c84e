"""From the spectra of a hold to its rate constant; Table S1 of the source as the truth that is set."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cathodelab.analyses.hold import METHOD, GrowthSettings, interface_growth
from cathodelab.core.errors import NotInRecord
from cathodelab.core.estimate import Estimate
from cathodelab.core.samples import Cell
from cathodelab.techniques.impedance.method import resistances
from cathodelab.techniques.impedance.model import ImpedanceResult, ImpedanceSettings
from cathodelab.techniques.impedance.spectrum import Spectrum

FREQUENCIES = np.logspace(6, -1, 56)
SWEEP = np.cumsum(3 / FREQUENCIES + 0.5)
CLOCK = 3600 * np.geomspace(0.12, 10, 10)[:, None] + SWEEP
CELL = Cell("c-1", "cell", Estimate(8.0), "In/InLi", Estimate(0.62), ("a",), details={"area_cm2": "1"})
SETTINGS = ImpedanceSettings(other_circuits="")


def impedance(cathode: np.ndarray, frequencies: np.ndarray) -> np.ndarray:
    """A cell whose cathode's Q and n stay as it grows, written without the technique's code."""
    turn = 2j * np.pi * frequencies
    z: np.ndarray = (
        40 + 1 / (1 / cathode + 6e-6 * turn**0.85) + 10 / (1 + (turn * 0.05) ** 0.85) + 1 / (0.3 * turn**0.55)
    )
    return z


def held(start: float, rate: float, seed: int, current: float | None = None) -> list[Spectrum]:
    """Spectra of a hold whose cathode grows within the sweeps too."""
    chance = np.random.default_rng(seed)
    spectra = []
    for number, clock in enumerate(CLOCK, 1):
        z = impedance(start + rate * np.sqrt(clock / 3600), FREQUENCIES)
        z = z + 0.003 * np.abs(z) * (chance.standard_normal(z.size) + 1j * chance.standard_normal(z.size))
        spectra.append(
            Spectrum(
                FREQUENCIES,
                z.real,
                z.imag,
                time_second=clock,
                voltage_volt=np.full(z.size, 3.7),
                current_ampere=None if current is None else np.full(z.size, current),
                charge_ampere_hour=1.52e-3,
                number=number,
            )
        )
    return spectra


def evaluated(spectra: list[Spectrum]) -> ImpedanceResult:
    return resistances(CELL, spectra, SETTINGS)


@pytest.mark.parametrize(("start", "rate"), [(100.0, 14.6), (43.4, 3.2)])
def test_the_rate_constant_of_table_s1_comes_back(start: float, rate: float) -> None:
    """Uncoated reference and coating 03: within three standard uncertainties; t = 0 is stated 0.12 h before."""
    settings = GrowthSettings(hours_before_first_spectrum=0.12)
    found = interface_growth(CELL, evaluated(held(start, rate, 1)), settings)
    assert abs(found.law.rate - rate) < 3 * found.law.rate_standard
    assert found.law.rate_standard < 0.05 * rate
    assert found.estimates.estimate("growth_rate").unit == "ohm cm2 h^-0.5"
    assert next(check for check in found.checks if check.name == "square_root_law").passed
    assert METHOD.figures(CELL, found)[0].panels[0].x.label


def _with_states(spectra: list[Spectrum], highest: float) -> list[Spectrum]:
    """Six spectra more, at states up to ``highest`` / Ah on a U-curve with its minimum at 120 mAh/g."""
    chance = np.random.default_rng(9)
    for number, charge in enumerate(np.linspace(0.6e-3, highest, 6), 20):
        cathode = 100 * np.exp(2e-4 * ((charge * 1e3 / 8e-3 - 120) ** 2 - (190 - 120) ** 2))
        z = impedance(np.full(FREQUENCIES.size, cathode), FREQUENCIES)
        z = z + 0.003 * np.abs(z) * (chance.standard_normal(z.size) + 1j * chance.standard_normal(z.size))
        volts = np.full(z.size, 3.0 + 0.1 * (number - 20))
        spectra.append(
            Spectrum(
                FREQUENCIES,
                z.real,
                z.imag,
                time_second=1e6 + SWEEP,
                voltage_volt=volts,
                charge_ampere_hour=float(charge),
                number=number,
            )
        )
    return spectra


def test_the_range_is_given_where_current_charge_and_curve_are_known() -> None:
    """1 uA into 8 mg over 10 h is little charge: a narrow range that holds the rate."""
    spectra = _with_states(held(100.0, 14.6, 1, current=1e-6), 1.65e-3)
    found = interface_growth(CELL, evaluated(spectra), GrowthSettings(hours_before_first_spectrum=0.12))
    assert found.range_by_current is not None
    assert found.range_by_current.least.rate < found.range_by_current.most.rate
    assert "growth_rate_if_delithiation" in found.estimates
    assert len(found.numbers) == 10


def test_a_hold_at_the_highest_state_has_its_range_too() -> None:
    """It delithiates by 6 mAh/g out of the U-curve, which is followed so far; what is not known is said."""
    settings = GrowthSettings(hours_before_first_spectrum=0.12)
    found = interface_growth(CELL, evaluated(_with_states(held(100.0, 14.6, 1, current=5e-6), 1.5e-3)), settings)
    assert found.range_by_current is not None
    most = found.range_by_current.most
    assert abs(most.rate - 14.6) < 3 * most.rate_standard
    assert found.range_by_current.least.rate < 0.9 * found.range_by_current.most.rate
    for spectra, reason in (
        (held(100.0, 14.6, 1), "the files of the spectra hold no current"),
        (held(100.0, 14.6, 1, current=5e-6), "spectra at 1 states of charge"),
    ):
        alone = interface_growth(CELL, evaluated(spectra), settings)
        assert alone.range_by_current is None
        sentence = next(check.sentence for check in alone.checks if check.name == "range_by_current")
        assert reason in sentence.replace("Spectra", "spectra")


def test_without_clock_or_with_three_spectra_there_is_no_hold() -> None:
    """Skipped with the reason."""
    spectra = held(100.0, 14.6, 1)
    with pytest.raises(NotInRecord, match="consecutive spectra of a hold"):
        interface_growth(CELL, evaluated(spectra[:3]), GrowthSettings())
    timeless = [replace(one, time_second=None) for one in spectra]
    with pytest.raises(NotInRecord, match="time stamps"):
        interface_growth(CELL, evaluated(timeless), GrowthSettings())


def test_t_zero_is_when_the_potential_was_reached_and_both_rates_stand_in_the_table() -> None:
    """The record shows 3.7 V from 0.12 h before the first spectrum on; the setting says first spectrum otherwise."""
    spectra = [replace(one, reached_second=0.0) for one in held(100.0, 14.6, 1)]
    result = evaluated(spectra)
    found = interface_growth(CELL, result, GrowthSettings())
    assert found.hours_before == pytest.approx(0.12, abs=0.001)
    assert found.estimates.estimate("growth_hours_before_first_spectrum").value == pytest.approx(0.12, abs=0.001)
    assert abs(found.law.rate - 14.6) < 3 * found.law.rate_standard
    first = interface_growth(CELL, result, GrowthSettings(time_zero="first spectrum"))
    assert first.hours_before == 0.0
    both = [one.estimates.estimate("growth_rate_from_first_spectrum").value for one in (found, first)]
    assert both[0] == both[1] == first.law.rate
    assert first.law.rate < found.law.rate


def test_a_spectrum_that_is_left_out_moves_neither_t_zero_nor_the_rate() -> None:
    """The potential moves during the first sweep of the hold: named, and t = 0 stays where the record shows it."""
    spectra = [replace(one, reached_second=0.0) for one in held(100.0, 14.6, 1)]
    moving = np.asarray(spectra[0].voltage_volt) + np.linspace(-0.01, 0.01, FREQUENCIES.size)
    spectra[3] = replace(spectra[3], voltage_volt=moving)
    found = interface_growth(CELL, evaluated(spectra), GrowthSettings())
    assert found.numbers == (1, 2, 3, 5, 6, 7, 8, 9, 10)
    whole = next(check for check in found.checks if check.name == "hold_complete")
    assert whole.passed is False
    assert "spectrum 4, as its potential moves by 20 mV" in whole.sentence
    assert abs(found.law.rate - 14.6) < 3 * found.law.rate_standard
    assert found.hours_before == pytest.approx(0.12, abs=0.001)


def test_a_noisy_spectrum_does_not_cut_the_hold() -> None:
    """One sweep with ten times the noise keeps its place: no fit decides what belongs to the hold."""
    spectra = held(100.0, 14.6, 1)
    chance = np.random.default_rng(5)
    poor = spectra[4].impedance * (1 + 0.03 * chance.standard_normal(FREQUENCIES.size))
    spectra[4] = replace(spectra[4], real_ohm=poor.real, imaginary_ohm=poor.imag)
    found = interface_growth(CELL, evaluated(spectra), GrowthSettings(hours_before_first_spectrum=0.12))
    assert found.numbers == tuple(range(1, 11))
    assert abs(found.law.rate - 14.6) < 4 * found.law.rate_standard


def test_the_table_of_holds_has_the_resistances_around_the_hold_and_both_rates() -> None:
    """A spectrum at 3.1 V before and after; start and end are those of the joint fit."""
    hold = [replace(one, reached_second=0.0) for one in held(100.0, 14.6, 1)]
    chance = np.random.default_rng(3)
    sides = []
    for number, (second, cathode) in enumerate(((-3600.0, 22.0), (12 * 3600.0, 37.0))):
        z = impedance(np.full(FREQUENCIES.size, cathode), FREQUENCIES)
        z = z + 0.003 * np.abs(z) * (chance.standard_normal(z.size) + 1j * chance.standard_normal(z.size))
        volts = np.full(z.size, 3.1)
        clock = second + SWEEP
        sides.append(Spectrum(FREQUENCIES, z.real, z.imag, time_second=clock, voltage_volt=volts, number=12 * number))
    spectra = [replace(one, number=place) for place, one in enumerate([sides[0], *hold, sides[1]], 1)]
    found = interface_growth(CELL, evaluated(spectra), GrowthSettings())
    (table,) = METHOD.tables([(CELL, found)])
    (row,) = table.records
    assert (row["first_spectrum"], row["last_spectrum"], row["spectra"]) == (2, 11, 10)
    assert [row["before_volt"], row["after_volt"]] == pytest.approx([3.1, 3.1])
    assert row["before_ohm_cm2"] == pytest.approx(22, rel=0.05)
    assert row["after_ohm_cm2"] == pytest.approx(37, rel=0.05)
    assert row["start_ohm_cm2"] == found.resistance[0]
    assert row["end_standard_ohm_cm2"] == found.standard[-1]
    assert row["rate_ohm_cm2_per_root_hour"] == found.law.rate
    assert row["rate_from_first_spectrum_ohm_cm2_per_root_hour"] == found.law_of_first.rate
    assert row["time_zero_before_first_spectrum_h"] == pytest.approx(0.12, abs=0.001)
