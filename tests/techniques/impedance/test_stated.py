"""Points and parameters as a user states them."""

from __future__ import annotations

import numpy as np
import pytest
from spectra import FREQUENCIES, exact, noisy

from cathodelab.core.errors import CathodelabError
from cathodelab.core.estimate import Estimate
from cathodelab.core.samples import Cell
from cathodelab.techniques.impedance.circuits.constraints import FREE, Constraints
from cathodelab.techniques.impedance.method import resistances
from cathodelab.techniques.impedance.model import ImpedanceSettings
from cathodelab.techniques.impedance.spectrum import Spectrum
from cathodelab.techniques.impedance.stated import constraints_of, left_out

CELL = Cell("c-1", "cell", Estimate(8.0), "In/InLi", Estimate(0.62), ("a.mpr",), details={"area_cm2": "1"})


def test_points_are_named_one_by_one_and_in_ranges() -> None:
    """The nearest to 50 Hz, and a decade."""
    frequency = np.array([1e5, 1e4, 1e3, 150.0, 48.0, 10.0, 1.0])
    assert left_out("50; 900 - 2e4", frequency).tolist() == [False, True, True, False, True, False, False]
    assert not left_out("", frequency).any()
    assert not left_out("300", frequency).any(), "no point is near"


def test_parameters_are_fixed_bounded_and_shared() -> None:
    """Each in its form."""
    found = constraints_of("n_2 = 0.85; R_1 = 50 to 30; n_2 = n_3; R_ion_2=1e2")
    assert found == Constraints({"n_2": 0.85, "R_ion_2": 100.0}, (("n_2", "n_3"),), {"R_1": (30.0, 50.0)})
    assert constraints_of(" ; ") is FREE


@pytest.mark.parametrize("text", ["n_2", "n_2 = wide", "= 3", "R_1 = -4", "R_1 = n_2 = 4"])
def test_what_is_not_understood_is_refused(text: str) -> None:
    """With the forms that are."""
    with pytest.raises(CathodelabError, match="is not understood") as error:
        constraints_of(text)
    assert "fixed, bounded or shared" in error.value.why
    with pytest.raises(CathodelabError, match="is not understood"):
        left_out("fifty", FREQUENCIES)


def test_what_is_stated_reaches_the_fit() -> None:
    """A fixed exponent, a bounded resistance, a shared exponent; 50 Hz and the lowest decade left out and named."""
    z = noisy(exact(), 1)
    settings = ImpedanceSettings(
        parameters="n_2 = 0.85; R_1 = 30 to 39; n_3 = n_4", leave_out="50", lowest_frequency_hertz=0.2
    )
    result = resistances(CELL, [Spectrum(FREQUENCIES, z.real, z.imag)], settings)
    values = result.spectra[0].chosen.fit.values
    assert values["n_2"] == pytest.approx(0.85)
    assert values["R_1"] == pytest.approx(39)
    assert values["n_3"] == pytest.approx(values["n_4"])
    assert len(result.spectra[0].attempts) == 1
    left = dict(result.spectra[0].spectrum.left_out)
    assert "as set" in left.values()
    assert "below 0.2 Hz" in left.values()
