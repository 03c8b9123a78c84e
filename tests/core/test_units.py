"""One table of units: what files write, and what the last words of a column's name mean."""

from __future__ import annotations

import doctest
import re
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest

from cathodelab.core import units
from cathodelab.core.dimensions import DIMENSIONS, Dimension
from cathodelab.core.units import Conversion, conversion, dimension_of, plain, unit_of, units_of, written


def factor(unit: str, column: str) -> float:
    """The factor of a unit that has one."""
    found = conversion(unit, column)
    assert found is not None, (unit, column)
    assert found.offset == 0.0
    return found.factor


KNOWN = {
    ("min", "test_time_second"): 60.0,
    ("h", "test_time_second"): 3600.0,
    ("mV", "voltage_volt"): 1e-3,
    ("µA", "current_ampere"): 1e-6,
    ("C", "net_charge_ampere_hour"): 1 / 3600,
    ("Ah/kg", "capacity_milliampere_hour_per_gram"): 1.0,
    ("mm", "thickness_micrometre"): 1000.0,
    ("nm", "thickness_micrometre"): 1e-3,
    ("mm²", "area_square_centimetre"): 0.01,
    ("g", "mass_milligram"): 1000.0,
    ("N", "force_kilonewton"): 1e-3,
    ("bar", "pressure_megapascal"): 0.1,
    ("GPa", "hardness_megapascal"): 1000.0,
    ("N/mm²", "pressure_megapascal"): 1.0,
    ("kg/m³", "density_gram_per_cubic_centimetre"): 1e-3,
    ("kOhm", "real_impedance_ohm"): 1000.0,
    ("Ω m²", "resistance_ohm_square_centimetre"): 1e4,
    ("S/m", "conductivity_siemens_per_centimetre"): 0.01,
    ("mS/cm", "conductivity_siemens_per_centimetre"): 1e-3,
    ("kW", "power_watt"): 1000.0,
    ("J", "energy_watt_hour"): 1 / 3600,
    ("Hz", "speed_revolution_per_minute"): 60.0,
    ("rad/s", "speed_revolution_per_minute"): 60 / (2 * np.pi),
    ("rad", "phase_degree"): 180 / np.pi,
    ("keV", "binding_energy_electronvolt"): 1000.0,
    ("µmol/g", "released_mole_per_gram"): 1e-6,
    ("%", "share_fraction"): 0.01,
    ("wt%", "share_mass_percent"): 1.0,
    ("kcps", "intensity_count_per_second"): 1000.0,
    ("ions/cm2", "dose_ion_per_square_centimetre"): 1.0,
    ("Å", "spacing_nanometre"): 0.1,
    ("µm/N", "compliance_millimetre_per_kilonewton"): 1.0,
}


@pytest.mark.parametrize("case", KNOWN, ids=lambda case: f"{case[0]} to {case[1]}")
def test_factors_are_those_of_textbooks(case: tuple[str, str]) -> None:
    assert factor(*case) == pytest.approx(KNOWN[case], rel=1e-15)


def test_the_unit_of_a_column_changes_nothing_at_all() -> None:
    """Also in the last bit: the array itself comes back."""
    values = np.array([1.0, 2.5])
    for one in DIMENSIONS:
        for ending, unit in one.endings.items():
            same = conversion(unit, f"something_{ending}")
            assert same == Conversion(1.0, 0.0)
            assert same(values) is values


def test_temperatures_have_their_own_zero() -> None:
    to_celsius, to_kelvin = conversion("K", "temperature_celsius"), conversion("°C", "temperature_kelvin")
    assert to_celsius is not None
    assert to_kelvin is not None
    assert to_celsius(np.array([273.15, 298.15])) == pytest.approx([0.0, 25.0])
    assert to_kelvin(np.array([0.0, 25.0])) == pytest.approx([273.15, 298.15])
    assert conversion("K/min", "rate_kelvin_per_minute") == conversion("°C/min", "rate_kelvin_per_minute")
    assert conversion("°F", "temperature_celsius") is None


@pytest.mark.parametrize(
    "spellings",
    [
        ("um", "µm", "μm", "㎛", "Âµm", "Î¼m", "micron", "\ufffdm"),
        ("ohm cm²", "Ohm cm2", "Ω·cm²", "Ω cm^2", "ohm*cm**2", "OHM.cm2", "Ω⋅cm²", "Ωcm2", "cm² Ω"),
        ("mAh/g", "mA h g⁻¹", "mA.h/g", "mAh g-1", "mAh·g^-1", "mA·h·g−1", "mAh g^{-1}"),
        ("mAh", "mA h", "mA.h", "mA-hr", "mAhr"),
        ("1/cm2", "cm-2", "cm⁻²", "cm^{-2}", "ions/cm²", "atoms cm-2"),
        ("°C", "degC", "deg C", "ºC", "℃", "Â°C", "\ufffdC", "C", "celsius"),
        ("S/cm", "S cm-1", "S·cm⁻¹", "Ω⁻¹ cm⁻¹", "1/(Ohm cm)"),
        ("kg/m3", "kg/m³", "kg m^-3", "kg.m-3", "g/L"),
        ("rpm", "1/min", "min-1", "min⁻¹", "RPM", "U/min", "rev/min"),
        ("s", "sec", "Sec", "Seconds", "SECONDS"),
        ("mV", "mv"),
        ("kHz", "khz", "KHZ"),
        ("wt%", "wt.%", "wt. %", "Wt%", "mass%"),
    ],
    ids=lambda spellings: str(spellings[0]),
)
def test_one_unit_may_be_spelled_in_many_ways(spellings: tuple[str, ...]) -> None:
    columns = [f"x_{ending}" for one in DIMENSIONS for ending in one.endings]
    column = next(name for name in columns if conversion(spellings[0], name) is not None)
    found = {spelled: conversion(spelled, column) for spelled in spellings}
    assert None not in found.values(), found
    assert len(set(found.values())) == 1, found


