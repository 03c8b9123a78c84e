"""Cells beside each other: at one state of charge, corrected, or not at all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cathodelab.analyses.pairing import Measured, Pair, _pair, paired
from cathodelab.core.estimate import Estimate
from cathodelab.core.samples import Cell
from cathodelab.techniques.impedance.method import resistances
from cathodelab.techniques.impedance.model import ImpedanceResult, ImpedanceSettings
from cathodelab.techniques.impedance.spectrum import Spectrum

FREQUENCIES = np.logspace(6, -1, 56)
SETTINGS = ImpedanceSettings(other_circuits="")
STATES = np.array([60.0, 100.0, 140.0, 180.0, 200.0])
MASS_G = 8e-3


def cell(name: str) -> Cell:
    return Cell(name, "cell", Estimate(8.0, 0.02, 0.02), "In/InLi", Estimate(0.62), ("a",), details={"area_cm2": "1"})


def by_state(charge: float) -> float:
    """The U-curve that is set: minimum at 120 mAh/g, 1.8 times as much at 190."""
    return float(60 * np.exp(1.2e-4 * (charge - 120) ** 2))


def measured(
    states: np.ndarray, factor: float, *, rest: float = np.nan, charge_known: bool = True, volt: float = 3.0
) -> list[Spectrum]:
    turn = 2j * np.pi * FREQUENCIES
    chance = np.random.default_rng(int(1e3 * factor + states.sum()))
    spectra = []
    for number, charge in enumerate(states, 1):
        cathode = factor * by_state(charge)
        z = 40 + 1 / (1 / cathode + 6e-6 * turn**0.85) + 10 / (1 + (turn * 0.05) ** 0.85) + 1 / (0.3 * turn**0.55)
        z = z + 0.002 * np.abs(z) * (chance.standard_normal(z.size) + 1j * chance.standard_normal(z.size))
        spectra.append(
            Spectrum(
                FREQUENCIES,
                z.real,
                z.imag,
                number=number,
                voltage_volt=np.full(z.size, volt + charge * 4e-3),
                charge_ampere_hour=charge * MASS_G * 1e-3 if charge_known else float("nan"),
                rest_before_second=rest,
            )
        )
    return spectra


def result(name: str, spectra: list[Spectrum]) -> tuple[Cell, ImpedanceResult]:
    one = cell(name)
    return one, resistances(one, spectra, SETTINGS)


@pytest.fixture(scope="module")
def uncoated() -> tuple[Cell, ImpedanceResult]:
    return result("uncoated", measured(STATES, 1.0))


def only(pairs: tuple[Pair, ...]) -> Pair:
    assert len(pairs) == 1
    return pairs[0]


def test_a_coated_cell_at_another_state_is_corrected(uncoated: tuple[Cell, ImpedanceResult]) -> None:
    """Half the resistance at one state; measured at 190 mAh/g it would look like 0.6 of that at 180."""
    pair = only(paired([uncoated, result("coated", measured(np.array([190.0]), 0.5))], {}))
    assert pair.first.number in (4, 5)
    assert pair.outcome.verdict == "corrected"
    assert pair.outcome.ratio == pytest.approx(0.5, abs=3 * 0.5 * pair.outcome.ratio_standard)
    assert pair.outcome.ratio_standard < 0.1
    raw = pair.second.resistance / pair.first.resistance
    assert abs(raw - 0.5) > abs(pair.outcome.ratio - 0.5)


def test_a_cell_beyond_the_curve_is_refused(uncoated: tuple[Cell, ImpedanceResult]) -> None:
    """The U-curve ends at 200 mAh/g."""
    pair = only(paired([uncoated, result("coated", measured(np.array([230.0]), 0.5))], {}))
    assert pair.outcome.verdict == "refused"
    assert np.isnan(pair.outcome.ratio)


def test_one_state_without_a_curve_is_comparable_and_two_are_refused() -> None:
    """A single spectrum each."""
    first = result("a", measured(np.array([180.0]), 1.0))
    same = only(paired([first, result("b", measured(np.array([180.3]), 0.5))], {}))
    assert same.outcome.verdict == "comparable"
    assert same.outcome.ratio == pytest.approx(0.5, rel=0.05)
    other = only(paired([first, result("b", measured(np.array([190.0]), 0.5))], {}))
    assert other.outcome.verdict == "refused"


def test_the_connected_mass_sets_the_state_where_all_cells_have_it(uncoated: tuple[Cell, ImpedanceResult]) -> None:
    """190 mAh per gram weighed are 190 / 0.9 per gram connected: outside the curve of the first cell, whose share is 1."""
    coated = result("coated", measured(np.array([190.0]), 0.5))
    shares = {"uncoated": (1.0, 0.01), "coated": (0.9, 0.01)}
    pair = only(paired([uncoated, coated], shares))
    assert pair.states[1].charge_mAh_g == pytest.approx(190 / 0.9)
    assert pair.outcome.verdict == "refused"
    assert only(paired([uncoated, coated], {"coated": (0.9, 0.01)})).states[1].charge_mAh_g == pytest.approx(190)


def test_charges_count_from_a_rest_at_one_potential() -> None:
    """Both rested at 3.3 V; that the records count another charge there does not matter."""
    first = measured(np.array([75.0, 140.0]), 1.0)
    first[0] = replace(first[0], rest_before_second=7200.0)
    shifted = [
        replace(one, charge_ampere_hour=one.charge_ampere_hour + 40 * MASS_G * 1e-3)
        for one in measured(np.array([75.0, 140.0]), 0.5)
    ]
    shifted[0] = replace(shifted[0], rest_before_second=7200.0)
    pairs = paired([result("a", first), result("b", shifted)], {})
    assert [pair.states[1].charge_mAh_g for pair in pairs] == pytest.approx([0.0, 65.0])
    assert [pair.states[0].charge_mAh_g for pair in pairs] == pytest.approx([0.0, 65.0])
    assert pairs[1].outcome.verdict == "comparable"


def test_without_charges_only_cells_at_rest_at_one_potential_are_comparable() -> None:
    """5 mV; neither a potential under current nor another potential will do."""
    rested = result("a", measured(np.array([140.0]), 1.0, rest=7200.0, charge_known=False))
    for rest, volt, verdict in ((7200.0, 3.001, "comparable"), (7200.0, 3.05, "refused"), (np.nan, 3.001, "refused")):
        other = result("b", measured(np.array([140.0]), 0.5, rest=rest, charge_known=False, volt=volt))
        assert only(paired([rested, other], {})).outcome.verdict == verdict


def test_one_cell_alone_is_not_compared(uncoated: tuple[Cell, ImpedanceResult]) -> None:
    """Nothing to say."""
    assert paired([uncoated], {}) == ()
    assert paired([], {}) == ()


def test_potentials_far_apart_veto_equal_charges() -> None:
    """At rest 660 mV apart is no one state, whatever the counted charges say; 10 mV are."""
    one = Measured("a", 1, 60.0, 0.01, 0.1, 0.01, 0.001, 3.02, "In/InLi", 7200.0)
    far, near = (replace(one, cell="b", resistance=120.0, potential_volt=volt) for volt in (3.68, 3.03))
    assert _pair([one], [near], near).outcome.verdict == "comparable"
    outcome = _pair([one], [far], far).outcome
    assert outcome.verdict == "refused"
    assert "660 mV apart" in outcome.sentence
