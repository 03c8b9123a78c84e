"""Every parameter of a circuit with its uncertainty."""

from __future__ import annotations

import numpy as np
import pytest
from spectra import FREQUENCIES, exact, noisy

from cathodelab.core.estimate import Estimate
from cathodelab.core.samples import Cell
from cathodelab.techniques.impedance.method import resistances
from cathodelab.techniques.impedance.model import ImpedanceSettings
from cathodelab.techniques.impedance.parameters import parameter_rows, tables
from cathodelab.techniques.impedance.spectrum import Spectrum

CELL = Cell("c-1", "cell", Estimate(8.0), "In/InLi", Estimate(0.62), ("a.mpr",), details={"area_cm2": "2"})
TRUE = {
    "R_1": 40,
    "R_2": 105,
    "tau_2": 1.6e-4,
    "n_2": 0.85,
    "R_3": 10,
    "tau_3": 0.05,
    "n_3": 0.85,
    "Q_4": 0.3,
    "n_4": 0.55,
}
TRUE |= {"Q_2": 1.6e-4**0.85 / 105, "Q_3": 0.05**0.85 / 10}


def test_all_parameters_lie_within_four_of_their_uncertainties() -> None:
    """Of the cell, not per area; Q of the arcs too."""
    z = noisy(exact(), 1)
    result = resistances(CELL, [Spectrum(FREQUENCIES, z.real, z.imag)], ImpedanceSettings())
    rows = {row.name: row for row in parameter_rows(result.spectra[0])}
    assert set(rows) == set(TRUE)
    for name, row in rows.items():
        assert abs(row.value - TRUE[name]) < 4 * row.standard, name
    assert "±" in rows["n_2"].shown
    (table,) = tables([(CELL, result)])
    assert [record["parameter"] for record in table.records] == list(rows)


def test_the_uncertainty_of_q_is_its_scatter() -> None:
    """Forty spectra: standard deviation over stated one between 0.7 and 1.4."""
    found = []
    for seed in range(40):
        z = noisy(exact(), seed)
        settings = ImpedanceSettings(other_circuits="")
        result = resistances(CELL, [Spectrum(FREQUENCIES, z.real, z.imag)], settings)
        row = next(row for row in parameter_rows(result.spectra[0]) if row.name == "Q_2")
        found.append((row.value, row.standard))
    values, standards = np.array(found).T
    assert 0.7 < np.std(values) / np.median(standards) < 1.4


@pytest.mark.parametrize(("circuit", "names"), [("Q", ["Q_1", "n_1"]), ("(RC)(RC)", ["R_1", "C_2", "R_3", "C_4"])])
def test_circuits_without_series_resistance_or_arc_give_their_parameters(circuit: str, names: list[str]) -> None:
    """No part of a cell, no traceback."""
    turn = 2j * np.pi * FREQUENCIES
    z = 1 / (3e-5 * turn**0.93)
    if circuit != "Q":
        z = 200 / (1 + turn * 2e-4) + 400 / (1 + turn * 0.4)
    z = noisy(z, 3, 0.002)
    settings = ImpedanceSettings(circuit=circuit, other_circuits="")
    result = resistances(CELL, [Spectrum(FREQUENCIES, z.real, z.imag)], settings)
    assert result.spectra[0].chosen.adequate
    assert [row.name for row in parameter_rows(result.spectra[0])] == names
    assert all(np.isfinite(row.standard) for row in parameter_rows(result.spectra[0]))
