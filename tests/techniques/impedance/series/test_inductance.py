"""An inductance is decided for a series, not for a spectrum."""

from __future__ import annotations

import numpy as np
import pytest
from spectra import FREQUENCIES, exact, noisy, with_truth

from cathodelab.techniques.impedance.circuits.expression import parsed
from cathodelab.techniques.impedance.fitting.fit import fitted
from cathodelab.techniques.impedance.series.inductance import clearly_inductive, inductance_gain, needs_inductance

CIRCUIT = parsed("R-(RQ)-(RQ)-Q")


def drawn(count: int, henry: float, noise: float = 0.003) -> np.ndarray:
    """Spectra with an inductance in series."""
    slow = exact(with_truth(tau_2=1e-3))
    return np.array([noisy(slow + 2j * np.pi * FREQUENCIES * henry, seed, noise) for seed in range(count)])


def test_two_points_above_the_axis_by_chance_are_no_inductance() -> None:
    """Twenty spectra of a cell without one: some begin with two such points."""
    z = drawn(20, 0.0)
    assert any((one[:2].imag > 0).all() for one in z)
    assert not clearly_inductive(list(z), [0.003] * 20)
    assert not needs_inductance(fitted(CIRCUIT, FREQUENCIES, z, noise=0.003))


@pytest.mark.parametrize(("count", "henry"), [(20, 6e-9), (1, 3e-8)])
def test_a_small_inductance_shows_itself_in_all_spectra_together(count: int, henry: float) -> None:
    """6 nH is the noise of the highest point: no spectrum shows it alone."""
    fits = fitted(CIRCUIT, FREQUENCIES, drawn(count, henry), noise=0.003)
    assert needs_inductance(fits)


def test_a_microhenry_is_clear_without_a_fit() -> None:
    """19 ohm at 3 MHz."""
    assert clearly_inductive(list(drawn(1, 1e-6)), [0.003])


def test_the_gain_is_what_a_fit_with_an_inductance_gains() -> None:
    """To a tenth, where the inductance is small."""
    z = drawn(1, 2e-8)
    without = fitted(CIRCUIT, FREQUENCIES, z, noise=0.003)[0]
    with_one = fitted(parsed("L-R-(RQ)-(RQ)-Q"), FREQUENCIES, z, noise=0.003)[0]
    scale = with_one.chi_square / with_one.degrees_of_freedom
    assert inductance_gain(without) == pytest.approx((without.chi_square - with_one.chi_square) / scale, rel=0.1)