@pytest.mark.parametrize(
    ("unit", "column"),
    [
        ("V", "pressure_megapascal"),  # another quantity
        ("N", "pressure_megapascal"),
        ("vol%", "share_mass_percent"),
        ("mpa", "pressure_megapascal"),  # milli or mega?
        ("MPA", "pressure_megapascal"),
        ("mhz", "frequency_hertz"),
        ("MA", "current_ampere"),
        ("MM", "thickness_micrometre"),
        ("", "voltage_volt"),  # no unit is no unit
        ("furlong", "thickness_micrometre"),
        ("10 mV", "voltage_volt"),
        ("V/V", "voltage_volt"),
        ("mA2", "current_ampere"),
        ("\ufffd", "resistance_kelvin"),
        ("V", "control_mode"),
        ("V", "state"),
    ],
)
def test_what_is_not_known_or_doubtful_is_refused(unit: str, column: str) -> None:
    assert conversion(unit, column) is None


def test_counts_may_say_nothing_or_one() -> None:
    for column in ("cycle_count", "step_id", "state", "loop_flag"):
        assert conversion("", column) == conversion("1", column) == Conversion(1.0)


def test_the_longest_ending_counts() -> None:
    """An ampere hour is no hour, a mass fraction no fraction."""
    assert dimension_of("net_charge_ampere_hour") is next(one for one in DIMENSIONS if one.name == "charge")
    assert unit_of("share_mass_fraction") == ""
    assert conversion("vol%", "share_mass_fraction") is None
    assert conversion("vol%", "share_volume_fraction") == Conversion(0.01)
    assert dimension_of("slope_volt_per_second") is next(one for one in DIMENSIONS if one.name == "change of potential")
    for part in (
        "ramp_pascal_per_second",
        "slope_milliampere_per_hour",
        "x_joule_per_square_centimetre",
        "x_gram_per_volt",
    ):
        assert dimension_of(part) is None, "the end of a unit is no unit"
    assert dimension_of("c_rate_per_hour") is next(one for one in DIMENSIONS if one.name == "rate")
    assert dimension_of("comment") is None
    assert unit_of("comment") == ""
    assert units_of("comment") == ()


def test_a_unit_is_printed_once_and_read_again() -> None:
    """What a message offers is accepted, and no unit is offered under two names."""
    for one in DIMENSIONS:
        for ending in one.endings:
            column = f"x_{ending}"
            offered = units_of(column)
            conversions = [conversion(unit, column) for unit in offered]
            assert None not in conversions
            assert len(set(conversions)) == len(offered)
            assert conversion(unit_of(column) or "1", column) == Conversion(1.0)
    assert units_of("x_celsius") == ("°C", "K")


def test_every_unit_of_the_table_is_in_its_own_plain_spelling() -> None:
    """Else it could never be found; printed and read again it is the same, unless another one is its equal."""
    for one in DIMENSIONS:
        for unit, value in one.units.items():
            assert plain(unit) == unit, one.name
            assert one.units[plain(written(unit))] == value, one.name


def test_no_ending_is_claimed_twice_and_all_have_a_unit() -> None:
    counted = Counter(ending for one in DIMENSIONS for ending in one.endings)
    assert max(counted.values()) == 1
    for one in DIMENSIONS:
        assert set(one.endings.values()) <= set(one.units), one.name
        assert set(one.offsets) <= set(one.units), one.name
        assert all(isinstance(value, Fraction) and value > 0 for value in one.units.values()), one.name


def test_the_examples_hold() -> None:
    assert doctest.testmod(units).failed == 0
    assert doctest.testmod(units).attempted > 5


PREFIXES = {"giga": 9, "mega": 6, "kilo": 3, "centi": -2, "milli": -3, "micro": -6, "nano": -9}


@pytest.mark.parametrize("dimension", DIMENSIONS, ids=lambda one: one.name)
def test_words_of_column_names_mean_what_they_say(dimension: Dimension) -> None:
    """``millijoule`` is a thousandth of ``joule`` where both end names; every ending is made of plain words."""
    for ending, unit in dimension.endings.items():
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", ending), ending
        for prefix, power in PREFIXES.items():
            base = ending.removeprefix(prefix)
            if base != ending and base in dimension.endings and "square" not in ending and "cubic" not in ending:
                assert dimension.units[unit] / dimension.units[dimension.endings[base]] == Fraction(10) ** power, ending
