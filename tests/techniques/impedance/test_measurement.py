"""Spectra of a cell with what its record and files.csv say of their state."""

from __future__ import annotations

import numpy as np

from cathodelab.core.arrays import frozen
from cathodelab.core.records import Provenance
from cathodelab.core.samples import NamedFile
from cathodelab.formats.recording import Recorded
from cathodelab.formats.table import Table
from cathodelab.techniques.impedance.measurement import SPECTRA


def _recorded(**conditions: str) -> list[Recorded]:
    """Ten minutes of rest, and a spectrum whose file has neither clock nor potential."""
    rows = Table(
        "cycling",
        {
            "test_time_second": frozen([0.0, 300.0, 600.0]),
            "voltage_volt": frozen([3.0, 3.0, 3.0]),
            "current_ampere": frozen([0.0, 0.0, 0.0]),
            "net_charge_ampere_hour": frozen([0.0, 0.0, 0.0]),
        },
    )
    spectrum = Table(
        "impedance spectra",
        {
            "spectrum_count": frozen([1.0, 1.0]),
            "frequency_hertz": frozen([100.0, 10.0]),
            "real_impedance_ohm": frozen([5.0, 6.0]),
            "imaginary_impedance_ohm": frozen([-1.0, -2.0]),
        },
    )
    sources = [Provenance(name, digit * 64, "biologic-text", "1") for name, digit in (("a.csv", "0"), ("z.csv", "1"))]
    return [
        Recorded(rows, sources[0], NamedFile("a.csv", "file")),
        Recorded(spectrum, sources[1], NamedFile("z.csv", "spectra_file", conditions=conditions)),
    ]


def test_a_file_without_a_clock_has_no_state_and_says_what_to_state() -> None:
    """Nothing of the record's end."""
    (one,) = SPECTRA.of(_recorded(), None, {})
    assert np.isnan(one.charge_ampere_hour)
    assert np.isnan(one.rest_before_second)
    assert one.notes[-1].startswith("The file of the spectra has no clock")


def test_what_files_csv_states_is_the_state() -> None:
    """Charge, rest and potential; the note that asks for it is gone, and one says where it is from."""
    (one,) = SPECTRA.of(_recorded(charge_mAh="0.312", rest_h="2", potential_volt="3.02"), None, {})
    assert one.charge_ampere_hour == 0.312e-3
    assert one.rest_before_second == 7200
    assert one.potential_volt == 3.02
    assert one.notes == ("Stated for the file: charge_mAh, rest_h, potential_volt.",)
