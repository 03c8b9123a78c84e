"""Impedance spectra of a cell, from among its cycling rows or from files of their own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cathodelab.core.arrays import frozen
from cathodelab.core.errors import CathodelabError, NotInRecord
from cathodelab.core.records import Provenance
from cathodelab.formats.cell_records import cycling_record, impedance_spectra
from cathodelab.formats.readers import read_table
from cathodelab.formats.table import Table

SOURCES = [Provenance(name, "0" * 64, "biologic-text", "1") for name in ("a.mpt", "b.mpt")]


def _rows() -> Table:
    """Charge for 100 s, then 500 s of rest."""
    return Table(
        "cycling",
        {
            "test_time_second": frozen([0.0, 100.0, 300.0, 600.0]),
            "voltage_volt": frozen([3.0, 3.5, 3.45, 3.4]),
            "current_ampere": frozen([1e-3, 1e-3, 0.0, 0.0]),
            "net_charge_ampere_hour": frozen(np.array([0.0, 100.0, 100.0, 100.0]) * 1e-3 / 3600),
        },
    )


def _spectra() -> Table:
    """Two spectra of two points, with a clock of their own."""
    return Table(
        "impedance spectra",
        {
            "spectrum_count": frozen([1.0, 1.0, 2.0, 2.0]),
            "frequency_hertz": frozen([100.0, 10.0, 100.0, 10.0]),
            "real_impedance_ohm": frozen([5.0, 6.0, 7.0, 8.0]),
            "imaginary_impedance_ohm": frozen([-1.0, -2.0, -3.0, -4.0]),
            "test_time_second": frozen([0.0, 1.0, 10.0, 11.0]),
        },
    )


def _at(began: float, volt: float | None) -> Table:
    """One spectrum of two points in a file of its own, with the record's clock."""
    columns = {
        "spectrum_count": frozen([1.0, 1.0]),
        "frequency_hertz": frozen([100.0, 10.0]),
        "real_impedance_ohm": frozen([5.0, 6.0]),
        "imaginary_impedance_ohm": frozen([-1.0, -2.0]),
        "test_time_second": frozen([began, began + 1.0]),
    }
    if volt is not None:
        columns["voltage_volt"] = frozen([volt, volt])
    return Table("impedance spectra", columns)


def test_a_clock_that_begins_anew_tells_no_state() -> None:
    """The rows are not moved, and nothing is taken from the record's end."""
    for tables in ([_rows(), _spectra()], [_spectra(), _rows()]):
        record = cycling_record(tables, SOURCES)
        assert record.test_time_second is not None
        assert record.test_time_second.tolist() == [0.0, 100.0, 300.0, 600.0]
        for spectrum in record.spectra:
            assert np.isnan(spectrum.rest_second)
            assert np.isnan(spectrum.net_charge_ampere_hour)
            assert "the state of charge of the spectra is not known" in spectrum.notes[-1]
            assert "charge_mAh" in spectrum.notes[-1]


def test_spectra_on_the_clock_of_the_record_have_its_charge_and_rest() -> None:
    """In the middle of the rest, and just after the last row."""
    for began, rest in ((450.0, 350.0), (620.0, 520.0)):
        (spectrum,) = cycling_record([_rows(), _at(began, 3.41)], SOURCES).spectra
        assert spectrum.rest_second == rest
        assert spectrum.net_charge_ampere_hour == pytest.approx(100e-3 / 3600)
        assert not spectrum.notes


def test_a_clock_outside_the_record_tells_no_state() -> None:
    """An hour after the last row anything may have happened."""
    (spectrum,) = cycling_record([_rows(), _at(4200.0, 3.4)], SOURCES).spectra
    assert np.isnan(spectrum.net_charge_ampere_hour)
    assert "lies outside that of the record (0 to 600 s)" in spectrum.notes[-1]


def test_a_potential_that_the_record_contradicts_is_an_error() -> None:
    """The clock says 3.45 to 3.40 V, the spectrum 3.02 V."""
    with pytest.raises(CathodelabError) as caught:
        cycling_record([_rows(), _at(450.0, 3.02)], SOURCES)
    assert caught.value.code == "spectrum-elsewhere"
    assert "3.020 V, where the record shows 3.400 V" in caught.value.what


def test_of_several_files_that_one_is_meant_whose_rows_show_the_potential() -> None:
    """The second file starts its clock anew, at lower potentials; where both fit, none is chosen."""
    columns = dict(_rows().columns)
    lower = Table("cycling", {**columns, "voltage_volt": frozen(np.asarray(columns["voltage_volt"]) - 0.5)})
    sources = [Provenance(f"{name}.mpt", name * 64, "biologic-text", "1") for name in "abc"]
    for volt, began in ((3.41, 450.0), (2.91, 1050.0)):
        (spectrum,) = cycling_record([_rows(), lower, _at(450.0, volt)], sources).spectra
        assert spectrum.began_second == began
        assert spectrum.rest_second == 350.0
    (unknown,) = cycling_record([_rows(), lower, _at(450.0, None)], sources).spectra
    assert np.isnan(unknown.net_charge_ampere_hour)
    assert "fit 2 of the record's files" in unknown.notes[-1]


def test_spectra_alone_make_no_record_and_are_no_fault() -> None:
    """A cell of nothing but spectra is skipped where rows are needed; its spectra can be had."""
    with pytest.raises(NotInRecord) as caught:
        cycling_record([_spectra()], SOURCES[:1])
    assert caught.value.code == "spectra-alone"
    assert isinstance(caught.value.at("cell a"), NotInRecord)
    assert len(impedance_spectra([_spectra()], SOURCES[:1])) == 2


def test_a_record_without_spectra_has_none_to_give() -> None:
    with pytest.raises(NotInRecord):
        impedance_spectra([_rows()], SOURCES[:1])


def test_spectra_among_the_rows_of_a_real_file_know_their_rest(data: Path) -> None:
    """Modulo Bat: every spectrum follows a rest or a pulse of 10 s."""
    path = data / "cycling/yadg/mb.issue_149.mpt"
    record = cycling_record([read_table(path.name, path.read_bytes())[0]], SOURCES[:1])
    assert len(record.spectra) == 16
    began = [spectrum.began_second for spectrum in record.spectra]
    assert began == sorted(began)
    assert all(0 <= spectrum.rest_second < 3600 for spectrum in record.spectra)
    assert all(spectrum.voltage_volt is not None for spectrum in record.spectra)


def test_three_electrodes_give_a_spectrum_for_each_pair(data: Path) -> None:
    """Working electrode, counter electrode and both together, of the same sweep."""
    pytest.importorskip("galvani")
    path = data / "cycling/cellpy/biol.mpr"
    found = impedance_spectra([read_table(path.name, path.read_bytes())[0]], SOURCES[:1])
    kinds = {spectrum.electrodes for spectrum in found}
    assert len(found) % len(kinds) == 0
    if len(kinds) == 3:
        first, counter, both = found[:3]
        np.testing.assert_allclose(
            first.real_impedance_ohm + counter.real_impedance_ohm, both.real_impedance_ohm, rtol=0.02
        )
