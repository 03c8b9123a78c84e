"""What spectra bring into overviews and the page of a cell."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from spectra import FREQUENCIES, exact, noisy

from cathodelab.core.document import Grid
from cathodelab.core.estimate import Estimate
from cathodelab.core.number_text import quantity
from cathodelab.core.samples import Cell
from cathodelab.techniques.impedance.method import METHOD, resistances
from cathodelab.techniques.impedance.model import ImpedanceResult, ImpedanceSettings
from cathodelab.techniques.impedance.page import attempt_rows, page, resistance_rows
from cathodelab.techniques.impedance.spectrum import Spectrum

CELL = Cell("c-1", "cell", Estimate(8.0), "In/InLi", Estimate(0.62), ("a.mpr",), details={"area_cm2": "0.785"})


def _result(count: int, seed: int = 1) -> ImpedanceResult:
    spectra = []
    for number in range(1, count + 1):
        z = noisy(exact(), seed + number)
        spectra.append(Spectrum(FREQUENCIES, z.real, z.imag, number=number))
    return resistances(CELL, spectra, ImpedanceSettings(other_circuits=""))


@pytest.fixture(scope="module")
def one() -> ImpedanceResult:
    return _result(1)


@pytest.fixture(scope="module")
def three() -> ImpedanceResult:
    return _result(3)


def test_cells_with_one_spectrum_and_with_several_share_their_columns(
    one: ImpedanceResult, three: ImpedanceResult
) -> None:
    """The first spectrum of each; the last one where there are several."""
    shown = {number.title: number for number in METHOD.shown([one, three])}
    assert next(iter(shown)) == "R(cathode)"
    assert list(shown)[-1] == "R(cathode), last"
    assert len(shown) <= 4
    first, last = shown["R(cathode)"], shown["R(cathode), last"]
    assert first.name_in(one.estimates) == "cathode_resistance"
    assert first.name_in(three.estimates) == "cathode_resistance_1"
    assert last.name_in(three.estimates) == "cathode_resistance_3"
    assert last.name_in(one.estimates) == ""
    assert "R(cathode), last" not in [number.title for number in METHOD.shown([one])]
    assert METHOD.shown([]) == ()


def test_every_resistance_of_every_spectrum_is_a_row(three: ImpedanceResult) -> None:
    """As the estimates have it; its 95 % interval is wider than its standard uncertainty."""
    rows = resistance_rows(three)
    assert {row.spectrum for row in rows} == {1, 2, 3}
    assert len(rows) == len(three.estimates.names)
    row = next(row for row in rows if (row.spectrum, row.role) == (2, "cathode"))
    value = three.estimates.estimate("cathode_resistance_2")
    assert row.value == value
    low, high = (float(end) for end in row.limits.split(" to "))
    assert low < value.value - value.minus < value.value + value.plus < high
    grid = next(block for block in page(CELL, three, []).rest if isinstance(block, Grid))
    assert quantity(value) in [entry.text for line in grid.rows for entry in line]


def test_an_inadequate_circuit_has_no_interval(one: ImpedanceResult) -> None:
    """Said instead of a number."""
    (spectrum,) = one.spectra
    poor = replace(one, spectra=(replace(spectrum, chosen=replace(spectrum.chosen, adequate=False)),))
    assert {row.limits for row in resistance_rows(poor) if row.role != "unassigned"} == {"circuit inadequate"}


def test_circuits_are_counted_over_the_spectra(three: ImpedanceResult) -> None:
    """How many were tried, how many fit, how many were taken."""
    (row,) = attempt_rows(three)
    assert (row.spectra, row.chosen) == (3, 3)
    assert row.worst_ratio == max(each.chosen.noise_ratio for each in three.spectra)
    assert row.parameters == three.spectra[0].chosen.fit.theta.size
    assert np.isfinite(row.worst_ratio)
