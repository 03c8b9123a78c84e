"""The impedance spectra of a sample, from its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cathodelab.core.samples import Cell
from cathodelab.formats.cell_records import impedance_spectra
from cathodelab.formats.recording import Recorded
from cathodelab.formats.technique import Measurement
from cathodelab.techniques.impedance.model import Spectrum
from cathodelab.techniques.impedance.read import spectra_from_records


def spectra_of(recorded: Sequence[Recorded], sample: Cell, settings: Mapping[str, Any]) -> tuple[Spectrum, ...]:
    """The impedance spectra of all files: those among the rows of the cycler's, then those in files of their own.

    Raises:
        OtherData: the files hold none.
    """
    del sample, settings
    return spectra_from_records(impedance_spectra([one.table for one in recorded], [one.source for one in recorded]))


SPECTRA = Measurement("spectra", spectra_of, columns=("file", "spectra_file"))
